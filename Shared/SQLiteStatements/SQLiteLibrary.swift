import CSQLiteSettings

/// The SQLite library of this process, as a whole.
public enum SQLiteLibrary {
    // Once, at the first call of `prepare`. In use already, SQLite keeps its settings and says so: slower, nothing worse.
    private static let prepared: Int32 = careloop_sqlite_stop_counting_memory()

    /// Sets what can only be set before the first connection is opened. Whoever opens connections calls it before; later calls do nothing.
    public static func prepare() { _ = prepared }

    /// Whether the settings were in time; for tests.
    static var isPrepared: Bool { prepared == 0 }
}
