import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A blocking TCP client of the tests' own: shares no code with the server it talks to.
final class WireSocket {
    struct Failed: Error { let call: String }

    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let answer = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard answer == 0 else { throw Failed(call: "connect") }
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) }
            // The server may have answered and closed before it wanted all of it.
            guard count > 0 else { return }
            sent += count
        }
    }

    /// What has arrived, at least one byte; empty at the end.
    func read() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Failed(call: "recv") }
        return Array(buffer[..<count])
    }

    func readToEnd() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = try read()
            if part.isEmpty { return all }
            all += part
        }
    }

    /// Reads until `text` has arrived.
    func read(until text: String) throws -> String {
        var all: [UInt8] = []
        while !String(decoding: all, as: UTF8.self).contains(text) {
            let part = try read()
            if part.isEmpty { throw Failed(call: "closed before it came") }
            all += part
        }
        return String(decoding: all, as: UTF8.self)
    }
}

/// Runs what blocks on a thread of its own, so that a waiting client never takes a thread the server needs.
func onThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Swift.Result { try work() }) }.start()
    }
}

/// An HTTP/1.1 answer as it stood on the wire.
struct WireAnswer {
    let status: Int
    let headers: [String: String]
    /// Every `Set-Cookie`, of which there may be several.
    let cookies: [String]
    let body: [UInt8]

    init(_ bytes: [UInt8]) throws {
        let mark = Array("\r\n\r\n".utf8)
        guard let split = bytes.indices.first(where: { bytes[$0...].starts(with: mark) }) else { throw WireSocket.Failed(call: "no head") }
        let lines = String(decoding: bytes[..<split], as: UTF8.self).components(separatedBy: "\r\n")
        status = Int(lines[0].split(separator: " ")[1]) ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        self.headers = headers
        cookies = lines.filter { $0.lowercased().hasPrefix("set-cookie:") }.map {
            $0.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces)
        }
        body = Array(bytes[(split + 4)...])
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// A member of the JSON body, by Foundation's parser rather than ours.
    func member(_ name: String) throws -> Any? {
        (try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])?[name]
    }

    var code: String? { get throws { try member("code") as? String } }
}
