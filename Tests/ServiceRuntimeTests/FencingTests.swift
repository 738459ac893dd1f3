import Contracts
import Messaging
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// Two consumers over one store and one log, both believing that every partition is theirs.
struct FencingTests {
    let service: TestService
    let script = Scripted()
    let other: Engine
    let mine: any LogConsumer
    let theirs: any LogConsumer

    init() throws {
        service = try TestService(script.definition(), today: LocalDate("2024-06-03"))
        other = try Engine(script.definition(), database: service.database, log: service.log, clock: service.clock)
        // Outside any group: nobody takes a partition from anybody.
        func everything(_ engine: Engine) throws -> any LogConsumer {
            let (database, arrivals) = (engine.database, engine.consumer.arrivals)
            return try engine.log.consumer(
                ConsumerSettings(
                    group: "", topics: [ResultAccepted.topic], patterns: [TopicPattern(RawScreeningResult.topic)]
                ) { place in
                    arrivals.add(place)
                    return try database.read { try Positions.position(place.topic, place.partition, in: $0)?.nextOffset }
                })
        }
        mine = try everything(service.engine)
        theirs = try everything(other)
    }

    private func both(_ rounds: Int = 1) throws {
        for _ in 0..<rounds {
            _ = try service.engine.consumeStep(mine)
            _ = try other.consumeStep(theirs)
        }
    }

    @Test func `of two that believe they own a partition one commits, the other leaves nothing and goes to the store's position`() throws {
        var numbers: ClosedRange<Int64> = 1...1
        for round in 0..<20 {
            numbers = Int64(round * 3 + 1)...Int64(round * 3 + 3)
            try service.append(try numbers.map { try service.fact("p1", "w\($0)", number: $0) })
            // Each in turn is the one that comes late.
            if round % 2 == 0 {
                try both()
            } else {
                _ = try other.consumeStep(theirs)
                _ = try service.engine.consumeStep(mine)
            }
        }
        try both(2)
        #expect(try service.notes() == (1...numbers.upperBound).map { "w\($0)" })
        #expect(try service.engine.snapshot().openGaps.isEmpty)
        let tried = script.tries.withLock { $0.values.max() ?? 0 }
        #expect(tried == 1, "a fence is the first statement: nothing of the late one's batch ran")
        // Whoever lost knows where the store stands: either can go on alone.
        for (engine, client) in [(service.engine, mine), (other, theirs)] {
            let next = numbers.upperBound + 1
            numbers = next...next
            try service.append([try service.fact("p1", "w\(next)", number: next)])
            for _ in 0..<2 { _ = try engine.consumeStep(client) }
            #expect(try service.notes().last == "w\(next)")
        }
    }

    @Test func `old records read again do not take the position back`() throws {
        try service.append(try (1...5).map { try service.fact("p1", "w\($0)", number: $0) })
        _ = try service.engine.consumeStep(mine)
        let place = try #require(mine.assignment.first { service.log.records(ResultAccepted.topic).first?.topicPartition == $0 })
        func position() throws -> Positions.Position? {
            try service.database.read { try Positions.position(place.topic, place.partition, in: $0) }
        }
        let before = try #require(try position())
        // The first two of five, as after a rebalance that began from an older position.
        let again = SomeOf(mine, 2)
        try again.seek(place, to: 0)
        #expect(try service.engine.consumeStep(again) == 2)
        #expect(try position() == before)
        #expect(try service.notes().count == 5)
    }

    @Test func `a command that somebody else overtakes decides again on fresh state, so often and no more`() throws {
        func perform(_ conflicts: Int) throws -> Int {
            var attempts = 0
            return try service.engine.perform(
                Cause(id: "c", recorded: service.clock.now, actor: .service("test"), channel: "WINDOW")
            ) { _ in
                attempts += 1
                if attempts <= conflicts { throw VersionConflict() }
                return attempts
            }
        }
        #expect(try perform(CoreLimits.conflictRetries - 1) == CoreLimits.conflictRetries)
        #expect(throws: VersionConflict.self) { try perform(CoreLimits.conflictRetries) }
    }

    @Test func `a partner's records, which carry no number, are applied once as well`() throws {
        let topic = Catalogue.name(RawScreeningResult.topic, for: Scripted.partner)
        try service.log.ensure([Catalogue.topic(for: topic)!.plan(named: topic)])
        for round in 0..<20 {
            try service.append(
                (0..<3).map {
                    OutgoingRecord(
                        topic: topic, partition: 0, key: [1], value: Array("w\(round)-\($0)".utf8), timestamp: service.clock.now)
                })
            if round % 2 == 0 {
                try both()
            } else {
                _ = try other.consumeStep(theirs)
                _ = try service.engine.consumeStep(mine)
            }
        }
        try both(2)
        #expect(try service.notes() == (0..<20).flatMap { round in (0..<3).map { "w\(round)-\($0)" } })
    }

    @Test func `a conflict costs only its own partition: the rest of the batch is applied`() throws {
        try service.append([try service.fact("p1", "a1", number: 1), try service.fact("p4", "b1", number: 1)])
        try both(2)
        // The other goes on with one partition alone.
        try service.append([try service.fact("p1", "a2", number: 2)])
        _ = try other.consumeStep(theirs)
        try service.append([try service.fact("p4", "b2", number: 2)])
        _ = try service.engine.consumeStep(mine)
        #expect(try service.notes() == ["a1", "b1", "a2", "b2"])
    }

    @Test func `an aggregate that somebody else saves first makes the batch run again on fresh state`() throws {
        let ledger = try TestService(Ledger.definition(), today: LocalDate("2024-06-03"))
        let conflicts = Conflicts(ledger.database)
        let engine = try Engine(Ledger.definition(), database: conflicts, log: ledger.log, clock: ledger.clock)
        let client = try ledger.log.consumer(
            ConsumerSettings(group: "", topics: [ResultAccepted.topic]) { place in
                try conflicts.read { try Positions.position(place.topic, place.partition, in: $0)?.nextOffset }
            })
        try ledger.append([
            WireRecord.fact(
                try Ledger.result("p1", "a"), number: 1, partition: Partitioner.partition(key: "p1", partitions: 32), cause: "c",
                source: "screening", actor: .service("test"), recorded: ledger.clock.now)
        ])
        conflicts.fail(times: CoreLimits.conflictRetries - 1)
        #expect(try engine.consumeStep(client) == 1)
        #expect(try ledger.notes() == ["a"])
        conflicts.fail(times: CoreLimits.conflictRetries)
        try ledger.append([
            WireRecord.fact(
                try Ledger.result("p1", "b"), number: 2, partition: Partitioner.partition(key: "p1", partitions: 32), cause: "d",
                source: "screening", actor: .service("test"), recorded: ledger.clock.now)
        ])
        #expect(throws: VersionConflict.self) { try engine.consumeStep(client) }
        #expect(try ledger.notes() == ["a"])
        #expect(try engine.consumeStep(client) == 1, "given back, it is read again")
        #expect(try ledger.notes() == ["a", "b"])
        #expect(try ledger.letters().isEmpty)
    }
}

/// A consumer of the log that hands out a few records at a time.
private final class SomeOf: LogConsumer {
    private let consumer: any LogConsumer
    private let count: Int

    init(_ consumer: any LogConsumer, _ count: Int) { (self.consumer, self.count) = (consumer, count) }

    func poll(max: Int, wait: Duration) throws -> [LogRecord] { try consumer.poll(max: count, wait: wait) }
    func seek(_ partition: TopicPartition, to offset: Int64) throws { try consumer.seek(partition, to: offset) }
    func pause(_ partitions: [TopicPartition]) throws { try consumer.pause(partitions) }
    func resume(_ partitions: [TopicPartition]) throws { try consumer.resume(partitions) }
    func commit(_ positions: [TopicPartition: Int64]) { consumer.commit(positions) }
    var assignment: [TopicPartition] { consumer.assignment }
    var waker: Waker { consumer.waker }
    func close(within: Duration) { consumer.close(within: within) }
}
