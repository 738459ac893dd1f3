import Foundation
import SQLiteStatements

/// The files of an embedded log: `events.db` with SQLite's own `-wal` and `-shm`, `events.db.lock` for writers' turns and
/// `events.db.readers/` with the sockets of waiting readers and the locks of groups.
struct EmbeddedFiles: Hashable, Sendable {
    let database: String

    var lock: String { database + ".lock" }
    var turn: String { database + ".turn" }
    var readers: String { database + ".readers" }
    func groupLock(_ group: String) -> String {
        // A group's name may hold anything; a file's may not.
        let safe = group.utf8.map { ($0 | 0x20 >= 97 && $0 | 0x20 <= 122) || (48...57).contains($0) || $0 == 45 || $0 == 46 ? $0 : 95 }
        return "\(readers)/group-\(String(decoding: safe, as: UTF8.self)).lock"
    }

    /// A connection set up for the log. Creates file, schema and directory when missing.
    func open() throws(LogError) -> SQLiteConnection {
        guard mkdir(readers, 0o770) == 0 || errno == EEXIST else { throw .storage("no directory \(readers) (\(UnixSocket.reason))") }
        // Turning a new file into WAL mode and creating tables must not meet another process doing the same.
        let lock = try FairLock(self)
        return try lock.hold { () throws(LogError) in
            try storing { () throws(SQLiteError) in
                let connection = try SQLiteConnection(path: database)
                connection.setBusyTimeout(milliseconds: 10_000)
                try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
                if try connection.number("PRAGMA user_version") != Self.schemaVersion {
                    try connection.execute("BEGIN; \(Self.schema); PRAGMA user_version = \(Self.schemaVersion); COMMIT")
                }
                return connection
            }
        }
    }

    private static let schemaVersion: Int64 = 1
    /// A record's position is its head's id in the upper bits and its offset in the lower 40: appends go to one place per partition, and
    /// a partition's records lie side by side.
    private static let schema = """
        CREATE TABLE IF NOT EXISTS topic (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL,
            compacted INTEGER NOT NULL, retention_ms INTEGER);
        CREATE TABLE IF NOT EXISTS head (
            id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL REFERENCES topic, partition INTEGER NOT NULL,
            first INTEGER NOT NULL, next INTEGER NOT NULL, UNIQUE (topic_id, partition));
        CREATE TABLE IF NOT EXISTS record (
            position INTEGER PRIMARY KEY, at INTEGER NOT NULL, key BLOB NOT NULL, value BLOB, headers BLOB)
        """
}

/// A place in the `record` table.
enum Position {
    static let offsetBits: Int64 = 40
    static func of(_ head: Int64, _ offset: Int64) -> Int64 { head << offsetBits | offset }
    static func head(_ position: Int64) -> Int64 { position >> offsetBits }
    static func offset(_ position: Int64) -> Int64 { position & (1 << offsetBits - 1) }
}

/// Runs SQLite calls and turns their failures into the log's.
func storing<T>(_ body: () throws(SQLiteError) -> T) throws(LogError) -> T {
    do {
        return try body()
    } catch {
        if error.isLostSync { LostSync.endProcess(error.description) }
        throw error.isBusy ? .unavailable("the embedded log is locked: \(error.message)") : .storage(error.description)
    }
}

/// A lock between processes that whoever waits longest gets next, in place of SQLite's sleeping and unfair busy handler.
///
/// Two files: whoever holds `turn` is next for `lock`. A writer that has just let go has to queue for `turn` behind the one already waiting.
/// The kernel frees both when a process dies.
final class FairLock {
    private let turn: Int32
    private let lock: Int32

    init(_ files: EmbeddedFiles) throws(LogError) {
        turn = try Self.descriptor(files.turn)
        do {
            lock = try Self.descriptor(files.lock)
        } catch {
            close(turn)
            throw error
        }
    }

    deinit {
        close(turn)
        close(lock)
    }

    func hold<T>(_ body: () throws(LogError) -> T) throws(LogError) -> T {
        try Self.take(turn)
        do {
            try Self.take(lock)
        } catch {
            flock(turn, LOCK_UN)
            throw error
        }
        flock(turn, LOCK_UN)
        defer { flock(lock, LOCK_UN) }
        return try body()
    }

    static func descriptor(_ path: String) throws(LogError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o660)
        guard descriptor >= 0 else { throw .storage("no lock file \(path) (\(UnixSocket.reason))") }
        return descriptor
    }

    private static func take(_ descriptor: Int32) throws(LogError) {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .storage("a lock file cannot be locked (\(UnixSocket.reason))") }
        }
    }
}
