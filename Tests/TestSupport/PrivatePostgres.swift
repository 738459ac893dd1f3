import Foundation
import Persistence
import Synchronization

/// A PostgreSQL of this test process's own, started on first use by `compose/local/postgres` and gone with the process however it ends.
public final class PrivatePostgres: Sendable {
    /// The server most tests share, each with a schema of its own.
    public static let shared = Result { try PrivatePostgres() }

    private struct Pipes {
        let process: Process
        let commands: FileHandle
        let answers: FileHandle
    }

    /// What a connection needs: the port on 127.0.0.1 and the folder of the Unix socket.
    public let port: Int
    public let folder: String
    private let pipes: Mutex<Pipes>
    private let schemas = Mutex(0)

    /// Starts another one, for tests that stop or restart it. `durable`: with fsync, as after a kill it must be.
    public init(durable: Bool = false) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = root.appendingPathComponent("compose/local/postgres")
        process.environment = ProcessInfo.processInfo.environment.merging(durable ? ["FSYNC": "on"] : [:]) { $1 }
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let answers = output.fileHandleForReading
        let words = try Self.line(answers).split(separator: " ")
        guard words.count == 3, words[0] == "ready", let port = Int(words[1]) else {
            throw DatabaseError(kind: .other, message: "no private PostgreSQL: \(words.joined(separator: " "))")
        }
        self.port = port
        folder = String(words[2])
        pipes = Mutex(Pipes(process: process, commands: input.fileHandleForWriting, answers: answers))
    }

    deinit {
        // Its standard input ends, and with it the server; a pipe closed already is as good.
        pipes.withLock { try? $0.commands.close() }
    }

    /// The address of a schema that no other test has.
    public func address(port: Int? = nil, schema: String? = nil) -> String {
        "postgres://careloop@127.0.0.1:\(port ?? self.port)/postgres?schema=\(schema ?? freshSchema())"
    }

    public func freshSchema() -> String {
        schemas.withLock { count in
            count += 1
            return "test_\(count)"
        }
    }

    /// A schema of its own with everything in the schema of `address`, through `pg_dump` and `psql`; its address.
    public func copy(of address: String) throws -> String {
        guard let from = address.split(separator: "=").last.map(String.init) else { preconditionFailure("\(address) names no schema") }
        let to = freshSchema()
        let server = "-h 127.0.0.1 -p \(port) -U careloop -d postgres"
        let copying = Process()
        copying.executableURL = URL(fileURLWithPath: "/bin/bash")
        // Names of test schemas stand in no test's data.
        let (dump, rename) = ("pg_dump \(server) -n \(from)", "sed 's/\\b\(from)\\b/\(to)/g'")
        let load = "psql -q -v ON_ERROR_STOP=1 \(server) > /dev/null"
        copying.arguments = ["-c", "set -o pipefail; \(dump) | \(rename) | \(load)"]
        try copying.run()
        copying.waitUntilExit()
        guard copying.terminationStatus == 0 else { throw DatabaseError(kind: .other, message: "\(from) could not be copied") }
        return self.address(schema: to)
    }

    /// Kills the server as a crash would and starts it again; returns when it answers.
    public func restart() throws { try command("restart") }
    public func stop() throws { try command("stop") }
    public func start() throws { try command("start") }

    private func command(_ word: String) throws {
        try pipes.withLock { pipes in
            try pipes.commands.write(contentsOf: Data("\(word)\n".utf8))
            _ = try Self.line(pipes.answers)
        }
    }

    private static func line(_ handle: FileHandle) throws -> String {
        var bytes: [UInt8] = []
        while let byte = try handle.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
