import Persistence
import Testing
import Vocabulary

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A store in a folder of its own, gone with the object.
final class TemporaryStore {
    let folder: URL
    let path: String
    let database: SQLiteDatabase

    init(migrations: [Migration] = CoreSchema.migrations) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-persistence-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("store.db").path
        database = try SQLiteDatabase(path: path)
        try database.migrate(migrations)
    }

    deinit {
        // Closing again is harmless, and the folder is temporary.
        try? database.close()
        try? FileManager.default.removeItem(at: folder)
    }
}

enum Statements {
    static let create = SQL("CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, word TEXT NOT NULL UNIQUE, version INTEGER NOT NULL)")
    static let insert = SQL("INSERT INTO notes (word, version) VALUES (?, ?)")
    static let words = SQL("SELECT word FROM notes ORDER BY id")
    static let version = SQL("SELECT version FROM notes WHERE id = ?")
    static let raise = SQL("UPDATE notes SET version = version + 1 WHERE id = ? AND version = ?")
    static let synchronous = SQL("PRAGMA synchronous")
    static let journal = SQL("PRAGMA journal_mode")
}

struct SQLiteDatabaseTests {
    @Test func `synchronous is really FULL and the journal is a WAL`() throws {
        let store = try TemporaryStore()
        let (level, mode) = try store.database.write { tx in
            (try tx.first(Statements.synchronous) { $0.int(0) }, try tx.first(Statements.journal) { $0.text(0) })
        }
        #expect(level == 2)
        #expect(mode == "wal")
    }

    @Test func `what a transaction throws away is gone, and what it commits stays`() throws {
        struct Stop: Error {}
        let store = try TemporaryStore(migrations: [Migration("notes", [Statements.create.text])])
        try store.database.write { tx in _ = try tx.run(Statements.insert, ["kept", 1]) }
        #expect(throws: Stop.self) {
            try store.database.write { tx in
                try tx.run(Statements.insert, ["lost", 1])
                throw Stop()
            }
        }
        let words = try store.database.read { tx in try tx.rows(Statements.words) { $0.text(0) } }
        #expect(words == ["kept"])
    }

    @Test func `a broken constraint and a write in a read are told apart`() throws {
        let store = try TemporaryStore(migrations: [Migration("notes", [Statements.create.text])])
        try store.database.write { tx in _ = try tx.run(Statements.insert, ["word", 1]) }
        #expect { try store.database.write { tx in _ = try tx.run(Statements.insert, ["word", 1]) } } throws: { error in
            (error as? DatabaseError)?.kind == .constraint
        }
        #expect { try store.database.read { tx in _ = try tx.run(Statements.insert, ["other", 1]) } } throws: { error in
            (error as? DatabaseError)?.kind == .other
        }
    }

    @Test func `a version check lets one of two writers through`() throws {
        let store = try TemporaryStore(migrations: [Migration("notes", [Statements.create.text])])
        try store.database.write { tx in _ = try tx.run(Statements.insert, ["word", 1]) }
        let first = try store.database.write { tx in try tx.run(Statements.raise, [1, 1]) }
        let second = try store.database.write { tx in try tx.run(Statements.raise, [1, 1]) }
        #expect(first == 1)
        #expect(second == 0)
    }

    @Test func `a query inside another's rows leaves the outer row in place`() throws {
        let store = try TemporaryStore(migrations: [Migration("notes", [Statements.create.text])])
        let pairs = try store.database.write { tx in
            try tx.run(Statements.insert, ["a", 1])
            try tx.run(Statements.insert, ["b", 1])
            return try tx.rows(Statements.words) { row in
                _ = try tx.first(Statements.version, [1]) { $0.int(0) }
                return row.text(0)
            }
        }
        #expect(pairs == ["a", "b"])
    }

    @Test func `an old build refuses a store that a newer build has migrated`() throws {
        let store = try TemporaryStore(migrations: [Migration("notes", [Statements.create.text])])
        #expect { try store.database.migrate([]) } throws: { error in (error as? DatabaseError)?.kind == .newerStore }
    }

    @Test func `a flipped page is refused when the store is opened`() throws {
        let store = try TemporaryStore(migrations: [Migration("notes", [Statements.create.text])])
        try store.database.write { tx in
            for number in 0..<2_000 { try tx.run(Statements.insert, [.text("word number \(number)"), 1]) }
        }
        try store.database.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: store.path))
        for page in stride(from: 4096, to: bytes.count - 4096, by: 4096) { for at in page..<(page + 64) { bytes[at] ^= 0xff } }
        try bytes.write(to: URL(fileURLWithPath: store.path))
        #expect { try SQLiteDatabase(path: store.path) } throws: { error in (error as? DatabaseError)?.kind == .corrupt }
    }

    @Test func `a store belongs to one process: a second lock is refused and says why, until the first ends`() throws {
        let store = try TemporaryStore()
        var first: StoreLock? = try StoreLock.take(for: "sqlite://\(store.path)")
        #expect(first != nil)
        #expect {
            try StoreLock.take(for: "sqlite://\(store.path)")
        } throws: { "\($0)".contains("another process of this service has it open") }
        first = nil
        #expect(try StoreLock.take(for: "sqlite://\(store.path)") != nil)
        #expect(try StoreLock.take(for: "postgres://host/name") == nil)
    }
}
