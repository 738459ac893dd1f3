import Contracts
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import Messaging
@testable import ServiceRuntime

/// Events whose short-lived key was deleted before they were sent, or sent again: their numbers go without them.
struct GoneEventTests {
    let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))
    let keys: ShortLivedKeys
    let service: TestService
    private static let topic = DeadLettered.topic(of: "registration")
    private static let gone = "careloop.journal.event-gone.v1"
    private static let place = TopicPartition(topic: topic, partition: 0)

    init() throws {
        keys = ShortLivedKeys(directory: nil, keptDays: 7, elapsed: time)
        service = try TestService(Ledger.definition(sealing: keys), today: LocalDate("2024-06-03"), elapsed: time)
    }

    /// Says something that lies sealed in the journal.
    private func say(_ id: Int64) throws {
        try service.engine.perform(Cause(id: "c-\(id)", recorded: service.clock.now, actor: .service("test"), channel: "WINDOW")) {
            $0.publish(
                DeadLettered(
                    service: "registration", originTopic: "t", partition: 0, offset: id, reason: "BAD", attempts: 0, original: [1]),
                on: Self.topic)
        }
    }

    private func pass(days: Int64) { time.advance(milliseconds: days * 86_400_000) }
    private func relay() throws { while try service.engine.relayStep() > 0 {} }

    /// Sequence and type of what lies on the log.
    private func sent() throws -> [String] {
        try service.log.records(Self.topic).map {
            let meta = try Envelope.decode($0.value ?? []).meta
            return "\(meta.sequence?.epoch ?? 0)-\(meta.sequence?.number ?? 0) \(meta.type == Self.gone ? "gone" : "here")"
        }
    }

    @Test func `sent again after its key is deleted, an event leaves its number, and what stands behind it comes`() throws {
        try say(1)
        try relay()
        pass(days: 9)
        try say(2)
        try relay()
        // What was said before belongs to the epoch it was said in.
        try service.database.write { tx in
            let stream = try Outbox.stream(topic: Self.topic, partition: 0, in: tx)
            try Outbox.reopen(stream, next: 3, epoch: 2, in: tx)
        }
        try service.engine.republish(Self.topic)
        try relay()
        #expect(try sent() == ["1-1 here", "1-2 here", "1-1 gone", "1-2 here"])
        let records = service.log.records(Self.topic)
        try #require(records.count == 4)
        #expect(records[3].value == records[1].value)
        #expect(records[2].key == records[0].key)
        let status = try service.engine.snapshot()
        #expect(status.refusedStreams.isEmpty && status.outboxPending == 0)
        #expect(status.gone == 1)
    }

    @Test func `a topic that was refused for longer than the key lived goes on with the number alone`() throws {
        service.log.refuse(Self.place, .rejected(code: "TOPIC_AUTHORIZATION_FAILED", "for a test"))
        try say(1)
        try relay()
        pass(days: 8)
        try say(2)
        try relay()
        #expect(try service.engine.snapshot().gone == 0)
        service.log.refuse(Self.place, nil)
        pass(days: 1)
        try relay()
        #expect(try sent() == ["1-1 gone", "1-2 here"])
        #expect(try service.engine.snapshot().outboxPending == 0)
        #expect(try service.engine.snapshot().gone == 1)
    }

    @Test func `an event whose key is not here but may be elsewhere waits for it`() throws {
        try say(1)
        let other = try Engine(
            Ledger.definition(sealing: ShortLivedKeys(directory: nil, keptDays: 7, elapsed: time)), database: service.database,
            log: service.log, clock: service.clock)
        if try service.database.read({ $0.locksRows }) {
            _ = try other.relayStep()
            time.advance(milliseconds: CoreLimits.leaseLength.wholeNanoseconds / 1_000_000)
        }
        while try other.relayStep() > 0 {}
        #expect(try sent().isEmpty)
        #expect(try other.snapshot().refusedStreams.count == 1)
        other.relay.close()
        service.engine.forgetRelayMarks()
        time.advance(milliseconds: 1_000)
        try relay()
        #expect(try sent() == ["1-1 here"])
    }

    @Test func `a reader counts the number of an event that is gone and holds nothing`() throws {
        let scripted = try TestService(Scripted().definition(), today: LocalDate("2024-06-03"))
        var record = try scripted.fact("p1", "b", number: 2)
        let (decoded, _) = try Envelope.decode(record.value!)
        var meta = decoded
        meta.type = Self.gone
        record.value = Envelope.encode(meta, data: [])
        try scripted.append([scripted.fact("p1", "a", number: 1), record, scripted.fact("p1", "c", number: 3)])
        try scripted.settle()
        #expect(try scripted.notes() == ["a", "c"])
        #expect(try scripted.held() == 0)
        #expect(try scripted.engine.snapshot().openGaps.isEmpty)
    }

    @Test func `a restore reads a number without its event back as what it is`() throws {
        let path = try service.backup()
        service.log.refuse(Self.place, .rejected(code: "TOPIC_AUTHORIZATION_FAILED", "for a test"))
        try say(1)
        pass(days: 9)
        service.log.refuse(Self.place, nil)
        try relay()
        #expect(try sent() == ["1-1 gone"])
        let restored = try Engine(service.definition, database: openDatabase(path), log: service.log, clock: service.clock)
        let report = try restored.restore()
        #expect(report.records == 1 && report.notRebuilt.isEmpty && report.journalOnly.isEmpty)
        #expect(try restored.snapshot().restoreNeeded == nil)
    }
}
