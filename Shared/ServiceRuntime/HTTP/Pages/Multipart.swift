import Hummingbird
import NIOCore
import Vocabulary

extension FormBody {
    /// Fen of an amount in yuan; nil when it is none, which the body's reader then refuses by the field's name.
    static func fen(_ text: String) -> Int64? { try? Fen(yuan: text).value }
}

/// The parts of a `multipart/form-data` body (RFC 7578), one after the other as their bytes come. One caller at a time.
actor MultipartParts {
    struct Part: Sendable {
        let name: String
        /// Nil for a field.
        let fileName: String?
        let contentType: String
    }

    static let maximumHeadBytes = 4 << 10

    private let reader: UploadBody.Reader
    private let delimiter: [UInt8]
    private var buffer: [UInt8]
    private var hasEnded = false
    /// True while a part's content is still to be read.
    private var isInside = false

    init(_ reader: UploadBody.Reader, boundary: String) {
        self.reader = reader
        delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter has no line before it; as if it had.
        buffer = Array("\r\n".utf8)
    }

    /// The next part's head; nil after the last one. What was not read of the part before is passed over.
    func next() async throws -> Part? {
        if isInside { while try await bytes() != nil {} }
        while true {
            if let found = Self.find(delimiter, in: buffer) {
                while buffer.count < found + delimiter.count + 2, try await fill() {}
                let after = buffer.dropFirst(found + delimiter.count).prefix(2)
                if after.elementsEqual("--".utf8) {
                    buffer.removeAll()
                    // What follows the last delimiter means nothing; read, so that the connection can go on.
                    while try await fill() { buffer.removeAll(keepingCapacity: true) }
                    return nil
                }
                guard after.elementsEqual("\r\n".utf8) else { throw Problem.malformed("FORM_MALFORMED") }
                buffer.removeFirst(found + delimiter.count)
                return try await head()
            }
            guard buffer.count <= Self.maximumHeadBytes, try await fill() else { throw Problem.malformed("FORM_MALFORMED") }
        }
    }

    private func head() async throws -> Part {
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let found = Self.find(end, in: buffer) {
                guard let text = String(validating: buffer[..<found], as: UTF8.self) else { throw Problem.malformed("FORM_MALFORMED") }
                // The line end before the content stays: an empty content is followed by its delimiter at once.
                buffer.removeFirst(found + end.count)
                isInside = true
                return try Self.part(text)
            }
            guard buffer.count <= Self.maximumHeadBytes, try await fill() else { throw Problem.malformed("FORM_MALFORMED") }
        }
    }

    /// The next bytes of this part's content; nil at its end.
    func bytes() async throws -> ByteBuffer? {
        guard isInside else { return nil }
        while true {
            if let found = Self.find(delimiter, in: buffer) {
                isInside = false
                guard found > 0 else { return nil }
                let content = ByteBuffer(bytes: buffer[..<found])
                buffer.removeFirst(found)
                return content
            }
            // All but what may be the beginning of a delimiter.
            let certain = buffer.count - (delimiter.count - 1)
            if certain > 0 {
                let content = ByteBuffer(bytes: buffer[..<certain])
                buffer.removeFirst(certain)
                return content
            }
            guard try await fill() else { throw Problem.malformed("FORM_MALFORMED") }
        }
    }

    /// A field's whole content as text.
    func value(atMost limit: Int) async throws -> String {
        var all: [UInt8] = []
        while let part = try await bytes() {
            all += part.readableBytesView
            guard all.count <= limit else { throw Problem("BODY_TOO_LARGE", status: 413) }
        }
        guard let text = String(validating: all, as: UTF8.self) else { throw Problem.malformed("FORM_MALFORMED") }
        return text
    }

    /// The rest of this part as a body of its own, at most `limit` bytes; the sender is held back as its reader is slow.
    nonisolated func body(limit: Int) -> UploadBody {
        let parts = AsyncThrowingStream(unfolding: { try await self.bytes() })
        return UploadBody(UploadBody.Reader(RequestBody(asyncSequence: parts)), limit: limit)
    }

    private func fill() async throws -> Bool {
        guard !hasEnded, let part = try await reader.next() else {
            hasEnded = true
            return false
        }
        buffer += part.readableBytesView
        return true
    }

    private static func part(_ head: String) throws(Problem) -> Part {
        var name: String?
        var fileName: String?
        var contentType = "application/octet-stream"
        for line in head.split(separator: "\r\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { continue }
            switch halves[0].lowercased() {
            case "content-disposition":
                name = quoted("name", in: halves[1])
                fileName = quoted("filename", in: halves[1])
            case "content-type": contentType = String(halves[1].trimmed)
            default: continue
            }
        }
        guard let name else { throw .malformed("FORM_MALFORMED") }
        return Part(name: name, fileName: fileName, contentType: contentType)
    }

    /// A quoted parameter; what stands between other quotation marks is none.
    private static func quoted(_ parameter: String, in text: Substring) -> String? {
        var rest = text
        while let open = rest.firstIndex(of: "\"") {
            let name = rest[..<open]
            let value = rest[rest.index(after: open)...].prefix { $0 != "\"" }
            if name.hasSuffix("\(parameter)="), !(name.dropLast(parameter.count + 1).last?.isLetter ?? false) { return String(value) }
            guard value.endIndex < rest.endIndex else { return nil }
            rest = rest[rest.index(after: value.endIndex)...]
        }
        return nil
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= needle.count else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            let last = bytes.count - needle.count
            while start <= last {
                guard let next = bytes[start...].firstIndex(of: needle[0]), next <= last else { return nil }
                if bytes[next..<next + needle.count].elementsEqual(needle) { return next }
                start = next + 1
            }
            return nil
        }
    }
}
