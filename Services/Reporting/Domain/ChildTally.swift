import Contracts
import Vocabulary

/// What one child has reached across topics: confirmed by screening, approved and in training by rehabilitation. The two sides come on
/// different topics in any order, so each keeps its own place and month.
struct ChildTally: PersonTally {
    enum Command: Sendable {
        /// A case of this child became confirmed (+1) or no longer is (-1).
        case confirmed(Int, Cell)
        /// A confirmed case of this child counts elsewhere from now on.
        case moved(from: Cell, to: Cell)
        case approved(Cell)
        case enrolled(Cell)
    }

    /// Cases of this child with a confirmed diagnosis.
    var confirmed = 0
    /// Where the first confirmed case counts.
    var confirmedCell: Cell?
    var approved = 0
    var enrolled = 0
    /// Where the first approval or enrolment counts.
    var assistedCell: Cell?

    func flags(_: Void) -> [Measure: Cell] {
        var flags: [Measure: Cell] = [:]
        let assisted = approved > 0 && enrolled > 0
        if confirmed > 0, let cell = confirmedCell {
            flags[.childrenConfirmed] = cell
            if assisted { flags[.childrenServed] = cell }
        }
        if assisted, let cell = assistedCell { flags[.childrenAssisted] = cell }
        return flags
    }

    func counting(_ command: Command) -> ChildTally {
        var after = self
        switch command {
        case .confirmed(let change, let cell):
            if after.confirmed <= 0 { after.confirmedCell = cell.person }
            after.confirmed += change
        case .moved(let from, let to):
            if after.confirmedCell == from.person { after.confirmedCell = to.person }
        case .approved(let cell):
            after.approved += 1
            after.assistedCell = after.assistedCell ?? cell.person
        case .enrolled(let cell):
            after.enrolled += 1
            after.assistedCell = after.assistedCell ?? cell.person
        }
        return after
    }

    static func together(_ tallies: [ChildTally]) -> ChildTally {
        guard tallies.count > 1 else { return tallies.first ?? ChildTally() }
        return ChildTally(
            confirmed: tallies.reduce(0) { $0 + $1.confirmed },
            confirmedCell: tallies.filter { $0.confirmed > 0 }.compactMap(\.confirmedCell).min(by: Cell.isEarlier),
            approved: tallies.reduce(0) { $0 + $1.approved }, enrolled: tallies.reduce(0) { $0 + $1.enrolled },
            assistedCell: tallies.compactMap(\.assistedCell).min(by: Cell.isEarlier))
    }
}

extension Cell {
    /// The same person, whatever the topic.
    var person: Cell { Cell(region: region, month: month, sex: sex, band: band) }
}
