import Contracts
import Messaging
import Persistence
import Vocabulary

/// What a restore did.
public struct RestoreReport: Sendable, Codable {
    /// One stream that the log was ahead of.
    public struct Stream: Sendable, Codable {
        public let stream: String
        /// Numbers read back, `from` to `through`.
        public let from: Int64
        public let through: Int64
        /// The epoch in which numbers go on behind `through`.
        public let epoch: Int64
        /// Numbers that the log does not hold either: lost.
        public let lost: [String]
    }

    public let streams: [Stream]
    public let records: Int
    /// Types whose events are back in the journal while the state does not know of them.
    public let journalOnly: [String]
    /// Events that are back in the journal while the state holds nothing to apply them to: type, event id and subject.
    public let notRebuilt: [String]
    /// What younger than the backup is gone, because no topic tells it.
    public let unsaid: [Unsaid]
}

extension Engine {
    /// What a restore may be refused for.
    public enum RestoreRefused: String, Refusal {
        case notNeeded = "RESTORE_NOT_NEEDED"
        /// Some of the events cannot be turned back into state by this build; `restore(accepting:)` takes those of the named types into the
        /// journal only.
        case stateUnknown = "RESTORE_STATE_UNKNOWN"
        /// The log holds numbers of a newer epoch below those of this store: both went on after they parted.
        case twoHistories = "RESTORE_TWO_HISTORIES"
        case tooMuch = "RESTORE_TOO_MUCH"
    }

    /// Reads what this service said after the backup its store was restored from back from its own topics: into the journal with the numbers
    /// it has there, and into the state, and opens a new epoch behind it. Blocks. A crash in the middle leaves the rest to the next restore.
    public func restore(accepting journalOnly: Set<String> = []) throws -> RestoreReport {
        try restore(accepting: journalOnly, batch: CoreLimits.restoreBatch)
    }

    /// The same with `batch` records to a transaction.
    func restore(accepting journalOnly: Set<String> = [], batch: Int) throws -> RestoreReport {
        guard relay.state.withLock({ $0.restoreNeeded != nil }) else { throw RestoreRefused.notNeeded }
        let ahead = try RestorePlan(service: name, database: database, log: log, elapsed: clock.elapsed).read()
        let handlers = Dictionary(uniqueKeysWithValues: definition.rebuilding.map { ($0.type, $0) })
        let unknown = Set(ahead.records.map(\.meta.type)).subtracting(handlers.keys).subtracting([EventGone.type])
        guard unknown.isSubset(of: journalOnly) else { throw RestoreRefused.stateUnknown }

        let unsent = Set(try database.read { try unnumbered($0) }.map(\.event))
        var notRebuilt: [String] = []
        var finished: RestoreReport?
        var rest = ahead.records[...]
        repeat {
            let part = rest.prefix(batch)
            rest = rest.dropFirst(batch)
            finished = try database.write { tx in
                notRebuilt += try putBack(part, handlers, unsent, in: tx)
                // With the last of them: a store that has them all and stands open would number again what the log has.
                guard rest.isEmpty else { return nil }
                return RestoreReport(
                    streams: try reopen(ahead.ends, tx), records: ahead.records.count, journalOnly: unknown.sorted(),
                    notRebuilt: notRebuilt, unsaid: Self.unsaidAnywhere + definition.unsaid)
            }
        } while !rest.isEmpty
        guard let report = finished else { preconditionFailure("the last part of a restore reports") }
        // Before anything is acted on again, whatever the log answers now.
        dispatcher.hasRestored.store(true, ordering: .relaxed)
        relay.state.withLock { $0.restoreNeeded = nil }
        try compareWithLog()
        republishAsked.withLock { $0 = true }
        dispatcher.isReviewAsked.withLock { $0 = true }
        outbox.recount(try database.read { try Outbox.backlog(in: $0) })
        return report
    }

    /// Opens the new epoch behind what was put back.
    private func reopen(_ ends: [TopicPartition: RestorePlan.End], _ tx: any Transaction) throws -> [RestoreReport.Stream] {
        try forgetUnnumbered(tx)
        // Some of what was held may find its subject now.
        for subject in try HeldRecords.subjects(in: tx) where !subject.hasPrefix(Dispatcher.unknownType) {
            try HeldRecords.moveAll(waitingFor: subject, to: Dispatcher.again, in: tx)
        }
        return try ends.sorted { $0.key < $1.key }.map { place, end in
            let stream = try Outbox.stream(topic: place.topic, partition: place.partition, in: tx)
            let epoch = max(stream.epoch, Int64(end.epoch)) + 1
            try Outbox.reopen(stream, next: end.number + 1, epoch: epoch, in: tx)
            return RestoreReport.Stream(
                stream: "\(place)", from: end.from, through: end.number, epoch: epoch,
                lost: end.lost.map { "\($0.lowerBound)-\($0.upperBound)" })
        }
    }

    /// What no service says to anybody.
    private static let unsaidAnywhere = [
        Unsaid(
            "备份之后对 HTTP 请求的答复（Idempotency-Key）：再次请求按现状作答",
            "answers to HTTP requests (Idempotency-Key): asked again, they are answered as things stand"),
        Unsaid("备份之后标记为已重放的死信", "that dead letters were replayed"),
    ]

    /// Returns what could not be applied, by name. `unsent` are the events that the backup had not sent, whose effect it has.
    private func putBack(
        _ records: ArraySlice<RestorePlan.Found>, _ handlers: [String: Rebuilding], _ unsent: Set<String>,
        in tx: any Transaction
    ) throws -> [String] {
        let batch = dispatcher.batch(tx)
        var notRebuilt: [String] = []
        for found in records {
            let place = found.record.topicPartition
            let stream = try Outbox.stream(topic: place.topic, partition: place.partition, in: tx)
            guard let plan = Catalogue.topic(for: place.topic) else {
                preconditionFailure("\(place.topic) is one of this service's topics")
            }
            var wire = (headers: WireHeaders.encode(found.record.headers), body: found.record.value ?? [])
            if plan.isSensitive, let sealing = definition.sealing { wire = try WireRecord.sealed(wire, sealing) }
            if plan.isCounted { try keepPlaces(before: found, stream, tx) }
            try Outbox.append(
                stream, number: found.sequence.number, epoch: plan.isSensitive ? Int64(found.sequence.epoch) : nil,
                key: String(decoding: found.record.key, as: UTF8.self), headers: wire.headers, body: wire.body,
                recordedMs: found.record.timestamp.milliseconds, in: tx)
            try Outbox.reopen(
                stream, next: found.sequence.number + 1, epoch: max(stream.epoch, Int64(found.sequence.epoch)), in: tx)
            var isApplied = unsent.contains(found.meta.id)
            if !isApplied, let handler = handlers[found.meta.type] {
                do {
                    try handler.apply(found.meta, found.data, UnitOfWork(rebuilding: found.meta, in: batch))
                    // Event by event, so that what was unique then never meets what it has replaced since.
                    try batch.save()
                    isApplied = true
                } catch let missing as NotRebuilt {
                    notRebuilt.append("\(found.meta.type) \(found.meta.id): \(missing.subject)")
                }
            }
            try RestoredEvents.add(found.meta.id, cause: found.meta.causation, applied: isApplied, in: tx)
        }
        try batch.finish()
        return notRebuilt
    }

    /// Numbers that the log has lost too go again without their events, so that nobody who counts waits for them.
    private func keepPlaces(before found: RestorePlan.Found, _ stream: Outbox.Stream, _ tx: any Transaction) throws {
        let place = found.record.topicPartition
        for number in stride(from: stream.nextNumber, to: found.sequence.number, by: 1) {
            let gone = WireRecord.gone(
                EventSequence(epoch: Int(stream.epoch), number: number), topic: place.topic, partition: place.partition,
                recorded: found.record.timestamp)
            try Outbox.append(
                stream, number: number, key: "", headers: gone.headers, body: gone.body,
                recordedMs: found.record.timestamp.milliseconds, in: tx)
        }
    }

    /// What waited for its number in the backup and was sent after it is on the log under the number it got.
    private func forgetUnnumbered(_ tx: any Transaction) throws {
        for (row, event) in try unnumbered(tx) where try RestoredEvents.contains(event, in: tx) {
            try Outbox.forgetUnnumbered(row, in: tx)
        }
    }

    /// Rows that wait for their number, each with the event it holds.
    private func unnumbered(_ tx: any Transaction) throws -> [(row: Int64, event: String)] {
        guard tx.locksRows else { return [] }
        return try Outbox.unnumbered(in: tx).compactMap { topic, row in
            // Nobody can say any more which event it was; at most its number goes alone.
            guard !WireRecord.hasOutlivedKey(row, definition.sealing) else { return nil }
            return (row.id, try WireRecord.decode(topic: topic, row: row, sealing: definition.sealing).meta.id)
        }
    }
}

extension Cause {
    /// The cause of an event that was said before a restore.
    init(said meta: EventMeta) {
        self.init(
            id: meta.causation, recorded: meta.recorded,
            actor: Actor(
                organisation: meta.actor.organisation.map { OrganisationID(trusted: $0) },
                role: Role(rawValue: meta.actor.role) ?? .service,
                user: meta.actor.user, region: nil),
            onBehalfOf: meta.onBehalfOf, channel: meta.channel, correlation: meta.correlation, traceparent: meta.traceparent,
            legalBasis: meta.legalBasis)
    }
}

/// Finds on the log what a service said beyond its store.
struct RestorePlan {
    struct Found {
        let record: LogRecord
        let sequence: EventSequence
        let meta: EventMeta
        let data: [UInt8]
    }

    /// How far the log is ahead in one stream.
    struct End {
        let from: Int64
        var number: Int64
        var epoch: Int
        var lost: [ClosedRange<Int64>] = []
    }

    let service: String
    let database: any Database
    let log: any EventLog
    let elapsed: any ElapsedTime

    /// Everything beyond the store, in the order it was recorded.
    func read() throws -> (records: [Found], ends: [TopicPartition: End]) {
        let streams = try database.read { try Outbox.streams(in: $0) }
        let topics = try Relay.topics(of: service, on: log)
        let known = Dictionary(uniqueKeysWithValues: streams.map { (TopicPartition(topic: $0.topic, partition: $0.partition), $0) })
        let logEnds = try log.ends(topics)
        var ends: [TopicPartition: End] = [:]
        for (place, record) in try log.lastRecords(logEnds.filter { $0.value > 0 }.map(\.key)) {
            guard let last = WireRecord.sequence(of: record) else { continue }
            let (next, epoch) = (known[place]?.nextNumber ?? 1, known[place]?.epoch ?? 1)
            if last.number >= next {
                ends[place] = End(from: next, number: next - 1, epoch: last.epoch)
            } else if Int64(last.epoch) > epoch {
                throw Engine.RestoreRefused.twoHistories
            }
        }
        var left = Set(ends.keys)
        var found: [Found] = []
        var places = 0
        let begin = try log.starts(topics).merging(logEnds.filter { !left.contains($0.key) }) { $1 }
        let consumer = try log.consumer(
            ConsumerSettings(group: "", topics: Array(Set(ends.keys.map(\.topic))).sorted()) { begin[$0] })
        defer { consumer.close(within: CoreLimits.closeWait) }
        var heard = elapsed.monotonicNanoseconds
        while !left.isEmpty {
            let records = try consumer.poll(max: CoreLimits.batchRecords, wait: CoreLimits.pollWait)
            guard !records.isEmpty else {
                // A poll may come back empty before its wait is over; how long the log has been silent is what counts.
                guard elapsed.monotonicNanoseconds - heard < CoreLimits.restorePatience.wholeNanoseconds else {
                    throw LogError.unavailable("the log gave no more records of \(left.count) partitions")
                }
                continue
            }
            heard = elapsed.monotonicNanoseconds
            for record in records {
                let place = record.topicPartition
                if record.offset + 1 >= logEnds[place] ?? 0 { left.remove(place) }
                guard let end = ends[place], let sequence = WireRecord.sequence(of: record) else { continue }
                if sequence.number < end.from {
                    if Int64(sequence.epoch) > known[place]?.epoch ?? 1 { throw Engine.RestoreRefused.twoHistories }
                    continue
                }
                guard sequence.number > end.number else { continue }
                if sequence.number > end.number + 1 { ends[place]!.lost.append(end.number + 1...sequence.number - 1) }
                // A number that is counted gets a row of its own, lost or not.
                places += Catalogue.topic(for: place.topic)?.isCounted == true ? Int(sequence.number - end.number) : 1
                ends[place]!.number = sequence.number
                ends[place]!.epoch = max(end.epoch, sequence.epoch)
                found.append(try decoded(record, sequence))
                guard places <= CoreLimits.restoreRecords else { throw Engine.RestoreRefused.tooMuch }
            }
        }
        return (Self.ordered(found), ends)
    }

    /// Within a stream by number, across streams by the business time of the cause, which unlike the machine's clock does not go back. What was
    /// decided on a consumed record carries that record's older time: within its stream it counts as of what stands before it.
    static func ordered(_ found: [Found]) -> [Found] {
        var latest: [TopicPartition: Int64] = [:]
        let times = found.map { found in
            let place = found.record.topicPartition
            let time = max(latest[place] ?? .min, found.meta.recorded.milliseconds)
            latest[place] = time
            return time
        }
        return found.indices.sorted { (times[$0], $0) < (times[$1], $1) }.map { found[$0] }
    }

    private func decoded(_ record: LogRecord, _ sequence: EventSequence) throws -> Found {
        if Catalogue.topic(for: record.topic)?.isBinary == true {
            let meta = try Envelope.meta(headers: record.headers.map { ($0.name, $0.value) })
            return Found(record: record, sequence: sequence, meta: meta, data: record.value ?? [])
        }
        let (meta, data) = try Envelope.decode(record.value ?? [])
        return Found(record: record, sequence: sequence, meta: meta, data: data)
    }
}
