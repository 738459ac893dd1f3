import CRdKafka

/// A Kafka consumer on one thread. Positions come from the settings' `start`, never from the group's commits.
final class KafkaConsumer: LogConsumer {
    private let log: KafkaLog
    private let settings: ConsumerSettings
    private var client: KafkaClient?
    private let queue: KafkaQueue
    // Of the credentials that the client was made with.
    private var version: Int
    private let state: KafkaAssignment
    private var buffer: UnsafeMutablePointer<KafkaMessage?>
    private var capacity = 1024
    // Without a group, when the list of topics is looked at next.
    private var nextTopicLook = ContinuousClock.now
    // What an internal record's one header takes; others make their room while they are copied.
    private static let headerRoom = 64
    // Bytes read since the fetchers were woken last.
    private var unwoken = 0
    // A request wakes a fetcher when it is handed over; its answer is of no use.
    private static let wakeWait = Duration.milliseconds(5)

    init(_ log: KafkaLog, _ settings: ConsumerSettings) throws {
        self.log = log
        self.settings = settings
        state = KafkaAssignment(start: settings.start)
        version = log.options.credentials.version
        let (client, raw) = try Self.connected(log, settings, state)
        queue = KafkaQueue(raw)
        self.client = client
        buffer = .allocate(capacity: capacity)
        buffer.initialize(repeating: nil, count: capacity)
        if !settings.group.isEmpty { try subscribe(client) }
    }

    private static func connected(
        _ log: KafkaLog, _ settings: ConsumerSettings, _ state: KafkaAssignment
    ) throws(LogError) -> (KafkaClient, OpaquePointer) {
        let group = settings.group.isEmpty ? ReaderGroups.alone : settings.group
        let client = try log.makeClient(
            RD_KAFKA_CONSUMER, log.options.consumer(group, group: group, maxQueueBytes: settings.maxQueueBytes), assignment: state)
        rd_kafka_poll_set_consumer(client.handle)
        guard let queue = rd_kafka_queue_get_consumer(client.handle) else { throw .unavailable("librdkafka gave no queue") }
        return (client, queue)
    }

    /// Takes up rotated credentials: the old client leaves the group and a new one joins, from the stored positions like after any rebalance.
    /// Without a group the new one reads on where the old one was.
    private func renew() throws {
        let current = log.options.credentials.version
        guard let old = client, current != version else { return }
        version = current
        let (new, raw): (KafkaClient, OpaquePointer)
        do { (new, raw) = try Self.connected(log, settings, state) } catch {
            // The old ones may be good for a while; the next change is tried again.
            EventLogDiagnostics.report(.error, "Kafka consumer \(settings.group): the new credentials are not usable: \(error)")
            return
        }
        leave(old, .now + .seconds(5))
        queue.replace(with: raw)
        client = new
        old.destroy(within: .seconds(5))
        EventLogDiagnostics.report(.info, "Kafka consumer \(settings.group): new credentials, new client")
        if settings.group.isEmpty { state.apply(new.handle) } else { try subscribe(new) }
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
        try renew()
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
        var batch = RecordBatchBuilder(records: count, bytes: room(for: count))
        var index = 0
        while index < count { index += take(from: index, below: count, into: &batch, client) }
        unwoken += batch.byteCount
        let records = batch.finish()
        wakeFetchers(client)
        for place in state.places.values where place.awaitsSeek { try seekBack(place, client) }
        if records.isEmpty { try state.throwIfStopped() }
        return records
    }

    /// At its bound of bytes librdkafka's fetcher sleeps for up to a second, however soon the queue is empty (`toolchain.md` 1). A request to
    /// the broker it reads from wakes it. Four times for each full queue, so that the last time finds it well below the bound.
    private func wakeFetchers(_ client: KafkaClient) {
        guard unwoken >= settings.maxQueueBytes / 4 else { return }
        unwoken = 0
        _ = withPartitionList(state.places.keys.lazy.map { ($0, -1) }) {
            rd_kafka_offsets_for_times(client.handle, $0, Self.wakeWait.milliseconds)
        }
    }

    /// The bytes of the messages read, headers guessed.
    private func room(for count: Int) -> Int {
        var bytes = 0
        for index in 0..<count {
            guard let message = buffer[index], message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            bytes += message.pointee.len + message.pointee.key_len + Self.headerRoom
        }
        return bytes
    }

    /// Copies out and destroys the message at `first` and those behind it that continue its partition without a gap; whatever concerns the
    /// partition is looked at once for all of them. How many messages that were.
    private func take(from first: Int, below end: Int, into batch: inout RecordBatchBuilder, _ client: KafkaClient) -> Int {
        guard let message = buffer[first] else { return 1 }
        guard let place = accepted(message, client) else {
            rd_kafka_message_destroy(message)
            return 1
        }
        let (topic, partition) = (message.pointee.rkt, message.pointee.partition)
        var next = message.pointee.offset
        var index = first
        batch.begin(place.partition)
        while index < end, let message = buffer[index], message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR,
            message.pointee.offset == next, message.pointee.partition == partition, message.pointee.rkt == topic
        {
            batch.append(message)
            rd_kafka_message_destroy(message)
            next += 1
            index += 1
        }
        place.next = next
        return index - first
    }

    /// The partition of a message that is the next in it. Nil for errors and for records that are not.
    private func accepted(_ message: KafkaMessage, _ client: KafkaClient) -> KafkaAssignment.Place? {
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            note(message, client)
            return nil
        }
        guard let place = place(of: message), state.accepts(message.pointee.offset, at: place, logStart: start(of:)) else { return nil }
        return place
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
        guard let name = rd_kafka_topic_name(topic) else { return nil }
        // Missing for a partition that was taken away while the batch was read: its new owner reads the record.
        return state.places[TopicPartition(topic: String(cString: name), partition: message.pointee.partition)]
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
        // The last is a member of the group that assigns partitions in another way, as a build of long ago might: librdkafka would ask again and
        // again without a word.
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
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

    /// For tests: librdkafka's name of the client, another one for each.
    var clientName: String? { client.flatMap { rd_kafka_name($0.handle) }.map { String(cString: $0) } }

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
        leave(client, deadline)
        queue.release()
        client.destroy(within: Swift.max(.milliseconds(100), deadline - .now))
    }

    /// Lets the group take the partitions back, until `deadline`.
    private func leave(_ client: KafkaClient, _ deadline: ContinuousClock.Instant) {
        guard !settings.group.isEmpty, let raw = queue.raw, kafkaCode(rd_kafka_consumer_close_queue(client.handle, raw)) == nil else {
            return
        }
        while rd_kafka_consumer_closed(client.handle) == 0, ContinuousClock.now < deadline {
            if let message = rd_kafka_consume_queue(raw, 50) { rd_kafka_message_destroy(message) }
        }
    }
}
