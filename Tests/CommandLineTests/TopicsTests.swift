import ArgumentParser
import Contracts
import Foundation
import Messaging
import ServiceRuntime
import Testing

@testable import CareLoopTool

/// The topics commands against an embedded log.
@Suite struct TopicsTests {
    private func run<Command: AsyncParsableCommand>(_ type: Command.Type, _ arguments: [String]) async throws -> ExitCode {
        var command = try type.parse(arguments)
        do {
            try await command.run()
            return .success
        } catch let code as ExitCode { return code }
    }

    @Test func `what apply makes, check finds as planned; what is missing or different ends check with its own code`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-topics-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let log = "sqlite://\(folder.path)/events.db"
        #expect(try await run(Topics.Check.self, ["--log", log]) == .topicsDiffer)
        #expect(try await run(Topics.Apply.self, ["--log", log, "--bureau", "hb-370303"]) == .success)
        #expect(try await run(Topics.Check.self, ["--log", log, "--bureau", "hb-370303"]) == .success)
        #expect(try await run(Topics.Check.self, ["--log", log, "--centre", "rc-370303-1"]) == .topicsDiffer)
        // Made by hand with another retention.
        let receipts = Catalogue.name(ResultReceipt.topic, for: try .init("hb-370304"))
        try openEventLog(log).ensure([TopicPlan(name: receipts, partitions: 1, retentionMs: 1000)])
        #expect(try await run(Topics.Apply.self, ["--log", log, "--bureau", "hb-370304"]) == .success)
        #expect(try await run(Topics.Check.self, ["--log", log, "--bureau", "hb-370304"]) == .topicsDiffer)
        // Another number of partitions is no difference to live with.
        let results = Catalogue.name(RawScreeningResult.topic, for: try .init("hb-370305"))
        try openEventLog(log).ensure([TopicPlan(name: results, partitions: 2)])
        #expect(try await run(Topics.Apply.self, ["--log", log, "--bureau", "hb-370305"]) == .unreachable)
    }

    @Test func `a dry run needs no log and prints topics and rights`() async throws {
        #expect(try await run(Topics.Apply.self, ["--dry-run", "--json", "--bureau", "hb-370303"]) == .success)
    }

    @Test func `half a login to Kafka is bad input, named before anything is asked of the brokers`() throws {
        let here = ["CARELOOP_KAFKA_SECURITY_PROTOCOL": "sasl_ssl"]
        let complaint = try #require(throws: Complaint.self) { try KafkaSecurity.here(for: "kafka://b:9093", here) }
        #expect(complaint.code == .badInput && complaint.text.en.contains("CARELOOP_KAFKA_SASL_MECHANISM"))
        #expect(try !KafkaSecurity.here(for: "sqlite:///tmp/events.db", here).isOn)
    }
}
