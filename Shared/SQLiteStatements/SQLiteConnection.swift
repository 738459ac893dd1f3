import GRDBSQLite

/// What SQLite answered instead of success: the extended result code, its own sentence, and the statement that failed.
///
/// Never holds bound values, so it may be logged.
public struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Extended result code, for instance 2067 (`SQLITE_CONSTRAINT_UNIQUE`).
    public let code: Int32
    public let message: String
    /// SQL text as prepared, with its placeholders; nil when no statement was involved.
    public let sql: String?

    public init(code: Int32, message: String, sql: String? = nil) {
        self.code = code
        self.message = message
        self.sql = sql
    }

    /// The primary code under the extended one: 5 busy, 11 corrupt, 13 full, 19 constraint.
    public var primaryCode: Int32 { code & 0xff }
    public var isBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }
    public var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }
    public var isFull: Bool { primaryCode == SQLITE_FULL }
    /// The disk did not take what it was asked to keep: nobody knows what of it is there.
    public var isLostSync: Bool { code == 10 | 4 << 8 || code == 10 | 5 << 8 }

    public var description: String { "SQLite \(code): \(message)" + (sql.map { " in: \($0)" } ?? "") }
}

/// A sqlite3 connection, its own or one that GRDB lends, on which statements are prepared without GRDB in between.
///
/// Used by one thread at a time; not Sendable. GRDB has type aliases named `SQLiteConnection` and `SQLiteStatement`: a file that imports
/// both writes `import class SQLiteStatements.SQLiteConnection` to mean these.
public final class SQLiteConnection {
    /// The C handle. Valid as long as this object when opened here; as long as GRDB's connection when borrowed.
    public let handle: OpaquePointer
    private let owned: Bool

    /// Opens (and creates, unless `readOnly`) the file. Closed when this object and all its statements are gone.
    public init(path: String, readOnly: Bool = false) throws(SQLiteError) {
        SQLiteLibrary.prepare()
        var opened: OpaquePointer?
        let mode = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let code = sqlite3_open_v2(path, &opened, mode | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let opened else {
            let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(opened)
            throw SQLiteError(code: code, message: "\(message), opening \(path)")
        }
        sqlite3_extended_result_codes(opened, 1)
        handle = opened
        owned = true
    }

    /// Uses a connection that somebody else opened and will close, `db.sqliteConnection!` of GRDB.
    public init(borrowing handle: OpaquePointer) {
        self.handle = handle
        owned = false
    }

    deinit {
        if owned { sqlite3_close_v2(handle) }
    }

    /// Prepares one statement. It keeps this connection open while it lives.
    public func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement { try SQLiteStatement(self, sql) }

    /// Runs every statement of a text, discarding rows.
    public func execute(_ script: String) throws(SQLiteError) {
        let code = sqlite3_exec(handle, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(script) }
    }

    /// First column of the first row as a number; nil when there is no row or it is NULL. For pragmas and counts.
    public func number(_ sql: String) throws(SQLiteError) -> Int64? {
        let statement = try prepare(sql)
        return try statement.step() && !statement.isNull(0) ? statement.int(0) : nil
    }

    /// Rows inserted, updated or deleted by the statement that finished last.
    public var changes: Int { Int(sqlite3_changes64(handle)) }
    public var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Waits for a lock by sleeping and trying again for at most this long. Zero answers busy at once.
    public func setBusyTimeout(milliseconds: Int32) { sqlite3_busy_timeout(handle, milliseconds) }

    func error(_ sql: String?) -> SQLiteError {
        SQLiteError(code: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)), sql: sql)
    }
}
