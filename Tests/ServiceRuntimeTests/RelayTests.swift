import Contracts
import Foundation
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import Messaging
@testable import ServiceRuntime

/// What the relay does when the log refuses, forgets or fails.
struct RelayTests {
    let service: TestService
    let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))

    init() throws { service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03"), elapsed: time) }

    /// Says `count` events of one person; without `settle`, so that they wait.
    func say(_ count: Int, of person: String) throws {
        let cause = Cause(id: "\(person)-\(UUID())", recorded: service.clock.now, actor: .service("test"), channel: "WINDOW")
        try service.engine.perform(cause) { work in
            for _ in 0..<count { try work.execute(.count(limit: Ledger.limit), LedgerTable.self, PersonID(person)) }
        }
    }

    func place(_ person: String) -> TopicPartition {
        TopicPartition(topic: PersonsMerged.topic, partition: Partitioner.partition(key: person, partitions: 32))
    }

    /// Numbers of a person's partition as they lie on the log.
    func numbers(_ person: String) throws -> [Int64] {
        try service.log.records(PersonsMerged.topic).filter { $0.topicPartition == place(person) }.map {
            try Envelope.decode($0.value ?? []).meta.sequence?.number ?? -1
        }
    }

    @Test func `what was written while the clock stood ahead is stamped no later than now, which a broker would refuse for good`() throws {
        try say(1, of: "p1")
        time.advance(milliseconds: -3 * 3_600_000)
        try say(1, of: "p1")
        try relay()
        let stamps = service.log.records(PersonsMerged.topic).map(\.timestamp.milliseconds)
        #expect(stamps == [time.wallMilliseconds, time.wallMilliseconds])
    }

    func relay() throws { while try service.engine.relayStep() > 0 {} }

    @Test func `a stream the log refuses lets any number of rows of others pass, is named, and goes on in order when it may`() throws {
        service.log.refuse(place("p1"), .rejected(code: "TOPIC_AUTHORIZATION_FAILED", "for a test"))
        try say(3, of: "p1")
        // More rows of the refused stream than one page holds, and then others behind them.
        try say(CoreLimits.relayRows * 2, of: "p1")
        try say(5, of: "p4")
        try relay()
        #expect(place("p1") != place("p4"))
        #expect(try numbers("p4") == [1, 2, 3, 4, 5])
        #expect(try numbers("p1").isEmpty)
        let status = try service.engine.snapshot()
        #expect(status.outboxPending == 3 + CoreLimits.relayRows * 2)
        #expect(status.refusedStreams.keys.sorted() == ["\(place("p1"))"])
        #expect(status.refusedStreams.values.first?.contains("TOPIC_AUTHORIZATION_FAILED") == true)
        // Not before its pause is over.
        service.log.refuse(place("p1"), nil)
        try relay()
        #expect(try numbers("p1").isEmpty)
        time.advance(milliseconds: 1_000)
        try relay()
        #expect(try numbers("p1") == Array(1...Int64(3 + CoreLimits.relayRows * 2)))
        #expect(try service.engine.snapshot().outboxPending == 0)
        #expect(try service.engine.snapshot().refusedStreams.isEmpty)
        // It keeps up with the others again.
        try say(1, of: "p1")
        try relay()
        #expect(try numbers("p1").count == 3 + CoreLimits.relayRows * 2 + 1)
    }

    @Test func `a refused stream waits apart after a restart as well`() throws {
        service.log.refuse(place("p1"), .recordTooLarge(place("p1"), bytes: 2_000_000))
        try say(4, of: "p1")
        try say(2, of: "p4")
        try relay()
        let again = try Engine(service.definition, database: service.database, log: service.log, clock: service.clock)
        try say(2, of: "p4")
        try say(1, of: "p1")
        // Where several processes may share the store, the one before the restart is waited for.
        if try service.database.read({ $0.locksRows }) {
            #expect(try again.relayStep() == 0)
            time.advance(milliseconds: CoreLimits.leaseLength.wholeNanoseconds / 1_000_000)
        }
        while try again.relayStep() > 0 {}
        #expect(try numbers("p4") == [1, 2, 3, 4])
        #expect(try again.snapshot().outboxPending == 5)
        service.log.refuse(place("p1"), nil)
        time.advance(milliseconds: 1_000)
        while try again.relayStep() > 0 {}
        #expect(try numbers("p1") == [1, 2, 3, 4, 5])
    }

    @Test func `pauses between attempts at a refused stream grow up to their bound`() throws {
        service.log.refuse(place("p1"), .unknownTopic(PersonsMerged.topic))
        try say(1, of: "p1")
        var attempts: [Int64] = []
        for tick in 0..<1_200 {
            let before = service.log.refusals
            try relay()
            if service.log.refusals > before { attempts.append(Int64(tick) * 100) }
            time.advance(milliseconds: 100)
        }
        let pauses = zip(attempts.dropFirst(), attempts).map { $0 - $1 }
        #expect(pauses.prefix(4) == [200, 400, 800, 1_600])
        #expect(pauses.last == Int64(CoreLimits.refusedLargest.components.seconds) * 1000)
    }

    @Test func `after a fatal error a new producer resumes, and a topic that is fatal each time does not stop the others`() throws {
        try say(2, of: "p1")
        service.log.failNextSend(.fatal("drawn"))
        #expect(throws: LogError.self) { try service.engine.relayStep() }
        #expect(try numbers("p1").isEmpty)
        try relay()
        #expect(try numbers("p1") == [1, 2])

        // One that kills its producer whenever it is asked for.
        service.log.refuse(place("p1"), .fatal("_GAPLESS_GUARANTEE"))
        try say(2, of: "p1")
        try service.command(as: .service("test")) { work in
            work.publish(
                DeadLettered(
                    service: "registration", originTopic: "t", partition: 0, offset: 1, reason: "BAD", field: nil, attempts: 0,
                    original: [],
                    sealedWith: nil), on: DeadLettered.topic(of: "registration"))
        } settling: {
            #expect(throws: LogError.self) { try service.engine.relayStep() }
            try relay()
        }
        #expect(service.log.records(DeadLettered.topic(of: "registration")).count == 1)
        #expect(try numbers("p1") == [1, 2])
        service.log.refuse(place("p1"), nil)
        time.advance(milliseconds: 1_000)
        try relay()
        #expect(try numbers("p1") == [1, 2, 3, 4])
    }

    @Test func `a drawn quarter of sends fails for good, and every row still arrives in order`() throws {
        var faults = LogFaults.none
        faults.refused = 250
        faults.unacknowledged = 100
        service.log.setFaults(faults)
        var failed = 0
        for round in 0..<200 {
            try say(1, of: "p\(round % 7)")
            do { _ = try service.engine.relayStep() } catch is LogError { failed += 1 }
        }
        service.log.setFaults(.none)
        time.advance(milliseconds: 60_000)
        try relay()
        #expect(failed > 20)
        for person in 0..<7 {
            // Repeats begin again at a number already sent: without them the sequence is complete.
            var last: Int64 = 0
            for number in try numbers("p\(person)") {
                #expect(number <= last + 1)
                last = max(last, number)
            }
        }
        #expect(try service.engine.snapshot().outboxPending == 0)
    }
}
