import Foundation
import Messaging
import Persistence
import ServiceRuntime
import Synchronization
import Vocabulary

/// Stores with nothing but their schema, made once a process: every run starts from copies.
enum Template {
    private static let made = Result {
        let folder = try Workspace.make("template-\(UInt64.random(in: 0 ... .max))")
        let start = LocalDate(year: 2024, month: 6, day: 3)!
        for (service, definition) in try ServiceName.definitions(SimulatedTime(start)) {
            let database = try SQLiteDatabase(path: folder.appendingPathComponent("\(service.rawValue).db").path)
            _ = try Engine(definition, database: database, log: InMemoryLog(), clock: .simulated(from: start))
            try database.close()
        }
        return folder
    }

    static func file(of service: ServiceName) throws -> URL {
        try made.get().appendingPathComponent("\(service.rawValue).db")
    }
}
