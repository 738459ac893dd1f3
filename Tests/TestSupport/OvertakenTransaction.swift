import Persistence

/// A transaction in which another instance commits something after the first statement, as READ COMMITTED lets it: what is read before it is
/// old, what is read after it is new. Played on one connection, so the store every machine has can show it.
public final class OvertakenTransaction: Transaction {
    private let tx: any Transaction
    private var other: ((any Transaction) throws -> Void)?

    /// `other` runs once, after the first statement.
    public init(_ tx: any Transaction, by other: @escaping (any Transaction) throws -> Void) {
        self.tx = tx
        self.other = other
    }

    public func run(_ sql: SQL, _ values: [Value]) throws -> Int {
        let changed = try tx.run(sql, values)
        try overtake()
        return changed
    }

    public func each(_ sql: SQL, _ values: [Value], _ body: (borrowing Row) throws -> Bool) throws {
        try tx.each(sql, values, body)
        try overtake()
    }

    public var changes: Int { tx.changes }
    public var locksRows: Bool { true }

    private func overtake() throws {
        guard let other else { return }
        self.other = nil
        try other(tx)
    }
}
