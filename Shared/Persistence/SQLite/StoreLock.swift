#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps a SQLite store to one process of a service: an advisory lock on a file beside it, held as long as the object lives and ended by the
/// kernel when the process ends, however it ends. The relay's taking over at once after a restart rests on it.
///
/// Readers, such as the tool's account, take no lock and are not kept out.
public final class StoreLock: Sendable {
    private let descriptor: Int32

    /// Locks the store that `url` names. Nil for a store that several processes may use. Throws when another process has it.
    public static func take(for url: String) throws -> StoreLock? {
        let scheme = "sqlite://"
        guard url.hasPrefix(scheme) else { return nil }
        return try StoreLock(path: String(url.dropFirst(scheme.count)))
    }

    /// Locks `path` + `.lock`.
    public init(path: String) throws {
        descriptor = open(path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw DatabaseError(kind: .other, message: "\(path).lock cannot be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            let reason =
                code == EWOULDBLOCK
                ? "another process of this service has it open; several instances need PostgreSQL" : String(cString: strerror(code))
            throw DatabaseError(kind: .other, message: "the store \(path) is not ours: \(reason)")
        }
    }

    deinit { close(descriptor) }
}
