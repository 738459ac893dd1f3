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
    @usableFromInline let mode: Mode
    private var ordinal = 0

    /// What a unit may do. All but `acting` exist in stores only that an older backup was restored into.
    @usableFromInline enum Mode: Sendable {
        case acting
        /// An event of this service is read back: the state follows it, nothing is decided or said.
        case rebuilding
        /// The cause has been acted on before, and what was said of it is read back: what it did besides is done, nothing else.
        case recalled
    }

    init(_ cause: Cause, in batch: Batch, mode: Mode) {
        self.cause = cause
        self.batch = batch
        self.mode = mode
        tx = batch.tx
    }

    /// For an event that was said before an older backup was restored. What is derived next gets the ids it had when the event was said.
    init(rebuilding said: EventMeta, in batch: Batch) {
        cause = Cause(said: said)
        self.batch = batch
        mode = .rebuilding
        tx = batch.tx
        ordinal =
            (1...CoreLimits.restoreOrdinals).first {
                EventID.derive(cause: said.causation, handler: batch.service, ordinal: $0, type: said.type) == said.id
            }.map { $0 - 1 } ?? 0
    }

    /// True when the cause was acted on before an older backup was put in place, and what was said of it has been read back: commands change
    /// nothing but what no event tells, and nothing is said. For handlers that keep more than aggregates.
    public var isRecalled: Bool { mode == .recalled }

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
        if mode == .recalled { return try executeAgain(command, table, key) }
        let cache = batch.cache(table)
        let entry = try cache.entry(key, tx)
        let events = try Table.Rules.decide(command, given: entry.state)
        for event in events { try follow(event, key, entry, in: cache) }
        return events
    }

    /// What `command` led to and nothing on the log says, see `AggregateTable.isTold`; the rest is in the state already.
    @usableFromInline func executeAgain<Table: AggregateTable>(
        _ command: Table.Rules.Command, _ table: Table.Type, _ key: Table.Key
    ) throws -> [Table.Rules.Event] {
        let cache = batch.cache(table)
        let entry = try cache.entry(key, tx)
        let decided: [Table.Rules.Event]
        do { decided = try Table.Rules.decide(command, given: entry.state) } catch {
            // The state has gone further than when this was decided first; what it led to then came back with the events.
            return []
        }
        let events = decided.filter { !Table.isTold($0) }
        for event in events { try follow(event, key, entry, in: cache) }
        return events
    }

    @inlinable func follow<Table: AggregateTable>(
        _ event: Table.Rules.Event, _ key: Table.Key, _ entry: AggregateCache<Table>.Entry, in cache: AggregateCache<Table>
    ) throws {
        let state = Table.Rules.evolve(entry.state, with: event)
        cache.change(entry, to: state)
        batch.writes += 1
        try Table.publish(event, key, state: state, in: self)
    }

    /// A moment in the batch, for asking afterwards whether anything was written since.
    public struct Moment {
        fileprivate let mark: Batch.Mark
    }

    public var moment: Moment { Moment(mark: batch.mark) }

    /// True when nothing has been written or said since: what fails now may end as a refusal that leaves nothing behind.
    public func isUntouched(since moment: Moment) -> Bool { batch.isUntouched(since: moment.mark) }

    /// Applies an event that was decided before an older backup was restored: the state follows, with everything that goes with it in the
    /// store (deadlines, for instance); nothing is decided or said.
    public func rebuild<Table: AggregateTable>(_ event: Table.Rules.Event, _ table: Table.Type, _ key: Table.Key) throws {
        precondition(mode == .rebuilding, "outside a restore events are decided")
        let cache = batch.cache(table)
        try follow(event, key, try cache.entry(key, tx), in: cache)
    }

    /// Writes changed aggregates now. Only needed before a query over a table that aggregates of this batch live in.
    public func save() throws { try batch.save() }

    /// Says `event` to everybody who may read its topic.
    public func publish<Event: ContractEvent>(_ event: Event, policyVersion: String? = nil) {
        guard mode == .acting else {
            ordinal += 1
            return
        }
        batch.append(
            topic: Event.topic, key: event.key, data: event.protobuf(), meta: meta(type: Event.type, subject: event.key, policyVersion))
    }

    /// Says `event` to one organisation, on its own topic.
    public func publish<Event: ContractEvent>(_ event: Event, to organisation: OrganisationID, policyVersion: String? = nil) {
        guard mode == .acting else {
            ordinal += 1
            return
        }
        batch.append(
            topic: Catalogue.name(Event.topic, for: organisation), key: event.key, data: event.protobuf(),
            meta: meta(type: Event.type, subject: event.key, policyVersion))
    }

    /// Says `event` on a topic other than its first one, such as the published copy of an indicator.
    public func publish<Event: ContractEvent>(_ event: Event, on topic: String, policyVersion: String? = nil) {
        guard mode == .acting else {
            ordinal += 1
            return
        }
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

    /// As `schedule`, but a later deadline that stands already stays: for what several shares of the partitions set for all of them.
    public func scheduleLatest(_ kind: String, subject: String, due: LocalDate) throws {
        try Deadlines.setLater(Deadlines.Deadline(kind: kind, subject: subject, due: due), in: tx)
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
