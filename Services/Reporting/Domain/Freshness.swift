import ServiceRuntime
import Vocabulary

/// How far one share of the partitions has been counted.
struct Freshness: Hashable, Sendable {
    /// Events counted; only grows, so it orders snapshots.
    var events: Int64 = 0
    /// Latest business day an event was recorded on.
    var day: LocalDate
    /// When the latest of them was recorded.
    var recorded: Instant
}

enum FreshnessRules: Decider {
    struct Command: Sendable { let recorded: Instant }

    struct Event: Sendable {
        let recorded: Instant
        let isNewDay: Bool
        let isNewMonth: Bool
    }

    enum Refused: String, Refusal { case never = "NEVER_REFUSED" }

    static func decide(_ command: Command, given state: Freshness?) throws(Refused) -> [Event] {
        let day = command.recorded.date
        let known = state?.day
        return [
            Event(
                recorded: command.recorded, isNewDay: known.map { day > $0 } ?? true, isNewMonth: known.map { day.month > $0.month } ?? true
            )
        ]
    }

    static func evolve(_ state: Freshness?, with event: Event) -> Freshness {
        let day = event.recorded.date
        guard let state else { return Freshness(events: 1, day: day, recorded: event.recorded) }
        return Freshness(events: state.events + 1, day: max(state.day, day), recorded: max(state.recorded, event.recorded))
    }
}
