import Contracts
import Messaging
import Persistence
import Synchronization
import Vocabulary

/// Turns records of the log into transactions: positions, effects and outbox rows commit together or not at all.
///
/// `step` is synchronous and belongs to one thread; what others may know of it is in `state`.
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
        /// Why the consumer, or one source of it, has stopped; nil while it runs.
        var stopped: String?
        var gaps: [Positions.Gap] = []
    }

    let state = Mutex(State())
    private let dispatcher: Dispatcher
    private let database: any Database
    private let clock: BusinessClock
    private let outbox: OutboxGauge
    private let changes: ChangeSignal
    private var positions: [TopicPartition: Positions.Position] = [:]
    private var consecutiveBad: [String: Int] = [:]
    private var stoppedTopics: Set<String> = []
    private var openGaps: Set<TopicPartition> = []
    /// Everything assigned was paused because the outbox is full.
    var isPaused = false

    init(dispatcher: Dispatcher, database: any Database, clock: BusinessClock, outbox: OutboxGauge, changes: ChangeSignal) {
        self.dispatcher = dispatcher
        self.database = database
        self.clock = clock
        self.outbox = outbox
        self.changes = changes
    }

    /// Takes what the log has, at most `CoreLimits.batchRecords`, waiting at most `wait` for the first record, and applies it.
    /// Returns how many records it took. Throws what is transient; the caller backs off and calls again: nothing has moved.
    @discardableResult
    func step(_ log: any LogConsumer, wait: Duration = CoreLimits.pollWait) throws -> Int {
        guard outbox.hasRoom else {
            try idle(log, wait)
            return 0
        }
        if isPaused {
            try log.resume(log.assignment)
            isPaused = false
        }
        let records = try poll(log, wait)
        guard !records.isEmpty else { return 0 }
        let wanted = stoppedTopics.isEmpty ? records : records.filter { !stoppedTopics.contains($0.topic) }
        do {
            try apply(wanted[...])
        } catch let error as SourceStopped {
            stop(error.topic, error.why, log)
            try rewind(log, records)
            return 0
        } catch let error where !isTransient(error) {
            // Something in the batch cannot be applied together with the rest: one record at a time shows which.
            positions = [:]
            try applyOneByOne(wanted, log)
        } catch {
            positions = [:]
            try rewind(log, records)
            throw error
        }
        log.commit(nextOffsets(records))
        return records.count
    }

    /// Positions are read from the store again; for a new client.
    func forgetPositions() {
        positions = [:]
        isPaused = false
    }

    private func isTransient(_ error: any Error) -> Bool {
        (error as? DatabaseError)?.kind == .transient || error is VersionConflict || error is HoldIsFull
    }

    func rewind(_ log: any LogConsumer, _ records: [LogRecord]) throws {
        var first: [TopicPartition: Int64] = [:]
        for record in records { first[record.topicPartition] = min(first[record.topicPartition] ?? .max, record.offset) }
        // What was taken away meanwhile is its new owner's.
        let assigned = Set(log.assignment)
        for (place, offset) in first where assigned.contains(place) { try log.seek(place, to: offset) }
    }

    private func nextOffsets(_ records: [LogRecord]) -> [TopicPartition: Int64] {
        Dictionary(Self.lastOffsets(records[...]).map { ($0.place, $0.offset + 1) }, uniquingKeysWith: { $1 })
    }

    /// The last offset of each partition, in order of first appearance. Records of a partition come in runs: one look-up a run.
    static func lastOffsets(_ records: ArraySlice<LogRecord>) -> [(place: TopicPartition, offset: Int64)] {
        var last: [(place: TopicPartition, offset: Int64)] = []
        var known: [TopicPartition: Int] = [:]
        var current = -1
        for record in records {
            if current < 0 || record.partition != last[current].place.partition || record.topic != last[current].place.topic {
                let place = record.topicPartition
                current = known[place] ?? last.count
                if current == last.count {
                    known[place] = current
                    last.append((place, record.offset))
                }
            }
            last[current].offset = record.offset
        }
        return last
    }

    private func stop(_ topic: String, _ why: String, _ log: any LogConsumer) {
        stoppedTopics.insert(topic)
        state.withLock { $0.stopped = "\(topic): \(why)" }
    }

    private func applyOneByOne(_ records: [LogRecord], _ log: any LogConsumer) throws {
        for (index, record) in records.enumerated() {
            do {
                try apply(records[index...index])
            } catch let error as SourceStopped {
                stop(error.topic, error.why, log)
                try rewind(log, Array(records[index...]))
                return
            } catch let error where !isTransient(error) {
                positions = [:]
                do { try bury(record, reason: Self.reason(error)) } catch {
                    // Nothing was kept of it: it is read again, and nothing behind it is lost either.
                    positions = [:]
                    try rewind(log, Array(records[index...]))
                    throw error
                }
            } catch {
                positions = [:]
                try rewind(log, Array(records[index...]))
                throw error
            }
        }
    }

    /// A refusal that came after a handler had already written: the writes are rolled back, the record ends here.
    private func bury(_ record: LogRecord, reason: (code: String, field: String?, refused: Bool)) throws {
        var appended = (rows: 0, bytes: 0)
        try database.write { tx in
            let batch = dispatcher.batch(tx)
            let old = try current(record.topicPartition, tx)
            guard try Positions.move(record.topic, record.partition, from: old, to: advanced(old, over: record), in: tx) else {
                throw VersionConflict()
            }
            if !reason.refused { try dispatcher.bury(StoredRecord(record), reason.code, reason.field, in: batch) }
            try batch.finish()
            appended = (batch.appendedRows, batch.appendedBytes)
        }
        outbox.appended(rows: appended.rows, bytes: appended.bytes)
        changes.notify()
        positions[record.topicPartition] = nil
        state.withLock {
            $0.consumed += 1
            if reason.refused { $0.refused[reason.code, default: 0] += 1 } else { $0.deadLetters += 1 }
        }
    }

    private static func reason(_ error: any Error) -> (code: String, field: String?, refused: Bool) {
        switch error {
        case let letter as DeadLetter: (letter.reason, letter.field, false)
        case let refusal as any Refusal: (refusal.rawValue, nil, true)
        default: ("HANDLER_FAILED", String(describing: type(of: error)), false)
        }
    }

    private func advanced(_ position: Positions.Position?, over record: LogRecord) -> Positions.Position {
        var next = position ?? Positions.Position(nextOffset: 0)
        next.nextOffset = record.offset + 1
        // What cannot be decoded has no number to keep.
        if let sequence = WireRecord.sequence(of: record), sequence.number == next.lastNumber + 1 { next.lastNumber += 1 }
        return next
    }

    private func current(_ place: TopicPartition, _ tx: any Transaction) throws -> Positions.Position? {
        if let known = positions[place] { return known }
        let read = try Positions.position(place.topic, place.partition, in: tx)
        positions[place] = read
        return read
    }

    /// One transaction: first the fence, then every record, then what they changed.
    private func apply(_ records: ArraySlice<LogRecord>) throws {
        guard !records.isEmpty else { return }
        var outcome = State()
        var moved: [TopicPartition: Positions.Position] = [:]
        var bad = consecutiveBad
        var appended = (rows: 0, bytes: 0)
        try database.write { tx in
            let batch = dispatcher.batch(tx)
            openGaps = Set(try Positions.gaps(in: tx).map { TopicPartition(topic: $0.topic, partition: $0.partition) })
            let finished = try fence(records, tx, &moved)
            var positions = moved.mapValues {
                Positions.Position(nextOffset: $0.nextOffset, lastEpoch: $0.lastEpoch, lastNumber: $0.lastNumber)
            }
            var source: Source?
            for record in records {
                if source?.isOf(record) != true {
                    if let source { positions[source.place] = source.position }
                    let place = record.topicPartition
                    source = Source(record, positions[place]!, finished: finished[place] ?? 0)
                }
                // Read again after a rebalance, what is finished stays finished: outside publishers' records have no numbers to tell.
                guard record.offset >= source!.finished else {
                    outcome.repeats += 1
                    continue
                }
                let ending = try apply(record, in: batch, &source!, &outcome)
                let isBad: Bool
                switch ending {
                case .deadLetter: isBad = true
                case .done, .skipped, .refused, .held: isBad = false
                }
                if isBad { bad[record.topic, default: 0] += 1 } else if !bad.isEmpty { bad[record.topic] = nil }
                if isBad, let run = bad[record.topic], run > CoreLimits.consecutiveBadRecords {
                    throw SourceStopped(topic: record.topic, why: "more than \(CoreLimits.consecutiveBadRecords) bad records in a row")
                }
                outcome.count(ending)
            }
            if let source { positions[source.place] = source.position }
            for (place, position) in positions where position != moved[place] {
                try Positions.setNumber(place.topic, place.partition, epoch: position.lastEpoch, number: position.lastNumber, in: tx)
            }
            try batch.finish()
            appended = (batch.appendedRows, batch.appendedBytes)
            moved = positions
            outcome.gaps = try Positions.gaps(in: tx)
        }
        positions.merge(moved) { $1 }
        consecutiveBad = bad
        outbox.appended(rows: appended.rows, bytes: appended.bytes)
        changes.notify()
        let size = records.count
        state.withLock { $0.add(outcome, batch: size) }
    }

    /// Moves every position of the batch by compare-and-set from what was read to what will have been finished. Returns what was read.
    private func fence(
        _ records: ArraySlice<LogRecord>, _ tx: any Transaction, _ moved: inout [TopicPartition: Positions.Position]
    ) throws -> [TopicPartition: Int64] {
        var finished: [TopicPartition: Int64] = [:]
        for (place, last) in Self.lastOffsets(records) {
            let old = try current(place, tx)
            finished[place] = old?.nextOffset
            var new = old ?? Positions.Position(nextOffset: 0)
            // Read again after somebody else went further, old records must not take the position back.
            new.nextOffset = max(new.nextOffset, last + 1)
            guard try Positions.move(place.topic, place.partition, from: old, to: new, in: tx) else {
                positions[place] = nil
                throw VersionConflict()
            }
            moved[place] = new
        }
        return finished
    }

    /// The partition that a run of records comes from, and how far it is.
    private struct Source {
        let place: TopicPartition
        let plan: Topic?
        /// Whose partner topic it is.
        let organisation: OrganisationID?
        var position: Positions.Position
        /// Records below this offset were applied by an earlier transaction.
        let finished: Int64

        init(_ record: LogRecord, _ position: Positions.Position, finished: Int64) {
            self.finished = finished
            place = record.topicPartition
            plan = Catalogue.topic(for: record.topic)
            organisation = plan?.organisation(in: record.topic)
            self.position = position
        }

        func isOf(_ record: LogRecord) -> Bool { record.partition == place.partition && record.topic == place.topic }
    }

    private func apply(
        _ record: LogRecord, in batch: Batch, _ source: inout Source, _ outcome: inout State
    ) throws -> Dispatcher.Ending {
        guard let plan = source.plan else { return .skipped }
        if let organisation = source.organisation {
            return try dispatcher.apply(ingress: record, template: plan.name, organisation: organisation, in: batch)
        }
        let position = source.position
        let meta: EventMeta
        let data: [UInt8]
        do { (meta, data) = try WireRecord.decodeFact(record.value ?? []) } catch {
            try dispatcher.bury(StoredRecord(record), "UNDECODABLE", nil, in: batch)
            return .deadLetter(reason: "UNDECODABLE")
        }
        guard let sequence = meta.sequence else {
            try dispatcher.bury(StoredRecord(record), "SEQUENCE_MISSING", nil, in: batch)
            return .deadLetter(reason: "SEQUENCE_MISSING")
        }
        if sequence.number <= position.lastNumber {
            outcome.repeats += 1
            return .skipped
        }
        guard sequence.number == position.lastNumber + 1 else {
            // Not applied: the rightful relay sends the missing numbers, and this one again behind them.
            try Positions.openGap(
                Positions.Gap(
                    topic: record.topic, partition: record.partition, expected: position.lastNumber + 1, seen: sequence.number,
                    sinceMs: clock.elapsed.wallMilliseconds), in: batch.tx)
            openGaps.insert(record.topicPartition)
            return .skipped
        }
        source.position.lastNumber = sequence.number
        source.position.lastEpoch = Int64(sequence.epoch)
        if openGaps.contains(record.topicPartition) { try Positions.closeGap(record.topic, record.partition, in: batch.tx) }
        return try dispatcher.apply(fact: meta, data: data, record: record, in: batch)
    }
}

/// A source sent too many bad records in a row; its position has not moved.
struct SourceStopped: Error {
    let topic: String
    let why: String
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
        gaps = other.gaps
    }
}
