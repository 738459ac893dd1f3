/// Opens the event log at an address. Nothing is connected yet; the first use of the log is.
///
/// * `kafka://host:9092,host2:9092?name=value&…`: names with a dot are librdkafka's properties (`security.protocol=sasl_ssl`,
///   `sasl.username`, `ssl.ca.location`, `fetch.wait.max.ms` …). `mock-control=/path.sock` names a mock cluster's control socket,
///   `replication-factor=2` the copies of each record in topics that are created (default: three, or as many as there are brokers).
/// * `sqlite:///path/events.db`: a file shared by the processes of one machine.
/// * `memory:`: one new in-memory log, for tests.
///
/// `options` are further properties of the same kind, for secrets that should not stand in an address; they win over the address.
/// `secretFiles` name, by property, files that hold a secret and nothing else; `sasl.oauthbearer.token` names one with a bearer token. When
/// such a file or a certificate changes, producers and consumers go on with new clients, without their owners' doing.
/// Throws `LogError.invalidURL`, `.unsupportedLibrary` and, for a file, `.storage`.
public func openEventLog(
    _ url: String, options: [String: String] = [:], secretFiles: [String: String] = [:]
) throws -> any EventLog {
    let address = try EventLogAddress(url, options: options)
    switch address.scheme {
    case "kafka": return try KafkaLog(servers: address.location, options: address.options, secretFiles: secretFiles)
    case "sqlite": return try EmbeddedLog(path: address.location)
    case "memory": return InMemoryLog()
    default: throw LogError.invalidURL("the scheme \(address.scheme) is none of kafka, sqlite, memory")
    }
}

/// An event log's address in parts.
struct EventLogAddress {
    let scheme: String
    /// Brokers with commas between, or a file path.
    let location: String
    let options: [String: String]

    init(_ url: String, options extra: [String: String] = [:]) throws(LogError) {
        guard let colon = url.firstIndex(of: ":") else { throw .invalidURL("it has no scheme") }
        scheme = String(url[..<colon])
        var rest = url[url.index(after: colon)...]
        if rest.hasPrefix("//") { rest = rest.dropFirst(2) }
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let decoded = Self.decoded(parts.first ?? "") else { throw .invalidURL("a % is not followed by two hex digits") }
        location = decoded
        if scheme != "memory", location.isEmpty { throw .invalidURL("nothing follows \(scheme)://") }
        if scheme == "sqlite", !location.hasPrefix("/") { throw .invalidURL("the path is not absolute: write sqlite:///path/events.db") }
        var found: [String: String] = [:]
        for pair in parts.count == 2 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let name = Self.decoded(sides[0]), let value = Self.decoded(sides[1]), !name.isEmpty else {
                throw .invalidURL("an option is not name=value")
            }
            found[name] = value
        }
        self.options = found.merging(extra) { $1 }
    }

    private static func decoded(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var source = text.utf8.makeIterator()
        while let byte = source.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = source.next().flatMap(Self.hexDigit), let low = source.next().flatMap(Self.hexDigit) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? { Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) } }
}
