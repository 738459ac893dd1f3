import Persistence
import ServiceRuntime
import Vocabulary

/// How far each share of the partitions has been counted.
enum FreshnessTable: AggregateTable {
    typealias Rules = FreshnessRules
    typealias Key = Int

    static func load(_ shard: Int, in tx: any Transaction) throws -> Stored<Freshness>? {
        try tx.first(Statements.load, [.int(shard)]) { row in
            Stored(
                Freshness(events: row.int(0), day: try LocalDate(row.text(1)), recorded: Instant(milliseconds: row.int(2))),
                version: row.int(3))
        }
    }

    static func insert(_ shard: Int, _ state: Freshness, in tx: any Transaction) throws {
        try tx.run(Statements.insert, [.int(shard), .int(state.events), .text(state.day.text), .int(state.recorded.milliseconds)])
    }

    static func update(_ shard: Int, _ state: Freshness, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(
            Statements.update,
            [.int(state.events), .text(state.day.text), .int(state.recorded.milliseconds), .int(shard), .int(version)]) == 1
    }

    static func publish(_ event: FreshnessRules.Event, _ shard: Int, state: Freshness, in work: UnitOfWork) throws {
        if event.isNewDay { try work.scheduleLatest(DailyIndicators.kind, subject: DailyIndicators.subject, due: event.recorded.date) }
        if event.isNewMonth {
            let month = event.recorded.date.month
            try work.schedule(MonthlyRelease.kind, subject: month.text, due: month.last)
        }
    }

    /// All shares together; nil before the first event.
    static func overall(in tx: any Transaction) throws -> Freshness? {
        let shares = try tx.rows(Statements.all) { row in
            Freshness(events: row.int(0), day: try LocalDate(row.text(1)), recorded: Instant(milliseconds: row.int(2)))
        }
        guard var overall = shares.first else { return nil }
        for share in shares.dropFirst() {
            overall = Freshness(
                events: overall.events + share.events, day: max(overall.day, share.day), recorded: max(overall.recorded, share.recorded))
        }
        return overall
    }

    private enum Statements {
        static let load = SQL("SELECT events, day, recorded_ms, version FROM freshness WHERE shard = ?")
        static let insert = SQL("INSERT INTO freshness (shard, events, day, recorded_ms, version) VALUES (?, ?, ?, ?, 1)")
        static let update = SQL(
            "UPDATE freshness SET events = ?, day = ?, recorded_ms = ?, version = version + 1 WHERE shard = ? AND version = ?")
        static let all = SQL("SELECT events, day, recorded_ms FROM freshness")
    }
}

extension Freshness {
    /// As figures carry it: how many events are in them and when the last of them was recorded.
    var watermark: String { "\(events)@\(recorded.text)" }
}
