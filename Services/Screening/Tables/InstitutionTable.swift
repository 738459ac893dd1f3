import Contracts
import Persistence
import Vocabulary

/// Screening's copies of institutions and of the directory, and how many referrals wait at each institution.
enum InstitutionTable {
    /// The agreement as it is from now on; what Rehabilitation last said of taken places stays. `number` is the event's: one that was set
    /// aside and is replayed behind a later one changes nothing.
    static func keep(_ agreement: AgreementActivated, _ number: EventSequence?, in tx: any Transaction) throws {
        try tx.run(
            upsert,
            [
                .text(agreement.institution.text), .text(agreement.region.text), .text(list(agreement.categories)),
                .int(agreement.capacity), .text(agreement.institution.text),
                .text(agreement.validFrom.text), .text(agreement.validTo.text), .text(number?.text ?? ""),
            ])
    }

    /// False when no agreement of the institution is known. `number`: as for an agreement.
    static func keep(_ places: PlacesChanged, _ number: EventSequence?, in tx: any Transaction) throws -> Bool {
        let number = Value.text(number?.text ?? "")
        let kept = try tx.run(setPlaces, [.int(places.capacity), .int(places.taken), number, .text(places.institution.text), number])
        return try kept == 1 || find(places.institution, in: tx) != nil
    }

    /// One referral more (or less) waits for the institution's answer.
    static func changeLoad(_ institution: OrganisationID, by change: Int, in tx: any Transaction) throws {
        try tx.run(addLoad, [.int(change), .text(institution.text)])
    }

    static func find(_ institution: OrganisationID, in tx: any Transaction) throws -> InstitutionCopy? {
        try tx.first(selectOne, [.text(institution.text)], copy)
    }

    /// Institutions of the child's province and beyond with an agreement for the category that day and room for one more.
    static func withRoom(_ category: AssistanceCategory, on date: LocalDate, in tx: any Transaction) throws -> [InstitutionCopy] {
        try tx.rows(selectRoom, [.text("%,\(category.rawValue),%"), .text(date.text), .text(date.text)], copy)
    }

    private static func list(_ categories: [AssistanceCategory]) -> String { "," + categories.map(\.rawValue).joined(separator: ",") + "," }

    private static func copy(_ row: borrowing Row) throws -> InstitutionCopy {
        let categories: [AssistanceCategory] = try row.text(2).split(separator: ",").map { try .init(stored: String($0)) }
        return InstitutionCopy(
            institution: OrganisationID(trusted: row.text(0)), region: RegionCode(trusted: row.text(1)),
            categories: Set(categories), capacity: Int(row.int(3)), taken: Int(row.int(4)),
            openLoad: Int(row.int(5)), validFrom: try LocalDate(row.text(6)), validTo: try LocalDate(row.text(7)))
    }

    // Referrals come before the agreement only where both are read back after an older backup.
    private static let upsert = SQL(
        """
        INSERT INTO institutions (institution, region, categories, capacity, taken, open_load, valid_from, valid_to, agreement_number)
        VALUES (?, ?, ?, ?, 0, (SELECT count(*) FROM referrals r WHERE r.institution = ? AND r.status = 'issued'), ?, ?, ?)
        ON CONFLICT (institution) DO UPDATE SET region = excluded.region, categories = excluded.categories, capacity = excluded.capacity,
          valid_from = excluded.valid_from, valid_to = excluded.valid_to, agreement_number = excluded.agreement_number
          WHERE institutions.agreement_number <= excluded.agreement_number
        """)
    private static let setPlaces = SQL(
        "UPDATE institutions SET capacity = ?, taken = ?, places_number = ? WHERE institution = ? AND places_number <= ?")
    private static let addLoad = SQL("UPDATE institutions SET open_load = open_load + ? WHERE institution = ?")
    private static let selectOne = SQL(
        "SELECT institution, region, categories, capacity, taken, open_load, valid_from, valid_to FROM institutions WHERE institution = ?")
    private static let selectRoom = SQL(
        """
        SELECT institution, region, categories, capacity, taken, open_load, valid_from, valid_to FROM institutions
        WHERE categories LIKE ? AND valid_from <= ? AND valid_to >= ? AND capacity - taken > open_load
        """)
}

/// What institutions are called and where they are, for whoever chooses among them. Asks for each once; lives as long as its transaction.
final class InstitutionNames {
    struct Name: Hashable {
        /// Empty until the directory has said it.
        var name = ""
        var region: RegionCode?
    }

    private let tx: any Transaction
    private var known: [OrganisationID: Name] = [:]

    init(_ tx: any Transaction) { self.tx = tx }

    func name(of institution: OrganisationID) throws -> Name {
        if let found = known[institution] { return found }
        let found = try tx.first(Self.select, [.text(institution.text)]) { row in
            Name(name: row.text(0), region: RegionCode(trusted: row.text(1)))
        }
        known[institution] = found ?? Name()
        return found ?? Name()
    }

    private static let select = SQL("SELECT name, region FROM organisations WHERE organisation = ?")
}

/// What Screening knows of the directory: who is a health bureau, of which region, and what organisations are called.
enum OrganisationTable {
    struct Known: Hashable, Sendable {
        var kind: OrganisationKind
        var region: RegionCode
    }

    static func keep(_ organisation: OrganisationRegistered, in tx: any Transaction) throws {
        try tx.run(
            upsert,
            [
                .text(organisation.organisation.text), .text(organisation.kind.rawValue), .text(organisation.region.text),
                .text(organisation.name),
            ])
    }

    static func find(_ organisation: OrganisationID, in tx: any Transaction) throws -> Known? {
        try tx.first(select, [.text(organisation.text)]) { row in
            Known(kind: try row.word(0), region: RegionCode(trusted: row.text(1)))
        }
    }

    private static let upsert = SQL(
        """
        INSERT INTO organisations (organisation, kind, region, name) VALUES (?, ?, ?, ?)
        ON CONFLICT (organisation) DO UPDATE SET kind = excluded.kind, region = excluded.region, name = excluded.name
        """)
    private static let select = SQL("SELECT kind, region FROM organisations WHERE organisation = ?")
}
