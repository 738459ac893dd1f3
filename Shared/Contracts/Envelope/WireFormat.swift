import Vocabulary

/// Writes the few protobuf shapes an envelope needs.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func length(_ field: UInt8, _ count: Int) {
        bytes.append(field << 3 | 2)
        varint(UInt64(count))
    }

    mutating func text(_ field: UInt8, _ value: String) {
        length(field, value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    mutating func bytes(_ field: UInt8, _ value: [UInt8]) {
        length(field, value.count)
        bytes.append(contentsOf: value)
    }

    private static func size(_ value: Int) -> Int { value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5 }

    /// One entry of map field 5 with a string value (`ce_string`, field 3 of the attribute value).
    mutating func attribute(_ name: String, _ value: String) {
        let text = value.utf8.count
        let inner = 1 + Self.size(text) + text
        let key = name.utf8.count
        length(5, 1 + Self.size(key) + key + 1 + Self.size(inner) + inner)
        self.text(1, name)
        length(2, inner)
        self.text(3, value)
    }

    /// One entry of map field 5 with a `google.protobuf.Timestamp` (`ce_timestamp`, field 7 of the attribute value).
    mutating func attribute(_ name: String, timestamp: Instant) {
        let seconds = timestamp.milliseconds >= 0 ? timestamp.milliseconds / 1000 : (timestamp.milliseconds - 999) / 1000
        let nanos = (timestamp.milliseconds - seconds * 1000) * 1_000_000
        var stamp = WireWriter(capacity: 16)
        if seconds != 0 {
            stamp.bytes.append(1 << 3)
            stamp.varint(UInt64(bitPattern: seconds))
        }
        if nanos != 0 {
            stamp.bytes.append(2 << 3)
            stamp.varint(UInt64(nanos))
        }
        let inner = 2 + stamp.bytes.count
        length(5, 2 + name.utf8.count + 2 + inner)
        text(1, name)
        length(2, inner)
        bytes(7, stamp.bytes)
    }
}

/// Walks over a protobuf message without copying. Stops for good at the first malformed byte.
struct WireScanner {
    private let buffer: UnsafeBufferPointer<UInt8>
    private var at: Int
    private let end: Int
    private var broken = false

    init(_ buffer: UnsafeBufferPointer<UInt8>) { self.init(buffer, 0..<buffer.count) }

    private init(_ buffer: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.buffer = buffer
        at = range.lowerBound
        end = range.upperBound
    }

    /// True when everything was read and well-formed.
    var isComplete: Bool { !broken && at == end }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < end, shift < 64 {
            let byte = buffer[at]
            at += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    /// The next length-delimited field; other wire types are stepped over. Nil at the end or when broken.
    mutating func next() -> (field: UInt64, range: Range<Int>)? {
        while at < end, !broken {
            guard let tag = varint() else { break }
            switch tag & 7 {
            case 0:
                guard varint() != nil else { return fail() }
            case 1, 5:
                at += tag & 7 == 1 ? 8 : 4
                guard at <= end else { return fail() }
            case 2:
                guard let count = varint(), count <= UInt64(end - at) else { return fail() }
                let range = at..<(at + Int(count))
                at = range.upperBound
                return (tag >> 3, range)
            default: return fail()
            }
        }
        if at < end { broken = true }
        return nil
    }

    private mutating func fail() -> (field: UInt64, range: Range<Int>)? {
        broken = true
        return nil
    }

    func text(_ range: Range<Int>) -> String { String(decoding: UnsafeBufferPointer(rebasing: buffer[range]), as: UTF8.self) }

    /// Reads one map entry into `fields`.
    mutating func attribute(_ range: Range<Int>, _ fields: inout RawMeta) {
        var entry = WireScanner(buffer, range)
        var name: String?
        var value: Range<Int>?
        while let (field, part) = entry.next() {
            if field == 1 { name = text(part) } else if field == 2 { value = part }
        }
        guard entry.isComplete, let name, let value else {
            broken = true
            return
        }
        var inner = WireScanner(buffer, value)
        while let (field, part) = inner.next() {
            if field == 3 { fields.set(name, text(part)) } else if field == 7 { fields.set(name, timestamp(part)) }
        }
        if !inner.isComplete { broken = true }
    }

    private mutating func timestamp(_ range: Range<Int>) -> Instant {
        var scan = WireScanner(buffer, range)
        var seconds: Int64 = 0
        var nanos: Int64 = 0
        while scan.at < scan.end {
            guard let tag = scan.varint(), tag & 7 == 0, let value = scan.varint() else {
                broken = true
                break
            }
            if tag >> 3 == 1 { seconds = Int64(bitPattern: value) } else if tag >> 3 == 2 { nanos = Int64(bitPattern: value) }
        }
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow, (0..<1_000_000_000).contains(nanos), !product.addingReportingOverflow(nanos / 1_000_000).overflow else {
            broken = true
            return Instant(milliseconds: 0)
        }
        return Instant(milliseconds: product + nanos / 1_000_000)
    }
}
