import Persistence
import ServiceRuntime
import Vocabulary

/// The fine figures. A batch collects what it adds to each and writes every figure once; amounts add up in the database, so instances
/// that count other partitions never wait for each other and nothing is loaded.
enum FigureTable: AggregateTable {
    typealias Rules = FigureCountRules
    typealias Key = FigureKey

    static func load(_ key: FigureKey, in tx: any Transaction) throws -> Stored<FigureCount>? { nil }

    static func insert(_ key: FigureKey, _ state: FigureCount, in tx: any Transaction) throws {
        guard state.amount != 0 else { return }
        try tx.run(Statements.add, [.int(key.cell.packed), .text(key.measure.rawValue), .int(state.amount)])
    }

    static func update(_ key: FigureKey, _ state: FigureCount, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        preconditionFailure("a batch writes a figure once, at its end")
    }

    static func publish(_ event: FigureCountRules.Event, _ key: FigureKey, state: FigureCount, in work: UnitOfWork) throws {}

    private enum Statements {
        static let add = SQL(
            """
            INSERT INTO figures (cell, measure, value) VALUES (?, ?, ?)
            ON CONFLICT (cell, measure) DO UPDATE SET value = figures.value + excluded.value
            """)
    }
}

/// Totals by county since the beginning, for what must be read fast: the live page and the daily indicators.
enum CountyTotalTable: AggregateTable {
    typealias Rules = FigureCountRules
    typealias Key = CountyKey

    static func load(_ key: CountyKey, in tx: any Transaction) throws -> Stored<FigureCount>? { nil }

    static func insert(_ key: CountyKey, _ state: FigureCount, in tx: any Transaction) throws {
        guard state.amount != 0 else { return }
        try tx.run(Statements.add, [.text(key.county), .text(key.measure.rawValue), .int(key.shard), .int(state.amount)])
    }

    static func update(_ key: CountyKey, _ state: FigureCount, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        preconditionFailure("a batch writes a total once, at its end")
    }

    static func publish(_ event: FigureCountRules.Event, _ key: CountyKey, state: FigureCount, in work: UnitOfWork) throws {}

    /// Every county's totals, shards summed.
    static func all(in tx: any Transaction) throws -> [(region: RegionCode, measure: Measure, value: Int64)] {
        try tx.rows(Statements.all) { (RegionCode(trusted: $0.text(0)), try $0.word(1), $0.int(2)) }
    }

    private enum Statements {
        static let add = SQL(
            """
            INSERT INTO county_totals (county, measure, shard, value) VALUES (?, ?, ?, ?)
            ON CONFLICT (county, measure, shard) DO UPDATE SET value = county_totals.value + excluded.value
            """)
        static let all = SQL("SELECT county, measure, SUM(value) FROM county_totals GROUP BY county, measure")
    }
}
