import Foundation
import Synchronization

/// Stands between a client and PostgreSQL and cuts connections at the worst moment: at COMMIT.
///
/// It reads what passes: the message that commits is the one whose text ends in `COMMIT`.
final class CuttingProxy: Sendable {
    /// What becomes of the next COMMIT.
    enum Fate: CaseIterable, Sendable {
        case pass
        /// The server gets it and answers; the answer never comes.
        case loseAnswer
        /// The server never gets it.
        case loseCommit
        /// The client loses its connection, and the server gets the COMMIT later, when `deliverLate` says so.
        case delayCommit
        /// As `delayCommit`; the server gets it in the moment in which the client, having asked what became of it, ends the old session.
        case delayCommitToTheEnd
        /// The server never gets it, and who asks what became of it loses its own connection too, once it has asked.
        case loseCommitAndAsker
    }

    let port: Int
    private let target: Int
    private let listener: Int32
    private let fate = Mutex(Fate.pass)
    private let late = Mutex<[(socket: Int32, bytes: [UInt8])]>([])
    private let waitsForEnd = Mutex(false)
    private let cutsAsker = Mutex(false)
    /// COMMITs that passed or were cut.
    let commits = Mutex(0)

    init(to target: Int) throws {
        let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(made, $0, size) == 0 && getsockname(made, $0, &size) == 0 }
        }
        guard isBound, listen(made, 64) == 0 else { throw POSIXError(.EADDRINUSE) }
        self.target = target
        listener = made
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in
            while case let client = accept(listener, nil, nil), client >= 0 { serve(client) }
        }
    }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    func meet(nextCommitWith next: Fate) { fate.withLock { $0 = next } }

    /// Hands the server the COMMITs held back, and waits until it has answered or closed.
    func deliverLate() {
        let held = late.withLock { late in
            defer { late = [] }
            return late
        }
        for (socket, bytes) in held {
            _ = bytes.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            var buffer = [UInt8](repeating: 0, count: 4096)
            _ = recv(socket, &buffer, buffer.count, 0)
            close(socket)
        }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private func serve(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(target)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(client)
            close(server)
            return
        }
        let pair = Pair(client: client, server: server)
        Thread.detachNewThread { [self] in
            pump(from: client, to: server) { bytes in
                guard Self.isCommit(bytes) else {
                    guard Self.endsSession(bytes) else { return true }
                    if waitsForEnd.withLock({ $0 }) { deliverLate() }
                    let isCut = cutsAsker.withLock { cuts in
                        defer { cuts = false }
                        return cuts
                    }
                    if isCut { shutdown(client, Int32(SHUT_RDWR)) }
                    return !isCut
                }
                commits.withLock { $0 += 1 }
                let next = fate.withLock { fate in
                    defer { fate = .pass }
                    return fate
                }
                switch next {
                case .pass: return true
                case .loseAnswer:
                    pair.isMute.withLock { $0 = true }
                    return true
                case .loseCommit: break
                case .loseCommitAndAsker: cutsAsker.withLock { $0 = true }
                case .delayCommit, .delayCommitToTheEnd:
                    waitsForEnd.withLock { $0 = next == .delayCommitToTheEnd }
                    // A descriptor of its own: the pair's is closed with the client's.
                    late.withLock { $0.append((dup(server), bytes)) }
                    pair.keepsServer.withLock { $0 = true }
                }
                shutdown(client, Int32(SHUT_RDWR))
                return false
            }
            pair.end()
        }
        Thread.detachNewThread { [self] in
            pump(from: server, to: client) { _ in
                guard pair.isMute.withLock({ $0 }) else { return true }
                // The server has answered, so it has committed.
                shutdown(client, Int32(SHUT_RDWR))
                return false
            }
            pair.end()
        }
    }

    private final class Pair: Sendable {
        let client: Int32
        let server: Int32
        let isMute = Mutex(false)
        let keepsServer = Mutex(false)
        private let ends = Mutex(0)

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }

        /// Each direction ends once; the descriptors live until both have.
        func end() {
            shutdown(client, Int32(SHUT_RDWR))
            if !keepsServer.withLock({ $0 }) { shutdown(server, Int32(SHUT_RDWR)) }
            let isLast = ends.withLock { ends in
                ends += 1
                return ends == 2
            }
            guard isLast else { return }
            close(client)
            close(server)
        }
    }

    private func pump(from source: Int32, to target: Int32, _ mayPass: ([UInt8]) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            let bytes = Array(buffer[..<count])
            guard mayPass(bytes) else { return }
            let sent = bytes.withUnsafeBytes { send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent == count else { return }
        }
    }

    /// The message that prepares, on a new connection, the statement which ends another session.
    private static func endsSession(_ bytes: [UInt8]) -> Bool {
        bytes.first == UInt8(ascii: "P") && String(decoding: bytes, as: UTF8.self).contains("pg_terminate_backend")
    }

    /// A query message that ends in COMMIT and its NUL.
    private static func isCommit(_ bytes: [UInt8]) -> Bool {
        bytes.first == UInt8(ascii: "Q") && bytes.suffix(7).elementsEqual("COMMIT\0".utf8)
    }
}
