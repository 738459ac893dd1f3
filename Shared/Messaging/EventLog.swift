/// The event log: topics made of partitions, each an ordered sequence of records that only grows at its end.
///
/// Three implementations keep one contract (`ConformanceTests`): Kafka, a SQLite file shared by the processes of one machine, and memory.
/// A record that `send` acknowledged is durable and readers of its partition see it once per read, in offset order. Nothing here is
/// exactly-once: a record may be in the log twice after a failed send, and a consumer may be given a record again after a rebalance.
///
/// All calls block; none is made on a cooperative thread. The log itself may be used from any thread, a producer or consumer belongs to
/// the one thread that uses it, except for its `waker`.
public protocol EventLog: Sendable {
    /// The first line that a service logs: which log, which library version, which known defects are guarded. Holds no secret.
    var description: String { get }

    /// A new producer. `named` shows in the broker's logs (32 characters are kept).
    func producer(named: String) throws -> any LogProducer

    /// A new consumer. Throws `LogError.unknownTopic` when one of the fixed topics does not exist.
    func consumer(_ settings: ConsumerSettings) throws -> any LogConsumer

    /// Creates the topics that do not exist. Throws `LogError.partitionCountDiffers` when one exists with another number of partitions, and
    /// `.topicsMissing` when this client may not create what is missing; without anything missing no right to create is needed.
    /// Other differences of existing topics are left alone: see `drift`.
    func ensure(_ topics: [TopicPlan]) throws

    /// How the log's topics differ from their plans, by topic and setting; empty when everything is as planned. Changes nothing.
    func drift(of topics: [TopicPlan]) throws -> [TopicDrift]

    /// Every topic with its number of partitions; the broker's own topics are left out.
    func topics() throws -> [String: Int]

    /// The offset that the next record of each partition of these topics will get. Throws `LogError.unknownTopic`.
    func ends(_ topics: [String]) throws -> [TopicPartition: Int64]

    /// The lowest offset that can still be read. Equals the end when the partition is empty.
    func starts(_ topics: [String]) throws -> [TopicPartition: Int64]

    /// The last record of each partition; partitions without a record are missing in the answer.
    func lastRecords(_ partitions: [TopicPartition]) throws -> [TopicPartition: LogRecord]

    /// The record that stands at exactly this offset of each partition; missing in the answer where there is none: dropped by retention or
    /// compaction, a transaction's marker, or beyond the end. All partitions are read at once, one record of each.
    ///
    /// For knowing whether the log still is what it was when a position was stored. Throws `LogError.unknownTopic` and `.unknownPartition`.
    func records(at offsets: [TopicPartition: Int64]) throws -> [TopicPartition: LogRecord]
}

extension EventLog {
    /// The last record of a partition; nil when it is empty or everything has been dropped by retention.
    public func lastRecord(_ partition: TopicPartition) throws -> LogRecord? { try lastRecords([partition])[partition] }
}

/// What a consumer reads and from where.
public struct ConsumerSettings: Sendable {
    /// Consumers of one group share the partitions. Empty: no group, this consumer reads everything (for tools and tests).
    public var group: String
    /// Fixed topics, which have to exist.
    public var topics: [String]
    /// Topics that exist now or appear while running; new ones are found within seconds.
    public var patterns: [TopicPattern]
    /// The stored position of a partition, asked for on every assignment, on the consumer's thread; nil starts at the log's start.
    /// What it throws is thrown by `poll`. It must not call the log.
    public var start: @Sendable (TopicPartition) throws -> Int64?
    /// Bytes read ahead or returned by one poll at most, counted as stored; at least one record is always returned.
    public var maxQueueBytes: Int

    public init(
        group: String, topics: [String] = [], patterns: [TopicPattern] = [], maxQueueBytes: Int = 64 << 20,
        start: @escaping @Sendable (TopicPartition) throws -> Int64?
    ) {
        self.group = group
        self.topics = topics
        self.patterns = patterns
        self.maxQueueBytes = maxQueueBytes
        self.start = start
    }

    /// Whether this consumer reads the topic.
    func wants(_ topic: String) -> Bool { topics.contains(topic) || patterns.contains { $0.match(topic) != nil } }
}

/// Names under which brokers see readers that belong to no group. They ask where their group would be coordinated, and need the right to.
public enum ReaderGroups {
    /// Reads single records at known places.
    public static let peek = "careloop-peek"
    /// A consumer whose settings name no group.
    public static let alone = "careloop-reader"
}

/// Reads records. Owned by one thread.
public protocol LogConsumer: AnyObject {
    /// Up to `max` records, in offset order per partition. Waits up to `wait` for the first; takes the rest without waiting. Empty on
    /// timeout or wake.
    ///
    /// Throws `LogError.positionBeyondEnd` and `.positionBeforeStart` for a stored position that the log cannot serve, and keeps throwing
    /// until `seek` moves that partition or the consumer is closed. Assignments change only inside this call.
    func poll(max: Int, wait: Duration) throws -> [LogRecord]

    /// The next record of the partition returned by `poll` is the first at or above `offset`. The partition must be assigned.
    func seek(_ partition: TopicPartition, to offset: Int64) throws

    /// Returns no records of these partitions until `resume`; a pause ends when its partition is taken away. Keep polling meanwhile:
    /// that keeps the membership.
    func pause(_ partitions: [TopicPartition]) throws
    func resume(_ partitions: [TopicPartition]) throws

    /// Tells the log how far the group is, for lag tools only: nothing reads it back, failures are reported and forgotten.
    func commit(_ positions: [TopicPartition: Int64])

    /// The partitions this consumer reads now, as of the last `poll`.
    var assignment: [TopicPartition] { get }

    var waker: Waker { get }

    /// Leaves the group and frees everything, within about `within`; what takes longer is abandoned. Further calls throw `LogError.closed`.
    func close(within: Duration)
}

/// Appends records. Owned by one thread.
public protocol LogProducer: AnyObject {
    /// Appends the batch and blocks until every record is acknowledged or failed, however long the log is away.
    ///
    /// Records of one partition are appended in the batch's order; after the first failure in a partition the rest of that partition's
    /// records are not counted as acknowledged. Throws `LogError.fatal`, `.interrupted`, `.unavailable` or `.storage` when the batch as a
    /// whole has no known outcome: send it again, after the first two with a new producer.
    func send(_ batch: [OutgoingRecord]) throws -> SendResult

    /// `send` that calls `waiting` at least about once a second while the log keeps it waiting, on the producer's thread. What `waiting`
    /// throws ends the wait and is thrown: as after `LogError.interrupted` the batch has no known outcome and the producer is used up.
    func send(_ batch: [OutgoingRecord], waiting: () throws -> Void) throws -> SendResult

    var waker: Waker { get }

    /// Frees everything within about `within`. Records not acknowledged may or may not reach the log.
    func close(within: Duration)
}

extension LogProducer {
    // Where nothing is ever waited for there is nobody to tell.
    public func send(_ batch: [OutgoingRecord], waiting: () throws -> Void) throws -> SendResult { try send(batch) }
}

extension Duration {
    /// Whole milliseconds, at least 0 and at most what an Int32 holds.
    var milliseconds: Int32 {
        let parts = components
        let whole = parts.seconds.multipliedReportingOverflow(by: 1000)
        let sum = whole.overflow ? Int64.max / 2 : whole.partialValue + parts.attoseconds / 1_000_000_000_000_000
        return Int32(clamping: Swift.max(0, sum))
    }
}
