import Foundation
import SQLiteStatements

/// Reads the embedded log. One short read transaction per poll; between polls it waits on its socket.
final class EmbeddedConsumer: LogConsumer {
    private final class Place {
        let partition: TopicPartition
        let head: Int64
        /// The next offset; nil starts at the log's start.
        var next: Int64?
        var isPaused = false
        var stopped: LogError?

        init(_ partition: TopicPartition, head: Int64, next: Int64?) {
            self.partition = partition
            self.head = head
            self.next = next
        }
    }

    private struct Client {
        let connection: SQLiteConnection
        let socket: ReaderSocket
        let heads: SQLiteStatement
        let lastHead: SQLiteStatement
        let records: SQLiteStatement
        /// Held by the active consumer of a group; -1 without a group.
        let group: Int32
    }

    private let settings: ConsumerSettings
    private let flag = WakeFlag()
    private var client: Client?
    private var isActive = false
    private var places: [Place] = []
    private var knownHead: Int64 = 0
    private var turn = 0
    // A wake can be lost when a reader's file appears while a writer lists the directory: look again after this long at the latest.
    private static let longestWait: Int32 = 500

    init(_ files: EmbeddedFiles, _ settings: ConsumerSettings) throws(LogError) {
        self.settings = settings
        let connection = try files.open()
        let socket = try ReaderSocket(files)
        let (heads, lastHead, records) = try storing { () throws(SQLiteError) in
            (
                try connection.prepare("SELECT id, first, next FROM head"), try connection.prepare("SELECT max(id) FROM head"),
                try connection.prepare(EmbeddedRecords.columns + " WHERE position >= ? AND position < ? ORDER BY position LIMIT ?")
            )
        }
        let group = settings.group.isEmpty ? -1 : try FairLock.descriptor(files.groupLock(settings.group))
        client = Client(connection: connection, socket: socket, heads: heads, lastHead: lastHead, records: records, group: group)
        isActive = settings.group.isEmpty
    }

    deinit { close(within: .zero) }

    var assignment: [TopicPartition] { places.map(\.partition) }

    var waker: Waker {
        let (flag, socket) = (flag, WeakSocket(client?.socket))
        return Waker {
            flag.raise()
            socket.value?.wake()
        }
    }

    private struct WeakSocket: Sendable {
        weak let value: ReaderSocket?
        init(_ socket: ReaderSocket?) { value = socket }
    }

    // MARK: Reading

    func poll(max: Int, wait: Duration) throws -> [LogRecord] {
        precondition(max > 0, "a poll asks for at least one record")
        let deadline = ContinuousClock.now + wait
        while true {
            guard let client else { throw LogError.closed }
            for place in places { if let stopped = place.stopped { throw stopped } }
            // Drained before reading: an append after the read leaves its wake in the socket.
            client.socket.drain()
            let records = try read(max, client)
            if !records.isEmpty { return records }
            if places.contains(where: { $0.stopped != nil }) { continue }
            let remaining = (deadline - .now).milliseconds
            if flag.take() || remaining <= 0 { return [] }
            client.socket.wait(milliseconds: min(remaining, Self.longestWait))
        }
    }

    private func read(_ max: Int, _ client: Client) throws -> [LogRecord] {
        if !isActive {
            guard flock(client.group, LOCK_EX | LOCK_NB) == 0 else { return [] }
            isActive = true
            EventLogDiagnostics.report(.info, "group \(settings.group) is read by this process now")
        }
        try lookForTopics(client)
        try storing { () throws(SQLiteError) in try client.connection.execute("BEGIN") }
        defer { endRead(client) }
        let heads = try storing { () throws(SQLiteError) in
            var heads: [Int64: (first: Int64, next: Int64)] = [:]
            while try client.heads.step() { heads[client.heads.int(0)] = (client.heads.int(1), client.heads.int(2)) }
            return heads
        }
        var batch = RecordBatchBuilder()
        turn += 1
        for index in places.indices where batch.count < max && batch.byteCount < settings.maxQueueBytes {
            // Each poll begins at another partition, so that a busy one does not starve the rest.
            let place = places[(index + turn) % places.count]
            guard !place.isPaused, let head = heads[place.head] else { continue }
            try read(place, head, max, client, &batch)
        }
        return batch.finish()
    }

    private func read(
        _ place: Place, _ head: (first: Int64, next: Int64), _ max: Int, _ client: Client, _ batch: inout RecordBatchBuilder
    ) throws {
        let from = place.next ?? head.first
        if from > head.next {
            place.stopped = .positionBeyondEnd(place.partition, position: from, end: head.next)
        } else if from < head.first {
            place.stopped = .positionBeforeStart(place.partition, position: from, start: head.first)
        }
        guard place.stopped == nil, from < head.next else { return }
        let query = client.records
        try storing { () throws(SQLiteError) in
            try query.bind(1, Position.of(place.head, from))
            try query.bind(2, Position.of(place.head, head.next))
            try query.bind(3, Int64(max - batch.count))
        }
        defer { query.reset() }
        batch.begin(place.partition)
        while batch.byteCount < settings.maxQueueBytes, try storing({ () throws(SQLiteError) in try query.step() }) {
            place.next = try EmbeddedRecords.read(query, into: &batch, of: place.partition) + 1
        }
    }

    // A read transaction that stays open would keep the write-ahead file growing.
    private func endRead(_ client: Client) {
        do {
            try client.connection.execute("COMMIT")
        } catch {
            EventLogDiagnostics.report(.error, "a read of the embedded log could not be ended: \(error)")
        }
    }

    private func lookForTopics(_ client: Client) throws {
        let last = try storing { () throws(SQLiteError) in
            defer { client.lastHead.reset() }
            return try client.lastHead.step() ? client.lastHead.int(0) : 0
        }
        guard last != knownHead else { return }
        let known = Set(places.map(\.head))
        let heads = try storing { () throws(SQLiteError) in try EmbeddedHead.all(client.connection) }
        for (partition, head) in heads.sorted(by: { $0.key < $1.key }) where !known.contains(head.id) && settings.wants(partition.topic) {
            places.append(Place(partition, head: head.id, next: try settings.start(partition)))
        }
        knownHead = last
    }

    // MARK: Moving

    func seek(_ partition: TopicPartition, to offset: Int64) throws {
        guard client != nil else { throw LogError.closed }
        guard let place = places.first(where: { $0.partition == partition }) else { throw LogError.unknownPartition(partition) }
        place.next = offset
        place.stopped = nil
    }

    func pause(_ partitions: [TopicPartition]) throws { try setPaused(partitions, true) }
    func resume(_ partitions: [TopicPartition]) throws { try setPaused(partitions, false) }

    private func setPaused(_ partitions: [TopicPartition], _ isPaused: Bool) throws {
        guard client != nil else { throw LogError.closed }
        let wanted = Set(partitions)
        for place in places where wanted.contains(place.partition) { place.isPaused = isPaused }
    }

    /// Nothing reads lag here: a tool compares the services' stored positions with the log's ends.
    func commit(_ positions: [TopicPartition: Int64]) {}

    func close(within: Duration) {
        guard let client else { return }
        self.client = nil
        places = []
        // Closing lets go of the group's lock.
        if client.group >= 0 { Glibc.close(client.group) }
    }
}
