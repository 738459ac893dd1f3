import Vocabulary

/// Citizen ID numbers that belong to nobody: their first six digits, 379999 or 419999, are assigned to no place.
///
/// Numbers are given out per birth day and sex, so no two persons of one source meet. Sources in different lanes never meet either. Where a
/// day's numbers begin depends on the seed: two files of different seeds are different children, but for a few that meet by chance.
struct SyntheticIdentitySource: Sendable {
    /// This source's share of the numbers, 0 ..< lanes.
    let lane: Int
    let lanes: Int
    private let seed: UInt64
    private var given: [Int64: Int] = [:]

    init(seed: UInt64 = 0, lane: Int = 0, lanes: Int = 1) {
        precondition((0..<lanes).contains(lane) && lanes <= 100, "a lane is one of at most 100")
        self.seed = seed
        self.lane = lane
        self.lanes = lanes
    }

    /// Nil when the day's numbers for this sex, prefix and lane are used up (500 over all lanes).
    mutating func number(prefix: String, birth: LocalDate, male: Bool) -> String? {
        let slot = Int64(birth.days) * 4 + (male ? 1 : 0) + (prefix == "419999" ? 2 : 0)
        let count = given[slot, default: 0]
        let share = 500 / lanes
        guard count < share else { return nil }
        given[slot] = count + 1
        var random = SplitMix64(seed: seed &+ UInt64(bitPattern: slot) &* 0x9E37_79B9_7F4A_7C15)
        let place = (random.below(share) + count) % share
        return Self.number(prefix: prefix, birth: birth, sequence: (place * lanes + lane) * 2 + (male ? 1 : 0))
    }

    /// 18 characters with the check character of GB 11643 (ISO 7064 MOD 11-2). `sequence` is 0 to 999, odd for a male.
    static func number(prefix: String, birth: LocalDate, sequence: Int) -> String {
        let (year, month, day) = birth.parts
        var bytes = [UInt8](prefix.utf8)
        bytes.reserveCapacity(18)
        func put(_ value: Int, _ width: Int) {
            var divisor = 1
            for _ in 1..<width { divisor *= 10 }
            while divisor > 0 {
                bytes.append(UInt8(48 + value / divisor % 10))
                divisor /= 10
            }
        }
        put(year, 4)
        put(month, 2)
        put(day, 2)
        put(sequence, 3)
        bytes.append(checkCharacter(bytes))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Of the first 17 digits.
    static func checkCharacter(_ digits: some Sequence<UInt8>) -> UInt8 {
        var sum = 0
        for (digit, weight) in zip(digits, weights) { sum += Int(digit - 48) * weight }
        return checks[sum % 11]
    }

    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checks = [UInt8]("10X98765432".utf8)

    /// Eleven digits that no network assigns: mobile numbers start with 13 to 19.
    static func telephone(_ index: Int) -> String { padded(10_000_000_000 + index % 1_000_000_000, 11) }

    /// A credit code (GB 32100) of an organisation at the unassigned place `prefix`.
    static func creditCode(kind: String, prefix: String, index: Int) -> String {
        let subject = padded(index, 8)
        let alphabet = [UInt8]("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
        var sum = 0
        for (digit, weight) in zip(subject.utf8, [3, 7, 9, 10, 5, 8, 4, 2]) { sum += Int(digit - 48) * weight }
        let rest = 11 - sum % 11
        let code = kind + prefix + subject + (rest == 10 ? "X" : rest == 11 ? "0" : String(rest))
        var total = 0
        var weight = 1
        for byte in code.utf8 {
            total += alphabet.firstIndex(of: byte)! * weight
            weight = weight * 3 % 31
        }
        return code + String(decoding: [alphabet[(31 - total % 31) % 31]], as: UTF8.self)
    }
}

/// `value` with leading zeros.
func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return digits.utf8.count >= width ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
}
