import Foundation
import TestSupport
import Testing

@testable import Messaging

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A service with a login to its brokers, and a password that changes under its hands. The mock cluster asks for none; what is tested is where
/// the password goes, and that a new one costs nothing.
@Suite struct SecretTests {
    private static let canaries = ["CANARY-kafka-first-Zq71", "CANARY-kafka-second-Wx82"]

    /// What a service says on every page that needs no token, and on those it refuses.
    private static func pages(of service: LoneScreening) async throws -> String {
        let port = try String(contentsOf: service.directory.appendingPathComponent("port"), encoding: .utf8)
        var text = ""
        for path in ["ready", "live", "status", "metrics", "openapi.json", "clock", "sources", "nothing-here"] {
            let url = try #require(URL(string: "http://127.0.0.1:\(port.trimmingCharacters(in: .whitespacesAndNewlines))/\(path)"))
            let (data, _) = try await URLSession.shared.data(from: url)
            text += String(decoding: data, as: UTF8.self)
        }
        return text
    }

    @Test(.timeLimit(.minutes(4)))
    func `a password that is replaced while records stream costs none of them, and stands in no log line and on no page`() async throws {
        let cluster = try await MockProcess.start()
        defer { cluster.stop() }
        let service = try await LoneScreening(log: cluster.url)
        let file = service.directory.appendingPathComponent("password")
        try Data((Self.canaries[0] + "\n").utf8).write(to: file)
        try service.start([
            "CARELOOP_KAFKA_SECURITY_PROTOCOL": "plaintext", "CARELOOP_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "CARELOOP_KAFKA_SASL_USERNAME": "careloop-screening", "CARELOOP_KAFKA_SASL_PASSWORD_FILE": file.path,
            "CARELOOP_LOG_LEVEL": "debug",
        ])
        #expect(await service.isReady(), "\(service.output)")
        try await service.publish(0..<50)
        #expect(try await service.hasAnswered(50), "\(service.output.suffix(1500))")
        let identifier = service.identifier
        try Data((Self.canaries[1] + "\n").utf8).write(to: file, options: .atomic)
        var sent = 50
        // Records keep coming while both clients are replaced, and the relay only looks when it has something to send.
        let isRenewed = try await LoneScreening.holds(within: .seconds(60)) {
            try await service.publish(sent..<sent + 10)
            sent += 10
            return ["Kafka consumer careloop.screening: new credentials", "Kafka producer careloop-screening: new credentials"].allSatisfy {
                service.output.contains($0)
            }
        }
        #expect(isRenewed, "\(service.output.suffix(3000))")
        #expect(try await service.hasAnswered(sent), "\(service.output.suffix(1500))")
        try await service.expectAccount(of: sent)
        #expect(service.identifier == identifier && service.isRunning)
        let said = try await service.output + Self.pages(of: service)
        #expect(said.contains("librdkafka") && said.contains("careloop.screening"))
        for canary in Self.canaries { #expect(!said.contains(canary)) }
    }

    @Test(arguments: ["CARELOOP_KAFKA_SASL_PASSWORD", "CARELOOP_KAFKA_SASL_PASSWORD_FILE"])
    func `brokers that cannot be reached are named in the log, the password is not`(_ key: String) async throws {
        let service = try await LoneScreening()
        let file = service.directory.appendingPathComponent("password")
        try Data(Self.canaries[0].utf8).write(to: file)
        try service.start([
            "CARELOOP_EVENT_LOG": "kafka://127.0.0.1:1?request-timeout-ms=500", "CARELOOP_KAFKA_SECURITY_PROTOCOL": "sasl_ssl",
            "CARELOOP_KAFKA_SASL_MECHANISM": "PLAIN", "CARELOOP_KAFKA_SASL_USERNAME": "careloop-screening",
            key: key.hasSuffix("FILE") ? file.path : Self.canaries[0], "CARELOOP_LOG_LEVEL": "debug",
        ])
        #expect(
            await LoneScreening.holds(within: .seconds(30)) { service.output.contains("Connection refused") }, "\(service.output)"
        )
        service.signal(SIGTERM)
        _ = await service.end(within: .seconds(20))
        #expect(!service.output.contains(Self.canaries[0]))
    }
}
