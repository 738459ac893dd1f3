import Vocabulary

/// A protobuf `CloudEvent` as scanned: strings of the attributes we know, and where the data lies. Checks the wire format, not completeness.
struct ScannedEvent {
    var id: String?
    var source: String?
    var specVersion: String?
    var type: String?
    var time: Instant?
    var recorded: Instant?
    var sequence: EventSequence?
    /// Indices into the scanned bytes, from 0; empty when there is no data.
    var data: Range<Int> = 0..<0
    /// Text attributes by `AttributeName`'s order, see `text`.
    private var texts = Texts()

    private struct Texts {
        var subject: String?
        var contentType: String?
        var dataSchema: String?
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
    }

    var subject: String? { texts.subject }
    var contentType: String? { texts.contentType }
    var dataSchema: String? { texts.dataSchema }

    init() {}

    /// For a protobuf envelope that does not say what its data is.
    mutating func assumeProtobuf() { texts.contentType = Envelope.protobufContentType }

    /// Scans all of `bytes`.
    init(_ bytes: [UInt8]) throws(EnvelopeError) { try self.init(bytes[...]) }

    /// Scans all of `bytes`; the range of the data counts from where they begin.
    init(_ bytes: ArraySlice<UInt8>) throws(EnvelopeError) {
        self.init()
        try bytes.withUnsafeBufferPointer { buffer throws(EnvelopeError) in try scan(buffer) }
    }

    /// Type and sequence alone; everything else is passed over unread.
    static func peek(_ bytes: [UInt8]) throws(EnvelopeError) -> (type: String?, sequence: EventSequence?) {
        try bytes.withUnsafeBufferPointer { buffer throws(EnvelopeError) in
            var wire = WireScanner(buffer)
            var type: String?
            var sequence: EventSequence?
            while let (field, kind) = try wire.tag() {
                switch (field, kind) {
                case (4, .bytes): type = try wire.text()
                case (5, .bytes):
                    let (name, value) = try entry(try wire.bytes(), in: buffer)
                    if name == .sequence { sequence = try content(value, .sequence) { EventSequence($0) } }
                default: try wire.skip(kind)
                }
            }
            return (type, sequence)
        }
    }

    /// Where the text of the sequence lies in `bytes`; nil when there is none.
    static func sequencePlace(_ bytes: [UInt8]) throws(EnvelopeError) -> Range<Int>? {
        try bytes.withUnsafeBufferPointer { buffer throws(EnvelopeError) in
            var wire = WireScanner(buffer)
            while let (field, kind) = try wire.tag() {
                guard field == 5, kind == .bytes else {
                    try wire.skip(kind)
                    continue
                }
                let (name, value) = try entry(try wire.bytes(), in: buffer)
                guard name == .sequence, let start = buffer.baseAddress else { continue }
                return try content(value, .sequence) { text in
                    text.baseAddress.map { $0 - start..<$0 - start + text.count }
                }
            }
            return nil
        }
    }

    private mutating func scan(_ buffer: UnsafeBufferPointer<UInt8>) throws(EnvelopeError) {
        var wire = WireScanner(buffer)
        while let (field, kind) = try wire.tag() {
            switch (field, kind) {
            case (1, .bytes): id = try wire.text()
            case (2, .bytes): source = try wire.text()
            case (3, .bytes): specVersion = try wire.text()
            case (4, .bytes): type = try wire.text()
            case (5, .bytes):
                let (name, value) = try Self.entry(try wire.bytes(), in: buffer)
                if let name { try attribute(name, value) }
            case (6, .bytes): data = try wire.bytes()
            case (7, .bytes): data = try wire.textRange()
            case (8, .bytes): data = try Self.anyValue(try wire.bytes(), in: buffer)
            case (1...8, _): throw .undecodable
            default: try wire.skip(kind)
            }
        }
        guard specVersion == nil || specVersion == "1.0" else { throw .unsupportedVersion }
    }

    /// One entry of the attribute map: its name, nil when this build does not know it, and its value message.
    private static func entry(
        _ range: Range<Int>, in buffer: UnsafeBufferPointer<UInt8>
    ) throws(EnvelopeError) -> (name: AttributeName?, value: WireScanner) {
        var wire = WireScanner(buffer, range)
        var name: Range<Int> = 0..<0
        var value: Range<Int> = 0..<0
        while let (field, kind) = try wire.tag() {
            switch (field, kind) {
            case (1, .bytes): name = try wire.bytes()
            case (2, .bytes): value = try wire.bytes()
            case (1, _), (2, _): throw .undecodable
            default: try wire.skip(kind)
            }
        }
        return (AttributeName.find(UnsafeBufferPointer(rebasing: buffer[name])), WireScanner(buffer, value))
    }

    private mutating func attribute(_ name: AttributeName, _ value: WireScanner) throws(EnvelopeError) {
        switch name {
        case .time: time = try Self.instant(value, name)
        case .recordedtime: recorded = try Self.instant(value, name)
        case .sequence: sequence = try Self.content(value, name) { EventSequence($0) }
        default: try set(name, to: try Self.content(value, name) { WireScanner.text($0) })
        }
    }

    /// Sets one text attribute from its text; times and the sequence have typed ways of their own.
    mutating func set(_ name: AttributeName, to text: String) throws(EnvelopeError) {
        switch name {
        case .subject: texts.subject = text
        case .datacontenttype: texts.contentType = text
        case .dataschema: texts.dataSchema = text
        case .correlationid: texts.correlation = text
        case .causationid: texts.causation = text
        case .traceparent: texts.traceparent = text
        case .policyversion: texts.policyVersion = text
        case .actororganisation: texts.organisation = text
        case .actorrole: texts.role = text
        case .actoruser: texts.user = text
        case .onbehalfof: texts.onBehalfOf = text
        case .channel: texts.channel = text
        case .legalbasis: texts.legalBasis = text
        case .dataclass: texts.dataClass = text
        case .time, .recordedtime:
            guard let instant = Instant(rfc3339: text) else { throw .invalid(attribute: name.rawValue) }
            if name == .time { time = instant } else { recorded = instant }
        case .sequence:
            guard let read = EventSequence(text) else { throw .invalid(attribute: name.rawValue) }
            sequence = read
        }
    }

    /// The complete meta of an internal or published event. Throws for the first attribute that is absent.
    func meta() throws(EnvelopeError) -> EventMeta {
        _ = try written(specVersion, "specversion")
        return EventMeta(
            id: try written(id, "id"), source: try written(source, "source"), type: try written(type, "type"),
            time: try present(time, "time"),
            subject: texts.subject, sequence: sequence, recorded: try present(recorded, "recordedtime"),
            correlation: try present(texts.correlation, "correlationid"), causation: try present(texts.causation, "causationid"),
            traceparent: texts.traceparent, policyVersion: texts.policyVersion,
            actor: ActorStamp(
                organisation: texts.organisation, role: try present(texts.role, "actorrole"), user: try present(texts.user, "actoruser")),
            onBehalfOf: texts.onBehalfOf, channel: try present(texts.channel, "channel"),
            legalBasis: try present(texts.legalBasis, "legalbasis"),
            dataClass: try present(texts.dataClass, "dataclass"), contentType: texts.contentType ?? Envelope.protobufContentType,
            dataSchema: texts.dataSchema)
    }

    /// A required attribute, which an empty text does not state: protobuf cannot tell it from an absent one.
    private func written(_ text: String?, _ name: StaticString) throws(EnvelopeError) -> String {
        let text = try present(text, name)
        guard !text.isEmpty else { throw .missing(attribute: "\(name)") }
        return text
    }

    private func present<Value>(_ value: Value?, _ name: StaticString) throws(EnvelopeError) -> Value {
        guard let value else { throw .missing(attribute: "\(name)") }
        return value
    }

    /// The value message's string, URI or URI reference, whichever comes last.
    private static func content<Value>(
        _ value: WireScanner, _ name: AttributeName, _ read: (UnsafeBufferPointer<UInt8>) -> Value?
    ) throws(EnvelopeError) -> Value {
        var wire = value
        var found: Range<Int>?
        while let (field, kind) = try wire.tag() {
            switch (field, kind) {
            case (3, .bytes), (5, .bytes), (6, .bytes): found = try wire.bytes()
            case (1...7, _): throw .invalid(attribute: name.rawValue)
            default: try wire.skip(kind)
            }
        }
        guard let found, let content = read(UnsafeBufferPointer(rebasing: wire.buffer[found])) else {
            throw .invalid(attribute: name.rawValue)
        }
        return content
    }

    private static func instant(_ value: WireScanner, _ name: AttributeName) throws(EnvelopeError) -> Instant {
        var wire = value
        var found: Range<Int>?
        while let (field, kind) = try wire.tag() {
            switch (field, kind) {
            case (7, .bytes): found = try wire.bytes()
            case (3, .bytes):
                // Producers without the timestamp type send RFC 3339 text.
                guard let instant = Instant(rfc3339: try wire.text()) else { throw .invalid(attribute: name.rawValue) }
                return instant
            case (1...7, _): throw .invalid(attribute: name.rawValue)
            default: try wire.skip(kind)
            }
        }
        guard let found else { throw .invalid(attribute: name.rawValue) }
        var stamp = WireScanner(wire.buffer, found)
        var seconds: UInt64 = 0
        var nanos: UInt64 = 0
        while let (field, kind) = try stamp.tag() {
            switch (field, kind) {
            case (1, .varint): seconds = try stamp.varint()
            case (2, .varint): nanos = try stamp.varint()
            case (1, _), (2, _): throw .undecodable
            default: try stamp.skip(kind)
            }
        }
        guard let instant = Instant(seconds: Int64(bitPattern: seconds), nanos: Int64(bitPattern: nanos)) else {
            throw .invalid(attribute: name.rawValue)
        }
        return instant
    }

    /// The value of a `google.protobuf.Any`; its type URL says no more than the event's type.
    private static func anyValue(_ range: Range<Int>, in buffer: UnsafeBufferPointer<UInt8>) throws(EnvelopeError) -> Range<Int> {
        var wire = WireScanner(buffer, range)
        var value: Range<Int> = 0..<0
        while let (field, kind) = try wire.tag() {
            switch (field, kind) {
            case (2, .bytes): value = try wire.bytes()
            case (2, _): throw .undecodable
            default: try wire.skip(kind)
            }
        }
        return value
    }
}

/// A cursor over protobuf's wire format. Every read checks its bounds; nothing is copied.
struct WireScanner {
    enum Kind { case varint, fixed64, bytes, fixed32 }

    let buffer: UnsafeBufferPointer<UInt8>
    private(set) var index: Int
    private let end: Int

    init(_ buffer: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.buffer = buffer
        index = range.lowerBound
        end = range.upperBound
    }

    init(_ buffer: UnsafeBufferPointer<UInt8>, from start: Int = 0) { self.init(buffer, start..<buffer.count) }

    /// Next field number and wire type; nil at the end. Groups, which proto3 does not have, are refused.
    mutating func tag() throws(EnvelopeError) -> (field: Int, kind: Kind)? {
        guard index < end else { return nil }
        let tag = try varint()
        let field = Int(truncatingIfNeeded: tag >> 3)
        guard tag <= UInt64(UInt32.max), field > 0 else { throw .undecodable }
        switch tag & 7 {
        case 0: return (field, .varint)
        case 1: return (field, .fixed64)
        case 2: return (field, .bytes)
        case 5: return (field, .fixed32)
        default: throw .undecodable
        }
    }

    mutating func varint() throws(EnvelopeError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while index < end, shift < 70 {
            let byte = buffer[index]
            index += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .undecodable
    }

    /// Where a length-delimited field lies.
    mutating func bytes() throws(EnvelopeError) -> Range<Int> {
        let count = try varint()
        guard count <= UInt64(end - index) else { throw .undecodable }
        let start = index
        index += Int(count)
        return start..<index
    }

    mutating func text() throws(EnvelopeError) -> String {
        let range = try bytes()
        guard let text = Self.text(UnsafeBufferPointer(rebasing: buffer[range])) else { throw .undecodable }
        return text
    }

    /// Bytes as text; nil when they are not UTF-8. Almost all are ASCII, for which the general check costs more than the copy.
    static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        var seen: UInt8 = 0
        for byte in bytes { seen |= byte }
        return seen < 0x80 ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
    }

    mutating func skip(_ kind: Kind) throws(EnvelopeError) {
        switch kind {
        case .varint: _ = try varint()
        case .bytes: _ = try bytes()
        case .fixed32: try advance(4)
        case .fixed64: try advance(8)
        }
    }

    /// Where a text field lies, once its UTF-8 has been checked.
    mutating func textRange() throws(EnvelopeError) -> Range<Int> {
        var copy = self
        _ = try copy.text()
        return try bytes()
    }

    private mutating func advance(_ count: Int) throws(EnvelopeError) {
        guard end - index >= count else { throw .undecodable }
        index += count
    }
}
