/// Events this service read back from the log after an older backup of its store was restored: they are said already, whatever says them again.
public enum RestoredEvents {
    public static func add(_ event: String, cause: String, applied: Bool, in tx: any Transaction) throws {
        try tx.run(insert, [.text(event), .text(cause), .bool(applied)])
    }

    /// False in every store that was never restored.
    public static func exist(in tx: any Transaction) throws -> Bool { try tx.first(any) { $0.int(0) } != nil }

    public static func contains(_ event: String, in tx: any Transaction) throws -> Bool {
        try tx.first(select, [.text(event)]) { $0.int(0) } != nil
    }

    /// True when everything that followed from this cause was read back into the state: it must not be applied again.
    public static func isApplied(cause: String, in tx: any Transaction) throws -> Bool {
        try tx.first(byCause, [.text(cause)]) { $0.intOrNil(0) } == 1
    }

    private static let insert = SQL("INSERT INTO restored (event, cause, applied) VALUES (?, ?, ?) ON CONFLICT (event) DO NOTHING")
    private static let any = SQL("SELECT applied FROM restored LIMIT 1")
    private static let select = SQL("SELECT applied FROM restored WHERE event = ?")
    private static let byCause = SQL("SELECT min(applied) FROM restored WHERE cause = ?")
}
