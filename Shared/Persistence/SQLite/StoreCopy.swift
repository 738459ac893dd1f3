import class SQLiteStatements.SQLiteConnection
import struct SQLiteStatements.SQLiteError

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Copies of a SQLite store: made while its service works, checked, durable before they have their name, and put back in one step.
public enum StoreCopy {
    /// Writes what the store holds at one moment to a new file, while others go on reading and writing. Gives its bytes.
    ///
    /// Throws `DatabaseError`: `other` when `target` exists or the store does not, `corrupt` when what was copied is damaged, and what SQLite
    /// said otherwise. Nothing of the name `target` is left then.
    public static func make(of store: String, at target: String) throws -> Int {
        guard access(target, F_OK) != 0 else { throw DatabaseError(kind: .other, message: "\(target) exists already") }
        let unfinished = target + ".unfinished"
        // Of an attempt that was cut off.
        unlink(unfinished)
        do {
            let source = try SQLiteConnection(path: store, readOnly: true)
            source.setBusyTimeout(milliseconds: Int32(SQLiteDatabase.Limits.busyTimeoutSeconds * 1000))
            // One read transaction on the source: a snapshot, whatever commits meanwhile.
            try source.execute("VACUUM INTO '\(unfinished.replacing("'", with: "''"))'")
            try check(unfinished)
        } catch let error as SQLiteError {
            unlink(unfinished)
            throw SQLiteDatabase.translated(error)
        } catch {
            unlink(unfinished)
            throw error
        }
        // VACUUM INTO syncs nothing.
        try sync(unfinished)
        guard chmod(unfinished, 0o600) == 0, rename(unfinished, target) == 0 else { throw failed(target) }
        try sync(folder(of: target))
        return size(target)
    }

    /// Puts a checked copy where the store of a stopped service is. What was there is kept beside it, and its name given; nil when there was
    /// nothing. Throws `DatabaseError` when a process still has the store, and when the copy is damaged; the store is untouched then.
    public static func place(_ copy: String, at store: String) throws -> String? {
        let lock = try StoreLock(path: store)
        defer { withExtendedLifetime(lock) {} }
        do { try check(copy) } catch let error as SQLiteError { throw SQLiteDatabase.translated(error) }
        let fresh = store + ".placed"
        try duplicate(copy, fresh)
        try sync(fresh)
        var kept: String?
        if access(store, F_OK) == 0 {
            let name = unusedName(store + ".replaced")
            // The WAL first: without its store it is nothing, and beside the copy it would be somebody else's.
            for suffix in ["-wal", "-shm", ""] where access(store + suffix, F_OK) == 0 {
                guard rename(store + suffix, name + suffix) == 0 else { throw failed(store + suffix) }
            }
            kept = name
        }
        guard rename(fresh, store) == 0 else { throw failed(store) }
        try sync(folder(of: store))
        return kept
    }

    private static func check(_ path: String) throws {
        let connection = try SQLiteConnection(path: path, readOnly: true)
        let statement = try connection.prepare("PRAGMA quick_check(1)")
        guard try statement.step(), statement.text(0) == "ok" else {
            throw DatabaseError(kind: .corrupt, message: "\(path) is damaged")
        }
        guard try connection.number("SELECT count(*) FROM sqlite_master WHERE name = 'schema_migrations'") == 1 else {
            throw DatabaseError(kind: .other, message: "\(path) is no store of a service")
        }
    }

    private static func duplicate(_ source: String, _ target: String) throws {
        unlink(target)
        let (from, to) = (open(source, O_RDONLY), open(target, O_WRONLY | O_CREAT | O_EXCL, 0o600))
        defer {
            if from >= 0 { close(from) }
            if to >= 0 { close(to) }
        }
        guard from >= 0, to >= 0 else { throw failed(target) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(from, &buffer, buffer.count)
            guard count >= 0 else { throw failed(source) }
            guard count > 0 else { return }
            guard write(to, buffer, count) == count else { throw failed(target) }
        }
    }

    private static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, fsync(descriptor) == 0 else { throw failed(path) }
    }

    private static func folder(of path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return parts.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : parts
    }

    private static func size(_ path: String) -> Int {
        var info = stat()
        return stat(path, &info) == 0 ? Int(info.st_size) : 0
    }

    private static func unusedName(_ base: String) -> String {
        var number = 1
        while access("\(base)-\(number)", F_OK) == 0 { number += 1 }
        return "\(base)-\(number)"
    }

    private static func failed(_ path: String) -> DatabaseError {
        DatabaseError(kind: .other, message: "\(path): \(String(cString: strerror(errno)))")
    }
}
