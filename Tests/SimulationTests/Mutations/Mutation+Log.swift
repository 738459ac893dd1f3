import Contracts
import Messaging
import Persistence

/// Mutations of how events come to the log and from it.
extension Mutation {
    /// Sends for the relay in its own wrong way; nil where the mutation has nothing to do with sending.
    func send(_ batch: [OutgoingRecord], through producer: WatchedProducer, of instance: Instance) throws -> SendResult? {
        switch self {
        case .markBeforeAcknowledgement:
            try instance.database?.inner.write { tx in
                for record in batch {
                    guard let number = Wire.number(record.value ?? [], record.headers) else { continue }
                    try tx.run(
                        Self.mark, [.int(number), .text(record.topic), .int(Int64(record.partition)), .int(number)])
                }
            }
            return try producer.deliver(batch)
        case .failedSendOvertaken: return try overtake(batch, producer, instance.world)
        case .numbersAfterProduce: return try number(batch, producer, instance.world)
        default: return nil
        }
    }

    private static let mark = SQL("UPDATE streams SET acknowledged = ? WHERE topic = ? AND partition_no = ? AND acknowledged < ?")

    /// The first row of a partition fails; the others are not made to wait, and it comes after them.
    private func overtake(_ batch: [OutgoingRecord], _ producer: WatchedProducer, _ world: World) throws -> SendResult? {
        guard world.faultsAreOn, world.dice.happens(100),
            let first = batch.indices.first(where: { index in
                batch[(index + 1)...].contains { $0.topicPartition == batch[index].topicPartition }
            })
        else { return nil }
        let order = batch.indices.filter { $0 != first } + [first]
        let result = try producer.deliver(order.map { batch[$0] })
        var offsets = [Int64?](repeating: nil, count: batch.count)
        for (index, offset) in zip(order, result.offsets) { offsets[index] = offset }
        return SendResult(offsets: offsets, failures: result.failures)
    }

    /// Takes numbers from a sequence that no rollback gives back, and keeps them with the row when the log has it.
    private func number(_ batch: [OutgoingRecord], _ producer: WatchedProducer, _ world: World) throws -> SendResult? {
        var numbered = batch
        var given: [(index: Int, id: String, number: Int64)] = []
        for (index, record) in batch.enumerated() {
            guard record.headers.contains(where: { $0.text == Envelope.contentType }) else { continue }
            var (meta, data) = try Envelope.decode(record.value ?? [])
            let place = record.topicPartition
            let number = world.memory.kept[meta.id] ?? (world.memory.taken[place] ?? 0) + 1
            world.memory.taken[place] = max(world.memory.taken[place] ?? 0, number)
            meta.sequence = EventSequence(epoch: meta.sequence?.epoch ?? 1, number: number)
            numbered[index].value = Envelope.encode(meta, data: data)
            given.append((index, meta.id, number))
            data = []
        }
        let result = try producer.deliver(numbered)
        for (index, id, number) in given where result.offsets[index] != nil { world.memory.kept[id] = number }
        return result
    }

    /// What a consumer is given that looks at numbers wrongly: records it must not apply come under the number it waits for.
    func polled(_ records: [LogRecord], by instance: Instance) -> [LogRecord] {
        guard self == .gapApplied || self == .repeatApplied else { return records }
        var applied: [TopicPartition: Int64] = [:]
        // A store that cannot be read now gives no positions; then nothing is changed.
        let rows = (try? instance.database?.inner.read { try $0.rows(Self.positions) { ($0.text(0), Int32($0.int(1)), $0.int(2)) } }) ?? []
        for (topic, partition, number) in rows { applied[TopicPartition(topic: topic, partition: partition)] = number }
        return records.map { record in
            guard let number = Wire.number(record.value ?? [], record.headers), record.header("ce_id") == nil else { return record }
            let place = record.topicPartition
            let last = applied[place] ?? 0
            if number == last + 1 { applied[place] = number }
            guard self == .gapApplied ? number > last + 1 : number <= last else { return record }
            applied[place] = last + 1
            let given = Self.renumbered(record, last + 1)
            instance.world.memory.renumbered[place, default: [:]][record.offset] = given
            return given
        }
    }

    private static let positions = SQL("SELECT topic, partition_no, last_number FROM positions")

    private static func renumbered(_ record: LogRecord, _ number: Int64) -> LogRecord {
        guard let (meta, data) = try? Envelope.decode(record.value ?? []) else { return record }
        var changed = meta
        changed.sequence = EventSequence(epoch: meta.sequence?.epoch ?? 1, number: number)
        return LogRecord(
            topic: record.topic, partition: record.partition, offset: record.offset, key: record.key,
            value: Envelope.encode(changed, data: data), headers: record.headers, timestamp: record.timestamp)
    }
}
