/// Appends to an in-memory log, with its faults.
final class InMemoryProducer: LogProducer {
    private var log: InMemoryLog?
    private let flag = WakeFlag()
    private var isSpent = false

    init(_ log: InMemoryLog) { self.log = log }

    var waker: Waker { flag.waker }

    func send(_ batch: [OutgoingRecord]) throws -> SendResult {
        guard let log else { throw LogError.closed }
        if isSpent { throw LogError.fatal("an earlier send was fatal") }
        if flag.take() { throw LogError.interrupted }
        do {
            return try log.state.change { try $0.send(batch) }
        } catch let error as LogError {
            if case .fatal = error { isSpent = true }
            throw error
        }
    }

    func close(within: Duration) { log = nil }
}

extension InMemoryLog.State {
    mutating func send(_ batch: [OutgoingRecord]) throws -> SendResult {
        try throwIfCut()
        if let error = failNextSend {
            failNextSend = nil
            throw error
        }
        if random.happens(faults.refused) { throw LogError.fatal("drawn from the seed") }
        for record in batch {
            guard let error = refused[record.topicPartition] else { continue }
            refusals += 1
            guard case .fatal = error else { break }
            throw error
        }
        let result = append(batch)
        let dropsAcknowledgement = dropNextAcknowledgement || random.happens(faults.unacknowledged)
        dropNextAcknowledgement = false
        if dropsAcknowledgement { throw LogError.unavailable("the acknowledgement was lost") }
        return result
    }

    private mutating func append(_ batch: [OutgoingRecord]) -> SendResult {
        var result = SendResult(offsets: [])
        var again: [LogRecord] = []
        let stored = LogRecord.stored(batch)
        for (index, record) in batch.enumerated() {
            let partition = record.topicPartition
            if result.failures[partition] == nil, let failure = refusal(of: record) { result.failures[partition] = failure }
            guard result.failures[partition] == nil else {
                result.offsets.append(nil)
                continue
            }
            if swallowNext > 0 || random.happens(faults.swallowed) {
                swallowNext = max(0, swallowNext - 1)
                result.offsets.append(skip(partition))
                continue
            }
            let offset = append(stored[index])
            result.offsets.append(offset)
            if random.happens(faults.repeated) { again.append(stored[index]) }
            if random.happens(faults.delayed), topics[record.topic]!.partitions[Int(record.partition)].hidden == nil {
                topics[record.topic]!.partitions[Int(record.partition)].hidden = (offset, Int(random.next() % 5) + 1)
            }
        }
        for record in again { append(record) }
        return result
    }

    private func refusal(of record: OutgoingRecord) -> LogError? {
        if let error = refused[record.topicPartition] { return error }
        guard let topic = topics[record.topic] else { return .unknownTopic(record.topic) }
        guard topic.partitions.indices.contains(Int(record.partition)) else { return .unknownPartition(record.topicPartition) }
        return record.byteCount > LogLimits.maxRecordBytes ? .recordTooLarge(record.topicPartition, bytes: record.byteCount) : nil
    }
}

extension LogRecord {
    /// A batch as it is read later, but for the offsets.
    fileprivate static func stored(_ batch: [OutgoingRecord]) -> [LogRecord] {
        var builder = RecordBatchBuilder(records: batch.count)
        for record in batch {
            builder.begin(record.topicPartition)
            builder.append(offset: 0, timestamp: record.timestamp, key: record.key, value: record.value, headers: record.headers)
        }
        return builder.finish()
    }
}

/// Reads an in-memory log. Members of a group share its partitions; they change hands at the next poll.
final class InMemoryConsumer: LogConsumer {
    private struct Place {
        var next: Int64?
        var isPaused = false
        var stopped: LogError?
    }

    private var log: InMemoryLog?
    private let settings: ConsumerSettings
    private let flag = WakeFlag()
    private let member: Int
    private let group: String
    private var generation = -1
    private var topicCount = -1
    private var places: [TopicPartition: Place] = [:]
    /// The partitions of `places`, sorted.
    private var order: [TopicPartition] = []
    private var turn = 0

    init(_ log: InMemoryLog, _ settings: ConsumerSettings) {
        self.log = log
        self.settings = settings
        (member, group) = log.state.change { state in
            state.lastMember += 1
            // Readers without a group have nothing to do with each other: each is a group of its own.
            let group = settings.group.isEmpty ? "alone \(state.lastMember)" : settings.group
            state.groups[group, default: ([], 0)].members.append(state.lastMember)
            state.groups[group]!.generation += 1
            return (state.lastMember, group)
        }
    }

    deinit { close(within: .zero) }

    var assignment: [TopicPartition] { Array(places.keys) }

    var waker: Waker {
        let (flag, state) = (flag, log?.state)
        return Waker {
            flag.raise()
            state?.change { _ in }
        }
    }

    func poll(max: Int, wait: Duration) throws -> [LogRecord] {
        precondition(max > 0, "a poll asks for at least one record")
        guard let log else { throw LogError.closed }
        let deadline = ContinuousClock.now + wait
        return try log.state.wait(until: deadline) { state in
            try state.throwIfCut()
            try takeAssignment(&state)
            let records = read(&state, max)
            if records.isEmpty { for place in places.values { if let stopped = place.stopped { throw stopped } } }
            return records.isEmpty && !flag.take() ? nil : records
        } ?? []
    }

    /// Follows the group's members and new topics.
    private func takeAssignment(_ state: inout InMemoryLog.State) throws {
        guard let group = state.groups[group], group.generation != generation || state.topics.count != topicCount else { return }
        let wanted = state.topics.filter { settings.wants($0.key) }
            .flatMap { topic, body in body.partitions.indices.map { TopicPartition(topic: topic, partition: Int32($0)) } }
            .sorted()
        let rank = group.members.firstIndex(of: member) ?? 0
        let mine = wanted.enumerated().filter { $0.offset % group.members.count == rank }.map(\.element)
        // A partition kept through a rebalance starts again from its stored position, as it does with Kafka's eager assignors; a new topic
        // alone takes nothing away.
        let isRebalance = group.generation != generation
        places = try Dictionary(
            uniqueKeysWithValues: mine.map { partition in
                if !isRebalance, let place = places[partition] { return (partition, place) }
                return (partition, Place(next: try settings.start(partition), isPaused: places[partition]?.isPaused ?? false))
            })
        order = mine
        generation = group.generation
        topicCount = state.topics.count
    }

    private func read(_ state: inout InMemoryLog.State, _ max: Int) -> [LogRecord] {
        var records: [LogRecord] = []
        var bytes = 0
        turn += 1
        let limit = state.random.happens(state.faults.shortened) ? 1 + Int(state.random.next() % UInt64(max)) : max
        for index in order.indices {
            let partition = order[(index + turn) % order.count]
            guard var place = places[partition], !place.isPaused, place.stopped == nil else { continue }
            let part = state.topics[partition.topic]!.partitions[Int(partition.partition)]
            let from = place.next ?? part.first
            // Most partitions have nothing new most of the time.
            if from == part.next { continue }
            defer { places[partition] = place }
            if from > part.next {
                place.stopped = .positionBeyondEnd(partition, position: from, end: part.next)
            } else if from < part.first {
                place.stopped = .positionBeforeStart(partition, position: from, start: part.first)
            }
            guard place.stopped == nil, from < part.next else { continue }
            let end = part.visibleEnd
            if let hidden = part.hidden {
                state.topics[partition.topic]!.partitions[Int(partition.partition)].hidden =
                    hidden.polls > 1 ? (hidden.from, hidden.polls - 1) : nil
            }
            for record in part.records[part.index(of: from)...] {
                guard record.offset < end, records.count < limit, records.isEmpty || bytes < settings.maxQueueBytes else { break }
                bytes += record.byteCount
                place.next = record.offset + 1
                records.append(record)
            }
        }
        return records
    }

    func seek(_ partition: TopicPartition, to offset: Int64) throws {
        guard log != nil else { throw LogError.closed }
        guard places[partition] != nil else { throw LogError.unknownPartition(partition) }
        places[partition]!.next = offset
        places[partition]!.stopped = nil
    }

    func pause(_ partitions: [TopicPartition]) throws { try setPaused(partitions, true) }
    func resume(_ partitions: [TopicPartition]) throws { try setPaused(partitions, false) }

    private func setPaused(_ partitions: [TopicPartition], _ isPaused: Bool) throws {
        guard log != nil else { throw LogError.closed }
        for partition in partitions { places[partition]?.isPaused = isPaused }
    }

    func commit(_ positions: [TopicPartition: Int64]) {}

    func close(within: Duration) {
        guard let log else { return }
        self.log = nil
        places = [:]
        order = []
        log.state.change { state in
            state.groups[group]?.members.removeAll { $0 == member }
            state.groups[group]?.generation += 1
        }
    }
}
