import Synchronization
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Elapsed time, for leases, back-off, limits and tokens. Never moved by anybody.
public protocol ElapsedTime: Sendable {
    /// Milliseconds of the wall clock since 1970-01-01 UTC.
    var wallMilliseconds: Int64 { get }
    /// Nanoseconds since some fixed moment; never goes back.
    var monotonicNanoseconds: Int64 { get }
}

extension ElapsedTime {
    /// The wall clock as an instant. For tokens and audit stamps; business dates come from `BusinessClock`.
    public var wall: Instant { Instant(milliseconds: wallMilliseconds) }
}

/// The machine's own clocks.
public struct SystemTime: ElapsedTime {
    public init() {}

    public var wallMilliseconds: Int64 {
        let time = read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    public var monotonicNanoseconds: Int64 {
        let time = read(CLOCK_MONOTONIC)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    private func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        let answer = clock_gettime(clock, &time)
        precondition(answer == 0, "the machine has no clock \(clock)")
        return time
    }
}

/// Elapsed time that a test moves by hand.
public final class ManualTime: ElapsedTime {
    private let milliseconds: Mutex<Int64>

    public init(_ start: Instant) { milliseconds = Mutex(start.milliseconds) }

    public func advance(milliseconds count: Int64) { milliseconds.withLock { $0 += count } }
    public var wallMilliseconds: Int64 { milliseconds.withLock { $0 } }
    public var monotonicNanoseconds: Int64 { wallMilliseconds * 1_000_000 }
}

/// Business time: which day it is in Asia/Shanghai. Movable for demonstrations; elapsed time is not its business.
///
/// On the system clock it is the machine's. Simulated, a day begins at 09:00 when it is set and creeps on with elapsed time, but never
/// leaves the day: the day changes only by `move(to:)`.
public final class BusinessClock: Sendable {
    /// Why the clock did not move.
    public enum Refused: String, Refusal {
        /// The service runs on the system clock.
        case notSimulated = "CLOCK_NOT_SIMULATED"
        /// Business time never goes back.
        case backwards = "CLOCK_BACKWARDS"
    }

    private struct Day {
        var date: LocalDate
        var sinceNanoseconds: Int64
    }

    public let isSimulated: Bool
    /// What elapsed time comes from.
    public let elapsed: any ElapsedTime
    /// Nil on the system clock.
    private let day: Mutex<Day?>
    private let listeners = Mutex<[@Sendable (LocalDate) -> Void]>([])

    private init(elapsed: any ElapsedTime, day: Day?) {
        self.elapsed = elapsed
        self.day = Mutex(day)
        isSimulated = day != nil
    }

    /// The machine's own clock, in Asia/Shanghai.
    public static func system(_ elapsed: any ElapsedTime = SystemTime()) -> BusinessClock { BusinessClock(elapsed: elapsed, day: nil) }

    /// A clock that stands on `start` until it is moved.
    public static func simulated(from start: LocalDate, _ elapsed: any ElapsedTime = SystemTime()) -> BusinessClock {
        BusinessClock(elapsed: elapsed, day: Day(date: start, sinceNanoseconds: elapsed.monotonicNanoseconds))
    }

    /// Business now. Does not go back while the clock stands on one day.
    public var now: Instant {
        guard let day = day.withLock({ $0 }) else { return elapsed.wall }
        let intoDay = Self.opening + (elapsed.monotonicNanoseconds - day.sinceNanoseconds) / 1_000_000
        return Instant(startOf: day.date).adding(milliseconds: min(intoDay, Self.lastMillisecond))
    }

    public var today: LocalDate { now.date }

    /// Makes it `date`. The same date again changes nothing. Throws when the clock is the machine's or `date` has passed.
    public func move(to date: LocalDate) throws(Refused) {
        guard isSimulated else { throw .notSimulated }
        let elapsedNow = elapsed.monotonicNanoseconds
        let moved: Bool? = day.withLock {
            guard let standing = $0?.date, date >= standing else { return nil }
            guard date > standing else { return false }
            $0 = Day(date: date, sinceNanoseconds: elapsedNow)
            return true
        }
        guard let moved else { throw .backwards }
        if moved { for listener in listeners.withLock({ $0 }) { listener(date) } }
    }

    /// Calls `listener` after each move, on the mover's thread: for timers that wait for the next day.
    public func onMove(_ listener: @escaping @Sendable (LocalDate) -> Void) { listeners.withLock { $0.append(listener) } }

    private static let opening: Int64 = 9 * 3_600_000
    private static let lastMillisecond: Int64 = 86_399_999
}
