import NIOCore

/// What a browser sent from a form: its fields, and a file whose bytes have not been read yet.
struct FormBody: Sendable {
    /// Bytes of all fields together; a file is not among them.
    static let maximumBytes = 64 << 10
    static let maximumFields = 64
    /// What a form that brings a file may weigh: the largest upload of any service and its fields.
    static let maximumFileBytes = (128 << 20) + maximumBytes

    /// A file on its way.
    struct File: Sendable {
        let name: String
        let contentType: String
        let parts: MultipartParts
    }

    let fields: [(name: String, value: String)]
    let file: File?

    /// The first value of that name.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// Reads the fields; of a form with a file, those that stand before it.
    static func read(_ body: UploadBody, contentType header: String?) async throws -> FormBody {
        let type = header?.split(separator: ";").first?.trimmed.lowercased()
        switch type {
        case "application/x-www-form-urlencoded":
            var bytes: [UInt8] = []
            for try await part in body {
                bytes += part
                guard bytes.count <= maximumBytes else { throw Problem("BODY_TOO_LARGE", status: 413) }
            }
            return FormBody(fields: try urlencoded(bytes), file: nil)
        case "multipart/form-data":
            guard let boundary = boundary(header ?? "") else { throw Problem("CONTENT_TYPE_UNSUPPORTED", status: 415) }
            let parts = MultipartParts(body.reader, boundary: boundary)
            var fields: [(String, String)] = []
            var bytes = 0
            while let part = try await parts.next() {
                if let fileName = part.fileName {
                    return FormBody(fields: fields, file: File(name: fileName, contentType: part.contentType, parts: parts))
                }
                let value = try await parts.value(atMost: maximumBytes - bytes)
                bytes += value.utf8.count + part.name.utf8.count
                fields.append((part.name, value))
                guard bytes <= maximumBytes, fields.count <= maximumFields else { throw Problem("BODY_TOO_LARGE", status: 413) }
            }
            return FormBody(fields: fields, file: nil)
        default: throw Problem("CONTENT_TYPE_UNSUPPORTED", status: 415)
        }
    }

    private static func urlencoded(_ bytes: [UInt8]) throws(Problem) -> [(String, String)] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .malformed("FORM_MALFORMED") }
        var fields: [(String, String)] = []
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decode(halves[0], plusIsSpace: true),
                let value = PercentCoding.decode(halves.count == 2 ? halves[1] : "", plusIsSpace: true), fields.count < maximumFields
            else { throw .malformed("FORM_MALFORMED") }
            fields.append((name, value))
        }
        return fields
    }

    private static func boundary(_ header: String) -> String? {
        guard let start = header.range(of: "boundary=") else { return nil }
        let rest = header[start.upperBound...].prefix { $0 != ";" }
        let text = rest.filter { $0 != "\"" }
        // RFC 2046, 5.1.1.
        return (1...70).contains(text.utf8.count) ? String(text) : nil
    }
}

extension FormBody {
    /// The answers as the JSON that the address takes. What was left empty is left away; text that is no number of its kind goes as text, so
    /// that the address itself says what is wrong with it.
    func json() -> JSONValue {
        var members: [(String, JSONValue)] = []
        for (wire, value) in fields {
            guard wire.dropFirst().first == ".", !value.isEmpty, let kind = wire.first else { continue }
            let name = String(wire.dropFirst(2))
            switch kind {
            case "t": members.append((name, .string(Self.plain(value))))
            case "n": members.append((name, Int64(value).map { .number(String($0)) } ?? .string(value)))
            case "y": members.append((name, Self.fen(value).map { .number(String($0)) } ?? .string(value)))
            default: continue
            }
        }
        return .object(members)
    }

    /// Line ends as a browser sends them are ours again.
    private static func plain(_ text: String) -> String { text.replacing("\r\n", with: "\n") }
}
