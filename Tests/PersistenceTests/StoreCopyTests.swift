import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Persistence

/// Copies of a store made while it is written to, and put back.
struct StoreCopyTests {
    private static let migration = Migration(
        "pairs-1", ["CREATE TABLE pairs (id INTEGER NOT NULL PRIMARY KEY, debit INTEGER NOT NULL)"])
    private static let insert = SQL("INSERT INTO pairs (debit) VALUES (?)")
    private static let sums = SQL("SELECT count(*), coalesce(sum(debit), 0) FROM pairs")

    /// How far the writing thread is, and whether it is to end.
    private final class Work: Sendable {
        let stop = Atomic(false)
        let written = Atomic(0)
    }

    private func sums(_ database: any Database) throws -> (count: Int64, sum: Int64) {
        try database.read { try $0.first(Self.sums) { ($0.int(0), $0.int(1)) }! }
    }

    @Test func `a copy made while a writer commits is one moment of the store, and the writer goes on`() throws {
        let store = try TemporaryStore(.sqlite, migrations: [Self.migration])
        let database = store.database
        let work = Work()
        let thread = Thread {
            // Each commit is a pair that adds up to nothing: a copy of half a commit would not.
            while !work.stop.load(ordering: .relaxed) {
                do {
                    try database.write { tx in
                        for debit in [7, -7] { try tx.run(Self.insert, [.int(debit)]) }
                    }
                    work.written.add(1, ordering: .relaxed)
                } catch { return }
            }
        }
        thread.start()
        defer { work.stop.store(true, ordering: .relaxed) }
        var last: Int64 = 0
        for round in 1...5 {
            let before = work.written.load(ordering: .relaxed)
            let end = ContinuousClock.now + .seconds(20)
            // A condition with a bound: the writer is at work.
            while work.written.load(ordering: .relaxed) < before + 5, ContinuousClock.now < end { sched_yield() }
            let path = store.folder.appendingPathComponent("copy-\(round).db").path
            #expect(try StoreCopy.make(of: store.path, at: path) > 0)
            let copy = try SQLiteDatabase(path: path)
            let (count, sum) = try sums(copy)
            #expect(sum == 0 && count % 2 == 0 && count > last)
            last = count
            try copy.close()
        }
        #expect(!FileManager.default.fileExists(atPath: store.folder.appendingPathComponent("copy-1.db.unfinished").path))
        #expect(throws: DatabaseError.self) {
            try StoreCopy.make(of: store.path, at: store.folder.appendingPathComponent("copy-1.db").path)
        }
    }

    @Test func `a copy is put in place of a stopped store only, what was there is kept, and a damaged copy changes nothing`() throws {
        let store = try TemporaryStore(.sqlite, migrations: [Self.migration])
        _ = try store.database.write { try $0.run(Self.insert, [.int(1)]) }
        let copy = store.folder.appendingPathComponent("copy.db").path
        _ = try StoreCopy.make(of: store.path, at: copy)
        _ = try store.database.write { try $0.run(Self.insert, [.int(2)]) }

        do {
            let lock = try StoreLock(path: store.path)
            #expect(throws: DatabaseError.self) { try StoreCopy.place(copy, at: store.path) }
            withExtendedLifetime(lock) {}
        }
        try store.database.close()
        let damaged = store.folder.appendingPathComponent("damaged.db").path
        var bytes = try Data(contentsOf: URL(fileURLWithPath: copy))
        for index in 4096..<4200 { bytes[index] ^= 0xFF }
        try bytes.write(to: URL(fileURLWithPath: damaged))
        #expect(throws: DatabaseError.self) { try StoreCopy.place(damaged, at: store.path) }
        let other = store.folder.appendingPathComponent("other.db").path
        try Data("no store".utf8).write(to: URL(fileURLWithPath: other))
        #expect(throws: DatabaseError.self) { try StoreCopy.place(other, at: store.path) }

        let kept = try #require(try StoreCopy.place(copy, at: store.path))
        let (placed, replaced) = (try SQLiteDatabase(path: store.path), try SQLiteDatabase(path: kept))
        #expect(try sums(placed).count == 1 && sums(replaced).count == 2)
        try placed.close()
        try replaced.close()
    }
}
