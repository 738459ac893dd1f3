import Foundation
import SQLiteStatements
import Synchronization

/// Appends to the embedded log: a batch is one synced transaction.
final class EmbeddedProducer: LogProducer {
    private struct Client {
        let connection: SQLiteConnection
        let lock: FairLock
        let readers: ReaderWaker
        let insert: SQLiteStatement
        let next: SQLiteStatement
        let advance: SQLiteStatement
    }

    private var client: Client?
    private var heads: [TopicPartition: Int64] = [:]
    private var retention = EmbeddedRetention()
    private let flag: WakeFlag

    init(_ files: EmbeddedFiles) throws(LogError) {
        flag = WakeFlag()
        let connection = try files.open()
        let lock = try FairLock(files)
        let readers = try ReaderWaker(files)
        client = try storing { () throws(SQLiteError) in
            Client(
                connection: connection, lock: lock, readers: readers,
                insert: try connection.prepare("INSERT INTO record (position, at, key, value, headers) VALUES (?, ?, ?, ?, ?)"),
                next: try connection.prepare("SELECT next FROM head WHERE id = ?"),
                advance: try connection.prepare("UPDATE head SET next = ? WHERE id = ?"))
        }
    }

    var waker: Waker { flag.waker }

    func send(_ batch: [OutgoingRecord]) throws -> SendResult {
        guard let client else { throw LogError.closed }
        if flag.take() { throw LogError.interrupted }
        var result = SendResult(offsets: Array(repeating: nil, count: batch.count))
        let places = try places(of: batch, client, &result)
        guard places.contains(where: { $0 != nil }) else { return result }
        result.offsets = try client.lock.hold { () throws(LogError) in
            try storing { () throws(SQLiteError) in
                try client.connection.transaction { () throws(SQLiteError) in
                    let offsets = try append(batch, places, client)
                    try retention.trim(client.connection)
                    return offsets
                }
            }
        }
        client.readers.wakeAll()
        return result
    }

    func close(within: Duration) { client = nil }

    /// The head of each record's partition; nil where the record or one before it in its partition cannot be appended.
    private func places(of batch: [OutgoingRecord], _ client: Client, _ result: inout SendResult) throws(LogError) -> [Int64?] {
        var places: [Int64?] = []
        places.reserveCapacity(batch.count)
        var recent: (partition: TopicPartition, head: Int64)?
        for record in batch {
            if record.byteCount > LogLimits.maxRecordBytes, result.failures[record.topicPartition] == nil {
                result.failures[record.topicPartition] = .recordTooLarge(record.topicPartition, bytes: record.byteCount)
            }
            if !result.failures.isEmpty, result.failures[record.topicPartition] != nil {
                places.append(nil)
            } else if let recent, recent.partition.partition == record.partition, recent.partition.topic == record.topic {
                places.append(recent.head)
            } else if let head = try head(of: record.topicPartition, client) {
                recent = (record.topicPartition, head)
                places.append(head)
            } else {
                let topicExists = heads.keys.contains { $0.topic == record.topic }
                result.failures[record.topicPartition] =
                    topicExists ? .unknownPartition(record.topicPartition) : .unknownTopic(record.topic)
                places.append(nil)
            }
        }
        return places
    }

    private func head(of partition: TopicPartition, _ client: Client) throws(LogError) -> Int64? {
        if let head = heads[partition] { return head }
        heads = try storing { () throws(SQLiteError) in try EmbeddedHead.all(client.connection).mapValues(\.id) }
        return heads[partition]
    }

    private func append(_ batch: [OutgoingRecord], _ places: [Int64?], _ client: Client) throws(SQLiteError) -> [Int64?] {
        var offsets: [Int64?] = Array(repeating: nil, count: batch.count)
        var nexts: [Int64: Int64] = [:]
        var recent: (head: Int64, next: Int64)?
        for index in batch.indices {
            guard let head = places[index] else { continue }
            if recent?.head != head {
                if let recent { nexts[recent.head] = recent.next }
                if let next = nexts[head] { recent = (head, next) } else { recent = (head, try readNext(head, client)) }
            }
            let offset = recent!.next
            recent!.next += 1
            let (record, insert) = (batch[index], client.insert)
            try insert.bind(1, Position.of(head, offset))
            try insert.bind(2, record.timestamp.milliseconds)
            try insert.bind(3, record.key)
            try insert.bind(4, record.value)
            if record.headers.isEmpty { try insert.bindNull(5) } else { try insert.bind(5, HeaderBytes.encode(record.headers)) }
            while try insert.step() {}
            offsets[index] = offset
        }
        if let recent { nexts[recent.head] = recent.next }
        for (head, next) in nexts {
            try client.advance.bind(1, next)
            try client.advance.bind(2, head)
            while try client.advance.step() {}
        }
        return offsets
    }

    private func readNext(_ head: Int64, _ client: Client) throws(SQLiteError) -> Int64 {
        try client.next.bind(1, head)
        guard try client.next.step() else { throw SQLiteError(code: 11, message: "head \(head) has vanished") }
        defer { client.next.reset() }
        return client.next.int(0)
    }
}

/// Drops records older than their topic's retention, once a minute and a bounded number at a time, as part of an append.
struct EmbeddedRetention {
    var rowsAtOnce: Int64 = 2000
    var interval: Duration = .seconds(60)
    private var due = ContinuousClock.now

    mutating func trim(_ connection: SQLiteConnection) throws(SQLiteError) {
        guard ContinuousClock.now >= due else { return }
        due = .now + interval
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let heads = try connection.prepare(
            """
            SELECT head.id, head.first, head.next, topic.retention_ms FROM head JOIN topic ON topic.id = head.topic_id
            WHERE topic.retention_ms IS NOT NULL AND head.first < head.next
            """)
        var old: [(head: Int64, from: Int64, to: Int64, cutoff: Int64)] = []
        while try heads.step() { old.append((heads.int(0), heads.int(1), heads.int(2), now - heads.int(3))) }
        guard !old.isEmpty else { return }
        let kept = try connection.prepare(
            "SELECT position FROM record WHERE position >= ? AND position < ? AND at >= ? ORDER BY position LIMIT 1")
        let delete = try connection.prepare("DELETE FROM record WHERE position >= ? AND position < ?")
        let advance = try connection.prepare("UPDATE head SET first = ? WHERE id = ?")
        for part in old {
            // A young record keeps what comes after it: the log's start is one place.
            let bound = min(part.to, part.from + rowsAtOnce)
            try kept.bind(1, Position.of(part.head, part.from))
            try kept.bind(2, Position.of(part.head, bound))
            try kept.bind(3, part.cutoff)
            let first = try kept.step() ? Position.offset(kept.int(0)) : bound
            kept.reset()
            guard first > part.from else { continue }
            if bound < part.to, first == bound { due = .now }
            try delete.bind(1, Position.of(part.head, part.from))
            try delete.bind(2, Position.of(part.head, first))
            try delete.run()
            try advance.bind(1, first)
            try advance.bind(2, part.head)
            try advance.run()
        }
    }
}

/// A wake that is remembered until somebody takes it.
final class WakeFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    func raise() { raised.store(true, ordering: .releasing) }
    func take() -> Bool { raised.exchange(false, ordering: .acquiringAndReleasing) }
    var waker: Waker { Waker { self.raise() } }
}
