import Persistence
import Synchronization
import Vocabulary

/// Takes answers that were kept for Idempotency-Keys out of the store once nobody is given them any more, some at a time.
final class OldAnswers: Sendable {
    private let database: any Database
    private let elapsed: any ElapsedTime
    private let outbox: OutboxGauge
    private let nextLook: Mutex<Int64>

    init(database: any Database, elapsed: any ElapsedTime, outbox: OutboxGauge) {
        self.database = database
        self.elapsed = elapsed
        self.outbox = outbox
        nextLook = Mutex(elapsed.monotonicNanoseconds + CoreLimits.oldAnswersWait.wholeNanoseconds)
    }

    /// What was kept before this instant, in wall milliseconds, is over.
    static func oldest(now: Int64) -> Int64 { now - Int64(CoreLimits.answersKept.wholeMilliseconds) }

    /// Deletes up to `CoreLimits.oldAnswersBatch`; returns how many. Looks every `CoreLimits.oldAnswersWait`, and at once again while there
    /// are more.
    func step() throws -> Int {
        let now = elapsed.monotonicNanoseconds
        guard outbox.hasRoom, nextLook.withLock({ now >= $0 }) else { return 0 }
        let oldest = Self.oldest(now: elapsed.wallMilliseconds)
        // A look without a write first: most of the time nothing is over.
        let isDue = try database.read { try IdempotencyKeys.oldestMs(in: $0) }.map { $0 < oldest } ?? false
        let deleted =
            isDue ? try database.write { try IdempotencyKeys.delete(before: oldest, limit: CoreLimits.oldAnswersBatch, in: $0) } : 0
        if deleted < CoreLimits.oldAnswersBatch { nextLook.withLock { $0 = now + CoreLimits.oldAnswersWait.wholeNanoseconds } }
        return deleted
    }
}
