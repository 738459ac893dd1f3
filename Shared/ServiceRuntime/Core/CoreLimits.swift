/// Every limit of the core in one place. Times are elapsed time, never business time.
public enum CoreLimits {
    /// Records a consumer takes into one transaction.
    public static let batchRecords = 2_500
    /// How long a consumer waits for a first record before it looks at its other duties.
    public static let pollWait = Duration.milliseconds(250)
    /// A poll with this many records is part of a stream: more is waited for, so often and so long, before the transaction begins.
    public static let streamingRecords = 400
    public static let streamingWait = Duration.milliseconds(20)
    public static let streamingWaits = 4
    /// Outbox rows the relay sends in one go.
    public static let relayRows = 2_000
    /// Bytes of rows the relay takes into memory in one go; at least one row is always taken.
    public static let relayBytes = 32 << 20
    /// Outbox ids the relay looks through in one go for streams that are behind.
    public static let relayWindow: Int64 = 100_000
    /// How long an idle relay sleeps when nobody wakes it; shorter where other instances write to the same store and cannot ring.
    public static let relayWait = Duration.milliseconds(500)
    public static let relayWaitShared = Duration.milliseconds(50)
    /// How often the outbox is counted in the store where other instances fill and empty it too.
    public static let outboxRecount = Duration.seconds(1)
    /// First and largest wait before a stream the log refused is tried again.
    public static let refusedFirst = Duration.milliseconds(200)
    public static let refusedLargest = Duration.seconds(30)
    /// Age from which acknowledged journal rows move to archive files.
    public static let journalAge = Duration.seconds(30 * 86_400)
    /// Rows and bytes of one archive file, which is moved in one transaction.
    public static let archiveRows = 10_000
    public static let archiveBytes = 16 << 20
    /// How often the relay looks for rows to archive.
    public static let archiveWait = Duration.seconds(60)
    /// How long the wall clock must keep pace before short-lived keys are ended by it, and by how much it may be put right meanwhile.
    public static let clockTrust = Duration.seconds(3600)
    /// How long the answer to an `Idempotency-Key` is repeated; not longer than short-lived keys are kept, which its digest needs.
    public static let answersKept = Duration.seconds(7 * 86_400)
    /// Answers deleted in one transaction, and how often somebody looks for old ones.
    public static let oldAnswersBatch = 1_000
    public static let oldAnswersWait = Duration.seconds(3_600)
    /// How often somebody looks for browser sessions that are over and says that the others are served, and how many are deleted in one
    /// transaction.
    public static let sessionWatch = Duration.seconds(60)
    public static let sessionsBatch = 500
    /// Sessions that no instance has served for so long end when one starts: longer than an instance is replaced in, and than the clocks of
    /// two machines differ; shorter than the way of a backup.
    public static let sessionPatience = Duration.seconds(300)
    /// Records that a restore reads back at most, with the numbers that were lost between them; beyond that a newer backup is needed. They
    /// are held in memory to be put in order.
    public static let restoreRecords = 2_000_000
    /// Records of a restore in one transaction.
    public static let restoreBatch = 2_000
    /// How many things that followed from one cause a restore tries to number as they were; what is beyond gets ids of its own.
    static let restoreOrdinals = 64
    /// How long a restore waits for the log to give the next record.
    public static let restorePatience = Duration.seconds(30)
    /// A lease that has shown no life for so long is taken by another instance; its holder shows life every `leaseBeat` at least.
    public static let leaseLength = Duration.seconds(4)
    public static let leaseBeat = Duration.seconds(1)
    /// Deadlines fired in one transaction.
    public static let deadlineBatch = 200
    public static let timerWait = Duration.milliseconds(500)
    /// Rows and bytes that may wait for the relay before writes are refused and consumers pause.
    public static let outboxRows = 500_000
    public static let outboxBytes = 512 << 20
    /// Records a store holds for subjects that are not there yet.
    public static let heldRecords = 10_000
    /// Of these, records of one topic that a partner writes: nobody outside can fill the hold for everybody.
    public static let heldPerPartnerTopic = 500
    /// How long a partition whose record finds no room in the hold stays paused before it is tried again.
    public static let heldRetry = Duration.seconds(1)
    /// How long a fact waits for its subject before it is set aside: longer than a weekend on which its subject's service stands still.
    public static let heldPatience = Duration.seconds(72 * 3600)
    /// The same for a partner's record, which may name what never was; shorter than its bytes may be kept.
    public static let partnerHeldPatience = Duration.seconds(6 * 3600)
    /// After how long a held record is looked at a second time, where several transactions write at once.
    public static let heldSecondLook = Duration.seconds(30)
    /// How often that look begins with the oldest again.
    public static let heldLookFromStart = Duration.seconds(300)
    /// While something is held, the store's clock (`StoreClock`) is moved on in steps of this.
    public static let storeClockStep = Duration.seconds(5)
    /// Time in which an instance did not look at all, frozen or starved, counts as this at most: it could not have read what is waited for.
    public static let storeClockLongest = Duration.seconds(900)
    /// Held records put through their handler again in one step of the timers.
    public static let heldReviewBatch = 200
    /// How often a store is asked whether something has waited too long, or whether an operator resumed a source.
    public static let reviewInterval = Duration.seconds(1)
    /// Unusable records in a row from one source before that source is stopped.
    public static let consecutiveBadRecords = 100
    /// The same as a share: more than `badPercent` of the last `badWindow` records of a source.
    public static let badWindow = 200
    public static let badPercent = 50
    /// How long a comparison of a stored position with the log holds, when a partition is taken away and given back.
    public static let positionCheckInterval = Duration.seconds(60)
    /// Attempts at a record whose handler fails for no reason the record gives, before it is set aside.
    public static let handlerAttempts = 3
    /// Replays of one dead letter.
    public static let replayAttempts = 10
    /// Attempts at a transaction that another writer overtook.
    public static let conflictRetries = 5
    /// The longest pause before the second of them where another transaction stood in the way; it grows with each.
    public static let overtakenPause = Duration.milliseconds(20)
    /// Backoff after a transient fault: first and largest wait.
    public static let backoffFirst = Duration.milliseconds(50)
    public static let backoffLargest = Duration.seconds(5)
    /// A gap open longer than this turns readiness red.
    public static let gapPatience = Duration.seconds(60)
    /// Age of the oldest unsent row beyond which readiness turns red.
    public static let outboxPatience = Duration.seconds(60)
    /// How long a client may take to close.
    public static let closeWait = Duration.seconds(5)
}
