import Vocabulary

/// A record's place in its numbered stream, one (topic, partition): contiguous within an epoch; a restore opens a new epoch.
public struct EventSequence: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// 0 to 2,147,483,647.
    public let epoch: Int
    /// Starts at 1; never negative.
    public let number: Int64

    public init(epoch: Int, number: Int64) {
        precondition((0...Int(Int32.max)).contains(epoch) && number >= 0, "epochs and numbers only grow from zero")
        self.epoch = epoch
        self.number = number
    }

    /// The CloudEvents `sequence` attribute: epoch and number, padded to 4 and 19 digits so that text sorts as the numbers do.
    public var text: String {
        String(unsafeUninitializedCapacity: width) { buffer in
            write(to: UnsafeMutableBufferPointer(rebasing: buffer[..<width]))
            return width
        }
    }
    public var description: String { text }

    /// Reads `text` back; nil for anything else. Padding is not needed.
    public init?(_ text: String) {
        var text = text
        guard let read = text.withUTF8({ EventSequence($0) }) else { return nil }
        self = read
    }

    public static func < (a: Self, b: Self) -> Bool { (a.epoch, a.number) < (b.epoch, b.number) }
}

/// Who stands behind an event: an organisation's user in a role. The user is a pseudonym; nothing here identifies a person.
public struct ActorStamp: Hashable, Sendable {
    /// Nil for a service, which belongs to no organisation.
    public var organisation: String?
    public var role: String
    public var user: String

    public init(organisation: String? = nil, role: String, user: String) {
        self.organisation = organisation
        self.role = role
        self.user = user
    }
}

/// Everything an event says about itself beside its data: the attributes of CloudEvents 1.0 and CareLoop's extensions.
///
/// No field ever holds personal data: headers and envelopes are read by tools that must not see any.
public struct EventMeta: Hashable, Sendable {
    /// 32 hex digits made by `EventID.derive`, so a retry is the same event.
    public var id: String
    /// The producing service as a URI reference, `/registration`.
    public var source: String
    /// Versioned event type, `careloop.screening.referral-issued.v1`.
    public var type: String
    /// When it happened.
    public var time: Instant
    /// The event's key: an opaque identifier.
    public var subject: String?
    /// Nil until the outbox row is written, and for partners' records.
    public var sequence: EventSequence?
    /// When it was recorded; commands from the log use this, so a rebuild decides the same.
    public var recorded: Instant
    /// Runs through everything that followed from one first cause.
    public var correlation: String
    /// Id of the event, request or deadline this one follows from.
    public var causation: String
    /// W3C trace context.
    public var traceparent: String?
    /// Version of the policy a decision rests on.
    public var policyVersion: String?
    public var actor: ActorStamp
    /// For whom the actor acts, a role word such as `guardian`.
    public var onBehalfOf: String?
    /// WINDOW, ONLINE, MOBILE, IMPORT, KAFKA, TIMER.
    public var channel: String
    /// STATUTORY, CONSENT, CONTRACT.
    public var legalBasis: String
    /// `DataClass` raw value of the topic.
    public var dataClass: String
    /// Media type of the data.
    public var contentType: String
    /// Schema of the data, a URI; absent means the version in `type`.
    public var dataSchema: String?

    public init(
        id: String, source: String, type: String, time: Instant, subject: String? = nil, sequence: EventSequence? = nil, recorded: Instant,
        correlation: String, causation: String, traceparent: String? = nil, policyVersion: String? = nil, actor: ActorStamp,
        onBehalfOf: String? = nil, channel: String, legalBasis: String, dataClass: String = "internal",
        contentType: String = "application/protobuf", dataSchema: String? = nil
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
        self.contentType = contentType
        self.dataSchema = dataSchema
    }
}

extension EventSequence {
    /// Length of `text`.
    var width: Int { max(4, decimalDigits(UInt64(epoch))) + 20 }

    /// Writes `text` into a buffer of exactly `width` bytes.
    func write(to buffer: UnsafeMutableBufferPointer<UInt8>) {
        precondition(buffer.count == width, "a sequence fills the place made for it")
        var rest = UInt64(number)
        for index in stride(from: width - 1, through: width - 19, by: -1) {
            buffer[index] = UInt8(48 + rest % 10)
            rest /= 10
        }
        buffer[width - 20] = 45
        rest = UInt64(epoch)
        for index in stride(from: width - 21, through: 0, by: -1) {
            buffer[index] = UInt8(48 + rest % 10)
            rest /= 10
        }
    }

    /// Reads `text` back; nil for anything else, overflow included.
    init?(_ digits: UnsafeBufferPointer<UInt8>) {
        guard let dash = digits.firstIndex(of: 45),
            let epoch = decimal(UnsafeBufferPointer(rebasing: digits[..<dash])), epoch <= Int64(Int32.max),
            let number = decimal(UnsafeBufferPointer(rebasing: digits[(dash + 1)...]))
        else { return nil }
        self.init(epoch: Int(epoch), number: number)
    }
}

private func decimalDigits(_ value: UInt64) -> Int {
    var count = 1
    var rest = value / 10
    while rest > 0 {
        count += 1
        rest /= 10
    }
    return count
}

private func decimal(_ digits: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard (1...19).contains(digits.count) else { return nil }
    var value: UInt64 = 0
    for byte in digits {
        guard (48...57).contains(byte) else { return nil }
        value = value * 10 + UInt64(byte - 48)
    }
    return Int64(exactly: value)
}
