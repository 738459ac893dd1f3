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
        /// What the record before `nextOffset` was; nil before the first, and after an operator moved the position.
        public var identity: Int64?
        /// How often an operator moved the position: after that, offsets may name other records.
        public var generation: Int64
        /// Bad records below this offset are set aside without counting against their source.
        public var sparedBelow: Int64

        public init(
            nextOffset: Int64, lastEpoch: Int64 = 0, lastNumber: Int64 = 0, identity: Int64? = nil, generation: Int64 = 0,
            sparedBelow: Int64 = 0
        ) {
            self.nextOffset = nextOffset
            self.lastEpoch = lastEpoch
            self.lastNumber = lastNumber
            self.identity = identity
            self.generation = generation
            self.sparedBelow = sparedBelow
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
        try tx.first(select, [.text(topic), .int(Int64(partition))]) { read($0, 0) }
    }

    public static func all(in tx: any Transaction) throws -> [(topic: String, partition: Int32, position: Position)] {
        try tx.rows(selectAll) { ($0.text(0), Int32($0.int(1)), read($0, 2)) }
    }

    private static func read(_ row: borrowing Row, _ first: Int) -> Position {
        Position(
            nextOffset: row.int(first), lastEpoch: row.int(first + 1), lastNumber: row.int(first + 2), identity: row.intOrNil(first + 3),
            generation: row.int(first + 4), sparedBelow: row.int(first + 5))
    }

    /// Gives every partition of a topic read for the first time its position, at the log's start; changes nothing for a topic known already.
    /// From then on a partition without a position has lost it.
    public static func begin(_ topic: String, at starts: [Int32: Int64], in tx: any Transaction) throws {
        guard try tx.run(noteTopic, [.text(topic)]) == 1 else { return }
        for (partition, start) in starts.sorted(by: { $0.key < $1.key }) {
            try tx.run(insert, [.text(topic), .int(Int64(partition)), .int(start), 0, 0, .null, 0, 0])
        }
    }

    /// True when the topic was read before, so that each of its partitions has a position.
    public static func hasBegun(_ topic: String, in tx: any Transaction) throws -> Bool {
        try tx.first(knownTopic, [.text(topic)]) { $0.text(0) } != nil
    }

    /// Puts a position somewhere else on an operator's word, numbers kept; whoever reads the partition now loses its fence.
    public static func place(_ topic: String, _ partition: Int32, at offset: Int64, in tx: any Transaction) throws {
        guard try tx.run(replace, [.int(offset), .text(topic), .int(Int64(partition))]) == 0 else { return }
        try tx.run(insert, [.text(topic), .int(Int64(partition)), .int(offset), 0, 0, .null, 1, 0])
    }

    /// Lets the bad records of a partition below `offset` pass without counting them.
    public static func spare(_ topic: String, _ partition: Int32, below offset: Int64, in tx: any Transaction) throws {
        try tx.run(sparing, [.int(offset), .text(topic), .int(Int64(partition))])
    }

    /// Moves a position from what was read to what will have been finished; false when another instance moved it first.
    public static func move(
        _ topic: String, _ partition: Int32, from old: Position?, to new: Position, in tx: any Transaction
    ) throws -> Bool {
        if let old {
            return try tx.run(
                update,
                [
                    .int(new.nextOffset), .int(new.lastEpoch), .int(new.lastNumber), new.identity.map { .int($0) } ?? .null,
                    .text(topic), .int(Int64(partition)), .int(old.nextOffset), .int(old.generation),
                ]) == 1
        }
        return try tx.run(
            insert,
            [
                .text(topic), .int(Int64(partition)), .int(new.nextOffset), .int(new.lastEpoch), .int(new.lastNumber),
                new.identity.map { .int($0) } ?? .null, .int(new.generation), .int(new.sparedBelow),
            ]) == 1
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

    private static let columns = "next_offset, last_epoch, last_number, last_identity, generation, spared_below"
    private static let select = SQL("SELECT \(columns) FROM positions WHERE topic = ? AND partition_no = ?")
    private static let selectAll = SQL("SELECT topic, partition_no, \(columns) FROM positions")
    private static let update = SQL(
        """
        UPDATE positions SET next_offset = ?, last_epoch = ?, last_number = ?, last_identity = ?
        WHERE topic = ? AND partition_no = ? AND next_offset = ? AND generation = ?
        """)
    private static let insert = SQL(
        """
        INSERT INTO positions (topic, partition_no, \(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (topic, partition_no) DO NOTHING
        """)
    private static let replace = SQL(
        """
        UPDATE positions SET next_offset = ?, last_identity = NULL, generation = generation + 1 WHERE topic = ? AND partition_no = ?
        """)
    private static let sparing = SQL("UPDATE positions SET spared_below = ? WHERE topic = ? AND partition_no = ?")
    private static let noteTopic = SQL("INSERT INTO read_topics (topic) VALUES (?) ON CONFLICT (topic) DO NOTHING")
    private static let knownTopic = SQL("SELECT topic FROM read_topics WHERE topic = ?")
    private static let renumber = SQL("UPDATE positions SET last_epoch = ?, last_number = ? WHERE topic = ? AND partition_no = ?")
    private static let note = SQL(
        """
        INSERT INTO gaps (topic, partition_no, expected, seen, since_ms) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (topic, partition_no) DO NOTHING
        """)
    private static let close = SQL("DELETE FROM gaps WHERE topic = ? AND partition_no = ?")
    private static let selectGaps = SQL("SELECT topic, partition_no, expected, seen, since_ms FROM gaps ORDER BY topic, partition_no")
}
