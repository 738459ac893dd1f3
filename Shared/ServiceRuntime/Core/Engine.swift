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
    /// As people call the service.
    let title: BilingualName
    public let database: any Database
    public let log: any EventLog
    public let clock: BusinessClock
    /// Rung after every commit of this service.
    public let changes = ChangeSignal()
    /// How the log's topics differ from the catalogue, as of the start, a sentence each.
    public let topicDrift: [String]
    /// Where commands run for async callers: as many at a time as the store lets write at once.
    let commands: Blocking
    let definition: ServiceDefinition
    let dispatcher: Dispatcher
    let outbox: OutboxGauge
    let commits: Commits
    let timers: Timers
    let review: HeldReview
    let oldAnswers: OldAnswers
    let sessionUpkeep: SessionUpkeep
    /// Where archives of the journal lie; nil when none are kept.
    let archiveFolder: String?
    // The consumer and the relay are each used by the one thread that runs their loop; everybody else reads their `state`, a Mutex.
    private let consumerBox: Confined<Consumer>
    private let relayBox: Confined<Relay>
    private let consumerWaker = Mutex<Waker?>(nil)
    private let fatal = Mutex<String?>(nil)
    /// What the store answered each loop last, while it fails.
    private let storeFailures = Mutex<[String: String]>([:])
    /// Set when marks were moved back; the relay's own thread reads them again.
    let republishAsked = Mutex(false)
    /// In a restored store, how far the topics it listens to went when it was restored or started.
    private let toReadAgain = Mutex<[TopicPartition: Int64]>([:])

    /// Opens nothing itself: migrates the store, makes sure that the service's own topics exist, and compares store and log.
    public init(
        _ definition: ServiceDefinition, database: any Database, log: any EventLog, clock: BusinessClock,
        outboxCapRows: Int = CoreLimits.outboxRows, outboxCapBytes: Int = CoreLimits.outboxBytes,
        archiveFolder: String? = nil, archiveAge: Duration = CoreLimits.journalAge
    ) throws {
        name = definition.name
        title = definition.title
        self.definition = definition
        self.database = database
        self.log = log
        self.clock = clock
        self.archiveFolder = archiveFolder
        commands = database.parallelCommands == 1 ? .commands : Blocking(label: "careloop.commands", width: database.parallelCommands)
        try database.migrate(CoreSchema.migrations + definition.migrations)
        let backlog = try database.read { try Outbox.backlog(in: $0) }
        outbox = OutboxGauge(backlog, capRows: outboxCapRows, capBytes: outboxCapBytes)
        dispatcher = Dispatcher(
            service: definition.name, subscriptions: definition.subscriptions, clock: clock, sealing: definition.sealing)
        commits = Commits(dispatcher: dispatcher, database: database, outbox: outbox, changes: changes)
        timers = Timers(service: definition.name, handlers: definition.deadlines, commits: commits, clock: clock)
        review = HeldReview(commits: commits, clock: clock)
        oldAnswers = OldAnswers(database: database, elapsed: clock.elapsed, outbox: outbox)
        sessionUpkeep = SessionUpkeep(database: database, elapsed: clock.elapsed)
        consumerBox = Confined(Consumer(commits: commits, log: log, clock: clock))
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
        let isBehindLog = relay.state.withLock { $0.restoreNeeded != nil }
        if !isBehindLog { try releaseKnownTypes() }
        try sessionUpkeep.start(isBehindLog: isBehindLog)
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
        let hasRestored = try database.read { try RestoredEvents.exist(in: $0) }
        dispatcher.hasRestored.store(hasRestored, ordering: .relaxed)
        // The service's own start has made sure that the topics it listens to are there.
        let ends = hasRestored ? try log.ends(dispatcher.factTopics) : [:]
        toReadAgain.withLock { $0 = ends.filter { $0.value > 0 } }
    }

    /// False while what a restored store had consumed before is read again: until then it knows less than the day it lives in.
    private func hasReadAgain() throws -> Bool {
        let ends = toReadAgain.withLock { $0 }
        guard !ends.isEmpty else { return true }
        let left = try database.read { tx in
            // A source that an operator has to look at holds up nobody else.
            let stopped = Set(try SourceStops.all(in: tx).map(\.topic))
            return try ends.filter { place, end in
                try !stopped.contains(place.topic)
                    && (Positions.position(place.topic, place.partition, in: tx)?.nextOffset ?? 0) < end
            }
        }
        toReadAgain.withLock { $0 = left }
        return left.isEmpty
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
                return try commits.run(before: .commandBeforeCommit, after: .commandAfterCommit) { try body(try $0.unit(cause)) }
            } catch is VersionConflict where attempt < CoreLimits.conflictRetries {
                attempt += 1
            } catch let error as DatabaseError where error.wasOvertaken && attempt < CoreLimits.conflictRetries {
                OvertakenPause.wait(attempt)
                attempt += 1
            } catch let failed as HeldFailed {
                try dispatcher.setAside(failed, in: database)
            } catch let error as DatabaseError where error.kind == .constraint && attempt < CoreLimits.conflictRetries {
                // Another instance wrote first what a unique index allows once. On fresh state the rules see it and say so in their own words.
                OvertakenPause.wait(attempt)
                attempt += 1
            }
        }
    }

    /// `perform` for async callers, on a thread that may block.
    public func perform<Result: Sendable>(
        async cause: Cause, _ body: @escaping @Sendable (UnitOfWork) throws -> Result
    ) async throws -> Result {
        try await commands.run { try self.perform(cause, body) }
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

    /// The group under which the instances of a service share partitions.
    package static func consumerGroup(of service: String) -> String { "careloop.\(service)" }

    private func open(_ patterns: [TopicPattern]) throws -> any LogConsumer {
        let (database, arrivals) = (self.database, consumer.arrivals)
        let client = try log.consumer(
            ConsumerSettings(group: Self.consumerGroup(of: name), topics: dispatcher.factTopics, patterns: patterns) { place in
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
                // A wait for the log is part of a turn that goes on; a stop ends it.
                let passed = try relayStep { if stopping() { throw LogError.interrupted } }
                if passed == 0, try relay.moveToArchive() == 0 { outbox.waitForRows(wait) }
                if try relay.lease.isShared() { wait = CoreLimits.relayWaitShared }
                backoff.reset()
                heard(nil, by: "relay")
            } catch LogError.interrupted where stopping() {
                // What was on its way is sent again at the next start.
                break
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
                if try timerStep(stopping) == 0 { timers.waitForTick() }
                backoff.reset()
                heard(nil, by: "timers")
            } catch {
                note(error)
                heard(error, by: "timers")
                backoff.pause(stopping)
            }
        }
    }

    // A full disk, a lock that nobody lets go of, a store that became read-only: the loops try again, and readiness says so meanwhile.
    private func heard(_ error: (any Error)?, by loop: String) {
        let failure = (error as? DatabaseError).flatMap { $0.kind.isOfStore ? "\(loop): \($0.message)" : nil }
        storeFailures.withLock { $0[loop] = failure }
    }

    // Each ends every wait of its loop, so that it sees `stopping`. The relay's alone, because a send that is ended has to be made again.
    func wakeRelay() {
        outbox.wake()
        relay.wake()
    }

    func wakeTimers() { timers.wake() }
    func wakeConsumer() { consumerWaker.withLock { $0?.wake() } }

    // MARK: Single steps, for tests that drive a service by hand

    package func openConsumer() throws -> any LogConsumer { try open(dispatcher.ingressTemplates.map { TopicPattern($0) }) }
    package func consumeStep(_ client: any LogConsumer) throws -> Int { try consumer.step(client, wait: .zero) }
    package func relayStep(waiting: () throws -> Void = {}) throws -> Int {
        let isAsked = republishAsked.withLock { asked in
            defer { asked = false }
            return asked
        }
        if isAsked { relay.forget() }
        return try relay.step(waiting: waiting)
    }
    /// After marks were moved back in the store.
    package func forgetRelayMarks() { relay.forget() }
    /// Deadlines that were missed, held records that have waited too long, kept answers and sessions that are over.
    package func timerStep(_ stopping: () -> Bool = { false }) throws -> Int {
        // Deadlines that cannot be acted on must not keep what is held waiting.
        let fired = Result { try hasReadAgain() ? timers.step(stopping) : 0 }
        return try review.step() + oldAnswers.step() + sessionUpkeep.step() + fired.get()
    }
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
            let gaps = try Positions.gaps(in: tx)
            return EngineStatus(
                service: name, today: today, outboxPending: backlog.rows, outboxOldestMs: backlog.oldestMs,
                held: loads.reduce(0) { $0 + $1.count }, heldOldestMs: loads.map(\.oldestMs).min(),
                heldByTopic: Dictionary(uniqueKeysWithValues: loads.map { ($0.topic, $0.count) }), paused: consumed.waiting,
                stops: try SourceStops.all(in: tx), deadlinesDue: try Deadlines.missedCount(on: today, in: tx),
                deadLetters: try DeadLetters.openCount(in: tx), produced: produced, applied: numbers, positions: offsets,
                consumed: consumed.consumed, repeats: consumed.repeats, refused: consumed.refused,
                openGaps: gaps.map { "\($0.topic)/\($0.partition): expected \($0.expected), saw \($0.seen)" },
                oldestGapMs: gaps.map(\.sinceMs).min(), sent: sent.sent, gone: sent.gone, sendFailure: sent.failure,
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
    /// Numbers among them that went without their event, whose short-lived key was deleted before.
    public var gone = 0
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

    /// Why sources are not read, one sentence for all partitions of a topic that stopped for the same reason; nil while all are.
    public var consumerStopped: String? {
        guard !stops.isEmpty else { return nil }
        let groups = Dictionary(grouping: stops) { "\($0.topic) \($0.reason.rawValue)" }.sorted { $0.key < $1.key }.map(\.value)
        return groups.map { group in
            let first = group[0]
            let others = group.count == 1 ? "" : " (and \(group.count - 1) more of its partitions)"
            return "\(first.place)\(others): \(first.reason.rawValue), \(first.detail); \(first.reason.advice.english)"
        }.joined(separator: "; ")
    }
}
