import Contracts
import Messaging
import Persistence
import Synchronization
import Vocabulary

/// The only code that produces: sends outbox rows in order and moves each stream's mark behind the log's acknowledgement.
///
/// A crash, a failed send or a new producer sends again from the first row not acknowledged; what arrives twice carries the same number and
/// bytes, and consumers skip it. Of several instances the one that holds the lease sends. A stream that the log refuses waits apart and is
/// tried again with growing pauses, while the others go on. `step` is synchronous and belongs to one thread.
final class Relay {
    struct State: Sendable {
        var sent = 0
        /// Numbers among them that went without their event, see `EventGone`.
        var gone = 0
        /// Rows read again because they were acknowledged before a mark moved, or the log failed.
        var resent = 0
        /// What the log said last when it failed; nil after a success.
        var failure: String?
        /// The streams the log refuses, and why.
        var refused: [String: String] = [:]
        /// Who holds the lease while this relay waits for it; nil while it is held here.
        var waitsFor: String?
        /// The topic whose newest record is ahead of this store: an older backup was restored. Nothing is sent.
        var restoreNeeded: String?
    }

    let state = Mutex(State())
    /// How long the log takes to acknowledge what one step sends.
    let sendSeconds = Metrics.Histogram(bounds: Metrics.Histogram.seconds)
    let database: any Database
    let lease: RelayLease
    let elapsed: any ElapsedTime
    private let log: any EventLog
    private let gauge: OutboxGauge
    private let name: String
    private let sender: RelaySender
    private let archive: JournalArchive?
    private let alarm = ServiceLog("careloop.relay")
    private var nextArchiving = Int64.min
    /// What the store's marks say; nil makes the next step read them.
    private var marks: RelayMarks?
    private var marksTerm: Int64?
    private var countedNanoseconds: Int64?

    init(
        name: String, database: any Database, log: any EventLog, gauge: OutboxGauge, elapsed: any ElapsedTime, sealing: ShortLivedKeys?,
        holder: String, archive: JournalArchive? = nil
    ) {
        self.archive = archive
        self.name = name
        self.database = database
        self.log = log
        self.gauge = gauge
        self.elapsed = elapsed
        lease = RelayLease(holder: holder, database: database, elapsed: elapsed)
        sender = RelaySender(name: name, log: log, sealing: sealing, elapsed: elapsed)
    }

    /// What lies on the log of a service's topics; a partner's among them may be younger than the store.
    static func topics(of service: String, on log: any EventLog) throws -> [String] {
        try log.topics().keys.filter { Catalogue.topic(for: $0)?.producer == service }.sorted()
    }

    /// Compares the last record of every stream with the store. A log ahead of its own producer means that an older backup was restored;
    /// sending from there would give two histories one number each.
    func checkHistory() throws {
        let own = try Self.topics(of: name, on: log)
        let written = try log.ends(own).filter { $0.value > 0 }.map(\.key)
        let last = try log.lastRecords(written)
        // Behind the log, because another instance may be sending: numbers are in the store before they are on the log.
        let streams = Dictionary(
            try database.read { try Outbox.streams(in: $0) }.map { (TopicPartition(topic: $0.topic, partition: $0.partition), $0) },
            uniquingKeysWith: { first, _ in first })
        for (place, record) in last.sorted(by: { $0.key < $1.key }) {
            guard let sequence = WireRecord.sequence(of: record) else { continue }
            let (next, epoch) = (streams[place]?.nextNumber ?? 1, streams[place]?.epoch ?? 1)
            guard sequence.number >= next || Int64(sequence.epoch) > epoch else { continue }
            state.withLock {
                $0.restoreNeeded = "\(place) holds number \(sequence.number) of epoch \(sequence.epoch), this store stops before \(next)"
            }
            return
        }
    }

    /// Sends what can be sent, up to `CoreLimits.relayRows` rows from the front and as many of streams that are behind. Returns how many rows
    /// it got past; 0 means that nothing waits, that what waits is to be tried later, or that another instance sends.
    ///
    /// `waiting` is called at least about once a second while the log keeps a send waiting, however long; what it throws ends the wait.
    func step(waiting: () throws -> Void = {}) throws -> Int {
        guard state.withLock({ $0.restoreNeeded == nil }) else { return 0 }
        do {
            guard try lease.hold() else {
                marks = nil
                try count()
                let other = lease.otherHolder
                state.withLock {
                    $0.waitsFor = other
                    $0.failure = nil
                    $0.refused = [:]
                }
                return 0
            }
            state.withLock { $0.waitsFor = nil }
            try number()
            // A new term begins with the store's marks: another instance may have moved them.
            if lease.term != marksTerm { marks = nil }
            marksTerm = lease.term
            var current = try marks ?? read()
            // Kept only when the step ends well: an error may leave them ahead of the store.
            marks = nil
            let began = elapsed.monotonicNanoseconds
            func live() throws {
                try waiting()
                try lease.live()
                try count()
            }
            let passed = try sendFront(&current, live) + sendBehind(&current, live)
            if passed > 0 { sendSeconds.observe(Double(elapsed.monotonicNanoseconds - began) / 1e9) }
            marks = current
            let refused = current.refused
            state.withLock { $0.refused = refused }
            return passed
        } catch is RelayLease.Lost {
            // Another instance sends now; what was sent here beyond its marks is a repeat of what it sends.
            return 0
        } catch let conflict as VersionConflict {
            // Marks were moved meanwhile: they are read again, and what was sent twice is only a repeat.
            forget()
            throw conflict
        }
    }

    private func read() throws -> RelayMarks {
        try database.read { tx in
            RelayMarks(try Outbox.streams(in: tx), through: try Outbox.sentThrough(in: tx))
        }
    }

    /// Gives numbers where writers cannot, in a transaction that is committed before any of the rows is produced.
    private func number() throws {
        guard try lease.isShared() else { return }
        if try database.read({ try Outbox.hasUnnumbered(in: $0) }) {
            try lease.write { _ = try Outbox.number(limit: CoreLimits.relayRows, in: $0) }
        }
        try count()
    }

    /// Counts what waits, where other instances add to it and take from it unseen.
    private func count() throws {
        let now = elapsed.monotonicNanoseconds
        guard try lease.isShared(), now - (countedNanoseconds ?? .min / 2) >= CoreLimits.outboxRecount.wholeNanoseconds else { return }
        countedNanoseconds = now
        gauge.set(try database.read { try Outbox.backlog(in: $0) })
    }

    /// The streams that keep up, page by page.
    private func sendFront(_ marks: inout RelayMarks, _ waiting: () throws -> Void) throws -> Int {
        let through = marks.through
        let (rows, streams) = try database.read { [known = marks.streams] tx in
            let rows = try Outbox.rows(after: through, limit: CoreLimits.relayRows, bytes: CoreLimits.relayBytes, in: tx)
            return (rows, try rows.contains { known[$0.stream] == nil } ? Outbox.streams(in: tx) : [])
        }
        guard let last = rows.last else { return 0 }
        marks.learn(streams)
        let wanted = rows.filter { marks.isNextFront($0) }
        let outcome = try sender.send(wanted, marks.streams, note, waiting: waiting)
        var moved = RelayMarks.Moved(through: last.id)
        marks.settle(wanted, outcome, at: elapsed.monotonicNanoseconds, &moved)
        marks.through = last.id
        try keep(moved, from: through, marks)
        noteSent(moved, again: rows.count - wanted.count)
        noteGone(wanted, outcome, marks)
        return rows.count
    }

    /// The streams that wait apart, from where the last of them stands, as far as the front has come.
    private func sendBehind(_ marks: inout RelayMarks, _ waiting: () throws -> Void) throws -> Int {
        let now = elapsed.monotonicNanoseconds
        guard let from = marks.firstDue(at: now) else { return 0 }
        let (rows, seen): ([Outbox.Row], Int64)
        do {
            (rows, seen) = try rowsBehind(marks, after: from)
        } catch let damaged as JournalArchive.Damaged {
            marks.refuse("\(damaged)", dueFrom: from, at: now)
            return 0
        }
        let wanted = rows.filter { marks.isNextBehind($0, at: now) }
        let outcome = try sender.sendApart(wanted, marks.streams, note, waiting: waiting)
        var moved = RelayMarks.Moved(through: nil)
        marks.settle(wanted, outcome, at: elapsed.monotonicNanoseconds, &moved)
        let advanced = marks.advance(from: from, to: seen, at: now, &moved)
        try keep(moved, from: marks.through, marks)
        noteSent(moved, again: 0)
        noteGone(wanted, outcome, marks)
        return moved.rows + advanced
    }

    /// Rows of streams that are behind, from the archive or the store, and the id up to which these are all.
    private func rowsBehind(_ marks: RelayMarks, after from: Int64) throws -> (rows: [Outbox.Row], seen: Int64) {
        if let archived = try database.read({ try Archives.next(after: from, in: $0) }) {
            guard let archive else { throw JournalArchive.Damaged(file: archived.file, reason: "is needed, and no archive is configured") }
            let rows = try archive.rows(of: archived).filter { $0.id > from && marks.behind[$0.stream] != nil }
            // One file holds no more than fits into memory; the log takes it in parts.
            guard rows.count > CoreLimits.relayRows else { return (rows, archived.last) }
            return (Array(rows[..<CoreLimits.relayRows]), rows[CoreLimits.relayRows - 1].id)
        }
        let end = min(marks.through, from + CoreLimits.relayWindow)
        let rows = try database.read {
            try Outbox.rowsBehind(after: from, through: end, limit: CoreLimits.relayRows, bytes: CoreLimits.relayBytes, in: $0)
        }
        let isCut = rows.count == CoreLimits.relayRows || rows.reduce(0) { $0 + $1.size } >= CoreLimits.relayBytes
        return (rows, isCut ? rows.last!.id : end)
    }

    /// Moves old rows to an archive file, at most one a `CoreLimits.archiveWait` unless there is more to move. Returns how many rows.
    func moveToArchive() throws -> Int {
        let now = elapsed.monotonicNanoseconds
        guard let archive, now >= nextArchiving, try state.withLock({ $0.restoreNeeded == nil }) && lease.hold() else { return 0 }
        do {
            let moved = try archive.move(now: elapsed.wallMilliseconds, database, lease)
            if moved == 0 { nextArchiving = now + CoreLimits.archiveWait.wholeNanoseconds }
            return moved
        } catch is RelayLease.Lost {
            return 0
        } catch {
            nextArchiving = now + CoreLimits.archiveWait.wholeNanoseconds
            throw error
        }
    }

    private func keep(_ moved: RelayMarks.Moved, from through: Int64, _ marks: RelayMarks) throws {
        try lease.write { tx in
            defer { CrashPoint.relayBeforeMarks.pass() }
            for (id, old) in moved.acknowledged {
                guard try Outbox.acknowledge(id, from: old, to: marks.streams[id]!.acknowledged, behind: marks.behind[id]?.cursor, in: tx)
                else { throw VersionConflict() }
            }
            guard let new = moved.through, new != through else { return }
            guard try Outbox.setSentThrough(new, from: through, in: tx) else { throw VersionConflict() }
        }
        CrashPoint.relayAfterMarks.pass()
    }

    private func note(_ failure: String?) { state.withLock { $0.failure = failure } }

    private func noteSent(_ moved: RelayMarks.Moved, again: Int) {
        gauge.sent(rows: moved.rows, bytes: moved.bytes)
        state.withLock {
            $0.sent += moved.rows
            $0.resent += again
        }
    }

    // Behind the acknowledgement, so that a send tried again and again is counted and told once.
    private func noteGone(_ rows: [Outbox.Row], _ outcome: RelaySender.Outcome, _ marks: RelayMarks) {
        let gone = outcome.gone.filter { outcome.acknowledged[$0] }.map { rows[$0] }
        guard !gone.isEmpty else { return }
        state.withLock { $0.gone += gone.count }
        for (id, rows) in Dictionary(grouping: gone, by: \.stream) {
            let numbers = rows.map(\.number)
            alarm.warning(
                "numbers go without their events: the short-lived key was deleted before they were sent",
                .code("topic", marks.streams[id]!.topic), .count("partition", Int(marks.streams[id]!.partition)),
                .count("events", numbers.count), .count("first", Int(numbers.min()!)), .count("last", Int(numbers.max()!)))
        }
    }

    /// Ends a wait for the log; may be called from any thread.
    func wake() { sender.waker.withLock { $0?.wake() } }

    /// Marks are read from the store again, and the lease is looked at before anything is sent.
    func forget() {
        marks = nil
        lease.doubt()
    }

    /// Gives the lease back, so that another instance goes on at once, and closes the producer.
    func close() {
        sender.close()
        // A store that does not answer now lets the lease run out instead.
        try? lease.giveBack()
    }
}
