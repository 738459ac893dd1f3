import Testing

@testable import Reporting

struct SuppressionTests {
    /// parent index and value
    typealias Tree = [(parent: Int?, value: Int64)]

    func hidden(_ tree: Tree, limit: Int64 = 5) -> [Bool] {
        Suppression(tree.map { Suppression.Node(parent: $0.parent, value: $0.value) }, limit: limit).hidden
    }

    @Test func `nothing small, nothing hidden`() { #expect(hidden([(nil, 20), (0, 8), (0, 12), (0, 0)]) == [false, false, false, false]) }

    @Test func `a small count takes its smallest sibling with it, so the parent does not tell it`() {
        #expect(hidden([(nil, 29), (0, 3), (0, 12), (0, 14)]) == [false, true, true, false])
    }

    @Test func `two small ones that the parent would tell take another`() {
        // 1 + 1 = 2 can only be 1 and 1.
        #expect(hidden([(nil, 32), (0, 1), (0, 1), (0, 10), (0, 20)]) == [false, true, true, true, false])
    }

    @Test func `where no sibling is left the parent is hidden`() { #expect(hidden([(nil, 3), (0, 3), (0, 0)]) == [true, true, false]) }

    @Test func `zero is shown`() { #expect(hidden([(nil, 0), (0, 0)]) == [false, false]) }

    @Test func `a hidden prefecture is not told by its own counties`() {
        // The prefecture 4 is hidden; its counties 4 and 0 must not give it away.
        let result = hidden([(nil, 44), (0, 4), (0, 40), (1, 4), (1, 0), (2, 20), (2, 20)])
        #expect(result[1] && result[3])
        #expect(result[2])
        #expect(result[5] || result[6])
    }

    @Test func `what must be hidden for its complement is protected like a small count`() {
        let nodes = [
            Suppression.Node(parent: nil, value: 60), Suppression.Node(parent: 0, value: 19, upperBound: 20, mustHide: true),
            Suppression.Node(parent: 0, value: 41, upperBound: 80),
        ]
        let hidden = Suppression(nodes, limit: 5).hidden
        #expect(hidden[1])
        #expect(hidden[0] || hidden[2])
    }

    /// Every assignment of whole numbers to the hidden counts that agrees with what is shown, by trying them all.
    func possible(_ tree: Tree, _ hidden: [Bool]) -> [Set<Int64>] {
        let largest = tree.map(\.value).max() ?? 0
        var found = tree.map { _ in Set<Int64>() }
        var values = tree.map { $0.value }
        let children = tree.indices.map { index in tree.indices.filter { tree[$0].parent == index } }
        func tryAll(_ index: Int) {
            // Leaves first: an inner node's value follows from its children.
            guard index >= 0 else {
                for i in tree.indices { found[i].insert(values[i]) }
                return
            }
            if children[index].isEmpty {
                guard hidden[index] else {
                    values[index] = tree[index].value
                    return tryAll(index - 1)
                }
                for value in 1...max(1, largest + 6) {
                    values[index] = value
                    tryAll(index - 1)
                }
            } else {
                let sum = children[index].reduce(Int64(0)) { $0 + values[$1] }
                guard hidden[index] ? sum >= 1 : sum == tree[index].value else { return }
                values[index] = sum
                tryAll(index - 1)
            }
        }
        tryAll(tree.count - 1)
        return found
    }

    @Test func `whoever tries every possibility never finds a small count`() {
        var random = SeededGenerator()
        let seed = random.seed
        for _ in 0..<120 {
            // Root, two prefectures, five counties; values with many small ones.
            var tree: Tree = [(nil, 0), (0, 0), (0, 0)]
            for _ in 0..<5 { tree.append((Int.random(in: 1...2, using: &random), Int64.random(in: 0...9, using: &random))) }
            for index in 3..<8 { tree[tree[index].parent!].value += tree[index].value }
            tree[0].value = tree[1].value + tree[2].value
            // A prefecture without counties would be a leaf with value 0, which is shown.
            let limit: Int64 = 3
            let hidden = hidden(tree, limit: limit)
            let ways = possible(tree, hidden)
            for index in tree.indices where (1..<limit).contains(tree[index].value) {
                #expect(hidden[index], "seed \(seed): \(tree)")
                #expect(ways[index].count >= Int(limit), "seed \(seed): \(tree) hidden \(hidden) node \(index) can only be \(ways[index])")
            }
            for index in tree.indices where tree[index].value == 0 { #expect(!hidden[index]) }
        }
    }
}
