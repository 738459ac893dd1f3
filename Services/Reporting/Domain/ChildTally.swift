import Contracts
import ServiceRuntime
import Vocabulary

/// What one child has reached across topics: confirmed by screening, approved and in training by rehabilitation. The two sides come on
/// different topics in any order, so each keeps its own place and month.
struct ChildTally: Hashable, Sendable {
    /// Cases of this child with a confirmed diagnosis.
    var confirmed = 0
    /// Where the first confirmed case counts.
    var confirmedCell: Cell?
    var approved = 0
    var enrolled = 0
    /// Where the first approval or enrolment counts.
    var assistedCell: Cell?

    var flags: [Measure: Cell] {
        var flags: [Measure: Cell] = [:]
        let assisted = approved > 0 && enrolled > 0
        if confirmed > 0, let cell = confirmedCell {
            flags[.childrenConfirmed] = cell
            if assisted { flags[.childrenServed] = cell }
        }
        if assisted, let cell = assistedCell { flags[.childrenAssisted] = cell }
        return flags
    }
}

enum ChildTallyRules: Decider {
    enum Command: Sendable {
        /// A case of this child became confirmed (+1) or no longer is (-1).
        case confirmed(Int, Cell)
        case approved(Cell)
        case enrolled(Cell)
    }

    struct Event: Sendable {
        let tally: ChildTally
        let changes: [Change]
    }

    enum Refused: String, Refusal { case never = "NEVER_REFUSED" }

    static func decide(_ command: Command, given tally: ChildTally?) throws(Refused) -> [Event] {
        var after = tally ?? ChildTally()
        let before = after.flags
        switch command {
        case .confirmed(let change, let cell):
            if after.confirmed <= 0 { after.confirmedCell = cell.person }
            after.confirmed += change
        case .approved(let cell):
            after.approved += 1
            after.assistedCell = after.assistedCell ?? cell.person
        case .enrolled(let cell):
            after.enrolled += 1
            after.assistedCell = after.assistedCell ?? cell.person
        }
        return [Event(tally: after, changes: Change.between(before, after.flags))]
    }

    static func evolve(_ tally: ChildTally?, with event: Event) -> ChildTally { event.tally }
}

extension Cell {
    /// The same person, whatever the topic.
    var person: Cell { Cell(region: region, month: month, sex: sex, band: band) }
}
