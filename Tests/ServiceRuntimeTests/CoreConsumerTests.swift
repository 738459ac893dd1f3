import Contracts
import Messaging
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

struct CoreConsumerTests {
    let service: TestService

    init() throws { service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03")) }

    func notes() throws -> [String] { try service.database.read { tx in try tx.rows(LedgerTable.notes) { $0.text(0) } } }
    func count(_ person: String) throws -> Int {
        try service.database.read { tx in try LedgerTable.load(PersonID(person), in: tx)?.state.count ?? 0 }
    }

    @Test func `a fact has its effect, is said once and is numbered from one`() throws {
        try service.deliver(Ledger.result("p1", "a"))
        try service.deliver(Ledger.result("p1", "b"))
        #expect(try count("p1") == 2)
        let said = try service.said()
        #expect(said.map(\.number) == [1, 2])
        #expect(try service.engine.snapshot().outboxPending == 0)
    }

    @Test(arguments: Store.allCases) func `a key with a NUL byte in it is buried like any other, whatever the store`(kind: Store) throws {
        let service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03"), store: kind)
        let record = OutgoingRecord(
            topic: ResultAccepted.topic, partition: 0, key: [0, 65], value: [0xff], headers: [], timestamp: service.clock.now)
        try service.append([record])
        for _ in 0..<10 { _ = try service.consume() }
        #expect(try service.engine.snapshot().deadLetters == 1)
    }

    @Test func `a repeat of an applied number has no second effect`() throws {
        let number = try service.deliver(Ledger.result("p1", "a"))
        try service.deliver(Ledger.result("p1", "a"), number: number)
        #expect(try count("p1") == 1)
        #expect(try service.engine.snapshot().repeats == 1)
    }

    @Test func `a number beyond the next is not applied, opens a gap, and the missing number closes it`() throws {
        try service.deliver(Ledger.result("p1", "a"))
        try service.deliver(Ledger.result("p1", "c"), number: 3)
        #expect(try notes() == ["a"])
        #expect(try service.engine.snapshot().openGaps.count == 1)
        try service.deliver(Ledger.result("p1", "b"), number: 2)
        try service.deliver(Ledger.result("p1", "c"), number: 3)
        #expect(try notes() == ["a", "b", "c"])
        #expect(try service.engine.snapshot().openGaps.isEmpty)
    }

    @Test func `what is held is applied in order when its subject appears, and later records of the key queue behind it`() throws {
        try service.deliver(Ledger.result("late", "hold"))
        try service.deliver(Ledger.result("late", "second"))
        #expect(try notes().isEmpty)
        #expect(try service.engine.snapshot().held == 2)
        try service.command(as: .service("test")) { work in
            try work.execute(.count(limit: 9), LedgerTable.self, PersonID("late"))
            try work.save()
            try work.release("person:late")
        }
        #expect(try notes() == ["hold", "second"])
        #expect(try count("late") == 3)
        #expect(try service.engine.snapshot().held == 0)
    }

    @Test func `an unusable record becomes a dead letter with its bytes, and its neighbours are applied`() throws {
        try service.deliver(Ledger.result("p1", "a"))
        try service.deliver(Ledger.result("p1", "bury"))
        try service.deliver(Ledger.result("p1", "b"))
        #expect(try notes() == ["a", "b"])
        let letter = try #require(try service.database.read { try DeadLetters.list(after: 0, limit: 9, all: false, in: $0) }.first)
        #expect(letter.reason == "BAD")
        let (meta, _) = try Envelope.decode(try #require(letter.record.body))
        #expect(meta.type == ResultAccepted.type)
    }

    @Test func `a refusal after a write leaves no write, and the next record is applied`() throws {
        try service.deliver(Ledger.result("p1", "write-then-refuse"))
        try service.deliver(Ledger.result("p1", "a"))
        #expect(try notes() == ["a"])
        #expect(try service.engine.snapshot().refused == ["TOO_MANY": 1])
        #expect(try service.engine.snapshot().deadLetters == 0)
    }

    @Test func `a handler that fails every time leaves no write and a dead letter that names the failure`() throws {
        #expect(throws: Ledger.Broken.self) { try service.deliver(Ledger.result("p1", "write-then-fail")) }
        try service.settle(patiently: CoreLimits.handlerAttempts)
        try service.deliver(Ledger.result("p1", "a"))
        #expect(try notes() == ["a"])
        let letter = try #require(try service.database.read { try DeadLetters.list(after: 0, limit: 9, all: false, in: $0) }.first)
        #expect(letter.reason == "HANDLER_FAILED")
    }

    @Test func `a deadline fires once, when the day after it has begun`() throws {
        try service.deliver(Ledger.result("p1", "a"))
        try service.passDay(to: LocalDate("2024-06-06"))
        #expect(try notes() == ["a"])
        try service.passDay(to: LocalDate("2024-06-07"))
        try service.passDay(to: LocalDate("2024-06-08"))
        #expect(try notes() == ["a", "missed p1"])
    }

    @Test func `a command that is refused writes nothing`() throws {
        #expect(throws: LedgerRules.Refused.tooMany) {
            try service.command(as: .service("test")) { work in
                try work.tx.run(LedgerTable.note, ["gone"])
                try work.execute(.count(limit: 0), LedgerTable.self, PersonID("p1"))
            }
        }
        #expect(try notes().isEmpty)
        #expect(try service.said().isEmpty)
    }

    @Test func `the same cause gives the same ids`() throws {
        let ids = try (0..<2).map { _ in
            try service.engine.perform(
                Cause(id: "one", recorded: service.clock.now, actor: .service("test"), channel: "WINDOW")
            ) { work in [work.derivedID("x"), work.derivedID("x"), work.derivedID("y")] }
        }
        #expect(ids[0] == ids[1])
        #expect(Set(ids[0]).count == 3)
    }

    @Test func `a relay whose log forgets the acknowledgement sends again, and a consumer sees repeats only`() throws {
        try service.deliver(Ledger.result("p1", "a"))
        let before = try service.said().count
        // The journal is sent once more from the start, as after `careloop republish`.
        try service.database.write { tx in try Outbox.republish(topic: PersonsMerged.topic, in: tx) }
        let again = try TestRelay.resend(service)
        #expect(again == before)
        #expect(try service.engine.snapshot().outboxPending == 0)
    }
}

/// Runs the relay until it has nothing left and counts what arrives on the log.
enum TestRelay {
    static func resend(_ service: TestService) throws -> Int {
        let ends = try service.log.ends([PersonsMerged.topic]).values.reduce(0, +)
        service.engine.forgetRelayMarks()
        while try service.engine.relayStep() > 0 {}
        return Int(try service.log.ends([PersonsMerged.topic]).values.reduce(0, +) - ends)
    }
}
