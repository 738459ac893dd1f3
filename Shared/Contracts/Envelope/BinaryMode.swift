import Vocabulary

/// CloudEvents in Kafka's binary mode: attributes as `ce_…` headers, the event's own bytes as the value, so that any Kafka client can read it.
public enum BinaryMode {
    /// Header names and values of an event; always in one order.
    public static func headers(_ meta: EventMeta) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(22)
        func put(_ name: String, _ text: String?) {
            if let text { headers.append((name, text)) }
        }
        put("content-type", meta.contentType)
        put("ce_specversion", "1.0")
        put("ce_id", meta.id)
        put("ce_source", meta.source)
        put("ce_type", meta.type)
        put("ce_time", meta.time.text)
        put("ce_subject", meta.subject)
        put("ce_dataschema", meta.dataSchema)
        put("ce_sequence", meta.sequence?.text)
        put("ce_recordedtime", meta.recorded.text)
        put("ce_correlationid", meta.correlation)
        put("ce_causationid", meta.causation)
        put("ce_traceparent", meta.traceparent)
        put("ce_policyversion", meta.policyVersion)
        put("ce_actororganisation", meta.actor.organisation)
        put("ce_actorrole", meta.actor.role)
        put("ce_actoruser", meta.actor.user)
        put("ce_onbehalfof", meta.onBehalfOf)
        put("ce_channel", meta.channel)
        put("ce_legalbasis", meta.legalBasis)
        put("ce_dataclass", meta.dataClass)
        return headers
    }

    /// The number of a record written in binary mode, without reading its other headers; nil when it has none.
    public static func sequence(_ headers: [(name: String, value: [UInt8])]) -> EventSequence? {
        guard let header = headers.last(where: { $0.name == "ce_sequence" }) else { return nil }
        return header.value.withUnsafeBufferPointer { EventSequence($0) }
    }

    /// The text of one header, whatever case its name is in; the last one counts, as with attributes.
    public static func header(_ name: String, _ headers: [(name: String, value: [UInt8])]) -> String? {
        headers.last { $0.name.lowercased() == name }.map { String(decoding: $0.value, as: UTF8.self) }
    }
}

extension Envelope {
    /// Reads what `BinaryMode.headers` wrote. Throws when an attribute every event of ours has is absent. Headers of others are skipped.
    public static func meta(headers: [(name: String, value: [UInt8])]) throws(EnvelopeError) -> EventMeta {
        try ScannedEvent(headers: headers).meta()
    }
}

extension ScannedEvent {
    /// Attributes from `ce_…` headers; the last of a repeated header counts. Checks each attribute, not completeness.
    init(headers: [(name: String, value: [UInt8])]) throws(EnvelopeError) {
        self.init()
        for header in headers {
            let name = header.name.lowercased()
            if name == "content-type" {
                try set(.datacontenttype, to: try Self.text(header.value, name))
            } else if name.hasPrefix("ce_") {
                let attribute = String(name.dropFirst(3))
                try set(attribute: attribute, to: try Self.text(header.value, attribute))
            }
        }
        guard specVersion == nil || specVersion == "1.0" else { throw .unsupportedVersion }
    }

    /// Sets a context attribute by its CloudEvents name; one this build does not know is passed over.
    mutating func set(attribute name: String, to text: String) throws(EnvelopeError) {
        switch name {
        case "id": id = text
        case "source": source = text
        case "type": type = text
        case "specversion": specVersion = text
        case "datacontenttype" where contentType != nil: break  // the content-type header has said it
        default:
            if let known = AttributeName(rawValue: name) { try set(known, to: text) }
        }
    }

    private static func text(_ value: [UInt8], _ name: String) throws(EnvelopeError) -> String {
        guard let text = String(validating: value, as: UTF8.self) else { throw .invalid(attribute: name) }
        return text
    }
}
