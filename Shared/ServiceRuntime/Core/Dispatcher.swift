import Contracts
import Messaging
import Persistence
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

    func batch(_ tx: any Transaction) -> Batch {
        Batch(service: service, tx: tx, nowMs: clock.elapsed.wallMilliseconds, sealing: sealing) { [self] subject, batch in
            try release(subject, batch)
        }
    }

    /// Applies one numbered record whose number has been checked.
    func apply(fact meta: EventMeta, data: [UInt8], record: LogRecord, in batch: Batch) throws -> Ending {
        if try batch.hasQueues() {
            let stored = StoredRecord(record)
            if let subject = try batch.queue(topic: stored.topic, key: stored.key) {
                // An earlier record of this key waits: order per key means this one waits behind it.
                try hold(stored, subject, in: batch)
                return .held
            }
        }
        return try apply(fact: meta, data: data, StoredRecord(record), from: record.topicPartition, in: batch)
    }

    // `record` in the form it is stored in is only made when it is stored: most records are not.
    private func apply(
        fact meta: EventMeta, data: [UInt8], _ record: @autoclosure () -> StoredRecord, from place: TopicPartition, in batch: Batch
    ) throws -> Ending {
        guard let subscription = facts[meta.type] else {
            // A type of this build that nobody here needs is skipped; one this build has never heard of waits for an upgrade.
            if Catalogue.knows(type: meta.type) { return .skipped }
            try hold(record(), "type:\(meta.type)", in: batch)
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
        return try ending(of: record(), in: batch) { try apply(meta, data, batch.unit(cause)) }
    }

    /// Applies one partner record. Its identity in the log names the cause, so a second delivery derives the same ids.
    func apply(
        ingress record: LogRecord, template: String, organisation: OrganisationID, held: StoredRecord? = nil, in batch: Batch
    ) throws -> Ending {
        guard let subscription = ingress[template], case .ingress(let apply) = subscription.kind else { return .skipped }
        let cause = Cause(
            id: EventID.derive(cause: "\(record.topic)/\(record.partition)/\(record.offset)", handler: service, ordinal: 0, type: template),
            recorded: clock.now, actor: Actor(organisation: organisation, role: .service, user: organisation.text, region: nil),
            channel: "KAFKA", topic: record.topic, partition: record.partition)
        let incoming = IngressRecord(
            organisation: organisation, topic: record.topic, partition: record.partition, offset: record.offset, key: record.key,
            headers: record.headers.map { ($0.name, $0.value) }, value: record.value)
        return try ending(of: held ?? StoredRecord(record), in: batch) { try apply(incoming, batch.unit(cause)) }
    }

    /// Runs a handler and turns what it throws into an ending. When it had already written, the error goes on, so that the caller rolls back.
    private func ending(of record: @autoclosure () -> StoredRecord, in batch: Batch, _ body: () throws -> Void) throws -> Ending {
        let mark = batch.mark
        do {
            try body()
            return .done
        } catch let letter as DeadLetter where batch.isUntouched(since: mark) {
            try bury(record(), letter.reason, letter.field, in: batch)
            return .deadLetter(reason: letter.reason)
        } catch let wait as Hold where batch.isUntouched(since: mark) {
            try hold(record(), wait.subject, in: batch)
            return .held
        } catch let refusal as any Refusal where batch.isUntouched(since: mark) {
            return .refused(code: refusal.rawValue)
        }
    }

    /// Sets a record aside with its bytes, and says so on this service's dead letter topic. Bytes of sensitive topics are sealed.
    func bury(_ record: StoredRecord, _ reason: String, _ field: String?, in batch: Batch) throws {
        var kept = record
        var sealedWith: String?
        if let sealing, let body = record.body, Catalogue.topic(for: record.topic)?.isSensitive ?? true {
            let sealed = try sealing.seal(body)
            kept.body = sealed.bytes
            sealedWith = sealed.key
        }
        try DeadLetters.add(kept, reason: reason, field: field, sealedWith: sealedWith, nowMs: clock.elapsed.wallMilliseconds, in: batch.tx)
        let cause = Cause(
            id: EventID.derive(
                cause: "\(record.topic)/\(record.partition)/\(record.offset)", handler: service, ordinal: 0, type: "dead-letter"),
            recorded: clock.now, actor: .service(service), channel: "KAFKA")
        batch.unit(cause).publish(
            DeadLettered(
                service: service, originTopic: record.topic, partition: Int(record.partition), offset: record.offset, reason: reason,
                field: field, attempts: 0, original: kept.body ?? [], sealedWith: sealedWith), on: DeadLettered.topic(of: service))
    }

    /// The bytes of a sealed dead letter. Throws when their key has been deleted: they have outlived their retention.
    func unseal(_ bytes: [UInt8], _ key: String) throws -> [UInt8] {
        guard let sealing else { throw ShortLivedKeys.Unreadable() }
        return try sealing.open(ShortLivedKeys.Sealed(key: key, bytes: bytes))
    }

    func hold(_ record: StoredRecord, _ subject: String, in batch: Batch) throws {
        if record.id != 0 {
            // It waits already, and with it the later ones of its key: they keep their places and wait for the new subject.
            try HeldRecords.wait(for: subject, from: record, in: batch.tx)
        } else {
            guard try HeldRecords.count(in: batch.tx) < CoreLimits.heldRecords else { throw HoldIsFull() }
            try HeldRecords.add(record, subject: subject, nowMs: clock.elapsed.wallMilliseconds, in: batch.tx)
        }
        batch.forgetQueues()
    }

    /// Applies what waits for `subject`, oldest first. A record that must wait again keeps its place in line.
    private func release(_ subject: String, _ batch: Batch) throws {
        var blocked: Set<String> = []
        for held in try HeldRecords.waiting(for: subject, in: batch.tx) {
            let line = "\(held.topic)\u{0}\(held.key)"
            guard !blocked.contains(line) else { continue }
            // A partner's record carries no envelope of ours; its topic says whose it is, as on the first day.
            if let plan = Catalogue.topic(for: held.topic), let organisation = plan.organisation(in: held.topic) {
                if try apply(ingress: LogRecord(held), template: plan.name, organisation: organisation, held: held, in: batch) == .held {
                    blocked.insert(line)
                } else {
                    try HeldRecords.remove(held.id, in: batch.tx)
                    batch.forgetQueues()
                }
                continue
            }
            let (meta, data): (EventMeta, [UInt8])
            do { (meta, data) = try WireRecord.decodeFact(held.body ?? []) } catch {
                try HeldRecords.remove(held.id, in: batch.tx)
                try bury(held, "UNDECODABLE", nil, in: batch)
                continue
            }
            if try apply(fact: meta, data: data, held, from: TopicPartition(topic: held.topic, partition: held.partition), in: batch)
                == .held
            {
                blocked.insert(line)
            } else {
                try HeldRecords.remove(held.id, in: batch.tx)
                batch.forgetQueues()
            }
        }
    }
}

/// The hold has its bound; the partition stops until something is released.
struct HoldIsFull: Error {}

extension StoredRecord {
    init(_ record: LogRecord) {
        self.init(
            topic: record.topic, partition: record.partition, offset: record.offset, key: String(decoding: record.key, as: UTF8.self),
            headers: WireHeaders.encode(record.headers), body: record.value)
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
