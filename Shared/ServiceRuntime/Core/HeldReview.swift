import Contracts
import Persistence
import Synchronization
import Vocabulary

/// Looks after what is held: puts through its handler once more what has waited too long, or failed when it was released, each record in a
/// transaction of its own; what then still waits for a subject becomes a dead letter, and the later ones of its key get their turn.
final class HeldReview: Sendable {
    /// Set aside because the subject never came.
    static let neverCame = "SUBJECT_NEVER_CAME"

    private struct Memory {
        var nextLook = Int64.min
        var attempts = Attempts<Int64>()
        /// Everything held up to here has been looked at a second time.
        var lookedThrough: Int64 = 0
        /// When the second look last began with the first of them, by the store's clock.
        var lookedFromStart: Int64 = 0
        /// The store's clock as it was last seen here, and when by this machine's monotonic clock.
        var seen: (reading: Int64, nanoseconds: Int64)?
    }

    private let commits: Commits
    private let clock: BusinessClock
    private var dispatcher: Dispatcher { commits.dispatcher }
    private var database: any Database { commits.database }
    private let memory = Mutex(Memory())

    init(commits: Commits, clock: BusinessClock) {
        self.commits = commits
        self.clock = clock
    }

    /// Reviews up to `CoreLimits.heldReviewBatch` records; returns how many came to an end. Throws what is transient, and a failure that may
    /// pass when nothing else got on.
    func step() throws -> Int {
        guard commits.outbox.hasRoom, isDue() else { return 0 }
        let now = try readStoreClock()
        try callOverdue(now)
        var ended = 0
        var failure: (any Error)?
        var last: Int64 = 0
        var blocked: Set<String> = []
        for _ in 0..<CoreLimits.heldReviewBatch {
            guard let waiting = try database.read({ try HeldRecords.first(waitingFor: Dispatcher.again, after: last, in: $0) }) else {
                break
            }
            last = waiting.record.id
            let line = HeldLines.isOrdered(waiting.record.topic) ? "\(waiting.record.topic)\u{0}\(waiting.record.key)" : nil
            if let line, blocked.contains(line) { continue }
            do { if try review(waiting, now) { ended += 1 } } catch let failed as HeldFailed {
                try dispatcher.setAside(failed, in: database)
                failure = failed
                if let line { blocked.insert(line) }
            } catch let error where !Blame.isSurroundings(error) {
                failure = error
                if let line { blocked.insert(line) }
            }
        }
        // A line that is being worked off goes on at once, and so does one whose record is to be tried again.
        if ended > 0 || failure != nil { memory.withLock { $0.nextLook = .min } }
        if let failure, ended == 0 { throw failure }
        return ended
    }

    private func isDue() -> Bool {
        let now = clock.elapsed.monotonicNanoseconds
        let isAsked = dispatcher.isReviewAsked.withLock { asked in
            defer { asked = false }
            return asked
        }
        return memory.withLock { memory in
            guard isAsked || now >= memory.nextLook else { return false }
            memory.nextLook = now + CoreLimits.reviewInterval.wholeNanoseconds
            return true
        }
    }

    /// How long a record of this topic may wait.
    private static func patienceMs(_ topic: String) -> Int64 {
        Int64((HeldLines.isOrdered(topic) ? CoreLimits.heldPatience : CoreLimits.partnerHeldPatience).wholeMilliseconds)
    }

    // Not the wall clock's hours: set forward it would bury what came a minute ago, set back it would let nothing go for years.
    private static func isOverdue(_ topic: String, heldAt: Int64, now: Int64) -> Bool { now - heldAt >= patienceMs(topic) }

    /// What the store's clock shows, moved on by what has passed here since the last look while something was held.
    private func readStoreClock() throws -> Int64 {
        let (reading, isHolding) = try database.read { (try StoreClock.reading(in: $0), try HeldRecords.count(in: $0) > 0) }
        let now = clock.elapsed.monotonicNanoseconds
        guard isHolding, let seen = memory.withLock({ $0.seen }), seen.reading == reading else {
            // Nothing to measure, or another instance counts: this one counts from here on.
            memory.withLock { $0.seen = (reading, now) }
            return reading
        }
        let passed = min((now - seen.nanoseconds) / 1_000_000, Int64(CoreLimits.storeClockLongest.wholeMilliseconds))
        guard passed >= CoreLimits.storeClockStep.wholeMilliseconds else { return reading }
        let isMine = try database.write { try StoreClock.advance(from: reading, by: passed, in: $0) }
        memory.withLock { $0.seen = isMine ? (reading + passed, now) : nil }
        return isMine ? reading + passed : reading
    }

    /// Calls the lines of what has waited too long. Types that no build here knows wait for an upgrade, however long.
    private func callOverdue(_ now: Int64) throws {
        let shortest = min(CoreLimits.heldPatience, CoreLimits.partnerHeldPatience).wholeMilliseconds
        let cutoff = now - Int64(shortest)
        let overdue =
            try database.read { tx in
                try HeldRecords.heldBefore(cutoff + 1, after: 0, exceptPrefixes: Dispatcher.unknownType, Dispatcher.again, in: tx)
            }.filter { Self.isOverdue($0.topic, heldAt: $0.heldAt, now: now) }
        let again = try secondLook(now)
        try call(overdue + again)
        // Only now: what could not be called is looked at again.
        if let last = again.map(\.id).max() { memory.withLock { $0.lookedThrough = last } }
    }

    private func call(_ overdue: [HeldRecords.Summary]) throws {
        guard !overdue.isEmpty else { return }
        try database.write { tx in
            let heads = try HeldRecords.heads(in: tx)
            for waiting in overdue {
                // Called already together with an older one of its line, or released meanwhile.
                guard try HeldRecords.subject(of: waiting.id, in: tx) == waiting.subject else { continue }
                if HeldLines.isOrdered(waiting.topic) {
                    // A later one of a line waits for those before it, whatever has come meanwhile.
                    guard heads.contains(waiting.id) else { continue }
                    try HeldRecords.moveLine(to: Dispatcher.again, from: waiting.id, in: tx)
                } else {
                    try HeldRecords.move(waiting.id, to: Dispatcher.again, in: tx)
                }
            }
        }
    }

    /// Where several transactions write at once, one may hold a record while another makes its subject come, and neither sees the other: what
    /// has been held for a while is looked at once more. Where there is one writer this cannot happen.
    private func secondLook(_ now: Int64) throws -> [HeldRecords.Summary] {
        let cutoff = now - Int64(CoreLimits.heldSecondLook.wholeMilliseconds)
        let after = memory.withLock { memory in
            // From the first one again now and then: a hold may commit behind the look with a lower id, and a record that goes back to its
            // subject in the very moment in which that comes is one of those looked at.
            if now - memory.lookedFromStart >= CoreLimits.heldLookFromStart.wholeMilliseconds {
                (memory.lookedThrough, memory.lookedFromStart) = (0, now)
            }
            return memory.lookedThrough
        }
        return try database.read { tx -> [HeldRecords.Summary] in
            guard tx.locksRows else { return [] }
            return try HeldRecords.heldBefore(cutoff + 1, after: after, exceptPrefixes: Dispatcher.unknownType, Dispatcher.again, in: tx)
        }
    }

    /// Puts one record through its handler; true when it waits no more.
    private func review(_ waiting: HeldRecords.Waiting, _ now: Int64) throws -> Bool {
        let record = waiting.record
        do {
            return try commits.run { batch in
                let ending = try dispatcher.apply(held: record, in: batch)
                guard ending == .held else {
                    // Another instance let it go meanwhile, with the same effect: this one's is not wanted.
                    guard try dispatcher.letGo(record, in: batch) else { throw VersionConflict() }
                    return true
                }
                let subject = try HeldRecords.subject(of: record.id, in: batch.tx) ?? ""
                let isOverdue = Self.isOverdue(record.topic, heldAt: waiting.heldAt, now: now)
                guard isOverdue, !subject.hasPrefix(Dispatcher.unknownType) else { return false }
                // The later ones of its line wait no longer for what it waited for.
                try dispatcher.wait(record, for: Dispatcher.again, in: batch)
                return try end(record, .bury(Self.neverCame, field: nil), in: batch)
            }
        } catch let error where !Blame.isSurroundings(error) {
            let verdict: Verdict
            if let known = Blame.verdict(on: error) {
                verdict = known
            } else {
                guard memory.withLock({ $0.attempts.isLast(record.id, record.id) }) else { throw error }
                verdict = Blame.failed(error)
            }
            memory.withLock { $0.attempts.forget(record.id) }
            return try commits.run { try end(record, verdict, in: $0) }
        }
    }

    private func end(_ record: StoredRecord, _ verdict: Verdict, in batch: Batch) throws -> Bool {
        if case .hold(let subject) = verdict {
            try dispatcher.wait(record, for: subject, in: batch)
            return false
        }
        guard try dispatcher.letGo(record, in: batch) else { return false }
        if case .bury(let reason, let field) = verdict { try dispatcher.bury(record, reason, field, in: batch) }
        return true
    }
}
