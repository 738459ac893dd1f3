import Synchronization

/// A service's store in a schema of a PostgreSQL database, for several instances of it at once.
///
/// Reads are `REPEATABLE READ READ ONLY`: one snapshot. Writes are `READ COMMITTED`, and what may not be overtaken is written by compare-and-set
/// (`WHERE version = …`), which PostgreSQL checks again after it has waited for the row's lock. `SERIALIZABLE` would save that care and is not
/// used: a batch of a thousand records reads so many rows that PostgreSQL remembers whole tables for it, and of two batches at once one would
/// nearly always be thrown away.
///
/// A COMMIT whose answer is lost is not guessed at: see `CommitOutcome`. A connection that breaks earlier leaves nothing behind, which is
/// `transient`; broken connections are replaced, with growing pauses between attempts.
public final class PostgresDatabase: Database {
    /// First half of the advisory lock that guards a schema's migrations.
    static let schemaLock = 20_241

    public let address: PostgresAddress
    private let writers: PostgresPool
    private let readers: PostgresPool

    /// Connects, and makes the schema where it is missing. Throws `transient` when no server answers within `PostgresLimits.connectPatience`.
    public init(_ address: PostgresAddress, writers: Int = PostgresLimits.writers, readers: Int = PostgresLimits.readers) throws {
        self.address = address
        let instance = String(UInt64.random(in: .min ... .max), radix: 36)
        self.writers = PostgresPool(address, label: "\(instance)-w", size: writers)
        self.readers = PostgresPool(address, label: "\(instance)-r", size: readers)
        let connection = try self.writers.take()
        defer { self.writers.giveBack(connection) }
        do {
            try connection.execute(CommitOutcome.preparation(schema: address.schema, lock: Self.schemaLock))
        } catch {
            rollBack(connection)
            throw error
        }
    }

    public var parallelCommands: Int { PostgresLimits.commandWriters }
    public var description: String { "\(address), synchronous_commit as the server has it" }

    @discardableResult
    public func write<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        let connection = try begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", writers)
        let transaction = PostgresTransaction(connection)
        let result: Result
        do {
            result = try body(transaction)
            // Somebody caught a failed statement's error and went on: nothing of it can be kept, so nobody may think it was.
            if let failure = transaction.failure { throw failure }
        } catch {
            rollBack(connection)
            writers.giveBack(connection)
            throw error
        }
        var kept = connection
        defer { writers.giveBack(kept) }
        try CommitOutcome.commit(&kept, hasChanged: transaction.changes > 0, writers)
        return result
    }

    public func read<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        let connection = try begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", readers)
        defer { readers.giveBack(connection) }
        let result: Result
        do { result = try body(PostgresTransaction(connection)) } catch {
            rollBack(connection)
            throw error
        }
        // A read keeps nothing: that its end is not heard changes nothing.
        rollBack(connection)
        return result
    }

    public func close() throws {
        writers.close()
        readers.close()
    }

    /// Begins on a live connection. One that died while it was idle, as all do when the server restarts, is replaced: nothing was lost yet.
    private func begin(_ statement: String, _ pool: PostgresPool) throws -> PostgresConnection {
        var attempt = 1
        while true {
            let connection = try pool.take()
            do {
                try connection.execute(statement)
                return connection
            } catch {
                let wasAlive = connection.isAlive
                pool.giveBack(connection)
                guard !wasAlive, attempt < PostgresLimits.writers + PostgresLimits.readers else { throw error }
                pool.dropIdle()
                attempt += 1
            }
        }
    }

    private func rollBack(_ connection: PostgresConnection) {
        // A rollback that is not heard happens all the same: the server ends what a lost connection had begun.
        _ = try? connection.execute("ROLLBACK")
    }
}
