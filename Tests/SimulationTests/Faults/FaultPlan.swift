import Messaging

/// What goes wrong in one run, each with a chance in a thousand. Drawn from the seed: every run leaves some faults out, so that the others
/// are not always hidden behind them.
struct FaultPlan {
    var crashBeforeCommit = 0
    var crashAfterCommit = 0
    var crashBeforeSend = 0
    var crashAfterSend = 0
    /// The store is locked by somebody, or the disk is full at some statement.
    var busy = 0
    var full = 0
    /// A partition refuses what comes, from some record of a batch on.
    var partlyRefused = 0
    /// A batch that was sent comes in once more, much later.
    var lateArrival = 0
    /// A client loses its log for a while.
    var cut = 0
    /// A second engine over the same store, which was the first until it froze.
    var zombie = 0
    /// Another instance commits between what a write loaded and what it writes.
    var overtaken = 0
    /// Somebody else asks another instance for the same, between what a request has loaded and what it writes.
    var rival = 0
    var clockJump = 0
    /// Stores are backed up, and an older backup is started: by mistake, or to be restored.
    var olderBackup = 0
    var log = LogFaults()
    /// No fault: half of the runs number their events where writers lock rows, in the relay.
    var locksRows = false

    static let none = FaultPlan()

    static func drawn(from dice: inout Dice) -> FaultPlan {
        func chance(_ most: Int) -> Int { dice.happens(500) ? 1 + dice.below(most) : 0 }
        var plan = FaultPlan()
        plan.crashBeforeCommit = chance(25)
        plan.crashAfterCommit = chance(25)
        plan.crashBeforeSend = chance(40)
        plan.crashAfterSend = chance(40)
        plan.busy = chance(40)
        plan.full = chance(30)
        plan.partlyRefused = chance(80)
        plan.lateArrival = chance(60)
        plan.cut = chance(15)
        plan.zombie = chance(25)
        plan.overtaken = chance(250)
        plan.clockJump = chance(10)
        plan.olderBackup = dice.happens(300) ? 120 : 0
        plan.locksRows = dice.happens(500)
        plan.log.repeated = chance(60)
        plan.log.delayed = chance(60)
        plan.log.shortened = chance(200)
        // A log that loses what it acknowledged: found by the gap, mended by sending the topic again.
        plan.log.swallowed = dice.happens(250) ? 1 + dice.below(10) : 0
        plan.log.unacknowledged = chance(60)
        plan.log.refused = chance(40)
        // From a copy: seeds that draw none of it go on as they did before there was this fault.
        var aside = dice
        plan.rival = aside.happens(300) ? 1 + aside.below(400) : 0
        return plan
    }
}

/// The process is gone: what it had not committed or sent never happened.
struct SimulatedCrash: Error {}

/// What a run found to be wrong.
struct Broken: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
