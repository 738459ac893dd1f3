import Contracts
import Messaging
import Persistence
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

    private func hours(_ count: Int64) { time.advance(milliseconds: count * 3_600_000) }
    private var later: Int64 { CoreLimits.heldPatience.components.seconds / 3600 }

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
        try service.deliver(Ledger.result("p1", "first"))
        hours(1)
        try service.deliver(Ledger.result("p1", "hold:soon"))
        try service.deliver(Ledger.result("p1", "last"))
        hours(later - 2)
        try service.settle()
        #expect(try service.held() == 4)
        hours(1)
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
        hours(later)
        try service.settle()
        #expect(try service.notes() == ["s:a", "hold:a"])
        #expect(try service.letters().isEmpty)
    }

    @Test func `where several write at once, a subject that came while its record was held is found after half a minute`() throws {
        let engine = try Engine(
            script.definition(), database: RowLockingDatabase(service.database), log: service.log, clock: service.clock)
        try service.deliver(Ledger.result("p1", "hold:a"))
        try service.deliver(Ledger.result("p4", "hold:b"))
        // The other transaction committed beside the one that held.
        try service.database.write { try $0.run(LedgerTable.note, ["s:a"]) }
        time.advance(milliseconds: 29_000)
        #expect(try engine.timerStep() == 0)
        time.advance(milliseconds: 2_000)
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

    @Test func `an unknown type waits for an upgrade however long`() throws {
        var record = try service.fact("p1", "x", number: 1)
        let (decoded, data) = try Envelope.decode(record.value!)
        var meta = decoded
        meta.type = "careloop.screening.of-tomorrow.v1"
        record.value = Envelope.encode(meta, data: data)
        try service.append([record])
        try service.settle()
        hours(later * 100)
        try service.settle()
        #expect(try service.held() == 1)
        #expect(try service.letters().isEmpty)
    }

    @Test func `a partner who names what never was pauses its own topic, and after the bound its records are dead letters`() throws {
        for number in 0..<(CoreLimits.heldPerPartnerTopic + 50) { try service.partner("hold:ghost\(number)") }
        #expect(try service.held() == CoreLimits.heldPerPartnerTopic)
        try service.partner("from the other", from: Scripted.other)
        try service.deliver(Ledger.result("p1", "a fact"))
        #expect(try service.notes() == ["from the other", "a fact"])
        #expect(try service.engine.snapshot().paused.count == 1)
        hours(6)
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
        time.advance(milliseconds: 7 * 3_600_000)
        try sealed.settle()
        #expect(try sealed.letters().map(\.reason) == ["BAD", "SUBJECT_NEVER_CAME"])
        #expect(try !String(decoding: everything(), as: UTF8.self).contains(canary))
        let opened = try SealedRecords.opened(try sealed.letters()[1].record, keys)
        #expect(opened.key == canary && String(decoding: opened.body ?? [], as: UTF8.self) == "hold:never \(canary)")
        #expect(WireHeaders.decode(opened.headers) == [LogHeader(name: "who", text: canary)])
    }
}
