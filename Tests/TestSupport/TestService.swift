import Contracts
import Foundation
import Messaging
import Persistence
import ServiceRuntime
import Vocabulary

/// One service on a real store of its own (`Store.chosen`) and the in-memory log, driven step by step: nothing runs unless the test says so.
///
/// The store goes away with the object.
public final class TestService {
    public let engine: Engine
    public let log: InMemoryLog
    public let clock: BusinessClock
    public let database: any Database
    public let definition: ServiceDefinition
    /// Opens the same store once more.
    public var url: String { store.url }
    /// Opens a copy of the store as it is now, as an operator's backup would be; it goes away with this object.
    public func backup() throws -> String { try store.backup() }
    /// Where a SQLite store lies, and what a test puts beside it.
    public var folder: URL { store.folder }
    private let store: TemporaryStore
    private let consumer: any LogConsumer
    private var numbers: [TopicPartition: Int64] = [:]
    private var causes = 0

    /// A fresh service on the business day `today`; `elapsed` is moved by hand where a test is about waiting; `archived` when old
    /// rows of the journal are to move to files.
    public init(
        _ definition: ServiceDefinition, today: LocalDate, elapsed: any ElapsedTime = SystemTime(), store: Store = .chosen,
        archived: Bool = false
    ) throws {
        self.store = try TemporaryStore(store)
        database = self.store.database
        log = InMemoryLog()
        clock = .simulated(from: today, elapsed)
        self.definition = definition
        engine = try Engine(
            definition, database: database, log: log, clock: clock,
            archiveFolder: archived ? self.store.folder.appendingPathComponent("archive").path : nil)
        consumer = try engine.openConsumer()
    }

    /// The same service over another store, beside the same log and clock.
    init(_ other: TestService, store: TemporaryStore) throws {
        self.store = store
        database = store.database
        (log, clock, definition) = (other.log, other.clock, other.definition)
        (numbers, causes) = (other.numbers, other.causes)
        engine = try Engine(definition, database: database, log: log, clock: clock)
        consumer = try engine.openConsumer()
    }

    deinit {
        consumer.close(within: .seconds(1))
    }

    /// Delivers an internal fact as its owner would: next number of its partition, structured envelope. `number` forces one, for repeats and gaps.
    @discardableResult
    public func deliver<Event: ContractEvent>(
        _ event: Event, from source: String? = nil, actor: Actor = .service("test"), epoch: Int = 1, number: Int64? = nil,
        settling: Bool = true
    ) throws -> Int64 {
        guard let plan = Catalogue.topic(for: Event.topic) else { preconditionFailure("\(Event.topic) is not in the catalogue") }
        let place = TopicPartition(topic: Event.topic, partition: Partitioner.partition(key: event.key, partitions: plan.partitions))
        let given = number ?? (numbers[place] ?? 0) + 1
        if number == nil { numbers[place] = given }
        causes += 1
        let record = WireRecord.fact(
            event, epoch: epoch, number: given, partition: place.partition, cause: "test-\(causes)", source: source ?? plan.producer,
            actor: actor,
            recorded: clock.now)
        try send(record, settling)
        return given
    }

    /// Writes a partner's record to its topic and lets the service consume it.
    public func deliver(partner template: String, organisation: OrganisationID, key: String, value: [UInt8]?, headers: [LogHeader]) throws {
        let topic = Catalogue.name(template, for: organisation)
        if let plan = Catalogue.topic(for: topic) { try log.ensure([plan.plan(named: topic)]) }
        try send(OutgoingRecord(topic: topic, partition: 0, key: Array(key.utf8), value: value, headers: headers, timestamp: clock.now))
    }

    private func send(_ record: OutgoingRecord, _ settling: Bool = true) throws {
        try append([record])
        if settling { try settle() }
    }

    /// Appends to the log without letting the service consume.
    public func append(_ records: [OutgoingRecord]) throws {
        let producer = try log.producer(named: "test")
        let result = try producer.send(records)
        precondition(result.isComplete, "the in-memory log refused: \(result.failures)")
    }

    /// Leaves the consumer group, so that another engine over the same store and log reads everything; as a process that ended.
    public func disconnect() { consumer.close(within: .zero) }

    /// One step of the consumer alone.
    @discardableResult
    public func consume() throws -> Int { try engine.consumeStep(consumer) }

    /// Consumes until nothing is left, and nothing else; what only time can mend is tried again, as the consumer's own loop does.
    public func consumeAll() throws {
        var idle = 0
        while idle < 2 {
            do { idle = try consume() == 0 ? idle + 1 : 0 } catch let error as DatabaseError where error.kind == .transient {
                idle = 0
            } catch is VersionConflict {
                // Commands of another instance were faster, time and again.
                idle = 0
            }
        }
    }

    /// Consumes, fires deadlines and relays until nothing is left to do.
    public func settle() throws {
        var idle = 0
        while idle < 2 {
            let done = try engine.consumeStep(consumer) + engine.timerStep() + engine.relayStep()
            idle = done == 0 ? idle + 1 : 0
        }
    }

    /// Lets hours pass on `time`, looking every quarter of an hour, as a service that lives does all the time.
    public func live(hours: Int, on time: ManualTime) throws {
        for _ in 0..<hours * 4 {
            time.advance(milliseconds: 900_000)
            _ = try engine.timerStep()
        }
    }

    /// Leaves the consumer group, so that another engine on the same log reads everything.
    public func leave() { consumer.close(within: .seconds(1)) }

    /// Moves the business date and fires what is missed.
    public func passDay(to date: LocalDate) throws {
        try clock.move(to: date)
        try settle()
    }

    /// Runs `body` as a command of `actor`, and then everything that follows from it, or what `settling` does instead.
    public func command<Result>(
        as actor: Actor, _ body: (UnitOfWork) throws -> Result, settling: (() throws -> Void)? = nil
    ) throws -> Result {
        causes += 1
        let result = try engine.perform(Cause(id: "test-command-\(causes)", recorded: clock.now, actor: actor, channel: "WINDOW"), body)
        if let settling { try settling() } else { try settle() }
        return result
    }

    /// Everything the service has said, in commit order: the journal, and behind it what waits for its number, which is then 0.
    public func said() throws -> [Said] {
        try database.read { tx in
            let topics = Dictionary(uniqueKeysWithValues: try Outbox.streams(in: tx).map { ($0.id, $0.topic) })
            let journal = try Outbox.rows(after: 0, limit: 1_000_000, in: tx).map { (topic: topics[$0.stream]!, row: $0) }
            return try (journal + Outbox.unnumbered(in: tx)).map { topic, row in
                try Said(topic: topic, number: row.number, key: row.key, wire: row, sealing: definition.sealing)
            }
        }
    }

    /// The said events of one type, decoded.
    public func said<Event: ContractEvent>(_ type: Event.Type) throws -> [Event] {
        try said().filter { $0.meta.type == Event.type }.map { try Event(protobuf: $0.data) }
    }

    /// One outbox row, decoded.
    public struct Said {
        public let topic: String
        public let number: Int64
        public let key: String
        public let meta: EventMeta
        public let data: [UInt8]

        init(topic: String, number: Int64, key: String, wire: Outbox.Row, sealing: ShortLivedKeys?) throws {
            self.topic = topic
            self.number = number
            self.key = key
            (meta, data) = try WireRecord.decode(topic: topic, row: wire, sealing: sealing)
        }
    }
}
