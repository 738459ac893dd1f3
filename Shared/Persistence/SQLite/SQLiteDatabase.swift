import GRDB
import Synchronization

import enum SQLiteStatements.LostSync
import class SQLiteStatements.SQLiteConnection
import struct SQLiteStatements.SQLiteError
import enum SQLiteStatements.SQLiteLibrary
import class SQLiteStatements.SQLiteStatement

/// A service's store in one SQLite file: WAL, `synchronous=FULL`, one writer, readers on snapshots beside it.
///
/// GRDB owns connections, pool and transactions; statements are prepared straight on its connections and kept for their life.
public final class SQLiteDatabase: Database {
    /// Limits of the store, in one place.
    public enum Limits {
        /// How long a writer waits for another process to let go of the file.
        public static let busyTimeoutSeconds = 10.0
        public static let readers = 4
        /// Page cache of the writer, KiB. Small, since five services share a machine.
        public static let cacheKiB = 8_192
        /// Page cache of each reader, KiB: most read on where they stopped, such as the relay, and see no page twice.
        public static let readerCacheKiB = 1_024
        /// WAL pages after which a checkpoint runs.
        public static let checkpointPages = 24_000
    }

    private let pool: DatabasePool
    private let path: String
    private let caches = Mutex<[Int: Cache]>([:])

    /// A connection's statements. Sendable because only the closure that GRDB has lent the connection to touches them, one at a time.
    private struct Cache: @unchecked Sendable {
        let transaction: SQLiteTransaction

        init(connectionAt address: Int) {
            guard let handle = OpaquePointer(bitPattern: address) else { preconditionFailure("a GRDB connection in use has a handle") }
            transaction = SQLiteTransaction(SQLiteConnection(borrowing: handle))
        }
    }

    /// Opens or creates the file, and refuses a damaged one.
    public convenience init(path: String) throws { try self.init(path: path, isDurable: true) }

    /// `isDurable` false leaves out the sync at every commit: only for measuring what it costs.
    package init(path: String, isDurable: Bool) throws {
        self.path = path
        SQLiteLibrary.prepare()
        var configuration = GRDB.Configuration()
        configuration.busyMode = .timeout(Limits.busyTimeoutSeconds)
        configuration.maximumReaderCount = Limits.readers
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cache_size = -\(Limits.readerCacheKiB)")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL while it turns WAL on, so FULL is set afterwards, and read back: a power cut must not undo a commit.
            try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = \(isDurable ? "FULL" : "NORMAL")")
                try db.execute(sql: "PRAGMA cache_size = -\(Limits.cacheKiB)")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Limits.checkpointPages)")
                guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == (isDurable ? 2 : 1) else {
                    throw DatabaseError(kind: .unusable, message: "synchronous=FULL was not accepted")
                }
                let check = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? ""
                guard check == "ok" else {
                    let way = "put a backup in its place with `careloop backup place`"
                    throw DatabaseError(kind: .corrupt, message: "\(path) is damaged (\(check)); \(way)")
                }
            }
        } catch {
            throw Self.translated(error)
        }
    }

    public var description: String { "SQLite \(path), WAL, synchronous=FULL" }

    @discardableResult
    public func write<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        do {
            var outcome: Result?
            try pool.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    outcome = try body(transaction(on: db))
                    return .commit
                }
            }
            return outcome!
        } catch {
            throw Self.translated(error)
        }
    }

    public func read<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        do { return try pool.read { db in try body(transaction(on: db)) } } catch { throw Self.translated(error) }
    }

    public func close() throws {
        caches.withLock { caches in
            for cache in caches.values { cache.transaction.finalize() }
            caches = [:]
        }
        do { try pool.close() } catch { throw Self.translated(error) }
    }

    // One cache of prepared statements per connection. GRDB keeps its connections until the pool closes.
    private func transaction(on db: GRDB.Database) -> SQLiteTransaction {
        let address = Int(bitPattern: db.sqliteConnection)
        return caches.withLock { caches in
            if let known = caches[address] { return known }
            let made = Cache(connectionAt: address)
            caches[address] = made
            return made
        }.transaction
    }

    static func translated(_ error: any Error) -> any Error {
        let code: Int32
        switch error {
        case let error as SQLiteError:
            if error.isLostSync { LostSync.endProcess("\(error)") }
            code = error.primaryCode
        case let error as GRDB.DatabaseError:
            if [.SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC].contains(error.extendedResultCode) { LostSync.endProcess("\(error)") }
            code = error.resultCode.rawValue
        default: return error
        }
        return DatabaseError(kind: kind(ofPrimary: code), message: "\(error)")
    }

    /// What a primary result code means to the caller. Only what a statement and its values can be wrong about counts as theirs: whatever else
    /// there is, codes of later versions included, is the store's.
    static func kind(ofPrimary code: Int32) -> DatabaseError.Kind {
        switch code {
        case 5, 6, 10, 13: .transient  // busy, locked, I/O, full
        case 19: .constraint
        case 11, 26: .corrupt
        case 1, 18, 20, 25: .other  // a statement's own error, too big, a mismatch, a placeholder that is not there
        default: .unusable
        }
    }
}

/// A connection's statements; what `Transaction` means on SQLite.
final class SQLiteTransaction: Transaction, RowSource {
    private let connection: SQLiteConnection
    private var statements: [ObjectIdentifier: (sql: SQL, statement: SQLiteStatement)] = [:]
    private var current: SQLiteStatement?
    private(set) var changes = 0
    var locksRows: Bool { false }

    init(_ connection: SQLiteConnection) { self.connection = connection }

    func finalize() { statements = [:] }

    func run(_ sql: SQL, _ values: [Value]) throws -> Int {
        let statement = try bound(sql, values)
        let changed = try statement.run()
        changes += max(changed, 0)
        return changed
    }

    func each(_ sql: SQL, _ values: [Value], _ body: (borrowing Row) throws -> Bool) throws {
        let statement = try bound(sql, values)
        // A query inside another's body uses its own statement; the outer row is restored behind it.
        let outer = current
        defer {
            statement.reset()
            current = outer
        }
        let row = Row(self)
        while try statement.step() {
            current = statement
            guard try body(row) else { return }
        }
    }

    private func bound(_ sql: SQL, _ values: [Value]) throws -> SQLiteStatement {
        let statement: SQLiteStatement
        if let known = statements[ObjectIdentifier(sql)] {
            statement = known.statement
        } else {
            statement = try connection.prepare(sql.text)
            statements[ObjectIdentifier(sql)] = (sql, statement)
        }
        // What is not bound would keep its value of the last run.
        guard values.count == statement.parameterCount else {
            throw DatabaseError(kind: .other, message: "\(values.count) values for \(statement.parameterCount) parameters: \(sql.text)")
        }
        for (index, value) in values.enumerated() {
            switch value {
            case .null: try statement.bindNull(index + 1)
            case .int(let number): try statement.bind(index + 1, number)
            case .text(let text): try statement.bind(index + 1, text)
            case .blob(let bytes): try statement.bind(index + 1, bytes)
            }
        }
        return statement
    }

    func integer(_ column: Int32) -> Int64? { current?.intOrNil(Int(column)) }
    func string(_ column: Int32) -> String? { current?.textOrNil(Int(column)) }
    func bytes(_ column: Int32) -> [UInt8]? { current?.blobOrNil(Int(column)) }
}
