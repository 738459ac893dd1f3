import Contracts
import Persistence
import Vocabulary

/// Everything a transaction of this service writes: aggregates once each, outbox rows with their numbers, what is released.
///
/// `finish` writes it; a thrown error before that leaves nothing, because the database transaction around it rolls back.
public final class Batch {
    let tx: any Transaction
    let service: String
    /// Counts every change made through this batch; a difference tells whether a unit wrote something.
    var writes = 0
    /// Rows and bytes appended to the outbox, for the cap.
    private(set) var appendedRows = 0
    private(set) var appendedBytes = 0
    private var caches: [ObjectIdentifier: any AggregateCaching] = [:]
    private var waiting: [OutgoingEvent] = []
    /// Elapsed time of the batch: when its outbox rows were written, and the timestamp of their records.
    private let nowMs: Int64
    private let releaser: ((String, Batch) throws -> Void)?

    struct OutgoingEvent {
        let topic: String
        let key: String
        let data: [UInt8]
        var meta: EventMeta
    }

    init(service: String, tx: any Transaction, nowMs: Int64, releaser: ((String, Batch) throws -> Void)?) {
        self.nowMs = nowMs
        self.service = service
        self.tx = tx
        self.releaser = releaser
    }

    func unit(_ cause: Cause) -> UnitOfWork { UnitOfWork(cause, in: self) }

    func cache<Table: AggregateTable>(_ table: Table.Type) -> AggregateCache<Table> {
        if let known = caches[ObjectIdentifier(table)] as? AggregateCache<Table> { return known }
        let made = AggregateCache<Table>()
        caches[ObjectIdentifier(table)] = made
        return made
    }

    func append(topic: String, key: String, data: [UInt8], meta: EventMeta) {
        waiting.append(OutgoingEvent(topic: topic, key: key, data: data, meta: meta))
        writes += 1
    }

    private var queues: [String: String]?

    /// The subject that earlier held records of this topic and key wait for, if any.
    func queue(topic: String, key: String) throws -> String? {
        if queues == nil {
            queues = Dictionary(
                try HeldRecords.queues(in: tx).map { ("\($0.topic)\u{0}\($0.key)", $0.subject) }, uniquingKeysWith: { first, _ in first })
        }
        return queues!.isEmpty ? nil : queues!["\(topic)\u{0}\(key)"]
    }

    func forgetQueues() { queues = nil }

    func release(_ subject: String) throws { try releaser?(subject, self) }

    /// True when the units so far have changed nothing at all since `mark`.
    func isUntouched(since mark: Mark) -> Bool { writes == mark.writes && tx.changes == mark.changes }

    struct Mark {
        let writes: Int
        let changes: Int
    }

    var mark: Mark { Mark(writes: writes, changes: tx.changes) }

    func save() throws {
        for cache in caches.values { try cache.save(in: tx) }
    }

    /// Saves aggregates in key order and writes outbox rows in the order they were said, numbered within their stream.
    func finish() throws {
        try save()
        guard !waiting.isEmpty else { return }
        var streams: [StreamKey: (stream: Outbox.Stream, first: Int64, plan: Topic)] = [:]
        for event in waiting {
            guard let plan = Catalogue.topic(for: event.topic) else {
                preconditionFailure("\(event.topic) is published but not in the catalogue")
            }
            let partition = Partitioner.partition(key: event.key, partitions: plan.partitions)
            let streamKey = StreamKey(topic: event.topic, partition: partition)
            if streams[streamKey] == nil {
                let stream = try Outbox.stream(topic: event.topic, partition: partition, in: tx)
                streams[streamKey] = (stream, stream.nextNumber, plan)
            }
            let stream = streams[streamKey]!.stream
            var meta = event.meta
            meta.sequence = EventSequence(epoch: Int(stream.epoch), number: stream.nextNumber)
            meta.dataClass = plan.dataClass.rawValue
            let wire = WireRecord.encode(meta, data: event.data, for: plan)
            guard wire.body.count <= plan.maxRecordBytes else {
                throw DeadLetter(reason: "RECORD_TOO_LARGE", field: event.topic)
            }
            try Outbox.append(
                stream, number: stream.nextNumber, key: event.key, headers: wire.headers, body: wire.body,
                recordedMs: nowMs, in: tx)
            streams[streamKey]!.stream.nextNumber += 1
            appendedRows += 1
            appendedBytes += wire.body.count + wire.headers.count
        }
        for (stream, first, _) in streams.values { try Outbox.keep(stream, from: first, in: tx) }
        waiting = []
    }

    private struct StreamKey: Hashable {
        let topic: String
        let partition: Int32
    }
}

/// The aggregates of one table that a batch has touched.
final class AggregateCache<Table: AggregateTable>: AggregateCaching {
    final class Entry {
        let key: Table.Key
        var state: Table.Rules.State?
        /// 0 until it is in the store.
        var version: Int64
        var isDirty = false

        init(_ key: Table.Key, _ stored: Stored<Table.Rules.State>?) {
            self.key = key
            state = stored?.state
            version = stored?.version ?? 0
        }
    }

    private var entries: [Table.Key: Entry] = [:]
    /// Changed and not yet saved, in the order of their first change.
    private var dirty: [Entry] = []

    func entry(_ key: Table.Key, _ tx: any Transaction) throws -> Entry {
        if let known = entries[key] { return known }
        let made = Entry(key, try Table.load(key, in: tx))
        entries[key] = made
        return made
    }

    func change(_ entry: Entry, to state: Table.Rules.State) {
        entry.state = state
        guard !entry.isDirty else { return }
        entry.isDirty = true
        dirty.append(entry)
    }

    func save(in tx: any Transaction) throws {
        // Where rows are locked one by one, two transactions must lock them in the same order.
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

protocol AggregateCaching: AnyObject {
    func save(in tx: any Transaction) throws
}
