import Contracts
import Foundation
import Messaging
import Persistence
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// An older backup of a service's store, while the log has gone on.
struct RestoreTests {
    let service: TestService
    let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))

    init() throws { service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03"), elapsed: time) }

    func engine(over backup: String, _ definition: ServiceDefinition = Ledger.definition()) throws -> Engine {
        try Engine(definition, database: openDatabase(backup), log: service.log, clock: service.clock)
    }

    /// Sends until nothing is left. Where several processes may share a store, whoever held the lease in the backup is waited for.
    func relay(_ engine: Engine) throws {
        if try engine.database.read({ $0.locksRows }) {
            _ = try engine.relayStep()
            time.advance(milliseconds: CoreLimits.leaseLength.wholeNanoseconds / 1_000_000)
        }
        while try engine.relayStep() > 0 {}
    }

    func count(_ person: String, _ engine: Engine) throws -> Int {
        try engine.database.read { tx in try LedgerTable.load(PersonID(person), in: tx)?.state.count ?? 0 }
    }

    func command(_ person: String, on engine: Engine, id: String) throws {
        try engine.perform(Cause(id: id, recorded: service.clock.now, actor: .service("test"), channel: "WINDOW")) {
            _ = try $0.execute(.count(limit: Ledger.limit), LedgerTable.self, PersonID(person))
        }
    }

    /// Sequence and event id of what lies on the log of a person's partition.
    func said(_ person: String) throws -> [(sequence: String, id: String)] {
        let partition = Partitioner.partition(key: person, partitions: 32)
        return try service.log.records(PersonsMerged.topic).filter { $0.partition == partition }.map {
            let meta = try Envelope.decode($0.value ?? []).meta
            return (meta.sequence?.text ?? "", meta.id)
        }
    }

    @Test func `an older backup says nothing until it is restored, then has the same state, and goes on in a new epoch`() throws {
        try service.deliver(Ledger.result("p1", "a"))
        let path = try service.backup()
        try service.deliver(Ledger.result("p1", "b"))
        try service.deliver(Ledger.result("p1", "c"))
        try command("p1", on: service.engine, id: "window-1")
        try service.settle()
        #expect(try count("p1", service.engine) == 4)

        service.leave()
        let restored = try engine(over: path)
        #expect(try restored.snapshot().restoreNeeded != nil)
        #expect(!restored.hasRoom)
        #expect(throws: DatabaseError.self) { try command("p1", on: restored, id: "too early") }
        let consumer = try restored.openConsumer()
        #expect(try restored.consumeStep(consumer) == 0)
        #expect(try count("p1", restored) == 1)
        #expect(try restored.relayStep() == 0)

        let report = try restored.restore()
        #expect(report.records == 3)
        #expect(report.streams.map(\.through) == [4])
        #expect(report.streams.flatMap(\.lost).isEmpty)
        #expect(try count("p1", restored) == 4)
        #expect(try restored.snapshot().restoreNeeded == nil)

        // What was consumed after the backup is read again, and has no second effect: neither in the state nor on the log.
        while try restored.consumeStep(consumer) > 0 {}
        try relay(restored)
        #expect(try restored.snapshot().consumed == 2)
        #expect(try count("p1", restored) == 4)
        try command("p1", on: restored, id: "window-2")
        try relay(restored)
        let sequences = try said("p1")
        #expect(
            sequences.map(\.sequence) == [
                "0001-0000000000000000001", "0001-0000000000000000002", "0001-0000000000000000003", "0001-0000000000000000004",
                "0002-0000000000000000005",
            ])
        #expect(Set(sequences.map(\.id)).count == 5)
        consumer.close(within: .seconds(1))
    }

    @Test func `after a restore the service starts like any other, and its own journal is whole`() throws {
        let path = try service.backup()
        for id in ["a", "b", "c"] { try service.deliver(Ledger.result("p1", id)) }
        #expect(try engine(over: path).restore().records == 3)
        let again = try engine(over: path)
        #expect(try again.snapshot().restoreNeeded == nil)
        let rows = try again.database.read { try Outbox.rows(after: 0, limit: 99, in: $0) }
        #expect(rows.map(\.number) == [1, 2, 3])
        // Republishing from the restored journal gives the same bytes.
        let before = service.log.records(PersonsMerged.topic).map(\.value)
        try again.republish(PersonsMerged.topic)
        try relay(again)
        #expect(service.log.records(PersonsMerged.topic).map(\.value) == before + before)
    }

    @Test func `a crash in the middle of a restore leaves the rest to the next one`() throws {
        let path = try service.backup()
        for id in ["a", "b", "c", "d"] { try service.deliver(Ledger.result("p1", id)) }
        service.leave()
        // The process dies over the third record; two transactions of one record each stand.
        let left = Mutex(2)
        let dying = Ledger.definition(rebuilding: [
            .on(PersonsMerged.self) { event, _, work in
                guard
                    left.withLock({ left in
                        left -= 1
                        return left >= 0
                    })
                else { throw Ledger.Broken() }
                try work.rebuild(.counted, LedgerTable.self, event.kept)
            }
        ])
        let first = try engine(over: path, dying)
        #expect(throws: Ledger.Broken.self) { try first.restore(batch: 1) }
        #expect(try count("p1", first) == 2)

        let next = try engine(over: path)
        #expect(try next.snapshot().restoreNeeded != nil)
        let report = try next.restore(batch: 1)
        #expect(report.records == 2)
        #expect(report.streams.map(\.from) == [3] && report.streams.map(\.through) == [4])
        #expect(try count("p1", next) == 4)
        #expect(try next.database.read { try Outbox.rows(after: 0, limit: 9, in: $0) }.map(\.number) == [1, 2, 3, 4])
        #expect(throws: Engine.RestoreRefused.notNeeded) { try next.restore() }
    }

    @Test func `what was consumed before is acted on again where no event tells it, and says nothing`() throws {
        let path = try service.backup()
        try service.deliver(Ledger.result("p1", "a"))
        service.leave()
        let restored = try engine(over: path)
        _ = try restored.restore()
        #expect(try restored.database.read { try $0.rows(LedgerTable.notes) { $0.text(0) } }.isEmpty)
        let consumer = try restored.openConsumer()
        defer { consumer.close(within: .seconds(1)) }
        while try restored.consumeStep(consumer) > 0 {}
        while try restored.relayStep() > 0 {}
        // The note beside the aggregate came back with the record; the aggregate, with the event.
        #expect(try restored.database.read { try $0.rows(LedgerTable.notes) { $0.text(0) } } == ["a"])
        #expect(try count("p1", restored) == 1)
        #expect(try said("p1").count == 1)
    }

    @Test func `deadlines wait until what was consumed before has been read again`() throws {
        try service.deliver(Ledger.result("p1", "a"))
        let path = try service.backup()
        try service.deliver(Ledger.result("p1", "b"))
        try service.clock.move(to: LocalDate("2024-07-01"))
        service.leave()
        let restored = try engine(over: path)
        _ = try restored.restore()
        #expect(try restored.timerStep() == 0)
        let consumer = try restored.openConsumer()
        defer { consumer.close(within: .seconds(1)) }
        while try restored.consumeStep(consumer) > 0 {}
        #expect(try restored.timerStep() == 1)
    }

    @Test func `events are put back in the order of their streams though the machine's clock went back`() throws {
        func found(_ topic: String, _ partition: Int32, _ number: Int64, recorded: Int64) -> RestorePlan.Found {
            RestorePlan.Found(
                record: LogRecord(
                    topic: topic, partition: partition, offset: number, key: [], value: nil, timestamp: Instant(milliseconds: -number)),
                sequence: EventSequence(epoch: 1, number: number),
                meta: EventMeta(
                    id: "\(topic)-\(number)", source: "/test", type: "t", time: Instant(milliseconds: recorded), subject: "s",
                    sequence: nil,
                    recorded: Instant(milliseconds: recorded), correlation: "c", causation: "c",
                    actor: ActorStamp(role: "service", user: "u"),
                    channel: "TIMER", legalBasis: "STATUTORY"),
                data: [])
        }
        let plan = [
            found("a", 0, 1, recorded: 10), found("a", 0, 2, recorded: 5), found("a", 0, 3, recorded: 30), found("b", 0, 1, recorded: 7),
            found("b", 0, 2, recorded: 20),
        ]
        #expect(RestorePlan.ordered(plan).map(\.meta.id) == ["b-1", "a-1", "a-2", "b-2", "a-3"])
    }

    @Test
    func `state that this build cannot rebuild refuses the restore, and changes nothing until somebody takes it into the journal only`()
        throws
    {
        let path = try service.backup()
        try service.deliver(Ledger.result("p1", "a"))
        service.leave()
        let restored = try engine(over: path, Ledger.definition(rebuilding: []))
        #expect(throws: Engine.RestoreRefused.stateUnknown) { try restored.restore() }
        #expect(try restored.database.read { try Outbox.rows(after: 0, limit: 9, in: $0) }.isEmpty)
        let report = try restored.restore(accepting: [PersonsMerged.type])
        #expect(report.journalOnly == [PersonsMerged.type])
        #expect(try count("p1", restored) == 0)
        // Its cause is read again, and rebuilds the state without saying anything twice.
        let consumer = try restored.openConsumer()
        while try restored.consumeStep(consumer) > 0 {}
        try relay(restored)
        #expect(try count("p1", restored) == 1)
        #expect(try said("p1").count == 1)
        consumer.close(within: .seconds(1))
    }

    @Test func `what waited for its number in the backup is in its state already, and is not applied again`() throws {
        // One event numbered and on the log, one that the relay had not numbered yet, and one that the backup does not know.
        let writing = try Engine(
            service.definition, database: RowLockingDatabase(service.database), log: service.log, clock: service.clock)
        try command("p1", on: writing, id: "window-1")
        try relay(writing)
        try command("p1", on: writing, id: "window-2")
        let path = try service.backup()
        try command("p1", on: writing, id: "window-3")
        try relay(writing)

        let restored = try Engine(
            service.definition, database: RowLockingDatabase(openDatabase(path)), log: service.log, clock: service.clock)
        let report = try restored.restore()
        #expect(report.records == 2)
        #expect(try count("p1", restored) == 3)
        #expect(try restored.database.read { try Outbox.unnumbered(in: $0) }.isEmpty)
        #expect(try restored.database.read { try Outbox.rows(after: 0, limit: 9, in: $0) }.map(\.number) == [1, 2, 3])
        // Nothing of it waits any more: it is not said once more under another number.
        try relay(restored)
        #expect(try said("p1").count == 3)
    }

    @Test func `a restore waits while the log gives nothing, and gives up unchanged when that lasts`() throws {
        let path = try service.backup()
        for id in ["a", "b", "c"] { try service.deliver(Ledger.result("p1", id)) }
        service.leave()
        let slow = ReluctantLog(service.log, time)
        let restored = try Engine(service.definition, database: openDatabase(path), log: slow, clock: service.clock)
        slow.silentPolls = .max
        #expect(throws: LogError.self) { try restored.restore() }
        #expect(try restored.database.read { try Outbox.rows(after: 0, limit: 9, in: $0) }.isEmpty)
        #expect(try restored.snapshot().restoreNeeded != nil)
        // Nothing has changed: asked again, the log answers after a while.
        slow.silentPolls = 3
        #expect(try restored.restore().records == 3)
        #expect(try count("p1", restored) == 3)
    }

    @Test func `numbers the log has lost too are named, and sent again without their events`() throws {
        let path = try service.backup()
        for id in ["a", "b", "c", "d"] { try service.deliver(Ledger.result("p1", id)) }
        let place = TopicPartition(topic: PersonsMerged.topic, partition: Partitioner.partition(key: "p1", partitions: 32))
        service.log.trim(place, below: 2)
        let restored = try engine(over: path)
        let report = try restored.restore()
        #expect(report.streams.flatMap(\.lost) == ["1-2"])
        #expect(report.records == 2)
        // Sent again, the lost numbers go without their events: whoever reads from the start finds no gap.
        try restored.republish(PersonsMerged.topic)
        try relay(restored)
        #expect(try restored.snapshot().refusedStreams.isEmpty)
        #expect(try restored.snapshot().outboxPending == 0 && restored.outbox.rows == 0)
        let sent = try service.log.records(PersonsMerged.topic).map { try Envelope.decode($0.value ?? []).meta }
        #expect(sent.map(\.sequence?.number) == [3, 4, 1, 2, 3, 4])
        #expect(sent.map { $0.type == PersonsMerged.type } == [true, true, false, false, true, true])
        #expect(sent.allSatisfy { $0.sequence?.epoch == 1 })
    }

    @Test func `numbers that compaction dropped are stepped over when the topic is sent again`() throws {
        let place = TopicPartition(topic: Indicator.topic, partition: 3)
        let reporting = ServiceDefinition(
            name: "reporting", migrations: [], refusals: RefusalCatalogue([]), endpoints: [], rebuilding: [.nothing(Indicator.self)])
        let empty = try TestService(reporting, today: LocalDate("2024-06-03"), elapsed: time)
        func record(_ number: Int64) -> OutgoingRecord {
            let meta = EventMeta(
                id: "i-\(number)", source: "/reporting", type: Indicator.type, time: service.clock.now, subject: "cell",
                sequence: EventSequence(epoch: 1, number: number), recorded: service.clock.now, correlation: "c", causation: "c",
                actor: ActorStamp(role: "service", user: "reporting"), channel: "KAFKA", legalBasis: "STATUTORY")
            return OutgoingRecord(
                topic: place.topic, partition: place.partition, key: Array("cell-\(number)".utf8), value: Envelope.encode(meta, data: [1]),
                headers: [LogHeader(name: "content-type", text: Envelope.contentType)], timestamp: service.clock.now)
        }
        try empty.append([record(4), record(90_000), record(90_001)])
        let engine = try Engine(reporting, database: empty.database, log: empty.log, clock: empty.clock)
        #expect(try engine.restore().streams.flatMap(\.lost) == ["1-3", "5-89999"])
        #expect(try engine.database.read { try Outbox.rows(after: 0, limit: 9, in: $0) }.map(\.number) == [4, 90_000, 90_001])
        try engine.republish(Indicator.topic)
        try relay(engine)
        #expect(try engine.snapshot().refusedStreams.isEmpty)
        #expect(try engine.snapshot().outboxPending == 0 && engine.outbox.rows == 0)
        let values = empty.log.records(Indicator.topic).map(\.value)
        #expect(values.count == 6 && Array(values[3...]) == Array(values[..<3]))
    }

    @Test func `wherever a restore dies, what waited for its number in the backup is said once and done once`() throws {
        var deaths = 0
        var hasDied = true
        while hasDied {
            let instances = try Instances()
            func relay(_ engine: Engine) throws {
                _ = try engine.relayStep()
                instances.time.advance(milliseconds: CoreLimits.leaseLength.wholeNanoseconds / 1_000_000)
                while try engine.relayStep() > 0 {}
            }
            try instances.count("p1")
            try relay(instances.engine)
            try instances.count("p1")
            let path = try instances.store.backup()
            try relay(instances.engine)
            try instances.count("p1")
            try relay(instances.engine)

            let store = DyingDatabase(RowLockingDatabase(try openDatabase(path)))
            func start() throws -> Engine {
                try Engine(Ledger.definition(), database: store, log: instances.store.log, clock: instances.store.clock)
            }
            let first = try start()
            store.die(after: deaths)
            hasDied = false
            do { _ = try first.restore(batch: 1) } catch is DatabaseError { hasDied = true }
            store.revive()
            let next = try start()
            if try next.snapshot().restoreNeeded != nil { _ = try next.restore(batch: 1) }
            try relay(next)
            #expect(try instances.numbers().values.first == [1, 2, 3], "died after \(deaths) writes")
            #expect(try count("p1", next) == 3, "died after \(deaths) writes")
            deaths += 1
        }
        #expect(deaths > 2)
    }

    @Test func `a consumer beyond the number a new epoch continues from stops: two histories`() throws {
        for id in ["a", "b", "c"] { try service.deliver(Ledger.result("p1", id)) }
        // The owner was restored to number 2 and says another third event.
        try service.deliver(Ledger.result("p1", "other"), epoch: 2, number: 3)
        #expect(try count("p1", service.engine) == 3)
        #expect(try service.engine.snapshot().consumerStopped?.contains("TWO_HISTORIES") == true)
    }

    @Test func `a new epoch that continues is accepted, and what the old one still says afterwards is not`() throws {
        for id in ["a", "b"] { try service.deliver(Ledger.result("p1", id)) }
        try service.deliver(Ledger.result("p1", "c"), epoch: 2, number: 3)
        // A repeat from before the restore is only a repeat.
        try service.deliver(Ledger.result("p1", "b"), number: 2)
        #expect(try service.engine.snapshot().consumerStopped == nil)
        #expect(try count("p1", service.engine) == 3)
        try service.deliver(Ledger.result("p1", "zombie"), number: 4)
        #expect(try count("p1", service.engine) == 3)
        #expect(try service.engine.snapshot().consumerStopped?.contains("TWO_HISTORIES") == true)
    }
}
