import Foundation
import Persistence

/// The stores that everything above Persistence must work on alike.
public enum Store: String, CaseIterable, Sendable {
    case sqlite, postgres

    /// What `CARELOOP_TEST_STORE` says: the service suites run once on SQLite, and once more on PostgreSQL.
    public static var chosen: Store {
        guard let word = ProcessInfo.processInfo.environment["CARELOOP_TEST_STORE"] else { return .sqlite }
        guard let store = Store(rawValue: word) else { preconditionFailure("CARELOOP_TEST_STORE is sqlite or postgres, not \(word)") }
        return store
    }
}

/// An empty store of its own: a file that goes away with the object, or a schema in the private PostgreSQL.
public final class TemporaryStore {
    public let database: any Database
    /// Opens the same store once more, as another instance does.
    public let url: String
    /// Made for this store, and removed with it.
    public let folder: URL

    public init(_ store: Store = .chosen, migrations: [Migration] = []) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        switch store {
        case .sqlite:
            url = "sqlite://" + folder.appendingPathComponent("store.db").path
        case .postgres: url = try PrivatePostgres.shared.get().address()
        }
        database = try openDatabase(url)
        if !migrations.isEmpty { try database.migrate(migrations) }
    }

    /// A SQLite store that begins as a copy of another.
    init(copyOf file: URL) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("store.db").path
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: file.path + suffix) {
            try FileManager.default.copyItem(atPath: file.path + suffix, toPath: path + suffix)
        }
        url = "sqlite://" + path
        database = try openDatabase(url)
    }

    /// A copy of the store as it is now, as an operator's backup would be; the address opens it. It goes away with this object.
    public func backup() throws -> String {
        guard url.hasPrefix("sqlite://") else { return try PrivatePostgres.shared.get().copy(of: url) }
        let copy = folder.appendingPathComponent("backup-\(UUID().uuidString).db").path
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        return "sqlite://" + copy
    }

    /// Where the file of a SQLite store is.
    public var path: String { String(url.dropFirst("sqlite://".count)) }

    deinit {
        // Closing again is harmless, and the folder is temporary.
        try? database.close()
        try? FileManager.default.removeItem(at: folder)
    }
}
