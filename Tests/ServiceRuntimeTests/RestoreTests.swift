import Contracts
import Foundation
import Messaging
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// An older backup of a service's store, while the log has gone on.
struct RestoreTests {
    let service: TestService

    init() throws { service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03")) }

    /// A copy of the store's files as they are now, as an operator's backup would be.
    func backup(_ name: String = "backup") throws -> String {
        let path = service.folder.appendingPathComponent("\(name).db").path
        for suffix in ["", "-wal"] {
            let source = service.folder.appendingPathComponent("store.db\(suffix)").path
            if FileManager.default.fileExists(atPath: source) { try FileManager.default.copyItem(atPath: source, toPath: path + suffix) }
        }
        return path
    }

    func engine(over path: String, _ definition: ServiceDefinition = Ledger.definition()) throws -> Engine {
        try Engine(definition, database: SQLiteDatabase(path: path), log: service.log, clock: service.clock)
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
        let path = try backup()
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
        while try restored.relayStep() > 0 {}
        #expect(try restored.snapshot().consumed == 2)
        #expect(try count("p1", restored) == 4)
        try command("p1", on: restored, id: "window-2")
        while try restored.relayStep() > 0 {}
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
        let path = try backup()
        for id in ["a", "b", "c"] { try service.deliver(Ledger.result("p1", id)) }
        #expect(try engine(over: path).restore().records == 3)
        let again = try engine(over: path)
        #expect(try again.snapshot().restoreNeeded == nil)
        let rows = try again.database.read { try Outbox.rows(after: 0, limit: 99, in: $0) }
        #expect(rows.map(\.number) == [1, 2, 3])
        // Republishing from the restored journal gives the same bytes.
        let before = service.log.records(PersonsMerged.topic).map(\.value)
        try again.republish(PersonsMerged.topic)
        while try again.relayStep() > 0 {}
        #expect(service.log.records(PersonsMerged.topic).map(\.value) == before + before)
    }

    @Test func `a crash in the middle of a restore leaves the rest to the next one`() throws {
        let path = try backup()
        for id in ["a", "b", "c", "d"] { try service.deliver(Ledger.result("p1", id)) }
        // As after a crash behind the first transaction of a restore: a part is in the journal and in the state.
        let early = try backup("early")
        let first = try engine(over: path)
        #expect(try first.restore().records == 4)
        #expect(try count("p1", first) == 4)
        let whole = try engine(over: early)
        #expect(try whole.snapshot().restoreNeeded == nil)
        #expect(throws: Engine.RestoreRefused.notNeeded) { try whole.restore() }
    }

    @Test
    func `state that this build cannot rebuild refuses the restore, and changes nothing until somebody takes it into the journal only`()
        throws
    {
        let path = try backup()
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
        while try restored.relayStep() > 0 {}
        #expect(try count("p1", restored) == 1)
        #expect(try said("p1").count == 1)
        consumer.close(within: .seconds(1))
    }

    @Test func `numbers the log has lost too are named`() throws {
        let path = try backup()
        for id in ["a", "b", "c", "d"] { try service.deliver(Ledger.result("p1", id)) }
        let place = TopicPartition(topic: PersonsMerged.topic, partition: Partitioner.partition(key: "p1", partitions: 32))
        service.log.trim(place, below: 2)
        let report = try engine(over: path).restore()
        #expect(report.streams.flatMap(\.lost) == ["1-2"])
        #expect(report.records == 2)
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
