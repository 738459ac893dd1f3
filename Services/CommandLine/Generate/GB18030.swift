#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// GB 18030 by the system's iconv.
enum GB18030 {
    /// Throws when the bytes are no UTF-8 or the system has no such table.
    static func encode(_ utf8: [UInt8]) throws(EncodingError) -> [UInt8] {
        guard let converter = iconv_open("GB18030", "UTF-8"), converter != iconv_t(bitPattern: -1) else { throw .unavailable }
        defer { iconv_close(converter) }
        // Two bytes a Chinese character instead of three, at most four where UTF-8 has two.
        var output = [CChar](repeating: 0, count: utf8.count * 2 + 16)
        var input = utf8
        let written: Int? = input.withUnsafeMutableBytes { source in
            output.withUnsafeMutableBufferPointer { target in
                var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                var fromLeft = source.count
                var to = target.baseAddress
                var toLeft = target.count
                let result = iconv(converter, &from, &fromLeft, &to, &toLeft)
                return result == Int(bitPattern: UInt.max) || fromLeft > 0 ? nil : target.count - toLeft
            }
        }
        guard let written else { throw .notText }
        return output.prefix(written).map { UInt8(bitPattern: $0) }
    }
}

enum EncodingError: Error, Hashable, CustomStringConvertible {
    case unavailable, notText

    var description: String {
        switch self {
        case .unavailable: Text("本机没有 GB 18030 编码表", "this system has no GB 18030 table").here
        case .notText: Text("不是 UTF-8 文本", "the text is not UTF-8").here
        }
    }
}
