import Contracts
import Persistence

/// How far each stream of the outbox has come, as the relay remembers it. No I/O: what has to be written is collected in `Moved`.
struct RelayMarks {
    /// A stream that waits apart, because the log refused a row of it or its mark was moved back.
    struct Behind {
        /// All rows of the stream with an id up to here are acknowledged.
        var cursor: Int64
        /// Refusals in a row.
        var failures = 0
        var retryNanoseconds = Int64.min
        var reason: String?
    }

    /// What a step changed.
    struct Moved {
        /// The mark each changed stream had in the store.
        var acknowledged: [Int64: Int64] = [:]
        /// How far the front has come; nil when it did not move.
        var through: Int64?
        /// Numbers acknowledged, and the bytes of their rows.
        var rows = 0
        var bytes = 0
    }

    private(set) var streams: [Int64: Outbox.Stream] = [:]
    private(set) var behind: [Int64: Behind] = [:]
    /// Streams of which numbers may be missing: whoever reads them does not count (`Topic.isCounted`).
    private var uncounted: Set<Int64> = []
    /// All rows up to here are acknowledged or belong to a stream in `behind`.
    var through: Int64

    init(_ streams: [Outbox.Stream], through: Int64) {
        self.through = through
        learn(streams)
    }

    /// Takes up streams that are new.
    mutating func learn(_ found: [Outbox.Stream]) {
        for stream in found where streams[stream.id] == nil {
            streams[stream.id] = stream
            if Catalogue.topic(for: stream.topic)?.isCounted == false { uncounted.insert(stream.id) }
            if let cursor = stream.behind { behind[stream.id] = Behind(cursor: cursor) }
        }
    }

    func isNextFront(_ row: Outbox.Row) -> Bool { behind[row.stream] == nil && row.number > streams[row.stream]!.acknowledged }

    func isNextBehind(_ row: Outbox.Row, at now: Int64) -> Bool {
        guard let place = behind[row.stream], place.retryNanoseconds <= now, row.id > place.cursor else { return false }
        return row.number > streams[row.stream]!.acknowledged
    }

    /// Where to look for rows of streams that may be tried now; nil when there is none.
    func firstDue(at now: Int64) -> Int64? { behind.values.filter { $0.retryNanoseconds <= now }.map(\.cursor).min() }

    /// Moves each stream behind its acknowledged rows; one with a row that is not acknowledged waits apart from there on.
    mutating func settle(_ rows: [Outbox.Row], _ outcome: RelaySender.Outcome, at now: Int64, _ moved: inout Moved) {
        var stopped: Set<Int64> = []
        for (row, isAcknowledged) in zip(rows, outcome.acknowledged) where !stopped.contains(row.stream) {
            let mark = streams[row.stream]!.acknowledged
            if moved.acknowledged[row.stream] == nil { moved.acknowledged[row.stream] = mark }
            // Where a lost store was read back from a compacted log, what was said over since is missing.
            guard isAcknowledged, row.number == mark + 1 || uncounted.contains(row.stream) else {
                stopped.insert(row.stream)
                let reason =
                    isAcknowledged ? "number \(mark + 1) is not in the journal" : outcome.failures[row.stream] ?? "not acknowledged"
                setApart(row.stream, before: row.id, reason, at: now)
                continue
            }
            streams[row.stream]!.acknowledged = row.number
            moved.rows += Int(row.number - mark)
            moved.bytes += row.size
            guard behind[row.stream] != nil else { continue }
            behind[row.stream]!.cursor = row.id
            behind[row.stream]!.failures = 0
            behind[row.stream]!.reason = nil
        }
    }

    /// The streams that are due at `cursor` cannot be read on.
    mutating func refuse(_ reason: String, dueFrom cursor: Int64, at now: Int64) {
        for (id, place) in behind where place.retryNanoseconds <= now && place.cursor == cursor {
            setApart(id, before: cursor + 1, reason, at: now)
        }
    }

    private mutating func setApart(_ stream: Int64, before id: Int64, _ reason: String, at now: Int64) {
        var place = behind[stream] ?? Behind(cursor: id - 1)
        place.cursor = id - 1
        place.reason = reason
        let pause = CoreLimits.refusedFirst.wholeNanoseconds << Int64(min(place.failures, 16))
        place.retryNanoseconds = now + min(pause, CoreLimits.refusedLargest.wholeNanoseconds)
        place.failures += 1
        behind[stream] = place
    }

    /// After rows in (`from`, `to`] were looked through: streams that were due there have come to `to`, and those that have caught up with the
    /// front go on with it. Returns how many moved.
    mutating func advance(from: Int64, to: Int64, at now: Int64, _ moved: inout Moved) -> Int {
        var count = 0
        for (id, place) in behind where place.retryNanoseconds <= now && place.cursor >= from && place.cursor <= to {
            if moved.acknowledged[id] == nil { moved.acknowledged[id] = streams[id]!.acknowledged }
            count += place.cursor < to || to >= through ? 1 : 0
            behind[id] = to >= through ? nil : Behind(cursor: to)
        }
        return count
    }

    /// The streams that the log refuses, with its reason.
    var refused: [String: String] {
        var refused: [String: String] = [:]
        for (id, place) in behind {
            guard let reason = place.reason, let stream = streams[id] else { continue }
            refused["\(stream.topic)/\(stream.partition)"] = reason
        }
        return refused
    }
}

extension Outbox.Row {
    /// Bytes that count against the outbox's cap.
    var size: Int { headers.count + (body?.count ?? 0) }
}
