import Dispatch
import Synchronization

/// Connections of one kind. Each is lent to one transaction at a time; a broken one is replaced when the next asks.
final class PostgresPool: Sendable {
    private let address: PostgresAddress
    private let label: String
    private let size: Int
    private let free: DispatchSemaphore
    private let idle = Mutex<[PostgresConnection]>([])
    private let made = Mutex(0)
    private let closing = Mutex(false)
    private let bell = DispatchSemaphore(value: 0)

    init(_ address: PostgresAddress, label: String, size: Int) {
        self.address = address
        self.label = label
        self.size = size
        free = DispatchSemaphore(value: 0)
        for _ in 0..<size { free.signal() }
    }

    /// A connection that was alive when it was last used, or a new one. Every `take` that returns is followed by one `giveBack`.
    func take() throws -> PostgresConnection {
        guard free.wait(timeout: .now() + PostgresLimits.poolWait.dispatched) == .success else {
            throw DatabaseError(kind: .transient, message: "all \(size) connections of the pool are in use")
        }
        do {
            if closing.withLock({ $0 }) { throw DatabaseError(kind: .unusable, message: "the store is closed") }
            return try idle.withLock { $0.popLast() } ?? connect(within: PostgresLimits.connectPatience)
        } catch {
            free.signal()
            throw error
        }
    }

    func giveBack(_ connection: PostgresConnection) {
        if connection.isAlive, !closing.withLock({ $0 }) { idle.withLock { $0.append(connection) } }
        free.signal()
    }

    /// After a connection turned out broken, its neighbours are as old: they are made anew.
    func dropIdle() { idle.withLock { $0 = [] } }

    /// Connects, with growing pauses between attempts, until `patience` is over or the store is closed; then throws the last failure.
    func connect(within patience: Duration) throws -> PostgresConnection {
        let until = ContinuousClock.now + patience
        var pause = PostgresLimits.backoffFirst
        while true {
            do { return try PostgresConnection(address, named: name()) } catch {
                guard ContinuousClock.now + pause < until, !closing.withLock({ $0 }) else { throw error }
            }
            wait(pause)
            pause = min(pause * 2, PostgresLimits.backoffLargest)
        }
    }

    /// Half of the pause, and a part of the other half drawn by lot; ends early when the store is closed.
    func wait(_ pause: Duration) { _ = bell.wait(timeout: .now() + (pause / 2 + pause / 2 * Double.random(in: 0...1)).dispatched) }

    var isClosing: Bool { closing.withLock { $0 } }

    private func name() -> String {
        let number = made.withLock { made in
            made += 1
            return made
        }
        return "careloop-\(label)-\(number)"
    }

    /// Waits a moment for running transactions and closes every connection; what still runs ends with the process, unfinished.
    func close() {
        guard
            !closing.withLock({ wasClosing in
                defer { wasClosing = true }
                return wasClosing
            })
        else { return }
        for _ in 0..<size { bell.signal() }
        var had = 0
        let until = DispatchTime.now() + PostgresLimits.closeWait.dispatched
        while had < size, free.wait(timeout: until) == .success { had += 1 }
        dropIdle()
        // A pool may only go away with as many slots as it began with.
        for _ in 0..<had { free.signal() }
    }
}

extension Duration {
    var dispatched: DispatchTimeInterval {
        .microseconds(Int(components.seconds) * 1_000_000 + Int(components.attoseconds / 1_000_000_000_000))
    }
}
