import Contracts
import Dispatch
import Foundation
import Messaging
import Persistence
import Synchronization
import Vocabulary

/// A running service without its threads and sockets: store, log, consumer, relay and timers, each a synchronous step.
///
/// `perform` may be called from any thread that may block; the loops belong to one dedicated thread each.
public final class Engine: Sendable {
    public let name: String
    public let database: any Database
    public let log: any EventLog
    public let clock: BusinessClock
    /// Rung after every commit of this service.
    public let changes = ChangeSignal()
    /// How the log's topics differ from the catalogue, as of the start, a sentence each.
    public let topicDrift: [String]
    let definition: ServiceDefinition
    let dispatcher: Dispatcher
    let outbox: OutboxGauge
    let timers: Timers
    let review: HeldReview
    // The consumer and the relay are each used by the one thread that runs their loop; everybody else reads their `state`, a Mutex.
    private let consumerBox: Confined<Consumer>
    private let relayBox: Confined<Relay>
    private let consumerWaker = Mutex<Waker?>(nil)
    private let fatal = Mutex<String?>(nil)
    /// What the store answered each loop last, while it fails.
    private let storeFailures = Mutex<[String: String]>([:])
    /// Set when marks were moved back; the relay's own thread reads them again.
    let republishAsked = Mutex(false)

    /// Opens nothing itself: migrates the store, makes sure that the service's own topics exist, and compares store and log.
    public init(
        _ definition: ServiceDefinition, database: any Database, log: any EventLog, clock: BusinessClock,
        outboxCapRows: Int = CoreLimits.outboxRows, outboxCapBytes: Int = CoreLimits.outboxBytes,
        archiveFolder: String? = nil, archiveAge: Duration = CoreLimits.journalAge
    ) throws {
        name = definition.name
        self.definition = definition
        self.database = database
        self.log = log
        self.clock = clock
        try database.migrate(CoreSchema.migrations + definition.migrations)
        let backlog = try database.read { try Outbox.backlog(in: $0) }
        outbox = OutboxGauge(backlog, capRows: outboxCapRows, capBytes: outboxCapBytes)
        dispatcher = Dispatcher(
            service: definition.name, subscriptions: definition.subscriptions, clock: clock, sealing: definition.sealing)
        timers = Timers(
            service: definition.name, handlers: definition.deadlines, dispatcher: dispatcher, database: database, clock: clock,
            outbox: outbox,
            changes: changes)
        review = HeldReview(dispatcher: dispatcher, database: database, clock: clock, outbox: outbox, changes: changes)
        consumerBox = Confined(
            Consumer(dispatcher: dispatcher, database: database, log: log, clock: clock, outbox: outbox, changes: changes))
        relayBox = Confined(
            Relay(
                name: definition.name, database: database, log: log, gauge: outbox, elapsed: clock.elapsed, sealing: definition.sealing,
                holder: "\(ProcessInfo.processInfo.hostName):\(ProcessInfo.processInfo.processIdentifier)",
                archive: archiveFolder.map { JournalArchive(folder: $0, age: archiveAge) }))
        let own = Catalogue.producedTopics(by: definition.name) + dispatcher.factTopics
        let plans = Array(Set(own)).sorted().compactMap { name in Catalogue.topic(for: name).map { $0.plan(named: name) } }
        try log.ensure(plans)
        topicDrift = Self.drift(of: plans, on: log)
        try compareWithLog()
        if relay.state.withLock({ $0.restoreNeeded == nil }) { try releaseKnownTypes() }
        clock.onMove { [timers] _ in timers.wake() }
    }

    /// Another number of partitions has stopped the start before this; everything else is a person's to mend while the service runs.
    private static func drift(of plans: [TopicPlan], on log: any EventLog) -> [String] {
        do { return try log.drift(of: plans).map(\.description) } catch { return ["the topics' settings cannot be read: \(error)"] }
    }

    /// Closes the outbox when the log is ahead of this store, opens it when it is not.
    func compareWithLog() throws {
        try relay.checkHistory()
        outbox.setClosed(relay.state.withLock { $0.restoreNeeded != nil })
        dispatcher.hasRestored.store(try database.read { try RestoredEvents.exist(in: $0) }, ordering: .relaxed)
    }

    /// What an older build held because it did not know the type goes through the handlers of the build that does.
    private func releaseKnownTypes() throws {
        let waiting = try database.read { try HeldRecords.subjects(in: $0) }.filter {
            $0.hasPrefix(Dispatcher.unknownType) && Catalogue.knows(type: String($0.dropFirst(Dispatcher.unknownType.count)))
        }
        guard !waiting.isEmpty else { return }
        try database.write { tx in for subject in waiting { try HeldRecords.moveAll(waitingFor: subject, to: Dispatcher.again, in: tx) } }
    }

    var consumer: Consumer { consumerBox.value }
    var relay: Relay { relayBox.value }

    /// Runs one command in a transaction of its own and commits it. Blocks. A command overtaken by another writer runs again on fresh state.
    public func perform<Result>(_ cause: Cause, _ body: (UnitOfWork) throws -> Result) throws -> Result {
        if let behind = relay.state.withLock({ $0.restoreNeeded }) {
            throw DatabaseError(kind: .transient, message: "nothing is written before `careloop restore`: \(behind)")
        }
        var attempt = 1
        while true {
            do {
                var appended = (rows: 0, bytes: 0)
                let result = try database.write { tx in
                    let batch = dispatcher.batch(tx)
                    let result = try body(batch.unit(cause))
                    try batch.finish()
                    appended = (batch.appendedRows, batch.appendedBytes)
                    CrashPoint.commandBeforeCommit.pass()
                    return result
                }
                CrashPoint.commandAfterCommit.pass()
                outbox.appended(rows: appended.rows, bytes: appended.bytes)
                changes.notify()
                return result
            } catch is VersionConflict where attempt < CoreLimits.conflictRetries {
                attempt += 1
            } catch let error as DatabaseError where error.wasOvertaken && attempt < CoreLimits.conflictRetries {
                OvertakenPause.wait(attempt)
                attempt += 1
            } catch let failed as HeldFailed {
                try dispatcher.setAside(failed, in: database)
            } catch let error as DatabaseError where error.kind == .constraint && attempt < CoreLimits.conflictRetries {
                // Another instance wrote first what a unique index allows once. On fresh state the rules see it and say so in their own words.
                attempt += 1
            }
        }
    }

    /// `perform` for async callers, on a thread that may block.
    public func perform<Result: Sendable>(
        async cause: Cause, _ body: @escaping @Sendable (UnitOfWork) throws -> Result
    ) async throws -> Result {
        try await Blocking.commands.run { try self.perform(cause, body) }
    }

    /// False at the outbox cap: writes are to be refused with 503.
    public var hasRoom: Bool { outbox.hasRoom }

    // MARK: Loops, each on a thread of its own

    /// Consumes until `stopping`; a transient fault waits and tries again, a lost log is opened anew.
    func consumeLoop(stopping: () -> Bool, note: (any Error) -> Void) {
        let patterns = dispatcher.ingressTemplates.map { TopicPattern($0) }
        guard !dispatcher.factTopics.isEmpty || !patterns.isEmpty else { return }
        var client: (any LogConsumer)?
        var backoff = Backoff()
        while !stopping() {
            do {
                let log = try client ?? open(patterns)
                client = log
                try consumer.step(log)
                backoff.reset()
                heard(nil, by: "consumer")
                fatal.withLock { $0 = nil }
            } catch {
                note(error)
                heard(error, by: "consumer")
                if error is LogError {
                    fatal.withLock { $0 = "\(error)" }
                    client?.close(within: CoreLimits.closeWait)
                    client = nil
                }
                backoff.pause(stopping)
            }
        }
        client?.close(within: CoreLimits.closeWait)
    }

    private func open(_ patterns: [TopicPattern]) throws -> any LogConsumer {
        let (database, arrivals) = (self.database, consumer.arrivals)
        let client = try log.consumer(
            ConsumerSettings(group: "careloop.\(name)", topics: dispatcher.factTopics, patterns: patterns) { place in
                arrivals.add(place)
                return try database.read { try Positions.position(place.topic, place.partition, in: $0)?.nextOffset }
            })
        consumer.forgetPositions()
        consumerWaker.withLock { $0 = client.waker }
        return client
    }

    func relayLoop(stopping: () -> Bool, note: (any Error) -> Void) {
        var backoff = Backoff()
        // Decided by the store's kind; until it answers, the longer wait does.
        var wait = CoreLimits.relayWait
        while !stopping() {
            do {
                if try relayStep() == 0, try relay.moveToArchive() == 0 { outbox.waitForRows(wait) }
                if try relay.lease.isShared() { wait = CoreLimits.relayWaitShared }
                backoff.reset()
                heard(nil, by: "relay")
            } catch {
                note(error)
                heard(error, by: "relay")
                backoff.pause(stopping)
            }
        }
        relay.close()
    }

    func timerLoop(stopping: () -> Bool, note: (any Error) -> Void) {
        var backoff = Backoff()
        while !stopping() {
            do {
                if try timerStep() == 0 { timers.waitForTick() }
                backoff.reset()
                heard(nil, by: "timers")
            } catch {
                note(error)
                heard(error, by: "timers")
                backoff.pause(stopping)
            }
        }
    }

    // A full disk or a lock that nobody lets go of: the loops try again, and readiness says so meanwhile.
    private func heard(_ error: (any Error)?, by loop: String) {
        let failure = (error as? DatabaseError).flatMap { $0.kind == .transient ? "\(loop): \($0.message)" : nil }
        storeFailures.withLock { $0[loop] = failure }
    }

    /// Ends every wait of the loops, so that they see `stopping`.
    func wakeLoops() {
        outbox.wake()
        timers.wake()
        consumerWaker.withLock { $0?.wake() }
    }

    // MARK: Single steps, for tests that drive a service by hand

    package func openConsumer() throws -> any LogConsumer { try open(dispatcher.ingressTemplates.map { TopicPattern($0) }) }
    package func consumeStep(_ client: any LogConsumer) throws -> Int { try consumer.step(client, wait: .zero) }
    package func relayStep() throws -> Int {
        let isAsked = republishAsked.withLock { asked in
            defer { asked = false }
            return asked
        }
        if isAsked { relay.forget() }
        return try relay.step()
    }
    /// After marks were moved back in the store.
    package func forgetRelayMarks() { relay.forget() }
    /// Deadlines that were missed, and held records that have waited too long.
    package func timerStep() throws -> Int { try timers.step() + review.step() }
    package func archiveStep() throws -> Int { try relay.moveToArchive() }

    // MARK: What others may know

    public func snapshot() throws -> EngineStatus {
        let consumed = consumer.state.withLock { $0 }
        let sent = relay.state.withLock { $0 }
        let today = clock.today
        return try database.read { tx in
            let backlog = try Outbox.waiting(in: tx)
            var produced: [String: Int64] = [:]
            for stream in try Outbox.streams(in: tx) { produced[stream.topic, default: 0] += stream.nextNumber - 1 }
            var numbers: [String: Int64] = [:]
            var offsets: [String: Int64] = [:]
            for (topic, _, position) in try Positions.all(in: tx) {
                numbers[topic, default: 0] += position.lastNumber
                offsets[topic, default: 0] += position.nextOffset
            }
            let loads = try HeldRecords.loads(in: tx)
            return EngineStatus(
                service: name, today: today, outboxPending: backlog.rows, outboxOldestMs: backlog.oldestMs,
                held: loads.reduce(0) { $0 + $1.count }, heldOldestMs: loads.map(\.oldestMs).min(),
                heldByTopic: Dictionary(uniqueKeysWithValues: loads.map { ($0.topic, $0.count) }), paused: consumed.waiting,
                stops: try SourceStops.all(in: tx), deadlinesDue: try Deadlines.missedCount(on: today, in: tx),
                deadLetters: try DeadLetters.openCount(in: tx), produced: produced, applied: numbers, positions: offsets,
                consumed: consumed.consumed, repeats: consumed.repeats, refused: consumed.refused,
                openGaps: consumed.gaps.map { "\($0.topic)/\($0.partition): expected \($0.expected), saw \($0.seen)" },
                oldestGapMs: consumed.gaps.map(\.sinceMs).min(), sent: sent.sent, sendFailure: sent.failure,
                refusedStreams: sent.refused, relayWaitsFor: sent.waitsFor, restoreNeeded: sent.restoreNeeded,
                logFailure: fatal.withLock { $0 },
                storeFailure: storeFailures.withLock { $0.values.min() }, batches: consumed.batches,
                lastBatchSize: consumed.lastBatchSize, topicDrift: topicDrift)
        }
    }
}

/// One service's state in numbers; the source of /status, /ready and /metrics.
public struct EngineStatus: Sendable {
    public var service: String
    public var today: LocalDate
    public var outboxPending: Int
    public var outboxOldestMs: Int64?
    public var held: Int
    /// Elapsed time when the oldest of them was held.
    public var heldOldestMs: Int64?
    public var heldByTopic: [String: Int]
    /// Partitions whose next record finds no room in the hold.
    public var paused: [TopicPartition]
    /// Sources that an operator has to resume.
    public var stops: [SourceStops.Stop]
    public var deadlinesDue: Int
    public var deadLetters: Int
    /// Per topic, how many records this service has ever written to its outbox.
    public var produced: [String: Int64]
    /// Per topic, the sum over partitions of the last number applied.
    public var applied: [String: Int64]
    /// Per topic, the sum over partitions of the next offset to read; on a log that starts at 0 and drops nothing, records read.
    public var positions: [String: Int64]
    public var consumed: Int
    public var repeats: Int
    public var refused: [String: Int]
    public var openGaps: [String]
    public var oldestGapMs: Int64?
    public var sent: Int
    public var sendFailure: String?
    /// By stream, `topic/partition`, why the log refuses it; the other streams go on.
    public var refusedStreams: [String: String] = [:]
    /// The instance that sends what this service says, while it is another one than this.
    public var relayWaitsFor: String?
    public var restoreNeeded: String?
    public var logFailure: String?
    /// What the store answered a loop that tries again.
    public var storeFailure: String?
    public var batches: Int
    public var lastBatchSize: Int
    /// How the log's topics differ from the catalogue; a warning, the service works.
    public var topicDrift: [String]

    /// Why sources are not read, in one sentence each; nil while all are.
    public var consumerStopped: String? {
        stops.isEmpty
            ? nil : stops.map { "\($0.place): \($0.reason.rawValue), \($0.detail); \($0.reason.advice.english)" }.joined(separator: "; ")
    }
}

/// Something only one thread uses, held by an object that many threads see.
///
/// Sendable because `Engine` hands the value to exactly one loop, and what other threads read of it is a `Mutex` inside it.
final class Confined<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

/// Waits after a fault, doubling up to a bound; ends early when the loop is told to stop.
struct Backoff {
    private var next = CoreLimits.backoffFirst

    mutating func reset() { next = CoreLimits.backoffFirst }

    mutating func pause(_ stopping: () -> Bool) {
        let bell = DispatchSemaphore(value: 0)
        var left = next.wholeMilliseconds
        while left > 0, !stopping() {
            let slice = min(left, 50)
            _ = bell.wait(timeout: .now() + .milliseconds(slice))
            left -= slice
        }
        next = min(next * 2, CoreLimits.backoffLargest)
    }
}
