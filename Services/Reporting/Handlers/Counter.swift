import Contracts
import ServiceRuntime
import Vocabulary

/// Adds to figures in the share of the partition that a fact came from.
///
/// A share is a run of eight partitions: instances are given runs of partitions, so two of them hardly ever add to the same row. A store
/// with one writer has one share.
struct Counter {
    let work: UnitOfWork
    let shard: Int

    init(_ work: UnitOfWork) {
        self.work = work
        shard = work.tx.locksRows ? Int(work.cause.partition ?? 0) / 8 % 8 : 0
    }

    var today: LocalDate { work.cause.today }

    func add(_ measure: Measure, _ amount: Int64 = 1, _ cell: Cell) throws {
        guard amount != 0 else { return }
        try work.execute(FigureCountRules.Command(amount: amount), FigureTable.self, FigureKey(cell, measure, shard: shard))
        try work.execute(FigureCountRules.Command(amount: amount), CountyTotalTable.self, CountyKey(cell.region, measure, shard: shard))
    }

    func add(_ changes: [Change]) throws {
        for change in changes { try add(change.measure, change.amount, change.cell) }
    }

    /// Notes that one more event is in the figures.
    func note() throws { try work.execute(FreshnessRules.Command(recorded: work.cause.recorded), FreshnessTable.self, shard) }

    /// A subscription whose events are counted by `body`. Reporting never holds and never refuses: facts merge in any order.
    static func counting<Event: ContractEvent>(
        _ type: Event.Type, _ name: String, _ body: @escaping @Sendable (Event, Counter) throws -> Void
    ) -> Subscription {
        .on(type, name) { event, _, work in
            let counter = Counter(work)
            try counter.note()
            try body(event, counter)
        }
    }
}
