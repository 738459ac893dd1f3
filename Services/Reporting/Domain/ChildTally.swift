import Contracts
import Vocabulary

/// What one child has reached across topics: confirmed by screening, approved and served by rehabilitation. The two sides come on
/// different topics in any order, so each keeps its own places and months.
struct ChildTally: PersonTally {
    enum Command: Sendable {
        /// A case of this child became confirmed.
        case confirmed(Cell)
        /// One no longer is.
        case unconfirmed(Cell)
        case approved
        /// A month with at least one day of service.
        case served(Cell)
        /// One that was corrected, as it was before.
        case unserved(Cell)
    }

    /// Where each case with a confirmed diagnosis counts.
    var confirmedCells: [Cell] = []
    var approved = 0
    /// Each month with a service.
    var servedCells: [Cell] = []

    func flags(_: Void) -> Set<Flag> {
        var flags: Set<Flag> = []
        let served = approved > 0 ? Self.firsts(servedCells) : []
        // Once in each year, where its first service was.
        for cell in served { flags.insert(Flag(.childrenAssisted, cell)) }
        if let cell = confirmedCells.min(by: Cell.isEarlier) {
            flags.insert(Flag(.childrenConfirmed, cell))
            if !served.isEmpty { flags.insert(Flag(.childrenServed, cell)) }
        }
        return flags
    }

    func counting(_ command: Command) -> ChildTally {
        var after = self
        switch command {
        case .confirmed(let cell): after.confirmedCells.append(cell.person)
        case .unconfirmed(let cell):
            // An earlier build kept one place for all cases of a child.
            if let index = confirmedCells.firstIndex(of: cell.person) ?? confirmedCells.indices.last {
                after.confirmedCells.remove(at: index)
            }
        case .approved: after.approved += 1
        case .served(let cell): after.servedCells.append(cell.person)
        case .unserved(let cell): if let index = servedCells.firstIndex(of: cell.person) { after.servedCells.remove(at: index) }
        }
        return after
    }

    static func together(_ tallies: [ChildTally]) -> ChildTally {
        guard tallies.count > 1 else { return tallies.first ?? ChildTally() }
        return ChildTally(
            confirmedCells: tallies.flatMap(\.confirmedCells), approved: tallies.reduce(0) { $0 + $1.approved },
            servedCells: tallies.flatMap(\.servedCells))
    }

    /// The first of each year.
    private static func firsts(_ cells: [Cell]) -> [Cell] {
        Dictionary(cells.map { ($0.month.year, $0) }) { Cell.isEarlier($0, $1) ? $0 : $1 }.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension Cell {
    /// The same person, whatever the topic.
    var person: Cell { Cell(region: region, month: month, sex: sex, band: band) }
}
