import CPostgres

/// Where a store in PostgreSQL is: `postgres://user:password@host:port/database?schema=screening`, every other parameter as libpq takes it
/// (`sslmode`, `host=/run/postgresql` for a Unix socket, percent-encoding). Never prints the password.
public struct PostgresAddress: Sendable, CustomStringConvertible {
    /// The schema the service's tables live in.
    public let schema: String
    /// libpq's own keywords and values.
    let parameters: [String: String]

    /// Throws `other` for what libpq cannot read, without repeating it: it may hold a password.
    public init(_ url: String) throws {
        var schema = "public"
        var kept = url
        if let mark = url.firstIndex(of: "?") {
            var others: [Substring] = []
            for item in url[url.index(after: mark)...].split(separator: "&") {
                if item.hasPrefix("schema=") {
                    guard let name = Self.percentDecoded(item.dropFirst("schema=".count)) else { throw Self.unreadable }
                    schema = name
                } else {
                    others.append(item)
                }
            }
            kept = String(url[..<mark]) + (others.isEmpty ? "" : "?" + others.joined(separator: "&"))
        }
        guard !schema.isEmpty, !schema.utf8.contains(0) else { throw Self.unreadable }
        self.schema = schema
        guard let options = PQconninfoParse(kept, nil) else { throw Self.unreadable }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        // libpq takes any word for a port and fails at the first connection.
        guard parameters["port"].map({ UInt16($0) != nil }) ?? true else { throw Self.unreadable }
        self.parameters = parameters
    }

    private static let unreadable = DatabaseError(
        kind: .other, message: "a store in PostgreSQL is written postgres://user:password@host:port/database?schema=name")

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    public var description: String {
        let host = parameters["host"] ?? parameters["hostaddr"] ?? "local socket"
        let port = parameters["port"].map { ":\($0)" } ?? ""
        return "PostgreSQL \(host)\(port)/\(parameters["dbname"] ?? ""), schema \(schema)"
    }
}
