import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// What Registration said of persons: who has a file, and which ids are aliases. Read, never decided here.
enum KnownPersons {
    static func keep(_ facts: PersonFacts, in tx: any Transaction) throws {
        try tx.run(
            Statements.save,
            [.text(facts.person.text), .text(facts.sex.rawValue), .text(facts.birthMonth.text), .text(facts.region.text)])
    }

    /// The facts of the file that `person` means today; nil when no file is known yet.
    static func facts(_ person: PersonID, in tx: any Transaction) throws -> PersonFacts? {
        try tx.first(Statements.load, [.text(try resolve(person, in: tx).text)]) { row in
            PersonFacts(
                person: PersonID(trusted: row.text(0)), sex: try row.word(1), birthMonth: try YearMonth(row.text(2)),
                region: RegionCode(trusted: row.text(3)))
        }
    }

    static func merge(_ merged: PersonID, into kept: PersonID, in tx: any Transaction) throws {
        try tx.run(Statements.merge, [.text(merged.text), .text(kept.text)])
    }

    static func unmerge(_ merged: PersonID, from kept: PersonID, in tx: any Transaction) throws {
        try tx.run(Statements.unmerge, [.text(merged.text), .text(kept.text)])
    }

    private static func resolve(_ person: PersonID, in tx: any Transaction) throws -> PersonID {
        var current = person
        var seen: Set<PersonID> = []
        while seen.insert(current).inserted,
            let kept = try tx.first(Statements.kept, [.text(current.text)], { PersonID(trusted: $0.text(0)) })
        {
            current = kept
        }
        return current
    }

    /// The id of the file that `person` means today, and every id merged into it.
    static func everyID(of person: PersonID, in tx: any Transaction) throws -> [PersonID] {
        var all = [try resolve(person, in: tx)]
        var next = 0
        while next < all.count {
            for other in try tx.rows(Statements.merged, [.text(all[next].text)], { PersonID(trusted: $0.text(0)) })
            where !all.contains(other) {
                all.append(other)
            }
            next += 1
        }
        return all
    }

    private enum Statements {
        static let merged = SQL("SELECT merged FROM merged_persons WHERE kept = ? ORDER BY merged")
        static let save = SQL(
            """
            INSERT INTO known_persons (person, sex, birth_month, region) VALUES (?, ?, ?, ?)
            ON CONFLICT (person) DO UPDATE SET sex = excluded.sex, birth_month = excluded.birth_month, region = excluded.region
            """)
        static let load = SQL("SELECT person, sex, birth_month, region FROM known_persons WHERE person = ?")
        static let merge = SQL("INSERT INTO merged_persons (merged, kept) VALUES (?, ?) ON CONFLICT (merged, kept) DO NOTHING")
        static let unmerge = SQL("DELETE FROM merged_persons WHERE merged = ? AND kept = ?")
        // More than one only until the parting from the others has come, over another partition.
        static let kept = SQL("SELECT kept FROM merged_persons WHERE merged = ? ORDER BY kept LIMIT 1")
    }
}
