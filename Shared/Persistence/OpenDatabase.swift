/// Opens the store a URL names: `sqlite:///path/service.db`. PostgreSQL is the second implementation to come.
public func openDatabase(_ url: String) throws -> any Database {
    let scheme = "sqlite://"
    guard url.hasPrefix(scheme), url.utf8.count > scheme.utf8.count else {
        throw DatabaseError(kind: .other, message: "a store is written sqlite:///path/to/file.db, not '\(url.prefix(12))…'")
    }
    return try SQLiteDatabase(path: String(url.dropFirst(scheme.count)))
}
