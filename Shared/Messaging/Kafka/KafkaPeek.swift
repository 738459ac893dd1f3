import CRdKafka

extension KafkaLog {
    func lastRecords(_ partitions: [TopicPartition]) throws -> [TopicPartition: LogRecord] {
        let known = try topics()
        for partition in partitions where !(0..<Int32(known[partition.topic] ?? 0)).contains(partition.partition) {
            throw known[partition.topic] == nil ? LogError.unknownTopic(partition.topic) : LogError.unknownPartition(partition)
        }
        let ends = try offsets(of: partitions, at: -1)
        let starts = try offsets(of: partitions, at: -2)
        var open: [TopicPartition: LastRecordSearch] = [:]
        for partition in partitions {
            guard let end = ends[partition], let start = starts[partition], end > start else { continue }
            open[partition] = LastRecordSearch(start: start, end: end, from: end - 1)
        }
        guard !open.isEmpty else { return [:] }
        let client = try KafkaClient(RD_KAFKA_CONSUMER, properties: options.peeking("careloop-peek"))
        defer { client.destroy(within: .seconds(5)) }
        rd_kafka_poll_set_consumer(client.handle)
        return try search(&open, client)
    }

    /// Reads each partition from close before its end, further back where compaction or markers left nothing there.
    private func search(_ open: inout [TopicPartition: LastRecordSearch], _ client: KafkaClient) throws -> [TopicPartition: LogRecord] {
        var found: [TopicPartition: LogRecord] = [:]
        let deadline = ContinuousClock.now + options.requestTimeout
        while !open.isEmpty {
            let code = withPartitionList(open.map { ($0.key, $0.value.from) }) { rd_kafka_assign(client.handle, $0) }
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw LogError.unavailable("the assignment failed (\(kafkaName(code)))") }
            var reading = Set(open.keys)
            while !reading.isEmpty {
                guard ContinuousClock.now < deadline else {
                    throw LogError.unavailable("\(reading.count) last records could not be read in time")
                }
                guard let message = rd_kafka_consumer_poll(client.handle, 100) else { continue }
                defer { rd_kafka_message_destroy(message) }
                guard let topic = message.pointee.rkt.flatMap({ rd_kafka_topic_name($0) }) else { continue }
                let partition = TopicPartition(topic: String(cString: topic), partition: message.pointee.partition)
                guard let search = open[partition] else { continue }
                if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                    found[partition] = LogRecord(message, of: partition)
                    if message.pointee.offset >= search.end - 1 { reading.remove(partition) }
                } else if message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF {
                    reading.remove(partition)
                }
            }
            for (partition, search) in open { open[partition] = found[partition] == nil ? search.furtherBack : nil }
        }
        return found
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
