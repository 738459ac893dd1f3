import Foundation
import HTTPTypes

/// A whole answer: status, headers and bytes.
public struct Reply: Sendable {
    public var status: Int
    public var contentType: String
    public var body: [UInt8]
    /// Beyond the content type; what the chassis adds to every answer is not here.
    public var headers: [(name: String, value: String)]
    /// Of one page of a list, the cursors of its rows: what tells them apart. Nil for every other answer.
    var rows: [String]?

    public init(status: Int, contentType: String, body: [UInt8], headers: [(String, String)] = []) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers.map { (name: $0.0, value: $0.1) }
    }

    /// `value` as JSON with sorted member names, so that the same value is the same bytes.
    public static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Reply {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Reply(status: status.code, contentType: "application/json", body: [UInt8](try encoder.encode(value)))
        } catch {
            preconditionFailure("a reply cannot be written as JSON: \(type(of: value))")
        }
    }

    /// 204.
    public static var noContent: Reply { Reply(status: 204, contentType: "", body: []) }

    /// `text` in UTF-8.
    public static func text(_ text: String, contentType: String = "text/plain; charset=utf-8", status: HTTPResponse.Status = .ok) -> Reply {
        Reply(status: status.code, contentType: contentType, body: Array(text.utf8))
    }

    /// A page. Styles and scripts come from addresses of the same service: the content security policy allows nothing inline.
    public static func html(_ text: String) -> Reply { .text(text, contentType: "text/html; charset=utf-8") }

    /// A file for download.
    public static func download(_ text: String, fileName: String, contentType: String = "text/csv; charset=utf-8") -> Reply {
        var reply = Reply.text(text, contentType: contentType)
        reply.headers.append((name: "Content-Disposition", value: "attachment; filename=\"\(fileName)\""))
        return reply
    }

    /// One page of a list. `rows` were read with `page.fetchLimit`: a row more than the page holds says that there is another page.
    public static func page<Row: Encodable>(_ rows: [Row], _ page: Page, cursor: (Row) -> String) -> Reply {
        let items = Array(rows.prefix(page.limit))
        let more = rows.count > page.limit
        var reply = Reply.json(PageOf(items: items, next: more ? items.last.map { Page.encode(cursor($0)) } : nil))
        reply.rows = items.map(cursor)
        return reply
    }

    /// The bytes as text, for tests.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body read back as `type`, for tests and clients of our own.
    public func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try JSONDecoder().decode(type, from: Data(body)) }
}

/// A list's page on the wire; `next` is absent on the last one.
public struct PageOf<Item: Encodable>: Encodable {
    public let items: [Item]
    public let next: String?

    public init(items: [Item], next: String?) {
        self.items = items
        self.next = next
    }
}

extension PageOf: Decodable where Item: Decodable {}

/// Which part of a list is asked for: `?limit=50&after=<opaque cursor>`.
public struct Page: Sendable, Equatable {
    public static let defaultLimit = 50
    public static let maximumLimit = 500
    static let maximumCursorBytes = 512

    /// The sort key of the last row the caller has; nil at the beginning.
    public let after: String?
    /// Rows on this page.
    public let limit: Int

    /// Rows to read from the store: one more than shown, to know whether there is a next page.
    public var fetchLimit: Int { limit + 1 }

    public init(after: String? = nil, limit: Int = Page.defaultLimit) {
        self.after = after
        self.limit = limit
    }

    /// From the texts of a query. Throws 400 when one makes no sense.
    init(limit text: String?, after cursor: String?) throws(Problem) {
        if let text {
            guard let number = Int(text), (1...Self.maximumLimit).contains(number) else {
                throw .malformed("LIMIT_INVALID", field: "limit", rule: "1 to \(Self.maximumLimit)")
            }
            limit = number
        } else {
            limit = Self.defaultLimit
        }
        if let cursor {
            guard cursor.utf8.count <= Self.maximumCursorBytes, let bytes = Base64URL.decode(cursor),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw .malformed("CURSOR_INVALID", field: "after") }
            after = text
        } else {
            after = nil
        }
    }

    /// The opaque form of a sort key.
    public static func encode(_ key: String) -> String { Base64URL.encode(Array(key.utf8)) }
}

/// Base64 in the URL alphabet without padding (RFC 4648, section 5), read strictly: one spelling per value.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, byte) in alphabet.enumerated() { table[Int(byte)] = UInt8(value) }
        return table
    }()

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var out: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                out.append(alphabet[Int(buffer >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { out.append(alphabet[Int(buffer << UInt32(6 - bits) & 63)]) }
        return String(decoding: out, as: UTF8.self)
    }

    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var out: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for byte in text.utf8 {
            let value = values[Int(byte)]
            guard value < 64 else { return nil }
            buffer = (buffer << 6 | UInt32(value)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        // A lone character, or bits left over that are not zero, are other spellings of a shorter text.
        guard bits < 6, buffer & (1 << UInt32(bits) - 1) == 0 else { return nil }
        return out
    }
}
