import Synchronization

/// Tells waiting tasks that something has changed, without saying what: they look for themselves.
///
/// A change between looking and waiting is not missed, because a waiter names the version it has seen.
public final class ChangeSignal: Sendable {
    private struct State {
        var version: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// The version of now; read it before looking.
    public var version: UInt64 { state.withLock { $0.version } }

    /// Wakes everybody who waits. Cheap when nobody does; may be called from any thread.
    public func notify() {
        let waiters = state.withLock {
            $0.version += 1
            let waiters = $0.waiters.values
            $0.waiters = [:]
            return Array(waiters)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns once the version is beyond `seen`, at once if it is already, and early when the task is cancelled.
    public func changed(since seen: UInt64) async {
        let id = state.withLock {
            $0.nextWaiter += 1
            return $0.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock {
                    guard $0.version <= seen, !Task.isCancelled else { return false }
                    $0.waiters[id] = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
