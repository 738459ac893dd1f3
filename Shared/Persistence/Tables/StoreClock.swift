/// Elapsed time that outlives processes: milliseconds for which somebody was alive to look, as this store has counted them.
///
/// What waits for hours must be measured across restarts and instances. The wall clock can be set, and a machine's monotonic clock says nothing
/// to the next process or to another machine. So the store keeps a reading of its own, and whoever uses the store moves it on by what its own
/// monotonic clock has counted since its last look, by compare-and-set from the reading it saw then. Of several instances one counts each
/// moment, so the reading never runs ahead of real time, whatever becomes of anybody's clock. It stands still while nobody lives: what is waited
/// for could not come then either.
public enum StoreClock {
    /// Milliseconds since the store was made; never goes back.
    public static func reading(in tx: any Transaction) throws -> Int64 { try tx.first(read) { $0.int(0) } ?? 0 }

    /// Moves the reading on from where it was `seen`; false when somebody else has counted that time.
    public static func advance(from seen: Int64, by milliseconds: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(move, [.int(milliseconds), .int(seen)]) == 1
    }

    private static let read = SQL("SELECT elapsed_ms FROM store_clock WHERE one = 1")
    private static let move = SQL("UPDATE store_clock SET elapsed_ms = elapsed_ms + ? WHERE one = 1 AND elapsed_ms = ?")
}
