import Foundation
import Messaging
import Vocabulary

/// Append and tail rates of the event logs with records of about 370 bytes in batches of 500: the embedded log between two processes, and
/// Kafka on librdkafka's mock cluster in one.
///
/// `arguments` are those after the benchmark's name: the number of records, 300,000 when missing. With `tail` as the first one this is the
/// reading process that the benchmark starts itself. Blocks its thread; must not run on a cooperative one or the main actor.
func eventLogBenchmark(_ arguments: [String]) throws {
    if arguments.first == "tail", arguments.count == 3, let count = Int(arguments[2]) {
        try EventLogBenchmark(count: count).tail(arguments[1], name: "embedded, reading process")
        return
    }
    let benchmark = EventLogBenchmark(count: arguments.first.flatMap { Int($0) } ?? 300_000)
    try benchmark.embedded()
    try benchmark.mock()
}

private struct EventLogBenchmark {
    let count: Int
    private let topic = "benchmark.facts.v1"
    private let partitions = 8
    private let batch = 500

    func embedded() throws {
        let directory = "\(NSTemporaryDirectory())/careloop-benchmark-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: directory) } catch { print("left behind: \(directory)") }
        }
        let url = "sqlite://\(directory)/events.db"
        let log = try openEventLog(url)
        try log.ensure([TopicPlan(name: topic, partitions: partitions)])
        let reader = Process()
        reader.executableURL = URL(fileURLWithPath: "/proc/self/exe")
        reader.arguments = ["event-log", "tail", url, "\(count)"]
        try reader.run()
        try append(log, name: "embedded, both at once")
        reader.waitUntilExit()
        // The same records once more, with nobody appending.
        try tail(url, name: "embedded, reading alone")
        try latency(log, name: "embedded")
    }

    func mock() throws {
        let cluster = try MockCluster(brokers: 3)
        defer { cluster.stop() }
        let log = try openEventLog(cluster.url)
        print(log.description)
        try log.ensure([TopicPlan(name: topic, partitions: partitions)])
        // The mock keeps about 5 MB of a partition, as stored; these records compress well.
        try append(log, name: "Kafka on a mock cluster")
        try tail(log, name: "Kafka on a mock cluster")
        try latency(log, name: "Kafka on a mock cluster")
    }

    private func append(_ log: any EventLog, name: String) throws {
        let producer = try log.producer(named: "benchmark")
        defer { producer.close(within: .seconds(5)) }
        // The first send of a Kafka producer waits for its identity.
        _ = try producer.send([record(0)])
        let began = ContinuousClock.now
        for start in stride(from: 1, to: count, by: batch) {
            let result = try producer.send((start..<min(start + batch, count)).map(record))
            guard result.isComplete else { throw BenchmarkFailed(reason: "\(result.failures)") }
        }
        report("\(name): append", count, since: began)
    }

    func tail(_ url: String, name: String) throws { try tail(openEventLog(url), name: name) }

    private func tail(_ log: any EventLog, name: String) throws {
        let consumer = try log.consumer(ConsumerSettings(group: "", topics: [topic]) { _ in nil })
        defer { consumer.close(within: .seconds(5)) }
        var seen = 0
        var bytes = 0
        var began = ContinuousClock.now
        while seen < count {
            let records = try consumer.poll(max: 1000, wait: .seconds(10))
            guard !records.isEmpty else { throw BenchmarkFailed(reason: "\(name): only \(seen) of \(count) records came") }
            if seen == 0 { began = .now }
            seen += records.count
            bytes += records.reduce(0) { $0 + $1.byteCount }
        }
        report("\(name): tail (\(bytes / seen) bytes a record)", seen, since: began)
    }

    /// From before the append to after the poll, one record at a time.
    private func latency(_ log: any EventLog, name: String) throws {
        let producer = try log.producer(named: "benchmark")
        let ends = try log.ends([topic])
        let consumer = try log.consumer(ConsumerSettings(group: "", topics: [topic]) { ends[$0] })
        defer {
            producer.close(within: .seconds(5))
            consumer.close(within: .seconds(5))
        }
        _ = try consumer.poll(max: 1, wait: .milliseconds(100))
        var times: [Duration] = []
        for index in 0..<200 {
            let began = ContinuousClock.now
            _ = try producer.send([record(index)])
            while try consumer.poll(max: 10, wait: .seconds(1)).isEmpty {}
            times.append(.now - began)
        }
        times.sort()
        print("\(name): one record there and back, p50 \(times[100]), p95 \(times[190])")
    }

    private func record(_ index: Int) -> OutgoingRecord {
        OutgoingRecord(
            topic: topic, partition: Int32(index % partitions), key: Array("case-\(index)".utf8),
            value: Array(repeating: UInt8(index % 50), count: 300),
            headers: [LogHeader(name: "content-type", text: "application/cloudevents+protobuf")],
            timestamp: Instant(milliseconds: 1_700_000_000_000))
    }

    private func report(_ what: String, _ records: Int, since began: ContinuousClock.Instant) {
        let elapsed = ContinuousClock.now - began
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        print("\(what): \(Int(Double(records) / seconds)) records/s")
    }
}

private struct BenchmarkFailed: Error {
    let reason: String
}
