import Persistence
import ServiceRuntime
import Vocabulary

/// One row per child and topic.
enum CaseTallyTable: AggregateTable {
    typealias Rules = CaseTallyRules
    typealias Key = CaseID

    static func load(_ id: CaseID, in tx: any Transaction) throws -> Stored<CaseTally>? {
        try tx.first(Statements.load, [.text(id.text)]) { row in
            var tally = CaseTally()
            tally.topic = CellKey.word(row.int(0))
            guard tally.read(row.text(1)), let sharing = CaseTally.Sharing(rawValue: Int(row.int(2))) else {
                throw DatabaseError(kind: .corrupt, message: "a case's stored results cannot be read")
            }
            tally.sharing = sharing
            return Stored(tally, version: row.int(3))
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
            .int(state.topic.map(CellKey.rank) ?? 0), .text(state.stored), .int(state.sharing.rawValue),
        ]
    }

    private enum Statements {
        static let load = SQL("SELECT topic, results, shared, version FROM case_tallies WHERE case_id = ?")
        static let insert = SQL("INSERT INTO case_tallies (case_id, topic, results, shared, version) VALUES (?, ?, ?, ?, 1)")
        static let update = SQL(
            "UPDATE case_tallies SET topic = ?, results = ?, shared = ?, version = version + 1 WHERE case_id = ? AND version = ?")
    }
}

extension CaseTally {
    /// Every result as a number in base 36, those that are owed with a minus.
    fileprivate var stored: String {
        var text = ""
        for result in results { text += (text.isEmpty ? "" : " ") + String(result.packed, radix: 36) }
        for result in owed { text += (text.isEmpty ? "-" : " -") + String(result.packed, radix: 36) }
        return text
    }

    /// Takes over what `stored` has written, or the `#cell counts` of an earlier build. False when it is neither.
    fileprivate mutating func read(_ text: String) -> Bool {
        guard !text.hasPrefix("#") else { return readUndated(text.dropFirst().split(separator: " ")) }
        for word in text.split(separator: " ") {
            let isOwed = word.hasPrefix("-")
            guard let packed = UInt64(isOwed ? word.dropFirst() : word, radix: 36) else { return false }
            if isOwed { owed.append(DatedResult(packed: packed)) } else { results.append(DatedResult(packed: packed)) }
        }
        return true
    }

    private mutating func readUndated(_ words: [Substring]) -> Bool {
        let numbers = words.compactMap { Int64($0) }
        guard words.count == 10, numbers.count == 10 else { return false }
        let steps = ScreeningStage.allCases.flatMap { stage in ScreeningOutcome.allCases.map { (stage, $0) } }
        for ((stage, outcome), count) in zip(steps, numbers.dropFirst()) where count > 0 {
            results += Array(repeating: DatedResult(undated: CellKey(packed: numbers[0]), stage, outcome), count: Int(count))
        }
        return true
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
