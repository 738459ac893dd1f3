/// How far this service has consumed each (topic, partition): the next offset, and the last number applied.
/// Moves only in the transaction that holds the effects, by compare-and-set, so of two instances that believe they own a partition one commits.
public enum Positions {
    /// Where one (topic, partition) stands.
    public struct Position: Sendable, Equatable {
        /// The next offset to read.
        public var nextOffset: Int64
        public var lastEpoch: Int64
        /// The last number applied of a numbered stream; 0 before the first, and always on topics without numbers.
        public var lastNumber: Int64

        public init(nextOffset: Int64, lastEpoch: Int64 = 0, lastNumber: Int64 = 0) {
            self.nextOffset = nextOffset
            self.lastEpoch = lastEpoch
            self.lastNumber = lastNumber
        }
    }

    /// A number that came before the one expected.
    public struct Gap: Sendable, Equatable {
        public let topic: String
        public let partition: Int32
        /// The number that should have come next.
        public let expected: Int64
        /// The lowest number seen beyond it.
        public let seen: Int64
        /// Elapsed time of the first sighting.
        public let sinceMs: Int64

        public init(topic: String, partition: Int32, expected: Int64, seen: Int64, sinceMs: Int64) {
            self.topic = topic
            self.partition = partition
            self.expected = expected
            self.seen = seen
            self.sinceMs = sinceMs
        }
    }

    public static func position(_ topic: String, _ partition: Int32, in tx: any Transaction) throws -> Position? {
        try tx.first(select, [.text(topic), .int(Int64(partition))]) {
            Position(nextOffset: $0.int(0), lastEpoch: $0.int(1), lastNumber: $0.int(2))
        }
    }

    public static func all(in tx: any Transaction) throws -> [(topic: String, partition: Int32, position: Position)] {
        try tx.rows(selectAll) {
            ($0.text(0), Int32($0.int(1)), Position(nextOffset: $0.int(2), lastEpoch: $0.int(3), lastNumber: $0.int(4)))
        }
    }

    /// Moves a position from what was read to what will have been finished; false when another instance moved it first.
    public static func move(
        _ topic: String, _ partition: Int32, from old: Position?, to new: Position, in tx: any Transaction
    ) throws -> Bool {
        if let old {
            return try tx.run(
                update,
                [
                    .int(new.nextOffset), .int(new.lastEpoch), .int(new.lastNumber), .text(topic), .int(Int64(partition)),
                    .int(old.nextOffset),
                ]) == 1
        }
        return try tx.run(
            insert, [.text(topic), .int(Int64(partition)), .int(new.nextOffset), .int(new.lastEpoch), .int(new.lastNumber)]) == 1
    }

    /// Keeps the last number applied; in the transaction that moved the position.
    public static func setNumber(_ topic: String, _ partition: Int32, epoch: Int64, number: Int64, in tx: any Transaction) throws {
        try tx.run(renumber, [.int(epoch), .int(number), .text(topic), .int(Int64(partition))])
    }

    /// Notes a number beyond the expected one; the first sighting's time stays.
    public static func openGap(_ gap: Gap, in tx: any Transaction) throws {
        try tx.run(
            note, [.text(gap.topic), .int(Int64(gap.partition)), .int(gap.expected), .int(gap.seen), .int(gap.sinceMs)])
    }

    public static func closeGap(_ topic: String, _ partition: Int32, in tx: any Transaction) throws {
        try tx.run(close, [.text(topic), .int(Int64(partition))])
    }

    public static func gaps(in tx: any Transaction) throws -> [Gap] {
        try tx.rows(selectGaps) {
            Gap(topic: $0.text(0), partition: Int32($0.int(1)), expected: $0.int(2), seen: $0.int(3), sinceMs: $0.int(4))
        }
    }

    private static let select = SQL(
        "SELECT next_offset, last_epoch, last_number FROM positions WHERE topic = ? AND partition_no = ?")
    private static let selectAll = SQL("SELECT topic, partition_no, next_offset, last_epoch, last_number FROM positions")
    private static let update = SQL(
        """
        UPDATE positions SET next_offset = ?, last_epoch = ?, last_number = ?
        WHERE topic = ? AND partition_no = ? AND next_offset = ?
        """)
    private static let insert = SQL(
        """
        INSERT INTO positions (topic, partition_no, next_offset, last_epoch, last_number) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (topic, partition_no) DO NOTHING
        """)
    private static let renumber = SQL("UPDATE positions SET last_epoch = ?, last_number = ? WHERE topic = ? AND partition_no = ?")
    private static let note = SQL(
        """
        INSERT INTO gaps (topic, partition_no, expected, seen, since_ms) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (topic, partition_no) DO NOTHING
        """)
    private static let close = SQL("DELETE FROM gaps WHERE topic = ? AND partition_no = ?")
    private static let selectGaps = SQL("SELECT topic, partition_no, expected, seen, since_ms FROM gaps ORDER BY topic, partition_no")
}
