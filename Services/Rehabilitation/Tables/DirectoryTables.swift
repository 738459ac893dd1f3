import Contracts
import Persistence
import Vocabulary

/// Copies of what Registration owns: organisations, persons, and which persons are aliases of which.
enum DirectoryTables {
    struct Organisation: Hashable, Sendable {
        var kind: OrganisationKind
        var name: String
        var region: RegionCode
    }

    static func keep(_ event: OrganisationRegistered, in tx: any Transaction) throws {
        try tx.run(
            upsert, [.text(event.organisation.text), .text(event.kind.rawValue), .text(event.name), .text(event.region.text)])
    }

    static func organisation(_ id: OrganisationID, in tx: any Transaction) throws -> Organisation? {
        try tx.first(select, [.text(id.text)]) { Organisation(kind: try $0.word(0), name: $0.text(1), region: $0.region(2)) }
    }

    static func keep(_ facts: PersonFacts, in tx: any Transaction) throws {
        try tx.run(upsertPerson, FactsColumns.values(facts))
    }

    /// A person of Registration's, as this service has heard; nil when it has not yet.
    static func facts(of person: PersonID, in tx: any Transaction) throws -> PersonFacts? {
        try tx.first(selectPerson, [.text(person.text)]) { try $0.facts(0) }
    }

    static func addAlias(_ merged: PersonID, of kept: PersonID, in tx: any Transaction) throws {
        try tx.run(insertAlias, [.text(merged.text), .text(kept.text)])
    }

    static func removeAlias(_ merged: PersonID, of kept: PersonID, in tx: any Transaction) throws {
        try tx.run(deleteAlias, [.text(merged.text), .text(kept.text)])
    }

    /// Every id under which this person may stand in our tables, the given one included. History is never rewritten; it is read through this.
    static func everyID(of person: PersonID, in tx: any Transaction) throws -> [PersonID] {
        var all = [person]
        var next = 0
        while next < all.count {
            let id = all[next].text
            for other in try tx.rows(joined, [.text(id), .text(id)], { PersonID(trusted: $0.text(0)) }) where !all.contains(other) {
                all.append(other)
            }
            next += 1
        }
        return all
    }

    private static let upsert = SQL(
        """
        INSERT INTO organisations (organisation, kind, name, region) VALUES (?, ?, ?, ?)
        ON CONFLICT (organisation) DO UPDATE SET kind = excluded.kind, name = excluded.name, region = excluded.region
        """)
    private static let select = SQL("SELECT kind, name, region FROM organisations WHERE organisation = ?")
    private static let upsertPerson = SQL(
        """
        INSERT INTO persons (\(FactsColumns.names)) VALUES (?, ?, ?, ?)
        ON CONFLICT (person) DO UPDATE SET sex = excluded.sex, birth_month = excluded.birth_month, region = excluded.region
        """)
    private static let selectPerson = SQL("SELECT \(FactsColumns.names) FROM persons WHERE person = ?")
    private static let insertAlias = SQL("INSERT INTO merged_persons (merged, kept) VALUES (?, ?) ON CONFLICT (merged, kept) DO NOTHING")
    private static let deleteAlias = SQL("DELETE FROM merged_persons WHERE merged = ? AND kept = ?")
    private static let joined = SQL(
        "SELECT kept AS id FROM merged_persons WHERE merged = ? UNION SELECT merged FROM merged_persons WHERE kept = ? ORDER BY 1")
}
