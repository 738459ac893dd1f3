import Foundation

/// The few calls on unix sockets that the logs need.
enum UnixSocket {
    enum Kind { case stream, datagram }

    /// A new socket, closed in child processes; datagram sockets never block.
    static func make(_ kind: Kind) throws(LogError) -> Int32 {
        let type: Int32 =
            switch kind {
            case .stream: Int32(SOCK_STREAM.rawValue)
            case .datagram: Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue)
            }
        let descriptor = socket(AF_UNIX, type | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .storage("no socket (\(reason))") }
        return descriptor
    }

    /// False when the system refuses; throws for a path too long for a socket's address.
    static func bind(_ descriptor: Int32, to path: String) throws(LogError) -> Bool {
        try withAddress(path) { Glibc.bind(descriptor, $0, $1) == 0 }
    }

    static func connect(_ descriptor: Int32, to path: String) throws(LogError) -> Bool {
        try withAddress(path) { Glibc.connect(descriptor, $0, $1) == 0 }
    }

    /// Sends one byte as a datagram; 0 or the error number.
    static func nudge(_ descriptor: Int32, _ path: String) throws(LogError) -> Int32 {
        try withAddress(path) { address, length in
            var byte: UInt8 = 1
            return sendto(descriptor, &byte, 1, Int32(MSG_DONTWAIT | MSG_NOSIGNAL), address, length) == 1 ? 0 : errno
        }
    }

    /// Bytes up to a line feed, the end, or 64 KiB.
    static func readLine(_ descriptor: Int32) -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while line.count < 65_536 {
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 || byte == 10 { break }
            line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// Writes everything, to a socket or a file; a peer that went away ends it silently.
    static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            // A peer that did not wait for its answer must not end this process by SIGPIPE; only sockets can be asked for that.
            let count = rest.withUnsafeBytes { bytes in
                let sent = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                return sent < 0 && errno == ENOTSOCK ? write(descriptor, bytes.baseAddress, bytes.count) : sent
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    /// The last system call's failure in words.
    static var reason: String { String(cString: strerror(errno)) }

    private static func withAddress<T>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T) throws(LogError) -> T {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw .invalidURL("\(path) is too long for a socket's address")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }
}
