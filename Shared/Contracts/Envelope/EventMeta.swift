import Crypto
import Vocabulary

/// Number of a record within its (topic, partition), and the history it belongs to. Written `epoch-number` in the extension `sequence`.
public struct EventSequence: Hashable, Sendable {
    /// Opened anew by a restore; names which history a number is of.
    public var epoch: Int
    /// Contiguous within (topic, partition), from 1.
    public var number: Int64

    public init(epoch: Int, number: Int64) {
        self.epoch = epoch
        self.number = number
    }
}

/// Who did it: organisation, role and a pseudonym; never a name.
public struct ActorStamp: Hashable, Sendable {
    public var organisation: String?
    public var role: String
    public var user: String

    public init(organisation: String?, role: String, user: String) {
        self.organisation = organisation
        self.role = role
        self.user = user
    }
}

/// The CloudEvents 1.0 envelope of an event: what it is, when, by whom and why. Holds nothing personal.
public struct EventMeta: Hashable, Sendable {
    /// 32 hex digits, derived from the cause: a retry is the same event.
    public var id: String
    /// `/service`.
    public var source: String
    public var type: String
    /// When it happened.
    public var time: Instant
    /// The event's key.
    public var subject: String?
    public var sequence: EventSequence?
    /// When it was recorded; may be later than it happened.
    public var recorded: Instant
    /// Runs through everything that followed from one first cause.
    public var correlation: String
    /// Id of the cause.
    public var causation: String
    /// W3C trace context.
    public var traceparent: String?
    public var policyVersion: String?
    public var actor: ActorStamp
    public var onBehalfOf: String?
    /// WINDOW, ONLINE, MOBILE, IMPORT, KAFKA, TIMER.
    public var channel: String
    /// STATUTORY, CONSENT, CONTRACT.
    public var legalBasis: String
    /// A `DataClass`.
    public var dataClass: String

    public init(
        id: String, source: String, type: String, time: Instant, subject: String? = nil, sequence: EventSequence? = nil, recorded: Instant,
        correlation: String, causation: String, traceparent: String? = nil, policyVersion: String? = nil, actor: ActorStamp,
        onBehalfOf: String? = nil, channel: String, legalBasis: String, dataClass: String = "internal"
    ) {
        self.id = id
        self.source = source
        self.type = type
        self.time = time
        self.subject = subject
        self.sequence = sequence
        self.recorded = recorded
        self.correlation = correlation
        self.causation = causation
        self.traceparent = traceparent
        self.policyVersion = policyVersion
        self.actor = actor
        self.onBehalfOf = onBehalfOf
        self.channel = channel
        self.legalBasis = legalBasis
        self.dataClass = dataClass
    }
}

/// Ids of events and things derived from what caused them, so that a retry gives the same id.
public enum EventID {
    /// First 16 bytes of SHA-256 over the parts, each closed by a zero byte; 32 lower-case hex digits.
    public static func derive(cause: String, handler: String, ordinal: Int, type: String) -> String {
        var hash = SHA256()
        func add(_ text: String) {
            var text = text
            text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
            withUnsafeBytes(of: UInt8(0)) { hash.update(bufferPointer: $0) }
        }
        add(cause)
        add(handler)
        add(type)
        withUnsafeBytes(of: Int64(ordinal).littleEndian) { hash.update(bufferPointer: $0) }
        let digest = hash.finalize()
        return String(unsafeUninitializedCapacity: 32) { buffer in
            var at = 0
            for byte in digest.prefix(16) {
                buffer[at] = hexDigit(byte >> 4)
                buffer[at + 1] = hexDigit(byte & 15)
                at += 2
            }
            return 32
        }
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 48 + nibble : 87 + nibble }
}
