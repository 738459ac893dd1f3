import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// The directory of organisations.
enum OrganisationTable: AggregateTable {
    typealias Rules = OrganisationRules
    typealias Key = OrganisationID

    static func load(_ organisation: OrganisationID, in tx: any Transaction) throws -> Stored<Organisation>? {
        try tx.first(Statements.load, [.text(organisation.text)]) { Stored(try self.organisation($0), version: $0.int(5)) }
    }

    static func insert(_ organisation: OrganisationID, _ state: Organisation, in tx: any Transaction) throws {
        try tx.run(Statements.insert, [.text(organisation.text)] + columns(state))
    }

    static func update(
        _ organisation: OrganisationID, _ state: Organisation, expecting version: Int64, in tx: any Transaction
    ) throws -> Bool {
        try tx.run(Statements.update, columns(state) + [.text(organisation.text), .int(version)]) == 1
    }

    static func publish(
        _ event: OrganisationRules.Event, _ organisation: OrganisationID, state: Organisation, in work: UnitOfWork
    ) throws {
        switch event {
        case .registered(let details):
            work.publish(
                OrganisationRegistered(
                    organisation: organisation, kind: details.kind, name: details.name, creditCode: details.creditCode,
                    region: details.region, validFrom: details.validFrom))
        }
    }

    /// Who holds `code` already, other than `organisation`.
    static func creditCodeIsTaken(_ code: CreditCode?, by organisation: OrganisationID, in tx: any Transaction) throws -> Bool {
        guard let code else { return false }
        return try tx.first(Statements.holder, [.text(code.text), .text(organisation.text)]) { $0.text(0) } != nil
    }

    static func list(
        kind: OrganisationKind?, region: RegionCode?, after: String, limit: Int, in tx: any Transaction
    ) throws -> [(OrganisationID, Organisation)] {
        let prefix = region?.text ?? ""
        let kindText = kind?.rawValue ?? ""
        return try tx.rows(
            Statements.list, [.text(prefix), .text(prefix + ":"), .text(after), .text(kindText), .text(kindText), .int(limit)]
        ) { (OrganisationID(trusted: $0.text(6)), try organisation($0)) }
    }

    private static func columns(_ state: Organisation) -> [Value] {
        [
            .text(state.kind.rawValue), .text(state.name), .text(state.creditCode?.text), .text(state.region.text),
            .text(state.validFrom.text),
        ]
    }

    private static func organisation(_ row: borrowing Row) throws -> Organisation {
        Organisation(
            kind: try row.word(0), name: row.text(1), creditCode: try row.textOrNil(2).map { try CreditCode($0) },
            region: RegionCode(trusted: row.text(3)), validFrom: try LocalDate(row.text(4)))
    }

    private enum Statements {
        private static let columns = "kind, name, credit_code, region, valid_from, version, organisation"
        static let load = SQL("SELECT \(columns) FROM organisations WHERE organisation = ?")
        static let insert = SQL(
            """
            INSERT INTO organisations (organisation, kind, name, credit_code, region, valid_from, version)
            VALUES (?, ?, ?, ?, ?, ?, 1)
            """)
        static let update = SQL(
            """
            UPDATE organisations SET kind = ?, name = ?, credit_code = ?, region = ?, valid_from = ?, version = version + 1
            WHERE organisation = ? AND version = ?
            """)
        static let holder = SQL("SELECT organisation FROM organisations WHERE credit_code = ? AND organisation <> ?")
        static let list = SQL(
            """
            SELECT \(columns) FROM organisations
            WHERE region >= ? AND region < ? AND organisation > ? AND (? = '' OR kind = ?) ORDER BY organisation LIMIT ?
            """)
    }
}
