import Contracts
import Foundation
import Messaging
import Persistence
import ServiceRuntime
import Vocabulary

/// A referral-like aggregate of ten columns, as wide as those of the services.
private enum BenchRules: Decider {
    struct State {
        var status: Int
        var attempt: Int
        var region: String
        var institution: String
        var category: String
        var sex: Int
        var month: String
        var due: String
        var total: Int64
    }

    struct Command {
        let amount: Int64
        let region: String
    }

    enum Event { case advanced(amount: Int64, region: String) }
    enum Refused: String, Refusal { case negative = "AMOUNT_NEGATIVE" }

    static func decide(_ command: Command, given state: State?) throws(Refused) -> [Event] {
        guard command.amount >= 0 else { throw .negative }
        return [.advanced(amount: command.amount, region: command.region)]
    }

    static func evolve(_ state: State?, with event: Event) -> State {
        guard case .advanced(let amount, let region) = event else { preconditionFailure("one event") }
        var next =
            state
            ?? State(
                status: 0, attempt: 0, region: region, institution: "rc-370303-01", category: "hearing", sex: 2, month: "2021-02",
                due: "2024-06-12",
                total: 0)
        next.attempt += 1
        next.status = next.attempt % 4
        next.total += amount
        return next
    }
}

private enum BenchTable: AggregateTable {
    typealias Rules = BenchRules
    static let migration = Migration(
        "bench-1",
        [
            """
            CREATE TABLE bench (
                id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, status INTEGER NOT NULL, attempt INTEGER NOT NULL, region TEXT NOT NULL,
                institution TEXT NOT NULL, category TEXT NOT NULL, sex INTEGER NOT NULL, month TEXT NOT NULL, due TEXT NOT NULL,
                total INTEGER NOT NULL) WITHOUT ROWID
            """
        ])
    static let select = SQL(
        "SELECT version, status, attempt, region, institution, category, sex, month, due, total FROM bench WHERE id = ?")
    static let insertRow = SQL("INSERT INTO bench VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    static let updateRow = SQL(
        "UPDATE bench SET version = version + 1, status = ?, attempt = ?, due = ?, total = ? WHERE id = ? AND version = ?")

    static func load(_ key: PersonID, in tx: any Transaction) throws -> Stored<BenchRules.State>? {
        try tx.first(select, [.text(key.text)]) {
            Stored(
                BenchRules.State(
                    status: Int($0.int(1)), attempt: Int($0.int(2)), region: $0.text(3), institution: $0.text(4), category: $0.text(5),
                    sex: Int($0.int(6)), month: $0.text(7), due: $0.text(8), total: $0.int(9)), version: $0.int(0))
        }
    }

    static func insert(_ key: PersonID, _ s: BenchRules.State, in tx: any Transaction) throws {
        try tx.run(
            insertRow,
            [
                .text(key.text), .int(s.status), .int(s.attempt), .text(s.region), .text(s.institution), .text(s.category), .int(s.sex),
                .text(s.month), .text(s.due), .int(s.total),
            ])
    }

    static func update(_ key: PersonID, _ s: BenchRules.State, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(updateRow, [.int(s.status), .int(s.attempt), .text(s.due), .int(s.total), .text(key.text), .int(version)]) == 1
    }

    static func publish(_ event: BenchRules.Event, _ key: PersonID, state: BenchRules.State, in work: UnitOfWork) throws {
        work.publish(PersonsMerged(kept: key, merged: key))
    }
}

/// One service in the making of figures: its store in a temporary folder, its topic filled by hand.
private final class ExecutorBench {
    let engine: Engine
    private let folder: URL
    private let database: any Database
    private let log: any EventLog
    private let clock = BusinessClock.system()
    private let aggregates: Int
    private var numbers: [Int32: Int64] = [:]

    /// `store`: the database its store is made in; a file of its own otherwise.
    init(_ log: any EventLog, aggregates: Int, store: String? = nil) throws {
        (self.log, self.aggregates) = (log, aggregates)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let schema = "bench_\(ProcessInfo.processInfo.processIdentifier)_\(aggregates)"
        database = try openDatabase(
            store.map { $0 + ($0.contains("?") ? "&" : "?") + "schema=\(schema)" } ?? "sqlite://\(folder.path)/store.db")
        let definition = ServiceDefinition(
            name: "registration", migrations: [BenchTable.migration], refusals: RefusalCatalogue([]),
            subscriptions: [
                .on(CertificateBench.self, "Advance") { event, _, work in
                    try work.execute(.init(amount: 100, region: event.region), BenchTable.self, event.person)
                }
            ], endpoints: [])
        engine = try Engine(definition, database: database, log: log, clock: clock)
    }

    /// Publishes this many facts, each to the next aggregate.
    func fill(_ count: Int) throws {
        let producer = try log.producer(named: "bench")
        defer { producer.close(within: .seconds(5)) }
        let plan = Catalogue.topic(for: CertificateBench.topic)!
        var records: [OutgoingRecord] = []
        for index in 0..<count {
            let event = CertificateBench(
                person: PersonID(trusted: EventID.derive(cause: "p", handler: "", ordinal: index % aggregates, type: "")),
                region: "370303001")
            let partition = Partitioner.partition(key: event.key, partitions: plan.partitions)
            numbers[partition, default: 0] += 1
            records.append(
                WireRecord.fact(
                    event, number: numbers[partition]!, partition: partition, cause: "c\(index)", source: "screening",
                    actor: .service("bench"), recorded: clock.now))
        }
        _ = try producer.send(records)
    }

    func close() throws {
        try database.close()
        try FileManager.default.removeItem(at: folder)
    }
}

/// Consume → load → decide → evolve → state, outbox row and position, committed with synchronous=FULL in batches; the journal stays.
///
/// `--store postgres://…` measures the same over PostgreSQL, in a schema of its own for each size.
func executorBenchmark(_ arguments: [String] = []) throws {
    let server = arguments.firstIndex(of: "--store").flatMap { arguments.dropFirst($0 + 1).first }
    for (aggregates, events, target) in [(20_000, 200_000, 60_000), (200_000, 400_000, 35_000)] {
        let bench = try ExecutorBench(InMemoryLog(), aggregates: aggregates, store: server)
        // First every aggregate comes into being, unmeasured; then the measured events meet them all alive.
        try bench.fill(aggregates)
        let consumer = try bench.engine.openConsumer()
        while try bench.engine.consumeStep(consumer) > 0 {}
        try bench.fill(events)
        let cpu = cpuSeconds()
        let start = DispatchTime.now().uptimeNanoseconds
        while try bench.engine.consumeStep(consumer) > 0 {}
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
        let perEvent = (cpuSeconds() - cpu) * 1e6 / Double(events)
        let (store, goal) = server == nil ? ("", " (target \(target))") : (" over PostgreSQL", "")
        print(
            "executor\(store): \(aggregates) live aggregates, \(events) events: \(Int(Double(events) / seconds)) events/s\(goal), \(format(perEvent)) µs of CPU an event here"
        )
        consumer.close(within: .seconds(1))
        try bench.close()
    }
}

/// The whole loop of a service on the log at `url`, `memory:` or a mock cluster nobody has used yet: consume → decide → store → produce, until as many events are sent as were read. Prints what a `Stopwatch` prints.
func kafkaLoop(url: String, events: Int) throws {
    let log: any EventLog = url == "memory:" ? InMemoryLog() : try openEventLog(url)
    let bench = try ExecutorBench(log, aggregates: 20_000)
    _ = try bench.engine.relayStep()
    try bench.fill(events)
    let consumer = try bench.engine.openConsumer()
    var (read, sent) = (0, 0)
    // A group's first assignment takes the mock seconds, and the first batch the producer's identity: neither is an event's cost.
    while read == 0 { read = try bench.engine.consumeStep(consumer) }
    while sent == 0 { sent = try bench.engine.relayStep() }
    let (readBefore, sentBefore) = (read, sent)
    let watch = Stopwatch()
    while read < events || sent < events {
        if read < events { read += try bench.engine.consumeStep(consumer) }
        while case let more = try bench.engine.relayStep(), more > 0 { sent += more }
    }
    let line = watch.line((read - readBefore + sent - sentBefore) / 2)
    try bench.close()
    Stopwatch.end(with: line)
}

/// An event of the size of most, on a wide topic.
private struct CertificateBench: ContractEvent {
    // A topic of another service: what the loop says must not come back to it.
    static let type = ResultAccepted.type
    static let topic = ResultAccepted.topic
    let person: PersonID
    let region: String
    var key: String { person.text }

    init(person: PersonID, region: String) {
        self.person = person
        self.region = region
    }

    init(protobuf bytes: [UInt8]) throws(ContractError) {
        let event = try PersonsMerged(protobuf: bytes)
        self.init(person: event.kept, region: "370303001")
    }

    init(json text: String) throws(ContractError) { try self.init(protobuf: PersonsMerged(json: text).protobuf()) }
    func protobuf() -> [UInt8] { PersonsMerged(kept: person, merged: person).protobuf() }
    func json() -> String { PersonsMerged(kept: person, merged: person).json() }
}

/// What this process has used so far; a busy machine changes rates and not this.
private func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func format(_ seconds: Double) -> String { String(Int(seconds * 100) / 100) + "." + String(Int(seconds * 100) % 100 + 100).dropFirst() }
