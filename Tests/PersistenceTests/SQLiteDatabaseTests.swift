import Foundation
import Persistence
import TestSupport
import Testing

struct SQLiteDatabaseTests {
    static let synchronous = SQL("PRAGMA synchronous")
    static let journal = SQL("PRAGMA journal_mode")

    @Test func `synchronous is really FULL and the journal is a WAL`() throws {
        let store = try TemporaryStore(.sqlite)
        let (level, mode) = try store.database.write { tx in
            (try tx.first(Self.synchronous) { $0.int(0) }, try tx.first(Self.journal) { $0.text(0) })
        }
        #expect(level == 2)
        #expect(mode == "wal")
    }

    @Test func `a flipped page is refused when the store is opened`() throws {
        let store = try TemporaryStore(.sqlite, migrations: [Migration("notes", [Statements.create.text])])
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
        let store = try TemporaryStore(.sqlite)
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
