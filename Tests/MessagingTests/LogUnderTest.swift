import Foundation
import Messaging
import Testing
import Vocabulary

/// The logs that keep the contract. A real broker takes part when `KAFKA_BOOTSTRAP_SERVERS` names one.
enum LogUnderTest: String, CaseIterable, CustomTestStringConvertible {
    case memory, embedded, mock, broker

    static var present: [LogUnderTest] { allCases.filter { $0 != .broker || Broker.isThere } }
    // One cluster for the whole suite, each test with topics of its own. It ends with the process.
    private static let cluster = Result {
        atexit { LogUnderTest.stopCluster() }
        return try MockCluster(brokers: 3)
    }
    private static func stopCluster() {
        if case .success(let cluster) = cluster { cluster.stop() }
    }

    var testDescription: String { rawValue }

    /// The log's own kind of place for one test; removed with the fixture.
    func open() throws -> LogFixture {
        switch self {
        case .memory: LogFixture(try openEventLog("memory:"))
        case .embedded:
            try LogFixture.embedded(in: TemporaryDirectory())
        // 700: where a refresh falls on the end of the 3 s that a join takes, librdkafka joins once more.
        case .mock: LogFixture(try openEventLog(Self.cluster.get().url + "&topic.metadata.refresh.interval.ms=700"))
        case .broker: try Broker.fixture()
        }
    }
}

final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = "\(NSTemporaryDirectory())/careloop-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // A directory that stays behind is the system's to clean.
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// One log and names that no other test uses.
final class LogFixture: Sendable {
    let log: any EventLog
    let unique = UUID().uuidString.prefix(8).lowercased()
    private let directory: TemporaryDirectory?

    init(_ log: any EventLog, _ directory: TemporaryDirectory? = nil) {
        self.log = log
        self.directory = directory
    }

    static func embedded(in directory: TemporaryDirectory) throws -> LogFixture {
        LogFixture(try openEventLog("sqlite://\(directory.path)/events.db"), directory)
    }

    func topic(_ name: String = "facts", partitions: Int = 1) throws -> String {
        let topic = "test.\(unique).\(name).v1"
        try log.ensure([TopicPlan(name: topic, partitions: partitions)])
        return topic
    }

    func consumer(
        _ topics: [String], group: String = "readers", patterns: [TopicPattern] = [],
        start: @escaping @Sendable (TopicPartition) throws -> Int64? = { _ in nil }
    ) throws -> any LogConsumer {
        try log.consumer(ConsumerSettings(group: "\(group)-\(unique)", topics: topics, patterns: patterns, start: start))
    }

    /// Sends through a producer of its own; every record has to be acknowledged.
    func send(_ records: [OutgoingRecord]) throws {
        let producer = try log.producer(named: "test")
        defer { producer.close(within: .seconds(5)) }
        let result = try producer.send(records)
        try #require(result.isComplete, "\(result.failures)")
    }
}

/// When this run began: what a broker keeps for a week it would delete at once, were it from years ago.
private let began = Instant(milliseconds: Int64(Date().timeIntervalSince1970) * 1000)

/// A small record whose value is its text.
func record(_ topic: String, _ partition: Int32, _ text: String) -> OutgoingRecord {
    OutgoingRecord(
        topic: topic, partition: partition, key: [107], value: Array(text.utf8), timestamp: began)
}

func record(_ topic: String, _ text: String) -> OutgoingRecord { record(topic, 0, text) }

extension LogRecord {
    var text: String { String(decoding: value ?? [], as: UTF8.self) }
}

extension LogConsumer {
    /// Polls until `count` records have come. Fails after half a minute.
    func read(_ count: Int, max: Int = 100) throws -> [LogRecord] {
        var records: [LogRecord] = []
        try until("\(count) records, \(records.count) came") {
            records += try poll(max: max, wait: .milliseconds(100))
            return records.count >= count
        }
        return records
    }

    /// Polls until everything assigned has been handed out for the first time.
    func join() throws {
        try until("an assignment") {
            _ = try poll(max: 1, wait: .milliseconds(50))
            return !assignment.isEmpty
        }
    }

    /// Polls until the log refuses: the code of that.
    func refusal(within time: Duration = .seconds(30)) throws -> String? {
        var code: String?
        try until("a refusal", within: time) {
            do { _ = try poll(max: 1, wait: .milliseconds(20)) } catch LogError.rejected(let refused, _) { code = refused }
            return code != nil
        }
        return code
    }
}

/// Asks `condition`, which itself waits a little, until it holds. Fails after half a minute, or what is said instead.
func until(_ what: @autoclosure () -> String, within bound: Duration = .seconds(30), _ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + bound
    while try !condition() {
        try #require(ContinuousClock.now < deadline, "waited \(bound) for \(what())")
    }
}

/// The name of the `LogError` that `body` throws; nil when it throws none.
func failure<T>(_ body: () throws -> T) -> String? {
    do {
        _ = try body()
        return nil
    } catch let error as LogError {
        // The case's name, without what it carries.
        return Mirror(reflecting: error).children.first?.label ?? "\(Mirror(reflecting: error).subjectType).\(error)"
    } catch {
        return "\(error)"
    }
}

/// Runs `body` on a thread of its own, as the log's callers do: blocking calls would hold the cooperative pool.
func onThread<T: Sendable>(_ body: @Sendable () throws -> T) async throws -> T {
    try await withTaskExecutorPreference(OwnThread()) { try body() }
}

private final class OwnThread: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        Thread.detachNewThread { job.runSynchronously(on: executor) }
    }
}
