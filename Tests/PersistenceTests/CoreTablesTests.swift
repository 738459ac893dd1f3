import Persistence
import TestSupport
import Testing
import Vocabulary

struct CoreTablesTests {
    @Test(arguments: Store.allCases) func `outbox numbers are contiguous per stream and marks move only from where they stand`(kind: Store)
        throws
    {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        try store.database.write { tx in
            for partition in [Int32(0), 1, 0, 0] {
                var stream = try Outbox.stream(topic: "t", partition: partition, in: tx)
                let number = stream.nextNumber
                try Outbox.append(stream, number: number, key: "k", headers: [], body: [1], recordedMs: 0, in: tx)
                stream.nextNumber += 1
                try Outbox.keep(stream, from: number, in: tx)
            }
        }
        let rows = try store.database.read { try Outbox.rows(after: 0, limit: 10, in: $0) }
        #expect(rows.map(\.number) == [1, 1, 2, 3])
        #expect(try store.database.read { try Outbox.backlog(in: $0).rows } == 4)
        let stream = rows[0].stream
        #expect(try store.database.write { try Outbox.acknowledge(stream, from: 0, to: 2, in: $0) })
        #expect(try !store.database.write { try Outbox.acknowledge(stream, from: 0, to: 3, in: $0) })
        #expect(try store.database.write { try Outbox.acknowledge(rows[1].stream, from: 0, to: 1, in: $0) })
        #expect(try store.database.write { try Outbox.setSentThrough(rows[2].id, from: 0, in: $0) })
        #expect(try !store.database.write { try Outbox.setSentThrough(rows[3].id, from: 0, in: $0) })
        #expect(try store.database.read { try Outbox.backlog(in: $0).rows } == 1)
    }

    @Test(arguments: Store.allCases) func `two writers cannot give the same number`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        let stale = try store.database.write { try Outbox.stream(topic: "t", partition: 0, in: $0) }
        try store.database.write { tx in
            var stream = stale
            stream.nextNumber = 5
            try Outbox.keep(stream, from: 1, in: tx)
        }
        #expect { try store.database.write { try Outbox.keep(stale, from: 1, in: $0) } } throws: { error in
            (error as? DatabaseError)?.kind == .transient
        }
    }

    @Test(arguments: Store.allCases) func `a position moves by compare-and-set, so a zombie cannot commit`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        let start = Positions.Position(nextOffset: 10, lastNumber: 9)
        #expect(try store.database.write { try Positions.move("t", 0, from: nil, to: start, in: $0) })
        #expect(try !store.database.write { try Positions.move("t", 0, from: nil, to: start, in: $0) })
        let next = Positions.Position(nextOffset: 20, lastNumber: 19)
        #expect(try store.database.write { try Positions.move("t", 0, from: start, to: next, in: $0) })
        #expect(try !store.database.write { try Positions.move("t", 0, from: start, to: next, in: $0) })
        #expect(try store.database.read { try Positions.position("t", 0, in: $0) } == next)
    }

    @Test(arguments: Store.allCases) func `a gap keeps its first sighting until it closes`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        let gap = Positions.Gap(topic: "t", partition: 3, expected: 5, seen: 7, sinceMs: 100)
        try store.database.write { tx in
            try Positions.openGap(gap, in: tx)
            try Positions.openGap(Positions.Gap(topic: "t", partition: 3, expected: 5, seen: 9, sinceMs: 200), in: tx)
        }
        #expect(try store.database.read { try Positions.gaps(in: $0) } == [gap])
        try store.database.write { try Positions.closeGap("t", 3, in: $0) }
        #expect(try store.database.read { try Positions.gaps(in: $0) }.isEmpty)
    }

    @Test(arguments: Store.allCases) func `held records come back in order of arrival`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        try store.database.write { tx in
            for offset in 0..<3 {
                let record = StoredRecord(topic: "t", partition: 0, offset: Int64(offset), key: "k", headers: [1], body: [UInt8(offset)])
                try HeldRecords.add(record, subject: offset == 1 ? "other" : "person:1", nowMs: 0, in: tx)
            }
        }
        let waiting = try store.database.read { try HeldRecords.waiting(for: "person:1", in: $0) }
        #expect(waiting.map(\.offset) == [0, 2])
        try store.database.write { try HeldRecords.remove(waiting[0].id, in: $0) }
        #expect(try store.database.read { try HeldRecords.count(in: $0) } == 2)
    }

    @Test(arguments: Store.allCases) func `a dead letter keeps its bytes and is counted until it is replayed`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        let record = StoredRecord(topic: "t", partition: 2, offset: 7, key: "k", headers: [9, 9], body: [0xff, 0x00])
        try store.database.write { try DeadLetters.add(record, reason: "UNDECODABLE", field: nil, nowMs: 5, in: $0) }
        let letter = try #require(try store.database.read { try DeadLetters.list(after: 0, limit: 5, all: false, in: $0) }.first)
        #expect(letter.record.body == [0xff, 0x00])
        #expect(letter.record.headers == [9, 9])
        #expect(letter.reason == "UNDECODABLE")
        try store.database.write { try DeadLetters.markReplayed(letter.record.id, in: $0) }
        #expect(try store.database.read { try DeadLetters.openCount(in: $0) } == 0)
    }

    @Test(arguments: Store.allCases) func `a deadline is missed when the day after it begins, and is claimed once`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        let due = try LocalDate("2024-06-12")
        let deadline = Deadlines.Deadline(kind: "review", subject: "a", due: due)
        try store.database.write { try Deadlines.set(deadline, in: $0) }
        #expect(try store.database.read { try Deadlines.missed(on: due, limit: 5, in: $0) }.isEmpty)
        #expect(try store.database.read { try Deadlines.missed(on: due.adding(days: 1), limit: 5, in: $0) } == [deadline])
        #expect(try store.database.write { try Deadlines.claim(deadline, in: $0) })
        #expect(try !store.database.write { try Deadlines.claim(deadline, in: $0) })
    }

    @Test(arguments: Store.allCases) func `the first outcome of an idempotency key stays`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        let first = IdempotencyKeys.Outcome(bodyHash: [1], status: 201, contentType: "application/json", body: [2])
        let second = IdempotencyKeys.Outcome(bodyHash: [1], status: 409, contentType: "application/json", body: [3])
        #expect(try store.database.write { try IdempotencyKeys.keep(first, principal: "p", route: "r", key: "k", nowMs: 0, in: $0) })
        #expect(try !store.database.write { try IdempotencyKeys.keep(second, principal: "p", route: "r", key: "k", nowMs: 0, in: $0) })
        #expect(try store.database.read { try IdempotencyKeys.outcome(principal: "p", route: "r", key: "k", in: $0) } == first)
        #expect(try store.database.read { try IdempotencyKeys.outcome(principal: "q", route: "r", key: "k", in: $0) } == nil)
    }
}
