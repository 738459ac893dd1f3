import Foundation
import Persistence
import ServiceRuntime

/// A copy of a service's SQLite store, as an operator's backup would be.
public final class Backup {
    fileprivate let file: URL

    fileprivate init(_ file: URL) { self.file = file }

    deinit {
        // It lies in the temporary folder; a leftover harms nobody.
        for suffix in ["", "-wal"] { try? FileManager.default.removeItem(atPath: file.path + suffix) }
    }
}

extension TestService {
    public func backUp() throws -> Backup {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-backup-\(UUID().uuidString).db")
        for suffix in ["", "-wal"] {
            let source = folder.appendingPathComponent("store.db\(suffix)").path
            if FileManager.default.fileExists(atPath: source) {
                try FileManager.default.copyItem(atPath: source, toPath: file.path + suffix)
            }
        }
        return Backup(file)
    }

    /// This service gone, and the same one started over an older backup, beside the same log. It is not restored yet.
    public func started(from backup: Backup) throws -> TestService {
        leave()
        return try TestService(self, store: TemporaryStore(copyOf: backup.file))
    }

    /// Every row of the service's own tables and of its deadlines, as text. Versions count writes, of which a rebuild makes others, and numbers
    /// count arrivals, which it puts in another order.
    public func rows(except left: Set<String> = []) throws -> [String: [String]] {
        try database.read { tx in
            let tables = try tx.rows(SQL("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")) { $0.text(0) }
            return try tables.filter { !Self.chassis.contains($0) && !left.contains($0) }.reduce(into: [:]) { rows, table in
                let columns = try tx.rows(SQL("SELECT name FROM pragma_table_info('\(table)')")) { $0.text(0) }
                    .filter { !["version", "number"].contains($0) }
                let text = columns.map { "'\($0) ' || quote(\($0))" }.joined(separator: " || ', ' || ")
                rows[table] = try tx.rows(SQL("SELECT \(text) FROM \(table) ORDER BY 1")) { $0.text(0) }
            }
        }
    }

    /// Everything the service has said, stream by stream.
    public func saidInOrder() throws -> [String] {
        try said().map { "\($0.topic) \($0.key) #\($0.number) \($0.meta.type) \($0.meta.id)" }.sorted()
    }

    /// Tables of Persistence; deadlines are the service's.
    private static let chassis: Set<String> = [
        "streams", "outbox", "relay", "positions", "gaps", "held", "dead_letters", "idempotency", "counters", "outbox_new", "leases",
        "read_topics", "source_stops", "restored", "archives", "migrations", "sqlite_sequence", "browser_sessions",
        "sign_ins", "session_watch",
    ]
}
