import Vocabulary

/// Writes the protobuf `CloudEvent` message by hand: one array, no dictionary, attributes always in the same order.
struct EnvelopeWriter {
    private var out: [UInt8] = []

    static func write(_ meta: EventMeta, data: [UInt8]) -> [UInt8] {
        var writer = EnvelopeWriter()
        // Names, tags and stamps of all attributes come to some 400 bytes; growth beyond this is correct, only slower.
        let texts = meta.id.utf8.count + meta.type.utf8.count * 2 + meta.correlation.utf8.count + meta.causation.utf8.count
        writer.out.reserveCapacity(640 + texts + (meta.subject?.utf8.count ?? 0) + (meta.dataSchema?.utf8.count ?? 0) + data.count)
        writer.field(0x0A, meta.id)
        writer.field(0x12, meta.source)
        writer.field(0x1A, "1.0")
        writer.field(0x22, meta.type)
        writer.attribute(.time, meta.time)
        writer.attribute(.subject, meta.subject)
        writer.attribute(.datacontenttype, meta.contentType)
        writer.attribute(.dataschema, meta.dataSchema, kind: 0x2A)
        if let sequence = meta.sequence { writer.attribute(.sequence, kind: 0x1A, sequence.bytes) }
        writer.attribute(.recordedtime, meta.recorded)
        writer.attribute(.correlationid, meta.correlation)
        writer.attribute(.causationid, meta.causation)
        writer.attribute(.traceparent, meta.traceparent)
        writer.attribute(.policyversion, meta.policyVersion)
        writer.attribute(.actororganisation, meta.actor.organisation)
        writer.attribute(.actorrole, meta.actor.role)
        writer.attribute(.actoruser, meta.actor.user)
        writer.attribute(.onbehalfof, meta.onBehalfOf)
        writer.attribute(.channel, meta.channel)
        writer.attribute(.legalbasis, meta.legalBasis)
        writer.attribute(.dataclass, meta.dataClass)
        writer.out.append(0x32)
        writer.varint(UInt64(data.count))
        writer.out.append(contentsOf: data)
        return writer.out
    }

    private mutating func field(_ tag: UInt8, _ text: String) {
        out.append(tag)
        varint(UInt64(text.utf8.count))
        out.append(contentsOf: text.utf8)
    }

    private mutating func attribute(_ name: AttributeName, _ text: String?, kind: UInt8 = 0x1A) {
        guard let text else { return }
        attribute(name, kind: kind, text.utf8)
    }

    /// One map entry: key, then a value message with one length-delimited member of tag `kind`.
    private mutating func attribute(_ name: AttributeName, kind: UInt8, _ content: some Collection<UInt8>) {
        open(name, valueSize: 1 + Self.size(UInt64(content.count)) + content.count)
        out.append(kind)
        varint(UInt64(content.count))
        out.append(contentsOf: content)
    }

    /// A timestamp as `google.protobuf.Timestamp`; zero members are left out, as proto3 does.
    private mutating func attribute(_ name: AttributeName, _ instant: Instant) {
        let (seconds, nanos) = instant.timestamp
        let size = (seconds == 0 ? 0 : 1 + Self.size(UInt64(bitPattern: seconds))) + (nanos == 0 ? 0 : 1 + Self.size(UInt64(nanos)))
        open(name, valueSize: 1 + Self.size(UInt64(size)) + size)
        out.append(0x3A)
        varint(UInt64(size))
        if seconds != 0 {
            out.append(0x08)
            varint(UInt64(bitPattern: seconds))
        }
        if nanos != 0 {
            out.append(0x10)
            varint(UInt64(nanos))
        }
    }

    private mutating func open(_ name: AttributeName, valueSize: Int) {
        let key = name.name
        let keySize = key.utf8CodeUnitCount
        out.append(0x2A)
        varint(UInt64(1 + Self.size(UInt64(keySize)) + keySize + 1 + Self.size(UInt64(valueSize)) + valueSize))
        out.append(0x0A)
        varint(UInt64(keySize))
        out.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: keySize))
        out.append(0x12)
        varint(UInt64(valueSize))
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        out.append(UInt8(rest))
    }

    private static func size(_ value: UInt64) -> Int { value < 128 ? 1 : (70 - value.leadingZeroBitCount) / 7 }
}

extension Instant {
    /// Whole seconds since 1970 (floor) and nanoseconds within the second.
    var timestamp: (seconds: Int64, nanos: Int32) {
        let inSecond = ((milliseconds % 1000) + 1000) % 1000
        return ((milliseconds - inSecond) / 1000, Int32(inSecond) * 1_000_000)
    }

    /// Years 1 to 9999 in Asia/Shanghai; nil outside. Parts of a millisecond are dropped.
    init?(seconds: Int64, nanos: Int64) {
        guard (-62_135_596_800...253_402_271_999).contains(seconds), (0...999_999_999).contains(nanos) else { return nil }
        self.init(milliseconds: seconds * 1000 + nanos / 1_000_000)
    }
}
