import Contracts
import Messaging
import Persistence
import Synchronization
import Vocabulary

/// Turns journal rows into records and hands them to a producer, which it replaces when it is used up.
final class RelaySender {
    /// What became of rows that were to be sent, in their order.
    struct Outcome {
        var acknowledged: [Bool]
        /// By stream, why it stopped.
        var failures: [Int64: String] = [:]
        /// Indices of rows that went as their number alone.
        var gone: Set<Int> = []
    }

    private let name: String
    private let log: any EventLog
    private let sealing: ShortLivedKeys?
    private let elapsed: any ElapsedTime
    private var producer: (any LogProducer)?
    /// Ends a send from any thread; nil while there is no producer.
    let waker = Mutex<Waker?>(nil)
    private var known: Set<String> = []
    /// Set by a fatal error: the next rows go topic by topic, so that one topic that is refused for good does not take the others with it.
    private var isCareful = false

    init(name: String, log: any EventLog, sealing: ShortLivedKeys?, elapsed: any ElapsedTime) {
        self.elapsed = elapsed
        self.name = name
        self.log = log
        self.sealing = sealing
    }

    /// Sends rows in their order and waits for the log's answer. Throws when nothing is known of any of them. `note` hears how it went,
    /// `waiting` of every second of the wait (`LogProducer.send`).
    func send(
        _ rows: [Outbox.Row], _ streams: [Int64: Outbox.Stream], _ note: (String?) -> Void, waiting: () throws -> Void
    ) throws -> Outcome {
        guard !rows.isEmpty else { return Outcome(acknowledged: []) }
        guard !isCareful else { return try sendApart(rows, streams, note, waiting: waiting) }
        return try together(Array(rows.indices), of: rows, streams, note, waiting)
    }

    /// `send`, topic by topic: a fatal error stops its topic only.
    func sendApart(
        _ rows: [Outbox.Row], _ streams: [Int64: Outbox.Stream], _ note: (String?) -> Void, waiting: () throws -> Void
    ) throws -> Outcome {
        var outcome = Outcome(acknowledged: Array(repeating: false, count: rows.count))
        var topics: [String] = []
        var places: [String: [Int]] = [:]
        for index in rows.indices {
            let topic = streams[rows[index].stream]!.topic
            if places[topic] == nil { topics.append(topic) }
            places[topic, default: []].append(index)
        }
        for topic in topics {
            do {
                let part = try together(places[topic]!, of: rows, streams, note, waiting)
                for index in places[topic]! { outcome.acknowledged[index] = part.acknowledged[index] }
                outcome.gone.formUnion(part.gone)
                outcome.failures.merge(part.failures) { first, _ in first }
            } catch LogError.fatal(let reason) {
                for index in places[topic]! { outcome.failures[rows[index].stream] = "\(LogError.fatal(reason))" }
            }
        }
        isCareful = false
        return outcome
    }

    private func together(
        _ indices: [Int], of rows: [Outbox.Row], _ streams: [Int64: Outbox.Stream], _ note: (String?) -> Void, _ waiting: () throws -> Void
    ) throws -> Outcome {
        var outcome = Outcome(acknowledged: Array(repeating: false, count: rows.count))
        do {
            let refusedTopics = try ensure(Set(indices.map { streams[rows[$0].stream]!.topic }))
            var records: [OutgoingRecord] = []
            var places: [Int] = []
            for index in indices where outcome.failures[rows[index].stream] == nil {
                let stream = streams[rows[index].stream]!
                if let reason = refusedTopics[stream.topic] {
                    outcome.failures[stream.id] = reason
                    continue
                }
                do { records.append(try record(rows[index], stream)) } catch is ShortLivedKeys.Unreadable {
                    guard WireRecord.hasOutlivedKey(rows[index], sealing) else {
                        outcome.failures[stream.id] = "the key that number \(rows[index].number) is sealed with is not here"
                        continue
                    }
                    records.append(numberAlone(rows[index], stream))
                    outcome.gone.insert(index)
                }
                places.append(index)
            }
            if !records.isEmpty {
                CrashPoint.relayBeforeSend.pass()
                let result = try current().send(records, waiting: waiting)
                CrashPoint.relayAfterSend.pass()
                for (place, offset) in zip(places, result.offsets) { outcome.acknowledged[place] = offset != nil }
                for index in indices {
                    let stream = streams[rows[index].stream]!
                    let failure = result.failures[TopicPartition(topic: stream.topic, partition: stream.partition)]
                    if let failure, outcome.failures[stream.id] == nil { outcome.failures[stream.id] = "\(failure)" }
                }
            }
            let first = outcome.failures.min { $0.key < $1.key }
            note(first.map { "\(streams[$0.key]!.topic)/\(streams[$0.key]!.partition): \($0.value)" })
            return outcome
        } catch let lost as RelayLease.Lost {
            // Whoever has the lease now sends the same; what is on its way here is not waited for, and nothing has failed.
            close()
            throw lost
        } catch {
            // A client that is used up is replaced by a new one; the next step begins at the first row not acknowledged.
            close()
            if case .fatal = error as? LogError { isCareful = true }
            note("\(error)")
            throw error
        }
    }

    private func record(_ row: Outbox.Row, _ stream: Outbox.Stream) throws -> OutgoingRecord {
        let (headers, body) = try WireRecord.onWire(row, topic: stream.topic, sealing)
        return OutgoingRecord(
            topic: stream.topic, partition: stream.partition, key: Array(row.key.utf8), value: body, headers: headers,
            timestamp: timestamp(row))
    }

    /// When the row was written, unless a clock has been put back since: brokers refuse for good what is stamped an hour ahead of theirs.
    private func timestamp(_ row: Outbox.Row) -> Instant {
        Instant(milliseconds: min(row.recordedMs, elapsed.wallMilliseconds))
    }

    // A row that nobody can ever read again must not keep what stands behind it for ever.
    private func numberAlone(_ row: Outbox.Row, _ stream: Outbox.Stream) -> OutgoingRecord {
        let recorded = Instant(milliseconds: row.recordedMs)
        let wire = WireRecord.gone(
            row.late ?? EventSequence(epoch: Int(stream.epoch), number: row.number), topic: stream.topic, partition: stream.partition,
            recorded: recorded)
        return OutgoingRecord(
            topic: stream.topic, partition: stream.partition, key: Array(row.key.utf8), value: wire.body,
            headers: WireHeaders.decode(wire.headers), timestamp: timestamp(row))
    }

    private func current() throws -> any LogProducer {
        if let producer { return producer }
        let made = try log.producer(named: "careloop-\(name)")
        producer = made
        waker.withLock { $0 = made.waker }
        return made
    }

    /// Partner topics come into being with the first record for their organisation. Returns the topics that the log refuses to make, and why.
    private func ensure(_ topics: Set<String>) throws -> [String: String] {
        let new = topics.subtracting(known)
        guard !new.isEmpty else { return [:] }
        var refused: [String: String] = [:]
        func plans(_ names: [String]) -> [TopicPlan] {
            names.compactMap { name in Catalogue.topic(for: name).map { $0.plan(named: name) } }
        }
        do { try log.ensure(plans(new.sorted())) } catch LogError.topicsMissing(let missing) {
            // Whoever may not create them sends the rest: the producer names each missing topic and holds back its rows alone.
            known.formUnion(new.subtracting(missing))
            return [:]
        } catch let error as LogError where error.isRefusal {
            for topic in new.sorted() {
                do { try log.ensure(plans([topic])) } catch let error as LogError where error.isRefusal { refused[topic] = "\(error)" }
            }
        }
        known.formUnion(new.filter { refused[$0] == nil })
        return refused
    }

    func close() {
        waker.withLock { $0 = nil }
        producer?.close(within: CoreLimits.closeWait)
        producer = nil
    }
}

extension LogError {
    /// The log's word on one topic, which asking again at once does not change; the others have to do with the log as a whole.
    var isRefusal: Bool {
        switch self {
        case .rejected, .unknownTopic, .unknownPartition, .partitionCountDiffers, .recordTooLarge, .topicsMissing: true
        case .fatal, .interrupted, .closed, .unavailable, .storage, .positionBeyondEnd, .positionBeforeStart, .invalidURL,
            .unsupportedLibrary:
            false
        }
    }
}
