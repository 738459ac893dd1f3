import Contracts
import Messaging
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// What a consumer does about the group it belongs to: it stays a member while it must not read, and a rebalance in the middle of its
/// taking records neither repeats nor skips one.
struct ConsumerGroupTests {
    private let service: TestService

    init() throws { service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03")) }

    private func notes() throws -> [String] { try service.database.read { tx in try tx.rows(LedgerTable.notes) { $0.text(0) } } }

    /// Numbered facts on one partition.
    private func facts(_ ids: [String], from first: Int64 = 1) throws -> [OutgoingRecord] {
        try ids.enumerated().map { index, id in
            let event = try Ledger.result("p1", id)
            let partition = Partitioner.partition(
                key: event.key, partitions: try #require(Catalogue.topic(for: ResultAccepted.topic)).partitions)
            return WireRecord.fact(
                event, number: first + Int64(index), partition: partition, cause: "c-\(id)", source: "screening", actor: .service("test"),
                recorded: service.clock.now)
        }
    }

    private func send(_ records: [OutgoingRecord], to log: InMemoryLog) throws {
        let result = try log.producer(named: "test").send(records)
        try #require(result.isComplete)
    }

    @Test func `a consumer whose outbox is full goes on polling with everything paused, and reads on where it stopped once there is room`()
        throws
    {
        let log = InMemoryLog()
        let engine = try Engine(
            service.definition, database: service.database, log: log, clock: service.clock, outboxCapRows: 1)
        let client = CountingConsumer(try engine.openConsumer())
        try send(try facts(["a"]), to: log)
        while try notes().isEmpty { _ = try engine.consumeStep(client) }
        #expect(!engine.hasRoom)
        try send(try facts(["b", "c"], from: 2), to: log)
        let before = client.polls
        for _ in 0..<5 { #expect(try engine.consumeStep(client) == 0) }
        #expect(client.polls == before + 5)
        #expect(client.paused == Set(client.assignment))
        #expect(try notes() == ["a"])
        // Somebody joins and leaves: what is assigned anew is not paused, and must not be read for all that.
        let other = try engine.openConsumer()
        _ = try other.poll(max: 1, wait: .zero)
        other.close(within: .zero)
        for _ in 0..<3 { #expect(try engine.consumeStep(client) == 0) }
        #expect(try notes() == ["a"])
        while try engine.relayStep() > 0 {}
        #expect(engine.hasRoom)
        #expect(try engine.consumeStep(client) == 2)
        #expect(try notes() == ["a", "b", "c"])
        client.close(within: .zero)
    }

    @Test func `what a paused client had read ahead is not applied, and is read again in its turn`() throws {
        let log = InMemoryLog()
        let engine = try Engine(
            service.definition, database: service.database, log: log, clock: service.clock, outboxCapRows: 1)
        let client = CountingConsumer(try engine.openConsumer(), ignoringPauses: true)
        try send(try facts(["a"]), to: log)
        while try notes().isEmpty { _ = try engine.consumeStep(client) }
        try send(try facts(["b", "c"], from: 2), to: log)
        for _ in 0..<3 { #expect(try engine.consumeStep(client) == 0) }
        #expect(try notes() == ["a"])
        while try engine.relayStep() > 0 {}
        for _ in 0..<3 { _ = try engine.consumeStep(client) }
        #expect(try notes() == ["a", "b", "c"])
        client.close(within: .zero)
    }

    @Test func `records below the stored position have no second effect, numbers or not`() throws {
        try service.deliver(Ledger.result("p1", "a"))
        try service.deliver(Ledger.result("p1", "b"))
        let place = try #require(try service.log.ends([ResultAccepted.topic]).first { $0.value > 0 }?.key)
        // Alone in the group, so that what is read here is read by whoever owns it.
        service.disconnect()
        let client = try service.engine.openConsumer()
        defer { client.close(within: .zero) }
        #expect(try service.engine.consumeStep(client) == 0)
        try #require(client.assignment.contains(place))
        // A rebalance whose start position was read before the last batch committed gives the same offsets again; with other numbers here,
        // so that only the offset tells.
        #expect(try service.database.read { try Positions.position(place.topic, place.partition, in: $0)?.lastNumber } == 2)
        try service.database.write { try Positions.setNumber(place.topic, place.partition, epoch: 1, number: 0, in: $0) }
        service.engine.consumer.forgetPositions()
        let before = try service.engine.snapshot().repeats
        try client.seek(place, to: 0)
        while try service.engine.consumeStep(client) > 0 {}
        #expect(try service.engine.snapshot().repeats == before + 2)
        #expect(try notes() == ["a", "b"])
    }

    private func record(_ topic: String, _ partition: Int32, _ offset: Int64) -> LogRecord {
        LogRecord(topic: topic, partition: partition, offset: offset, key: [], value: nil, timestamp: Instant(milliseconds: 0))
    }

    private func places(_ records: [LogRecord]) -> [String] { records.map { "\($0.topic)/\($0.partition)@\($0.offset)" } }

    @Test func `what is held of a partition goes on when it goes on`() {
        let assigned = [TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1)]
        let joined = Consumer.joined(
            [record("t", 0, 5), record("t", 0, 6), record("t", 1, 9)], [record("t", 1, 10), record("t", 0, 7)], assigned: assigned)
        #expect(places(joined) == ["t/0@5", "t/0@6", "t/1@9", "t/1@10", "t/0@7"])
    }

    @Test func `what is held of a partition that was taken away is dropped`() {
        let joined = Consumer.joined(
            [record("t", 0, 5), record("t", 1, 9), record("t", 0, 6)], [record("t", 1, 10)],
            assigned: [TopicPartition(topic: "t", partition: 1)])
        #expect(places(joined) == ["t/1@9", "t/1@10"])
    }

    @Test func `a partition that begins again at its stored position gives what is held of it only once`() {
        let assigned = [TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1)]
        let joined = Consumer.joined(
            [record("t", 0, 5), record("t", 0, 6), record("t", 1, 9)],
            [record("t", 1, 10), record("t", 0, 5), record("t", 0, 6), record("t", 0, 7)],
            assigned: assigned)
        #expect(places(joined) == ["t/1@9", "t/1@10", "t/0@5", "t/0@6", "t/0@7"])
    }
}

/// Counts polls of a consumer of the log, and what it was told to pause; told to, it goes on handing out records all the same, as a client
/// does with what it had read ahead.
private final class CountingConsumer: LogConsumer {
    private let consumer: any LogConsumer
    private let ignoresPauses: Bool
    private(set) var polls = 0
    private(set) var paused: Set<TopicPartition> = []

    init(_ consumer: any LogConsumer, ignoringPauses: Bool = false) {
        self.consumer = consumer
        ignoresPauses = ignoringPauses
    }

    func poll(max: Int, wait: Duration) throws -> [LogRecord] {
        polls += 1
        return try consumer.poll(max: max, wait: wait)
    }

    func seek(_ partition: TopicPartition, to offset: Int64) throws { try consumer.seek(partition, to: offset) }
    func pause(_ partitions: [TopicPartition]) throws {
        paused.formUnion(partitions)
        if !ignoresPauses { try consumer.pause(partitions) }
    }
    func resume(_ partitions: [TopicPartition]) throws {
        paused.subtract(partitions)
        try consumer.resume(partitions)
    }
    func commit(_ positions: [TopicPartition: Int64]) { consumer.commit(positions) }
    var assignment: [TopicPartition] { consumer.assignment }
    var waker: Waker { consumer.waker }
    func close(within: Duration) { consumer.close(within: within) }
}
