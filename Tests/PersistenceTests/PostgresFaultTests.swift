import Foundation
import Persistence
import Synchronization
import TestSupport
import Testing

/// PostgreSQL's own faults: connections cut at COMMIT, servers that go away, transactions that stand in each other's way.
struct PostgresFaultTests {
    enum Count {
        static let migration = Migration(
            "count",
            [
                "CREATE TABLE counts (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL)", "INSERT INTO counts VALUES ('a', 0)",
                "INSERT INTO counts VALUES ('b', 0)",
            ])
        static let raise = SQL("UPDATE counts SET value = value + 1 WHERE name = ?")
        static let read = SQL("SELECT value FROM counts WHERE name = ?")
    }

    private func value(_ database: any Database, _ name: String = "a") throws -> Int64? {
        try database.read { tx in try tx.first(Count.read, [.text(name)]) { $0.int(0) } }
    }

    private struct Cut {
        let proxy: CuttingProxy
        let database: any Database
        /// The same store, not through the proxy.
        let direct: any Database

        init() throws {
            let server = try PrivatePostgres.shared.get()
            let schema = server.freshSchema()
            proxy = try CuttingProxy(to: server.port)
            direct = try openDatabase(server.address(schema: schema))
            try direct.migrate([Count.migration])
            database = try openDatabase(server.address(port: proxy.port, schema: schema))
        }

        func end() throws {
            try database.close()
            try direct.close()
            proxy.stop()
        }
    }

    @Test func `a store that is closed does not wait for a statement that runs on`() async throws {
        let server = try PrivatePostgres.shared.get()
        let address = server.address(schema: server.freshSchema())
        let (database, other) = (try openDatabase(address), try openDatabase(address))
        try database.migrate([Count.migration])
        let (isLocked, mayEnd) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let hasEnded = Mutex(false)
        Thread.detachNewThread {
            // Holds the row that the other one wants; how this one ends does not matter.
            try? other.write { tx in
                try tx.run(Count.raise, ["a"])
                isLocked.signal()
                mayEnd.wait()
            }
        }
        isLocked.wait()
        let begun = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            // Waits for the row; only whether it has ended matters.
            try? database.write { tx in
                begun.signal()
                try tx.run(Count.raise, ["a"])
            }
            hasEnded.withLock { $0 = true }
        }
        begun.wait()
        try database.close()
        #expect(!hasEnded.withLock { $0 }, "it ran into its lock's limit before the store was closed")
        mayEnd.signal()
        try other.close()
    }

    @Test func `a COMMIT that the server got is a commit, though its answer was lost`() throws {
        let cut = try Cut()
        cut.proxy.meet(nextCommitWith: .loseAnswer)
        #expect(try cut.database.write { try $0.run(Count.raise, ["a"]) } == 1)
        #expect(try value(cut.direct) == 1)
        try cut.database.write { _ = try $0.run(Count.raise, ["a"]) }
        #expect(try value(cut.direct) == 2)
        try cut.end()
    }

    @Test(arguments: [CuttingProxy.Fate.loseCommit, .delayCommit, .delayCommitToTheEnd, .loseCommitAndAsker])
    func `a COMMIT that the server did not get in time never happens, and the caller may try again`(fate: CuttingProxy.Fate) throws {
        let cut = try Cut()
        cut.proxy.meet(nextCommitWith: fate)
        #expect { try cut.database.write { try $0.run(Count.raise, ["a"]) } } throws: { ($0 as? DatabaseError)?.kind == .transient }
        cut.proxy.deliverLate()
        #expect(try value(cut.direct) == 0)
        try cut.database.write { _ = try $0.run(Count.raise, ["a"]) }
        #expect(try value(cut.direct) == 1)
        try cut.end()
    }

    @Test func `whatever becomes of forty COMMITs, what was said to be done is done once`() throws {
        let cut = try Cut()
        let seed = UInt64.random(in: 0 ... .max)
        var random = Lot(state: seed)
        var done: Int64 = 0
        for _ in 0..<40 {
            cut.proxy.meet(nextCommitWith: CuttingProxy.Fate.allCases[Int(random.next()) % CuttingProxy.Fate.allCases.count])
            do {
                try cut.database.write { _ = try $0.run(Count.raise, ["a"]) }
                done += 1
            } catch let error as DatabaseError where error.kind == .transient {
                cut.proxy.deliverLate()
            }
        }
        #expect(try value(cut.direct) == done, "seed \(seed)")
        #expect(done > 0 && done < 40, "seed \(seed)")
        try cut.end()
    }

    /// A small generator of our own, so that the seed printed gives the same fates again.
    private struct Lot: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
    }

    @Test func `a server that crashes in mid-transaction leaves nothing of it, and the store finds it again`() throws {
        let server = try PrivatePostgres(durable: true)
        let database = try openDatabase(server.address())
        try database.migrate([Count.migration])
        try database.write { _ = try $0.run(Count.raise, ["a"]) }
        #expect {
            try database.write { tx in
                try tx.run(Count.raise, ["a"])
                try server.restart()
                try tx.run(Count.raise, ["a"])
            }
        } throws: { ($0 as? DatabaseError)?.kind == .transient }
        #expect(try value(database) == 1)
        // Idle connections died as well: nobody notices.
        try server.restart()
        try database.write { _ = try $0.run(Count.raise, ["a"]) }
        #expect(try value(database) == 2)
        try server.stop()
        #expect { try database.write { _ = try $0.run(Count.raise, ["a"]) } } throws: { ($0 as? DatabaseError)?.kind == .transient }
        try server.start()
        try database.write { _ = try $0.run(Count.raise, ["a"]) }
        #expect(try value(database) == 3)
        try database.close()
    }

    @Test func `of two transactions that lock each other out one is overtaken and told so`() throws {
        let store = try TemporaryStore(.postgres, migrations: [Count.migration])
        let both = Meeting()
        let errors = Mutex<[DatabaseError]>([])
        let database = store.database
        DispatchQueue.concurrentPerform(iterations: 2) { index in
            let names = index == 0 ? ["a", "b"] : ["b", "a"]
            do {
                try database.write { tx in
                    try tx.run(Count.raise, [.text(names[0])])
                    both.arrive()
                    try tx.run(Count.raise, [.text(names[1])])
                }
            } catch { errors.withLock { $0.append(error as! DatabaseError) } }
        }
        #expect(errors.withLock { $0.map(\.kind) } == [.transient])
        #expect(errors.withLock { $0.allSatisfy(\.wasOvertaken) })
        #expect(try value(database, "a") == 1)
        #expect(try value(database, "b") == 1)
    }

    /// Where two wait until both are there.
    private final class Meeting: Sendable {
        private let arrived = DispatchSemaphore(value: 0)
        private let first = Mutex(true)
        func arrive() {
            let isFirst = first.withLock { first in
                defer { first = false }
                return first
            }
            if isFirst { _ = arrived.wait(timeout: .now() + 10) } else { arrived.signal() }
        }
    }

    @Test func `a transaction whose statement failed cannot be committed by ignoring the error`() throws {
        let store = try TemporaryStore(.postgres, migrations: [Count.migration])
        #expect {
            try store.database.write { tx in
                try tx.run(Count.raise, ["a"])
                do { try tx.run(SQL("INSERT INTO counts VALUES ('a', 9)")) } catch is DatabaseError {}
            }
        } throws: { ($0 as? DatabaseError)?.kind == .constraint }
        #expect(try value(store.database) == 0)
    }

    @Test func `text with a NUL byte is refused clearly`() throws {
        let store = try TemporaryStore(.postgres, migrations: [Count.migration])
        #expect { try store.database.write { try $0.run(Count.raise, ["a\u{0}"]) } } throws: { "\($0)".contains("NUL byte") }
    }

    @Test func `instances that start together migrate once`() throws {
        let server = try PrivatePostgres.shared.get()
        let url = server.address()
        let errors = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            do {
                let database = try openDatabase(url)
                try database.migrate(CoreSchema.migrations + [Count.migration])
                try database.close()
            } catch { errors.withLock { $0.append("\(error)") } }
        }
        #expect(errors.withLock { $0 } == [])
    }
}

struct PostgresPartsTests {
    @Test func `placeholders are numbered outside of quotes`() throws {
        let store = try TemporaryStore(.postgres)
        let words = try store.database.read { tx in
            try tx.first(SQL("SELECT '?', CAST(? AS TEXT), '''?', CAST(? AS TEXT)"), ["one", "two"]) {
                [$0.text(0), $0.text(1), $0.text(2), $0.text(3)]
            }
        }
        #expect(words == ["?", "one", "'?", "two"])
    }

    @Test func `an address keeps its password to itself and its schema for itself`() throws {
        let address = try PostgresAddress("postgres://user:p%40ss@host:6000/db?schema=screen%69ng&sslmode=require")
        #expect(address.schema == "screening")
        #expect("\(address)" == "PostgreSQL host:6000/db, schema screening")
        let socket = try PostgresAddress("postgres:///db?host=/run/postgresql&schema=x")
        #expect("\(socket)" == "PostgreSQL /run/postgresql/db, schema x")
        for bad in ["postgres://u:secret@host:port:1/db", "postgres://u:secret%zz@host/db", "postgres://u:secret@host/db?nonsense=1"] {
            #expect { try PostgresAddress(bad) } throws: { !"\($0)".contains("secret") }
        }
    }

    @Test func `a Unix socket serves as well`() throws {
        let server = try PrivatePostgres.shared.get()
        let database = try openDatabase(
            "postgres://careloop@/postgres?host=\(server.folder)&port=\(server.port)&schema=\(server.freshSchema())")
        #expect(try database.read { tx in try tx.first(SQL("SELECT 7")) { $0.int(0) } } == 7)
        try database.close()
    }

    @Test(arguments: Store.allCases)
    func `sums, lengths, empty and missing values, and the order of text come back alike`(kind: Store) throws {
        let store = try TemporaryStore(
            kind, migrations: [Migration("m", ["CREATE TABLE m (id INTEGER NOT NULL PRIMARY KEY, word TEXT, body BLOB, number INTEGER)"])])
        let insert = SQL("INSERT INTO m (word, body, number) VALUES (?, ?, ?)")
        try store.database.write { tx in
            try tx.runAll(
                insert,
                [
                    ["ä", .blob([0, 255]), .int(Int64.max - 5)], ["Z", .blob([]), -7], ["a", nil, nil], [nil, .blob([1]), 20_000],
                    ["", nil, 2],
                ])
        }
        func numbers(_ sql: SQL, _ values: [Value] = []) throws -> [Int64?] {
            try store.database.read { tx in try tx.rows(sql, values) { $0.intOrNil(0) } }
        }
        let words = try store.database.read { tx in
            try tx.rows(SQL("SELECT word FROM m WHERE word IS NOT NULL ORDER BY word")) { $0.text(0) }
        }
        #expect(words == ["", "Z", "a", "ä"])
        let bodies = try store.database.read { tx in try tx.rows(SQL("SELECT body FROM m ORDER BY id")) { $0.blobOrNil(0) } }
        #expect(bodies == [[0, 255], [], nil, [1], nil])
        #expect(try numbers(SQL("SELECT length(body) FROM m ORDER BY id")) == [2, 0, nil, 1, nil])
        #expect(try numbers(SQL("SELECT sum(number) FROM m WHERE number < ?"), [.int(Int64.max / 2)]) == [19_995])
        #expect(try numbers(SQL("SELECT sum(number) FROM m WHERE number < 0")) == [-7])
        #expect(try numbers(SQL("SELECT sum(number) FROM m WHERE number > 20000")) == [Int64.max - 5])
        #expect(try numbers(SQL("SELECT 7 / 2")) == [3])
    }
}
