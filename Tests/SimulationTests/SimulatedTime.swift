import ServiceRuntime
import Synchronization
import Vocabulary

/// Elapsed time that only the simulation moves. The wall clock may jump either way, as machines' clocks do; the monotonic one never goes back.
final class SimulatedTime: ElapsedTime {
    private struct Hands {
        var wallMs: Int64
        var monotonicMs: Int64 = 0
    }

    private let hands: Mutex<Hands>

    init(_ start: LocalDate) { hands = Mutex(Hands(wallMs: Instant(startOf: start).milliseconds)) }

    var wallMilliseconds: Int64 { hands.withLock { $0.wallMs } }
    var monotonicNanoseconds: Int64 { hands.withLock { $0.monotonicMs * 1_000_000 } }

    func pass(milliseconds: Int64) {
        hands.withLock {
            $0.wallMs += milliseconds
            $0.monotonicMs += milliseconds
        }
    }

    /// Somebody sets the machine's clock.
    func jump(milliseconds: Int64) { hands.withLock { $0.wallMs += milliseconds } }
}
