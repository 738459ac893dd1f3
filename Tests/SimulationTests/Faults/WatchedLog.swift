import Messaging

@testable import ServiceRuntime

/// One service's view of the shared log: its own outages, and the moments at which its process dies.
final class WatchedLog: EventLog, @unchecked Sendable {
    // One run is one thread: nothing here is ever touched by two.
    private let inner: InMemoryLog
    private unowned let instance: Instance
    /// Steps for which this client does not reach the log.
    var cutFor = 0

    init(_ inner: InMemoryLog, of instance: Instance) {
        self.inner = inner
        self.instance = instance
    }

    var description: String { inner.description }

    func reach() throws {
        try instance.mustLive()
        guard cutFor == 0 else { throw LogError.unavailable("cut off (simulated)") }
    }

    func producer(named name: String) throws -> any LogProducer {
        try reach()
        return WatchedProducer(try inner.producer(named: name), inner, self, instance)
    }

    func consumer(_ settings: ConsumerSettings) throws -> any LogConsumer {
        try reach()
        var settings = settings
        // A frozen instance still believes that every partition is its own.
        if instance.isZombie { settings.group = "" }
        return WatchedConsumer(try inner.consumer(settings), self, instance)
    }

    func ensure(_ topics: [TopicPlan]) throws {
        try reach()
        try inner.ensure(topics)
    }

    func drift(of topics: [TopicPlan]) throws -> [TopicDrift] {
        try reach()
        return try inner.drift(of: topics)
    }

    func topics() throws -> [String: Int] {
        try reach()
        return try inner.topics()
    }

    func ends(_ topics: [String]) throws -> [TopicPartition: Int64] {
        try reach()
        return try inner.ends(topics)
    }

    func starts(_ topics: [String]) throws -> [TopicPartition: Int64] {
        try reach()
        return try inner.starts(topics)
    }

    func lastRecords(_ partitions: [TopicPartition]) throws -> [TopicPartition: LogRecord] {
        try reach()
        return try inner.lastRecords(partitions)
    }

    func records(at offsets: [TopicPartition: Int64]) throws -> [TopicPartition: LogRecord] {
        try reach()
        let renumbered = instance.world.memory.renumbered
        return Dictionary(
            uniqueKeysWithValues: try inner.records(at: offsets).map { ($0, renumbered[$0]?[$1.offset] ?? $1) })
    }
}

/// Sends for one service; dies before or after, is refused in part, and freezes while others go on.
final class WatchedProducer: LogProducer {
    private let base: any LogProducer
    private let shared: InMemoryLog
    private let log: WatchedLog
    private unowned let instance: Instance

    init(_ base: any LogProducer, _ shared: InMemoryLog, _ log: WatchedLog, _ instance: Instance) {
        self.base = base
        self.shared = shared
        self.log = log
        self.instance = instance
    }

    var waker: Waker { base.waker }

    func send(_ batch: [OutgoingRecord]) throws -> SendResult {
        let world = instance.world
        try log.reach()
        if let result = try world.mutation?.send(batch, through: self, of: instance) { return result }
        return try deliver(batch)
    }

    /// Sends with whatever goes wrong.
    func deliver(_ batch: [OutgoingRecord]) throws -> SendResult {
        let world = instance.world
        let plan = world.plan
        guard world.faultsAreOn else { return try base.send(batch) }
        if world.dice.happens(plan.crashBeforeSend) { try instance.crash("before a send") }
        if world.dice.happens(plan.lateArrival) { world.stray.append(batch) }
        // A frozen relay wakes with its records still in hand.
        if instance.isZombie { try world.othersGoOn(instead: instance) }
        var sent = batch
        var refused: [TopicPartition: LogError] = [:]
        if world.dice.happens(plan.partlyRefused), let place = world.dice.pick(batch)?.topicPartition {
            refused[place] = .unavailable("a partition without a leader (simulated)")
            world.note("\(instance.name): \(place) refuses a part of a batch")
            let of = batch.filter { $0.topicPartition == place }.count
            var kept = world.dice.below(of)
            sent = batch.filter { record in
                guard record.topicPartition == place else { return true }
                kept -= 1
                return kept >= 0
            }
        }
        let result = try base.send(sent)
        if instance.isZombie { try world.othersGoOn(instead: instance) }
        if world.dice.happens(plan.crashAfterSend) { try instance.crash("after a send") }
        guard !refused.isEmpty else { return result }
        var offsets = result.offsets[...]
        var taken: [TopicPartition: Int] = [:]
        for record in sent { taken[record.topicPartition, default: 0] += 1 }
        return SendResult(
            offsets: batch.map { record in
                guard let left = taken[record.topicPartition], left > 0 else { return nil }
                taken[record.topicPartition] = left - 1
                return offsets.popFirst() ?? nil
            }, failures: result.failures.merging(refused) { $1 })
    }

    func close(within: Duration) { base.close(within: within) }
}

/// Reads for one service; what comes from different partitions comes in any order.
final class WatchedConsumer: LogConsumer {
    private let base: any LogConsumer
    private let log: WatchedLog
    private unowned let instance: Instance

    init(_ base: any LogConsumer, _ log: WatchedLog, _ instance: Instance) {
        self.base = base
        self.log = log
        self.instance = instance
    }

    var assignment: [TopicPartition] { base.assignment }
    var waker: Waker { base.waker }

    func poll(max: Int, wait: Duration) throws -> [LogRecord] {
        try log.reach()
        // What somebody waits for passes on the simulated clock, not in the run.
        let records = try base.poll(max: max, wait: .zero)
        let world = instance.world
        if records.isEmpty { world.time.pass(milliseconds: Int64(wait.wholeMilliseconds)) }
        guard world.faultsAreOn, records.count > 1 else { return world.mutation?.polled(records, by: instance) ?? records }
        // The order within a partition stays, that between partitions is drawn.
        var runs: [TopicPartition: [LogRecord]] = [:]
        for record in records { runs[record.topicPartition, default: []].append(record) }
        let mixed = world.dice.shuffled(runs.keys.sorted()).flatMap { runs[$0]! }
        return world.mutation?.polled(mixed, by: instance) ?? mixed
    }

    func seek(_ partition: TopicPartition, to offset: Int64) throws {
        try instance.mustLive()
        try base.seek(partition, to: offset)
    }

    func pause(_ partitions: [TopicPartition]) throws { try base.pause(partitions) }
    func resume(_ partitions: [TopicPartition]) throws { try base.resume(partitions) }
    func commit(_ positions: [TopicPartition: Int64]) { base.commit(positions) }
    func close(within: Duration) { base.close(within: within) }
}
