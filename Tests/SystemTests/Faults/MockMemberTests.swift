import Foundation
import TestSupport
import Testing

/// The mock cluster as a process, spoken to in Kafka's own words: what librdkafka's mock does with the names of group members.
@Suite struct MockMemberTests {
    /// As many groups at a time, and as often one member after the other.
    private static let groups = 24
    private static let lives = 3
    private static let sessionMs: Int32 = 3500

    /// One connection to a broker, for requests without any optional field.
    private final class Connection {
        private let descriptor: Int32

        init?(_ port: UInt16) {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
            var patience = timeval(tv_sec: 20, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isConnected else { return nil }
        }

        deinit { close(descriptor) }

        func ask(_ key: Int16, _ body: [UInt8]) {
            let message = bytes(key) + bytes(Int16(0)) + bytes(Int32(1)) + text("test") + body
            let all = bytes(Int32(message.count)) + message
            _ = all.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }

        /// What follows the correlation id; empty when there is no answer.
        func answer() -> [UInt8] {
            guard let size = read(4).map({ $0.reduce(0) { $0 << 8 | Int($1) } }), let body = read(size) else { return [] }
            return Array(body.dropFirst(4))
        }

        private func read(_ count: Int) -> [UInt8]? {
            var found: [UInt8] = []
            while found.count < count {
                var piece = [UInt8](repeating: 0, count: count - found.count)
                let got = recv(descriptor, &piece, piece.count, 0)
                guard got > 0 else { return nil }
                found += piece[..<got]
            }
            return found
        }
    }

    private static func join(_ group: String) -> [UInt8] {
        text(group) + bytes(sessionMs) + text("") + text("consumer") + bytes(Int32(1)) + text("range") + bytes(Int32(0))
    }

    /// The member's name in the answer to a JoinGroup; nil for one that was refused, as by a broker that is not the coordinator.
    private static func member(_ answer: [UInt8]) -> String? {
        guard answer.count > 6, answer[0] == 0, answer[1] == 0 else { return nil }
        var rest = answer[6...]
        func next() -> String? {
            guard let first = rest.first, let second = rest.dropFirst().first else { return nil }
            let count = Int(first) << 8 | Int(second)
            defer { rest = rest.dropFirst(2 + count) }
            return String(decoding: rest.dropFirst(2).prefix(count), as: UTF8.self)
        }
        _ = (next(), next())
        return next()
    }

    @Test(.timeLimit(.minutes(3)))
    func `no member of a group gets the name of one whose session is over`() async throws {
        let process = try await MockProcess.start()
        defer { process.stop() }
        let line = process.url
        let ports = line.matches(of: /127\.0\.0\.1:(\d+)/).compactMap { UInt16($0.output.1) }
        #expect(ports.count == 3, "\(line)")
        var names: [String: [String]] = [:]
        for life in 1...Self.lives {
            // Every broker is asked: the one that coordinates the group answers when it has waited for others.
            var asked: [(group: String, connection: Connection)] = []
            for number in 0..<Self.groups {
                for port in ports {
                    let connection = try #require(Connection(port))
                    connection.ask(11, Self.join("group-\(number)"))
                    asked.append(("group-\(number)", connection))
                }
            }
            for (group, connection) in asked {
                if let name = Self.member(connection.answer()) { names[group, default: []].append(name) }
            }
            #expect(names.count == Self.groups && names.values.allSatisfy { $0.count == life })
            guard life < Self.lives else { break }
            asked = []
            // A heartbeat of another generation keeps nobody alive; UNKNOWN_MEMBER_ID says that the session is over.
            for (group, given) in names {
                let isOver = try await LoneScreening.holds(within: .seconds(20), looking: .milliseconds(100)) {
                    try ports.contains { port in
                        let connection = try #require(Connection(port))
                        connection.ask(12, text(group) + bytes(Int32(-1)) + text(given.last ?? ""))
                        return connection.answer() == bytes(Int16(25))
                    }
                }
                #expect(isOver, "\(group)")
            }
        }
        for (group, given) in names { #expect(Set(given).count == Self.lives, "\(group): \(given)") }
        // And whoever does not wait for an answer on the control socket harms nobody.
        let path = try #require(line.firstMatch(of: /mock-control=(\S+)/)).output.1
        for number in 0..<50 {
            let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(client) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(client, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
            try #require(isConnected, "the mock cluster is gone before command \(number)")
            let command = Array("topic t-\(number) 1\n".utf8)
            _ = command.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }
        #expect(process.isRunning)
    }
}

private func bytes(_ number: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
private func text(_ text: String) -> [UInt8] { bytes(Int16(text.utf8.count)) + Array(text.utf8) }
