import Persistence
import Synchronization

@testable import ServiceRuntime

/// A store in which somebody else is faster, a number of times: a batch that reaches its end is rolled back.
final class Conflicts: Database {
    private let database: any Database
    private let armed: Mutex<Int>

    init(_ database: any Database, times: Int = 0) {
        self.database = database
        armed = Mutex(times)
    }

    func fail(times: Int) { armed.withLock { $0 = times } }

    var description: String { "a store with conflicts" }

    func write<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        try database.write { tx in
            let before = tx.changes
            let result = try body(tx)
            // The consumer's batch: it moved a position and did something.
            guard tx.changes - before > 2 else { return result }
            let fails = armed.withLock { armed in
                defer { armed = max(0, armed - 1) }
                return armed > 0
            }
            if fails { throw VersionConflict() }
            return result
        }
    }

    func read<Result>(_ body: (any Transaction) throws -> Result) throws -> Result { try database.read(body) }
    func close() throws {}
}
