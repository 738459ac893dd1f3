import Foundation
import Messaging
import Persistence
import SQLiteStatements
import Synchronization
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Screening alone as a process, on a store and a log of its own, with the test as its only bureau.
///
/// What became of what the bureau sent is read from log and store, not from the service: receipts, and rows.
final class LoneScreening: Sendable {
    struct Failed: Error, CustomStringConvertible { var description: String }

    static let bureau = "hb-3703"
    let directory: URL
    /// Where the store lies: a folder of its own, so that a test can put a small disk under it.
    let storeDirectory: URL
    private let process = Mutex<Process?>(nil)
    private let log: any EventLog
    private let logAddress: String
    var results: String { "careloop.partner.\(Self.bureau).screening-results.v1" }
    private var receipts: String { "careloop.partner.\(Self.bureau).receipts.v1" }

    /// Makes keys, log and topics; starts nothing. The log is the embedded one of its directory unless an address is given.
    init(log address: String? = nil) async throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-lone-\(UUID().uuidString)")
        storeDirectory = directory.appendingPathComponent("store")
        try FileManager.default.createDirectory(at: storeDirectory, withIntermediateDirectories: true)
        let keys = try await Program.careloop.run(["token", "keys", "--out", "keys"], in: directory)
        guard keys.status == 0 else { throw Failed(description: keys.output) }
        logAddress = address ?? "sqlite://\(directory.path)/events.db"
        log = try openEventLog(logAddress)
        let plans = [TopicPlan(name: results, partitions: 1), TopicPlan(name: receipts, partitions: 1)]
        try await Blocking.queries.run { [log] in try log.ensure(plans) }
    }

    /// A copy of the directory of one that does not run, for trying two futures of one past.
    init(copying other: LoneScreening) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-lone-\(UUID().uuidString)")
        storeDirectory = directory.appendingPathComponent("store")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        // But not the sockets of those who waited for records.
        for item in try FileManager.default.contentsOfDirectory(atPath: other.directory.path) where !item.hasSuffix(".readers") {
            try FileManager.default.copyItem(
                at: other.directory.appendingPathComponent(item), to: directory.appendingPathComponent(item))
        }
        logAddress = "sqlite://\(directory.path)/events.db"
        log = try openEventLog(logAddress)
    }

    deinit {
        process.withLock { if let process = $0, process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        // It is temporary; what is left of it harms nobody.
        try? FileManager.default.removeItem(at: directory)
    }

    var store: URL { storeDirectory.appendingPathComponent("screening.db") }
    /// Empty before its first line.
    var output: String { (try? String(contentsOf: directory.appendingPathComponent("screening.log"), encoding: .utf8)) ?? "" }

    // MARK: The process

    /// Starts it, through `wrapper` if there is one: a program and its arguments, to which the service's own path is added.
    func start(_ environment: [String: String] = [:], through wrapper: [String] = []) throws {
        // A port file of an earlier life would be believed; the first has none.
        try? FileManager.default.removeItem(at: directory.appendingPathComponent("port"))
        let file = directory.appendingPathComponent("screening.log")
        if !FileManager.default.fileExists(atPath: file.path) { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        let command = wrapper + [DemoProcess.binaries.appendingPathComponent("careloop-screening").path]
        let own = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LD_LIBRARY_PATH"].contains($0.key) }
        let all = own.merging([
            "SWIFT_BACKTRACE": "enable=no", "CARELOOP_DATABASE": "sqlite://\(store.path)", "CARELOOP_EVENT_LOG": logAddress,
            "CARELOOP_CLOCK": "simulated", "CARELOOP_CLOCK_START": "2024-06-03", "CARELOOP_SERVICE_PORT": "0",
            "CARELOOP_PORT_FILE": "\(directory.path)/port", "CARELOOP_TOKEN_KEYS": "\(directory.path)/keys/token-keys.json",
            "CARELOOP_PERSON_KEY": "\(directory.path)/keys/person.key",
        ]) { $1 }.merging(environment) { $1 }
        try process.withLock { process in
            let made = Process()
            made.executableURL = URL(fileURLWithPath: command[0])
            made.arguments = Array(command.dropFirst())
            made.environment = all
            made.standardOutput = handle
            made.standardError = handle
            made.standardInput = FileHandle.nullDevice
            try made.run()
            process = made
        }
    }

    var identifier: Int32 { process.withLock { $0?.processIdentifier ?? 0 } }
    var isRunning: Bool { process.withLock { $0?.isRunning ?? false } }

    func signal(_ number: Int32) { process.withLock { if let process = $0, process.isRunning { kill(process.processIdentifier, number) } } }

    /// Its exit status, or the signal that ended it as 128 + n; nil when it still runs after `bound`.
    func end(within bound: Duration) async -> Int32? {
        _ = await Self.holds(within: bound) { !self.isRunning }
        return process.withLock { process in
            guard let process, !process.isRunning else { return nil }
            return process.terminationReason == .uncaughtSignal ? 128 + process.terminationStatus : process.terminationStatus
        }
    }

    /// SIGKILL, and it is gone.
    func kill9() async throws {
        signal(SIGKILL)
        guard await end(within: .seconds(10)) != nil else { throw Failed(description: "SIGKILL did not end it") }
    }

    /// Looks until `condition` holds; false when it did not within `bound`.
    static func holds(
        within bound: Duration, looking pause: Duration = .milliseconds(5), _ condition: () async throws -> Bool
    ) async rethrows -> Bool {
        let end = ContinuousClock.now + bound
        while true {
            if try await condition() { return true }
            guard ContinuousClock.now < end else { return false }
            // Another process's doing: there is no condition to be told of, so look often, with a bound.
            try? await Task.sleep(for: pause)
        }
    }

    // MARK: What it says of itself

    /// Status and body of /ready; nil when nobody answers: no port file yet, or a refused connection.
    func readiness() async -> (status: Int, body: String)? {
        guard let port = try? String(contentsOf: directory.appendingPathComponent("port"), encoding: .utf8),
            let address = URL(string: "http://127.0.0.1:\(port.trimmingCharacters(in: .whitespacesAndNewlines))/ready"),
            let (data, answer) = try? await URLSession.shared.data(from: address), let http = answer as? HTTPURLResponse
        else { return nil }
        return (http.statusCode, String(decoding: data, as: UTF8.self))
    }

    func isReady(within bound: Duration = .seconds(30)) async -> Bool {
        await Self.holds(within: bound) { await readiness()?.status == 200 }
    }

    // MARK: The bureau

    /// Sends the initial results of children number `range`; result ids are `r-<number>`.
    func publish(_ range: Range<Int>) async throws {
        let records = try range.map { number in
            OutgoingRecord(
                topic: results, partition: 0, key: Array("r-\(number)".utf8),
                value: Array(try JSONSerialization.data(withJSONObject: OneChild(number: number).result("r-\(number)"))),
                headers: [LogHeader(name: "content-type", text: "application/json")],
                timestamp: .init(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))
        }
        try await send(records)
    }

    /// Sends bytes that mean nothing, without a header.
    func spoil(_ topic: String, _ bytes: [[UInt8]]) async throws {
        try await send(
            bytes.map {
                OutgoingRecord(
                    topic: topic, partition: 0, key: [], value: $0, headers: [],
                    timestamp: .init(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))
            })
    }

    private func send(_ records: [OutgoingRecord]) async throws {
        try await Blocking.queries.run { [log] in
            var attempt = 0
            while true {
                attempt += 1
                let producer = try log.producer(named: "bureau")
                defer { producer.close(within: .seconds(1)) }
                do {
                    guard try producer.send(records).isComplete else { throw Failed(description: "the log did not take the results") }
                    return
                } catch LogError.fatal where attempt < 20 {
                    // Sent again with a new client, as every bureau must: the same results, no harm done.
                }
            }
        }
    }

    // MARK: What the files say

    /// A record of the receipts topic: whose receipt it is, the event's id and its number.
    struct Receipt: Hashable {
        var result: String
        var event: String
        var sequence: String
    }

    /// Every receipt in the log, repeats included, in the log's order.
    func receiptsInLog() async throws -> [Receipt] {
        try await records(of: receipts).map { record in
            func header(_ name: String) -> String { record.header(name)?.text ?? "" }
            return Receipt(result: String(decoding: record.key, as: UTF8.self), event: header("ce_id"), sequence: header("ce_sequence"))
        }
    }

    /// Every record of the topic, in its partitions' order.
    func records(of topic: String) async throws -> [LogRecord] {
        try await Blocking.queries.run { [log] in
            let ends = try log.ends([topic])
            let consumer = try log.consumer(ConsumerSettings(group: "", topics: [topic]) { _ in 0 })
            defer { consumer.close(within: .seconds(1)) }
            var found: [LogRecord] = []
            let end = ContinuousClock.now + .seconds(20)
            while found.count < ends.values.reduce(0, +) {
                guard ContinuousClock.now < end else { throw Failed(description: "\(topic) cannot be read to its end") }
                found += try consumer.poll(max: 10_000, wait: .milliseconds(100))
            }
            return found
        }
    }

    /// Waits until `count` results have a receipt.
    func hasAnswered(_ count: Int, within bound: Duration = .seconds(60)) async throws -> Bool {
        // Looking at Kafka takes a client of its own each time.
        let pause = Duration.milliseconds(logAddress.hasPrefix("kafka") ? 150 : 5)
        return try await Self.holds(within: bound, looking: pause) { Set(try await receiptsInLog().map(\.result)).count >= count }
    }

    /// The store's file as it can be opened here. SQLite follows links, and `/proc/<pid>/root` is one that leads back: so it reads a copy.
    private func openable(from root: String) throws -> URL {
        guard !root.isEmpty else { return store }
        let copy = directory.appendingPathComponent("seen")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        let folder = root + storeDirectory.path
        for name in ["screening.db", "screening.db-wal"] where FileManager.default.fileExists(atPath: "\(folder)/\(name)") {
            try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")).write(to: copy.appendingPathComponent(name))
        }
        return copy.appendingPathComponent("screening.db")
    }

    /// Every result sent has exactly one receipt, numbered without a gap, every event exactly one number, and one row in the store.
    /// `root` is where the store is seen from, for one that lies in another mount namespace.
    func expectAccount(of count: Int, andPoison poison: Int = 0, root: String = "", _ location: SourceLocation = #_sourceLocation)
        async throws
    {
        func stored(_ query: String) throws -> Int64? {
            try SQLiteConnection(path: try openable(from: root).path, readOnly: true).number(query)
        }
        // The last receipt may be on the log before other topics' last records are: their brokers have troubles of their own.
        let isSent = await Self.holds(within: .seconds(60)) {
            // A copy taken while the store is written may be none: it is taken again.
            (try? stored("SELECT count(*) FROM streams WHERE acknowledged <> next_number - 1")) == 0
        }
        #expect(isSent, "everything said is sent", sourceLocation: location)
        let receipts = try await receiptsInLog()
        let distinct = Set(receipts)
        #expect(distinct.count == count + poison, "one receipt a result, sent again only as it was", sourceLocation: location)
        // What nobody could read is answered without a name.
        #expect(Set(distinct.map(\.result)).subtracting([""]) == Set((0..<count).map { "r-\($0)" }), sourceLocation: location)
        #expect(Set(distinct.map(\.event)).count == count + poison, sourceLocation: location)
        let numbers = distinct.compactMap { Int($0.sequence.suffix(19)) }.sorted()
        #expect(numbers == Array(1...max(count + poison, 1)), "no number is missing and none is given twice", sourceLocation: location)
        // Sent again means sent in order from some earlier place: the first sightings are in order.
        var seen: Set<String> = []
        let firsts = receipts.filter { seen.insert($0.sequence).inserted }.map(\.sequence)
        #expect(firsts == firsts.sorted(), sourceLocation: location)
        // Inside, an event is one record in protobuf; its number stands in it as text.
        let cases = Set(
            try await records(of: "careloop.screening.cases.v1").map { record in
                let text = String(String.UnicodeScalarView((record.value ?? []).map { Unicode.Scalar($0) }))
                return "\(record.partition)/\(text.firstMatch(of: /\d{4}-\d{19}/).map { String($0.output) } ?? "")"
            })
        #expect(cases.count == count, "every accepted result is told inside", sourceLocation: location)
        #expect(try stored("SELECT count(*) FROM screening_results") == Int64(count), sourceLocation: location)
        #expect(try stored("SELECT count(*) FROM screening_cases") == Int64(count), sourceLocation: location)
    }
}

/// A child of 张店区 who does not exist, one of a hundred thousand: the number's first six digits are assigned to no place.
struct OneChild {
    let document: String
    let birth: String
    let sex: String

    init(number: Int) {
        let day = number / 900
        birth = String(format: "%04d-%02d-%02d", 2020 + day / 336, 1 + day / 28 % 12, 1 + day % 28)
        let serial = 100 + number % 900
        let first = "379999" + birth.filter { $0 != "-" } + String(serial)
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(first, weights).reduce(0) { $0 + $1.0.wholeNumberValue! * $1.1 }
        document = first + String(Array("10X98765432")[sum % 11])
        sex = serial % 2 == 0 ? "2" : "1"
    }

    func result(_ id: String) -> [String: Any] {
        [
            "resultId": id, "revision": "1", "stage": "initial", "topic": "hearing", "outcome": "negative", "takenOn": "2024-05-20",
            "roundMonths": "24",
            "child": [
                "documentKind": "citizen-id", "documentNumber": document, "name": "测试童100001", "sex": sex,
                "birthDate": birth, "guardianName": "测试家长100001", "guardianTelephone": "10000000001", "residence": "370303002",
            ],
        ]
    }
}
