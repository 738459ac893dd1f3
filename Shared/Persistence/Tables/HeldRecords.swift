/// Records whose subject is not there yet, in the order of their arrival.
///
/// Those of one topic and key form a line: only its first is waiting for a subject, the others wait behind it and carry the same subject.
public enum HeldRecords {
    /// One line as it stands: where it waits, and how many records are in it.
    public struct Line: Sendable, Equatable {
        public let topic: String
        public let key: String
        public let subject: String
        public let count: Int
    }

    /// What waits, without its bytes: for the operator.
    public struct Summary: Sendable, Equatable {
        public let id: Int64
        public let subject: String
        public let topic: String
        /// Wall time when it was held, for people to read.
        public let heldMs: Int64
        /// What `StoreClock` showed when it was held: how long it has waited.
        public let heldAt: Int64
    }

    /// How many records of one topic wait, and since when the oldest.
    public struct Load: Sendable, Equatable {
        public let topic: String
        public let count: Int
        public let oldestMs: Int64
    }

    /// A record with what it waits for.
    public struct Waiting: Sendable, Equatable {
        public let record: StoredRecord
        public let subject: String
        /// What `StoreClock` showed when it was held.
        public let heldAt: Int64
    }

    /// `nowMs`: the wall clock, for people to read.
    public static func add(_ record: StoredRecord, subject: String, nowMs: Int64, in tx: any Transaction) throws {
        try tx.run(insert, record.values + [.text(subject), .int(nowMs)])
    }

    /// What waits for `subject`, oldest first.
    public static func waiting(for subject: String, in tx: any Transaction) throws -> [StoredRecord] {
        try tx.rows(bySubject, [.text(subject)], StoredRecord.read)
    }

    /// Every line, for deciding what queues behind it.
    public static func lines(in tx: any Transaction) throws -> [Line] {
        try tx.rows(allLines) { Line(topic: $0.text(0), key: $0.text(1), subject: $0.text(2), count: Int($0.int(3))) }
    }

    /// Every subject that something waits for.
    public static func subjects(in tx: any Transaction) throws -> [String] { try tx.rows(allSubjects) { $0.text(0) } }

    /// Makes a record and the later ones of its topic and key wait for another subject, in their places.
    public static func moveLine(to subject: String, from id: Int64, in tx: any Transaction) throws {
        try tx.run(renameLine, [.text(subject), .int(id), .int(id), .int(id)])
    }

    /// Makes one record wait for another subject.
    public static func move(_ id: Int64, to subject: String, in tx: any Transaction) throws {
        try tx.run(renameOne, [.text(subject), .int(id)])
    }

    /// Makes everything that waits for a subject wait for another one.
    public static func moveAll(waitingFor subject: String, to other: String, in tx: any Transaction) throws {
        try tx.run(renameAll, [.text(other), .text(subject)])
    }

    /// What was held before `StoreClock` showed `reading`, with an id above `id`, for a subject that begins with neither of two prefixes,
    /// oldest first.
    public static func heldBefore(
        _ reading: Int64, after id: Int64, exceptPrefixes first: String, _ second: String, in tx: any Transaction
    ) throws -> [Summary] {
        try tx.rows(overdue, [.int(id), .int(reading), .text(first + "%"), .text(second + "%")], readSummary)
    }

    /// The oldest record that waits for `subject`, above `after`.
    public static func first(waitingFor subject: String, after id: Int64, in tx: any Transaction) throws -> Waiting? {
        try tx.first(firstWaiting, [.text(subject), .int(id)], readWaiting)
    }

    /// What a record waits for now; nil when it waits no more.
    public static func subject(of id: Int64, in tx: any Transaction) throws -> String? {
        try tx.first(subjectOf, [.int(id)]) { $0.text(0) }
    }

    /// The oldest record of each topic and key.
    public static func heads(in tx: any Transaction) throws -> Set<Int64> { Set(try tx.rows(allHeads) { $0.int(0) }) }

    /// True when the record was there.
    @discardableResult
    public static func remove(_ id: Int64, in tx: any Transaction) throws -> Bool { try tx.run(delete, [.int(id)]) == 1 }

    public static func count(in tx: any Transaction) throws -> Int { try tx.first(total) { Int($0.int(0)) } ?? 0 }

    /// Per topic what waits, topics in order.
    public static func loads(in tx: any Transaction) throws -> [Load] {
        try tx.rows(byTopic) { Load(topic: $0.text(0), count: Int($0.int(1)), oldestMs: $0.int(2)) }
    }

    /// Up to `limit` records with an id above `after`.
    public static func list(after: Int64, limit: Int, in tx: any Transaction) throws -> [Summary] {
        try tx.rows(listing, [.int(after), .int(limit)], readSummary)
    }

    private static func readSummary(_ row: borrowing Row) -> Summary {
        Summary(id: row.int(0), subject: row.text(1), topic: row.text(2), heldMs: row.int(3), heldAt: row.int(4))
    }

    private static func readWaiting(_ row: borrowing Row) -> Waiting {
        Waiting(
            record: StoredRecord.read(row), subject: row.text(StoredRecord.columnCount), heldAt: row.int(StoredRecord.columnCount + 1))
    }

    private static let insert = SQL(
        """
        INSERT INTO held (topic, partition_no, record_offset, generation, record_key, headers, body, sealed_with, subject, held_ms, held_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT elapsed_ms FROM store_clock WHERE one = 1))
        """)
    private static let bySubject = SQL("SELECT \(StoredRecord.columns) FROM held WHERE subject = ? ORDER BY id")
    private static let allLines = SQL("SELECT topic, record_key, subject, count(*) FROM held GROUP BY topic, record_key, subject")
    private static let allSubjects = SQL("SELECT DISTINCT subject FROM held ORDER BY subject")
    private static let renameLine = SQL(
        """
        UPDATE held SET subject = ? WHERE id >= ? AND topic = (SELECT topic FROM held WHERE id = ?)
        AND record_key = (SELECT record_key FROM held WHERE id = ?)
        """)
    private static let renameOne = SQL("UPDATE held SET subject = ? WHERE id = ?")
    private static let renameAll = SQL("UPDATE held SET subject = ? WHERE subject = ?")
    private static let overdue = SQL(
        """
        SELECT id, subject, topic, held_ms, held_at FROM held
        WHERE id > ? AND held_at < ? AND subject NOT LIKE ? AND subject NOT LIKE ? ORDER BY id
        """)
    private static let firstWaiting = SQL(
        "SELECT \(StoredRecord.columns), subject, held_at FROM held WHERE subject = ? AND id > ? ORDER BY id LIMIT 1")
    private static let allHeads = SQL("SELECT min(id) FROM held GROUP BY topic, record_key")
    private static let subjectOf = SQL("SELECT subject FROM held WHERE id = ?")
    private static let delete = SQL("DELETE FROM held WHERE id = ?")
    private static let total = SQL("SELECT count(*) FROM held")
    private static let byTopic = SQL("SELECT topic, count(*), min(held_ms) FROM held GROUP BY topic ORDER BY topic")
    private static let listing = SQL("SELECT id, subject, topic, held_ms, held_at FROM held WHERE id > ? ORDER BY id LIMIT ?")
}
