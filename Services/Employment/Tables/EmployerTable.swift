import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Employers that may report placements.
enum EmployerTable: AggregateTable {
    typealias Rules = EmployerRules
    typealias Key = OrganisationID

    static func load(_ employer: OrganisationID, in tx: any Transaction) throws -> Stored<Employer>? {
        try tx.first(Statements.load, [.text(employer.text)]) {
            Stored(Employer(region: RegionCode(trusted: $0.text(0))), version: $0.int(1))
        }
    }

    static func insert(_ employer: OrganisationID, _ state: Employer, in tx: any Transaction) throws {
        try tx.run(Statements.insert, [.text(employer.text), .text(state.region.text)])
    }

    static func update(_ employer: OrganisationID, _ state: Employer, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(Statements.update, [.text(state.region.text), .text(employer.text), .int(version)]) == 1
    }

    static func publish(_ event: EmployerRules.Event, _ employer: OrganisationID, state: Employer, in work: UnitOfWork) throws {
        switch event {
        case .registered(let region): work.publish(EmployerRegistered(employer: employer, region: region))
        }
    }

    static func list(region: RegionCode?, after: String, limit: Int, in tx: any Transaction) throws -> [(OrganisationID, Employer)] {
        let prefix = region?.text ?? ""
        return try tx.rows(Statements.list, [.text(prefix), .text(prefix + ":"), .text(after), .int(limit)]) {
            (OrganisationID(trusted: $0.text(0)), Employer(region: RegionCode(trusted: $0.text(1))))
        }
    }

    private enum Statements {
        static let load = SQL("SELECT region, version FROM employers WHERE employer = ?")
        static let insert = SQL("INSERT INTO employers (employer, region, version) VALUES (?, ?, 1)")
        static let update = SQL("UPDATE employers SET region = ?, version = version + 1 WHERE employer = ? AND version = ?")
        static let list = SQL(
            "SELECT employer, region FROM employers WHERE region >= ? AND region < ? AND employer > ? ORDER BY employer LIMIT ?")
    }
}
