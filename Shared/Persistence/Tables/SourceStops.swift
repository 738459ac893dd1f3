/// Sources that are not read until an operator says so, with why. A row outlives restarts and is seen by every instance.
public enum SourceStops {
    /// Why a source was stopped; the raw value is shown to operators.
    public enum Reason: String, Sendable, CaseIterable {
        /// Most of what it sent lately could not be used.
        case tooManyBad = "TOO_MANY_BAD"
        /// The log ends before the stored position: it was lost, cut or made anew.
        case logShorter = "LOG_SHORTER"
        /// Another record, or none, stands where the last one was read: the topic was made anew or rewritten.
        case recordChanged = "RECORD_CHANGED"
        /// Records were dropped by retention before they were read.
        case retentionGap = "RETENTION_GAP"
        /// A partition that was read before has no stored position.
        case positionMissing = "POSITION_MISSING"
        /// Its owner was restored and continued from a number this service is already beyond.
        case twoHistories = "TWO_HISTORIES"
    }

    /// One stop of a topic, or of one partition of it.
    public struct Stop: Sendable, Equatable {
        /// Stands for every partition.
        public static let wholeTopic: Int32 = -1

        public let topic: String
        public let partition: Int32
        public let reason: Reason
        /// One sentence with offsets and numbers; nothing of a record.
        public let detail: String
        /// The offsets in question, the second not included: what was lost, or where the log stands and where the position does.
        public let fromOffset: Int64
        public let toOffset: Int64
        /// Elapsed time.
        public let sinceMs: Int64

        public init(
            topic: String, partition: Int32, reason: Reason, detail: String, fromOffset: Int64, toOffset: Int64, sinceMs: Int64
        ) {
            self.topic = topic
            self.partition = partition
            self.reason = reason
            self.detail = detail
            self.fromOffset = fromOffset
            self.toOffset = toOffset
            self.sinceMs = sinceMs
        }

        public func covers(_ topic: String, _ partition: Int32) -> Bool {
            self.topic == topic && (self.partition == partition || self.partition == Self.wholeTopic)
        }
    }

    /// Notes a stop; the first one of a place stays.
    public static func add(_ stop: Stop, in tx: any Transaction) throws {
        try tx.run(
            insert,
            [
                .text(stop.topic), .int(Int64(stop.partition)), .text(stop.reason.rawValue), .text(stop.detail), .int(stop.fromOffset),
                .int(stop.toOffset), .int(stop.sinceMs),
            ])
    }

    /// True when the stop was there.
    @discardableResult
    public static func remove(_ topic: String, _ partition: Int32, in tx: any Transaction) throws -> Bool {
        try tx.run(delete, [.text(topic), .int(Int64(partition))]) == 1
    }

    /// In order of topic and partition.
    public static func all(in tx: any Transaction) throws -> [Stop] {
        try tx.rows(select) { row in
            // Written by this build or an older one, which knew no other reason.
            let reason = Reason(rawValue: row.text(2)) ?? .recordChanged
            return Stop(
                topic: row.text(0), partition: Int32(row.int(1)), reason: reason, detail: row.text(3), fromOffset: row.int(4),
                toOffset: row.int(5), sinceMs: row.int(6))
        }
    }

    private static let insert = SQL(
        """
        INSERT INTO source_stops (topic, partition_no, reason, detail, from_offset, to_offset, since_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (topic, partition_no) DO NOTHING
        """)
    private static let delete = SQL("DELETE FROM source_stops WHERE topic = ? AND partition_no = ?")
    private static let select = SQL(
        """
        SELECT topic, partition_no, reason, detail, from_offset, to_offset, since_ms FROM source_stops ORDER BY topic, partition_no
        """)
}
