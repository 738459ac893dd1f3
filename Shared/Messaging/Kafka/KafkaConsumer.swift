import CRdKafka

/// A Kafka consumer on one thread. Positions come from the settings' `start`, never from the group's commits.
final class KafkaConsumer: LogConsumer {
    private let log: KafkaLog
    private let settings: ConsumerSettings
    private var client: KafkaClient?
    private let queue: KafkaQueue
    private let state: KafkaAssignment
    private var buffer: UnsafeMutablePointer<KafkaMessage?>
    private var capacity = 1024
    // Without a group, when the list of topics is looked at next.
    private var nextTopicLook = ContinuousClock.now
    // Where the record before this one belonged: records come in runs of one partition.
    private var recent: (topic: OpaquePointer, partition: Int32, place: KafkaAssignment.Place)?

    init(_ log: KafkaLog, _ settings: ConsumerSettings) throws {
        self.log = log
        self.settings = settings
        state = KafkaAssignment(start: settings.start)
        let group = settings.group.isEmpty ? "careloop-reader" : settings.group
        let client = try KafkaClient(
            RD_KAFKA_CONSUMER, properties: log.options.consumer(group, group: group, maxQueueBytes: settings.maxQueueBytes),
            callbacks: state
        ) { handle, code, list, opaque in
            guard let handle, let opaque else { return }
            Unmanaged<KafkaAssignment>.fromOpaque(opaque).takeUnretainedValue().rebalance(handle, code, list)
        }
        rd_kafka_poll_set_consumer(client.handle)
        guard let consumerQueue = rd_kafka_queue_get_consumer(client.handle) else { throw LogError.unavailable("librdkafka gave no queue") }
        queue = KafkaQueue(consumerQueue)
        self.client = client
        buffer = .allocate(capacity: capacity)
        buffer.initialize(repeating: nil, count: capacity)
        if !settings.group.isEmpty { try subscribe(client) }
    }

    deinit {
        close(within: .seconds(5))
        buffer.deallocate()
    }

    var assignment: [TopicPartition] { Array(state.places.keys) }
    var waker: Waker { queue.waker }

    private func subscribe(_ client: KafkaClient) throws {
        let names = settings.topics + settings.patterns.map(\.expression)
        let code = withPartitionList(names.map { (TopicPartition(topic: $0, partition: -1), 0) }) { rd_kafka_subscribe(client.handle, $0) }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw LogError.rejected(code: kafkaName(code), "the subscription") }
    }

    // MARK: Reading

    func poll(max: Int, wait: Duration) throws -> [LogRecord] {
        precondition(max > 0, "a poll asks for at least one record")
        guard let client, let queue = queue.raw else { throw LogError.closed }
        state.retry(client.handle)
        try state.throwIfStopped()
        if settings.group.isEmpty { try lookForTopics(client) }
        guard let first = rd_kafka_consume_queue(queue, wait.milliseconds) else {
            try state.throwIfStopped()
            return []
        }
        reserve(max)
        buffer[0] = first
        var count = 1
        // The batch call alone would wait until it is full (`toolchain.md` 1).
        if max > 1 { count += Swift.max(0, rd_kafka_consume_batch_queue(queue, 0, buffer + 1, max - 1)) }
        var records: [LogRecord] = []
        records.reserveCapacity(count)
        var known: [LogHeader] = []
        recent = nil
        for index in 0..<count {
            guard let message = buffer[index] else { continue }
            guard let record = take(message, known: known, client) else { continue }
            known = record.headers
            records.append(record)
        }
        recent = nil
        for place in state.places.values where place.awaitsSeek { try seekBack(place, client) }
        if records.isEmpty { try state.throwIfStopped() }
        return records
    }

    /// Copies a message out and destroys it. Nil for errors and for records that are not next in their partition.
    private func take(_ message: KafkaMessage, known: [LogHeader], _ client: KafkaClient) -> LogRecord? {
        defer { rd_kafka_message_destroy(message) }
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            note(message, client)
            return nil
        }
        guard let place = place(of: message) else { return nil }
        guard state.accepts(message.pointee.offset, at: place, logStart: start(of:)) else { return nil }
        return LogRecord(message, of: place.partition, known: known)
    }

    /// Where a partition of the log starts; nil when the broker does not answer in time.
    private func start(of partition: TopicPartition) -> Int64? {
        do { return try log.offsets(of: [partition], at: -2)[partition] } catch {
            EventLogDiagnostics.report(.info, "the start of \(partition) is not known yet: \(error)")
            return nil
        }
    }

    private func place(of message: KafkaMessage) -> KafkaAssignment.Place? {
        guard let topic = message.pointee.rkt else { return nil }
        let partition = message.pointee.partition
        if let recent, recent.topic == topic, recent.partition == partition { return recent.place }
        guard let name = rd_kafka_topic_name(topic) else { return nil }
        // A record of a partition that was taken away while the batch was read: its new owner reads it.
        guard let place = state.places[TopicPartition(topic: String(cString: name), partition: partition)] else { return nil }
        recent = (topic, partition, place)
        return place
    }

    private func reserve(_ count: Int) {
        guard count > capacity else { return }
        buffer.deallocate()
        capacity = count
        buffer = .allocate(capacity: capacity)
        buffer.initialize(repeating: nil, count: capacity)
    }

    /// An error that came in a record's place.
    private func note(_ message: KafkaMessage, _ client: KafkaClient) {
        let code = message.pointee.err
        let text = rd_kafka_message_errstr(message).map { String(cString: $0) } ?? ""
        switch code {
        case RD_KAFKA_RESP_ERR__PARTITION_EOF: return
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
            if let place = place(of: message) { stop(place, client) }
        case RD_KAFKA_RESP_ERR__FATAL: state.failure = LogError.fatal(client.fatalError ?? text)
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            state.failure = LogError.rejected(code: kafkaName(code), text)
        default: EventLogDiagnostics.report(.warning, "Kafka consumer: \(kafkaName(code)): \(text)")
        }
    }

    /// The broker has no record at the stored position: says on which side of the log it lies. A position inside the log was a passing
    /// fault (`reliability.md` A4, 8) and is read again.
    private func stop(_ place: KafkaAssignment.Place, _ client: KafkaClient) {
        do {
            let partition = place.partition
            let end = try log.offsets(of: [partition], at: -1)[partition] ?? 0
            let start = try log.offsets(of: [partition], at: -2)[partition] ?? 0
            if place.next > end {
                place.stopped = .positionBeyondEnd(partition, position: place.next, end: end)
            } else if place.next >= 0, place.next < start {
                place.stopped = .positionBeforeStart(partition, position: place.next, start: start)
            } else {
                state.apply(client.handle)
            }
        } catch {
            place.stopped = error
        }
    }

    // MARK: Moving

    func seek(_ partition: TopicPartition, to offset: Int64) throws {
        guard let client else { throw LogError.closed }
        guard let place = state.places[partition] else { throw LogError.unknownPartition(partition) }
        place.next = offset
        place.soughtBackTo = nil
        if place.stopped == nil {
            try move([place], client)
        } else {
            // librdkafka seeks only where it is fetching.
            place.stopped = nil
            state.apply(client.handle)
        }
    }

    private func seekBack(_ place: KafkaAssignment.Place, _ client: KafkaClient) throws {
        EventLogDiagnostics.report(.info, "\(place.partition) goes back to \(place.next): records before the one that came are missing")
        place.awaitsSeek = false
        place.soughtBackTo = place.next
        try move([place], client)
    }

    /// Makes librdkafka fetch these partitions from our next offsets, by a seek or, where it cannot, by assigning everything anew.
    private func move(_ places: [KafkaAssignment.Place], _ client: KafkaClient) throws {
        let moved = withPartitionList(places.map { ($0.partition, $0.startOffset) }) { list in
            let code = kafkaCode(rd_kafka_seek_partitions(client.handle, list, 5000))
            return code == nil && list.entries.allSatisfy { $0.code == RD_KAFKA_RESP_ERR_NO_ERROR }
        }
        if !moved {
            state.apply(client.handle)
            if let failure = state.failure { throw failure }
        }
    }

    func pause(_ partitions: [TopicPartition]) throws {
        guard let client else { throw LogError.closed }
        let places = partitions.compactMap { state.places[$0] }.filter { !$0.isPaused }
        guard !places.isEmpty else { return }
        for place in places { place.isPaused = true }
        let code = withPartitionList(places.map { ($0.partition, 0) }) { rd_kafka_pause_partitions(client.handle, $0) }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw LogError.unavailable("pausing failed (\(kafkaName(code)))") }
    }

    func resume(_ partitions: [TopicPartition]) throws {
        guard let client else { throw LogError.closed }
        let places = partitions.compactMap { state.places[$0] }.filter(\.isPaused)
        guard !places.isEmpty else { return }
        for place in places { place.isPaused = false }
        let code = withPartitionList(places.map { ($0.partition, 0) }) { rd_kafka_resume_partitions(client.handle, $0) }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw LogError.unavailable("resuming failed (\(kafkaName(code)))") }
        // 2.0.2 may go on behind records it had read ahead before the pause (`reliability.md` A4, 4).
        try move(places, client)
    }

    func commit(_ positions: [TopicPartition: Int64]) {
        guard let client, !settings.group.isEmpty, !positions.isEmpty else { return }
        let code = withPartitionList(positions.map { ($0.key, $0.value) }) { rd_kafka_commit(client.handle, $0, 1) }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { EventLogDiagnostics.report(.info, "committing for lag tools failed (\(kafkaName(code)))") }
    }

    /// Without a group: assigns partitions of topics that appeared.
    private func lookForTopics(_ client: KafkaClient) throws {
        guard ContinuousClock.now >= nextTopicLook else { return }
        nextTopicLook = ContinuousClock.now + .seconds(settings.patterns.isEmpty ? 60 : 2)
        let wanted = try log.topics().filter { settings.wants($0.key) }
            .flatMap { topic, count in (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) } }
        let new = wanted.filter { state.places[$0] == nil }
        if !new.isEmpty { try state.extend(client.handle, with: new) }
    }

    // MARK: Closing

    /// For tests: ends like a process that is killed. The group is not told and finds out when the session is over.
    func abandon() {
        guard let client else { return }
        self.client = nil
        queue.release()
        client.destroy(within: .seconds(5))
    }

    func close(within: Duration) {
        guard let client else { return }
        self.client = nil
        let deadline = ContinuousClock.now + within
        if !settings.group.isEmpty, let raw = queue.raw, kafkaCode(rd_kafka_consumer_close_queue(client.handle, raw)) == nil {
            // Serving the queue lets the group take the partitions back.
            while rd_kafka_consumer_closed(client.handle) == 0, ContinuousClock.now < deadline {
                if let message = rd_kafka_consume_queue(raw, 50) { rd_kafka_message_destroy(message) }
            }
        }
        queue.release()
        client.destroy(within: Swift.max(.milliseconds(100), deadline - .now))
    }
}
