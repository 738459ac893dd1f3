import Vocabulary

/// Why bytes are not an envelope of ours.
public enum EnvelopeError: Error, Hashable, Sendable {
    /// Not a CloudEvent in the protobuf format.
    case undecodable
    /// An attribute CareLoop's own events always carry is absent or unreadable.
    case attribute(String)
}

/// CloudEvents 1.0 in its protobuf format: id, source, spec_version and type as fields 1 to 4, attributes as map field 5, data as field 6.
///
/// Written and scanned by hand, because a general decoder builds fifteen small messages and a dictionary for every event; tests hold it equal
/// to swift-protobuf's reading of the published schema.
public enum Envelope {
    public static let contentType = "application/cloudevents+protobuf"

    public static func encode(_ meta: EventMeta, data: [UInt8]) -> [UInt8] {
        var out = WireWriter(capacity: 640 + data.count)
        out.text(1, meta.id)
        out.text(2, meta.source)
        out.text(3, "1.0")
        out.text(4, meta.type)
        out.attribute("time", timestamp: meta.time)
        if let subject = meta.subject { out.attribute("subject", subject) }
        if let sequence = meta.sequence { out.attribute("sequence", sequence.text) }
        out.attribute("recordedtime", timestamp: meta.recorded)
        out.attribute("correlationid", meta.correlation)
        out.attribute("causationid", meta.causation)
        if let traceparent = meta.traceparent { out.attribute("traceparent", traceparent) }
        if let policyVersion = meta.policyVersion { out.attribute("policyversion", policyVersion) }
        if let organisation = meta.actor.organisation { out.attribute("actororganisation", organisation) }
        out.attribute("actorrole", meta.actor.role)
        out.attribute("actoruser", meta.actor.user)
        if let onBehalfOf = meta.onBehalfOf { out.attribute("onbehalfof", onBehalfOf) }
        out.attribute("channel", meta.channel)
        out.attribute("legalbasis", meta.legalBasis)
        out.attribute("dataclass", meta.dataClass)
        out.bytes(6, data)
        return out.bytes
    }

    /// The envelope and where its data lies in `bytes`.
    public static func decode(_ bytes: [UInt8]) throws(EnvelopeError) -> (meta: EventMeta, data: [UInt8]) {
        var fields = RawMeta()
        var data: Range<Int>?
        var valid = true
        bytes.withUnsafeBufferPointer { buffer in
            var scan = WireScanner(buffer)
            while let (field, range) = scan.next() {
                switch field {
                case 1: fields.id = scan.text(range)
                case 2: fields.source = scan.text(range)
                case 4: fields.type = scan.text(range)
                case 5: scan.attribute(range, &fields)
                case 6: data = range
                default: break
                }
            }
            valid = scan.isComplete
        }
        guard valid else { throw .undecodable }
        return (try fields.meta(), data.map { Array(bytes[$0]) } ?? [])
    }
}

extension EventSequence {
    /// `epoch-number`.
    public var text: String { "\(epoch)-\(number)" }

    public init?(_ text: String) {
        let parts = text.split(separator: "-")
        guard parts.count == 2, let epoch = Int(parts[0]), let number = Int64(parts[1]) else { return nil }
        self.init(epoch: epoch, number: number)
    }
}

/// Attributes as read, before it is known that all are there.
struct RawMeta {
    var id: String?
    var source: String?
    var type: String?
    var time: Instant?
    var subject: String?
    var sequence: String?
    var recorded: Instant?
    var correlation: String?
    var causation: String?
    var traceparent: String?
    var policyVersion: String?
    var organisation: String?
    var role: String?
    var user: String?
    var onBehalfOf: String?
    var channel: String?
    var legalBasis: String?
    var dataClass: String?

    mutating func set(_ name: String, _ value: String) {
        switch name {
        case "subject": subject = value
        case "sequence": sequence = value
        case "correlationid": correlation = value
        case "causationid": causation = value
        case "traceparent": traceparent = value
        case "policyversion": policyVersion = value
        case "actororganisation": organisation = value
        case "actorrole": role = value
        case "actoruser": user = value
        case "onbehalfof": onBehalfOf = value
        case "channel": channel = value
        case "legalbasis": legalBasis = value
        case "dataclass": dataClass = value
        default: break
        }
    }

    mutating func set(_ name: String, _ value: Instant) {
        switch name {
        case "time": time = value
        case "recordedtime": recorded = value
        default: break
        }
    }

    func meta() throws(EnvelopeError) -> EventMeta {
        func need<Value>(_ name: String, _ value: Value?) throws(EnvelopeError) -> Value {
            guard let value else { throw .attribute(name) }
            return value
        }
        var numbered: EventSequence?
        if let sequence {
            numbered = EventSequence(sequence)
            if numbered == nil { throw .attribute("sequence") }
        }
        return EventMeta(
            id: try need("id", id), source: try need("source", source), type: try need("type", type), time: try need("time", time),
            subject: subject, sequence: numbered, recorded: try need("recordedtime", recorded),
            correlation: try need("correlationid", correlation), causation: try need("causationid", causation), traceparent: traceparent,
            policyVersion: policyVersion,
            actor: ActorStamp(organisation: organisation, role: try need("actorrole", role), user: try need("actoruser", user)),
            onBehalfOf: onBehalfOf, channel: try need("channel", channel), legalBasis: try need("legalbasis", legalBasis),
            dataClass: try need("dataclass", dataClass))
    }
}
