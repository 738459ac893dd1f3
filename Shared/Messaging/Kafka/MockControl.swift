import Foundation
import Synchronization

/// The mock cluster's control socket: one connection carries one command line and its answer.
final class MockControl: Sendable {
    private let path: String
    private let listener: Int32
    private let stopped = Atomic<Bool>(false)

    init(_ path: String) throws(LogError) {
        self.path = path
        unlink(path)
        listener = try UnixSocket.make(.stream)
        guard try UnixSocket.bind(listener, to: path), listen(listener, 16) == 0 else {
            close(listener)
            throw .storage("no control socket at \(path)")
        }
    }

    /// Answers connections on a thread of its own until `stop`.
    func serve(_ perform: @escaping @Sendable (MockCommand) throws -> Void) {
        let listener = listener
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard let self, !stopped.load(ordering: .acquiring), connection >= 0 else {
                    if connection >= 0 { close(connection) }
                    break
                }
                let answer: String
                do {
                    guard let command = MockCommand(UnixSocket.readLine(connection)) else {
                        throw LogError.rejected(code: "UNKNOWN_COMMAND", "mock cluster")
                    }
                    try perform(command)
                    answer = "ok"
                } catch {
                    answer = "error \(error)"
                }
                UnixSocket.writeAll(Array((answer + "\n").utf8), to: connection)
                close(connection)
            }
            close(listener)
        }
    }

    func stop() {
        guard !stopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // Ends the accept, whose thread closes the socket.
        shutdown(listener, Int32(SHUT_RDWR))
        unlink(path)
    }

    /// Sends one command to a mock cluster and waits for its answer. Throws `LogError.unavailable` when nobody listens and
    /// `LogError.rejected` when the cluster refuses.
    static func send(_ command: MockCommand, to path: String) throws(LogError) {
        let connection = try UnixSocket.make(.stream)
        defer { close(connection) }
        guard try UnixSocket.connect(connection, to: path) else { throw .unavailable("no mock cluster listens at \(path)") }
        UnixSocket.writeAll(Array((command.line + "\n").utf8), to: connection)
        let answer = UnixSocket.readLine(connection)
        guard answer == "ok" else { throw .rejected(code: "MOCK", answer) }
    }
}
