import Contracts
import Messaging
import Persistence
import Synchronization

/// The only code that produces: sends outbox rows in order and moves each stream's mark behind the log's acknowledgement.
///
/// A crash, a failed send or a new producer sends again from the first row not acknowledged; what arrives twice carries the same number and
/// bytes, and consumers skip it. `step` is synchronous and belongs to one thread.
final class Relay {
    struct State: Sendable {
        var sent = 0
        /// Rows read again because they were acknowledged before a mark moved, or the log failed.
        var resent = 0
        /// What the log said last when it failed; nil after a success.
        var failure: String?
        /// The topic whose newest record is ahead of this store: an older backup was restored. Nothing is sent.
        var restoreNeeded: String?
    }

    let state = Mutex(State())
    private let database: any Database
    private let log: any EventLog
    private let gauge: OutboxGauge
    private let name: String
    private let sealing: ShortLivedKeys?
    private var producer: (any LogProducer)?
    private var streams: [Int64: Outbox.Stream] = [:]
    private var known: Set<String> = []
    /// Every row up to here is acknowledged; nil makes the next step read it from the store.
    private var sentThrough: Int64?
    private var locksRows: Bool?

    init(name: String, database: any Database, log: any EventLog, gauge: OutboxGauge, sealing: ShortLivedKeys?) {
        self.sealing = sealing
        self.name = name
        self.database = database
        self.log = log
        self.gauge = gauge
    }

    /// Compares the last record of every stream with the store. A log ahead of its own producer means that an older backup was restored;
    /// sending from there would give two histories one number each.
    func checkHistory() throws {
        let streams = try database.read { try Outbox.streams(in: $0) }
        let topics = try log.topics()
        let own = Catalogue.producedTopics(by: name).filter { topics[$0] != nil } + streams.map(\.topic).filter { topics[$0] != nil }
        let next = Dictionary(
            streams.map { (TopicPartition(topic: $0.topic, partition: $0.partition), $0.nextNumber) },
            uniquingKeysWith: { first, _ in first })
        let written = try log.ends(Array(Set(own)).sorted()).filter { $0.value > 0 }.map(\.key)
        for (place, record) in try log.lastRecords(written) {
            guard let sequence = WireRecord.sequence(of: record) else { continue }
            if sequence.number >= next[place] ?? 1 {
                state.withLock {
                    $0.restoreNeeded = "\(place) holds number \(sequence.number), this store stops before \(next[place] ?? 1)"
                }
                return
            }
        }
    }

    /// Whether rows get their numbers from the relay, see `Outbox.number`.
    private func numbersLate() throws -> Bool {
        if let known = locksRows { return known }
        let asked = try database.read { $0.locksRows }
        locksRows = asked
        return asked
    }

    /// Sends up to `CoreLimits.relayRows` rows. Returns how many the log acknowledged; 0 means that nothing waits, or the log does not answer.
    func step() throws -> Int {
        guard state.withLock({ $0.restoreNeeded == nil }) else { return 0 }
        // Committed before any of it is produced: whatever happens from here on, a row keeps its number.
        if try numbersLate() { try database.write { _ = try Outbox.number(limit: CoreLimits.relayRows, in: $0) } }
        let from = try sentThrough ?? database.read { try Outbox.sentThrough(in: $0) }
        let rows = try database.read { tx in
            let rows = try Outbox.rows(after: from, limit: CoreLimits.relayRows, in: tx)
            if rows.contains(where: { streams[$0.stream] == nil }) || sentThrough == nil {
                streams = Dictionary(uniqueKeysWithValues: try Outbox.streams(in: tx).map { ($0.id, $0) })
            }
            return rows
        }
        sentThrough = from
        guard !rows.isEmpty else { return 0 }
        let waiting = rows.filter { $0.number > streams[$0.stream]!.acknowledged }
        let acknowledged = waiting.isEmpty ? [] : try send(waiting)
        do { return try keep(rows, waiting, acknowledged) } catch let conflict as VersionConflict {
            // Marks were moved meanwhile: they are read again, and what was sent twice is only a repeat.
            forget()
            throw conflict
        }
    }

    private func send(_ rows: [Outbox.Row]) throws -> [Bool] {
        let records = try rows.map { row in
            let stream = streams[row.stream]!
            let (headers, body) = try WireRecord.onWire(row, topic: stream.topic, sealing)
            return OutgoingRecord(
                topic: stream.topic, partition: stream.partition, key: Array(row.key.utf8), value: body, headers: headers,
                timestamp: .init(milliseconds: row.recordedMs))
        }
        do {
            try ensure(Set(records.map(\.topic)))
            let sender = try producer ?? log.producer(named: "careloop-\(name)")
            producer = sender
            let result = try sender.send(records)
            state.withLock { $0.failure = result.failures.min { $0.key < $1.key }.map { "\($0.key): \($0.value)" } }
            return result.offsets.map { $0 != nil }
        } catch {
            // A fatal client is replaced by a new one that resumes from the first row not acknowledged.
            producer?.close(within: CoreLimits.closeWait)
            producer = nil
            sentThrough = nil
            state.withLock { $0.failure = "\(error)" }
            throw error
        }
    }

    /// Partner topics come into being with the first record for their organisation.
    private func ensure(_ topics: Set<String>) throws {
        let new = topics.subtracting(known)
        guard !new.isEmpty else { return }
        do {
            try log.ensure(new.sorted().compactMap { name in Catalogue.topic(for: name).map { $0.plan(named: name) } })
            known.formUnion(new)
        } catch LogError.topicsMissing {
            // Whoever may not create them sends the rest: the producer names each missing topic and holds back its rows alone.
        }
    }

    private func keep(_ rows: [Outbox.Row], _ waiting: [Outbox.Row], _ acknowledged: [Bool]) throws -> Int {
        var marks: [Int64: Int64] = [:]
        var blocked: Set<Int64> = []
        var sent = 0
        var bytes = 0
        for (row, ok) in zip(waiting, acknowledged) {
            guard ok, !blocked.contains(row.stream), row.number == (marks[row.stream] ?? streams[row.stream]!.acknowledged) + 1 else {
                blocked.insert(row.stream)
                continue
            }
            marks[row.stream] = row.number
            sent += 1
            bytes += row.headers.count + (row.body?.count ?? 0)
        }
        let through = rows.prefix { $0.number <= marks[$0.stream] ?? streams[$0.stream]!.acknowledged }.last?.id ?? sentThrough!
        let old = sentThrough!
        try database.write { tx in
            for (stream, number) in marks {
                guard try Outbox.acknowledge(stream, from: streams[stream]!.acknowledged, to: number, in: tx) else {
                    throw VersionConflict()
                }
            }
            guard try through == old || Outbox.setSentThrough(through, from: old, in: tx) else { throw VersionConflict() }
        }
        for (stream, number) in marks { streams[stream]!.acknowledged = number }
        sentThrough = through
        gauge.sent(rows: sent, bytes: bytes)
        let again = rows.count - waiting.count
        let total = sent
        state.withLock {
            $0.sent += total
            $0.resent += again
        }
        return sent + (through != old ? again : 0)
    }

    /// Marks are read from the store again.
    func forget() { sentThrough = nil }

    func close() {
        producer?.close(within: CoreLimits.closeWait)
        producer = nil
    }
}
