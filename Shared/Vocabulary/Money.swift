/// An amount of money in fen (分), a hundredth of a yuan. Whole numbers only; overflow traps.
public struct Fen: Hashable, Comparable, Sendable, CustomStringConvertible, AdditiveArithmetic {
    public let value: Int64

    public init(_ value: Int64) { self.value = value }
    public static let zero = Fen(0)

    /// An amount in yuan with at most two decimals, `12345.67`. Throws `AMOUNT_INVALID`.
    public init(yuan text: String) throws(InvalidValue) {
        let negative = text.hasPrefix("-")
        let parts = text.dropFirst(negative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
        let digits = { (part: Substring) in !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) } }
        guard (1...2).contains(parts.count), digits(parts[0]), parts[0].utf8.count <= 15,
            parts.count == 1 || (digits(parts[1]) && parts[1].utf8.count <= 2), let yuan = Int64(parts[0])
        else {
            throw InvalidValue(code: "AMOUNT_INVALID", rule: "yuan with at most two decimals", source: "CareLoop design, section 8")
        }
        let fraction = parts.count == 2 ? Int64(parts[1])! * (parts[1].utf8.count == 1 ? 10 : 1) : 0
        value = (negative ? -1 : 1) * (yuan * 100 + fraction)
    }

    /// `self × numerator ÷ denominator`, rounded half up to one fen; `denominator > 0`.
    public func prorated(_ numerator: Int, of denominator: Int) -> Fen {
        precondition(denominator > 0, "a share needs a positive whole")
        let doubled = 2 * value * Int64(numerator) + Int64(denominator)
        let divisor = 2 * Int64(denominator)
        return Fen(doubled >= 0 ? doubled / divisor : -((-doubled + divisor - 1) / divisor))
    }

    /// Yuan with two decimals, `12345.67`.
    public var yuan: String {
        let magnitude = value.magnitude
        let fraction = magnitude % 100
        return (value < 0 ? "-" : "") + "\(magnitude / 100)." + (fraction < 10 ? "0\(fraction)" : "\(fraction)")
    }

    public var description: String { yuan }
    public static func < (a: Self, b: Self) -> Bool { a.value < b.value }
    public static func + (a: Self, b: Self) -> Self { Fen(a.value + b.value) }
    public static func - (a: Self, b: Self) -> Self { Fen(a.value - b.value) }
}
