import Contracts
import Messaging
import Persistence
import Synchronization
import Vocabulary

/// Turns records of the log into transactions: positions, effects and outbox rows commit together or not at all.
///
/// `step` is synchronous and belongs to one thread; what others may know of it is in `state`. One partition's trouble is its own: it is
/// paused or stopped, and the others go on.
final class Consumer {
    /// What the consumer tells status, metrics and readiness.
    struct State: Sendable {
        /// Records that moved a position, repeats included.
        var consumed = 0
        var repeats = 0
        var refused: [String: Int] = [:]
        var deadLetters = 0
        var held = 0
        var batches = 0
        var lastBatchSize = 0
        /// Partitions that wait for room in the hold.
        var waiting: [TopicPartition] = []
    }

    let state = Mutex(State())
    /// How long a transaction of the consumer takes, and how many records it holds.
    let batchSeconds = Metrics.Histogram(bounds: Metrics.Histogram.seconds)
    let batchRecords = Metrics.Histogram(bounds: Metrics.Histogram.records)
    /// Filled by the client whenever it is handed a partition.
    let arrivals = Arrivals()
    let gate: PartitionGate
    let commits: Commits
    let clock: BusinessClock
    var dispatcher: Dispatcher { commits.dispatcher }
    var database: any Database { commits.database }
    private let check: PositionCheck
    private let alarm = ServiceLog("careloop.consumer")
    var positions: [TopicPartition: Positions.Position] = [:]
    /// Of sources that lately sent something unusable.
    var windows: [String: BadWindow] = [:]
    var openGaps: Set<TopicPartition> = []
    private var attempts = Attempts<TopicPartition>()
    /// Partitions whose client stands elsewhere than the store: records were read that were not applied.
    private var displaced: Set<TopicPartition> = []
    /// When each partition's position was last compared with the log.
    private var checked: [TopicPartition: Int64] = [:]

    init(commits: Commits, log: any EventLog, clock: BusinessClock) {
        self.commits = commits
        self.clock = clock
        gate = PartitionGate(database: commits.database, elapsed: clock.elapsed)
        check = PositionCheck(log: log, database: commits.database, elapsed: clock.elapsed)
    }

    /// Takes what the log has, at most `CoreLimits.batchRecords`, waiting at most `wait` for the first record, and applies it.
    /// Returns how many records it took. Throws what is transient; the caller backs off and calls again: nothing has moved.
    @discardableResult
    func step(_ log: any LogConsumer, wait: Duration = CoreLimits.pollWait) throws -> Int {
        try gate.look(hasRoom: commits.outbox.hasRoom)
        try settleGate(log)
        let polled: [LogRecord]
        do { polled = try poll(log, wait) } catch LogError.positionBeyondEnd(let place, let next, let end) {
            try stopOutside(place, next, start: 0, end: end, moveTo: end, log)
            return 0
        } catch LogError.positionBeforeStart(let place, let next, let start) {
            try stopOutside(place, next, start: start, end: .max, moveTo: start, log)
            return 0
        }
        do { try welcome(arrivals.take(), log) } catch {
            try rewind(log, polled)
            throw error
        }
        // What was read of a partition that is shut by now is read again from the stored position when it is opened.
        let wanted = gate.isOpen ? polled : polled.filter { isWanted($0) }
        guard !wanted.isEmpty else { return 0 }
        defer { if !gate.isOpen { state.withLock { $0.waiting = gate.waiting } } }
        let ended = try digest(wanted[...], log)
        log.commit(reached(wanted))
        return ended
    }

    /// Positions are read from the store again; for a new client.
    func forgetPositions() {
        positions = [:]
        displaced = []
        checked = [:]
        gate.forgetAll()
    }

    private func isWanted(_ record: LogRecord) -> Bool {
        guard gate.isShut(record.topicPartition) else { return true }
        displaced.insert(record.topicPartition)
        return false
    }

    // MARK: Partitions that come, go and stand still

    /// Compares the positions of new partitions with the log, before anything of them is applied.
    private func welcome(_ places: Set<TopicPartition>, _ log: any LogConsumer) throws {
        guard !places.isEmpty else { return }
        do {
            for place in places { positions[place] = nil }
            gate.forget(places)
            displaced.subtract(places)
            // Rebalances come in swarms: what was compared a moment ago is what it was.
            let now = clock.elapsed.monotonicNanoseconds
            let due = places.filter { place in
                !gate.isStopped(place) && checked[place].map { now - $0 >= CoreLimits.positionCheckInterval.wholeNanoseconds } ?? true
            }
            for stop in try check.stops(due) { try raise(stop) }
            for place in due { checked[place] = now }
            try settleGate(log)
        } catch {
            arrivals.add(places)
            throw error
        }
    }

    /// Brings the client in line with the gate; what is opened again starts where the store says, after another look at the log.
    private func settleGate(_ log: any LogConsumer) throws {
        let open = try gate.sync(log)
        guard !open.isEmpty else { return }
        state.withLock { $0.waiting = gate.waiting }
        for stop in try check.stops(Set(open.filter { gate.wasStopped($0) })) { try raise(stop) }
        let free = open.filter { !gate.isStopped($0) }
        for place in free where displaced.contains(place) || gate.wasStopped(place) {
            try seekToStored(place, log)
            displaced.remove(place)
        }
        try log.resume(free)
        gate.opened(free)
    }

    private func seekToStored(_ place: TopicPartition, _ log: any LogConsumer) throws {
        positions[place] = nil
        guard let position = try database.read({ try Positions.position(place.topic, place.partition, in: $0) }),
            log.assignment.contains(place)
        else { return }
        try log.seek(place, to: position.nextOffset)
    }

    private func stopOutside(
        _ place: TopicPartition, _ next: Int64, start: Int64, end: Int64, moveTo offset: Int64, _ log: any LogConsumer
    ) throws {
        if !gate.isStopped(place), let stop = check.outside(place, next, start: start, end: end) { try raise(stop) }
        // The client complains until it stands somewhere it can read; being paused, it reads nothing there.
        _ = try gate.sync(log)
        displaced.insert(place)
        try log.seek(place, to: offset)
    }

    private func raise(_ stop: SourceStops.Stop) throws {
        try gate.stop(stop)
        alarm.error(
            "a source has stopped", .code("topic", stop.topic), .count("partition", Int(stop.partition)),
            .code("reason", stop.reason.rawValue), .code("detail", stop.detail))
    }

    func rewind(_ log: any LogConsumer, _ records: some Sequence<LogRecord>) throws {
        var first: [TopicPartition: Int64] = [:]
        for record in records { first[record.topicPartition] = min(first[record.topicPartition] ?? .max, record.offset) }
        // What was taken away meanwhile is its new owner's.
        let assigned = Set(log.assignment)
        for (place, offset) in first where assigned.contains(place) { try log.seek(place, to: offset) }
    }

    private func reached(_ records: [LogRecord]) -> [TopicPartition: Int64] {
        var reached: [TopicPartition: Int64] = [:]
        for (place, _) in Self.lastRecords(records[...]) { reached[place] = positions[place]?.nextOffset }
        return reached
    }

    // MARK: Applying

    /// How far a poll's records have got.
    private struct Course {
        var rest: ArraySlice<LogRecord>
        /// One record at a time, until the one to blame has ended.
        var isAlone = false
        /// How the first record ends, which failed alone.
        var verdict: Verdict?
        var conflicts = 0

        mutating func take(out isOut: (LogRecord) -> Bool) {
            rest = rest.filter { !isOut($0) }[...]
            isAlone = false
            verdict = nil
        }
    }

    /// Applies what was polled, together as long as that works; what does not is tried alone, so that one record ends by itself.
    /// Returns how many ended.
    private func digest(_ polled: ArraySlice<LogRecord>, _ log: any LogConsumer) throws -> Int {
        var course = Course(rest: polled)
        var ended = 0
        while let first = course.rest.first {
            do {
                if let verdict = course.verdict {
                    try conclude(first, verdict)
                } else {
                    try apply(course.isAlone ? course.rest.prefix(1) : course.rest)
                }
                if course.isAlone { attempts.forget(first.topicPartition) }
                ended += course.isAlone ? 1 : course.rest.count
                course.rest = course.isAlone ? course.rest.dropFirst() : []
                // Behind the one that was to blame the rest may go together again.
                if course.verdict != nil { (course.verdict, course.isAlone) = (nil, false) }
            } catch {
                do { try absorb(error, first, &course, log) } catch {
                    // Nothing was kept of what is left: it is read again.
                    positions = [:]
                    try rewind(log, course.rest)
                    throw error
                }
            }
        }
        return ended
    }

    /// Finds the way on after a transaction was rolled back. Throws what only time can mend.
    private func absorb(_ error: any Error, _ first: LogRecord, _ course: inout Course, _ log: any LogConsumer) throws {
        switch error {
        case let conflict as PositionConflict:
            // Somebody else owns the partition, or did: the store says how far it is.
            try seekToStored(conflict.place, log)
            course.take { $0.topicPartition == conflict.place }
        case let full as HoldIsFull:
            try gate.waitForRoom(full.place)
            displaced.insert(full.place)
            _ = try gate.sync(log)
            course.take { $0.topicPartition == full.place && $0.offset >= full.offset }
        case let stopped as SourceStopped:
            try raise(stopped.stop)
            _ = try gate.sync(log)
            windows[stopped.stop.topic] = nil
            displaced.formUnion(course.rest.lazy.map(\.topicPartition).filter { stopped.stop.covers($0.topic, $0.partition) })
            course.take { stopped.stop.covers($0.topic, $0.partition) }
        case let failed as HeldFailed: try dispatcher.setAside(failed, in: database)
        case is VersionConflict where course.conflicts + 1 < CoreLimits.conflictRetries: course.conflicts += 1
        case _ where Blame.isSurroundings(error) || course.verdict != nil: throw error
        case _ where !course.isAlone:
            positions = [:]
            course.isAlone = true
        default:
            positions = [:]
            if let verdict = Blame.verdict(on: error) {
                course.verdict = verdict
            } else if attempts.isLast(first.topicPartition, first.offset) {
                course.verdict = Blame.failed(error)
            } else {
                // Nothing the record says: it may pass, and only if it does not is the record set aside.
                throw error
            }
        }
    }
}

extension Consumer.State {
    mutating func count(_ ending: Dispatcher.Ending) {
        switch ending {
        case .done, .skipped: break
        case .refused(let code): refused[code, default: 0] += 1
        case .held: held += 1
        case .deadLetter: deadLetters += 1
        }
    }

    mutating func add(_ other: Consumer.State, batch size: Int) {
        consumed += size
        repeats += other.repeats
        refused.merge(other.refused, uniquingKeysWith: +)
        deadLetters += other.deadLetters
        held += other.held
        batches += 1
        lastBatchSize = size
    }
}
