import Dispatch

/// Something only one thread uses, held by an object that many threads see.
///
/// Sendable because `Engine` hands the value to exactly one loop, and what other threads read of it is a `Mutex` inside it.
final class Confined<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

/// Waits after a fault, doubling up to a bound; ends early when the loop is told to stop.
struct Backoff {
    private var next = CoreLimits.backoffFirst

    mutating func reset() { next = CoreLimits.backoffFirst }

    mutating func pause(_ stopping: () -> Bool) {
        let bell = DispatchSemaphore(value: 0)
        var left = next.wholeMilliseconds
        while left > 0, !stopping() {
            let slice = min(left, 50)
            _ = bell.wait(timeout: .now() + .milliseconds(slice))
            left -= slice
        }
        next = min(next * 2, CoreLimits.backoffLargest)
    }
}
