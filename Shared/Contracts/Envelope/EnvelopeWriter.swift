import Vocabulary

/// Writes the protobuf `CloudEvent` message by hand into one array of known bound: no dictionary, no growing, attributes always in one order.
///
/// Every write checks that it stays inside the buffer; a wrong bound is a bug that stops, never a write outside.
struct EnvelopeWriter {
    private let out: UnsafeMutableBufferPointer<UInt8>
    private var index = 0

    static func write(_ meta: EventMeta, data: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bound(meta) + data.count) { buffer, count in
            var writer = EnvelopeWriter(out: buffer)
            writer.event(meta, data)
            count = writer.index
        }
    }

    private init(out: UnsafeMutableBufferPointer<UInt8>) { self.out = out }

    /// Never less than what `event` writes beside the data: each attribute costs at most its text, its name and four tags with lengths.
    private static func bound(_ meta: EventMeta) -> Int {
        let required = meta.id.utf8.count + meta.source.utf8.count + meta.type.utf8.count + meta.contentType.utf8.count
        let said = meta.correlation.utf8.count + meta.causation.utf8.count + meta.channel.utf8.count + meta.legalBasis.utf8.count
        let actor = (meta.actor.organisation?.utf8.count ?? 0) + meta.actor.role.utf8.count + meta.actor.user.utf8.count
        let optional =
            (meta.subject?.utf8.count ?? 0) + (meta.dataSchema?.utf8.count ?? 0) + (meta.traceparent?.utf8.count ?? 0)
            + (meta.policyVersion?.utf8.count ?? 0) + (meta.onBehalfOf?.utf8.count ?? 0) + meta.dataClass.utf8.count
        return required + said + actor + optional + 22 * 64
    }

    private mutating func event(_ meta: EventMeta, _ data: [UInt8]) {
        field(0x0A, meta.id)
        field(0x12, meta.source)
        field(0x1A, "1.0")
        field(0x22, meta.type)
        attribute(.time, meta.time)
        attribute(.subject, meta.subject)
        attribute(.datacontenttype, meta.contentType)
        attribute(.dataschema, meta.dataSchema, kind: 0x2A)
        if let sequence = meta.sequence { attribute(sequence) }
        attribute(.recordedtime, meta.recorded)
        attribute(.correlationid, meta.correlation)
        attribute(.causationid, meta.causation)
        attribute(.traceparent, meta.traceparent)
        attribute(.policyversion, meta.policyVersion)
        attribute(.actororganisation, meta.actor.organisation)
        attribute(.actorrole, meta.actor.role)
        attribute(.actoruser, meta.actor.user)
        attribute(.onbehalfof, meta.onBehalfOf)
        attribute(.channel, meta.channel)
        attribute(.legalbasis, meta.legalBasis)
        attribute(.dataclass, meta.dataClass)
        byte(0x32)
        varint(UInt64(data.count))
        data.withUnsafeBufferPointer { bytes($0) }
    }

    private mutating func field(_ tag: UInt8, _ content: String) {
        byte(tag)
        varint(UInt64(content.utf8.count))
        text(content)
    }

    /// One map entry: key, then a value message with one length-delimited member of tag `kind`.
    private mutating func attribute(_ name: AttributeName, _ content: String?, kind: UInt8 = 0x1A) {
        guard let content else { return }
        open(name, kind: kind, contentSize: content.utf8.count)
        text(content)
    }

    private mutating func attribute(_ sequence: EventSequence) {
        let width = sequence.width
        open(.sequence, kind: 0x1A, contentSize: width)
        sequence.write(to: UnsafeMutableBufferPointer(rebasing: out[index..<(index + width)]))
        index += width
    }

    /// A timestamp as `google.protobuf.Timestamp`; zero members are left out, as proto3 does.
    private mutating func attribute(_ name: AttributeName, _ instant: Instant) {
        let (seconds, nanos) = instant.timestamp
        let size = (seconds == 0 ? 0 : 1 + Self.size(UInt64(bitPattern: seconds))) + (nanos == 0 ? 0 : 1 + Self.size(UInt64(nanos)))
        open(name, kind: 0x3A, contentSize: size)
        if seconds != 0 {
            byte(0x08)
            varint(UInt64(bitPattern: seconds))
        }
        if nanos != 0 {
            byte(0x10)
            varint(UInt64(nanos))
        }
    }

    /// Everything of a map entry before the content itself.
    private mutating func open(_ name: AttributeName, kind: UInt8, contentSize: Int) {
        let key = name.name
        let keySize = key.utf8CodeUnitCount
        let valueSize = 1 + Self.size(UInt64(contentSize)) + contentSize
        byte(0x2A)
        varint(UInt64(1 + 1 + keySize + 1 + Self.size(UInt64(valueSize)) + valueSize))
        byte(0x0A)
        byte(UInt8(keySize))
        bytes(UnsafeBufferPointer(start: key.utf8Start, count: keySize))
        byte(0x12)
        varint(UInt64(valueSize))
        byte(kind)
        varint(UInt64(contentSize))
    }

    private mutating func text(_ text: String) {
        // Native strings hand out their UTF-8; one bridged from elsewhere is copied first.
        let written: Void? = text.utf8.withContiguousStorageIfAvailable { bytes($0) }
        if written == nil { Array(text.utf8).withUnsafeBufferPointer { bytes($0) } }
    }

    private mutating func bytes(_ source: UnsafeBufferPointer<UInt8>) {
        guard let start = source.baseAddress, !source.isEmpty else { return }
        precondition(source.count <= out.count - index, "the bound of an envelope holds all it writes")
        (out.baseAddress! + index).initialize(from: start, count: source.count)
        index += source.count
    }

    private mutating func byte(_ value: UInt8) {
        precondition(index < out.count, "the bound of an envelope holds all it writes")
        (out.baseAddress! + index).initialize(to: value)
        index += 1
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(rest))
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
