import Persistence
import Synchronization

/// A store that somebody's process dies over, or that fails for a while: behind the writes that it is told to let pass none begins.
final class DyingDatabase: Database {
    private let store: any Database
    private let left = Mutex<Int?>(nil)

    init(_ store: any Database) { self.store = store }

    var description: String { "\(store.description), that may die" }

    func die(after writes: Int) { left.withLock { $0 = writes } }
    func revive() { left.withLock { $0 = nil } }

    @discardableResult
    func write<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        let isDead = left.withLock { left in
            guard let count = left else { return false }
            left = max(0, count - 1)
            return count == 0
        }
        guard !isDead else { throw DatabaseError(kind: .transient, message: "dead, for a test") }
        return try store.write(body)
    }

    func read<Result>(_ body: (any Transaction) throws -> Result) throws -> Result { try store.read(body) }
    func close() throws { try store.close() }
}
