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
    }

    @discardableResult
    public static func add(
        _ record: StoredRecord, reason: String, field: String?, nowMs: Int64, in tx: any Transaction
    ) throws -> Int {
        try tx.run(insert, record.values + [.text(reason), .text(field), .int(nowMs)])
    }

    public static func letter(_ id: Int64, in tx: any Transaction) throws -> Letter? { try tx.first(one, [.int(id)], read) }

    /// Up to `limit` letters with an id above `after`, open ones only unless `all`.
    public static func list(after: Int64, limit: Int, all: Bool, in tx: any Transaction) throws -> [Letter] {
        try tx.rows(page, [.int(after), .int(all ? 1 : 0), .int(limit)], read)
    }

    /// Marks a letter replayed, in the transaction of the effect; false when somebody else did.
    @discardableResult
    public static func markReplayed(_ id: Int64, in tx: any Transaction) throws -> Bool { try tx.run(replayed, [.int(id)]) == 1 }
    public static func countAttempt(_ id: Int64, in tx: any Transaction) throws { try tx.run(attempted, [.int(id)]) }
    /// Letters not replayed.
    public static func openCount(in tx: any Transaction) throws -> Int { try tx.first(total) { Int($0.int(0)) } ?? 0 }

    private static func read(_ row: borrowing Row) -> Letter {
        let next = StoredRecord.columnCount
        return Letter(
            record: StoredRecord.read(row), reason: row.text(next), field: row.textOrNil(next + 1), recordedMs: row.int(next + 2),
            attempts: Int(row.int(next + 3)), replayed: row.bool(next + 4))
    }

    private static let columns = "\(StoredRecord.columns), reason, field, recorded_ms, attempts, replayed"
    private static let insert = SQL(
        """
        INSERT INTO dead_letters
        (topic, partition_no, record_offset, generation, record_key, headers, body, sealed_with, reason, field, recorded_ms, attempts,
         replayed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)
        """)
    private static let one = SQL("SELECT \(columns) FROM dead_letters WHERE id = ?")
    private static let page = SQL("SELECT \(columns) FROM dead_letters WHERE id > ? AND (? = 1 OR replayed = 0) ORDER BY id LIMIT ?")
    private static let replayed = SQL("UPDATE dead_letters SET replayed = 1, attempts = attempts + 1 WHERE id = ? AND replayed = 0")
    private static let attempted = SQL("UPDATE dead_letters SET attempts = attempts + 1 WHERE id = ?")
    private static let total = SQL("SELECT count(*) FROM dead_letters WHERE replayed = 0")
}
