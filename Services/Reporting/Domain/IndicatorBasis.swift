import Vocabulary

/// Everything the indicators of one period are computed from, placed in the region tree.
struct IndicatorBasis: Sendable {
    let tree: RegionTree
    /// Jobs that began long enough ago to have become stable.
    let mature: RegionTree
    let quarters: [RegionCode: QuarterCount]

    /// - Parameter quarters: by institution's region as recorded; each counts in that county and everything above it.
    init(
        tree: RegionTree, mature: RegionTree, quarters: [(region: RegionCode, count: QuarterCount)], table: RegionTable, on date: LocalDate
    ) {
        self.tree = tree
        self.mature = mature
        var sums: [RegionCode: QuarterCount] = [:]
        for (region, count) in quarters {
            let now = table.current(region, on: date)
            var place = now.ancestor(digits: 6) ?? now
            while true {
                sums[place, default: QuarterCount()].trained += count.trained
                sums[place, default: QuarterCount()].paid += count.paid
                guard let above = table.parent(of: place) else { break }
                place = above
            }
        }
        self.quarters = sums
    }

    func value(_ indicator: IndicatorDefinition, _ region: RegionCode) -> IndicatorValue {
        indicator.value(tree.figures(of: region), mature: mature.figures(of: region), quarters: quarters[region] ?? QuarterCount())
    }
}
