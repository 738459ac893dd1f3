import Persistence

/// A SQLite store that says it locks rows, so that what is done differently on PostgreSQL runs on the store every machine has.
public final class RowLockingDatabase: Database {
    private let store: any Database

    public init(_ store: any Database) { self.store = store }

    public var description: String { "\(store.description), said to lock rows" }

    @discardableResult
    public func write<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        try store.write { try body(RowLockingTransaction($0)) }
    }

    public func read<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        try store.read { try body(RowLockingTransaction($0)) }
    }

    public func close() throws { try store.close() }
}

private final class RowLockingTransaction: Transaction {
    private let tx: any Transaction

    init(_ tx: any Transaction) { self.tx = tx }

    func run(_ sql: SQL, _ values: [Value]) throws -> Int { try tx.run(sql, values) }
    func each(_ sql: SQL, _ values: [Value], _ body: (borrowing Row) throws -> Bool) throws { try tx.each(sql, values, body) }
    var changes: Int { tx.changes }
    var locksRows: Bool { true }
}
