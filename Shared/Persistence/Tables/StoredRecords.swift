/// A record of the log with its bytes, as `held` and `dead_letters` keep it.
public struct StoredRecord: Sendable, Equatable {
    public var id: Int64
    public var topic: String
    public var partition: Int32
    public var offset: Int64
    public var key: String
    /// Encoded headers, as the log had them.
    public var headers: [UInt8]
    public var body: [UInt8]?

    public init(id: Int64 = 0, topic: String, partition: Int32, offset: Int64, key: String, headers: [UInt8], body: [UInt8]?) {
        self.id = id
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.key = key
        self.headers = headers
        self.body = body
    }
}

/// Records whose subject is not there yet. They are applied in order of arrival in the transaction that creates the subject.
public enum HeldRecords {
    public static func add(_ record: StoredRecord, subject: String, nowMs: Int64, in tx: any Transaction) throws {
        try tx.run(
            insert,
            [
                .text(subject), .text(record.topic), .int(Int64(record.partition)), .int(record.offset), .text(record.key),
                .blob(record.headers), record.body.map { .blob($0) } ?? .null, .int(nowMs),
            ])
    }

    /// What waits for `subject`, oldest first.
    public static func waiting(for subject: String, in tx: any Transaction) throws -> [StoredRecord] {
        try tx.rows(bySubject, [.text(subject)], read)
    }

    /// The subject an earlier record of the same topic and key waits for; later ones queue behind it.
    public static func queues(in tx: any Transaction) throws -> [(topic: String, key: String, subject: String)] {
        try tx.rows(keys) { ($0.text(0), $0.text(1), $0.text(2)) }
    }

    /// Makes `record` and the later ones of its topic and key wait for another subject, in their places.
    public static func wait(for subject: String, from record: StoredRecord, in tx: any Transaction) throws {
        try tx.run(rename, [.text(subject), .text(record.topic), .text(record.key), .int(record.id)])
    }

    public static func remove(_ id: Int64, in tx: any Transaction) throws { try tx.run(delete, [.int(id)]) }

    public static func count(in tx: any Transaction) throws -> Int { try tx.first(total) { Int($0.int(0)) } ?? 0 }

    /// Subject, topic and age of what waits, for the operator.
    public static func list(limit: Int, in tx: any Transaction) throws -> [(id: Int64, subject: String, topic: String, heldMs: Int64)] {
        try tx.rows(listing, [.int(limit)]) { ($0.int(0), $0.text(1), $0.text(2), $0.int(3)) }
    }

    static func read(_ row: borrowing Row) -> StoredRecord {
        StoredRecord(
            id: row.int(0), topic: row.text(1), partition: Int32(row.int(2)), offset: row.int(3), key: row.text(4), headers: row.blob(5),
            body: row.blobOrNil(6))
    }

    private static let insert = SQL(
        """
        INSERT INTO held (subject, topic, partition_no, record_offset, record_key, headers, body, held_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """)
    private static let bySubject = SQL(
        "SELECT id, topic, partition_no, record_offset, record_key, headers, body FROM held WHERE subject = ? ORDER BY id")
    private static let keys = SQL("SELECT topic, record_key, subject FROM held ORDER BY id")
    private static let rename = SQL("UPDATE held SET subject = ? WHERE topic = ? AND record_key = ? AND id >= ?")
    private static let delete = SQL("DELETE FROM held WHERE id = ?")
    private static let total = SQL("SELECT count(*) FROM held")
    private static let listing = SQL("SELECT id, subject, topic, held_ms FROM held ORDER BY id LIMIT ?")
}

/// Records that can never be applied as they are, with why and where they stood. Replay flips the row in the transaction of the effect.
public enum DeadLetters {
    /// One record set aside.
    public struct Letter: Sendable {
        public let record: StoredRecord
        public let reason: String
        public let field: String?
        public let recordedMs: Int64
        public let attempts: Int
        public let replayed: Bool
        /// Name of the short-lived key the bytes are sealed under; nil when they lie open.
        public let sealedWith: String?
    }

    @discardableResult
    public static func add(
        _ record: StoredRecord, reason: String, field: String?, sealedWith: String? = nil, nowMs: Int64, in tx: any Transaction
    ) throws -> Int {
        try tx.run(
            insert,
            [
                .text(record.topic), .int(Int64(record.partition)), .int(record.offset), .text(record.key), .blob(record.headers),
                record.body.map { .blob($0) } ?? .null, .text(reason), .text(field), .int(nowMs), .text(sealedWith),
            ])
    }

    public static func letter(_ id: Int64, in tx: any Transaction) throws -> Letter? { try tx.first(one, [.int(id)], read) }

    /// Up to `limit` letters with an id above `after`, open ones only unless `all`.
    public static func list(after: Int64, limit: Int, all: Bool, in tx: any Transaction) throws -> [Letter] {
        try tx.rows(page, [.int(after), .int(all ? 1 : 0), .int(limit)], read)
    }

    public static func markReplayed(_ id: Int64, in tx: any Transaction) throws { try tx.run(replayed, [.int(id)]) }
    public static func countAttempt(_ id: Int64, in tx: any Transaction) throws { try tx.run(attempted, [.int(id)]) }
    /// Letters not replayed.
    public static func openCount(in tx: any Transaction) throws -> Int { try tx.first(total) { Int($0.int(0)) } ?? 0 }

    private static func read(_ row: borrowing Row) -> Letter {
        Letter(
            record: HeldRecords.read(row), reason: row.text(7), field: row.textOrNil(8), recordedMs: row.int(9),
            attempts: Int(row.int(10)), replayed: row.bool(11), sealedWith: row.textOrNil(12))
    }

    private static let columns =
        "id, topic, partition_no, record_offset, record_key, headers, body, reason, field, recorded_ms, attempts, replayed, sealed_with"
    private static let insert = SQL(
        """
        INSERT INTO dead_letters
        (topic, partition_no, record_offset, record_key, headers, body, reason, field, recorded_ms, attempts, replayed, sealed_with)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)
        """)
    private static let one = SQL("SELECT \(columns) FROM dead_letters WHERE id = ?")
    private static let page = SQL("SELECT \(columns) FROM dead_letters WHERE id > ? AND (? = 1 OR replayed = 0) ORDER BY id LIMIT ?")
    private static let replayed = SQL("UPDATE dead_letters SET replayed = 1, attempts = attempts + 1 WHERE id = ?")
    private static let attempted = SQL("UPDATE dead_letters SET attempts = attempts + 1 WHERE id = ?")
    private static let total = SQL("SELECT count(*) FROM dead_letters WHERE replayed = 0")
}
