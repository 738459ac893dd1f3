import Foundation
import Messaging
import Synchronization

/// A mock cluster in a process of its own, as `careloop mock-cluster` is one: what tests take that take brokers down.
///
/// librdkafka's mock closes a broker's port and binds it again, and ends its process when it may not. Between fork and exec every child of
/// a process holds the port too, so in one that starts others, as tests do, that is a matter of chance.
public final class MockProcess: Sendable {
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// The address for `openEventLog`, with the control socket in it.
    public let url: String
    private let control: String
    private let process: Mutex<(process: Process, input: FileHandle)>

    /// Starts three brokers, or says why it cannot. The program is the one that was built beside this test bundle.
    public static func start() async throws -> MockProcess {
        // The first line comes when the brokers listen; a thread of its own waits for it.
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try MockProcess() }) }
        }
    }

    private init() throws {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("careloop")
        process.arguments = ["mock-cluster"]
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        var line = ""
        while !line.hasSuffix("\n") {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw Missing(description: "the mock cluster ended with \(line)") }
            line += String(decoding: piece, as: UTF8.self)
        }
        let words = line.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: "mock-control=", maxSplits: 1)
        guard words.count == 2 else { throw Missing(description: "the mock cluster named no control socket: \(line)") }
        url = words.joined(separator: "mock-control=")
        control = String(words[1].prefix { $0 != "&" })
        self.process = Mutex((process, input.fileHandleForWriting))
    }

    deinit { stop() }

    /// False when it has ended, by itself or because librdkafka ended it.
    public var isRunning: Bool { process.withLock { $0.process.isRunning } }

    /// Closes every port; the second time it does nothing.
    public func stop() {
        process.withLock { held in
            // It ends with its input, and is not waited for: its addresses are nobody else's.
            try? held.input.close()
        }
    }

    /// Has the cluster carry out one command; returns when it has.
    public func perform(_ command: MockCommand) throws { try command.send(to: control) }

    public func setBroker(_ broker: Int32?, up: Bool) throws { try perform(.broker(broker, up: up)) }
    public func setCoordinator(ofGroup group: String, to broker: Int32) throws { try perform(.coordinator(group, broker)) }
    public func setRoundTrip(of broker: Int32?, _ time: Duration) throws {
        try perform(.roundTrip(broker, Int(time / .milliseconds(1))))
    }
    public func setTopicError(_ topic: String, _ code: MockCluster.Code) throws { try perform(.topicError(topic, code)) }
    public func pushErrors(_ request: MockCluster.Request, _ codes: [MockCluster.Code]) throws { try perform(.errors(request, codes)) }
}
