import HTTPTypes

/// Finds the endpoint of a method and path: literal segments before placeholders, no regular expressions, no normalisation.
struct RouteTable: Sendable {
    enum Match {
        case endpoint(Endpoint, parameters: [String: String])
        /// The path exists, for these methods.
        case otherMethods([String])
        case nothing
    }

    private final class Node: Sendable {
        let literals: [String: Node]
        let placeholder: (name: String, node: Node)?
        let endpoints: [HTTPRequest.Method: Endpoint]

        init(_ routes: [(segments: ArraySlice<Substring>, endpoint: Endpoint)]) {
            var here: [HTTPRequest.Method: Endpoint] = [:]
            var below: [String: [(ArraySlice<Substring>, Endpoint)]] = [:]
            var open: [(ArraySlice<Substring>, Endpoint)] = []
            var name: String?
            for (segments, endpoint) in routes {
                guard let first = segments.first else {
                    precondition(
                        here.updateValue(endpoint, forKey: endpoint.method) == nil, "\(endpoint.method) \(endpoint.path) stands twice")
                    continue
                }
                if first.hasPrefix("{"), first.hasSuffix("}") {
                    let its = String(first.dropFirst().dropLast())
                    precondition(name == nil || name == its, "\(endpoint.path): this placeholder has two names, \(name ?? "") and \(its)")
                    name = its
                    open.append((segments.dropFirst(), endpoint))
                } else {
                    below[String(first), default: []].append((segments.dropFirst(), endpoint))
                }
            }
            endpoints = here
            literals = below.mapValues { Node($0.map { (segments: $0.0, endpoint: $0.1) }) }
            placeholder = name.map { ($0, Node(open.map { (segments: $0.0, endpoint: $0.1) })) }
        }
    }

    private let root: Node

    /// Two endpoints of one method and path are a bug and trap with both names.
    init(_ endpoints: [Endpoint]) {
        root = Node(endpoints.map { (segments: $0.path.split(separator: "/")[...], endpoint: $0) })
    }

    /// `path` is as it came on the wire; segments are percent-decoded one by one, so an encoded slash stays inside its segment.
    func match(_ method: HTTPRequest.Method, _ path: String) -> Match {
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)
        guard segments.count <= 16 else { return .nothing }
        var parameters: [String: String] = [:]
        guard let node = find(root, segments[...], &parameters), !node.endpoints.isEmpty else { return .nothing }
        if let endpoint = node.endpoints[method] ?? (method == .head ? node.endpoints[.get] : nil) {
            return .endpoint(endpoint, parameters: parameters)
        }
        return .otherMethods(node.endpoints.keys.map(\.rawValue).sorted())
    }

    private func find(_ node: Node, _ segments: ArraySlice<Substring>, _ parameters: inout [String: String]) -> Node? {
        guard let first = segments.first else { return node.endpoints.isEmpty ? nil : node }
        guard let text = PercentCoding.decode(first, plusIsSpace: false) else { return nil }
        if let next = node.literals[text], let found = find(next, segments.dropFirst(), &parameters) { return found }
        guard let (name, next) = node.placeholder, let found = find(next, segments.dropFirst(), &parameters) else { return nil }
        parameters[name] = text
        return found
    }
}

/// Percent-coding of URLs (RFC 3986), strictly: two hexadecimal digits, UTF-8, no NUL.
enum PercentCoding {
    static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        var out: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
                out.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: out.append(0x20)
            default: out.append(byte)
            }
        }
        guard !out.contains(0) else { return nil }
        return String(validating: out, as: UTF8.self)
    }

    /// Everything but unreserved characters as `%XX`.
    static func encode(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): out.append(byte)
            default: out += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }

    /// Names and values of a query, first value of each name. Nil when it cannot be decoded or has more than 64 names.
    static func query(_ text: Substring) -> [String: String]? {
        var values: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(parts[0], plusIsSpace: true), let value = decode(parts.count == 2 ? parts[1] : "", plusIsSpace: true)
            else {
                return nil
            }
            if values[name] == nil { values[name] = value }
            guard values.count <= 64 else { return nil }
        }
        return values
    }
}
