import Contracts
import Dispatch
import Persistence
import Synchronization
import Vocabulary

/// Fires missed deadlines: claims each row and runs its handler in one transaction, so that it fires once however often anybody looks.
final class Timers: Sendable {
    private let handlers: [String: DeadlineHandler]
    private let commits: Commits
    private let clock: BusinessClock
    private let service: String
    private let bell = DispatchSemaphore(value: 0)
    let fired = Mutex(0)

    init(service: String, handlers: [DeadlineHandler], commits: Commits, clock: BusinessClock) {
        self.service = service
        self.handlers = Dictionary(uniqueKeysWithValues: handlers.map { ($0.kind, $0) })
        self.commits = commits
        self.clock = clock
    }

    /// Fires up to `CoreLimits.deadlineBatch` deadlines missed by now, in order of due day, kind and subject, and while some of them cannot be
    /// fired those behind them as well. Returns how many. Throws what the store fails with, and the last failure when none was fired.
    func step(_ stopping: () -> Bool = { false }) throws -> Int {
        let today = clock.today
        var last: Deadlines.Deadline?
        var (count, failure) = (0, nil as (any Error)?)
        // With a look without a write first: most of the time nothing is due.
        while commits.outbox.hasRoom, !stopping() {
            let page = try commits.database.read { try Deadlines.missed(on: today, after: last, limit: CoreLimits.deadlineBatch, in: $0) }
            guard let end = page.last else { break }
            last = end
            do {
                count += try commit { batch in try page.reduce(0) { try $0 + fire($1, in: batch) } }
            } catch let error as DatabaseError where error.kind.isOfStore {
                throw error
            } catch {
                // One of them cannot be fired together with the rest: one at a time, and a failing one lets the others pass.
                count += try fireOneByOne(page, &failure, stopping)
            }
            guard failure != nil, page.count == CoreLimits.deadlineBatch else { break }
        }
        if let failure, count == 0 { throw failure }
        return count
    }

    private func fireOneByOne(_ page: [Deadlines.Deadline], _ failure: inout (any Error)?, _ stopping: () -> Bool) throws -> Int {
        var count = 0
        for deadline in page where !stopping() {
            do {
                count += try commit { batch in try fire(deadline, in: batch) }
            } catch let error as DatabaseError where error.kind.isOfStore {
                throw error
            } catch {
                failure = error
            }
        }
        return count
    }

    /// Claims a deadline and runs its handler; 0 when it was moved or cleared meanwhile.
    private func fire(_ deadline: Deadlines.Deadline, in batch: Batch) throws -> Int {
        guard try Deadlines.claim(deadline, in: batch.tx) else { return 0 }
        guard let handler = handlers[deadline.kind] else {
            preconditionFailure("\(service) sets deadlines of kind \(deadline.kind) and has no handler for them")
        }
        // The moment belongs to it: a deadline that a late fact sets once more for the same day is another cause, with events of its own.
        let moment = clock.elapsed.wallMilliseconds
        let cause = Cause(
            id: EventID.derive(
                cause: "\(deadline.kind)/\(deadline.subject)/\(deadline.due)/\(moment)", handler: service, ordinal: 0, type: "deadline"),
            recorded: clock.now, actor: .service(service), channel: "TIMER")
        let mark = batch.mark
        do { try handler.apply(deadline.subject, deadline.due, try batch.unit(cause)) } catch is any Refusal
            where batch.isUntouched(since: mark)
        {
            // The rule says the deadline no longer matters; it is claimed and gone.
        }
        return 1
    }

    private func commit(_ body: (Batch) throws -> Int) throws -> Int {
        do {
            let count = try commits.run(before: .timerBeforeCommit, after: .timerAfterCommit, body)
            fired.withLock { $0 += count }
            return count
        } catch let failed as HeldFailed {
            try commits.dispatcher.setAside(failed, in: commits.database)
            throw failed
        }
    }

    func waitForTick() { _ = bell.wait(timeout: .now() + .milliseconds(CoreLimits.timerWait.wholeMilliseconds)) }
    func wake() { bell.signal() }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var wholeMilliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
