/// The one source of chance of a simulated run: the same seed gives the same throws for ever (SplitMix64).
struct Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0xd134_2543_de82_ef95 &+ 0x2545_f491_4f6c_dd1d }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// 0 ..< `bound`.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

    mutating func happens(_ perThousand: Int) -> Bool { perThousand > 0 && below(1000) < perThousand }

    mutating func pick<Element>(_ list: [Element]) -> Element? { list.isEmpty ? nil : list[below(list.count)] }

    /// One of the choices, each as often as its weight says.
    mutating func weighted<Choice>(_ choices: [(Choice, weight: Int)]) -> Choice {
        var left = below(choices.reduce(0) { $0 + $1.weight })
        for (choice, weight) in choices {
            if left < weight { return choice }
            left -= weight
        }
        preconditionFailure("the weights add up to more than nothing")
    }

    mutating func shuffled<Element>(_ list: [Element]) -> [Element] {
        var list = list
        for index in list.indices.dropFirst().reversed() { list.swapAt(index, below(index + 1)) }
        return list
    }
}
