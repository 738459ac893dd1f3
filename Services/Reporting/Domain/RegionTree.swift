import Vocabulary

/// Figures placed in the region tree: counties as they are today, prefectures and provinces as sums.
struct RegionTree: Sendable {
    struct Node: Sendable {
        let region: RegionCode
        let parent: Int?
        var children: [Int] = []
        /// What was counted here and below.
        var figures: Figures = [:]
        /// What was counted at this level itself, no region below named.
        var own: Figures = [:]
    }

    /// Parents stand before their children; within a level in code order.
    private(set) var nodes: [Node] = []
    private var places: [RegionCode: Int] = [:]

    /// `rows` may name old codes and any level; each is counted in what it became by `date` and in everything above.
    init(_ rows: [(region: RegionCode, measure: Measure, value: Int64)], table: RegionTable, on date: LocalDate) {
        var currents: [RegionCode: RegionCode] = [:]
        var sums: [RegionCode: Figures] = [:]
        for row in rows {
            let place: RegionCode
            if let known = currents[row.region] {
                place = known
            } else {
                let now = table.current(row.region, on: date)
                place = now.ancestor(digits: 6) ?? now
                currents[row.region] = place
            }
            sums[place, default: [:]][row.measure, default: 0] += row.value
        }
        var all = Set(sums.keys)
        for region in sums.keys {
            var above = table.parent(of: region)
            while let place = above, all.insert(place).inserted { above = table.parent(of: place) }
        }
        for region in all.sorted(by: { ($0.digits, $0) < ($1.digits, $1) }) {
            let parent = table.parent(of: region).flatMap { places[$0] }
            places[region] = nodes.count
            if let parent { nodes[parent].children.append(nodes.count) }
            nodes.append(Node(region: region, parent: parent, own: sums[region] ?? [:]))
        }
        for index in nodes.indices.reversed() {
            for (measure, value) in nodes[index].own { nodes[index].figures[measure, default: 0] += value }
            guard let parent = nodes[index].parent else { continue }
            for (measure, value) in nodes[index].figures { nodes[parent].figures[measure, default: 0] += value }
        }
    }

    subscript(region: RegionCode) -> Node? { places[region].map { nodes[$0] } }

    func figures(of region: RegionCode) -> Figures { self[region]?.figures ?? [:] }
}
