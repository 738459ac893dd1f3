import Contracts
import Vocabulary

/// Why a transaction runs: one record, one request or one deadline. Everything a decision may know about time and people comes from here.
public struct Cause: Sendable {
    /// Identifies the cause for ever: the record's event id, the request's id or key, the deadline's hash. Ids of events derive from it.
    public var id: String
    /// When the cause was recorded; commands from the log use the record's, so a rebuild decides the same.
    public var recorded: Instant
    /// The business date that goes with `recorded`, Asia/Shanghai.
    public var today: LocalDate
    public var actor: Actor
    /// For whom the actor acts, a role word such as `guardian`.
    public var onBehalfOf: String?
    /// WINDOW, ONLINE, MOBILE, IMPORT, KAFKA, TIMER.
    public var channel: String
    /// Runs through everything that followed from one first cause.
    public var correlation: String
    /// W3C trace context; a cause that brings none begins a trace of its own.
    public var traceparent: String?
    public var legalBasis: String
    /// Where the record came from; nil for requests and deadlines.
    public var topic: String?
    public var partition: Int32?

    public init(
        id: String, recorded: Instant, actor: Actor, onBehalfOf: String? = nil, channel: String, correlation: String? = nil,
        traceparent: String? = nil, legalBasis: String = "STATUTORY", topic: String? = nil, partition: Int32? = nil
    ) {
        self.id = id
        self.recorded = recorded
        today = recorded.date
        self.actor = actor
        self.onBehalfOf = onBehalfOf
        self.channel = channel
        self.correlation = correlation ?? id
        self.traceparent = traceparent ?? TraceContext.root(of: correlation ?? id)
        self.legalBasis = legalBasis
        self.topic = topic
        self.partition = partition
    }
}
