import Persistence
import Synchronization

/// Keeps the store's browser sessions from outliving their time, and from coming back to life with an older copy of the store.
///
/// A session may outlive the instance that opened it: nothing of it lies in a process, it ends at a time fixed when it was opened, and whether
/// it was signed out of or its link revoked is asked at every request. Where several instances share a store it must, or no instance could be
/// replaced without sending everybody's browser away.
///
/// What may not be is that a copy of the store brings back who has signed out since. A store that is put back is one that nobody serves
/// meanwhile, so whoever starts on a store that nobody serves ends its sessions. With one writer that is every start: there is one process. Where
/// rows are locked others may be serving, and say so every `CoreLimits.sessionWatch` while there is anything to serve; sessions that nobody
/// has seen for `CoreLimits.sessionPatience` end, and so do those of a store that the log is ahead of.
final class SessionUpkeep: Sendable {
    private let database: any Database
    private let elapsed: any ElapsedTime
    private let nextLook: Mutex<Int64>

    init(database: any Database, elapsed: any ElapsedTime) {
        self.database = database
        self.elapsed = elapsed
        nextLook = Mutex(elapsed.monotonicNanoseconds)
    }

    /// Once, before this instance serves anybody.
    func start(isBehindLog: Bool) throws {
        let oldest = elapsed.wallMilliseconds - Int64(CoreLimits.sessionPatience.wholeMilliseconds)
        // With a look without a write first: a store that needs a person must still be opened.
        let isOver = try database.read { tx in
            guard try SessionWatch.isNeeded(in: tx) else { return false }
            return try isBehindLog || !tx.locksRows || SessionWatch.lastMs(in: tx) < oldest
        }
        if isOver { try database.write { try SessionWatch.endAll(in: $0) } }
    }

    /// Says that this store's sessions are served, where nobody has of late. In the transaction of who opens one, so that none is younger than
    /// the last look.
    static func look(now: Int64, in tx: any Transaction) throws {
        guard tx.locksRows else { return }
        try SessionWatch.look(nowMs: now, since: now - Int64(CoreLimits.sessionWatch.wholeMilliseconds), in: tx)
    }

    /// Deletes up to `CoreLimits.sessionsBatch` of each kind that are over; returns how many. Looks every `CoreLimits.sessionWatch`, and at once
    /// again while there are more.
    func step() throws -> Int {
        let monotonic = elapsed.monotonicNanoseconds
        guard nextLook.withLock({ monotonic >= $0 }) else { return 0 }
        let now = elapsed.wallMilliseconds
        // As above: mostly nothing is over, and a store with one writer is not written to at all.
        let (isDue, isWatched) = try database.read { tx in
            (try SessionWatch.isAnyOver(nowMs: now, in: tx), try tx.locksRows && SessionWatch.isNeeded(in: tx))
        }
        var (deleted, isMore) = (0, false)
        if isDue || isWatched {
            (deleted, isMore) = try database.write { tx in
                if isWatched { try Self.look(now: now, in: tx) }
                let sessions = try BrowserSessions.deleteEnded(nowMs: now, limit: CoreLimits.sessionsBatch, in: tx)
                let signIns = try SignInsUnderWay.deleteLate(nowMs: now, limit: CoreLimits.sessionsBatch, in: tx)
                return (sessions + signIns, max(sessions, signIns) == CoreLimits.sessionsBatch)
            }
        }
        if !isMore { nextLook.withLock { $0 = monotonic + CoreLimits.sessionWatch.wholeNanoseconds } }
        return deleted
    }
}
