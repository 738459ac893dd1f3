import Dispatch
import Synchronization

/// Threads that may block, for async callers of blocking code. The cooperative pool has as many threads as cores and must never wait.
public final class Blocking: Sendable {
    private let queue: DispatchQueue
    private let width: Int
    private let state = Mutex(State())

    private struct State {
        var running = 0
        /// In order of arrival; no more than callers that wait.
        var waiting: [@Sendable () -> Void] = []
    }

    /// Where commands wait for the one writer anyway, one thread serves them in order of arrival.
    public static let commands = Blocking(label: "careloop.commands", width: 1)
    public static let queries = Blocking(label: "careloop.queries", width: .max)

    /// At most `width` pieces of work at a time, begun in order of arrival.
    public init(label: String, width: Int) {
        queue = DispatchQueue(label: label, attributes: width == 1 ? [] : .concurrent)
        self.width = width
    }

    /// Runs `work` on such a thread. Cancellation of the caller does not interrupt it: a transaction ends by itself.
    public func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            start { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    private func start(_ work: @escaping @Sendable () -> Void) {
        // One thread keeps order by itself, and where there is no bound there is nothing to count.
        guard width > 1, width < .max else { return queue.async(execute: work) }
        let isRoom = state.withLock { state in
            guard state.running < width else {
                state.waiting.append(work)
                return false
            }
            state.running += 1
            return true
        }
        if isRoom { queue.async { self.work(work) } }
    }

    /// Goes on with what waits, so that a thread that has become free is not given back first.
    private func work(_ first: @Sendable () -> Void) {
        first()
        while let next = next() { next() }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.running -= 1
            return nil
        }
    }
}
