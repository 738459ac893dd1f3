import Persistence

/// One transaction of the service and what every writer owes behind its commit: the relay hears of what was appended, and whoever waits for a
/// change of anything.
struct Commits: Sendable {
    let dispatcher: Dispatcher
    let database: any Database
    let outbox: OutboxGauge
    let changes: ChangeSignal

    /// Runs `body` in a batch and commits it. Runs it once: who calls decides about again. A debug build may be told to die `before` the commit
    /// or `after` it.
    func run<Result>(before: CrashPoint? = nil, after: CrashPoint? = nil, _ body: (Batch) throws -> Result) throws -> Result {
        var appended = (rows: 0, bytes: 0)
        let result = try database.write { tx in
            let batch = dispatcher.batch(tx)
            let result = try body(batch)
            try batch.finish()
            appended = (batch.appendedRows, batch.appendedBytes)
            before?.pass()
            return result
        }
        after?.pass()
        outbox.appended(rows: appended.rows, bytes: appended.bytes)
        changes.notify()
        return result
    }
}
