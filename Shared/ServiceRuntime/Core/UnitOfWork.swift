import Contracts
import Persistence
import Vocabulary

/// What one record, request or deadline does, inside the transaction it shares with its batch.
///
/// Loads each aggregate once a batch, decides, evolves, collects what is said, and lets `Batch` write it all at the end. Not Sendable; lives
/// as long as the closure it was passed to.
public final class UnitOfWork {
    public let tx: any Transaction
    public private(set) var cause: Cause
    @usableFromInline let batch: Batch
    private var ordinal = 0

    init(_ cause: Cause, in batch: Batch) {
        self.cause = cause
        self.batch = batch
        tx = batch.tx
    }

    /// Says for whom the caller acts where the request itself tells, such as a clerk who records a guardian's choice.
    public func act(onBehalfOf role: String) { cause.onBehalfOf = role }

    /// The aggregate as this batch has it, changes of earlier units included.
    @inlinable public func state<Table: AggregateTable>(_ table: Table.Type, _ key: Table.Key) throws -> Table.Rules.State? {
        try batch.cache(table).entry(key, tx).state
    }

    /// Decides `command` on the aggregate and applies what follows. Throws the rule's refusal before anything changed.
    @inlinable @discardableResult
    public func execute<Table: AggregateTable>(
        _ command: Table.Rules.Command, _ table: Table.Type, _ key: Table.Key
    ) throws -> [Table.Rules.Event] {
        let cache = batch.cache(table)
        let entry = try cache.entry(key, tx)
        let events = try Table.Rules.decide(command, given: entry.state)
        for event in events {
            let state = Table.Rules.evolve(entry.state, with: event)
            cache.change(entry, to: state)
            batch.writes += 1
            try Table.publish(event, key, state: state, in: self)
        }
        return events
    }

    /// A moment in the batch, for asking afterwards whether anything was written since.
    public struct Moment {
        fileprivate let mark: Batch.Mark
    }

    public var moment: Moment { Moment(mark: batch.mark) }

    /// True when nothing has been written or said since: what fails now may end as a refusal that leaves nothing behind.
    public func isUntouched(since moment: Moment) -> Bool { batch.isUntouched(since: moment.mark) }

    /// Applies an event that was decided before an older backup was restored: the state follows, nothing is decided or said.
    @inlinable public func rebuild<Table: AggregateTable>(_ event: Table.Rules.Event, _ table: Table.Type, _ key: Table.Key) throws {
        let cache = batch.cache(table)
        let entry = try cache.entry(key, tx)
        cache.change(entry, to: Table.Rules.evolve(entry.state, with: event))
        batch.writes += 1
    }

    /// Writes changed aggregates now. Only needed before a query over a table that aggregates of this batch live in.
    public func save() throws { try batch.save() }

    /// Says `event` to everybody who may read its topic.
    public func publish<Event: ContractEvent>(_ event: Event, policyVersion: String? = nil) {
        batch.append(
            topic: Event.topic, key: event.key, data: event.protobuf(), meta: meta(type: Event.type, subject: event.key, policyVersion))
    }

    /// Says `event` to one organisation, on its own topic.
    public func publish<Event: ContractEvent>(_ event: Event, to organisation: OrganisationID, policyVersion: String? = nil) {
        batch.append(
            topic: Catalogue.name(Event.topic, for: organisation), key: event.key, data: event.protobuf(),
            meta: meta(type: Event.type, subject: event.key, policyVersion))
    }

    /// Says `event` on a topic other than its first one, such as the published copy of an indicator.
    public func publish<Event: ContractEvent>(_ event: Event, on topic: String, policyVersion: String? = nil) {
        batch.append(
            topic: topic, key: event.key, data: event.protobuf(), meta: meta(type: Event.type, subject: event.key, policyVersion))
    }

    /// A new identifier: the same cause asked again gives the same one. 32 hex digits.
    public func derivedID(_ kind: String) -> String {
        ordinal += 1
        return EventID.derive(cause: cause.id, handler: batch.service, ordinal: ordinal, type: kind)
    }

    /// Sets the one deadline of this kind and subject; it is missed when the day after `due` begins.
    public func schedule(_ kind: String, subject: String, due: LocalDate) throws {
        try Deadlines.set(Deadlines.Deadline(kind: kind, subject: subject, due: due), in: tx)
    }

    public func cancelDeadline(_ kind: String, subject: String) throws { try Deadlines.clear(kind, subject, in: tx) }

    /// Applies, in order, what was held for `subject`, within this transaction.
    public func release(_ subject: String) throws { try batch.release(subject) }

    private func meta(type: String, subject: String, _ policyVersion: String?) -> EventMeta {
        EventMeta(
            id: derivedID(type), source: "/\(batch.service)", type: type, time: cause.recorded, subject: subject, sequence: nil,
            recorded: cause.recorded, correlation: cause.correlation, causation: cause.id, traceparent: cause.traceparent,
            policyVersion: policyVersion,
            actor: ActorStamp(organisation: cause.actor.organisation?.text, role: cause.actor.role.rawValue, user: cause.actor.user),
            onBehalfOf: cause.onBehalfOf, channel: cause.channel, legalBasis: cause.legalBasis)
    }
}
