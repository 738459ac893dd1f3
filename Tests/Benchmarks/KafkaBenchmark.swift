import Foundation
import Messaging
import Vocabulary

/// Messaging beside a plain C program on librdkafka, and a service's loop on Kafka beside the same loop on the in-memory log.
///
/// The mock cluster is a process of its own, so its CPU is in none of the figures; every measured program is one as well. Rounds alternate,
/// because a busy machine is busy for both. `arguments`: rounds (9), records of a round (200,000). `mock`, `produce`, `consume` and `loop` are
/// the processes the benchmark starts itself.
func kafkaBenchmark(_ arguments: [String]) throws {
    switch arguments.first {
    case "mock": try MockClusterServer.run(brokers: 3)
    case "produce", "consume": try KafkaWorker(arguments).run()
    case "loop": try kafkaLoop(url: arguments[1], events: Int(arguments[2])!)
    default:
        let benchmark = try KafkaBenchmark(
            rounds: arguments.first.flatMap { Int($0) } ?? 9, count: arguments.dropFirst().first.flatMap { Int($0) } ?? 200_000)
        defer { benchmark.stop() }
        try benchmark.run()
    }
}

/// What one process measured.
private struct Measured {
    let records: Double
    let seconds: Double
    let cpuMicroseconds: Double

    var rate: Double { records / seconds }
    var cpuPerRecord: Double { cpuMicroseconds / records }

    init?(_ line: String) {
        let fields = line.split(separator: " ").compactMap { Double($0) }
        guard fields.count == 3 else { return nil }
        (records, seconds, cpuMicroseconds) = (fields[0], fields[1], fields[2])
    }
}

private final class KafkaBenchmark {
    private let rounds: Int
    private let count: Int
    private let partitions = 32
    private let cluster: MockProcess

    // What KafkaOptions gives Messaging's own clients on a mock cluster.
    private static let producing = [
        "enable.idempotence=true", "enable.gapless.guarantee=true", "acks=all", "message.timeout.ms=0", "compression.codec=lz4",
        "linger.ms=5", "queue.buffering.max.kbytes=131072", "queue.buffering.max.messages=200000", "message.max.bytes=1040000",
        "socket.nagle.disable=true", "topic.metadata.refresh.interval.ms=5000",
    ]
    private static let consuming = [
        "group.id=baseline", "enable.auto.commit=false", "enable.auto.offset.store=false", "auto.offset.reset=error",
        "queued.min.messages=1000000", "queued.max.messages.kbytes=65536", "fetch.wait.max.ms=10", "socket.nagle.disable=true",
    ]

    init(rounds: Int, count: Int) throws {
        (self.rounds, self.count) = (rounds, count)
        cluster = try MockProcess()
    }

    func stop() { cluster.stop() }

    func run() throws {
        let (url, servers) = (cluster.url, cluster.servers)
        let log = try openEventLog(url)
        print(log.description)
        var topics: [String] = []
        // The relay's way waits for each 2,000 rows; one large send shows what Messaging itself costs.
        for (name, window) in [("one send of everything", count), ("sends of 2,000, as the relay's", 2_000)] {
            try compare("produce, \(name)") { who in
                let topic = "benchmark.\(topics.count).v1"
                topics.append(topic)
                try log.ensure([TopicPlan(name: topic, partitions: partitions)])
                return who == .plain
                    ? try baseline(["produce", servers, topic, "\(partitions)", "\(count)", "\(window)"] + Self.producing)
                    : try ourselves(["produce", url, topic, "\(partitions)", "\(count)", "\(window)"])
            }
        }
        let topic = topics[0]
        let total = try log.ends([topic]).values.reduce(0, +)
        guard try log.starts([topic]).values.allSatisfy({ $0 == 0 }) else { throw KafkaBenchmarkFailed(reason: "the mock dropped records") }
        try compare("consume, against C that only looks at each record") { who in
            who == .plain
                ? try baseline(["consume", servers, topic, "\(partitions)", "\(total)"] + Self.consuming)
                : try ourselves(["consume", url, topic, "\(partitions)", "\(total)"])
        }
        try compare("consume, against C that keeps a batch's records in memory of its own, as Messaging does") { who in
            who == .plain
                ? try baseline(["keep", servers, topic, "\(partitions)", "\(total)"] + Self.consuming)
                : try ourselves(["consume", url, topic, "\(partitions)", "\(total)"])
        }
        try compareLoops()
    }

    private enum Program { case plain, ours }

    /// Alternate rounds; the ratio is of each pair, and the median of those counts.
    private func compare(_ what: String, _ measure: (Program) throws -> Measured) throws {
        var ratios: [Double] = []
        var rates: (plain: [Double], ours: [Double]) = ([], [])
        var costs: (plain: [Double], ours: [Double]) = ([], [])
        for round in 0..<rounds {
            // Who goes first changes, so that neither always meets the warmer machine.
            let order: [Program] = round.isMultiple(of: 2) ? [.plain, .ours] : [.ours, .plain]
            var pair: [Program: Measured] = [:]
            for program in order { pair[program] = try measure(program) }
            let (plain, ours) = (pair[.plain]!, pair[.ours]!)
            ratios.append(ours.rate / plain.rate)
            rates.plain.append(plain.rate)
            rates.ours.append(ours.rate)
            costs.plain.append(plain.cpuPerRecord)
            costs.ours.append(ours.cpuPerRecord)
        }
        print("\(what): Messaging \(whole(rates.ours)) records/s, plain C \(whole(rates.plain)) records/s (medians of \(rounds))")
        print("  ratio \(two(median(ratios))) of pairs \(two(ratios.min()!))–\(two(ratios.max()!)) (target 0.90)", terminator: "; ")
        print("CPU a record \(two(median(costs.ours))) µs against \(two(median(costs.plain))) µs")
        fflush(nil)
    }

    private func compareLoops() throws {
        var ratios: [Double] = []
        var costs: (memory: [Double], kafka: [Double]) = ([], [])
        for round in 0..<rounds {
            // A cluster of its own each time: a service that finds its numbers in the log already would not send.
            let fresh = try MockProcess()
            defer { fresh.stop() }
            let order = round.isMultiple(of: 2) ? ["memory:", fresh.url] : [fresh.url, "memory:"]
            var pair: [String: Measured] = [:]
            for log in order { pair[log] = try ourselves(["loop", log, "\(count / 2)"]) }
            let (memory, kafka) = (pair["memory:"]!, pair[fresh.url]!)
            ratios.append(kafka.cpuPerRecord / memory.cpuPerRecord)
            costs.memory.append(memory.cpuPerRecord)
            costs.kafka.append(kafka.cpuPerRecord)
        }
        print(
            "consume, decide, store, produce: \(two(median(costs.kafka))) µs of CPU an event on Kafka, the broker's excluded",
            terminator: ", ")
        print("\(two(median(costs.memory))) µs on the in-memory log: ratio \(two(median(ratios))) of pairs", terminator: " ")
        print("\(two(ratios.min()!))–\(two(ratios.max()!)) (target at most 1.40)")
    }

    private func baseline(_ arguments: [String]) throws -> Measured {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return try measure(URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("KafkaBaseline"), arguments)
    }

    private func ourselves(_ arguments: [String]) throws -> Measured {
        try measure(URL(fileURLWithPath: "/proc/self/exe"), ["kafka"] + arguments)
    }

    private func measure(_ program: URL, _ arguments: [String]) throws -> Measured {
        let process = Process()
        let output = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0, let measured = text.split(separator: "\n").last.flatMap({ Measured(String($0)) }) else {
            throw KafkaBenchmarkFailed(reason: "\(program.lastPathComponent) \(arguments[0]) said: \(text)")
        }
        return measured
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    private func whole(_ values: [Double]) -> String { String(Int(median(values))) }
    private func two(_ value: Double) -> String { format(value) }
}

/// A mock cluster in a process of its own.
private final class MockProcess {
    let url: String
    /// `host:port,…`
    let servers: String
    private let process = Process()
    private let commands = Pipe()

    init() throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe")
        process.arguments = ["kafka", "mock"]
        process.standardInput = commands
        process.standardOutput = output
        try process.run()
        var line = ""
        while !line.hasSuffix("\n") { line += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) }
        url = line.trimmingCharacters(in: .whitespacesAndNewlines)
        servers = String(url.dropFirst("kafka://".count).prefix { $0 != "?" })
    }

    /// The cluster ends with its input.
    func stop() {
        commands.fileHandleForWriting.closeFile()
        process.waitUntilExit()
    }
}

struct KafkaBenchmarkFailed: Error {
    let reason: String
}

/// One measured run of Messaging's producer or consumer; prints what `KafkaBaseline` prints.
private struct KafkaWorker {
    private let kind: String
    private let log: any EventLog
    private let topic: String
    private let partitions: Int
    private let count: Int
    private let window: Int

    init(_ arguments: [String]) throws {
        kind = arguments[0]
        log = try openEventLog(arguments[1])
        topic = arguments[2]
        partitions = Int(arguments[3])!
        count = Int(arguments[4])!
        window = arguments.count > 5 ? Int(arguments[5])! : 0
    }

    func run() throws { kind == "produce" ? try produce() : try consume() }

    private func produce() throws {
        let records = (0..<count).map(record)
        let producer = try log.producer(named: "benchmark")
        _ = try producer.send((0..<partitions).map { record($0) })
        let watch = Stopwatch()
        for start in stride(from: 0, to: count, by: window) {
            let result = try producer.send(window >= count ? records : Array(records[start..<min(start + window, count)]))
            guard result.isComplete else { throw KafkaBenchmarkFailed(reason: "\(result.failures)") }
        }
        Stopwatch.end(with: watch.line(count))
    }

    private func consume() throws {
        let consumer = try log.consumer(ConsumerSettings(group: "", topics: [topic]) { _ in 0 })
        let watch = Stopwatch()
        var seen = 0
        var bytes = 0
        while seen < count {
            let records = try consumer.poll(max: 4_000, wait: .seconds(10))
            guard !records.isEmpty else { throw KafkaBenchmarkFailed(reason: "only \(seen) of \(count) records came") }
            seen += records.count
            for record in records { bytes += record.byteCount }
        }
        let line = watch.line(seen)
        guard bytes > 0 else { throw KafkaBenchmarkFailed(reason: "records without bytes") }
        Stopwatch.end(with: line)
    }

    private func record(_ index: Int) -> OutgoingRecord {
        OutgoingRecord(
            topic: topic, partition: Int32(index % partitions), key: Array("case-\(index)".utf8),
            value: (0..<300).map { UInt8(97 + ((index * 131 + $0 * 17) >> 3) % 26) },
            headers: [LogHeader(name: "content-type", text: "application/cloudevents+protobuf")],
            timestamp: Instant(milliseconds: 1_700_000_000_000))
    }
}

/// Time and CPU of this process since it was made, librdkafka's threads included.
struct Stopwatch {
    private let began = ContinuousClock.now
    private let used = Stopwatch.cpuMicroseconds

    private static var cpuMicroseconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }

    /// Records, seconds and microseconds of CPU.
    func line(_ records: Int) -> String {
        "\(records) \((ContinuousClock.now - began) / .seconds(1)) \(Self.cpuMicroseconds - used)"
    }

    /// Prints the line and ends the process: taking clients down is not what is measured.
    static func end(with line: String) -> Never {
        print(line)
        fflush(nil)
        _exit(0)
    }
}
