/// Opens the store a URL names: `sqlite:///path/service.db`, or `postgres://user:password@host:port/database?schema=name`.
public func openDatabase(_ url: String) throws -> any Database {
    if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") { return try PostgresDatabase(PostgresAddress(url)) }
    let scheme = "sqlite://"
    guard url.hasPrefix(scheme), url.utf8.count > scheme.utf8.count else {
        throw DatabaseError(
            kind: .other,
            message: "a store is written sqlite:///path/to/file.db or postgres://user@host/database?schema=name, not '\(url.prefix(8))…'")
    }
    return try SQLiteDatabase(path: String(url.dropFirst(scheme.count)))
}
