import Foundation
import SQLiteStatements
import Synchronization
import Vocabulary

/// The event log of one machine: a SQLite file that its processes append to and read, without a server.
///
/// An append is one transaction, synced to disk before it is acknowledged; a killed process leaves whole batches or nothing. Writers take
/// turns, readers never wait for them and are woken through sockets beside the file. One consumer of a group is active, further ones stand
/// by and take over when it ends. Compacted topics keep everything; topics with a retention lose records older than it, a bounded number
/// per append.
final class EmbeddedLog: EventLog {
    let files: EmbeddedFiles
    // The log's own connection, for topics and offsets.
    private let shared: Mutex<Connection>

    private struct Connection {
        var opened: SQLiteConnection?
    }

    /// Throws `LogError.storage` when the file cannot be opened or is no event log.
    init(path: String) throws(LogError) {
        files = EmbeddedFiles(database: path)
        shared = Mutex(Connection())
        try withConnection { (_) throws(LogError) in }
    }

    var description: String { "embedded event log at \(files.database), SQLite with every append synced" }

    func producer(named name: String) throws -> any LogProducer { try EmbeddedProducer(files) }

    func consumer(_ settings: ConsumerSettings) throws -> any LogConsumer {
        if !settings.topics.isEmpty {
            let known = try topics()
            for topic in settings.topics where known[topic] == nil { throw LogError.unknownTopic(topic) }
        }
        return try EmbeddedConsumer(files, settings)
    }

    private func withConnection<T: Sendable>(_ body: (SQLiteConnection) throws(LogError) -> T) throws(LogError) -> T {
        try shared.withLock { connection throws(LogError) in
            if connection.opened == nil { connection.opened = try files.open() }
            return try body(connection.opened!)
        }
    }

    // MARK: Topics and offsets

    func ensure(_ topics: [TopicPlan]) throws {
        let existing = try self.topics()
        let missing = try topics.filter { plan in
            guard let actual = existing[plan.name] else { return true }
            guard actual == plan.partitions else {
                throw LogError.partitionCountDiffers(topic: plan.name, planned: plan.partitions, actual: actual)
            }
            return false
        }
        guard !missing.isEmpty else { return }
        try withConnection { connection throws(LogError) in
            try FairLock(files).hold { () throws(LogError) in
                try storing { () throws(SQLiteError) in
                    try connection.transaction { () throws(SQLiteError) in for plan in missing { try Self.create(plan, connection) } }
                }
            }
        }
        // Another process may have created one of them meanwhile, with another count.
        try ensure(missing)
        try ReaderWaker(files).wakeAll()
    }

    private static func create(_ plan: TopicPlan, _ connection: SQLiteConnection) throws(SQLiteError) {
        let insert = try connection.prepare(
            "INSERT INTO topic (name, partitions, compacted, retention_ms) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING RETURNING id")
        try insert.bind(1, plan.name)
        try insert.bind(2, Int64(plan.partitions))
        try insert.bind(3, plan.compacted)
        try insert.bind(4, plan.retentionMs)
        guard try insert.step() else { return }
        let topic = insert.int(0)
        while try insert.step() {}
        let head = try connection.prepare("INSERT INTO head (topic_id, partition, first, next) VALUES (?, ?, 0, 0)")
        for partition in 0..<Int64(plan.partitions) {
            try head.bind(1, topic)
            try head.bind(2, partition)
            try head.run()
        }
    }

    func drift(of topics: [TopicPlan]) throws -> [TopicDrift] {
        let actual = try withConnection { connection throws(LogError) in
            try storing { () throws(SQLiteError) in
                let query = try connection.prepare("SELECT name, partitions, compacted, retention_ms FROM topic")
                var actual: [String: (partitions: Int64, compacted: Bool, retentionMs: Int64)] = [:]
                while try query.step() { actual[query.text(0)] = (query.int(1), query.int(2) != 0, query.intOrNil(3) ?? -1) }
                return actual
            }
        }
        return topics.sorted { $0.name < $1.name }.flatMap { plan -> [TopicDrift] in
            guard let topic = actual[plan.name] else { return [.missing(plan.name)] }
            return plan.drift([
                (TopicDrift.partitions, "\(plan.partitions)", "\(topic.partitions)"),
                ("compacted", "\(plan.compacted)", "\(topic.compacted)"),
                ("retention.ms", "\(plan.retentionMs ?? -1)", "\(topic.retentionMs)"),
            ])
        }
    }

    func topics() throws -> [String: Int] {
        try withConnection { connection throws(LogError) in
            try storing { () throws(SQLiteError) in
                let query = try connection.prepare("SELECT name, partitions FROM topic")
                var topics: [String: Int] = [:]
                while try query.step() { topics[query.text(0)] = Int(query.int(1)) }
                return topics
            }
        }
    }

    func ends(_ topics: [String]) throws -> [TopicPartition: Int64] { try heads(topics).mapValues(\.next) }
    func starts(_ topics: [String]) throws -> [TopicPartition: Int64] { try heads(topics).mapValues(\.first) }

    private func heads(_ topics: [String]) throws -> [TopicPartition: EmbeddedHead] {
        let all = try withConnection { connection throws(LogError) in
            try storing { () throws(SQLiteError) in try EmbeddedHead.all(connection) }
        }
        let wanted = Set(topics)
        let found = all.filter { wanted.contains($0.key.topic) }
        if let missing = wanted.subtracting(found.keys.map(\.topic)).min() { throw LogError.unknownTopic(missing) }
        return found
    }

    func lastRecords(_ partitions: [TopicPartition]) throws -> [TopicPartition: LogRecord] {
        let heads = try heads(Array(Set(partitions.map(\.topic))))
        return try withConnection { connection throws(LogError) in
            let query = try storing { () throws(SQLiteError) in
                try connection.prepare(EmbeddedRecords.columns + " WHERE position >= ? AND position < ? ORDER BY position DESC LIMIT 1")
            }
            var found: [TopicPartition: LogRecord] = [:]
            for partition in partitions {
                guard let head = heads[partition] else { throw .unknownPartition(partition) }
                try storing { () throws(SQLiteError) in
                    try query.bind(1, Position.of(head.id, 0))
                    try query.bind(2, Position.of(head.id + 1, 0))
                }
                if try storing({ () throws(SQLiteError) in try query.step() }) {
                    found[partition] = try EmbeddedRecords.record(query, of: partition)
                }
                query.reset()
            }
            return found
        }
    }

    func records(at offsets: [TopicPartition: Int64]) throws -> [TopicPartition: LogRecord] {
        let heads = try heads(Array(Set(offsets.keys.map(\.topic))))
        return try withConnection { connection throws(LogError) in
            let query = try storing { () throws(SQLiteError) in
                try connection.prepare(EmbeddedRecords.columns + " WHERE position = ?")
            }
            var found: [TopicPartition: LogRecord] = [:]
            for (partition, offset) in offsets {
                guard let head = heads[partition] else { throw .unknownPartition(partition) }
                guard offset >= head.first, offset < head.next else { continue }
                try storing { () throws(SQLiteError) in try query.bind(1, Position.of(head.id, offset)) }
                if try storing({ () throws(SQLiteError) in try query.step() }) {
                    found[partition] = try EmbeddedRecords.record(query, of: partition)
                }
                query.reset()
            }
            return found
        }
    }
}

/// Where a partition of the embedded log starts and ends.
struct EmbeddedHead: Sendable {
    let id: Int64
    var first: Int64
    var next: Int64

    static func all(_ connection: SQLiteConnection) throws(SQLiteError) -> [TopicPartition: EmbeddedHead] {
        let query = try connection.prepare(
            "SELECT topic.name, head.partition, head.id, head.first, head.next FROM head JOIN topic ON topic.id = head.topic_id")
        var heads: [TopicPartition: EmbeddedHead] = [:]
        while try query.step() {
            let partition = TopicPartition(topic: query.text(0), partition: Int32(query.int(1)))
            heads[partition] = EmbeddedHead(id: query.int(2), first: query.int(3), next: query.int(4))
        }
        return heads
    }
}

/// How a record stands in its table.
enum EmbeddedRecords {
    static let columns = "SELECT position, at, key, value, headers FROM record"

    /// Copies the current row to `batch`, whose partition has begun. The record's offset. Throws `LogError.storage` when its headers are
    /// damaged.
    @discardableResult
    static func read(_ row: SQLiteStatement, into batch: inout RecordBatchBuilder, of partition: TopicPartition) throws(LogError) -> Int64 {
        let offset = Position.offset(row.int(0))
        let isWhole = row.withBytes(4) { HeaderBytes.visit($0) { _, _ in true } }
        guard isWhole else { throw .storage("the headers of \(partition) at \(offset) are damaged") }
        let timestamp = Instant(milliseconds: row.int(1))
        row.withBytes(2) { key in
            if row.isNull(3) {
                batch.append(offset: offset, timestamp: timestamp, key: key, value: nil)
            } else {
                row.withBytes(3) { batch.append(offset: offset, timestamp: timestamp, key: key, value: $0) }
            }
        }
        row.withBytes(4) { batch.headers($0) }
        return offset
    }

    /// The current row by itself.
    static func record(_ row: SQLiteStatement, of partition: TopicPartition) throws(LogError) -> LogRecord {
        var batch = RecordBatchBuilder()
        batch.begin(partition)
        try read(row, into: &batch, of: partition)
        return batch.finish()[0]
    }
}

extension SQLiteConnection {
    /// One write transaction, rolled back when `body` throws.
    func transaction<T>(_ body: () throws(SQLiteError) -> T) throws(SQLiteError) -> T {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // Some failures (a full disk) have rolled back already.
            if isInTransaction { sqliteRollback() }
            throw error
        }
    }

    private func sqliteRollback() {
        do {
            try execute("ROLLBACK")
        } catch {
            EventLogDiagnostics.report(.error, "a transaction of the embedded log could not be rolled back: \(error)")
        }
    }
}
