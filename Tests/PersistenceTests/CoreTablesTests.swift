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

    @Test(arguments: Store.allCases) func `a page of the outbox leaves the store with the bytes it may have and no more`(kind: Store) throws
    {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        try store.database.write { tx in
            var stream = try Outbox.stream(topic: "t", partition: 0, in: tx)
            for body in [[UInt8](repeating: 1, count: 900), nil, [2], [UInt8](repeating: 3, count: 5_000), [4], [5]] {
                try Outbox.append(stream, number: stream.nextNumber, key: "k", headers: [9], body: body, recordedMs: 0, in: tx)
                stream.nextNumber += 1
            }
            try Outbox.keep(stream, from: 1, in: tx)
            _ = try Outbox.acknowledge(stream.id, from: 0, to: 0, behind: 0, in: tx)
        }
        // Beyond the bound by the row that reaches it; at least one row, however large; and the rest.
        for (bytes, after, numbers) in [(903, 0, [1, 2, 3]), (902, 0, [1, 2]), (1, 3, [4]), (1, 0, [1]), (Int.max, 3, [4, 5, 6])] {
            try store.database.read { tx in
                let counting = CountingTransaction(tx)
                let first = try Outbox.rows(after: 0, limit: 1, in: tx)[0].id
                let start = first - 1 + Int64(after)
                #expect(try Outbox.rows(after: start, limit: 10, bytes: bytes, in: counting).map(\.number) == numbers.map { Int64($0) })
                #expect(
                    try Outbox.rowsBehind(after: start, through: first + 9, limit: 10, bytes: bytes, in: counting).map(\.number)
                        == numbers.map { Int64($0) })
                #expect(try Outbox.rows(after: start, limit: 2, bytes: .max, in: counting).count == 2)
                if kind == .postgres { #expect(counting.fetched == numbers.count * 2 + 2, "\(bytes) bytes") }
            }
        }
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
        #expect(try store.database.write { try DeadLetters.markReplayed(letter.record.id, in: $0) })
        #expect(try !store.database.write { try DeadLetters.markReplayed(letter.record.id, in: $0) }, "of two who replay it one does")
        #expect(try store.database.read { try DeadLetters.openCount(in: $0) } == 0)
    }

    @Test(arguments: Store.allCases) func `a lease is taken from where it stands, by one`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        #expect(try store.database.write { try Leases.take("l", by: "first", from: nil, in: $0) } == 1)
        #expect(try store.database.write { try Leases.take("l", by: "second", from: nil, in: $0) } == nil)
        let seen = try #require(try store.database.read { try Leases.lease("l", in: $0) })
        #expect(try store.database.write { try Leases.beat("l", term: 1, in: $0) })
        #expect(try store.database.write { try Leases.take("l", by: "second", from: seen, in: $0) } == nil, "it has shown life")
        let now = try #require(try store.database.read { try Leases.lease("l", in: $0) })
        #expect(try store.database.write { try Leases.take("l", by: "second", from: now, in: $0) } == 2)
        #expect(try store.database.write { try Leases.take("l", by: "third", from: now, in: $0) } == nil, "the second was faster")
        #expect(try !store.database.write { try Leases.beat("l", term: 1, in: $0) })
    }

    @Test(arguments: Store.allCases) func `the store's clock moves on from where it was seen, for one`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        #expect(try store.database.read { try StoreClock.reading(in: $0) } == 0)
        #expect(try store.database.write { try StoreClock.advance(from: 0, by: 5_000, in: $0) })
        #expect(try !store.database.write { try StoreClock.advance(from: 0, by: 5_000, in: $0) }, "that time is counted")
        #expect(try store.database.read { try StoreClock.reading(in: $0) } == 5_000)
        let record = StoredRecord(topic: "t", partition: 0, offset: 1, key: "k", headers: [], body: [])
        try store.database.write { try HeldRecords.add(record, subject: "s", nowMs: 77, in: $0) }
        let held = try #require(try store.database.read { try HeldRecords.list(after: 0, limit: 1, in: $0) }.first)
        #expect(held.heldAt == 5_000 && held.heldMs == 77)
    }

    @Test(arguments: Store.allCases) func `a deadline is missed when the day after it begins, and is claimed once`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        let due = try LocalDate("2024-06-12")
        let deadline = Deadlines.Deadline(kind: "review", subject: "a", due: due)
        try store.database.write { try Deadlines.set(deadline, in: $0) }
        #expect(try store.database.read { try Deadlines.missed(on: due, limit: 5, in: $0) }.isEmpty)
        #expect(try store.database.read { try Deadlines.missed(on: due.adding(days: 1), limit: 5, in: $0) } == [deadline])
        #expect(try store.database.read { try Deadlines.missed(on: due.adding(days: 1), after: deadline, limit: 5, in: $0) }.isEmpty)
        #expect(try store.database.write { try Deadlines.claim(deadline, in: $0) })
        #expect(try !store.database.write { try Deadlines.claim(deadline, in: $0) })
    }

    @Test(arguments: Store.allCases) func `a deadline that several set stays at the latest`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        let days = try ["2024-06-12", "2024-06-14", "2024-06-13"].map { try LocalDate($0) }
        for due in days {
            try store.database.write { try Deadlines.setLater(Deadlines.Deadline(kind: "daily", subject: "all", due: due), in: $0) }
        }
        #expect(try store.database.read { try Deadlines.missed(on: LocalDate("2024-07-01"), limit: 5, in: $0) }.map(\.due) == [days[1]])
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

    @Test(arguments: Store.allCases) func `an outcome that is over is replaced, and old ones are deleted, oldest first`(kind: Store) throws
    {
        let store = try TemporaryStore(kind, migrations: CoreSchema.migrations)
        let first = IdempotencyKeys.Outcome(bodyHash: [1], hashedWith: "k/1", status: 201, contentType: "application/json", body: [2])
        let second = IdempotencyKeys.Outcome(bodyHash: [3], status: 200, contentType: "application/json", body: [4])
        func keep(_ outcome: IdempotencyKeys.Outcome, _ key: String, at now: Int64, since: Int64) throws -> Bool {
            try store.database.write {
                try IdempotencyKeys.keep(outcome, principal: "p", route: "r", key: key, nowMs: now, since: since, in: $0)
            }
        }
        func kept(_ key: String, since: Int64) throws -> IdempotencyKeys.Outcome? {
            try store.database.read { try IdempotencyKeys.outcome(principal: "p", route: "r", key: key, since: since, in: $0) }
        }
        #expect(try keep(first, "k", at: 10, since: 0) && kept("k", since: 10) == first && kept("k", since: 11) == nil)
        #expect(try !keep(second, "k", at: 20, since: 10) && kept("k", since: 10) == first)
        #expect(try keep(second, "k", at: 20, since: 11) && kept("k", since: 11) == second)
        #expect(try keep(first, "older", at: 15, since: 0) && keep(first, "newer", at: 30, since: 0))
        #expect(try store.database.read { try IdempotencyKeys.oldestMs(in: $0) } == 15)
        #expect(try store.database.write { try IdempotencyKeys.delete(before: 30, limit: 1, in: $0) } == 1)
        #expect(try kept("older", since: 0) == nil && kept("k", since: 0) == second)
        #expect(try store.database.write { try IdempotencyKeys.delete(before: 30, limit: 9, in: $0) } == 1)
        #expect(try kept("k", since: 0) == nil && kept("newer", since: 0) == first)
    }
}

/// Counts the rows a query's result holds, wanted or not.
private final class CountingTransaction: Transaction {
    private let tx: any Transaction
    private(set) var fetched = 0

    init(_ tx: any Transaction) { self.tx = tx }

    var changes: Int { tx.changes }
    var locksRows: Bool { tx.locksRows }
    func run(_ sql: SQL, _ values: [Value]) throws -> Int { try tx.run(sql, values) }

    func each(_ sql: SQL, _ values: [Value], _ body: (borrowing Row) throws -> Bool) throws {
        var isWanted = true
        try tx.each(sql, values) { row in
            fetched += 1
            if isWanted { isWanted = try body(row) }
            return true
        }
    }
}
