import Persistence
import ServiceRuntime
import Vocabulary

/// One row per child and topic.
enum CaseTallyTable: AggregateTable {
    typealias Rules = CaseTallyRules
    typealias Key = CaseID

    static func load(_ id: CaseID, in tx: any Transaction) throws -> Stored<CaseTally>? {
        try tx.first(Statements.load, [.text(id.text)]) { row in
            var tally = CaseTally(cell: Cell(CellKey(packed: row.int(0))), origin: row.text(1))
            tally.counts = CaseTally.Counts(row.text(2).split(separator: " ").compactMap { Int($0) })
            tally.isShared = row.bool(3)
            return Stored(tally, version: row.int(4))
        }
    }

    static func insert(_ id: CaseID, _ state: CaseTally, in tx: any Transaction) throws {
        try tx.run(Statements.insert, [.text(id.text)] + columns(state))
    }

    static func update(_ id: CaseID, _ state: CaseTally, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(Statements.update, columns(state) + [.text(id.text), .int(version)]) == 1
    }

    static func publish(_ event: CaseTallyRules.Event, _ id: CaseID, state: CaseTally, in work: UnitOfWork) throws {
        try Counter(work).add(event.changes)
    }

    private static func columns(_ state: CaseTally) -> [Value] {
        [
            .int(CellKey(state.cell, shard: 0).packed), .text(state.origin),
            .text(state.counts.values.map { String($0) }.joined(separator: " ")), .bool(state.isShared),
        ]
    }

    private enum Statements {
        static let load = SQL("SELECT cell, origin, counts, shared, version FROM case_tallies WHERE case_id = ?")
        static let insert = SQL("INSERT INTO case_tallies (case_id, cell, origin, counts, shared, version) VALUES (?, ?, ?, ?, ?, 1)")
        static let update = SQL(
            """
            UPDATE case_tallies SET cell = ?, origin = ?, counts = ?, shared = ?, version = version + 1
            WHERE case_id = ? AND version = ?
            """)
    }
}

/// One row per job.
enum PlacementTallyTable: AggregateTable {
    typealias Rules = PlacementTallyRules
    typealias Key = PlacementID

    static func load(_ placement: PlacementID, in tx: any Transaction) throws -> Stored<PlacementTally>? {
        try tx.first(Statements.load, [.text(placement.text)]) { row in
            Stored(PlacementTally(cell: try row.textOrNil(0).map(Cell.init(stored:)), isStable: row.bool(1)), version: row.int(2))
        }
    }

    static func insert(_ placement: PlacementID, _ state: PlacementTally, in tx: any Transaction) throws {
        try tx.run(Statements.insert, [.text(placement.text), .text(state.cell?.stored), .bool(state.isStable)])
    }

    static func update(_ placement: PlacementID, _ state: PlacementTally, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(Statements.update, [.text(state.cell?.stored), .bool(state.isStable), .text(placement.text), .int(version)]) == 1
    }

    static func publish(_ event: PlacementTallyRules.Event, _ placement: PlacementID, state: PlacementTally, in work: UnitOfWork) throws {
        try Counter(work).add(event.changes)
    }

    private enum Statements {
        static let load = SQL("SELECT cell, stable, version FROM placement_tallies WHERE placement = ?")
        static let insert = SQL("INSERT INTO placement_tallies (placement, cell, stable, version) VALUES (?, ?, ?, 1)")
        static let update = SQL(
            "UPDATE placement_tallies SET cell = ?, stable = ?, version = version + 1 WHERE placement = ? AND version = ?")
    }
}

extension Cell {
    /// `370102001 2024-06 female 0-6`, dashes for what does not apply; for tallies of persons, which have no subject.
    var stored: String { "\(region.text) \(month.text) \(sex?.rawValue ?? "-") \(band?.rawValue ?? "-")" }

    init(stored text: String) throws {
        let parts = text.split(separator: " ").map(String.init)
        guard parts.count == 4 else { throw DatabaseError(kind: .corrupt, message: "a stored cell has four parts") }
        self.init(
            region: RegionCode(trusted: parts[0]), month: try YearMonth(parts[1]), sex: Sex(rawValue: parts[2]),
            band: AgeBand(rawValue: parts[3]))
    }
}
