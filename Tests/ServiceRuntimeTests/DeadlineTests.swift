import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// Deadlines that cannot be acted on, and the others.
struct DeadlineTests {
    struct PolicyMissing: Error {}

    /// More than go into one transaction fail, due before all others; `bad` and `good` are their subjects.
    private static let failing = CoreLimits.deadlineBatch + 30

    private func service(failing: Int = Self.failing) throws -> TestService {
        let service = try TestService(
            Ledger.definition(deadline: { subject, work in
                if subject.hasPrefix("bad") { throw PolicyMissing() }
                if subject.hasPrefix("store") { throw DatabaseError(kind: .unusable, message: "for a test") }
                try work.tx.run(LedgerTable.note, [.text(subject)])
            }), today: LocalDate("2024-06-03"))
        try service.database.write { tx in
            for number in 0..<failing {
                try Deadlines.set(.init(kind: "reminder", subject: "bad\(number)", due: LocalDate("2024-06-01")), in: tx)
            }
            for number in 0..<3 {
                try Deadlines.set(.init(kind: "reminder", subject: "good\(number)", due: LocalDate("2024-06-02")), in: tx)
            }
        }
        return service
    }

    @Test func `more failing deadlines than go into one transaction let the later ones pass`() throws {
        let service = try service()
        #expect(try service.engine.timerStep() == 3)
        #expect(try service.notes() == ["good0", "good1", "good2"])
        #expect(throws: PolicyMissing.self) { try service.engine.timerStep() }
        #expect(try service.engine.snapshot().deadlinesDue == Self.failing)
    }

    @Test func `a store that fails ends the step, whoever's deadline it was`() throws {
        let service = try service(failing: 2)
        try service.database.write { tx in
            try Deadlines.set(.init(kind: "reminder", subject: "store", due: LocalDate("2024-06-01")), in: tx)
        }
        #expect(throws: DatabaseError.self) { try service.engine.timerStep() }
        #expect(try service.notes().isEmpty)
    }

    @Test func `a stop ends a step between two deadlines`() throws {
        let service = try service(failing: 2)
        var looks = 0
        // Once before the page, and before each deadline: two fail, the third is fired.
        _ = try service.engine.timerStep {
            looks += 1
            return looks > 4
        }
        #expect(try service.notes() == ["good0"])
    }

    @Test func `deadlines that fail keep nothing held from being looked at`() throws {
        let service = try service()
        try service.database.write { tx in
            for number in 0..<3 { try Deadlines.clear("reminder", "good\(number)", in: tx) }
            // Waits for its turn, as what failed when it was released.
            let record = try service.fact("p1", "a", number: 1)
            try HeldRecords.add(
                StoredRecord(
                    topic: record.topic, partition: record.partition, offset: 0, key: "p1", headers: WireHeaders.encode(record.headers),
                    body: record.value), subject: Dispatcher.again, nowMs: 0, in: tx)
        }
        #expect(throws: PolicyMissing.self) { try service.engine.timerStep() }
        #expect(try service.notes() == ["a"])
    }
}
