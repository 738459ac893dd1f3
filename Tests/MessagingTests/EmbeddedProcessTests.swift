import Foundation
import Messaging
import Testing

/// The log in a file, between processes: the test's own executable started again as a writer.
@Suite struct EmbeddedProcessTests {
    static let variable = "CARELOOP_TEST_EMBEDDED_WRITER"
    private static let batch = 50

    @Test func `a writer killed at any moment leaves whole batches, and its lock free`() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try LogFixture.embedded(in: directory)
        let topic = "test.killed.v1"
        try fixture.log.ensure([TopicPlan(name: topic, partitions: 2)])
        try await onThread {
            for round in 1...3 {
                let before = try fixture.log.ends([topic]).values.reduce(0, +)
                let child = Process()
                child.executableURL = URL(fileURLWithPath: "/proc/self/exe")
                child.arguments = ["--testing-library", "swift-testing", "--filter", "EmbeddedWriterProcess"]
                child.environment = ProcessInfo.processInfo.environment.merging([Self.variable: directory.path]) { $1 }
                child.standardOutput = FileHandle.nullDevice
                child.standardError = FileHandle.nullDevice
                try child.run()
                let consumer = try fixture.consumer([topic], group: "round-\(round)") { _ in nil }
                try until("the child's appends") {
                    _ = try consumer.poll(max: 1000, wait: .milliseconds(20))
                    return try fixture.log.ends([topic]).values.reduce(0, +) > before + Int64(10 * Self.batch)
                }
                kill(child.processIdentifier, SIGKILL)
                child.waitUntilExit()
                consumer.close(within: .seconds(1))
                // This process gets its turn at once.
                try fixture.send([record(topic, "after \(round)")])
            }
            let count = Int(try fixture.log.ends([topic]).values.reduce(0, +))
            let consumer = try fixture.consumer([topic], group: "check")
            let batches = Dictionary(grouping: try consumer.read(count, max: 1000).map(\.text).filter { !$0.hasPrefix("after") }) { $0 }
            #expect(batches.count > 30)
            #expect(batches.values.allSatisfy { $0.count == Self.batch })
            consumer.close(within: .seconds(1))
        }
    }

    /// Not a check: what the started process runs until it is killed.
    @Suite(.enabled(if: ProcessInfo.processInfo.environment[EmbeddedProcessTests.variable] != nil))
    struct EmbeddedWriterProcess {
        @Test func `append batches until killed`() throws {
            let directory = try #require(ProcessInfo.processInfo.environment[EmbeddedProcessTests.variable])
            let log = try openEventLog("sqlite://\(directory)/events.db")
            let producer = try log.producer(named: "child")
            while true {
                let batch = UUID().uuidString
                _ = try producer.send((0..<EmbeddedProcessTests.batch).map { record("test.killed.v1", Int32($0 % 2), batch) })
            }
        }
    }
}
