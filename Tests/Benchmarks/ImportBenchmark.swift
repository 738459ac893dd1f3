import Contracts
import Foundation
import Messaging
import Vocabulary

/// The whole import on the embedded log: the five executables beside this one, a file over HTTP, and what follows from it.
///
/// `arguments`: rows of the file, 100,000 when missing. Each line has its target beside it; CPU seconds are there because a busy machine
/// changes the rates and not them.
func importBenchmark(_ arguments: [String]) async throws {
    let rows = arguments.first.flatMap { Int($0) } ?? 100_000
    let system = try BenchSystem()
    defer { system.stop() }
    try await system.waitUntilReady()
    let file = try system.careloop([
        "generate", "children", "--count", "\(rows)", "--region", "37", "--faulty", "0.02", "--out", "results.csv",
    ])
    guard file.isEmpty else { throw BenchFailure(reason: file) }
    let cpuBefore = system.services.map(\.cpuSeconds)

    let began = ContinuousClock.now
    let report = try system.careloop(["import", "results.csv", "--json", "--token", system.bureau], partlyRefused: true)
    let imported = seconds(since: began)
    guard report.contains("\"rows\" : \(rows)") else { throw BenchFailure(reason: report) }
    try await system.waitUntilCaughtUp()
    let drained = seconds(since: began)
    print("import: \(rows) rows in \(format(imported)) s: \(Int(Double(rows) / imported)) rows/s (target 20000)")
    print("drain: all services caught up after \(format(drained)) s: \(Int(Double(rows) / drained)) results/s (target 8000)")
    for (service, before) in zip(system.services, cpuBefore) {
        let used = service.cpuSeconds - before
        print("  \(service.name): \(format(used)) s of CPU, peak \(service.peakMegabytes) MB resident (target < 80)")
    }

    fflush(nil)
    try await system.reportLatency(perSecond: 200, for: 10)
    try await system.waitUntilCaughtUp()

    let idleBefore = system.services.map(\.cpuSeconds)
    try await Task.sleep(for: .seconds(10))
    for (service, before) in zip(system.services, idleBefore) {
        print("idle \(service.name): \(format((service.cpuSeconds - before) * 10)) % of a core (target < 1)")
    }
}

private func seconds(since began: ContinuousClock.Instant) -> Double { (ContinuousClock.now - began) / .seconds(1) }

private struct BenchFailure: Error { let reason: String }

/// One of the five processes, as the kernel sees it.
private struct BenchService {
    let name: String
    let process: Process
    let port: Int

    // User and system time, fields 14 and 15 of proc(5), in clock ticks of 10 ms.
    var cpuSeconds: Double {
        let fields = text("stat").split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 12 ? (Double(fields[11])! + Double(fields[12])!) / 100 : 0
    }

    var peakMegabytes: Int {
        let line = text("status").split(separator: "\n").first { $0.hasPrefix("VmHWM") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024 / 1_000_000
    }

    // A process that has ended has no file; the caller sees zeros.
    private func text(_ name: String) -> String {
        (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/\(name)", encoding: .utf8)) ?? ""
    }
}

/// Five services on a log of their own in a temporary directory.
private final class BenchSystem {
    private(set) var services: [BenchService] = []
    private(set) var bureau = ""
    private let directory: String
    private let binaries: String
    private var processes: [(name: String, process: Process)] = []
    private var log: String { "sqlite://\(directory)/events.db" }

    init() throws {
        directory = "\(NSTemporaryDirectory())/careloop-import-\(UUID().uuidString)"
        binaries =
            URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).deletingLastPathComponent()
            .path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        _ = try careloop(["token", "keys", "--out", "keys"])
        for name in ["registration", "screening", "rehabilitation", "employment", "reporting"] {
            var environment = [
                "CARELOOP_DATABASE": "sqlite://\(directory)/\(name).db", "CARELOOP_EVENT_LOG": log, "CARELOOP_CLOCK": "simulated",
                "CARELOOP_CLOCK_START": "2024-06-01", "CARELOOP_SERVICE_PORT": "0", "CARELOOP_PORT_FILE": "\(directory)/\(name).port",
                "CARELOOP_TOKEN_KEYS": "\(directory)/keys/token-keys.json", "CARELOOP_REQUESTS_PER_SECOND": "0",
            ]
            if name == "registration" || name == "screening" { environment["CARELOOP_PERSON_KEY"] = "\(directory)/keys/person.key" }
            processes.append((name, try start("careloop-\(name)", [], environment, output: FileHandle.nullDevice)))
        }
        bureau = try token("healthBureau", ["--org", "hb-370000"])
    }

    func stop() {
        for (_, process) in processes where process.isRunning { process.terminate() }
        for (_, process) in processes { process.waitUntilExit() }
        do { try FileManager.default.removeItem(atPath: directory) } catch { print("left behind: \(directory)") }
    }

    private func start(_ name: String, _ arguments: [String], _ environment: [String: String], output: Any) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "\(binaries)/\(name)")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let own = ProcessInfo.processInfo.environment
        process.environment = environment.merging(own.filter { ["PATH", "HOME", "LD_LIBRARY_PATH"].contains($0.key) }) { mine, _ in mine }
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Runs the tool; what it wrote.
    func careloop(_ arguments: [String], partlyRefused: Bool = false) throws -> String {
        let pipe = Pipe()
        let process = try start("careloop", arguments, ["CARELOOP_RUN": directory, "LANG": "en"], output: pipe)
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 || partlyRefused else { throw BenchFailure(reason: "careloop \(arguments[0]): \(output)") }
        return output
    }

    private func token(_ role: String, _ more: [String]) throws -> String {
        try careloop(["token", "issue", "--keys", "keys", "--role", role, "--region", "37"] + more).trimmingCharacters(
            in: .whitespacesAndNewlines)
    }

    func waitUntilReady() async throws {
        for (name, process) in processes {
            var port: Int?
            while port == nil {
                guard process.isRunning else { throw BenchFailure(reason: "\(name) did not start") }
                // Not there until the service listens.
                port = (try? String(contentsOfFile: "\(directory)/\(name).port", encoding: .utf8)).flatMap { Int($0.filter(\.isNumber)) }
                try await Task.sleep(for: .milliseconds(10))
            }
            services.append(BenchService(name: name, process: process, port: port!))
            while try !LocalHTTP.get(port!, "/ready").hasPrefix("HTTP/1.1 200") { try await Task.sleep(for: .milliseconds(10)) }
        }
    }

    /// Nobody has anything left to read or to send.
    func waitUntilCaughtUp() async throws {
        var quiet = 0
        while quiet < 2 {
            var isQuiet = true
            for service in services {
                let status = try LocalHTTP.get(service.port, "/status")
                if !status.contains("\"lag\":0,") || !status.contains("\"outboxPending\":0,") { isQuiet = false }
            }
            quiet = isQuiet ? quiet + 1 : 0
            // Each look counts what waits, which costs the service something.
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    // MARK: Latency

    /// Results on the bureau's topic at a steady rate, against the figures an open page is pushed. Every accepted result is one counted
    /// event, so a push whose figures hold n events answers for the first n accepted results; the receipts tell which those are.
    func reportLatency(perSecond: Int, for duration: Int) async throws {
        let count = perSecond * duration
        _ = try careloop([
            "generate", "children", "--count", "\(count)", "--seed", "99", "--region", "37", "--positive", "0", "--format", "json",
            "--prefix",
            "latency-", "--out", "latency.json",
        ])
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/latency.json"))
        guard let objects = try JSONSerialization.jsonObject(with: data) as? [[String: Any]] else {
            throw BenchFailure(reason: "no list of results")
        }
        let ids = objects.map { $0["resultId"] as? String ?? "" }
        let log = try openEventLog(log)
        let topic = Catalogue.name(RawScreeningResult.topic, for: OrganisationID(trusted: "hb-370000"))
        let plan = Catalogue.topic(for: topic)!
        try log.ensure([TopicPlan(name: topic, partitions: plan.partitions)])
        let records = try objects.enumerated().map { index, object in
            OutgoingRecord(
                topic: topic, partition: Int32(index % plan.partitions), key: Array("latency-\(index)".utf8),
                value: [UInt8](try JSONSerialization.data(withJSONObject: object)),
                headers: [LogHeader(name: "content-type", text: "application/json")], timestamp: Instant(milliseconds: 0))
        }
        let reporting = services.first { $0.name == "reporting" }!
        let pushes = try LocalHTTP.Stream(reporting.port, "/events?region=37", token: try token("dashboard", ["--org", "dpf-370000"]))
        guard let first = try pushes.next() else { throw BenchFailure(reason: "the page is not told where it stands") }
        // Screening looks for new partner topics only now and then: the first record comes before the clock starts.
        let producer = try log.producer(named: "bench-bureau")
        defer { producer.close(within: .seconds(1)) }
        _ = try producer.send([records[0]])
        try await Task.sleep(for: .seconds(3))
        let receiver = Task.detached { () -> [(events: Int, at: ContinuousClock.Instant)] in
            var arrivals: [(events: Int, at: ContinuousClock.Instant)] = []
            while let events = try pushes.next() { arrivals.append((events - first, .now)) }
            return arrivals
        }
        var published = [ContinuousClock.now]
        let began = ContinuousClock.now
        for index in 1..<count {
            try await Task.sleep(until: began + .seconds(1) / perSecond * index)
            published.append(.now)
            _ = try producer.send([records[index]])
        }
        let arrivals = try await receiver.value
        let accepted = try acceptedResults(log, ids, count)
        var next = 0
        var times: [Duration] = []
        for (events, at) in arrivals {
            while next < min(events, accepted.count) {
                if accepted[next] > 0 { times.append(at - published[accepted[next]]) }
                next += 1
            }
        }
        guard next == accepted.count, times.count > count / 2 else {
            throw BenchFailure(reason: "\(accepted.count) results were accepted, the page heard of \(next)")
        }
        times.sort()
        let (p50, p99) = (milliseconds(times[times.count / 2]), milliseconds(times[times.count * 99 / 100]))
        print("published result to pushed figure, \(times.count) results at \(perSecond)/s: p50 \(p50), p99 \(p99) (target p99 < 500 ms)")
    }

    /// Which of the results the receipts call accepted, in the order in which they were published.
    private func acceptedResults(_ log: any EventLog, _ ids: [String], _ count: Int) throws -> [Int] {
        let topic = Catalogue.name(ResultReceipt.topic, for: OrganisationID(trusted: "hb-370000"))
        let consumer = try log.consumer(ConsumerSettings(group: "", topics: [topic]) { _ in nil })
        defer { consumer.close(within: .seconds(1)) }
        var accepted: Set<String> = []
        var seen = 0
        while seen < count {
            let records = try consumer.poll(max: 1_000, wait: .seconds(10))
            guard !records.isEmpty else { throw BenchFailure(reason: "only \(seen) of \(count) receipts came") }
            seen += records.count
            for record in records {
                let receipt = try ResultReceipt(protobuf: record.value ?? [])
                if receipt.outcome == .accepted { accepted.insert(receipt.resultID) }
            }
        }
        return ids.indices.filter { accepted.contains(ids[$0]) }
    }

    private func milliseconds(_ duration: Duration) -> String { "\(Int(duration / .milliseconds(1))) ms" }
}

/// As much of an HTTP client as a benchmark needs: one request, one connection, to this machine.
private enum LocalHTTP {
    private static func open(_ port: Int, _ path: String, _ headers: String) throws -> Int32 {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(headers)\r\n".utf8)
        guard connected == 0, write(handle, request, request.count) == request.count else {
            close(handle)
            throw BenchFailure(reason: "port \(port) does not answer")
        }
        return handle
    }

    /// The whole answer, status line first.
    static func get(_ port: Int, _ path: String) throws -> String {
        let handle = try open(port, path, "Connection: close\r\n")
        defer { close(handle) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(handle, &piece, piece.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<count]
        }
    }

    /// Server-sent events; used by one task at a time, first the one that opens it, then the one that reads.
    final class Stream: @unchecked Sendable {
        private let handle: Int32
        private var text = ""

        init(_ port: Int, _ path: String, token: String) throws {
            handle = try LocalHTTP.open(port, path, "Accept: text/event-stream\r\nAuthorization: Bearer \(token)\r\n")
            var patience = timeval(tv_sec: 5, tv_usec: 0)
            setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(handle) }

        /// The id of the next event; nil when none comes for five seconds. Blocks.
        func next() throws -> Int? {
            var piece = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                if let id = text.range(of: "id: "), let end = text[id.upperBound...].firstIndex(of: "\n") {
                    let number = Int(text[id.upperBound..<end])
                    text.removeSubrange(..<end)
                    if let number { return number }
                }
                let count = read(handle, &piece, piece.count)
                if count < 0, errno == EAGAIN { return nil }
                guard count > 0 else { throw BenchFailure(reason: "the stream of figures ended: \(text.prefix(200))") }
                text += String(decoding: piece[..<count], as: UTF8.self)
            }
        }
    }
}
