import Contracts
import Messaging
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

/// Where transactions cannot number what they say, the relay does before it sends.
struct LateNumberTests {
    @Test func `a row has no number until the relay gives it one, and then the log's bytes hold it`() throws {
        let instances = try Instances()
        for person in ["p1", "p2", "p1", "p3", "p1"] { try instances.count(person) }
        #expect(try instances.store.said().map(\.number) == [0, 0, 0, 0, 0])
        #expect(try instances.database.read { try Outbox.rows(after: 0, limit: 9, in: $0) }.isEmpty)
        #expect(try instances.engine.snapshot().outboxPending == 5)
        while try instances.engine.relayStep() > 0 {}
        let said = try instances.store.said()
        #expect(said.map(\.key) == ["p1", "p2", "p1", "p3", "p1"])
        #expect(said.allSatisfy { $0.meta.sequence?.number == $0.number && $0.meta.sequence?.epoch == 1 })
        for numbers in try instances.numbers().values { #expect(numbers == Array(1...Int64(numbers.count))) }
        #expect(try instances.engine.snapshot().outboxPending == 0)
        #expect(try instances.engine.snapshot().produced[PersonsMerged.topic] == 5)
    }

    @Test func `numbers are committed before the first produce, so a relay that never hears an answer repeats the same bytes`() throws {
        let instances = try Instances()
        for _ in 0..<3 { try instances.count("p1") }
        instances.store.log.dropNextAcknowledgement()
        #expect(throws: LogError.self) { try instances.engine.relayStep() }
        try instances.count("p1")
        let other = try instances.another()
        #expect(try other.relayStep() == 0)
        instances.time.advance(milliseconds: 5_000)
        while try other.relayStep() > 0 {}
        let records = instances.store.log.records(PersonsMerged.topic).map(\.value)
        try #require(records.count == 7)
        #expect(Array(records[0..<3]) == Array(records[3..<6]))
        #expect(try instances.numbers().values.first == [1, 2, 3, 1, 2, 3, 4])
    }
}
