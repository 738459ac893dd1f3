import Contracts
import Persistence
import Vocabulary

/// Everything a transaction of this service writes: aggregates once each, outbox rows with their numbers, what is released.
///
/// `finish` writes it; a thrown error before that leaves nothing, because the database transaction around it rolls back.
public final class Batch {
    @usableFromInline let tx: any Transaction
    let service: String
    /// Counts every change made through this batch; a difference tells whether a unit wrote something.
    @usableFromInline var writes = 0
    /// Rows and bytes appended to the outbox, for the cap.
    private(set) var appendedRows = 0
    private(set) var appendedBytes = 0
    @usableFromInline var caches: [ObjectIdentifier: any AggregateCaching] = [:]
    private var waiting: [OutgoingEvent] = []
    /// Elapsed time of the batch: when its outbox rows were written, and the timestamp of their records.
    private let nowMs: Int64
    private let sealing: ShortLivedKeys?
    private let releaser: ((String, Batch) throws -> Void)?
    /// Set in a store that was restored: what it said before that is not said again.
    private let hasRestored: Bool

    struct OutgoingEvent {
        let topic: String
        let key: String
        let data: [UInt8]
        var meta: EventMeta
    }

    init(
        service: String, tx: any Transaction, nowMs: Int64, sealing: ShortLivedKeys?, hasRestored: Bool = false,
        releaser: ((String, Batch) throws -> Void)?
    ) {
        self.hasRestored = hasRestored
        self.nowMs = nowMs
        self.sealing = sealing
        self.service = service
        self.tx = tx
        self.releaser = releaser
    }

    func unit(_ cause: Cause) throws -> UnitOfWork {
        let isRecalled = try hasRestored && RestoredEvents.isApplied(cause: cause.id, in: tx)
        return UnitOfWork(cause, in: self, mode: isRecalled ? .recalled : .acting)
    }

    @inlinable func cache<Table: AggregateTable>(_ table: Table.Type) -> AggregateCache<Table> {
        if let known = caches[ObjectIdentifier(table)] as? AggregateCache<Table> { return known }
        let made = AggregateCache<Table>()
        caches[ObjectIdentifier(table)] = made
        return made
    }

    func append(topic: String, key: String, data: [UInt8], meta: EventMeta) {
        waiting.append(OutgoingEvent(topic: topic, key: key, data: data, meta: meta))
        writes += 1
    }

    private var lines: HeldLines?

    /// What is held, read from the store when it is first asked for.
    func withHeld<Result>(_ body: (inout HeldLines) throws -> Result) throws -> Result {
        if lines == nil { lines = HeldLines(try HeldRecords.lines(in: tx)) }
        return try body(&lines!)
    }

    func release(_ subject: String) throws { try releaser?(subject, self) }

    /// True when the units so far have changed nothing at all since `mark`.
    func isUntouched(since mark: Mark) -> Bool { writes == mark.writes && tx.changes == mark.changes }

    struct Mark {
        let writes: Int
        let changes: Int
    }

    var mark: Mark { Mark(writes: writes, changes: tx.changes) }

    func save() throws {
        // Where rows are locked one by one, two transactions must lock them in the same order, tables as well.
        let all = tx.locksRows ? caches.values.sorted { $0.name < $1.name } : Array(caches.values)
        for cache in all { try cache.save(in: tx) }
    }

    /// Saves aggregates in key order and writes outbox rows in the order they were said, numbered within their stream.
    public func finish() throws {
        // First, because where rows are locked, order per key rests on outbox ids being taken behind the locks (`Outbox.number`).
        try save()
        if hasRestored { try waiting.removeAll { try RestoredEvents.contains($0.meta.id, in: tx) } }
        guard !waiting.isEmpty else { return }
        var lanes: [String: Lane] = [:]
        var lane: Lane?
        var unnumbered: [Outbox.NewRow] = []
        // By index: an event is completed in place, not copied.
        for index in waiting.indices {
            let name = waiting[index].topic
            if lane?.name != name {
                lane = lanes[name] ?? Lane(name)
                lanes[name] = lane
            }
            if tx.locksRows { unnumbered.append(try newRow(index, lane!)) } else { try append(index, lane!) }
        }
        try Outbox.appendUnnumbered(unnumbered, in: tx)
        for lane in lanes.values {
            for (stream, first) in lane.streams { try Outbox.keep(stream, from: first, in: tx) }
        }
        waiting = []
    }

    private func append(_ index: Int, _ lane: Lane) throws {
        let place = try lane.place(of: waiting[index].key, in: tx)
        let stream = lane.streams[place].stream
        let wire = try encoded(index, lane.plan, EventSequence(epoch: Int(stream.epoch), number: stream.nextNumber))
        try Outbox.append(
            stream, number: stream.nextNumber, epoch: lane.plan.isSensitive ? stream.epoch : nil, key: waiting[index].key,
            headers: wire.headers, body: wire.body, recordedMs: nowMs, in: tx)
        lane.streams[place].stream.nextNumber += 1
    }

    private func newRow(_ index: Int, _ lane: Lane) throws -> Outbox.NewRow {
        let wire = try encoded(index, lane.plan, .unnumbered)
        return Outbox.NewRow(
            topic: lane.name, partition: lane.partition(of: waiting[index].key), key: waiting[index].key, headers: wire.headers,
            body: wire.body, recordedMs: nowMs)
    }

    private func encoded(_ index: Int, _ plan: Topic, _ sequence: EventSequence) throws -> (headers: [UInt8], body: [UInt8]) {
        waiting[index].meta.sequence = sequence
        waiting[index].meta.dataClass = plan.dataClass.rawValue
        var wire = WireRecord.encode(waiting[index].meta, data: waiting[index].data, for: plan)
        guard wire.body.count <= plan.maxRecordBytes else { throw DeadLetter(reason: "RECORD_TOO_LARGE", field: waiting[index].topic) }
        // The journal outlives a short-retention topic; what names people lies in it under a key that does not.
        if plan.isSensitive, let sealing { wire = try WireRecord.sealed(wire, sealing) }
        appendedRows += 1
        appendedBytes += wire.body.count + wire.headers.count
        return wire
    }

    /// The streams of one topic that a batch writes to.
    private final class Lane {
        let name: String
        let plan: Topic
        var streams: [(stream: Outbox.Stream, first: Int64)] = []
        /// Where the stream of each partition stands in `streams`.
        private var places: [Int?]

        init(_ name: String) {
            guard let plan = Catalogue.topic(for: name) else { preconditionFailure("\(name) is published but not in the catalogue") }
            self.name = name
            self.plan = plan
            places = Array(repeating: nil, count: plan.partitions)
        }

        func partition(of key: String) -> Int32 { Partitioner.partition(key: key, partitions: plan.partitions) }

        func place(of key: String, in tx: any Transaction) throws -> Int {
            let partition = partition(of: key)
            if let known = places[Int(partition)] { return known }
            let stream = try Outbox.stream(topic: name, partition: partition, in: tx)
            places[Int(partition)] = streams.count
            streams.append((stream, stream.nextNumber))
            return streams.count - 1
        }
    }
}

/// The aggregates of one table that a batch has touched. Inlinable, so that a service's own tables are compiled for their own types.
@usableFromInline
final class AggregateCache<Table: AggregateTable>: AggregateCaching {
    @usableFromInline
    final class Entry {
        @usableFromInline let key: Table.Key
        @usableFromInline var state: Table.Rules.State?
        /// 0 until it is in the store.
        @usableFromInline var version: Int64
        @usableFromInline var isDirty = false

        @inlinable init(_ key: Table.Key, _ stored: Stored<Table.Rules.State>?) {
            self.key = key
            state = stored?.state
            version = stored?.version ?? 0
        }
    }

    @usableFromInline var entries: [Table.Key: Entry] = [:]
    /// Changed and not yet saved, in the order of their first change.
    @usableFromInline var dirty: [Entry] = []

    @inlinable init() {}

    @inlinable var name: String { String(reflecting: Table.self) }

    @inlinable func entry(_ key: Table.Key, _ tx: any Transaction) throws -> Entry {
        if let known = entries[key] { return known }
        let made = Entry(key, try Table.load(key, in: tx))
        entries[key] = made
        return made
    }

    @inlinable func change(_ entry: Entry, to state: Table.Rules.State) {
        entry.state = state
        guard !entry.isDirty else { return }
        entry.isDirty = true
        dirty.append(entry)
    }

    @inlinable func save(in tx: any Transaction) throws {
        if tx.locksRows { dirty.sort { $0.key < $1.key } }
        for entry in dirty {
            guard let state = entry.state else { continue }
            if entry.version == 0 {
                try Table.insert(entry.key, state, in: tx)
            } else if try !Table.update(entry.key, state, expecting: entry.version, in: tx) {
                throw VersionConflict()
            }
            entry.version += 1
            entry.isDirty = false
        }
        dirty.removeAll(keepingCapacity: true)
    }
}

@usableFromInline
protocol AggregateCaching: AnyObject {
    /// The table's, the same in every process.
    var name: String { get }
    func save(in tx: any Transaction) throws
}
