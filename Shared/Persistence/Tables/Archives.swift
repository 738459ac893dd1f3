/// Which journal rows lie in archive files instead of the store.
public enum Archives {
    /// One file: the rows with ids from `first` to `last`, all acknowledged, and what its bytes must hash to.
    public struct Archive: Sendable, Equatable {
        public let first: Int64
        public let last: Int64
        public let rows: Int
        /// File name within the archive's folder.
        public let file: String
        /// SHA-256 of the file, in hex.
        public let digest: String

        public init(first: Int64, last: Int64, rows: Int, file: String, digest: String) {
            self.first = first
            self.last = last
            self.rows = rows
            self.file = file
            self.digest = digest
        }
    }

    /// The archive with the first row behind `id`; nil when that row, if any, is in the store.
    public static func next(after id: Int64, in tx: any Transaction) throws -> Archive? { try tx.first(next, [.int(id)], read) }

    /// Takes the archive's rows out of the journal. The file is durable before this is called.
    public static func add(_ archive: Archive, in tx: any Transaction) throws {
        try tx.run(
            insert, [.int(archive.last), .int(archive.first), .int(archive.rows), .text(archive.file), .text(archive.digest)])
        try tx.run(delete, [.int(archive.first), .int(archive.last)])
    }

    /// Up to `limit` rows from the journal's start that were recorded before `recordedMs` and are acknowledged, whatever waits behind them.
    /// The newest row stays, because the next row's id follows from it.
    public static func candidates(before recordedMs: Int64, limit: Int, bytes: Int, in tx: any Transaction) throws -> [Outbox.Row] {
        // Most looks find nothing old, and need not take a file's worth of rows into memory to see it.
        guard let oldest = try tx.first(firstRecorded, [], { $0.int(0) }), oldest < recordedMs else { return [] }
        let end = try tx.first(bound) { $0.int(0) } ?? 0
        let rows = try Outbox.rows(after: 0, limit: limit, bytes: bytes, in: tx)
        return Array(rows.prefix { $0.id < end && $0.recordedMs < recordedMs })
    }

    private static func read(_ row: borrowing Row) -> Archive {
        Archive(first: row.int(1), last: row.int(0), rows: Int(row.int(2)), file: row.text(3), digest: row.text(4))
    }

    private static let next = SQL(
        "SELECT last_row, first_row, row_count, file, digest FROM archives WHERE last_row > ? ORDER BY last_row LIMIT 1")
    private static let insert = SQL("INSERT INTO archives (last_row, first_row, row_count, file, digest) VALUES (?, ?, ?, ?, ?)")
    private static let delete = SQL("DELETE FROM outbox WHERE id >= ? AND id <= ?")
    private static let firstRecorded = SQL("SELECT recorded_ms FROM outbox ORDER BY id LIMIT 1")
    private static let bound = SQL(
        "SELECT coalesce(min(behind), (SELECT sent_through FROM relay WHERE one = 1)) FROM streams")
}
