import Vocabulary

/// What one release may say: every measure it uses, by region, with small counts hidden and everything that would give them away.
struct ReleaseTable: Sendable {
    /// Measures that count people and are shown as they are.
    static let counts: [Measure] = [
        .casesScreened, .casesSuspected, .casesRescreened, .casesStillSuspected, .casesDiagnosed, .casesConfirmed, .casesShared,
        .casesSharedInTime, .childrenConfirmed, .childrenServed, .childrenAssisted, .decided, .approved, .decidedOnTime, .enrolled,
        .trainingMonths, .completed, .jobSeekers, .trained, .placements,
    ]

    /// Parts of a whole whose complement is people too; wholes stand before their parts.
    static let parts: [(part: Measure, whole: Measure)] = [
        (.casesSuspected, .casesScreened), (.casesRescreened, .casesSuspected), (.casesStillSuspected, .casesRescreened),
        (.casesDiagnosed, .casesStillSuspected), (.casesShared, .casesConfirmed), (.casesSharedInTime, .casesConfirmed),
        (.casesSharedInTime, .casesShared), (.childrenServed, .childrenConfirmed), (.approved, .decided), (.decidedOnTime, .decided),
    ]

    /// Amounts tell as much as the count of those they were paid for, so they are shown where it is.
    static let amounts: [Measure: Measure] = [.grossFen: .trainingMonths, .parentsFen: .trainingMonths]

    let tree: RegionTree
    private let hidden: [Measure: [Bool]]
    private let places: [RegionCode: Int]

    /// - Parameter earlier: what earlier releases of the same month hid; it stays hidden, or their difference would tell it.
    init(_ tree: RegionTree, limit: Int64, earlier: Set<HiddenCell> = []) {
        self.tree = tree
        var hidden: [Measure: [Bool]] = [:]
        for measure in Self.counts {
            let wholes = Self.parts.filter { $0.part == measure }.map(\.whole)
            let nodes = tree.nodes.enumerated().map { index, node in
                let value = node.figures[measure] ?? 0
                var bound: Int64?
                var mustHide = earlier.contains(HiddenCell(measure: measure, region: node.region))
                for whole in wholes where hidden[whole]?[index] == false {
                    let all = node.figures[whole] ?? 0
                    bound = min(bound ?? all, all)
                    if all > value && all - value < limit { mustHide = true }
                }
                return Suppression.Node(parent: node.parent, value: value, upperBound: bound, mustHide: mustHide)
            }
            hidden[measure] = Suppression(nodes, limit: limit).hidden
        }
        for (amount, count) in Self.amounts { hidden[amount] = hidden[count] }
        self.hidden = hidden
        places = Dictionary(uniqueKeysWithValues: tree.nodes.enumerated().map { ($1.region, $0) })
    }

    /// The count as it may be told; nil when it is hidden.
    func shown(_ measure: Measure, _ region: RegionCode) -> Int64? {
        guard let index = places[region] else { return 0 }
        return hidden[measure]?[index] == false ? tree.nodes[index].figures[measure] ?? 0 : nil
    }

    func isHidden(_ measure: Measure, _ region: RegionCode) -> Bool { shown(measure, region) == nil }

    /// Everything hidden, for the next release of the same month.
    var hiddenCells: [HiddenCell] {
        tree.nodes.indices.flatMap { index in
            Self.counts.filter { hidden[$0]![index] }.map { HiddenCell(measure: $0, region: tree.nodes[index].region) }
        }
    }

    /// Hidden counts of `measures` in the region and directly below it.
    func suppressedCount(_ measures: [Measure], _ region: RegionCode) -> Int {
        guard let index = places[region] else { return 0 }
        return measures.reduce(0) { sum, measure in
            sum + ([index] + tree.nodes[index].children).count { hidden[measure]?[$0] ?? false }
        }
    }
}

/// One count that a release did not tell.
struct HiddenCell: Hashable, Sendable {
    let measure: Measure
    let region: RegionCode
}
