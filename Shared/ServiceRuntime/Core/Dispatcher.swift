import Contracts
import Messaging
import Persistence
import Synchronization
import Vocabulary

/// Finds the handler for a record and runs it in a batch; says how the record ended. Knows nothing of positions.
final class Dispatcher: Sendable {
    /// How a record ended, in the words of the design: done, skipped, refused, held or a dead letter.
    enum Ending: Sendable, Equatable {
        case done
        case skipped
        case refused(code: String)
        case held
        case deadLetter(reason: String)
    }

    private let service: String
    private let facts: [String: Subscription]
    private let ingress: [String: Subscription]
    private let clock: BusinessClock
    private let sealing: ShortLivedKeys?
    private let log = ServiceLog("careloop.consumer")
    /// Raised when something held is to be reviewed at once.
    let isReviewAsked = Mutex(false)

    init(service: String, subscriptions: [Subscription], clock: BusinessClock, sealing: ShortLivedKeys?) {
        self.service = service
        self.clock = clock
        self.sealing = sealing
        var facts: [String: Subscription] = [:]
        var ingress: [String: Subscription] = [:]
        for subscription in subscriptions {
            switch subscription.kind {
            case .fact(let type, _):
                precondition(facts[type] == nil, "\(service) handles \(type) twice")
                facts[type] = subscription
            case .ingress: ingress[subscription.topic] = subscription
            }
        }
        self.facts = facts
        self.ingress = ingress
    }

    /// Topics whose records are numbered, read as facts.
    var factTopics: [String] { Array(Set(facts.values.map(\.topic))).sorted() }
    var ingressTemplates: [String] { ingress.keys.sorted() }

    /// True in a store that was restored, see `RestoredEvents`.
    let hasRestored = Atomic<Bool>(false)

    func batch(_ tx: any Transaction) -> Batch {
        Batch(
            service: service, tx: tx, nowMs: clock.elapsed.wallMilliseconds, sealing: sealing,
            hasRestored: hasRestored.load(ordering: .relaxed)
        ) { [self] subject, batch in
            try release(subject, batch)
        }
    }

    /// Applies one numbered record whose number has been checked.
    func apply(fact meta: EventMeta, data: [UInt8], record: LogRecord, generation: Int64 = 0, in batch: Batch) throws -> Ending {
        if try batch.withHeld({ !$0.isEmpty }) {
            let stored = StoredRecord(record, generation: generation)
            if let subject = try batch.withHeld({ $0.subject(topic: stored.topic, key: stored.key) }) {
                // An earlier record of this key waits: order per key means this one waits behind it.
                try hold(stored, subject, in: batch)
                return .held
            }
        }
        return try apply(fact: meta, data: data, StoredRecord(record, generation: generation), from: record.topicPartition, in: batch)
    }

    // `record` in the form it is stored in is only made when it is stored: most records are not.
    private func apply(
        fact meta: EventMeta, data: [UInt8], _ record: @autoclosure () -> StoredRecord, from place: TopicPartition, in batch: Batch
    ) throws -> Ending {
        guard let subscription = facts[meta.type] else {
            // A type of this build that nobody here needs is skipped; one this build has never heard of waits for an upgrade.
            if Catalogue.knows(type: meta.type) { return .skipped }
            try hold(record(), Self.unknownType + meta.type, in: batch)
            return .held
        }
        guard case .fact(_, let apply) = subscription.kind else { preconditionFailure("facts holds facts") }
        let cause = Cause(
            id: meta.id, recorded: meta.recorded,
            actor: Actor(
                organisation: meta.actor.organisation.map { OrganisationID(trusted: $0) },
                role: Role(rawValue: meta.actor.role) ?? .service,
                user: meta.actor.user, region: nil),
            onBehalfOf: meta.onBehalfOf, channel: meta.channel, correlation: meta.correlation, traceparent: meta.traceparent,
            legalBasis: meta.legalBasis, topic: place.topic, partition: place.partition)
        return try ending(of: record(), of: cause.traceparent, in: batch) { try apply(meta, data, try batch.unit(cause)) }
    }

    /// Applies one partner record. Where it stood in the log names the cause, so a second delivery derives the same ids; `generation` keeps
    /// apart what stands at the same place of a log made anew.
    func apply(
        ingress record: LogRecord, template: String, organisation: OrganisationID, generation: Int64 = 0, held: StoredRecord? = nil,
        in batch: Batch
    ) throws -> Ending {
        guard let subscription = ingress[template], case .ingress(let apply) = subscription.kind else { return .skipped }
        let cause = Cause(
            id: EventID.derive(
                cause: Self.place(record.topic, record.partition, record.offset, generation), handler: service, ordinal: 0, type: template),
            recorded: clock.now, actor: Actor(organisation: organisation, role: .service, user: organisation.text, region: nil),
            channel: "KAFKA", traceparent: Self.traceparent(record), topic: record.topic, partition: record.partition)
        let incoming = IngressRecord(record, of: organisation)
        return try ending(of: held ?? StoredRecord(record, generation: generation), of: cause.traceparent, in: batch) {
            try apply(incoming, try batch.unit(cause))
        }
    }

    /// A partner's own trace, under the name that OpenTelemetry gives the header or as a CloudEvents extension.
    private static func traceparent(_ record: LogRecord) -> String? {
        guard let header = record.headers.last(where: { $0.name == "traceparent" || $0.name == "ce_traceparent" }) else { return nil }
        return TraceContext.accepted(String(decoding: header.value, as: UTF8.self))
    }

    /// Names a record for ever: an operator who moves a position back opens a new generation.
    private static func place(_ topic: String, _ partition: Int32, _ offset: Int64, _ generation: Int64) -> String {
        generation == 0 ? "\(topic)/\(partition)/\(offset)" : "\(topic)/\(partition)/\(offset)/\(generation)"
    }

    /// Runs a handler and turns what it throws into an ending. When it had already written, the error goes on, so that the caller rolls back.
    private func ending(
        of record: @autoclosure () -> StoredRecord, of trace: String?, in batch: Batch, _ body: () throws -> Void
    ) throws -> Ending {
        let mark = batch.mark
        do {
            try body()
            return .done
        } catch let letter as DeadLetter where batch.isUntouched(since: mark) {
            try bury(record(), letter.reason, letter.field, trace: trace, in: batch)
            return .deadLetter(reason: letter.reason)
        } catch let wait as Hold where batch.isUntouched(since: mark) {
            try hold(record(), wait.subject, in: batch)
            return .held
        } catch let refusal as any Refusal where batch.isUntouched(since: mark) {
            return .refused(code: refusal.rawValue)
        }
    }

    /// Sets a record aside with its bytes, and says so on this service's dead letter topic. Records of sensitive topics are sealed whole.
    func bury(_ record: StoredRecord, _ reason: String, _ field: String?, trace: String? = nil, in batch: Batch) throws {
        log.warning(
            "a record is set aside", .code("topic", record.topic), .count("partition", Int(record.partition)),
            .count("offset", Int(record.offset)), .code("reason", reason), .trace(trace))
        let kept = try SealedRecords.sealed(record, sealing, keepsKey: false)
        try DeadLetters.add(kept, reason: reason, field: field, nowMs: clock.elapsed.wallMilliseconds, in: batch.tx)
        CrashPoint.deadLetter.pass()
        // A record larger than any of ours fits into no copy: what is published then only points at it.
        let bytes = kept.body ?? []
        let original = bytes.count <= Catalogue.Limits.recordBytes ? bytes : []
        let unit = try batch.unit(cause(of: record, "dead-letter", trace))
        unit.publish(
            DeadLettered(
                service: service, originTopic: record.topic, partition: Int(record.partition), offset: record.offset, reason: reason,
                field: field, attempts: 0, original: original, sealedWith: SealedRecords.keyName(kept)), on: DeadLettered.topic(of: service)
        )
        guard let (subscription, sent) = partners(record) else { return }
        try subscription.told?(sent, reason, field, unit)
    }

    /// What is said about a record by the service that set it aside or holds it.
    private func cause(of record: StoredRecord, _ type: String, _ trace: String?) -> Cause {
        Cause(
            id: EventID.derive(
                cause: Self.place(record.topic, record.partition, record.offset, record.generation), handler: service, ordinal: 0,
                type: type),
            recorded: clock.now, actor: .service(service), channel: "KAFKA", traceparent: trace)
    }

    /// A partner's record as it came, and who handles it; nil for a record of ours.
    private func partners(_ record: StoredRecord) -> (Subscription, IngressRecord)? {
        guard let plan = Catalogue.topic(for: record.topic), let organisation = plan.organisation(in: record.topic),
            let subscription = ingress[plan.name]
        else { return nil }
        return (subscription, IngressRecord(LogRecord(record), of: organisation))
    }

    /// A stored record with its bytes legible. Throws `ShortLivedKeys.Unreadable` when they have outlived their retention.
    func opened(_ record: StoredRecord) throws -> StoredRecord { try SealedRecords.opened(record, sealing) }

    /// What waits to be put through its handler again, apart from what it waited for before.
    static let again = "again:"
    /// Before the name of an event type that this build does not know.
    static let unknownType = "type:"

    /// Keeps a record until its subject comes. Throws `HoldIsFull` when there is no room for it.
    func hold(_ record: StoredRecord, _ subject: String, in batch: Batch) throws {
        if record.id != 0 {
            try wait(record, for: subject, in: batch)
            return
        }
        guard try batch.withHeld({ $0.hasRoom(for: record.topic) }) else {
            throw HoldIsFull(place: TopicPartition(topic: record.topic, partition: record.partition), offset: record.offset)
        }
        let kept = try SealedRecords.sealed(record, sealing, keepsKey: HeldLines.isOrdered(record.topic))
        try HeldRecords.add(kept, subject: subject, nowMs: clock.elapsed.wallMilliseconds, in: batch.tx)
        try batch.withHeld { $0.added(kept, subject) }
        guard let (subscription, sent) = partners(record), let waits = subscription.waits else { return }
        try waits(sent, try batch.unit(cause(of: record, "held", Self.traceparent(LogRecord(record)))))
    }

    /// It waits already, and with it the later ones of its key: they keep their places and wait for another subject.
    func wait(_ record: StoredRecord, for subject: String, in batch: Batch) throws {
        if HeldLines.isOrdered(record.topic) {
            try HeldRecords.moveLine(to: subject, from: record.id, in: batch.tx)
        } else {
            try HeldRecords.move(record.id, to: subject, in: batch.tx)
        }
        try batch.withHeld { $0.moved(record, to: subject) }
    }

    /// Takes a record that waits no more out of the hold; false when somebody else did.
    func letGo(_ record: StoredRecord, in batch: Batch) throws -> Bool {
        guard try HeldRecords.remove(record.id, in: batch.tx) else { return false }
        try batch.withHeld { $0.removed(record) }
        return true
    }

    /// Sends what failed while it was released its own way, so that what released it can go on.
    func setAside(_ failed: HeldFailed, in database: any Database) throws {
        try database.write { tx in try wait(failed.record, for: Self.again, in: batch(tx)) }
        isReviewAsked.withLock { $0 = true }
    }

    /// Applies what waits for `subject`, oldest first. A record that must wait again keeps its place in line.
    private func release(_ subject: String, _ batch: Batch) throws {
        var blocked: Set<String> = []
        for held in try HeldRecords.waiting(for: subject, in: batch.tx) {
            let line = HeldLines.isOrdered(held.topic) ? "\(held.topic)\u{0}\(held.key)" : nil
            if let line, blocked.contains(line) { continue }
            let ending: Ending
            do { ending = try apply(held: held, in: batch) } catch let error where !Blame.isSurroundings(error) {
                throw HeldFailed(record: held, error: error)
            }
            if ending == .held {
                if let line { blocked.insert(line) }
            } else {
                // Another instance let it go meanwhile, with the same effect: this one's is not wanted.
                guard try letGo(held, in: batch) else { throw VersionConflict() }
            }
        }
    }

    /// Puts a held record through its handler once more. It is still held when it ends so, and to be let go when not.
    func apply(held: StoredRecord, in batch: Batch) throws -> Ending {
        let record: StoredRecord
        do { record = try opened(held) } catch is ShortLivedKeys.Unreadable {
            try bury(held, "KEY_DELETED", nil, in: batch)
            return .deadLetter(reason: "KEY_DELETED")
        }
        // A partner's record carries no envelope of ours; its topic says whose it is, as on the first day.
        if let plan = Catalogue.topic(for: held.topic), let organisation = plan.organisation(in: held.topic) {
            return try apply(
                ingress: LogRecord(record), template: plan.name, organisation: organisation, generation: held.generation, held: record,
                in: batch)
        }
        let (meta, data): (EventMeta, [UInt8])
        do { (meta, data) = try WireRecord.decodeFact(record.body?[...] ?? []) } catch {
            try bury(record, "UNDECODABLE", nil, in: batch)
            return .deadLetter(reason: "UNDECODABLE")
        }
        return try apply(fact: meta, data: data, record, from: TopicPartition(topic: held.topic, partition: held.partition), in: batch)
    }
}

extension StoredRecord {
    init(_ record: LogRecord, generation: Int64) {
        self.init(
            topic: record.topic, partition: record.partition, offset: record.offset, generation: generation,
            // Text in PostgreSQL holds no NUL byte; it becomes what any byte becomes that is no text.
            key: String(decoding: record.key, as: UTF8.self).replacing("\0", with: "\u{FFFD}"), headers: WireHeaders.encode(record.headers),
            body: record.value)
    }
}

extension LogRecord {
    /// A stored record as the log had it; when it stood there is not kept and nothing rests on it.
    init(_ stored: StoredRecord) {
        self.init(
            topic: stored.topic, partition: stored.partition, offset: stored.offset, key: Array(stored.key.utf8), value: stored.body,
            headers: WireHeaders.decode(stored.headers), timestamp: Instant(milliseconds: 0))
    }
}
