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
        guard relay.state.withLock({ $0.restoreNeeded != nil }) else { throw RestoreRefused.notNeeded }
        let ahead = try RestorePlan(service: name, database: database, log: log).read()
        let handlers = Dictionary(uniqueKeysWithValues: definition.rebuilding.map { ($0.type, $0) })
        let unknown = Set(ahead.records.map(\.meta.type)).subtracting(handlers.keys)
        guard unknown.isSubset(of: journalOnly) else { throw RestoreRefused.stateUnknown }

        for start in stride(from: 0, to: ahead.records.count, by: CoreLimits.restoreBatch) {
            let part = ahead.records[start..<min(start + CoreLimits.restoreBatch, ahead.records.count)]
            try database.write { tx in try putBack(part, handlers, tx) }
        }
        let report = try database.write { tx in
            try forgetUnnumbered(tx)
            let streams = try ahead.ends.sorted { $0.key < $1.key }.map { place, end in
                let stream = try Outbox.stream(topic: place.topic, partition: place.partition, in: tx)
                let epoch = max(stream.epoch, Int64(end.epoch)) + 1
                try Outbox.reopen(stream, next: end.number + 1, epoch: epoch, in: tx)
                return RestoreReport.Stream(
                    stream: "\(place)", from: end.from, through: end.number, epoch: epoch,
                    lost: end.lost.map { "\($0.lowerBound)-\($0.upperBound)" })
            }
            return RestoreReport(streams: streams, records: ahead.records.count, journalOnly: unknown.sorted())
        }
        relay.state.withLock { $0.restoreNeeded = nil }
        try compareWithLog()
        republishAsked.withLock { $0 = true }
        outbox.recount(try database.read { try Outbox.backlog(in: $0) })
        return report
    }

    private func putBack(_ records: ArraySlice<RestorePlan.Found>, _ handlers: [String: Rebuilding], _ tx: any Transaction) throws {
        let batch = dispatcher.batch(tx)
        batch.isRebuilding = true
        for found in records {
            let place = found.record.topicPartition
            let stream = try Outbox.stream(topic: place.topic, partition: place.partition, in: tx)
            guard let plan = Catalogue.topic(for: place.topic) else {
                preconditionFailure("\(place.topic) is one of this service's topics")
            }
            var wire = (headers: WireHeaders.encode(found.record.headers), body: found.record.value ?? [])
            if plan.isSensitive, let sealing = definition.sealing { wire = try WireRecord.sealed(wire, sealing) }
            try Outbox.append(
                stream, number: found.sequence.number, key: String(decoding: found.record.key, as: UTF8.self), headers: wire.headers,
                body: wire.body, recordedMs: found.record.timestamp.milliseconds, in: tx)
            try Outbox.reopen(stream, next: found.sequence.number + 1, epoch: stream.epoch, in: tx)
            let isApplied = try handlers[found.meta.type]?.apply(found.meta, found.data, batch.unit(Cause(said: found.meta))) ?? false
            try RestoredEvents.add(found.meta.id, cause: found.meta.causation, applied: isApplied, in: tx)
        }
        try batch.finish()
    }

    /// What waited for its number in the backup and was sent after it is on the log under the number it got.
    private func forgetUnnumbered(_ tx: any Transaction) throws {
        guard tx.locksRows else { return }
        for (topic, row) in try Outbox.unnumbered(in: tx) {
            let event = try WireRecord.decode(topic: topic, row: row, sealing: definition.sealing).meta.id
            guard try RestoredEvents.contains(event, in: tx) else { continue }
            try Outbox.forgetUnnumbered(row.id, in: tx)
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

    /// Everything beyond the store, in the order it was recorded.
    func read() throws -> (records: [Found], ends: [TopicPartition: End]) {
        let streams = try database.read { try Outbox.streams(in: $0) }
        let existing = try log.topics()
        let topics = Set(Catalogue.producedTopics(by: service) + streams.map(\.topic)).filter { existing[$0] != nil }.sorted()
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
        let begin = try log.starts(topics).merging(logEnds.filter { !left.contains($0.key) }) { $1 }
        let consumer = try log.consumer(
            ConsumerSettings(group: "", topics: Array(Set(ends.keys.map(\.topic))).sorted()) { begin[$0] })
        defer { consumer.close(within: CoreLimits.closeWait) }
        while !left.isEmpty {
            let records = try consumer.poll(max: CoreLimits.batchRecords, wait: CoreLimits.restorePatience)
            guard !records.isEmpty else { throw LogError.unavailable("the log gave no more records of \(left.count) partitions") }
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
                ends[place]!.number = sequence.number
                ends[place]!.epoch = max(end.epoch, sequence.epoch)
                found.append(try decoded(record, sequence))
                guard found.count <= CoreLimits.restoreRecords else { throw Engine.RestoreRefused.tooMuch }
            }
        }
        // Across streams by time of recording, within a stream by number: what caused what was recorded first.
        let order = found.indices.sorted {
            let (a, b) = (found[$0].record.timestamp.milliseconds, found[$1].record.timestamp.milliseconds)
            return (a, $0) < (b, $1)
        }
        return (order.map { found[$0] }, ends)
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
