/// What an in-memory log does wrong, each with a chance in a thousand, drawn from a seed: the same seed and the same calls give the same faults.
public struct LogFaults: Sendable {
    /// A record is appended a second time, after its batch: what a send after a lost acknowledgement leaves.
    public var repeated = 0
    /// A record, and all after it in its partition, stays invisible for a number of polls.
    public var delayed = 0
    /// A poll returns only a part of what is there.
    public var shortened = 0
    /// A record is acknowledged and never appended. A correct log does not do this: it shows that gaps are noticed.
    public var swallowed = 0
    /// A batch is appended and `send` throws `LogError.unavailable`.
    public var unacknowledged = 0
    /// A batch is not appended and `send` throws `LogError.fatal`.
    public var refused = 0

    public init() {}
    /// No faults.
    public static let none = LogFaults()
}

/// SplitMix64: small, and the same on every platform for ever.
struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func happens(_ perThousand: Int) -> Bool { perThousand > 0 && Int(next() % 1000) < perThousand }
}
