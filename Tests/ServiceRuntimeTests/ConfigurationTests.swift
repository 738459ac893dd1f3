import Foundation
import Testing
import Vocabulary

@testable import ServiceRuntime

struct ConfigurationTests {
    static let good = ["CARELOOP_DATABASE": "sqlite:///tmp/a.db", "CARELOOP_EVENT_LOG": "sqlite:///tmp/events.db", "PATH": "/usr/bin"]

    func faults(_ changes: [String: String]) -> [String] {
        do {
            _ = try Configuration(environment: Self.good.merging(changes) { $1 })
            return []
        } catch let error as ConfigurationError {
            return error.faults
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `what is not said has its default`() throws {
        let configuration = try Configuration(environment: Self.good)
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 0)
        #expect(configuration.profile == .development)
        #expect(configuration.simulatedFrom == nil)
        #expect(configuration.logLevel == .info)
        #expect(configuration.outboxCapRows == CoreLimits.outboxRows)
    }

    @Test func `an unknown key refuses the start and names its nearest neighbour`() {
        let faults = faults(["CARELOOP_DATABSE": "x"])
        #expect(faults == ["CARELOOP_DATABSE is no key of CareLoop; the nearest one is CARELOOP_DATABASE"])
    }

    @Test(arguments: [
        ("CARELOOP_SERVICE_PORT", "70000"), ("CARELOOP_SERVICE_PORT", "http"), ("CARELOOP_DATABASE", "/tmp/a.db"),
        ("CARELOOP_DATABASE", ""),
        ("CARELOOP_EVENT_LOG", "amqp://x"), ("CARELOOP_CLOCK", "fast"), ("CARELOOP_PROFILE", "prod"), ("CARELOOP_LOG_LEVEL", "loud"),
        ("CARELOOP_TOKEN_KEYS", "/nowhere/keys.json"), ("CARELOOP_OUTBOX_CAP_ROWS", "0"), ("CARELOOP_CLOCK_START", "2024-02-30"),
        ("CARELOOP_PORT_FILE", "/nowhere/port"), ("CARELOOP_REQUESTS_PER_SECOND", "-1"),
    ])
    func `a bad value refuses the start, names the key and what it may be, and never repeats the value`(_ key: String, _ value: String)
        throws
    {
        let faults = faults([key: value])
        #expect(faults.count == 1)
        let allowed = try #require(Configuration.schema.first { $0.name == key }?.allowed)
        #expect(faults.first == "\(key) must be \(allowed)")
    }

    @Test func `a missing key is named, and all faults come at once`() {
        #expect(throws: ConfigurationError.self) { try Configuration(environment: [:]) }
        do { _ = try Configuration(environment: ["CARELOOP_CLOCK": "fast", "CARELOOP_X": "1"]) } catch let error as ConfigurationError {
            #expect(error.faults.count == 4)
            #expect(error.faults.contains { $0.hasPrefix("CARELOOP_DATABASE is missing") })
            #expect(error.faults.contains { $0.hasPrefix("CARELOOP_EVENT_LOG is missing") })
        } catch { Issue.record(error) }
    }

    @Test func `a simulated clock needs its first day and is refused in production`() throws {
        #expect(
            try Configuration(environment: Self.good.merging(["CARELOOP_CLOCK": "simulated", "CARELOOP_CLOCK_START": "2024-06-01"]) { $1 })
                .simulatedFrom?.text == "2024-06-01")
        #expect(faults(["CARELOOP_CLOCK": "simulated"]).contains { $0.hasPrefix("CARELOOP_CLOCK_START is missing") })
        let production = faults(["CARELOOP_CLOCK": "simulated", "CARELOOP_CLOCK_START": "2024-06-01", "CARELOOP_PROFILE": "production"])
        #expect(production.contains { $0.hasPrefix("CARELOOP_CLOCK must be system") })
        #expect(production.contains { $0.hasPrefix("CARELOOP_TOKEN_KEYS is missing") })
    }

    @Test func `every default is a value its key accepts, and every key is documented`() {
        for key in Configuration.schema {
            #expect(key.name.hasPrefix("CARELOOP_"))
            #expect(!key.doc.isEmpty)
            if let standard = key.standard { #expect(key.accepts(standard), "\(key.name)") }
        }
        #expect(Set(Configuration.schema.map(\.name)).count == Configuration.schema.count)
    }

    @Test func `the brokers' password comes from a file and reaches only librdkafka's options`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-password-\(UUID().uuidString)")
        try Data("hunter2\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }  // A leftover harms nobody.
        let configuration = try Configuration(
            environment: Self.good.merging([
                "CARELOOP_KAFKA_SECURITY_PROTOCOL": "sasl_ssl", "CARELOOP_KAFKA_SASL_USERNAME": "screening",
                "CARELOOP_KAFKA_SASL_PASSWORD_FILE": file.path,
            ]) { $1 })
        #expect(configuration.kafkaOptions == ["security.protocol": "sasl_ssl", "sasl.username": "screening", "sasl.password": "hunter2"])
    }
}
