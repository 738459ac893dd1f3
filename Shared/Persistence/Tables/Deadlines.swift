import Vocabulary

/// Business deadlines: one per kind and subject. A deadline may be met on its due day; it is missed when the next day begins.
public enum Deadlines {
    /// What is due, for what, and by which day.
    public struct Deadline: Sendable, Equatable {
        public let kind: String
        public let subject: String
        public let due: LocalDate

        public init(kind: String, subject: String, due: LocalDate) {
            self.kind = kind
            self.subject = subject
            self.due = due
        }
    }

    /// Sets the deadline, replacing an earlier one of the same kind and subject.
    public static func set(_ deadline: Deadline, in tx: any Transaction) throws {
        try tx.run(upsert, [.text(deadline.kind), .text(deadline.subject), .text(deadline.due.text)])
    }

    /// Sets the deadline unless a later one of the same kind and subject stands.
    public static func setLater(_ deadline: Deadline, in tx: any Transaction) throws {
        try tx.run(upsertLater, [.text(deadline.kind), .text(deadline.subject), .text(deadline.due.text)])
    }

    /// Takes a deadline away; true when it was there.
    @discardableResult
    public static func clear(_ kind: String, _ subject: String, in tx: any Transaction) throws -> Bool {
        try tx.run(delete, [.text(kind), .text(subject)]) == 1
    }

    /// Removes exactly this deadline, so that it fires once however many timers look; false when it was moved or cleared meanwhile.
    public static func claim(_ deadline: Deadline, in tx: any Transaction) throws -> Bool {
        try tx.run(claimOne, [.text(deadline.kind), .text(deadline.subject), .text(deadline.due.text)]) == 1
    }

    /// Deadlines missed when `today` has begun, in order of due day, kind and subject; from the first on, or those behind `last`.
    public static func missed(on today: LocalDate, after last: Deadline? = nil, limit: Int, in tx: any Transaction) throws -> [Deadline] {
        let place: [Value] = [.text(last?.due.text ?? ""), .text(last?.kind ?? ""), .text(last?.subject ?? "")]
        return try tx.rows(due, [.text(today.text)] + place + [.int(limit)]) { row in
            Deadline(kind: row.text(0), subject: row.text(1), due: try LocalDate(row.text(2)))
        }
    }

    public static func missedCount(on today: LocalDate, in tx: any Transaction) throws -> Int {
        try tx.first(dueCount, [.text(today.text)]) { Int($0.int(0)) } ?? 0
    }

    private static let upsert = SQL(
        "INSERT INTO deadlines (kind, subject, due) VALUES (?, ?, ?) ON CONFLICT (kind, subject) DO UPDATE SET due = excluded.due")
    private static let upsertLater = SQL(
        """
        INSERT INTO deadlines (kind, subject, due) VALUES (?, ?, ?)
        ON CONFLICT (kind, subject) DO UPDATE SET due = excluded.due WHERE deadlines.due < excluded.due
        """)
    private static let delete = SQL("DELETE FROM deadlines WHERE kind = ? AND subject = ?")
    private static let claimOne = SQL("DELETE FROM deadlines WHERE kind = ? AND subject = ? AND due = ?")
    private static let due = SQL(
        "SELECT kind, subject, due FROM deadlines WHERE due < ? AND (due, kind, subject) > (?, ?, ?) ORDER BY due, kind, subject LIMIT ?")
    private static let dueCount = SQL("SELECT count(*) FROM deadlines WHERE due < ?")
}
