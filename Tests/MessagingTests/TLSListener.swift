import Foundation
import Synchronization
import Testing

/// A TLS listener by OpenSSL's own hand, with authorities and certificates made for one test. It speaks no Kafka: what is tested is who lets
/// whom in.
final class TLSListener: Sendable {
    struct Failed: Error, CustomStringConvertible { var description: String }

    let folder: TemporaryDirectory
    let port: Int
    private let process: Process
    private let input = Pipe()
    private let log: String

    /// The file of an authority (`ours`, `other`) or of what it signed.
    func file(_ name: String) -> String { "\(folder.path)/\(name)" }

    /// `asksForCertificate`: whoever comes without one signed by `ours` is sent away.
    init(asksForCertificate: Bool = false) throws {
        folder = try TemporaryDirectory()
        let path = folder.path
        for authority in ["ours", "other"] {
            try Self.openssl(
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=\(authority)", "-keyout",
                "\(path)/\(authority).key",
                "-out", "\(path)/\(authority).pem")
        }
        for (name, subject) in [("server", "localhost"), ("client", "careloop-screening")] {
            try Self.openssl(
                "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(subject)", "-addext", "subjectAltName=DNS:\(subject)", "-keyout",
                "\(path)/\(name).key", "-out", "\(path)/\(name).csr")
            try Self.openssl(
                "x509", "-req", "-days", "2", "-in", "\(path)/\(name).csr", "-CA", "\(path)/ours.pem", "-CAkey", "\(path)/ours.key",
                "-CAcreateserial", "-copy_extensions", "copy", "-out", "\(path)/\(name).pem")
        }
        log = "\(path)/listener.log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-cert", "\(path)/server.pem", "-key", "\(path)/server.key", "-state"]
            + (asksForCertificate ? ["-Verify", "1", "-verify_return_error", "-CAfile", "\(path)/ours.pem"] : [])
        let output = try #require(FileHandle(forWritingAtPath: log))
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        var found: Int?
        let deadline = ContinuousClock.now + .seconds(10)
        while found == nil {
            guard ContinuousClock.now < deadline, process.isRunning else { throw Failed(description: "no listener: \(Self.text(log))") }
            found = Self.text(log).firstMatch(of: /ACCEPT 127\.0\.0\.1:(\d+)/).flatMap { Int($0.output.1) }
        }
        port = found ?? 0
    }

    // It may have been born with SIGTERM blocked, as threads of the pool have it.
    deinit { kill(process.processIdentifier, SIGKILL) }

    /// What the listener has seen so far.
    var seen: String { Self.text(log) }

    /// Handshakes that both sides brought to an end.
    var handshakes: Int { seen.matches(of: /SSL_accept:SSLv3\/TLS write session ticket|SSL_accept:SSLv3\/TLS read finished/).count }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    private static func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(description: "openssl \(arguments.joined(separator: " "))") }
    }
}
