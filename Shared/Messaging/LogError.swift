/// What the event log cannot do. Texts name topics, partitions and settings, never a record's content.
public enum LogError: Error, Hashable, Sendable {
    /// The producer can no longer keep its promise of order without gaps. Close it, make a new one, send again from the first record that was
    /// not acknowledged.
    case fatal(String)
    /// `send` was woken by the producer's waker. Like `fatal` the producer is used up; records may be in the log.
    case interrupted
    /// The client was closed.
    case closed
    /// No answer in time, or no broker reachable: try again later.
    case unavailable(String)
    /// The log's own file or directory failed: disk full, I/O error, corruption.
    case storage(String)
    /// The log refused a record or a request for good; `code` is the broker's name for the reason.
    case rejected(code: String, String)
    /// A topic that does not exist. Topics are created by `ensure`, never by being mentioned.
    case unknownTopic(String)
    /// Topics that do not exist and that this client may not create, or that it may not see.
    case topicsMissing([String])
    /// A partition that the topic does not have.
    case unknownPartition(TopicPartition)
    /// The topic exists with another number of partitions than planned, so keys would land elsewhere.
    case partitionCountDiffers(topic: String, planned: Int, actual: Int)
    /// A record above the log's size limit.
    case recordTooLarge(TopicPartition, bytes: Int)
    /// The stored position lies beyond the log's end: another log, or one that lost its end. Nothing is read until somebody decides.
    case positionBeyondEnd(TopicPartition, position: Int64, end: Int64)
    /// Records between the stored position and the log's start are gone (retention). Nothing is read until somebody decides.
    case positionBeforeStart(TopicPartition, position: Int64, start: Int64)
    /// An address or option that cannot be understood.
    case invalidURL(String)
    /// A librdkafka that is known to lose or block.
    case unsupportedLibrary(String)
}

extension LogError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .fatal(let reason): "the producer has to be replaced: \(reason)"
        case .interrupted: "the send was interrupted"
        case .closed: "the client is closed"
        case .unavailable(let reason): "the event log does not answer: \(reason)"
        case .storage(let reason): "the event log's file failed: \(reason)"
        case .rejected(let code, let reason): "the event log refused (\(code)): \(reason)"
        case .unknownTopic(let topic): "topic \(topic) does not exist"
        case .topicsMissing(let topics):
            """
            \(topics.joined(separator: ", ")): no such topics for this client, which may not create or not see them; `careloop topics apply` \
            makes topics and rights, with an operator's rights
            """
        case .unknownPartition(let partition): "partition \(partition) does not exist"
        case .partitionCountDiffers(let topic, let planned, let actual):
            "topic \(topic) has \(actual) partitions, the catalogue says \(planned)"
        case .recordTooLarge(let partition, let bytes): "a record of \(bytes) bytes is too large for \(partition)"
        case .positionBeyondEnd(let partition, let position, let end):
            "the stored position \(position) of \(partition) lies beyond the log's end \(end)"
        case .positionBeforeStart(let partition, let position, let start):
            "the stored position \(position) of \(partition) lies before the log's start \(start): \(start - position) offsets are gone"
        case .invalidURL(let reason): "the event log's address is not usable: \(reason)"
        case .unsupportedLibrary(let reason): reason
        }
    }
}
