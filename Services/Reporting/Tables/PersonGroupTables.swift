import Persistence
import ServiceRuntime
import Vocabulary

/// One row per id of a child; the first columns are this id's own tally.
enum ChildTallyTable: PersonGroupTable {
    typealias Tally = ChildTally

    static func load(_ person: PersonID, in tx: any Transaction) throws -> Stored<PersonGroup<ChildTally>>? {
        try tx.first(Statements.load, [.text(person.text)]) { row in
            let own = ChildTally(
                confirmedCells: try cells(row.text(0)), approved: Int(row.int(1)), servedCells: try cells(row.text(2)))
            return Stored(try group(person, own, row, from: 3), version: row.int(6))
        }
    }

    static func insert(_ person: PersonID, _ state: PersonGroup<ChildTally>, in tx: any Transaction) throws {
        try tx.run(Statements.insert, [.text(person.text)] + columns(person, state))
    }

    static func update(_ person: PersonID, _ state: PersonGroup<ChildTally>, expecting version: Int64, in tx: any Transaction) throws
        -> Bool
    {
        try tx.run(Statements.update, columns(person, state) + [.text(person.text), .int(version)]) == 1
    }

    static func columns(of tally: ChildTally) -> [Value] {
        [.text(text(tally.confirmedCells)), .int(tally.approved), .text(text(tally.servedCells))]
    }

    static func text(of tally: ChildTally) -> String {
        "\(text(tally.confirmedCells))\t\(tally.approved)\t\(text(tally.servedCells))"
    }

    static func tally(_ fields: [String]) throws -> ChildTally {
        if fields.count == 5 { return try earlier(fields) }
        guard fields.count == 3, let approved = Int(fields[1]) else { throw GroupText.damaged }
        return ChildTally(confirmedCells: try cells(fields[0]), approved: approved, servedCells: try cells(fields[2]))
    }

    /// As builds wrote it that kept one place for all confirmed cases of a child, and one for its approval and enrolment.
    private static func earlier(_ fields: [String]) throws -> ChildTally {
        guard let confirmed = Int(fields[0]), let approved = Int(fields[2]), let enrolled = Int(fields[3]) else { throw GroupText.damaged }
        return ChildTally(
            confirmedCells: Array(repeating: try cells(fields[1]), count: max(0, confirmed)).flatMap { $0 }, approved: approved,
            servedCells: enrolled > 0 ? try cells(fields[4]) : [])
    }

    private static func text(_ cells: [Cell]) -> String { cells.map(\.stored).joined(separator: ";") }
    private static func cells(_ text: String) throws -> [Cell] { try text.split(separator: ";").map { try Cell(stored: String($0)) } }

    private enum Statements {
        private static let columns = "confirmed_cells, approved, served_cells, held_by, others, aliases"
        static let load = SQL("SELECT \(columns), version FROM child_tallies WHERE person = ?")
        static let insert = SQL("INSERT INTO child_tallies (person, \(columns), version) VALUES (?, ?, ?, ?, ?, ?, ?, 1)")
        static let update = SQL(
            """
            UPDATE child_tallies SET confirmed_cells = ?, approved = ?, served_cells = ?, held_by = ?, others = ?, aliases = ?,
            version = version + 1 WHERE person = ? AND version = ?
            """)
    }
}

/// One row per id of a job seeker.
enum JobSeekerTallyTable: PersonGroupTable {
    typealias Tally = JobSeekerTally

    static func load(_ person: PersonID, in tx: any Transaction) throws -> Stored<PersonGroup<JobSeekerTally>>? {
        try tx.first(Statements.load, [.text(person.text)]) { row in
            let own = try tally([row.textOrNil(0) ?? "", row.textOrNil(1) ?? "", row.text(2)])
            return Stored(try group(person, own, row, from: 3), version: row.int(6))
        }
    }

    static func insert(_ person: PersonID, _ state: PersonGroup<JobSeekerTally>, in tx: any Transaction) throws {
        try tx.run(Statements.insert, [.text(person.text)] + columns(person, state))
    }

    static func update(
        _ person: PersonID, _ state: PersonGroup<JobSeekerTally>, expecting version: Int64, in tx: any Transaction
    ) throws -> Bool {
        try tx.run(Statements.update, columns(person, state) + [.text(person.text), .int(version)]) == 1
    }

    static func columns(of tally: JobSeekerTally) -> [Value] {
        [.text(tally.trainedOn?.text), .text(tally.trainedCell?.stored), .text(days(tally))]
    }

    static func text(of tally: JobSeekerTally) -> String {
        "\(tally.trainedOn?.text ?? "")\t\(tally.trainedCell?.stored ?? "")\t\(days(tally))"
    }

    static func tally(_ fields: [String]) throws -> JobSeekerTally {
        guard fields.count == 3 else { throw GroupText.damaged }
        return JobSeekerTally(
            trainedOn: try GroupText.optional(fields[0]) { try LocalDate($0) },
            trainedCell: try GroupText.optional(fields[1], Cell.init(stored:)),
            placedOn: try fields[2].split(separator: " ").map { try LocalDate(String($0)) })
    }

    private static func days(_ tally: JobSeekerTally) -> String { tally.placedOn.map(\.text).joined(separator: " ") }

    private enum Statements {
        private static let columns = "trained_on, trained_cell, placed_on, held_by, others, aliases"
        static let load = SQL("SELECT \(columns), version FROM job_seeker_tallies WHERE person = ?")
        static let insert = SQL("INSERT INTO job_seeker_tallies (person, \(columns), version) VALUES (?, ?, ?, ?, ?, ?, ?, 1)")
        static let update = SQL(
            """
            UPDATE job_seeker_tallies SET trained_on = ?, trained_cell = ?, placed_on = ?, held_by = ?, others = ?, aliases = ?,
            version = version + 1 WHERE person = ? AND version = ?
            """)
    }
}

/// A table of groups: how a tally is written into columns (the row's own id) and into one line of text (the others').
protocol PersonGroupTable: AggregateTable where Rules == PersonGroupRules<Tally>, Key == PersonID {
    associatedtype Tally: PersonTally

    static func columns(of tally: Tally) -> [Value]
    static func text(of tally: Tally) -> String
    /// From the fields of `text`. Throws when they are damaged.
    static func tally(_ fields: [String]) throws -> Tally
}

extension PersonGroupTable {
    static func publish(_ event: PersonGroupRules<Tally>.Event, _ person: PersonID, state: PersonGroup<Tally>, in work: UnitOfWork) throws {
        try Counter(work).add(event.changes)
    }

    /// Own columns, then who holds the group, the other ids' tallies and the aliases.
    fileprivate static func columns(_ person: PersonID, _ state: PersonGroup<Tally>) -> [Value] {
        let others = state.tallies.filter { $0.key != person }.sorted { $0.key < $1.key }
        let aliases = state.aliases.map { "\($0.merged.text)>\($0.kept.text)" }.sorted()
        return columns(of: state.tallies[person] ?? Tally()) + [
            .text(state.heldBy?.text), .text(others.map { "\($0.key.text)\t\(text(of: $0.value))" }.joined(separator: "\n")),
            .text(aliases.joined(separator: " ")),
        ]
    }

    fileprivate static func group(_ person: PersonID, _ own: Tally, _ row: borrowing Row, from first: Int) throws -> PersonGroup<Tally> {
        if let holder = row.textOrNil(first) { return PersonGroup(heldBy: PersonID(trusted: holder)) }
        var group = PersonGroup<Tally>()
        group.tallies[person] = own
        for line in row.text(first + 1).split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            group.tallies[PersonID(trusted: fields[0])] = try tally(Array(fields.dropFirst()))
        }
        for pair in row.text(first + 2).split(separator: " ") {
            let ids = pair.split(separator: ">")
            guard ids.count == 2 else { throw GroupText.damaged }
            group.aliases.insert(.init(merged: PersonID(trusted: String(ids[0])), kept: PersonID(trusted: String(ids[1]))))
        }
        return group
    }

    /// Counts for `person`, wherever its group is held.
    static func count(_ command: Tally.Command, _ setting: Tally.Setting, of person: PersonID, in work: UnitOfWork) throws {
        try work.execute(.count(person, command, setting), Self.self, try holder(of: person, in: work).id)
    }

    /// Both ids are one person from now on.
    static func merge(_ merged: PersonID, into kept: PersonID, _ setting: Tally.Setting, in work: UnitOfWork) throws {
        let gone = try holder(of: merged, in: work)
        let stays = try holder(of: kept, in: work)
        let alias = PersonGroup<Tally>.Alias(merged: merged, kept: kept)
        // Out of the one first, into the other then: a figure never counts the person twice on the way.
        if gone.id != stays.id {
            for id in [gone.id] + gone.group.others(than: gone.id) {
                try work.execute(.become(PersonGroup(heldBy: stays.id), setting), Self.self, id)
            }
        }
        try work.execute(.become(stays.group.joined(gone.group, by: alias), setting), Self.self, stays.id)
    }

    /// The merge was wrong: each id is counted with those it still belongs to.
    static func unmerge(_ merged: PersonID, from kept: PersonID, _ setting: Tally.Setting, in work: UnitOfWork) throws {
        let holder = try holder(of: merged, in: work)
        let alias = PersonGroup<Tally>.Alias(merged: merged, kept: kept)
        guard holder.group.aliases.contains(alias) else { return }
        let (left, gone) = holder.group.parted(at: alias, holder: holder.id)
        try work.execute(.become(left, setting), Self.self, holder.id)
        let root = left.others(than: holder.id).contains(merged) || holder.id == merged ? kept : merged
        // Another alias still joins the two.
        guard root != holder.id, !left.others(than: holder.id).contains(root) else { return }
        try work.execute(.become(gone, setting), Self.self, root)
        for id in gone.others(than: root) { try work.execute(.become(PersonGroup(heldBy: root), setting), Self.self, id) }
    }

    private static func holder(of person: PersonID, in work: UnitOfWork) throws -> (id: PersonID, group: PersonGroup<Tally>) {
        let own = try work.state(Self.self, person) ?? PersonGroup()
        guard let id = own.heldBy else { return (person, own) }
        let group = try work.state(Self.self, id) ?? PersonGroup()
        // Another instance parted the two between the reads of their rows: only fresh rows say where this id is counted now.
        guard group.heldBy == nil, group.others(than: id).contains(person) else { throw VersionConflict() }
        return (id, group)
    }
}

/// The texts in which a row keeps the ids beside its own.
enum GroupText {
    static let damaged = DatabaseError(kind: .corrupt, message: "a stored group of ids cannot be read")

    static func optional<Value>(_ text: String, _ make: (String) throws -> Value) rethrows -> Value? { text.isEmpty ? nil : try make(text) }
}
