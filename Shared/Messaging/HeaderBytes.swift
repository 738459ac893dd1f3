/// A record's headers as bytes, as records in memory and the embedded log's table hold them: for each header two bytes of name length, the name,
/// four bytes of value length, the value, lengths with the low byte first. No headers are no bytes.
enum HeaderBytes {
    /// Bytes of lengths beside each header.
    static let framing = nameWidth + valueWidth
    /// What is longer is cut off.
    static let longestName = Int(UInt16.max)
    private static let nameWidth = 2
    private static let valueWidth = 4

    static func encode(_ headers: [LogHeader]) -> [UInt8] {
        var bytes: [UInt8] = []
        for header in headers { append(header, to: &bytes) }
        return bytes
    }

    static func append(_ header: LogHeader, to bytes: inout [UInt8]) {
        var header = header
        header.name.withUTF8 { name in
            header.value.withUnsafeBytes { append(name: UnsafeRawBufferPointer(name), value: $0, to: &bytes) }
        }
    }

    static func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        let name = UnsafeRawBufferPointer(rebasing: name.prefix(longestName))
        withUnsafeBytes(of: UInt16(name.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: name)
        withUnsafeBytes(of: UInt32(value.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: value)
    }

    /// Nil when the bytes are not what `encode` writes.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> [LogHeader]? {
        var headers: [LogHeader] = []
        let isWhole = visit(bytes) { name, value in
            headers.append(LogHeader(name: String(decoding: name, as: UTF8.self), value: [UInt8](value)))
            return true
        }
        return isWhole ? headers : nil
    }

    /// Hands out each header where it lies until `body` says no. False when the bytes are not what `encode` writes.
    @discardableResult
    static func visit(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool) -> Bool {
        var place = 0
        func take(_ count: Int) -> UnsafeRawBufferPointer? {
            guard bytes.count - place >= count else { return nil }
            defer { place += count }
            return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
        }
        func length(_ width: Int) -> Int? { take(width)?.reversed().reduce(0) { $0 << 8 | Int($1) } }
        while place < bytes.count {
            guard let name = length(nameWidth).flatMap(take), let value = length(valueWidth).flatMap(take) else { return false }
            guard body(name, value) else { return true }
        }
        return true
    }
}
