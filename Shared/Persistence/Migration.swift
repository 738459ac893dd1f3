/// One step of a store's schema. Append-only: a released migration is never edited, only followed by another.
public struct Migration: Sendable {
    /// Unique within a store, for instance `screening-1-cases`.
    public let name: String
    /// Statements in the SQL both SQLite and PostgreSQL understand, types as SQLite names them, run in one transaction.
    public let statements: [String]

    public init(_ name: String, _ statements: [String]) {
        self.name = name
        self.statements = statements
    }
}

extension Database {
    /// Brings the schema up to date: each missing migration in a transaction of its own.
    ///
    /// Throws `newerStore` when the store holds a migration this build does not know: an old build never writes a newer store.
    public func migrate(_ migrations: [Migration]) throws {
        try write { tx in
            // Several instances may start together; each lock ends with its transaction, so each asks again what is applied.
            try tx.lockSchema()
            try tx.run(Ledger.create)
            let known = Set(migrations.map(\.name))
            let applied = try tx.rows(Ledger.names) { $0.text(0) }
            if let foreign = applied.first(where: { !known.contains($0) }) {
                throw DatabaseError(
                    kind: .newerStore, message: "the store has migration '\(foreign)', which this build does not know; start a newer build")
            }
        }
        for migration in migrations {
            try write { tx in
                try tx.lockSchema()
                guard try tx.first(Ledger.name, [.text(migration.name)], { $0.text(0) }) == nil else { return }
                for statement in migration.statements {
                    try tx.run(SQL(statement))
                    CrashPoint.migration.pass()
                }
                try tx.run(Ledger.insert, [.text(migration.name)])
            }
        }
    }

}

private enum Ledger {
    static let create = SQL("CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT NOT NULL PRIMARY KEY)")
    static let names = SQL("SELECT name FROM schema_migrations")
    static let name = SQL("SELECT name FROM schema_migrations WHERE name = ?")
    static let insert = SQL("INSERT INTO schema_migrations (name) VALUES (?)")
}
