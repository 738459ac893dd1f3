/// An event log in memory, for tests: the contract of the real ones, and faults on demand or drawn from a seed.
///
/// Values copy the log: every value returned by `openEventLog("memory:")` is a log of its own.
public final class InMemoryLog: EventLog {
    let state: Monitor<State>

    struct Topic {
        var partitions: [Partition]
        var compacted: Bool
    }

    struct Partition {
        var records: [LogRecord] = []
        var first: Int64 = 0
        var next: Int64 = 0
        /// Polls for which records at or above an offset stay invisible.
        var hidden: (from: Int64, polls: Int)?
        var visibleEnd: Int64 { hidden.map { min($0.from, next) } ?? next }

        /// Where the first record at or above `offset` stands.
        func index(of offset: Int64) -> Int {
            var (low, high) = (0, records.count)
            while low < high {
                let middle = (low + high) / 2
                if records[middle].offset < offset { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    struct State {
        var topics: [String: Topic] = [:]
        var faults: LogFaults
        var random: SeededRandom
        var isCut = false
        var failNextSend: LogError?
        var dropNextAcknowledgement = false
        var swallowNext = 0
        var refused: [TopicPartition: LogError] = [:]
        var refusals = 0
        /// Members of each group in the order they came, and a number that changes with them.
        var groups: [String: (members: [Int], generation: Int)] = [:]
        var lastMember = 0
    }

    public init(seed: UInt64 = 1, faults: LogFaults = .none) {
        state = Monitor(State(faults: faults, random: SeededRandom(seed: seed)))
    }

    public var description: String { "in-memory event log, for tests" }

    public func producer(named name: String) throws -> any LogProducer { InMemoryProducer(self) }

    public func consumer(_ settings: ConsumerSettings) throws -> any LogConsumer {
        let known = try topics()
        for topic in settings.topics where known[topic] == nil { throw LogError.unknownTopic(topic) }
        return InMemoryConsumer(self, settings)
    }

    public func ensure(_ topics: [TopicPlan]) throws {
        try state.change { state in
            for plan in topics {
                if let existing = state.topics[plan.name]?.partitions.count, existing != plan.partitions {
                    throw LogError.partitionCountDiffers(topic: plan.name, planned: plan.partitions, actual: existing)
                }
            }
            for plan in topics where state.topics[plan.name] == nil {
                state.topics[plan.name] = Topic(
                    partitions: Array(repeating: Partition(), count: plan.partitions), compacted: plan.compacted)
            }
        }
    }

    public func drift(of topics: [TopicPlan]) throws -> [TopicDrift] {
        try state.withLock { state in
            try state.throwIfCut()
            return topics.sorted { $0.name < $1.name }.flatMap { plan -> [TopicDrift] in
                guard let topic = state.topics[plan.name] else { return [.missing(plan.name)] }
                return plan.drift([
                    (TopicDrift.partitions, "\(plan.partitions)", "\(topic.partitions.count)"),
                    ("compacted", "\(plan.compacted)", "\(topic.compacted)"),
                ])
            }
        }
    }

    public func topics() throws -> [String: Int] {
        try state.withLock { state in
            try state.throwIfCut()
            return state.topics.mapValues(\.partitions.count)
        }
    }

    public func ends(_ topics: [String]) throws -> [TopicPartition: Int64] { try offsets(topics, \.next) }
    public func starts(_ topics: [String]) throws -> [TopicPartition: Int64] { try offsets(topics, \.first) }

    private func offsets(_ topics: [String], _ place: KeyPath<Partition, Int64>) throws -> [TopicPartition: Int64] {
        try state.withLock { state in
            try state.throwIfCut()
            var offsets: [TopicPartition: Int64] = [:]
            for topic in topics {
                guard let partitions = state.topics[topic]?.partitions else { throw LogError.unknownTopic(topic) }
                for (index, partition) in partitions.enumerated() {
                    offsets[TopicPartition(topic: topic, partition: Int32(index))] = partition[keyPath: place]
                }
            }
            return offsets
        }
    }

    public func lastRecords(_ partitions: [TopicPartition]) throws -> [TopicPartition: LogRecord] {
        try state.withLock { state in
            try state.throwIfCut()
            var found: [TopicPartition: LogRecord] = [:]
            for partition in partitions { found[partition] = try state.partition(partition).records.last }
            return found
        }
    }

    public func records(at offsets: [TopicPartition: Int64]) throws -> [TopicPartition: LogRecord] {
        try state.withLock { state in
            try state.throwIfCut()
            var found: [TopicPartition: LogRecord] = [:]
            for (place, offset) in offsets {
                let partition = try state.partition(place)
                let index = partition.index(of: offset)
                if index < partition.records.count, partition.records[index].offset == offset { found[place] = partition.records[index] }
            }
            return found
        }
    }

    // MARK: For tests

    /// Every record of a topic, partition after partition.
    public func records(_ topic: String) -> [LogRecord] { state.withLock { $0.topics[topic]?.partitions.flatMap(\.records) ?? [] } }

    /// Until `restore`, every call throws `LogError.unavailable`.
    public func cut() { state.change { $0.isCut = true } }
    public func restore() { state.change { $0.isCut = false } }

    /// The next send appends nothing and throws this.
    public func failNextSend(_ error: LogError = .fatal("asked for by a test")) { state.change { $0.failNextSend = error } }

    /// The next send appends its batch and throws `LogError.unavailable`.
    public func dropNextAcknowledgement() { state.change { $0.dropNextAcknowledgement = true } }

    /// The next `count` records are acknowledged and not appended; their offsets stay empty.
    public func swallowNext(_ count: Int = 1) { state.change { $0.swallowNext += count } }

    /// Until it is taken back with nil, sends to this partition fail with `error`; a fatal one takes the batch and its producer with it.
    public func refuse(_ partition: TopicPartition, _ error: LogError?) { state.change { $0.refused[partition] = error } }

    /// Sends that `refuse` has failed so far.
    public var refusals: Int { state.withLock { $0.refusals } }

    /// Appends a copy of the partition's record at `offset` at its end.
    public func repeatRecord(_ partition: TopicPartition, at offset: Int64) throws {
        try state.change { state in
            guard let record = try state.partition(partition).records.first(where: { $0.offset == offset }) else { return }
            state.append(record)
        }
    }

    /// Hides the partition's records at or above `offset` for a number of polls.
    public func delay(_ partition: TopicPartition, from offset: Int64, polls: Int) {
        state.change { $0.topics[partition.topic]?.partitions[Int(partition.partition)].hidden = (offset, polls) }
    }

    /// Drops the records below `offset`, as retention does.
    public func trim(_ partition: TopicPartition, below offset: Int64) {
        state.change { state in
            guard var part = state.topics[partition.topic]?.partitions[Int(partition.partition)] else { return }
            part.records.removeAll { $0.offset < offset }
            part.first = min(offset, part.next)
            state.topics[partition.topic]?.partitions[Int(partition.partition)] = part
        }
    }

    /// Drops a topic and makes it again: offsets begin at 0, readers keep their positions and know nothing.
    public func makeAnew(_ topic: String) {
        state.change { state in
            guard let count = state.topics[topic]?.partitions.count else { return }
            state.topics[topic]?.partitions = Array(repeating: Partition(), count: count)
        }
    }

    /// Changes what goes wrong from now on.
    public func setFaults(_ faults: LogFaults) { state.change { $0.faults = faults } }
}

extension InMemoryLog.State {
    func throwIfCut() throws { if isCut { throw LogError.unavailable("cut by a test") } }

    func partition(_ partition: TopicPartition) throws -> InMemoryLog.Partition {
        guard let topic = topics[partition.topic] else { throw LogError.unknownTopic(partition.topic) }
        guard topic.partitions.indices.contains(Int(partition.partition)) else { throw LogError.unknownPartition(partition) }
        return topic.partitions[Int(partition.partition)]
    }

    /// Appends at the end of the record's partition, which exists. The offset it got.
    @discardableResult
    mutating func append(_ record: LogRecord) -> Int64 {
        var record = record
        record.offset = topics[record.topic]!.partitions[Int(record.partition)].next
        topics[record.topic]!.partitions[Int(record.partition)].next += 1
        topics[record.topic]!.partitions[Int(record.partition)].records.append(record)
        return record.offset
    }

    /// Uses up an offset without a record.
    mutating func skip(_ partition: TopicPartition) -> Int64 {
        defer { topics[partition.topic]!.partitions[Int(partition.partition)].next += 1 }
        return topics[partition.topic]!.partitions[Int(partition.partition)].next
    }
}
