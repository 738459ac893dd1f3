import Contracts
import Messaging
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// Several instances over one store: one of them sends.
struct LeaseTests {
    let instances: Instances

    init() throws { instances = try Instances() }

    @Test func `a second instance waits, is told for whom, and takes over when the first has shown no life for the lease's length`() throws
    {
        let (first, second) = (instances.engine, try instances.another())
        try instances.count("p1")
        #expect(try first.relayStep() == 1)
        try instances.count("p1", on: second)
        for _ in 0..<3 {
            instances.time.advance(milliseconds: 1_000)
            #expect(try second.relayStep() == 0)
        }
        #expect(try second.snapshot().relayWaitsFor?.isEmpty == false)
        #expect(try first.snapshot().relayWaitsFor == nil)
        // The first shows life: the wait begins again.
        #expect(try first.relayStep() == 1)
        instances.time.advance(milliseconds: 3_900)
        #expect(try second.relayStep() == 0)
        instances.time.advance(milliseconds: 200)
        #expect(try second.relayStep() == 0)
        try instances.count("p1")
        instances.time.advance(milliseconds: 4_000)
        #expect(try second.relayStep() == 1)
        #expect(try instances.numbers().values.first == [1, 2, 3])
    }

    @Test func `an idle holder keeps its lease, however long`() throws {
        let second = try instances.another()
        _ = try instances.engine.relayStep()
        for _ in 0..<100 {
            instances.time.advance(milliseconds: 500)
            _ = try instances.engine.relayStep()
            _ = try second.relayStep()
        }
        #expect(try instances.engine.snapshot().relayWaitsFor == nil)
        #expect(try second.snapshot().relayWaitsFor != nil)
    }

    @Test func `a relay that lost its lease and goes on sending repeats the same bytes and moves no mark`() throws {
        let second = try instances.another()
        for _ in 0..<3 { try instances.count("p1") }
        let stalled = StallingLog(instances.store.log)
        let zombie = try Engine(instances.store.definition, database: instances.database, log: stalled, clock: instances.store.clock)
        // In the middle of the zombie's send, after its batch was read, the other takes over, sends it, and more.
        stalled.beforeSend = { [instances] in
            #expect(try second.relayStep() == 0)
            instances.time.advance(milliseconds: 5_000)
            #expect(try second.relayStep() == 3)
            try instances.count("p1", on: second)
            #expect(try second.relayStep() == 1)
        }
        #expect(try zombie.relayStep() == 0)
        let records = instances.store.log.records(PersonsMerged.topic).map(\.value)
        #expect(try instances.numbers().values.first == [1, 2, 3, 4, 1, 2, 3])
        #expect(Array(records[0..<3]) == Array(records[4...]))
        let stream = try instances.database.read { try Outbox.streams(in: $0) }[0]
        #expect(stream.acknowledged == 4)
        #expect(try zombie.relayStep() == 0)
        #expect(try zombie.snapshot().relayWaitsFor != nil)
    }

    @Test func `an instance that stops in order gives the lease back, and the next goes on at once`() throws {
        let second = try instances.another()
        _ = try instances.engine.relayStep()
        try instances.count("p1")
        #expect(try second.relayStep() == 0)
        instances.engine.relay.close()
        #expect(try second.relayStep() == 1)
    }

    @Test func `on a store of one process a restart goes on at once`() throws {
        let store = try TestService(Ledger.definition(), today: LocalDate("2024-06-03"), store: .sqlite)
        try store.command(as: .service("test")) { _ = try $0.execute(.count(limit: 9), LedgerTable.self, PersonID("p1")) }
        let again = try Engine(store.definition, database: store.database, log: store.log, clock: store.clock)
        let cause = Cause(id: "again", recorded: store.clock.now, actor: .service("test"), channel: "WINDOW")
        try again.perform(cause) { _ = try $0.execute(.count(limit: 9), LedgerTable.self, PersonID("p1")) }
        #expect(try again.relayStep() == 1)
        // The one before the restart has nothing to say any more.
        try again.perform(Cause(id: "more", recorded: store.clock.now, actor: .service("test"), channel: "WINDOW")) {
            _ = try $0.execute(.count(limit: 9), LedgerTable.self, PersonID("p1"))
        }
        #expect(try store.engine.relayStep() == 0)
        #expect(try again.relayStep() == 1)
    }

    @Test func `marks moved back by one instance are heeded by the one that sends`() throws {
        let second = try instances.another()
        for _ in 0..<3 { try instances.count("p1") }
        #expect(try instances.engine.relayStep() == 3)
        #expect(try second.republish(PersonsMerged.topic, from: 2) == 2)
        instances.time.advance(milliseconds: 1_000)
        while try instances.engine.relayStep() > 0 {}
        #expect(try instances.numbers().values.first == [1, 2, 3, 2, 3])
    }

    @Test func `the cap counts what all instances say and the holder sends`() throws {
        let second = try instances.another()
        for _ in 0..<5 { try instances.count("p1", on: second) }
        #expect(second.outbox.rows == 5)
        while try instances.engine.relayStep() > 0 {}
        instances.time.advance(milliseconds: 1_000)
        _ = try second.relayStep()
        #expect(second.outbox.rows == 0)
    }

    @Test func `a deadline fires once with two instances, whoever looks first`() throws {
        let second = try instances.another()
        try instances.store.deliver(Ledger.result("p1", "a"))
        try instances.store.clock.move(to: LocalDate("2024-06-07"))
        // Both have seen it; one has claimed it by the time the other commits.
        let fired = try [second, instances.engine, second].map { try $0.timerStep() }
        #expect(fired == [1, 0, 0])
        let notes = try instances.database.read { tx in try tx.rows(LedgerTable.notes) { $0.text(0) } }
        #expect(notes == ["a", "missed p1"])
    }
}

/// A log whose producer lets a test do something in the middle of a send.
private final class StallingLog: EventLog {
    private let log: InMemoryLog
    // Set and used on the test's own thread.
    nonisolated(unsafe) var beforeSend: (() throws -> Void)?

    init(_ log: InMemoryLog) { self.log = log }

    var description: String { log.description }
    func producer(named: String) throws -> any LogProducer { StallingProducer(try log.producer(named: named), self) }
    func consumer(_ settings: ConsumerSettings) throws -> any LogConsumer { try log.consumer(settings) }
    func ensure(_ topics: [TopicPlan]) throws { try log.ensure(topics) }
    func drift(of topics: [TopicPlan]) throws -> [TopicDrift] { try log.drift(of: topics) }
    func topics() throws -> [String: Int] { try log.topics() }
    func ends(_ topics: [String]) throws -> [TopicPartition: Int64] { try log.ends(topics) }
    func starts(_ topics: [String]) throws -> [TopicPartition: Int64] { try log.starts(topics) }
    func lastRecords(_ partitions: [TopicPartition]) throws -> [TopicPartition: LogRecord] { try log.lastRecords(partitions) }
    func records(at positions: [TopicPartition: Int64]) throws -> [TopicPartition: LogRecord] { try log.records(at: positions) }

    private final class StallingProducer: LogProducer {
        private let producer: any LogProducer
        private let log: StallingLog

        init(_ producer: any LogProducer, _ log: StallingLog) {
            self.producer = producer
            self.log = log
        }

        var waker: Waker { producer.waker }

        func send(_ batch: [OutgoingRecord]) throws -> SendResult {
            let before = log.beforeSend
            log.beforeSend = nil
            try before?()
            return try producer.send(batch)
        }

        func close(within: Duration) { producer.close(within: within) }
    }
}
