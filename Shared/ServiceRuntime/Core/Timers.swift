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
        service: String, handlers: [DeadlineHandler], dispatcher: Dispatcher, database: any Database, clock: BusinessClock, outbox: OutboxGauge,
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
        var appended = (rows: 0, bytes: 0)
        let count = try database.write { tx in
            let batch = dispatcher.batch(tx)
            let missed = try Deadlines.missed(on: today, limit: CoreLimits.deadlineBatch, in: tx)
            for deadline in missed where try Deadlines.claim(deadline, in: tx) {
                guard let handler = handlers[deadline.kind] else {
                    preconditionFailure("\(service) sets deadlines of kind \(deadline.kind) and has no handler for them")
                }
                let cause = Cause(
                    id: EventID.derive(
                        cause: "\(deadline.kind)/\(deadline.subject)/\(deadline.due)", handler: service, ordinal: 0, type: "deadline"),
                    recorded: clock.now, actor: .service(service), channel: "TIMER")
                do { try handler.apply(deadline.subject, deadline.due, batch.unit(cause)) } catch is any Refusal {
                    // The rule says the deadline no longer matters; it is claimed and gone.
                }
            }
            try batch.finish()
            appended = (batch.appendedRows, batch.appendedBytes)
            return missed.count
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
