import CRdKafka

/// An idempotent, gapless producer. A send that fails for good, or a fatal error, ends the producer: its caller makes a new one and sends
/// again from the first record that was not acknowledged (`reliability.md` A4, 2).
final class KafkaProducer: LogProducer {
    private let log: KafkaLog
    private let name: String
    private var client: KafkaClient?
    private let queue: KafkaQueue
    // Of the credentials that the client was made with.
    private var version: Int
    // Handles of topics that metadata has shown, with their partition counts. librdkafka frees a record twice when it is produced to a
    // partition that does not exist, so none other is ever named (`reliability.md` A4, 1).
    private var topics: [String: (handle: OpaquePointer, partitions: Int32)] = [:]
    private let arguments = UnsafeMutablePointer<rd_kafka_vu_t>.allocate(capacity: 8)
    // A producer that was interrupted may hold records whose outcome nobody waits for.
    private var isSpent = false

    init(_ log: KafkaLog, named name: String) throws(LogError) {
        self.log = log
        self.name = name
        version = log.options.credentials.version
        let (client, main) = try Self.connected(log, name)
        self.client = client
        queue = KafkaQueue(main)
    }

    private static func connected(_ log: KafkaLog, _ name: String) throws(LogError) -> (KafkaClient, OpaquePointer) {
        let client = try log.makeClient(
            RD_KAFKA_PRODUCER, log.options.producer(name), events: RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR)
        guard let main = rd_kafka_queue_get_main(client.handle) else { throw .unavailable("librdkafka gave no queue") }
        return (client, main)
    }

    deinit {
        close(within: .seconds(5))
        arguments.deallocate()
    }

    var waker: Waker { queue.waker }

    /// Between two sends nothing is on its way, so this is where rotated credentials are taken up: the new client begins with the next record.
    private func renew() {
        let current = log.options.credentials.version
        guard let old = client, current != version, !isSpent else { return }
        version = current
        do {
            let (client, main) = try Self.connected(log, name)
            release(old, within: .seconds(5))
            self.client = client
            queue.replace(with: main)
            EventLogDiagnostics.report(.info, "Kafka producer \(name): new credentials, new client")
        } catch {
            // The old ones may be good for a while; the next change is tried again.
            EventLogDiagnostics.report(.error, "Kafka producer \(name): the new credentials are not usable: \(error)")
        }
    }

    func send(_ batch: [OutgoingRecord]) throws -> SendResult { try send(batch) {} }

    func send(_ batch: [OutgoingRecord], waiting: () throws -> Void) throws -> SendResult {
        renew()
        guard let client, let events = queue.raw else { throw LogError.closed }
        guard !isSpent else { throw LogError.fatal("an earlier send was interrupted or fatal") }
        var progress = SendProgress(batch)
        do {
            for index in batch.indices {
                // What is acknowledged already is noted while the rest goes out, not all of it at the end.
                if index & 1023 == 1023 { try serve(&progress, client, events, wait: 0, waiting) }
                let partition = batch[index].topicPartition
                guard progress.failures[partition] == nil else { continue }
                do {
                    let topic = try topic(of: partition, client)
                    try produce(batch[index], index, topic, &progress, client, events, waiting)
                } catch let error as LogError where error.concernsOneRecord {
                    progress.failures[partition] = error
                }
            }
            while progress.outstanding > 0 { try serve(&progress, client, events, wait: 1000, waiting) }
        } catch {
            isSpent = true
            throw error
        }
        return progress.result(batch)
    }

    func close(within: Duration) {
        guard let client else { return }
        self.client = nil
        queue.release()
        release(client, within: within)
    }

    private func release(_ client: KafkaClient, within: Duration) {
        for topic in topics.values { rd_kafka_topic_destroy(topic.handle) }
        topics = [:]
        // Nobody waits for what is still queued, and the outbox will send it again.
        rd_kafka_purge(client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING)
        client.destroy(within: within)
    }

    /// For tests: makes the client believe in a fatal error.
    func raiseFatalError() {
        if let client { rd_kafka_test_fatal_error(client.handle, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "raised by a test") }
    }

    /// For tests: librdkafka's name of the client, another one for each.
    var clientName: String? { client.flatMap { rd_kafka_name($0.handle) }.map { String(cString: $0) } }

    // MARK: One record

    private func topic(of partition: TopicPartition, _ client: KafkaClient) throws -> OpaquePointer {
        if let topic = topics[partition.topic], partition.partition < topic.partitions, partition.partition >= 0 { return topic.handle }
        guard let count = try log.metadata(client)[partition.topic] else { throw LogError.unknownTopic(partition.topic) }
        guard (0..<Int32(count)).contains(partition.partition) else { throw LogError.unknownPartition(partition) }
        guard let handle = topics[partition.topic]?.handle ?? rd_kafka_topic_new(client.handle, partition.topic, nil) else {
            throw LogError.rejected(code: kafkaName(rd_kafka_last_error()), "topic \(partition.topic)")
        }
        topics[partition.topic] = (handle, Int32(count))
        // Tells the handle its partitions and leaders now; otherwise the first record may wait a second for them.
        var answer: UnsafePointer<rd_kafka_metadata>?
        if rd_kafka_metadata(client.handle, 0, handle, &answer, log.options.requestTimeout.milliseconds) == RD_KAFKA_RESP_ERR_NO_ERROR {
            rd_kafka_metadata_destroy(answer)
        }
        return handle
    }

    private func produce(
        _ record: OutgoingRecord, _ index: Int, _ topic: OpaquePointer, _ progress: inout SendProgress, _ client: KafkaClient,
        _ events: OpaquePointer, _ waiting: () throws -> Void
    ) throws {
        while true {
            guard let code = enqueue(record, index, topic, client) else {
                progress.outstanding += 1
                return
            }
            // 2.0.2 answers with the fatal error's own code instead of `_FATAL`.
            if let fatal = client.fatalError { throw LogError.fatal(fatal) }
            switch code {
            case RD_KAFKA_RESP_ERR__QUEUE_FULL: try serve(&progress, client, events, wait: 1000, waiting)
            case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: throw LogError.recordTooLarge(record.topicPartition, bytes: record.byteCount)
            case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
                throw LogError.unknownPartition(record.topicPartition)
            default: throw LogError.rejected(code: kafkaName(code), "\(record.topicPartition)")
            }
        }
    }

    /// Hands one record, copied, to librdkafka. Nil on success.
    private func enqueue(_ record: OutgoingRecord, _ index: Int, _ topic: OpaquePointer, _ client: KafkaClient) -> rd_kafka_resp_err_t? {
        let headers = headerList(record.headers)
        var count = 0
        func add(_ kind: rd_kafka_vtype_t, _ fill: (inout rd_kafka_vu_t) -> Void) {
            arguments[count] = rd_kafka_vu_t()
            arguments[count].vtype = kind
            fill(&arguments[count])
            count += 1
        }
        let code = record.key.withUnsafeBytes { key in
            (record.value ?? []).withUnsafeBytes { value in
                add(RD_KAFKA_VTYPE_RKT) { $0.u.rkt = topic }
                add(RD_KAFKA_VTYPE_PARTITION) { $0.u.i32 = record.partition }
                add(RD_KAFKA_VTYPE_MSGFLAGS) { $0.u.i = RD_KAFKA_MSG_F_COPY }
                add(RD_KAFKA_VTYPE_TIMESTAMP) { $0.u.i64 = record.timestamp.milliseconds }
                add(RD_KAFKA_VTYPE_OPAQUE) { $0.u.ptr = UnsafeMutableRawPointer(bitPattern: index + 1) }
                if !key.isEmpty {
                    add(RD_KAFKA_VTYPE_KEY) {
                        $0.u.mem.ptr = UnsafeMutableRawPointer(mutating: key.baseAddress)
                        $0.u.mem.size = key.count
                    }
                }
                if record.value != nil {
                    add(RD_KAFKA_VTYPE_VALUE) {
                        // An empty value needs a place to point at, or it would be a tombstone.
                        $0.u.mem.ptr = UnsafeMutableRawPointer(mutating: value.baseAddress) ?? UnsafeMutableRawPointer(arguments)
                        $0.u.mem.size = value.count
                    }
                }
                if let headers { add(RD_KAFKA_VTYPE_HEADERS) { $0.u.headers = headers } }
                return kafkaCode(rd_kafka_produceva(client.handle, arguments, count))
            }
        }
        // Ownership of the headers passes only on success.
        if code != nil, let headers { rd_kafka_headers_destroy(headers) }
        return code
    }

    private func headerList(_ headers: [LogHeader]) -> OpaquePointer? {
        guard !headers.isEmpty, let list = rd_kafka_headers_new(headers.count) else { return nil }
        for header in headers {
            header.value.withUnsafeBytes { value in
                let place = value.baseAddress ?? UnsafeRawPointer(arguments)
                _ = rd_kafka_header_add(list, header.name, header.name.utf8.count, place, value.count)
            }
        }
        return list
    }

    // MARK: Delivery reports

    /// Takes what the client has to tell, waiting up to `wait` milliseconds for the first event, and lets whoever sends have a word.
    private func serve(
        _ progress: inout SendProgress, _ client: KafkaClient, _ events: OpaquePointer, wait: Int32, _ waiting: () throws -> Void
    ) throws {
        let event = rd_kafka_queue_poll(events, wait)
        if let event {
            defer { rd_kafka_event_destroy(event) }
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_DR:
                while let message = rd_kafka_event_message_next(event) { progress.note(message.pointee) }
            case RD_KAFKA_EVENT_ERROR:
                let code = rd_kafka_event_error(event)
                if code == RD_KAFKA_RESP_ERR__FATAL { throw LogError.fatal(client.fatalError ?? kafkaName(code)) }
                let reason = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? ""
                EventLogDiagnostics.report(
                    .warning, "Kafka producer: \(KafkaRefusal.named(code, reason) ?? "\(kafkaName(code)): \(reason)")")
            default: break
            }
        } else if wait > 0, log.options.credentials.version != version {
            // Whoever waits with credentials that are no longer good would wait for ever: nothing times out here.
            throw LogError.unavailable("the credentials have changed while records waited")
        }
        if let fatal = client.fatalError { throw LogError.fatal(fatal) }
        if queue.takeWake() { throw LogError.interrupted }
        try waiting()
    }
}

/// How far a send is.
struct SendProgress {
    private(set) var offsets: [Int64?]
    var failures: [TopicPartition: LogError] = [:]
    var outstanding = 0
    private let batch: [OutgoingRecord]

    init(_ batch: [OutgoingRecord]) {
        self.batch = batch
        offsets = Array(repeating: nil, count: batch.count)
    }

    /// A delivery report; the record's index stands in its opaque pointer.
    mutating func note(_ message: rd_kafka_message_t) {
        guard let place = message._private else { return }
        let index = Int(bitPattern: place) - 1
        outstanding -= 1
        if message.err == RD_KAFKA_RESP_ERR_NO_ERROR {
            offsets[index] = message.offset
            return
        }
        let partition = batch[index].topicPartition
        guard failures[partition] == nil else { return }
        failures[partition] =
            message.err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE
            ? .recordTooLarge(partition, bytes: batch[index].byteCount) : .rejected(code: kafkaName(message.err), "\(partition)")
    }

    /// The outcome; within a partition nothing after the first missing acknowledgement counts as acknowledged.
    func result(_ batch: [OutgoingRecord]) -> SendResult {
        guard !failures.isEmpty else { return SendResult(offsets: offsets) }
        var offsets = offsets
        var stopped: Set<TopicPartition> = []
        for index in batch.indices {
            let partition = batch[index].topicPartition
            if offsets[index] == nil { stopped.insert(partition) }
            if stopped.contains(partition) { offsets[index] = nil }
        }
        return SendResult(offsets: offsets, failures: failures)
    }
}

extension LogError {
    /// A failure that stops one partition of a batch and leaves the producer usable.
    var concernsOneRecord: Bool {
        switch self {
        case .rejected, .unknownTopic, .unknownPartition, .recordTooLarge: true
        default: false
        }
    }
}
