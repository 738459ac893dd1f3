import Contracts

/// The journal of what this service says, and the queue of what it has not said yet.
///
/// Every row belongs to a stream, one (topic, partition), and carries a number contiguous within it. Where there is one writer the number is
/// given in the transaction that writes the row; where writers lock single rows, by the relay before it sends (`Outbox.number`). The relay
/// sends rows in number order and moves the stream's `acknowledged` mark behind the log's confirmation.
public enum Outbox {
    /// One (topic, partition) as it stands in a transaction.
    public struct Stream: Sendable {
        public let id: Int64
        public let topic: String
        public let partition: Int32
        public let epoch: Int64
        /// The number the next row gets; starts at 1.
        public var nextNumber: Int64
        public var acknowledged: Int64
        /// Set when the stream waits apart from the others: all its rows with an id up to here are acknowledged.
        public var behind: Int64?
    }

    /// A row as the relay reads it.
    public struct Row: Sendable {
        public let id: Int64
        public let stream: Int64
        public let number: Int64
        public let key: String
        public let headers: [UInt8]
        public let body: [UInt8]?
        public let recordedMs: Int64
        /// Set when headers or body hold `EventSequence.unnumbered`, in whose place this belongs on the way out, or lie sealed and may not be
        /// asked for it for ever; nil when they hold the number.
        public let late: EventSequence?

        public init(
            id: Int64, stream: Int64, number: Int64, key: String, headers: [UInt8], body: [UInt8]?, recordedMs: Int64, late: EventSequence?
        ) {
            self.id = id
            self.stream = stream
            self.number = number
            self.key = key
            self.headers = headers
            self.body = body
            self.recordedMs = recordedMs
            self.late = late
        }
    }

    /// Rows and bytes that wait for the relay.
    public struct Backlog: Sendable, Equatable {
        public var rows: Int
        public var bytes: Int
        /// When the oldest waiting row was written; nil when nothing waits.
        public var oldestMs: Int64?
    }

    /// The stream, made on first use.
    public static func stream(topic: String, partition: Int32, in tx: any Transaction) throws -> Stream {
        if let known = try tx.first(select, [.text(topic), .int(Int64(partition))], read) { return known }
        try tx.run(create, [.text(topic), .int(Int64(partition))])
        guard let made = try tx.first(select, [.text(topic), .int(Int64(partition))], read) else {
            throw DatabaseError(kind: .unusable, message: "the stream just created cannot be read")
        }
        return made
    }

    public static func streams(in tx: any Transaction) throws -> [Stream] { try tx.rows(all, read) }

    /// Keeps the numbers a transaction has given. Throws when another writer gave numbers of this stream meanwhile.
    public static func keep(_ stream: Stream, from first: Int64, in tx: any Transaction) throws {
        guard try tx.run(advance, [.int(stream.nextNumber), .int(stream.id), .int(first)]) == 1 else {
            throw DatabaseError(kind: .transient, message: "another writer gave numbers of \(stream.topic)/\(stream.partition)")
        }
    }

    /// Sets a stream behind rows that were read back from the log: they are acknowledged, and numbers go on in `epoch`.
    public static func reopen(_ stream: Stream, next: Int64, epoch: Int64, in tx: any Transaction) throws {
        try tx.run(reopen, [.int(next), .int(next - 1), .int(epoch), .int(stream.id)])
    }

    /// Puts a row behind the last one. `epoch` is given for a row that may not be asked for it for ever.
    public static func append(
        _ stream: Stream, number: Int64, epoch: Int64? = nil, key: String, headers: [UInt8], body: [UInt8]?, recordedMs: Int64,
        in tx: any Transaction
    ) throws {
        // Where the relay numbers rows it gives them their ids as well, and the store's own counting of ids has stood still.
        try tx.run(
            tx.locksRows ? insertBehind : insert,
            [
                .int(stream.id), .int(number), epoch.map { .int($0) } ?? .null, .text(key), .blob(headers),
                body.map { .blob($0) } ?? .null, .int(recordedMs),
            ])
    }

    /// Up to `limit` rows after `id`, in commit order, sent or not; fewer once they hold `bytes` together, but at least one.
    public static func rows(after id: Int64, limit: Int, bytes: Int = .max, in tx: any Transaction) throws -> [Row] {
        try rows(tx.locksRows ? boundedPage : page, [.int(id), .int(limit)], bytes, in: tx)
    }

    /// Rows after `id` and up to `last`, as `rows`, of streams that are behind.
    public static func rowsBehind(
        after id: Int64, through last: Int64, limit: Int, bytes: Int = .max, in tx: any Transaction
    ) throws -> [Row] {
        try rows(tx.locksRows ? boundedPageBehind : pageBehind, [.int(id), .int(last), .int(limit)], bytes, in: tx)
    }

    private static func rows(_ sql: SQL, _ values: [Value], _ bytes: Int, in tx: any Transaction) throws -> [Row] {
        var rows: [Row] = []
        var size = 0
        // SQLite steps from row to row and stops where it is told to. A server hands a result over whole, so it is given the bound as well.
        try tx.each(sql, tx.locksRows ? values + [.int(bytes)] : values) { found in
            let row = readRow(found)
            rows.append(row)
            size += row.headers.count + (row.body?.count ?? 0)
            return size < bytes
        }
        return rows
    }

    private static func readRow(_ row: borrowing Persistence.Row) -> Row {
        let number = row.int(2)
        return Row(
            id: row.int(0), stream: row.int(1), number: number, key: row.text(3), headers: row.blob(4), body: row.blobOrNil(5),
            recordedMs: row.int(6), late: row.intOrNil(7).map { EventSequence(epoch: Int($0), number: number) })
    }

    public static func sentThrough(in tx: any Transaction) throws -> Int64 { try tx.first(mark) { $0.int(0) } ?? 0 }

    /// Moves a stream's mark by compare-and-set; false when somebody else moved it first. `behind` sets the stream apart.
    public static func acknowledge(
        _ stream: Int64, from old: Int64, to new: Int64, behind: Int64? = nil, in tx: any Transaction
    ) throws -> Bool {
        try tx.run(acknowledged, [.int(new), behind.map { .int($0) } ?? .null, .int(stream), .int(old)]) == 1
    }

    /// Moves the mark by compare-and-set; false when it was moved meanwhile, as `republish` does.
    public static func setSentThrough(_ id: Int64, from old: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(advanceMark, [.int(id), .int(old)]) == 1
    }

    /// Moves marks of a topic back so that the relay sends it again from `number`, in all partitions or one; consumers skip what they have.
    /// Returns how many rows wait again. Ends the relay's term, so that it does not go by the marks it remembers.
    @discardableResult
    public static func republish(
        topic: String, partition: Int32? = nil, from number: Int64 = 1, in tx: any Transaction
    ) throws -> Int64 {
        try Leases.unseat(relayLease, in: tx)
        let wanted = try streams(in: tx).filter { $0.topic == topic && (partition ?? $0.partition) == $0.partition }
        return try wanted.reduce(0) { again, stream in
            guard stream.acknowledged >= number else { return again }
            try tx.run(moveBack, [.int(number - 1), .int(stream.id)])
            return again + stream.acknowledged - number + 1
        }
    }

    /// The name of the relay's lease.
    public static let relayLease = "relay"

    /// What waits, counted in the store.
    public static func backlog(in tx: any Transaction) throws -> Backlog {
        var backlog = try waiting(in: tx)
        guard backlog.rows > 0 else { return backlog }
        // Adding up bytes means a look at every row, so it is done apart.
        backlog.bytes = Int(try tx.first(bytesWaiting) { $0.int(0) } ?? 0) + Int(try tx.first(bytesUnnumbered) { $0.int(0) } ?? 0)
        return backlog
    }

    /// `backlog` without its bytes: cheap however much waits.
    public static func waiting(in tx: any Transaction) throws -> Backlog {
        let numbered = try tx.first(rowsWaiting) { Int($0.int(0)) } ?? 0
        let (unnumbered, oldestUnnumbered) = try tx.first(rowsUnnumbered) { (Int($0.int(0)), $0.intOrNil(1)) } ?? (0, nil)
        let oldest = numbered == 0 ? nil : try tx.first(oldestWaiting) { $0.int(0) }
        return Backlog(rows: numbered + unnumbered, bytes: 0, oldestMs: [oldest, oldestUnnumbered].compactMap(\.self).min())
    }

    private static func read(_ row: borrowing Persistence.Row) -> Stream {
        Stream(
            id: row.int(0), topic: row.text(1), partition: Int32(row.int(2)), epoch: row.int(3), nextNumber: row.int(4),
            acknowledged: row.int(5), behind: row.intOrNil(6))
    }

    private static let select = SQL(
        "SELECT id, topic, partition_no, epoch, next_number, acknowledged, behind FROM streams WHERE topic = ? AND partition_no = ?")
    private static let all = SQL("SELECT id, topic, partition_no, epoch, next_number, acknowledged, behind FROM streams")
    private static let create = SQL(
        """
        INSERT INTO streams (id, topic, partition_no, epoch, next_number, acknowledged)
        SELECT coalesce(max(id), 0) + 1, ?, ?, 1, 1, 0 FROM streams
        """)
    private static let advance = SQL("UPDATE streams SET next_number = ? WHERE id = ? AND next_number = ?")
    private static let reopen = SQL("UPDATE streams SET next_number = ?, acknowledged = ?, epoch = ? WHERE id = ?")
    private static let insert = SQL(
        "INSERT INTO outbox (stream, number, epoch, record_key, headers, body, recorded_ms) VALUES (?, ?, ?, ?, ?, ?, ?)")
    private static let insertBehind = SQL(
        """
        INSERT INTO outbox (id, stream, number, epoch, record_key, headers, body, recorded_ms)
        SELECT coalesce(max(id), 0) + 1, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT), ?, ?, ?, CAST(? AS BIGINT) FROM outbox
        """)
    private static let page = SQL(
        "SELECT id, stream, number, record_key, headers, body, recorded_ms, epoch FROM outbox WHERE id > ? ORDER BY id LIMIT ?")
    private static let pageBehind = SQL(
        """
        SELECT id, stream, number, record_key, headers, body, recorded_ms, epoch FROM outbox
        WHERE id > ? AND id <= ? AND stream IN (SELECT id FROM streams WHERE behind IS NOT NULL) ORDER BY id LIMIT ?
        """)
    private static let boundedPage = bounded(page)
    private static let boundedPageBehind = bounded(pageBehind)

    /// The rows of `page` before which there are fewer bytes than one more value says.
    private static func bounded(_ page: SQL) -> SQL {
        SQL(
            """
            SELECT id, stream, number, record_key, headers, body, recorded_ms, epoch FROM (
              SELECT page.*, sum(length(headers) + coalesce(length(body), 0))
                OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM (\(page.text)) AS page) AS summed
            WHERE coalesce(before, 0) < ? ORDER BY id
            """)
    }
    private static let mark = SQL("SELECT sent_through FROM relay WHERE one = 1")
    private static let acknowledged = SQL("UPDATE streams SET acknowledged = ?, behind = ? WHERE id = ? AND acknowledged = ?")
    private static let advanceMark = SQL("UPDATE relay SET sent_through = ? WHERE one = 1 AND sent_through = ?")
    private static let moveBack = SQL("UPDATE streams SET acknowledged = ?, behind = 0 WHERE id = ?")
    private static let rowsWaiting = SQL("SELECT CAST(coalesce(sum(next_number - 1 - acknowledged), 0) AS BIGINT) FROM streams")
    private static let rowsUnnumbered = SQL("SELECT count(*), min(recorded_ms) FROM outbox_new")
    // Rows that wait begin behind the lowest mark: near the first row this looks at.
    private static let oldestWaiting = SQL(
        """
        SELECT outbox.recorded_ms FROM outbox JOIN streams ON streams.id = outbox.stream
        WHERE outbox.number > streams.acknowledged
          AND outbox.id > (SELECT coalesce(min(behind), (SELECT sent_through FROM relay WHERE one = 1)) FROM streams)
        ORDER BY outbox.id LIMIT 1
        """)
    private static let bytesWaiting = SQL(
        """
        SELECT coalesce(sum(length(outbox.body) + length(outbox.headers)), 0) FROM outbox JOIN streams ON streams.id = outbox.stream
        WHERE outbox.number > streams.acknowledged
          AND outbox.id > (SELECT coalesce(min(behind), (SELECT sent_through FROM relay WHERE one = 1)) FROM streams)
        """)
    private static let bytesUnnumbered = SQL("SELECT coalesce(sum(length(body) + length(headers)), 0) FROM outbox_new")
}
