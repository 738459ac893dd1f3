import Contracts
import Messaging
import Vocabulary

/// What a service does with the records of one event type, or with everything partners write to one kind of topic.
public struct Subscription: Sendable {
    enum Kind: Sendable {
        case fact(type: String, apply: @Sendable (EventMeta, [UInt8], UnitOfWork) throws -> Void)
        case ingress(apply: @Sendable (IngressRecord, UnitOfWork) throws -> Void)
    }

    /// Topic name, or the template of partner topics.
    let topic: String
    let kind: Kind
    /// Verb and noun, for logs and metrics: `OpenCaseForResult`.
    let name: String
    /// Tells a partner that its record was set aside, in the transaction that sets it aside: reason and field of the dead letter.
    var told: (@Sendable (IngressRecord, String, String?, UnitOfWork) throws -> Void)?
    /// Tells a partner that its record waits, in the transaction that holds it.
    var waits: (@Sendable (IngressRecord, UnitOfWork) throws -> Void)?

    /// Handles one event type of an internal topic. The bytes are decoded and validated before `handle` sees them; what does not decode
    /// is a dead letter.
    public static func on<Event: ContractEvent>(
        _ event: Event.Type, _ name: String, _ handle: @escaping @Sendable (Event, EventMeta, UnitOfWork) throws -> Void
    ) -> Subscription {
        Subscription(
            topic: Event.topic,
            kind: .fact(type: Event.type) { meta, data, work in
                let decoded: Event
                do throws(ContractError) { decoded = try Event(protobuf: data) } catch {
                    throw DeadLetter(reason: error.reason, field: error.field)
                }
                try handle(decoded, meta, work)
            }, name: name)
    }

    /// Handles whatever partners write to their topics of this template; nothing about a record is trusted but its topic. `told` hears of
    /// every record that becomes a dead letter instead, in the transaction of the letter, so that its sender can be told; `waits` of every
    /// record that is held, once, in the transaction that holds it.
    public static func ingress(
        _ template: String, _ name: String, told: (@Sendable (IngressRecord, String, String?, UnitOfWork) throws -> Void)? = nil,
        waits: (@Sendable (IngressRecord, UnitOfWork) throws -> Void)? = nil,
        _ handle: @escaping @Sendable (IngressRecord, UnitOfWork) throws -> Void
    ) -> Subscription {
        Subscription(topic: template, kind: .ingress(apply: handle), name: name, told: told, waits: waits)
    }
}

/// A partner's record as it came.
public struct IngressRecord: Sendable {
    /// Whose topic it stood on; this is the sender's identity.
    public let organisation: OrganisationID
    public let topic: String
    public let partition: Int32
    public let offset: Int64
    public let key: [UInt8]
    public let headers: [(name: String, value: [UInt8])]
    public let value: [UInt8]?

    init(_ record: LogRecord, of organisation: OrganisationID) {
        self.organisation = organisation
        topic = record.topic
        partition = record.partition
        offset = record.offset
        key = record.key
        headers = record.headers.map { ($0.name, $0.value) }
        value = record.value
    }
}

/// What happens when a deadline of one kind is missed.
public struct DeadlineHandler: Sendable {
    let kind: String
    let apply: @Sendable (_ subject: String, _ due: LocalDate, UnitOfWork) throws -> Void

    public init(_ kind: String, _ apply: @escaping @Sendable (_ subject: String, _ due: LocalDate, UnitOfWork) throws -> Void) {
        self.kind = kind
        self.apply = apply
    }
}

extension ContractError {
    /// Public code of a contract violation.
    var reason: String {
        switch self {
        case .undecodable: "UNDECODABLE"
        case .missing: "FIELD_MISSING"
        case .unknownValue: "VALUE_UNKNOWN"
        case .invalid(_, let value): value.code
        }
    }

    var field: String? {
        switch self {
        case .undecodable: nil
        case .missing(let field), .unknownValue(let field, _), .invalid(let field, _): field
        }
    }
}
