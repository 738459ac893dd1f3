import Foundation

/// Random numbers that can be had again: the seed is printed, and `CARELOOP_SEED` sets it.
package struct Seeded: RandomNumberGenerator {
    /// Inputs that a test of damaged bytes tries on each decoder: 50,000, or what `CARELOOP_FUZZ` says.
    package static let rounds = ProcessInfo.processInfo.environment["CARELOOP_FUZZ"].flatMap { Int($0) } ?? 50_000

    private var state: UInt64

    package init(_ purpose: String) {
        let seed = ProcessInfo.processInfo.environment["CARELOOP_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("\(purpose): CARELOOP_SEED=\(seed)")
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    package mutating func bytes(upTo count: Int) -> [UInt8] {
        (0..<Int.random(in: 0...count, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// Text of mixed scripts, sometimes empty.
    package mutating func text(upTo count: Int = 40) -> String {
        let alphabet = Array("abcxyz019-/.:_ \"\\\n筛查转介😀é\u{0}")
        return String((0..<Int.random(in: 0...count, using: &self)).map { _ in alphabet.randomElement(using: &self)! })
    }

    /// `seed` damaged in one of the ways wires and people damage bytes; now and then bytes from nowhere.
    package mutating func damaged(_ seed: [UInt8]) -> [UInt8] {
        var bytes = seed
        for _ in 0..<Int.random(in: 1...3, using: &self) {
            guard !bytes.isEmpty else { return self.bytes(upTo: 64) }
            let at = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<8, using: &self) {
            case 0, 1: bytes[at] = UInt8.random(in: 0...255, using: &self)
            case 2: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 3: bytes.removeSubrange(at...)
            case 4: bytes.remove(at: at)
            case 5: bytes.insert(contentsOf: self.bytes(upTo: 12), at: at)
            case 6: bytes.append(contentsOf: bytes[at...].prefix(40))
            default: bytes = self.bytes(upTo: 120)
            }
        }
        return bytes
    }
}
