/// What `Transaction` means on PostgreSQL. Lives as long as the closure it is passed to.
///
/// A query's rows are fetched whole before the first is mapped, so that another statement may run inside: queries over much bound themselves.
final class PostgresTransaction: Transaction, RowSource {
    private let connection: PostgresConnection
    private var current: PostgresResult?
    private var row: Int32 = 0
    private(set) var changes = 0
    /// Why nothing more can be done here: PostgreSQL gives a transaction up at its first failed statement.
    private(set) var failure: (any Error)?
    var locksRows: Bool { true }

    init(_ connection: PostgresConnection) { self.connection = connection }

    func run(_ sql: SQL, _ values: [Value]) throws -> Int {
        try noting {
            if values.isEmpty, PostgresDialect.changesSchema(sql.text) {
                try connection.execute(PostgresDialect.schema(sql.text))
                changes += 1
                return 0
            }
            let changed = try connection.execute(sql, values).changed
            changes += changed
            return changed
        }
    }

    func runAll(_ sql: SQL, _ rows: [[Value]]) throws -> Int {
        try noting {
            let changed = try connection.execute(sql, all: rows)
            changes += changed
            return changed
        }
    }

    func each(_ sql: SQL, _ values: [Value], _ body: (borrowing Row) throws -> Bool) throws {
        let result = try noting { try connection.execute(sql, values) }
        // A query inside another's body has its own result; the outer row is restored behind it.
        let outer = (current, row)
        defer { (current, row) = outer }
        let mapped = Row(self)
        for index in 0..<result.rows {
            current = result
            row = index
            guard try body(mapped) else { return }
        }
    }

    func lockSchema() throws {
        try noting {
            try connection.execute(
                """
                SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;
                SELECT pg_advisory_xact_lock(\(PostgresDatabase.schemaLock), hashtext(current_schema()))
                """)
        }
    }

    @discardableResult
    private func noting<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            failure = failure ?? error
            throw error
        }
    }

    func integer(_ column: Int32) -> Int64? { current?.integer(row, column) }
    func string(_ column: Int32) -> String? { current?.string(row, column) }
    func bytes(_ column: Int32) -> [UInt8]? { current?.bytes(row, column) }
}
