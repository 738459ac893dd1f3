import Dispatch

/// The pause before a transaction that was overtaken runs again: drawn by lot, so that two do not meet again.
enum OvertakenPause {
    /// Blocks for up to `attempt` times `CoreLimits.overtakenPause`; on a thread that may block.
    static func wait(_ attempt: Int) {
        let longest = CoreLimits.overtakenPause.wholeMilliseconds * 1_000 * attempt
        // Nobody rings: the semaphore is a bound without a sleep.
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .microseconds(Int.random(in: 0...longest)))
    }
}
