import CSQLiteSettings
import GRDBSQLite

/// The SQLite library of this process, as a whole.
public enum SQLiteLibrary {
    // Once, at the first call of `prepare`. In use already, SQLite keeps its settings and says so: slower, nothing worse.
    private static let prepared: Int32 = careloop_sqlite_stop_counting_memory()

    /// Sets what can only be set before the first connection is opened. Whoever opens connections calls it before; later calls do nothing.
    public static func prepare() { _ = prepared }

    /// Bytes that the library says it has allocated: none when it was told in time not to count them. Asks without setting anything; for tests.
    static var countedBytes: Int64 { sqlite3_memory_used() }
}
