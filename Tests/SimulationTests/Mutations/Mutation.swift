import Messaging
import Persistence
import ServiceRuntime

/// One thing made wrong on purpose, to see that the simulation notices. Mutations stand between the engine and what it rests on, in this test
/// target alone: product code has no switch for them.
enum Mutation: String, CaseIterable {
    /// The position is written in a transaction of its own, after the effects.
    case positionApart
    /// Rows count as sent before the log has them.
    case markBeforeAcknowledgement
    case positionNotCompared
    /// Marks move whatever they were, and whoever holds the lease.
    case markNotCompared
    /// A row's number is fixed only when its send has succeeded.
    case numbersAfterProduce
    case gapApplied
    case repeatApplied
    /// A row whose send failed goes behind those that came after it.
    case failedSendOvertaken
    case versionNotChecked
    case heldBackwards
    case deadLetterWithoutPosition
    case positionWithoutDeadLetter
    /// An idempotency key is kept, and what it led to is not.
    case keyWithoutOutcome
    /// A centre whose claim lost against expiry or withdrawal keeps the place it had reserved.
    case placeNotReleased
    /// A claimed deadline stays where it was.
    case deadlineFiredAgain
    /// A restore takes the service's own events into the journal and not into the state.
    case restoredWithoutReplay
    // Three more, chosen before the simulation could show any of them.
    /// Reporting adds what a correction says and leaves what it replaced.
    case correctionNotSubtracted
    /// What was held for a subject stays held when the subject comes.
    case heldForgotten
    /// Registration goes on taking a centre for the owner of a referral that it has lost.
    case ownershipNotEnded

    /// What becomes of a statement, given its text on one line; nil where the mutation leaves it alone.
    func treatment(of text: String) -> Treatment? {
        switch self {
        case .positionApart: text.hasPrefix("UPDATE positions") || text.hasPrefix("INSERT INTO positions") ? .apart : nil
        case .positionNotCompared:
            Self.withoutComparison(text, "UPDATE positions SET next_offset", " AND next_offset = ? AND generation = ?")
        case .markNotCompared:
            Self.withoutComparison(text, "UPDATE streams SET acknowledged", " AND acknowledged = ?")
                ?? Self.withoutComparison(text, "UPDATE relay SET sent_through", " AND sent_through = ?")
                ?? Self.withoutComparison(text, "UPDATE leases SET beat", " AND term = ?")
        case .versionNotChecked: Self.withoutComparison(text, "UPDATE", " AND version = ?")
        case .heldBackwards: Self.isRelease(text) ? .instead(SQL(text + " DESC"), { $0 }) : nil
        case .heldForgotten: Self.isRelease(text) ? .instead(SQL(text.replacing("ORDER BY", with: "AND 1 = 0 ORDER BY")), { $0 }) : nil
        case .deadLetterWithoutPosition:
            if text.hasPrefix("INSERT INTO dead_letters") {
                .burial
            } else if text.hasPrefix("UPDATE positions SET next_offset"), text.hasSuffix("AND generation = ?") {
                .move
            } else {
                nil
            }
        case .positionWithoutDeadLetter: text.hasPrefix("INSERT INTO dead_letters") ? .never(answer: 1) : nil
        case .keyWithoutOutcome: text.hasPrefix("INSERT INTO idempotency") ? .instead(SQL(text), Self.withoutOutcome) : nil
        case .deadlineFiredAgain: if case .claim = Treatment.usual(text) { .keepClaimed } else { nil }
        case .ownershipNotEnded: text.contains("referral_owners") && text.contains("holds = 0") ? .never(answer: 1) : nil
        case .markBeforeAcknowledgement, .numbersAfterProduce, .gapApplied, .repeatApplied, .failedSendOvertaken, .placeNotReleased,
            .correctionNotSubtracted, .restoredWithoutReplay:
            nil
        }
    }

    /// The statement without its last condition, and without the values that went with it.
    private static func withoutComparison(_ text: String, _ beginning: String, _ condition: String) -> Treatment? {
        guard text.hasPrefix(beginning), text.hasSuffix(condition) else { return nil }
        let values = condition.filter { $0 == "?" }.count
        return .instead(SQL(String(text.dropLast(condition.count))), { Array($0.dropLast(values)) })
    }

    private static func isRelease(_ text: String) -> Bool {
        text.hasPrefix("SELECT") && text.contains("FROM held WHERE subject = ?") && text.hasSuffix("ORDER BY id")
    }

    /// Status and body are the fifth and the seventh value.
    private static func withoutOutcome(_ values: [Value]) -> [Value] {
        var values = values
        (values[4], values[6]) = (.int(204), .blob([]))
        return values
    }
}

/// What a mutation remembers from one call to the next.
struct MutationMemory {
    /// Numbers taken and numbers kept, for `numbersAfterProduce`.
    var taken: [TopicPartition: Int64] = [:]
    var kept: [String: Int64] = [:]
    /// Records given under another number, by topic, partition and offset: whoever compares them later sees what was given.
    var renumbered: [TopicPartition: [Int64: LogRecord]] = [:]
}
