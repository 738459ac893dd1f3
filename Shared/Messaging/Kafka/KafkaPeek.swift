import CRdKafka

extension KafkaLog {
    func lastRecords(_ partitions: [TopicPartition]) throws -> [TopicPartition: LogRecord] {
        let reach = try reach(of: partitions)
        var open: [TopicPartition: LastRecordSearch] = [:]
        for (partition, range) in reach where !range.isEmpty {
            open[partition] = LastRecordSearch(start: range.lowerBound, end: range.upperBound, from: range.upperBound - 1)
        }
        guard !open.isEmpty else { return [:] }
        let reader = try PeekReader(self)
        defer { reader.close() }
        var found: [TopicPartition: LogRecord] = [:]
        // Each partition from close before its end, further back where compaction or markers left nothing there.
        while !open.isEmpty {
            try reader.read(open.mapValues(\.from)) { record in
                found[record.topicPartition] = record
                return record.offset >= (open[record.topicPartition]?.end ?? 0) - 1
            }
            for (partition, search) in open { open[partition] = found[partition] == nil ? search.furtherBack : nil }
        }
        return found
    }

    func records(at offsets: [TopicPartition: Int64]) throws -> [TopicPartition: LogRecord] {
        let reach = try reach(of: Array(offsets.keys))
        let present = offsets.filter { reach[$0.key]?.contains($0.value) == true }
        guard !present.isEmpty else { return [:] }
        let reader = try PeekReader(self)
        defer { reader.close() }
        var found: [TopicPartition: LogRecord] = [:]
        // The first record that comes is the one, or stands behind a place where nothing is any more.
        try reader.read(present) { record in
            if record.offset == present[record.topicPartition] { found[record.topicPartition] = record }
            return true
        }
        return found
    }

    /// From each partition's first readable offset to its end. Throws for one that does not exist.
    private func reach(of partitions: [TopicPartition]) throws -> [TopicPartition: Range<Int64>] {
        let known = try topics()
        for partition in partitions where !(0..<Int32(known[partition.topic] ?? 0)).contains(partition.partition) {
            throw known[partition.topic] == nil ? LogError.unknownTopic(partition.topic) : LogError.unknownPartition(partition)
        }
        let ends = try offsets(of: partitions, at: -1)
        let starts = try offsets(of: partitions, at: -2)
        return ends.reduce(into: [:]) { reach, end in
            let start = starts[end.key] ?? 0
            reach[end.key] = start..<max(start, end.value)
        }
    }
}

/// Reads a few records at known places, with a client of its own that belongs to no group.
private final class PeekReader {
    private let log: KafkaLog
    private let client: KafkaClient
    private let deadline: ContinuousClock.Instant
    /// Partitions that were read to where they were wanted. librdkafka remembers their pause across assignments.
    private var paused: Set<TopicPartition> = []

    init(_ log: KafkaLog) throws {
        self.log = log
        client = try log.makeClient(RD_KAFKA_CONSUMER, log.options.peeking("careloop-peek"))
        deadline = .now + log.options.requestTimeout
        rd_kafka_poll_set_consumer(client.handle)
    }

    func close() { client.destroy(within: .seconds(5)) }

    /// Hands out the records of each partition from its offset on, until `take` says that the partition is done or it ends.
    /// Throws `LogError.unavailable` when that takes longer than a request may.
    func read(_ offsets: [TopicPartition: Int64], _ take: (LogRecord) -> Bool) throws {
        let code = withPartitionList(offsets.map { ($0.key, $0.value) }) { rd_kafka_assign(client.handle, $0) }
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw LogError.unavailable("the assignment failed (\(kafkaName(code)))") }
        let again = paused.intersection(offsets.keys)
        if !again.isEmpty {
            _ = withPartitionList(again.map { ($0, Int64(0)) }) { rd_kafka_resume_partitions(client.handle, $0) }
            paused.subtract(again)
            // 2.0.2 may go on elsewhere behind a resume (`reliability.md` A4, 4).
            _ = withPartitionList(again.map { ($0, offsets[$0] ?? 0) }) { kafkaCode(rd_kafka_seek_partitions(client.handle, $0, 5000)) }
        }
        var reading = Set(offsets.keys)
        while !reading.isEmpty {
            guard ContinuousClock.now < deadline else {
                throw LogError.unavailable("\(reading.count) partitions could not be read in time")
            }
            guard let message = rd_kafka_consumer_poll(client.handle, 100) else { continue }
            defer { rd_kafka_message_destroy(message) }
            guard let topic = message.pointee.rkt.flatMap({ rd_kafka_topic_name($0) }) else { continue }
            let partition = TopicPartition(topic: String(cString: topic), partition: message.pointee.partition)
            guard reading.contains(partition) else { continue }
            switch message.pointee.err {
            case RD_KAFKA_RESP_ERR_NO_ERROR: if !take(LogRecord(message, of: partition)) { continue }
            // The end, or retention was faster than we.
            case RD_KAFKA_RESP_ERR__PARTITION_EOF, RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE: break
            default: continue
            }
            reading.remove(partition)
            // What stands behind it would be fetched for nothing.
            _ = withPartitionList([(partition, Int64(0))]) { rd_kafka_pause_partitions(client.handle, $0) }
            paused.insert(partition)
        }
    }
}

/// Where the search for a partition's last record stands.
private struct LastRecordSearch {
    let start: Int64
    let end: Int64
    var from: Int64

    /// Sixteen times further from the end; nil when the start has been searched.
    var furtherBack: LastRecordSearch? {
        guard from > start else { return nil }
        var next = self
        next.from = max(start, end - (end - from) * 16)
        return next
    }
}
