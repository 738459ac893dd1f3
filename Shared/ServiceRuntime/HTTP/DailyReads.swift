import Synchronization

/// How many different records of persons one principal may see in a day: whoever copies a whole file by looking at it is stopped on the way
/// (OWASP API6), and who only does a day's work never notices.
///
/// What was seen before on the same day counts once, so that a work list opened a hundred times is not a hundred lists. A day begins with its
/// first read and lasts 24 hours of elapsed time. Kept in memory: each instance counts for itself, and a restart begins anew.
final class DailyReads: Sendable {
    /// Unless configured otherwise: a clerk who opens somebody's page every minute for eight hours, three addresses each, comes to 1,440.
    static let recordsPerDay = 5_000
    /// From a principal's first read until it begins anew.
    static let dayNanoseconds: Int64 = 24 * 3600 * 1_000_000_000
    /// Principals known at a time, and records remembered of all of them together (8 bytes each).
    static let maximumReaders = 10_000
    static let maximumRemembered = 1_000_000

    /// Somebody's record, as one service shows it: known again, never named.
    struct Record: Hashable, Sendable {
        /// Of a hash seeded anew in every process: nobody can choose two that meet.
        fileprivate let mark: Int

        init(route: String, of text: String, body: [UInt8] = []) {
            var hasher = Hasher()
            hasher.combine(route)
            hasher.combine(text)
            hasher.combine(body)
            mark = hasher.finalize()
        }
    }

    private struct Day {
        let began: Int64
        let reader: Actor
        var seen: Set<Int> = []
        var isUsedUp = false
    }

    private struct State {
        var days: [String: Day] = [:]
        /// Records of all days together.
        var remembered = 0
    }

    private let perDay: Int
    private let elapsed: any ElapsedTime
    private let state = Mutex(State())
    /// Told once a day of a principal who is refused, with the address.
    private let note: @Sendable (Actor, _ route: String) -> Void

    /// 0 per day is no limit.
    init(perDay: Int, elapsed: any ElapsedTime, note: @escaping @Sendable (Actor, String) -> Void = { _, _ in }) {
        self.perDay = perDay
        self.elapsed = elapsed
        self.note = note
    }

    /// Counts what is about to be shown. Throws 429 with the seconds until the day ends when not all of it fits in: then nothing is counted.
    func take(_ records: [Record], by reader: Actor, route: String) throws(Problem) {
        guard perDay > 0, !records.isEmpty else { return }
        let now = elapsed.monotonicNanoseconds
        let principal = reader.principal
        let (waiting, isFirst): (Int64?, Bool) = state.withLock { state in
            var day = state.days.removeValue(forKey: principal) ?? Day(began: now, reader: reader)
            state.remembered -= day.seen.count
            if now - day.began >= Self.dayNanoseconds { day = Day(began: now, reader: reader) }
            defer {
                state.days[principal] = day
                state.remembered += day.seen.count
            }
            let new = Set(records.map(\.mark)).subtracting(day.seen)
            if day.seen.count + new.count <= perDay {
                day.seen.formUnion(new)
                Self.makeRoom(in: &state, for: day.seen.count, now)
                return (nil, false)
            }
            let isFirst = !day.isUsedUp
            day.isUsedUp = true
            return (day.began + Self.dayNanoseconds - now, isFirst)
        }
        guard let waiting else { return }
        if isFirst { note(reader, route) }
        throw Problem(
            "RECORDS_PER_DAY", status: 429, rule: "\(perDay) records a day",
            retryAfterSeconds: Int((Double(waiting) / 1e9).rounded(.up)))
    }

    /// Principals who were refused on the day that is still theirs, by organisation and role: whoever is woken learns where to look. Which user it
    /// is stands in the log, as a pseudonym; whom they read about stands in neither.
    var usedUp: [Metrics.Sample] {
        let now = elapsed.monotonicNanoseconds
        let readers = state.withLock { $0.days.values.filter { $0.isUsedUp && now - $0.began < Self.dayNanoseconds }.map(\.reader) }
        return Dictionary(grouping: readers) { "\($0.organisation?.text ?? "-")/\($0.role.rawValue)" }.sorted { $0.key < $1.key }.map {
            let first = $0.value[0]
            return Metrics.Sample(
                $0.value.count, labels: ["organisation": first.organisation?.text ?? "-", "role": first.role.rawValue])
        }
    }

    /// Forgets days that are over, then those who have read least: whoever has read most is never let begin anew by a crowd of others.
    private static func makeRoom(in state: inout State, for count: Int, _ now: Int64) {
        func isFull(_ share: Int = 1) -> Bool {
            state.days.count >= maximumReaders / share || state.remembered + count > maximumRemembered / share
        }
        guard isFull() else { return }
        state.days = state.days.filter { now - $0.value.began < dayNanoseconds }
        state.remembered = state.days.values.reduce(0) { $0 + $1.seen.count }
        guard isFull() else { return }
        // Down to half, or the next read would sort them all again.
        for (principal, day) in state.days.sorted(by: { $0.value.seen.count < $1.value.seen.count }) where isFull(2) {
            state.days[principal] = nil
            state.remembered -= day.seen.count
        }
    }
}
