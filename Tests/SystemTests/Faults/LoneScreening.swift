import Foundation
import Messaging
import SQLiteStatements
import Synchronization
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Screening alone as a process, on a store and an embedded log of its own, with the test as its only bureau.
///
/// What became of what the bureau sent is read from the files, not from the service: the receipts in the log, the rows in the store.
final class LoneScreening: Sendable {
    struct Failed: Error, CustomStringConvertible { var description: String }

    static let bureau = "hb-3703"
    let directory: URL
    /// Where the store lies: a folder of its own, so that a test can put a small disk under it.
    let storeDirectory: URL
    private let process = Mutex<Process?>(nil)
    private let log: any EventLog

    private var results: String { "careloop.partner.\(Self.bureau).screening-results.v1" }
    private var receipts: String { "careloop.partner.\(Self.bureau).receipts.v1" }

    /// Makes keys, log and topics; starts nothing.
    init() async throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-lone-\(UUID().uuidString)")
        storeDirectory = directory.appendingPathComponent("store")
        try FileManager.default.createDirectory(at: storeDirectory, withIntermediateDirectories: true)
        let keys = try await Program.careloop.run(["token", "keys", "--out", "keys"], in: directory)
        guard keys.status == 0 else { throw Failed(description: keys.output) }
        log = try openEventLog("sqlite://\(directory.path)/events.db")
        try log.ensure([TopicPlan(name: results, partitions: 1), TopicPlan(name: receipts, partitions: 1)])
    }

    /// A copy of the directory of one that does not run, for trying two futures of one past.
    init(copying other: LoneScreening) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-lone-\(UUID().uuidString)")
        storeDirectory = directory.appendingPathComponent("store")
        try FileManager.default.copyItem(at: other.directory, to: directory)
        log = try openEventLog("sqlite://\(directory.path)/events.db")
    }

    deinit {
        process.withLock { if let process = $0, process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        // It is temporary; what is left of it harms nobody.
        try? FileManager.default.removeItem(at: directory)
    }

    var store: URL { storeDirectory.appendingPathComponent("screening.db") }
    var output: String { (try? String(contentsOf: directory.appendingPathComponent("screening.log"), encoding: .utf8)) ?? "" }

    // MARK: The process

    /// Starts it, through `wrapper` if there is one: a program and its arguments, to which the service's own path is added.
    func start(_ environment: [String: String] = [:], through wrapper: [String] = []) throws {
        // A port file of an earlier life would be believed.
        try? FileManager.default.removeItem(at: directory.appendingPathComponent("port"))
        let file = directory.appendingPathComponent("screening.log")
        if !FileManager.default.fileExists(atPath: file.path) { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        let command = wrapper + [DemoProcess.binaries.appendingPathComponent("careloop-screening").path]
        let made = Process()
        made.executableURL = URL(fileURLWithPath: command[0])
        made.arguments = Array(command.dropFirst())
        let own = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LD_LIBRARY_PATH"].contains($0.key) }
        made.environment = own.merging([
            "SWIFT_BACKTRACE": "enable=no", "CARELOOP_DATABASE": "sqlite://\(store.path)",
            "CARELOOP_EVENT_LOG": "sqlite://\(directory.path)/events.db", "CARELOOP_CLOCK": "simulated",
            "CARELOOP_CLOCK_START": "2024-06-03", "CARELOOP_SERVICE_PORT": "0", "CARELOOP_PORT_FILE": "\(directory.path)/port",
            "CARELOOP_TOKEN_KEYS": "\(directory.path)/keys/token-keys.json", "CARELOOP_PERSON_KEY": "\(directory.path)/keys/person.key",
        ]) { $1 }.merging(environment) { $1 }
        made.standardOutput = handle
        made.standardError = handle
        made.standardInput = FileHandle.nullDevice
        try made.run()
        process.withLock { $0 = made }
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
    static func holds(within bound: Duration, _ condition: () async throws -> Bool) async rethrows -> Bool {
        let end = ContinuousClock.now + bound
        while true {
            if try await condition() { return true }
            guard ContinuousClock.now < end else { return false }
            // Another process's doing: there is no condition to be told of, so look often, with a bound.
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    // MARK: What it says of itself

    /// Status and body of /ready; nil when nobody answers.
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
    func publish(_ range: Range<Int>) throws {
        let producer = try log.producer(named: "bureau")
        defer { producer.close(within: .seconds(1)) }
        let records = try range.map { number in
            let result = OneChild(number: number).result("r-\(number)")
            return OutgoingRecord(
                topic: results, partition: 0, key: Array("r-\(number)".utf8),
                value: Array(try JSONSerialization.data(withJSONObject: result)),
                headers: [LogHeader(name: "content-type", text: "application/json")],
                timestamp: .init(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))
        }
        guard try producer.send(records).isComplete else { throw Failed(description: "the log did not take the results") }
    }

    // MARK: What the files say

    /// A record of the receipts topic: whose receipt it is, the event's id and its number.
    struct Receipt: Hashable {
        var result: String
        var event: String
        var sequence: String
    }

    /// Every receipt in the log, repeats included, in the log's order.
    func receiptsInLog() throws -> [Receipt] {
        try records(of: receipts).map { key, headers, _ in
            let text = String(String.UnicodeScalarView(headers.map { Unicode.Scalar($0) }))
            let sequence = text.firstMatch(of: /\d{4}-\d{19}/).map { String($0.output) } ?? ""
            let event = text.firstMatch(of: /ce_id[^0-9a-f]*([0-9a-f]{32})/).map { String($0.output.1) } ?? ""
            return Receipt(result: String(decoding: key, as: UTF8.self), event: event, sequence: sequence)
        }
    }

    private func records(of topic: String) throws -> [(key: [UInt8], headers: [UInt8], value: [UInt8])] {
        let file = try SQLiteConnection(path: directory.appendingPathComponent("events.db").path, readOnly: true)
        // A record's place is its partition's number above forty bits of offset.
        let rows = try file.prepare(
            """
            SELECT record.key, record.headers, record.value FROM record JOIN head ON head.id = record.position >> 40
            JOIN topic ON topic.id = head.topic_id WHERE topic.name = '\(topic)' ORDER BY record.position
            """)
        var found: [(key: [UInt8], headers: [UInt8], value: [UInt8])] = []
        while try rows.step() { found.append((rows.blob(0), rows.blob(1), rows.blob(2))) }
        return found
    }

    /// Waits until `count` results have a receipt.
    func hasAnswered(_ count: Int, within bound: Duration = .seconds(60)) async throws -> Bool {
        try await Self.holds(within: bound) { Set(try receiptsInLog().map(\.result)).count >= count }
    }

    /// Every result sent has exactly one receipt, numbered without a gap, every event exactly one number, and one row in the store.
    /// `root` is where the store is seen from, for one that lies in another mount namespace.
    func expectAccount(of count: Int, root: String = "", _ location: SourceLocation = #_sourceLocation) throws {
        let receipts = try receiptsInLog()
        let distinct = Set(receipts)
        #expect(distinct.count == count, "one receipt a result, sent again only as it was", sourceLocation: location)
        #expect(Set(distinct.map(\.result)) == Set((0..<count).map { "r-\($0)" }), sourceLocation: location)
        #expect(Set(distinct.map(\.event)).count == count, sourceLocation: location)
        let numbers = distinct.compactMap { Int($0.sequence.suffix(19)) }.sorted()
        #expect(numbers == Array(1...max(count, 1)), "no number is missing and none is given twice", sourceLocation: location)
        // Sent again means sent in order from some earlier place: the first sightings are in order.
        var seen: Set<String> = []
        let firsts = receipts.filter { seen.insert($0.sequence).inserted }.map(\.sequence)
        #expect(firsts == firsts.sorted(), sourceLocation: location)
        let cases = try records(of: "careloop.screening.cases.v1").compactMap { _, _, value in
            String(String.UnicodeScalarView(value.map { Unicode.Scalar($0) })).firstMatch(of: /\d{4}-\d{19}/).map { String($0.output) }
        }
        #expect(cases.count >= count, "every accepted result is told inside", sourceLocation: location)
        let store = try SQLiteConnection(path: root + store.path, readOnly: true)
        #expect(try store.number("SELECT count(*) FROM screening_results") == Int64(count), sourceLocation: location)
        #expect(try store.number("SELECT count(*) FROM screening_cases") == Int64(count), sourceLocation: location)
        #expect(
            try store.number("SELECT count(*) FROM streams WHERE acknowledged <> next_number - 1") == 0, "everything said is sent",
            sourceLocation: location)
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
