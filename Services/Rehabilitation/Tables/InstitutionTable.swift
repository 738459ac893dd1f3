import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Institutions by organisation. The places are a list in the row itself: whoever takes one has to win the row's version.
enum InstitutionTable: AggregateTable {
    typealias Rules = InstitutionRules

    static func load(_ key: OrganisationID, in tx: any Transaction) throws -> Stored<Institution>? {
        try tx.first(select, [.text(key.text)]) { row in
            let agreement = Agreement(
                institution: key, region: row.region(0), categories: try row.categories(1), capacity: Int(row.int(2)),
                validFrom: try row.date(3), validTo: try row.date(4))
            let places = try row.text(5).split(separator: "\n").map { line in
                guard let holder = PlaceHolder(stored: String(line)) else {
                    throw DatabaseError.unknownShape("a place is held by nothing known")
                }
                return holder
            }
            return Stored(Institution(agreement: agreement, places: places), version: row.int(6))
        }
    }

    static func insert(_ key: OrganisationID, _ state: Institution, in tx: any Transaction) throws {
        try tx.run(insert, [.text(key.text)] + values(state))
    }

    static func update(_ key: OrganisationID, _ state: Institution, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(update, values(state) + [.text(key.text), .int(version)]) == 1
    }

    static func publish(_ event: InstitutionRules.Event, _ key: OrganisationID, state: Institution, in work: UnitOfWork) throws {
        switch event {
        case .agreementActivated(let agreement):
            work.publish(
                AgreementActivated(
                    institution: key, region: agreement.region, categories: agreement.categories, capacity: agreement.capacity,
                    validFrom: agreement.validFrom, validTo: agreement.validTo))
        case .placeReserved(let holder, let taken), .placeReleased(let holder, let taken):
            work.publish(PlacesChanged(institution: key, capacity: state.agreement.capacity, taken: taken, holder: holder.text))
        case .placeTakenOver(let before, let holder):
            work.publish(
                PlacesChanged(
                    institution: key, capacity: state.agreement.capacity, taken: state.taken, holder: holder.text, insteadOf: before.text))
        }
    }

    private static func values(_ state: Institution) -> [Value] {
        let agreement = state.agreement
        return [
            .text(agreement.region.text), .text(agreement.categories.map(\.rawValue).joined(separator: ",")), .int(agreement.capacity),
            .text(agreement.validFrom.text), .text(agreement.validTo.text), .text(state.places.map(\.text).joined(separator: "\n")),
            .int(state.taken),
        ]
    }

    private static let select = SQL(
        "SELECT region, categories, capacity, valid_from, valid_to, places, version FROM institutions WHERE institution = ?")
    private static let insert = SQL(
        """
        INSERT INTO institutions (institution, region, categories, capacity, valid_from, valid_to, places, taken, version)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
        """)
    private static let update = SQL(
        """
        UPDATE institutions SET region = ?, categories = ?, capacity = ?, valid_from = ?, valid_to = ?, places = ?, taken = ?,
            version = version + 1
        WHERE institution = ? AND version = ?
        """)
}

extension Row {
    /// A comma-separated list of assistance categories.
    func categories(_ column: Int) throws -> [AssistanceCategory] {
        try text(column).split(separator: ",").map { try AssistanceCategory(stored: String($0)) }
    }
}
