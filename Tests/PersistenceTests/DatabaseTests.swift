import Persistence
import TestSupport
import Testing

enum Statements {
    static let create = SQL("CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, word TEXT NOT NULL UNIQUE, version INTEGER NOT NULL)")
    static let insert = SQL("INSERT INTO notes (word, version) VALUES (?, ?)")
    static let rename = SQL("UPDATE notes SET word = ?")
    static let words = SQL("SELECT word FROM notes ORDER BY id")
    static let version = SQL("SELECT version FROM notes WHERE id = ?")
    static let raise = SQL("UPDATE notes SET version = version + 1 WHERE id = ? AND version = ?")
}

/// What every store promises.
struct DatabaseTests {
    @Test(arguments: Store.allCases) func `what a transaction throws away is gone, and what it commits stays`(kind: Store) throws {
        struct Stop: Error {}
        let store = try TemporaryStore(kind, migrations: [Migration("notes", [Statements.create.text])])
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

    @Test(arguments: Store.allCases) func `a broken constraint and a write in a read are told apart`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: [Migration("notes", [Statements.create.text])])
        try store.database.write { tx in _ = try tx.run(Statements.insert, ["word", 1]) }
        #expect { try store.database.write { tx in _ = try tx.run(Statements.insert, ["word", 1]) } } throws: { error in
            (error as? DatabaseError)?.kind == .constraint
        }
        #expect { try store.database.read { tx in _ = try tx.run(Statements.insert, ["other", 1]) } } throws: { error in
            (error as? DatabaseError)?.kind == .unusable
        }
    }

    private enum Known: String { case old }

    @Test(arguments: Store.allCases) func `a stored word that this build does not know is the store's fault`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: [Migration("notes", [Statements.create.text])])
        try store.database.write { tx in _ = try tx.run(Statements.insert, ["old", 1]) }
        #expect(try store.database.read { tx in try tx.first(Statements.words) { try $0.word(0, Known.self) } } == .old)
        #expect(try store.database.read { tx in try tx.first(Statements.words) { try $0.wordOrNil(0, Known.self) } } == .old)
        try store.database.write { tx in _ = try tx.run(Statements.rename, ["novel"]) }
        #expect { try store.database.read { tx in try tx.first(Statements.words) { try $0.word(0, Known.self) } } } throws: { error in
            let fault = error as? DatabaseError
            return fault?.kind == .newerStore && fault?.kind.isOfStore == true && fault?.message.contains("novel") == false
        }
    }

    @Test(arguments: Store.allCases) func `a version check lets one of two writers through`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: [Migration("notes", [Statements.create.text])])
        try store.database.write { tx in _ = try tx.run(Statements.insert, ["word", 1]) }
        let first = try store.database.write { tx in try tx.run(Statements.raise, [1, 1]) }
        let second = try store.database.write { tx in try tx.run(Statements.raise, [1, 1]) }
        #expect(first == 1)
        #expect(second == 0)
    }

    @Test(arguments: Store.allCases) func `a query inside another's rows leaves the outer row in place`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: [Migration("notes", [Statements.create.text])])
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

    @Test(arguments: Store.allCases) func `an old build refuses a store that a newer build has migrated`(kind: Store) throws {
        let store = try TemporaryStore(kind, migrations: [Migration("notes", [Statements.create.text])])
        #expect { try store.database.migrate([]) } throws: { error in (error as? DatabaseError)?.kind == .newerStore }
    }
}
