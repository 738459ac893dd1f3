import Contracts
import Dispatch
import Persistence
import Synchronization
import Vocabulary

/// Fires missed deadlines: claims each row and runs its handler in one transaction, so that it fires once however often anybody looks.
final class Timers: Sendable {
    private let handlers: [String: DeadlineHandler]
    private let dispatcher: Dispatcher
    private let database: any Database
    private let clock: BusinessClock
    private let outbox: OutboxGauge
    private let service: String
    private let changes: ChangeSignal
    private let bell = DispatchSemaphore(value: 0)
    let fired = Mutex(0)

    init(
        service: String, handlers: [DeadlineHandler], dispatcher: Dispatcher, database: any Database, clock: BusinessClock,
        outbox: OutboxGauge,
        changes: ChangeSignal
    ) {
        self.service = service
        self.handlers = Dictionary(uniqueKeysWithValues: handlers.map { ($0.kind, $0) })
        self.dispatcher = dispatcher
        self.database = database
        self.clock = clock
        self.outbox = outbox
        self.changes = changes
    }

    /// Fires up to `CoreLimits.deadlineBatch` deadlines missed by now, in order of due day, kind and subject. Returns how many.
    func step() throws -> Int {
        guard outbox.hasRoom else { return 0 }
        let today = clock.today
        // A look without a write first: most of the time nothing is due.
        guard try database.read({ try Deadlines.missedCount(on: today, in: $0) }) > 0 else { return 0 }
        do {
            return try fire(upTo: CoreLimits.deadlineBatch, on: today)
        } catch let error as DatabaseError where error.kind == .transient {
            throw error
        } catch {
            // One of them cannot be fired together with the rest: one at a time, and a failing one lets the others pass.
            return try fireOneByOne(on: today)
        }
    }

    private func fireOneByOne(on today: LocalDate) throws -> Int {
        var count = 0
        var failure: (any Error)?
        for deadline in try database.read({ try Deadlines.missed(on: today, limit: CoreLimits.deadlineBatch, in: $0) }) {
            do { count += try commit { batch in try fire(deadline, in: batch) } } catch { failure = error }
        }
        if let failure, count == 0 { throw failure }
        return count
    }

    private func fire(upTo limit: Int, on today: LocalDate) throws -> Int {
        try commit { batch in
            try Deadlines.missed(on: today, limit: limit, in: batch.tx).reduce(0) { try $0 + fire($1, in: batch) }
        }
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
        do { try handler.apply(deadline.subject, deadline.due, batch.unit(cause)) } catch is any Refusal
            where batch.isUntouched(since: mark)
        {
            // The rule says the deadline no longer matters; it is claimed and gone.
        }
        return 1
    }

    private func commit(_ body: (Batch) throws -> Int) throws -> Int {
        var appended = (rows: 0, bytes: 0)
        let count: Int
        do {
            count = try database.write { tx in
                let batch = dispatcher.batch(tx)
                let count = try body(batch)
                try batch.finish()
                appended = (batch.appendedRows, batch.appendedBytes)
                CrashPoint.timerBeforeCommit.pass()
                return count
            }
            CrashPoint.timerAfterCommit.pass()
        } catch let failed as HeldFailed {
            try dispatcher.setAside(failed, in: database)
            throw failed
        }
        outbox.appended(rows: appended.rows, bytes: appended.bytes)
        changes.notify()
        fired.withLock { $0 += count }
        return count
    }

    func waitForTick() { _ = bell.wait(timeout: .now() + .milliseconds(CoreLimits.timerWait.wholeMilliseconds)) }
    func wake() { bell.signal() }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var wholeMilliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
