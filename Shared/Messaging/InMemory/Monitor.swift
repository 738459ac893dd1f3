import Foundation

/// State behind a lock whose changes others can wait for.
final class Monitor<State>: @unchecked Sendable {
    // Only touched between lock and unlock.
    private var state: State
    private let condition = NSCondition()

    init(_ state: State) { self.state = state }

    func withLock<T>(_ body: (inout State) throws -> T) rethrows -> T {
        condition.lock()
        defer { condition.unlock() }
        return try body(&state)
    }

    /// As `withLock`, and lets every waiter look again.
    func change<T>(_ body: (inout State) throws -> T) rethrows -> T {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return try body(&state)
    }

    /// Calls `body` until it gives something, at first and after every change, or until the deadline: then nil.
    func wait<T>(until deadline: ContinuousClock.Instant, _ body: (inout State) throws -> T?) rethrows -> T? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let result = try body(&state) { return result }
            let remaining = (deadline - .now).milliseconds
            guard remaining > 0 else { return nil }
            _ = condition.wait(until: Date(timeIntervalSinceNow: Double(remaining) / 1000))
        }
    }
}
