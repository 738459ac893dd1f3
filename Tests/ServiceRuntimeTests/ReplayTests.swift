import Contracts
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// `careloop dead-letters replay` after a fix: once, bounded, and behind what the key already waits for.
struct ReplayTests {
    let script = Scripted()
    let service: TestService

    init() throws { service = try TestService(script.definition(), today: LocalDate("2024-06-03")) }

    private func onlyLetter() throws -> DeadLetters.Letter { try #require(try service.letters().first) }

    @Test func `a letter replayed after a fix is applied exactly once, however often it is asked for`() throws {
        try service.deliver(Ledger.result("p1", "new a"))
        try service.deliver(Ledger.result("p1", "b"))
        let id = try onlyLetter().record.id
        #expect(throws: Engine.ReplayRefused.failedAgain) { try service.engine.replay(id) }
        #expect(try onlyLetter().attempts == 1)
        script.upgrade()
        #expect(try service.engine.replay(id) == "done")
        #expect(throws: Engine.ReplayRefused.alreadyReplayed) { try service.engine.replay(id) }
        #expect(try service.notes() == ["b", "new a"])
        #expect(try onlyLetter().replayed)
        #expect(try service.engine.snapshot().deadLetters == 0)
        #expect(throws: Engine.ReplayRefused.unknown) { try service.engine.replay(id + 1) }
    }

    @Test func `a busy store costs a letter no attempt`() throws {
        try service.deliver(Ledger.result("p1", "new:4"))
        let id = try onlyLetter().record.id
        #expect(throws: Engine.ReplayRefused.failedAgain) { try service.engine.replay(id) }
        script.upgrade()
        for _ in 3...4 {
            #expect { try service.engine.replay(id) } throws: { ($0 as? DatabaseError)?.kind == .transient }
            #expect(try onlyLetter().attempts == 1)
        }
        #expect(try service.engine.replay(id) == "done")
        #expect(try service.notes() == ["new:4"])
    }

    @Test func `attempts are bounded`() throws {
        try service.deliver(Ledger.result("p1", "new a"))
        let id = try onlyLetter().record.id
        for _ in 0..<CoreLimits.replayAttempts {
            #expect(throws: Engine.ReplayRefused.failedAgain) { try service.engine.replay(id) }
        }
        script.upgrade()
        #expect(throws: Engine.ReplayRefused.tooManyAttempts) { try service.engine.replay(id) }
        #expect(try onlyLetter().attempts == CoreLimits.replayAttempts)
        #expect(try service.notes().isEmpty)
    }

    @Test func `a letter whose key waits queues behind it, and takes nothing from what was applied since`() throws {
        try service.deliver(Ledger.result("p1", "new a"))
        try service.deliver(Ledger.result("p1", "b"))
        try service.deliver(Ledger.result("p1", "hold:x"))
        script.upgrade()
        #expect(try service.engine.replay(onlyLetter().record.id) == "held")
        #expect(try service.notes() == ["b"])
        try service.deliver(Ledger.result("p4", "here:x"))
        #expect(try service.notes() == ["b", "s:x", "hold:x", "new a"])
        #expect(try service.held() == 0)
    }

    @Test func `a replay that fails behind a write leaves nothing`() throws {
        #expect(throws: Scripted.Broken.self) { try service.partner("fail") }
        try service.settle(patiently: CoreLimits.handlerAttempts)
        let letter = try onlyLetter()
        #expect(letter.reason == "HANDLER_FAILED")
        #expect(throws: Engine.ReplayRefused.failedAgain) { try service.engine.replay(letter.record.id) }
        #expect(try service.notes().isEmpty)
    }

    @Test func `the letter of a sensitive topic is opened for its replay, until its key is gone`() throws {
        let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))
        let keys = ShortLivedKeys(directory: nil, keptDays: 7, elapsed: time)
        let sealed = try TestService(script.definition(sealing: keys), today: LocalDate("2024-06-03"), elapsed: time)
        try sealed.partner("new a")
        try sealed.partner("new b")
        script.upgrade()
        let letters = try sealed.letters()
        #expect(try sealed.engine.replay(letters[0].record.id) == "done")
        time.advance(milliseconds: 9 * 86_400_000)
        #expect(throws: Engine.ReplayRefused.failedAgain) { try sealed.engine.replay(letters[1].record.id) }
        #expect(try sealed.notes() == ["new a"])
    }
}
