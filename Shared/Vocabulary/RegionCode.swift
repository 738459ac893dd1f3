/// A region by its code: province 2, prefecture 4, county 6, township 9 or village 12 digits (GB/T 2260, GB/T 10114).
/// Shape only; whether it exists is `RegionTable`'s to say.
public struct RegionCode: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    /// Throws `REGION_CODE_INVALID`.
    public init(_ text: String) throws(InvalidValue) {
        guard [2, 4, 6, 9, 12].contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw InvalidValue(code: "REGION_CODE_INVALID", rule: "2, 4, 6, 9 or 12 digits", source: "GB/T 2260, GB/T 10114")
        }
        self.text = text
    }

    public init(trusted text: String) { self.text = text }

    /// Digits of the level above, nil for a province.
    public var parent: RegionCode? {
        switch text.utf8.count {
        case 12: RegionCode(trusted: String(text.prefix(9)))
        case 9: RegionCode(trusted: String(text.prefix(6)))
        case 6: RegionCode(trusted: String(text.prefix(4)))
        case 4: RegionCode(trusted: String(text.prefix(2)))
        default: nil
        }
    }

    /// True when `other` is this region or lies in it.
    public func contains(_ other: RegionCode) -> Bool { other.text.hasPrefix(text) }

    public var description: String { text }
    public static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}
