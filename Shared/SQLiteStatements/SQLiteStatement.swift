import GRDBSQLite

/// One prepared statement. Parameters count from 1, as in SQLite; columns from 0.
///
/// Bound values are copied, so the caller's memory may go at once. Used by one thread at a time, like its connection.
public final class SQLiteStatement {
    public let sql: String
    /// The connection this was prepared on, kept open by this statement.
    public let connection: SQLiteConnection
    private let handle: OpaquePointer

    // SQLITE_TRANSIENT is a cast macro that Swift does not import: copy the bytes before the call returns.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ connection: SQLiteConnection, _ sql: String) throws(SQLiteError) {
        var prepared: OpaquePointer?
        let code = sqlite3_prepare_v3(connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK else { throw connection.error(sql) }
        guard let prepared else { throw SQLiteError(code: SQLITE_MISUSE, message: "the text holds no statement", sql: sql) }
        self.connection = connection
        self.sql = sql
        handle = prepared
    }

    deinit { sqlite3_finalize(handle) }

    /// Number of `?` parameters.
    public var parameterCount: Int { Int(sqlite3_bind_parameter_count(handle)) }
    public var columnCount: Int { Int(sqlite3_column_count(handle)) }

    // MARK: Binding

    public func bind(_ index: Int, _ value: Int64) throws(SQLiteError) {
        try check(sqlite3_bind_int64(handle, Int32(index), value))
    }

    public func bind(_ index: Int, _ value: Bool) throws(SQLiteError) { try bind(index, value ? 1 : 0 as Int64) }

    public func bind(_ index: Int, _ value: String) throws(SQLiteError) {
        var value = value
        let code = value.withUTF8 { text in
            // A nil base address would bind NULL: an empty text stays a text.
            text.withMemoryRebound(to: CChar.self) { bytes in
                sqlite3_bind_text64(
                    handle, Int32(index), bytes.baseAddress ?? emptyText, UInt64(bytes.count), Self.transient, UInt8(SQLITE_UTF8))
            }
        }
        try check(code)
    }

    public func bind(_ index: Int, _ value: [UInt8]) throws(SQLiteError) {
        try check(value.withUnsafeBytes { bind(index, bytes: $0) })
    }

    public func bindNull(_ index: Int) throws(SQLiteError) { try check(sqlite3_bind_null(handle, Int32(index))) }

    /// An optional, nil as NULL.
    public func bind(_ index: Int, _ value: [UInt8]?) throws(SQLiteError) {
        if let value { try bind(index, value) } else { try bindNull(index) }
    }

    /// An optional, nil as NULL.
    public func bind(_ index: Int, _ value: Int64?) throws(SQLiteError) {
        if let value { try bind(index, value) } else { try bindNull(index) }
    }

    /// An optional, nil as NULL.
    public func bind(_ index: Int, _ value: String?) throws(SQLiteError) {
        if let value { try bind(index, value) } else { try bindNull(index) }
    }

    private func bind(_ index: Int, bytes: UnsafeRawBufferPointer) -> Int32 {
        if bytes.isEmpty { return sqlite3_bind_zeroblob(handle, Int32(index), 0) }
        return sqlite3_bind_blob64(handle, Int32(index), bytes.baseAddress, UInt64(bytes.count), Self.transient)
    }

    // MARK: Running

    /// Moves to the next row: true when there is one, false at the end. After false the statement is reset and can be bound again.
    public func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        default:
            let error = connection.error(sql)
            sqlite3_reset(handle)
            throw error
        }
    }

    /// Runs to the end, discarding rows, and resets. The number of rows changed; 0 for a statement that changes nothing.
    @discardableResult
    public func run() throws(SQLiteError) -> Int {
        let before = sqlite3_total_changes64(connection.handle)
        while try step() {}
        return sqlite3_total_changes64(connection.handle) == before ? 0 : connection.changes
    }

    /// Ends a query before its last row, which also lets go of its read lock. Bindings stay.
    public func reset() { sqlite3_reset(handle) }

    /// Sets every parameter to NULL, letting go of copied values.
    public func clearBindings() { sqlite3_clear_bindings(handle) }

    // MARK: The current row

    public func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }
    /// 0 for NULL.
    public func int(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }
    /// 0 for NULL.
    public func double(_ column: Int) -> Double { sqlite3_column_double(handle, Int32(column)) }

    /// Empty for NULL. Bytes that are not UTF-8 are repaired, since SQLite does not check what it stores.
    public func text(_ column: Int) -> String {
        guard let start = sqlite3_column_text(handle, Int32(column)) else { return "" }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column)))), as: UTF8.self)
    }

    /// Empty for NULL.
    public func blob(_ column: Int) -> [UInt8] { withBytes(column) { [UInt8]($0) } }

    public func intOrNil(_ column: Int) -> Int64? { isNull(column) ? nil : int(column) }
    public func textOrNil(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
    public func blobOrNil(_ column: Int) -> [UInt8]? { isNull(column) ? nil : blob(column) }

    /// The bytes of a column without copying; they end with `body`.
    public func withBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        guard let start = sqlite3_column_blob(handle, Int32(column)) else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return try body(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column)))))
    }

    private func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw connection.error(sql) }
    }
}

// A place that any empty text may point at: SQLite reads zero bytes from it, and nobody ever writes it.
private nonisolated(unsafe) let emptyText: UnsafePointer<CChar> = {
    let place = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    place.initialize(to: 0)
    return UnsafePointer(place)
}()
