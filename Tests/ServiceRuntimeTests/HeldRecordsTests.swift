import Contracts
import Messaging
import Persistence
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// Records whose subject is not there yet: bounded by count, by source and by time, and never anybody else's trouble.
struct HeldRecordsTests {
    let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))
    let script = Scripted()
    let service: TestService

    init() throws {
        service = try TestService(script.definition(sealing: nil), today: LocalDate("2024-06-03"), elapsed: time)
    }

    private func hours(_ count: Int) throws { try service.live(hours: count, on: time) }
    private var later: Int { Int(CoreLimits.heldPatience.components.seconds / 3600) }

    /// Fills the hold with records of nobody's, `spare` places left.
    private func fill(spare: Int = 0) throws {
        let count = CoreLimits.heldRecords - spare
        try service.database.write { tx in
            for number in 0..<count {
                try HeldRecords.add(
                    StoredRecord(
                        topic: PersonRegistered.topic, partition: 0, offset: Int64(number), key: "x\(number)", headers: [], body: []),
                    subject: "s:nobody", nowMs: time.wallMilliseconds, in: tx)
            }
        }
    }

    private func makeRoom(_ count: Int) throws {
        try service.database.write { tx in
            for row in try HeldRecords.list(after: 0, limit: count, in: tx) { try HeldRecords.remove(row.id, in: tx) }
        }
    }

    @Test func `a full hold pauses only the partition that wants to hold more, and it goes on when something is released`() throws {
        try fill(spare: 1)
        try service.deliver(Ledger.result("p1", "hold:a"))
        #expect(try service.held() == CoreLimits.heldRecords)
        try service.deliver(Ledger.result("p1", "hold:b"))
        try service.deliver(Ledger.result("p4", "x"))
        try service.deliver(Ledger.result("p1", "y"))
        #expect(try service.notes() == ["x"], "the other partition went on")
        let status = try service.engine.snapshot()
        #expect(status.paused.map(\.partition) == [Partitioner.partition(key: "p1", partitions: 32)])
        #expect(status.held == CoreLimits.heldRecords)
        try makeRoom(5)
        try service.deliver(Ledger.result("p4", "z"))
        try service.settle()
        #expect(try service.engine.snapshot().paused.isEmpty)
        #expect(try service.held() == CoreLimits.heldRecords - 5 + 2, "the one that had no room and the one behind it")
        try service.deliver(Ledger.result("p4", "here:a"))
        try service.deliver(Ledger.result("p4", "here:b"))
        #expect(try service.notes() == ["x", "z", "s:a", "hold:a", "s:b", "hold:b", "y"])
    }

    @Test func `a paused partition is tried again by time, because its record may not need the hold any more`() throws {
        try fill()
        try service.deliver(Ledger.result("p1", "hold:a"))
        #expect(try service.engine.snapshot().paused.count == 1)
        try service.deliver(Ledger.result("p4", "here:a"))
        #expect(try service.notes() == ["s:a"])
        time.advance(milliseconds: 1_001)
        try service.settle()
        #expect(try service.notes() == ["s:a", "hold:a"])
    }

    @Test func `what waits too long becomes a dead letter with its bytes, and the later ones of its key get their turn in order`() throws {
        try service.deliver(Ledger.result("p1", "hold:never"))
        try hours(1)
        // Younger than the bound when the one before them is given up: they must not wait on for what it waited for.
        try service.deliver(Ledger.result("p1", "first"))
        try service.deliver(Ledger.result("p1", "hold:soon"))
        try service.deliver(Ledger.result("p1", "last"))
        try hours(later - 2)
        try service.settle()
        #expect(try service.held() == 4)
        try hours(1)
        try service.settle()
        let letter = try #require(try service.letters().first)
        #expect(letter.reason == "SUBJECT_NEVER_CAME")
        #expect(try Envelope.decode(try #require(letter.record.body)).meta.type == ResultAccepted.type)
        #expect(try service.notes() == ["first"])
        #expect(try service.held() == 2, "the younger one waits on, and the one behind it")
        try service.deliver(Ledger.result("p4", "here:soon"))
        #expect(try service.notes() == ["first", "s:soon", "hold:soon", "last"])
        #expect(try service.letters().count == 1)
        #expect(try service.said(DeadLettered.self).map(\.reason) == ["SUBJECT_NEVER_CAME"])
    }

    @Test func `a subject that came just now is not missed by the bound`() throws {
        try service.deliver(Ledger.result("p1", "hold:a"))
        // It came, and nobody released what waited for it: what another instance may do at the same moment.
        try service.database.write { try $0.run(LedgerTable.note, ["s:a"]) }
        try hours(later)
        try service.settle()
        #expect(try service.notes() == ["s:a", "hold:a"])
        #expect(try service.letters().isEmpty)
    }

    @Test func `where several write at once, the second look lets nothing past an older record of its line`() throws {
        let engine = try Engine(
            script.definition(), database: RowLockingDatabase(service.database), log: service.log, clock: service.clock)
        for id in ["hold:a", "behind"] {
            try service.deliver(Ledger.result("p1", id))
            for _ in 0..<8 {
                time.advance(milliseconds: 6_000)
                while try engine.timerStep() > 0 {}
            }
        }
        #expect(try service.held() == 2)
        try service.deliver(Ledger.result("p4", "here:a"))
        #expect(try service.notes() == ["s:a", "hold:a", "behind"])
    }

    @Test func `where several write at once, a subject that came while its record was held is found after half a minute`() throws {
        let engine = try Engine(
            script.definition(), database: RowLockingDatabase(service.database), log: service.log, clock: service.clock)
        try service.deliver(Ledger.result("p1", "hold:a"))
        try service.deliver(Ledger.result("p4", "hold:b"))
        // The other transaction committed beside the one that held.
        try service.database.write { try $0.run(LedgerTable.note, ["s:a"]) }
        #expect(try engine.timerStep() == 0)
        time.advance(milliseconds: 29_000)
        #expect(try engine.timerStep() == 0)
        time.advance(milliseconds: 6_000)
        while try engine.timerStep() > 0 {}
        #expect(try service.notes() == ["s:a", "hold:a"])
        #expect(try service.held() == 1)
        // Once is enough.
        let tries = script.tries.withLock { $0["hold:b"] }
        for _ in 0..<3 {
            time.advance(milliseconds: 31_000)
            _ = try engine.timerStep()
        }
        #expect(script.tries.withLock { $0["hold:b"] } == tries)
    }

    @Test func `a second look whose write fails is taken again`() throws {
        let store = DyingDatabase(RowLockingDatabase(service.database))
        let engine = try Engine(script.definition(), database: store, log: service.log, clock: service.clock)
        try service.deliver(Ledger.result("p1", "hold:a"))
        try service.database.write { try $0.run(LedgerTable.note, ["s:a"]) }
        #expect(try engine.timerStep() == 0)
        time.advance(milliseconds: 29_000)
        #expect(try engine.timerStep() == 0)
        #expect(try service.notes() == ["s:a"])
        // The store's clock is moved on; what is to be looked at again cannot be called.
        time.advance(milliseconds: 6_000)
        store.die(after: 1)
        #expect(throws: DatabaseError.self) { try engine.timerStep() }
        store.revive()
        for _ in 0..<2 {
            time.advance(milliseconds: 6_000)
            while try engine.timerStep() > 0 {}
        }
        #expect(try service.notes() == ["s:a", "hold:a"])
    }

    @Test func `an unknown type waits for an upgrade however long`() throws {
        var record = try service.fact("p1", "x", number: 2)
        let (decoded, data) = try Envelope.decode(record.value!)
        var meta = decoded
        meta.type = "careloop.screening.of-tomorrow.v1"
        record.value = Envelope.encode(meta, data: data)
        // Behind one that is given up, it gets its turn, and waits on for the same reason.
        try service.deliver(Ledger.result("p1", "hold:never"))
        try service.append([record])
        try service.settle()
        #expect(try service.held() == 2)
        try hours(later * 3)
        try service.settle()
        #expect(try service.held() == 1)
        #expect(try service.letters().map(\.reason) == ["SUBJECT_NEVER_CAME"])
    }

    @Test func `what an older build held because it did not know the type goes through its handler in the build that does`() throws {
        try service.deliver(Ledger.result("p1", "hold:a"))
        // As an older build left it.
        try service.database.write { tx in
            try HeldRecords.moveAll(waitingFor: "s:a", to: Dispatcher.unknownType + ResultAccepted.type, in: tx)
            try tx.run(LedgerTable.note, ["s:a"])
        }
        let upgraded = try Engine(script.definition(), database: service.database, log: service.log, clock: service.clock)
        while try upgraded.timerStep() > 0 {}
        #expect(try service.notes() == ["s:a", "hold:a"])
        #expect(try service.held() == 0)
    }

    @Test func `a clock set forward buries nothing, and one set back keeps nothing longer`() throws {
        for days in [400, -400] {
            let time = JumpingTime()
            let service = try TestService(script.definition(), today: LocalDate("2024-06-03"), elapsed: time)
            try service.deliver(Ledger.result("p1", "hold:a"))
            time.jump(days: days)
            try service.live(hours: later - 1, on: time.passing)
            try service.settle()
            #expect(try service.held() == 1 && service.letters().isEmpty, "set by \(days) days")
            try service.live(hours: 2, on: time.passing)
            try service.settle()
            #expect(try service.letters().map(\.reason) == ["SUBJECT_NEVER_CAME"], "set by \(days) days")
        }
    }

    @Test func `a service that stood still for a week reads on before it gives anything up`() throws {
        try service.deliver(Ledger.result("p1", "hold:a"))
        try hours(later - 1)
        service.disconnect()
        // What it waits for was said meanwhile, and nobody was there to read it.
        try service.append([try service.fact("p4", "here:a", number: 1)])
        time.advance(milliseconds: 7 * 86_400_000)
        let again = try Engine(script.definition(), database: service.database, log: service.log, clock: service.clock)
        for _ in 0..<3 { _ = try again.timerStep() }
        time.advance(milliseconds: 86_400_000)
        _ = try again.timerStep()
        #expect(try service.letters().isEmpty, "a look after a long freeze is one look")
        let client = try again.openConsumer()
        defer { client.close(within: .zero) }
        for _ in 0..<5 { _ = try again.consumeStep(client) }
        #expect(try service.notes() == ["s:a", "hold:a"])
    }

    @Test func `of two instances one counts the time that something has waited`() throws {
        let other = try Engine(script.definition(), database: service.database, log: service.log, clock: service.clock)
        try service.deliver(Ledger.result("p1", "hold:a"))
        for _ in 0..<100 {
            time.advance(milliseconds: 10_000)
            _ = try service.engine.timerStep()
            _ = try other.timerStep()
        }
        #expect(try service.database.read { try StoreClock.reading(in: $0) } == 1_000_000)
    }

    @Test func `neighbours in the batch of a record that finds no room are applied, wherever they stand`() throws {
        for word in ["a", "b", "c"] { try service.deliver(Ledger.result("p4", word)) }
        try fill()
        try service.append([try service.fact("p1", "hold:x", number: 1), try service.fact("p4", "d", number: 4)])
        try service.settle()
        #expect(try service.notes() == ["a", "b", "c", "d"])
        #expect(try service.engine.snapshot().paused.map(\.partition) == [Partitioner.partition(key: "p1", partitions: 32)])
    }

    @Test func `a partner who names what never was pauses its own topic, and after the bound its records are dead letters`() throws {
        for number in 0..<(CoreLimits.heldPerPartnerTopic + 50) { try service.partner("hold:ghost\(number)") }
        #expect(try service.held() == CoreLimits.heldPerPartnerTopic)
        try service.partner("from the other", from: Scripted.other)
        try service.deliver(Ledger.result("p1", "a fact"))
        #expect(try service.notes() == ["from the other", "a fact"])
        #expect(try service.engine.snapshot().paused.count == 1)
        try hours(6)
        time.advance(milliseconds: 1_001)
        try service.settle()
        time.advance(milliseconds: 1_001)
        try service.settle()
        #expect(try service.letters().count == CoreLimits.heldPerPartnerTopic)
        #expect(try service.held() == 50, "read on once there was room")
        #expect(try service.engine.snapshot().paused.isEmpty)
    }

    @Test func `a held record that breaks when it is released is its own trouble, not that of what released it`() throws {
        try service.deliver(Ledger.result("p1", "holdfail:a"))
        try service.deliver(Ledger.result("p1", "behind"))
        try service.deliver(Ledger.result("p3", "hold:a"))
        try service.append([try service.fact("p4", "here:a", number: 1)])
        try service.settle(patiently: 10)
        #expect(try service.notes() == ["s:a", "hold:a", "behind"])
        #expect(try service.letters().map(\.reason) == ["HANDLER_FAILED"])
        #expect(try service.held() == 0)
    }

    @Test func `what is held of a sensitive topic is sealed whole, released in order and buried without being opened`() throws {
        let keys = ShortLivedKeys(directory: nil, keptDays: 30, elapsed: time)
        let sealed = try TestService(script.definition(sealing: keys), today: LocalDate("2024-06-03"), elapsed: time)
        let canary = "379999202109010025"
        try sealed.deliver(
            partner: RawScreeningResult.topic, organisation: Scripted.partner, key: canary, value: Array("hold:a".utf8),
            headers: [LogHeader(name: "who", text: canary)])
        try sealed.deliver(
            partner: RawScreeningResult.topic, organisation: Scripted.partner, key: canary, value: Array("hold:never \(canary)".utf8),
            headers: [LogHeader(name: "who", text: canary)])
        try sealed.deliver(
            partner: RawScreeningResult.topic, organisation: Scripted.partner, key: canary, value: Array("bury".utf8),
            headers: [LogHeader(name: "who", text: canary)])
        func everything() throws -> [UInt8] {
            try sealed.database.read { tx in
                let held = try HeldRecords.waiting(for: "s:a", in: tx)
                let letters = try DeadLetters.list(after: 0, limit: 10, all: true, in: tx).map(\.record)
                return (held + letters).flatMap { Array($0.key.utf8) + $0.headers + ($0.body ?? []) }
            }
        }
        #expect(try !String(decoding: everything(), as: UTF8.self).contains(canary))
        let letter = try #require(try sealed.letters().first)
        #expect(letter.record.sealedWith != nil)
        let published = try #require(try sealed.said(DeadLettered.self).first)
        #expect(!published.key.contains(canary))
        #expect(!String(decoding: published.original, as: UTF8.self).contains(canary))
        try sealed.partner("here:a", key: "other")
        #expect(try sealed.notes() == ["s:a", "hold:a"])
        try sealed.live(hours: 7, on: time)
        try sealed.settle()
        #expect(try sealed.letters().map(\.reason) == ["BAD", "SUBJECT_NEVER_CAME"])
        #expect(try !String(decoding: everything(), as: UTF8.self).contains(canary))
        let opened = try SealedRecords.opened(try sealed.letters()[1].record, keys)
        #expect(opened.key == canary && String(decoding: opened.body ?? [], as: UTF8.self) == "hold:never \(canary)")
        #expect(WireHeaders.decode(opened.headers) == [LogHeader(name: "who", text: canary)])
    }
}

/// Elapsed time whose wall clock somebody sets.
private final class JumpingTime: ElapsedTime {
    /// What really passes.
    let passing = ManualTime(Instant(milliseconds: 1_717_400_000_000))
    private let set = Mutex<Int64>(0)

    func jump(days: Int) { set.withLock { $0 += Int64(days) * 86_400_000 } }
    var wallMilliseconds: Int64 { passing.wallMilliseconds + set.withLock { $0 } }
    var monotonicNanoseconds: Int64 { passing.monotonicNanoseconds }
}
