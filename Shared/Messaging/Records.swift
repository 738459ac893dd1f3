import Vocabulary

/// One partition of one topic: the unit of order.
public struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var topic: String
    public var partition: Int32

    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// `topic/3`.
    public var description: String { "\(topic)/\(partition)" }
    public static func < (a: Self, b: Self) -> Bool { (a.topic, a.partition) < (b.topic, b.partition) }
}

/// A record's header. Names may repeat; order is kept.
public struct LogHeader: Hashable, Sendable {
    public var name: String
    public var value: [UInt8]

    public init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }

    public init(name: String, text: String) { self.init(name: name, value: Array(text.utf8)) }

    /// The value read as UTF-8; bytes that are none are repaired.
    public var text: String { String(decoding: value, as: UTF8.self) }
}

/// A record to append. The caller chooses the partition, because order per key rests on it (`design.md` section 3).
public struct OutgoingRecord: Sendable {
    public var topic: String
    public var partition: Int32
    /// Empty means the record has no key.
    public var key: [UInt8]
    /// Nil is a tombstone: it deletes the key from a compacted topic. An empty value is a value.
    public var value: [UInt8]?
    public var headers: [LogHeader]
    public var timestamp: Instant

    public init(
        topic: String, partition: Int32, key: [UInt8], value: [UInt8]?, headers: [LogHeader] = [], timestamp: Instant
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestamp = timestamp
    }

    public var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }
    /// Bytes that count against limits: key, value and headers.
    public var byteCount: Int {
        headers.reduce(key.count + (value?.count ?? 0)) { $0 + $1.name.utf8.count + $1.value.count }
    }
}

/// How a topic has to be: the catalogue's line for it, as the log needs it.
public struct TopicPlan: Hashable, Sendable {
    public var name: String
    /// Fixed for the topic's life; growth is a new topic version.
    public var partitions: Int
    /// The log may drop a record once a later one with the same key exists.
    public var compacted: Bool
    /// How long records stay at least; nil keeps them for ever.
    public var retentionMs: Int64?
    /// The largest batch that the topic's broker takes, in bytes, framing included; nil leaves it to the broker. Other logs ignore it.
    public var maxMessageBytes: Int?
    /// Copies of each record; nil takes the log's own choice (`replication-factor` of a Kafka address). Other logs ignore it.
    public var replication: Int?
    /// The log stamps records when they come, whatever their writer's clock says: what others write is kept by our time. Other logs ignore it.
    public var isStampedOnArrival: Bool

    public init(
        name: String, partitions: Int, compacted: Bool = false, retentionMs: Int64? = nil, maxMessageBytes: Int? = nil,
        replication: Int? = nil, isStampedOnArrival: Bool = false
    ) {
        precondition(partitions > 0, "a topic has at least one partition")
        self.name = name
        self.partitions = partitions
        self.compacted = compacted
        self.retentionMs = retentionMs
        self.maxMessageBytes = maxMessageBytes
        self.replication = replication
        self.isStampedOnArrival = isStampedOnArrival
    }
}

extension TopicPlan {
    /// The settings that differ.
    func drift(_ settings: [(name: String, planned: String, actual: String)]) -> [TopicDrift] {
        settings.filter { $0.planned != $0.actual }.map {
            TopicDrift(topic: name, setting: $0.name, planned: $0.planned, actual: $0.actual)
        }
    }
}

/// One way in which a topic of the log is not what its plan says. Only people change it back: nothing here alters a topic.
public struct TopicDrift: Hashable, Sendable, CustomStringConvertible {
    /// The setting of a topic that does not exist.
    public static let existence = "topic"
    /// The setting whose difference stops a service: keys would land elsewhere.
    public static let partitions = "partitions"

    public var topic: String
    /// `partitions`, `replication.factor`, `topic`, or the broker's name of a setting.
    public var setting: String
    public var planned: String
    public var actual: String

    public init(topic: String, setting: String, planned: String, actual: String) {
        self.topic = topic
        self.setting = setting
        self.planned = planned
        self.actual = actual
    }

    /// A plan whose topic is not there.
    public static func missing(_ topic: String) -> TopicDrift {
        TopicDrift(topic: topic, setting: existence, planned: "present", actual: "missing")
    }

    /// `careloop.screening.cases.v1: retention.ms is 604800000, the catalogue says -1`.
    public var description: String { "\(topic): \(setting) is \(actual), the catalogue says \(planned)" }
}

/// What became of a batch that was sent.
public struct SendResult: Sendable {
    /// The offset of each record of the batch, in the batch's order; nil for one that is not acknowledged. Within one partition the
    /// acknowledged records are a prefix. A record that is not acknowledged may still be in the log: it has to be sent again.
    public var offsets: [Int64?]
    /// Why each partition stopped, at its first failure.
    public var failures: [TopicPartition: LogError]

    public init(offsets: [Int64?], failures: [TopicPartition: LogError] = [:]) {
        self.offsets = offsets
        self.failures = failures
    }

    /// Every record of the batch is in the log.
    public var isComplete: Bool { failures.isEmpty }
}

/// Limits that every log keeps.
public enum LogLimits {
    /// Key, value and headers of one record together. With a batch's framing it stays below what a broker takes without being told
    /// otherwise (1,048,588 bytes).
    public static let maxRecordBytes = 1_040_000
}
