#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// How the text of an upload is encoded.
enum UploadEncoding: String, CaseIterable, Hashable, Sendable {
    case utf8 = "UTF-8"
    /// GB 18030, and with it GBK and GB 2312: what a Chinese Excel writes.
    case gb18030 = "GB18030"

    /// Of a `charset` parameter; nil when it names neither.
    init?(charset: String) {
        switch charset.lowercased() {
        case "utf-8", "utf8": self = .utf8
        case "gb18030", "gbk", "gb2312", "cp936": self = .gb18030
        default: return nil
        }
    }
}

/// Text that is neither UTF-8 nor GB 18030.
struct UndecodableText: Error, Hashable, Sendable {}

/// Turns the fields of one upload into text. The encoding is the declared one; otherwise the first record that is not plain ASCII settles
/// it: valid UTF-8 is UTF-8, anything else is read as GB 18030. Belongs to one upload and one task at a time.
final class UploadText {
    private(set) var encoding: UploadEncoding?
    private var converter: GB18030Converter?

    init(_ declared: UploadEncoding?) { encoding = declared }

    /// Looks at a whole record once, as long as nothing is settled: more bytes, surer guess.
    func settle(by bytes: [UInt8]) {
        guard encoding == nil, bytes.contains(where: { $0 >= 0x80 }) else { return }
        encoding = String(validating: bytes, as: UTF8.self) == nil ? .gb18030 : .utf8
    }

    func text(_ bytes: ArraySlice<UInt8>) throws(UndecodableText) -> String {
        // Most fields are plain ASCII, which both encodings write the same and which needs no check.
        let plain = bytes.withUnsafeBufferPointer { bytes in
            bytes.allSatisfy { $0 < 0x80 } ? String(decoding: bytes, as: UTF8.self) : nil
        }
        if let plain { return plain }
        switch encoding ?? .utf8 {
        case .utf8:
            guard let text = String(validating: bytes, as: UTF8.self) else { throw UndecodableText() }
            return text
        case .gb18030:
            if converter == nil { converter = GB18030Converter() }
            guard let text = converter?.text(bytes) else { throw UndecodableText() }
            return text
        }
    }
}

/// The C library's converter for GB 18030. Owns its handle; used by one task at a time.
private final class GB18030Converter {
    private let handle: iconv_t

    /// Nil where the C library comes without the conversion (a bare container image).
    init?() {
        guard let opened = iconv_open("UTF-8", "GB18030"), opened != iconv_t(bitPattern: -1) else { return nil }
        handle = opened
    }

    deinit { iconv_close(handle) }

    /// Nil when the bytes are not GB 18030.
    func text(_ bytes: ArraySlice<UInt8>) -> String? {
        var input = bytes.map { CChar(bitPattern: $0) }
        // Two GB 18030 bytes are at most three in UTF-8, four are at most four.
        let capacity = bytes.count * 2 + 8
        var result: String?
        var output = [CChar](repeating: 0, count: capacity)
        input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var from: UnsafeMutablePointer<CChar>? = source.baseAddress
                var left = source.count
                var to: UnsafeMutablePointer<CChar>? = target.baseAddress
                var room = capacity
                iconv(handle, nil, nil, nil, nil)
                guard iconv(handle, &from, &left, &to, &room) != -1, left == 0 else { return }
                result = String(
                    decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(target)[..<(capacity - room)]), as: UTF8.self)
            }
        }
        return result
    }
}
