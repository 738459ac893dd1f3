import Vocabulary

/// CloudEvents in Kafka's binary mode: attributes as `ce_…` headers, the event's own bytes as the value, so that any Kafka client can read it.
public enum BinaryMode {
    public static let contentType = "application/protobuf"

    /// Header names and values of an event whose data is protobuf.
    public static func headers(_ meta: EventMeta) -> [(name: String, value: String)] {
        var headers = [
            ("content-type", contentType), ("ce_specversion", "1.0"), ("ce_id", meta.id), ("ce_source", meta.source), ("ce_type", meta.type),
            ("ce_time", meta.time.text), ("ce_recordedtime", meta.recorded.text), ("ce_correlationid", meta.correlation),
            ("ce_causationid", meta.causation), ("ce_dataclass", meta.dataClass),
        ]
        func add(_ name: String, _ value: String?) { if let value { headers.append((name, value)) } }
        add("ce_subject", meta.subject)
        add("ce_sequence", meta.sequence?.text)
        add("traceparent", meta.traceparent)
        add("ce_policyversion", meta.policyVersion)
        return headers.map { (name: $0.0, value: $0.1) }
    }

    /// The number of a record written in binary mode, read from its headers.
    public static func sequence(_ headers: [(name: String, value: [UInt8])]) -> EventSequence? {
        headers.first { $0.name == "ce_sequence" }.flatMap { EventSequence(String(decoding: $0.value, as: UTF8.self)) }
    }

    public static func header(_ name: String, _ headers: [(name: String, value: [UInt8])]) -> String? {
        headers.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
    }
}
