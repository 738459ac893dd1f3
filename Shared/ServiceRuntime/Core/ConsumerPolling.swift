import Messaging

/// How a consumer takes records from the log: in large batches where they stream in.
extension Consumer {
    // Where records stream in, a larger batch writes each page of the store once instead of several times; a trickle is never kept waiting.
    func poll(_ log: any LogConsumer, _ wait: Duration) throws -> [LogRecord] {
        var records = try log.poll(max: CoreLimits.batchRecords, wait: wait)
        var waits = 0
        while records.count >= CoreLimits.streamingRecords, records.count < CoreLimits.batchRecords, waits < CoreLimits.streamingWaits {
            do {
                let more = try log.poll(max: CoreLimits.batchRecords - records.count, wait: CoreLimits.streamingWait)
                records = Self.joined(records, more, assigned: log.assignment)
            } catch {
                // The log stands behind what is held; without going back it would never be read.
                try rewind(log, records)
                throw error
            }
            waits += 1
        }
        return records
    }

    /// What one poll gave and the next one behind it. The assignment may have changed in between: what is held of a partition that was
    /// taken away is its new owner's, and a partition that began again at its stored position gives what is held of it once more.
    static func joined(_ held: [LogRecord], _ more: [LogRecord], assigned: [TopicPartition]) -> [LogRecord] {
        let last = Dictionary(uniqueKeysWithValues: lastRecords(held[...]).map { ($0.place, held[$0.index].offset) })
        var stale = Set(last.keys).subtracting(assigned)
        var current: (topic: String, partition: Int32)?
        for record in more where current?.partition != record.partition || current?.topic != record.topic {
            current = (record.topic, record.partition)
            if record.offset <= last[record.topicPartition] ?? -1 { stale.insert(record.topicPartition) }
        }
        return (stale.isEmpty ? held : held.filter { !stale.contains($0.topicPartition) }) + more
    }
}
