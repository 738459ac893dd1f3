/// A record's headers as the embedded log stores them: for each, two bytes of name length, the name, four bytes of value length, the value,
/// lengths with the low byte first. No headers are no bytes.
enum EmbeddedHeaders {
    static func encode(_ headers: [LogHeader]) -> [UInt8] {
        var bytes: [UInt8] = []
        for header in headers {
            let name = Array(header.name.utf8.prefix(Int(UInt16.max)))
            append(name.count, width: 2, to: &bytes)
            bytes += name
            append(header.value.count, width: 4, to: &bytes)
            bytes += header.value
        }
        return bytes
    }

    /// Nil when the bytes are not what `encode` writes.
    static func decode(_ bytes: UnsafeRawBufferPointer) -> [LogHeader]? {
        var headers: [LogHeader] = []
        var place = 0
        func take(_ width: Int) -> UnsafeRawBufferPointer? {
            guard bytes.count - place >= width else { return nil }
            defer { place += width }
            return UnsafeRawBufferPointer(rebasing: bytes[place..<place + width])
        }
        func length(_ width: Int) -> Int? { take(width)?.reversed().reduce(0) { $0 << 8 | Int($1) } }
        while place < bytes.count {
            guard let name = length(2).flatMap(take), let value = length(4).flatMap(take) else { return nil }
            headers.append(LogHeader(name: String(decoding: name, as: UTF8.self), value: [UInt8](value)))
        }
        return headers
    }

    private static func append(_ number: Int, width: Int, to bytes: inout [UInt8]) {
        for shift in 0..<width { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * shift))) }
    }
}
