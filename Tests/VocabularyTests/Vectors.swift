import Foundation

/// The rows of a vector file as dictionaries by column name.
func vectors(_ name: String) throws -> [[String: String]] {
    let file = Bundle.module.bundleURL.appendingPathComponent("Vectors/\(name).csv")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
}

/// A generator whose run can be repeated: CARELOOP_TEST_SEED sets the seed, which every failure names.
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init() {
        seed = ProcessInfo.processInfo.environment["CARELOOP_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...1_000_000)
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
