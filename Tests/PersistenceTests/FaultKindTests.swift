import Foundation
import TestSupport
import Testing

@testable import Persistence

/// Whose fault an engine's error is: the store's, which is waited for, or the request's, which is given up.
struct FaultKindTests {
    private static let raise = SQL("UPDATE notes SET version = version + 1")
    private static func notes() -> [Migration] { [Migration("notes", [Statements.create.text])] }

    private func kind(_ body: () throws -> Void) -> DatabaseError.Kind? {
        do { try body() } catch { return (error as? DatabaseError)?.kind }
        return nil
    }

    /// Result codes of SQLite 3: ERROR, TOOBIG, MISMATCH and RANGE say that a statement or a value is wrong; all others, one that does not
    /// exist yet included, are no fault of what was asked.
    @Test func `of SQLite's codes only those about a statement or a value count against what was asked`() {
        let requests: Set<Int32> = [1, 18, 19, 20, 25]
        for code in Int32(1)...40 { #expect(SQLiteDatabase.kind(ofPrimary: code).isOfStore != requests.contains(code), "\(code)") }
        #expect([3, 7, 8, 14, 15, 17, 21, 23].allSatisfy { SQLiteDatabase.kind(ofPrimary: $0) == .unusable })
        #expect(SQLiteDatabase.kind(ofPrimary: 19) == .constraint)
    }

    /// SQLSTATEs of PostgreSQL 15.
    @Test func `of PostgreSQL's states only those about a statement or a value count against what was asked`() {
        for state in ["22003", "22012", "22P02", "21000", "0A000", "42601", "42804", "42883", "54000", "P0001", "23505"] {
            #expect(!PostgresFailure.kind(state).isOfStore, "\(state)")
        }
        for state in ["25006", "25P02", "28000", "3D000", "3F000", "42501", "42P01", "42703", "55000", "F0000", "XX000", "HV000", "99999"] {
            #expect(PostgresFailure.kind(state) == .unusable, "\(state)")
        }
        for state in ["08006", "40000", "40001", "40P01", "53100", "53200", "53300", "55P03", "57014", "57P01", "58030"] {
            #expect(PostgresFailure.kind(state) == .transient, "\(state)")
        }
    }

    @Test func `a SQLite store that became read-only, or cannot be opened, cannot be used, and is no fault of what was asked`() throws {
        let store = try TemporaryStore(.sqlite, migrations: Self.notes())
        let readOnly = kind {
            try store.database.write { tx in
                try tx.run(SQL("PRAGMA query_only = 1"))
                let outcome = Result { try tx.run(Statements.insert, ["word", 1]) }
                try tx.run(SQL("PRAGMA query_only = 0"))
                _ = try outcome.get()
            }
        }
        #expect(readOnly == .unusable)
        #expect(kind { try store.database.write { _ = try $0.run(Statements.insert, ["word", 1]) } } == nil)
        #expect(kind { _ = try openDatabase("sqlite:///no/such/folder/store.db") } == .unusable)
        #expect(
            kind { try store.database.write { _ = try $0.run(SQL("INSERT INTO notes (id, word, version) VALUES ('x', 'y', 1)")) } }
                == .other)
    }

    @Test func `a PostgreSQL that became read-only, or lost a table, cannot be used, and a value that does not fit is what was asked`()
        throws
    {
        let store = try TemporaryStore(.postgres, migrations: Self.notes())
        let readOnly = kind {
            try store.database.write { tx in
                try tx.run(SQL("SET TRANSACTION READ ONLY"))
                try tx.run(Self.raise)
            }
        }
        #expect(readOnly == .unusable)
        #expect(kind { try store.database.write { _ = try $0.run(SQL("SELECT 1 / CAST(? AS BIGINT)"), [0]) } } == .other)
        try store.database.write { _ = try $0.run(SQL("DROP TABLE notes")) }
        #expect(kind { try store.database.write { _ = try $0.run(Self.raise) } } == .unusable)
    }
}
