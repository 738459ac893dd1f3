/// Hides small counts in a tree of sums so that what is shown never gives them away.
///
/// A count of 1 to `limit` - 1 is small; 0 is shown. A small count is hidden, and then as many others as it takes that whoever adds and
/// subtracts what is shown, knows that hidden counts are at least 1 and knows each count's upper bound, still finds at least `limit`
/// possible values for it. Where even hiding everything cannot do that, everything in reach is hidden.
struct Suppression: Sendable {
    struct Node: Sendable {
        let parent: Int?
        let value: Int64
        /// The largest value this could have by what is shown elsewhere, such as the shown denominator of a rate; nil for none.
        var upperBound: Int64?
        /// Must not be told although it may not be small itself: its complement is, or an earlier release hid it.
        var mustHide = false

        init(parent: Int?, value: Int64, upperBound: Int64? = nil, mustHide: Bool = false) {
            self.parent = parent
            self.value = value
            self.upperBound = upperBound
            self.mustHide = mustHide
        }
    }

    /// Which nodes are hidden, in the order they were given.
    let hidden: [Bool]

    /// Parents stand before their children. A parent may exceed the sum of its children: the rest was counted at its own level and is not
    /// shown, like one more child.
    init(_ nodes: [Node], limit: Int64) {
        var work = Work(nodes, limit: limit)
        work.protect()
        hidden = Array(work.hidden[..<nodes.count])
    }

    private struct Work {
        var values: [Int64]
        var parents: [Int?]
        var bounds: [Int64]
        var children: [[Int]]
        var hidden: [Bool]
        /// Nodes whose value must not be found; the others are hidden only to protect them.
        var primary: [Bool]
        /// Rests counted at a parent's own level: never shown, never a candidate.
        var isRest: [Bool]
        let limit: Int64
        let unbounded = Int64.max / 4

        init(_ nodes: [Node], limit: Int64) {
            self.limit = limit
            values = nodes.map(\.value)
            parents = nodes.map(\.parent)
            bounds = nodes.map { $0.upperBound ?? Int64.max / 4 }
            children = Array(repeating: [], count: nodes.count)
            for (index, node) in nodes.enumerated() {
                guard let parent = node.parent else { continue }
                precondition(parent < index, "parents stand before their children")
                children[parent].append(index)
            }
            primary = nodes.map { ($0.value > 0 && $0.value < limit) || ($0.mustHide && $0.value > 0) }
            isRest = Array(repeating: false, count: nodes.count)
            hidden = []
            for index in nodes.indices where !children[index].isEmpty {
                let rest = values[index] - children[index].reduce(0) { $0 + values[$1] }
                precondition(rest >= 0, "a whole is at least the sum of its parts")
                guard rest > 0 else { continue }
                children[index].append(values.count)
                children.append([])
                values.append(rest)
                parents.append(index)
                bounds.append(Int64.max / 4)
                primary.append(rest < limit)
                isRest.append(true)
            }
            hidden = zip(primary, isRest).map { $0 || $1 }
        }

        mutating func protect() {
            while true {
                let (low, high) = ranges()
                guard let exposed = primary.indices.first(where: { primary[$0] && high[$0] - low[$0] + 1 < limit && canHide(near: $0) }),
                    let next = candidate(near: exposed)
                else { return }
                hidden[next] = true
            }
        }

        /// What each value can be, given what is shown. Exact on a tree after going up and down it once; repeated while it still tightens.
        func ranges() -> (low: [Int64], high: [Int64]) {
            var low = values.indices.map { hidden[$0] ? min(1, values[$0]) : values[$0] }
            var high = values.indices.map { hidden[$0] ? bounds[$0] : values[$0] }
            for _ in 0..<8 {
                let before = (low, high)
                for parent in children.indices.reversed() where !children[parent].isEmpty { tighten(parent, &low, &high) }
                for parent in children.indices where !children[parent].isEmpty { tighten(parent, &low, &high) }
                if before.0 == low && before.1 == high { break }
            }
            return (low, high)
        }

        private func tighten(_ parent: Int, _ low: inout [Int64], _ high: inout [Int64]) {
            let lows = children[parent].reduce(Int64(0)) { $0 + low[$1] }
            let highs = children[parent].reduce(Int64(0)) { min(unbounded, $0 + high[$1]) }
            low[parent] = max(low[parent], lows)
            high[parent] = min(high[parent], highs)
            for child in children[parent] {
                high[child] = min(high[child], high[parent] - (lows - low[child]))
                let others = children[parent].reduce(Int64(0)) { min(unbounded, $0 + ($1 == child ? 0 : high[$1])) }
                if others < unbounded { low[child] = max(low[child], low[parent] - others) }
            }
        }

        private func canHide(near node: Int) -> Bool { candidate(near: node) != nil }

        /// The shown count, larger than 0, whose hiding helps `node` soonest: its smallest sibling, else the same one line further along
        /// hidden counts; a sum over shown ones only when there is none, because a total is worth more than a part.
        private func candidate(near node: Int) -> Int? {
            var seen = Set<Int>()
            var lines: [Int] = []
            func line(_ parent: Int?) { if let parent, seen.insert(parent).inserted { lines.append(parent) } }
            line(parents[node])
            if !children[node].isEmpty { line(node) }
            var total: Int?
            var next = 0
            while next < lines.count {
                let parent = lines[next]
                next += 1
                let shown = children[parent].filter { !hidden[$0] && values[$0] > 0 }
                if let smallest = shown.min(by: { values[$0] < values[$1] }) { return smallest }
                if total == nil, !hidden[parent], values[parent] > 0 { total = parent }
                if hidden[parent] { line(parents[parent]) }
                for child in children[parent] where hidden[child] && !children[child].isEmpty { line(child) }
            }
            return total
        }
    }
}
