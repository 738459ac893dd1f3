import Vocabulary

/// Why bytes or headers are not one of our events. Names the attribute, never its value.
public enum EnvelopeError: Error, Hashable, Sendable {
    /// Not a CloudEvent in this format at all.
    case undecodable
    /// `specversion` is not 1.0.
    case unsupportedVersion
    /// A required attribute is absent.
    case missing(attribute: String)
    /// An attribute that cannot be read as what it is.
    case invalid(attribute: String)
}

/// CloudEvents 1.0 on the wire.
///
/// Internal topics carry structured mode in the Protocol Buffers event format with one header; partner and published topics carry binary mode,
/// `ce_…` headers beside the data. Attributes this build does not know are skipped when read.
public enum Envelope {
    /// `content-type` of structured mode, the only header of an internal record.
    public static let contentType = "application/cloudevents+protobuf"
    /// `content-type` of structured JSON, accepted from partners.
    public static let jsonContentType = "application/cloudevents+json"
    /// `content-type` of binary mode's data.
    public static let protobufContentType = "application/protobuf"
    public static let plainJSONContentType = "application/json"

    /// One event with its data as a protobuf `CloudEvent`. Deterministic: equal input, equal bytes.
    public static func encode(_ meta: EventMeta, data: [UInt8]) -> [UInt8] {
        EnvelopeWriter.write(meta, data: data)
    }

    /// Reads what `encode` wrote, or any conforming producer. Throws when it is no CloudEvent or an attribute every internal event has is absent.
    public static func decode(_ bytes: [UInt8]) throws(EnvelopeError) -> (meta: EventMeta, data: [UInt8]) { try decode(bytes[...]) }

    /// The same for bytes among others, which are not copied but for the data.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(EnvelopeError) -> (meta: EventMeta, data: [UInt8]) {
        let scanned = try ScannedEvent(bytes)
        return (try scanned.meta(), Array(bytes.dropFirst(scanned.data.lowerBound).prefix(scanned.data.count)))
    }

    /// Type and sequence only, without touching the rest; nil when the bytes are no CloudEvent.
    public static func peek(_ bytes: [UInt8]) -> (type: String, sequence: EventSequence?)? {
        // An error here only means that there is nothing to peek at.
        guard let (type, sequence) = try? ScannedEvent.peek(bytes), let type else { return nil }
        return (type, sequence)
    }
}
