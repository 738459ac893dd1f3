/// Numbers for rows whose writers could not give them.
///
/// Where a write locks its row only, two transactions could not both count a stream up without waiting for each other, so they write to
/// `outbox_new` and the relay numbers what has been committed, before it produces any of it. Numbers then follow `outbox_new.id`, and that
/// keeps the order of a key: a transaction takes its ids after it has saved its aggregates (`Batch.finish`), which waits for the rows that an
/// earlier transaction on the same aggregate has locked. So whatever the later one could see, or had to wait for, was committed with lower
/// ids before the later ids were taken, and every snapshot that shows the later rows shows the earlier ones. Two transactions neither of
/// which waited for or saw the other have no order; a lower id that becomes visible late belongs to such a one and is numbered when it is seen.
extension Outbox {
    /// A row before it has a number. Its bytes hold `EventSequence.unnumbered`.
    public struct NewRow: Sendable {
        let values: [Value]

        public init(topic: String, partition: Int32, key: String, headers: [UInt8], body: [UInt8], recordedMs: Int64) {
            values = [.text(topic), .int(Int64(partition)), .text(key), .blob(headers), .blob(body), .int(recordedMs)]
        }
    }

    /// Appends rows that the relay will number. They get ids in their order.
    public static func appendUnnumbered(_ rows: [NewRow], in tx: any Transaction) throws {
        try tx.runAll(insertNew, rows.map(\.values))
    }

    /// True when rows wait for their numbers.
    public static func hasUnnumbered(in tx: any Transaction) throws -> Bool { try tx.first(anyNew, [], { $0.int(0) }) != nil }

    /// Moves up to `limit` rows into the journal in the order of their ids, each with its stream's next number. Returns how many.
    ///
    /// One relay at a time calls this, under its lease; two at once would collide on the journal's ids, and one would roll back.
    public static func number(limit: Int, in tx: any Transaction) throws -> Int {
        guard try hasUnnumbered(in: tx) else { return 0 }
        let last = try tx.first(lastID) { $0.int(0) } ?? 0
        try tx.run(createStreams)
        // Rows that came after the streams were made, for a stream that is not there yet, are left out by the join: all of that stream.
        let moved = try tx.run(move, [.int(last), .int(limit)])
        try tx.run(advanceStreams, [.int(last), .int(last)])
        try tx.run(deleteMoved, [.int(last)])
        return moved
    }

    /// Every row that waits for its number, with the topic it goes to, in order; `forget` takes one away.
    public static func unnumbered(in tx: any Transaction) throws -> [(topic: String, row: Row)] {
        try tx.rows(allNew) {
            (
                $0.text(1),
                Row(
                    id: $0.int(0), stream: 0, number: 0, key: $0.text(2), headers: $0.blob(3), body: $0.blobOrNil(4), recordedMs: $0.int(5),
                    late: nil)
            )
        }
    }

    /// Takes a row that waits for its number away, because the log holds it already.
    public static func forgetUnnumbered(_ id: Int64, in tx: any Transaction) throws { try tx.run(deleteNew, [.int(id)]) }

    private static let allNew = SQL("SELECT id, topic, record_key, headers, body, recorded_ms FROM outbox_new ORDER BY id")
    private static let deleteNew = SQL("DELETE FROM outbox_new WHERE id = ?")
    private static let insertNew = SQL(
        "INSERT INTO outbox_new (topic, partition_no, record_key, headers, body, recorded_ms) VALUES (?, ?, ?, ?, ?, ?)")
    private static let anyNew = SQL("SELECT id FROM outbox_new ORDER BY id LIMIT 1")
    private static let lastID = SQL("SELECT coalesce(max(id), 0) FROM outbox")
    private static let createStreams = SQL(
        """
        INSERT INTO streams (id, topic, partition_no, epoch, next_number, acknowledged)
        SELECT (SELECT coalesce(max(id), 0) FROM streams) + row_number() OVER (ORDER BY fresh.topic, fresh.partition_no),
               fresh.topic, fresh.partition_no, 1, 1, 0
        FROM (SELECT DISTINCT topic, partition_no FROM outbox_new) AS fresh
        WHERE NOT EXISTS (SELECT 1 FROM streams WHERE streams.topic = fresh.topic AND streams.partition_no = fresh.partition_no)
        """)
    private static let move = SQL(
        """
        INSERT INTO outbox (id, stream, number, epoch, record_key, headers, body, recorded_ms, came_from)
        SELECT ? + row_number() OVER (ORDER BY fresh.id), streams.id,
               streams.next_number - 1 + row_number() OVER (PARTITION BY streams.id ORDER BY fresh.id), streams.epoch,
               fresh.record_key, fresh.headers, fresh.body, fresh.recorded_ms, fresh.id
        FROM (SELECT * FROM outbox_new ORDER BY id LIMIT ?) AS fresh
        JOIN streams ON streams.topic = fresh.topic AND streams.partition_no = fresh.partition_no
        """)
    private static let advanceStreams = SQL(
        """
        UPDATE streams SET next_number = next_number + (SELECT count(*) FROM outbox WHERE outbox.stream = streams.id AND outbox.id > ?)
        WHERE id IN (SELECT stream FROM outbox WHERE id > ?)
        """)
    private static let deleteMoved = SQL("DELETE FROM outbox_new WHERE id IN (SELECT came_from FROM outbox WHERE id > ?)")
}
