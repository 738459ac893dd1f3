import Vocabulary

/// A cell and a share as one number: fast to hash, to order and to store, and what lies in a region stands together. From the top: region
/// padded to nine digits 30 bits, its level 2, month 17, subject, sex, age band and share 3 each. The store keeps it, so words
/// are only ever added at the end of their lists.
struct CellKey: Hashable, Comparable, Sendable {
    let packed: Int64

    /// From the province down.
    private static let digits = [2, 4, 6, 9]

    init(packed: Int64) { self.packed = packed }

    init(_ cell: Cell, shard: Int) {
        let length = cell.region.text.utf8.count
        guard let level = Self.digits.firstIndex(of: length) else { preconditionFailure("a cell lies in a township at the lowest") }
        var bits = Self.padded(cell.region.text) << 2 | Int64(level)
        bits = bits << 17 | Self.part(cell.month)
        bits = bits << 3 | (cell.subject.map(Self.rank) ?? 0)
        bits = bits << 3 | (cell.sex.map(Self.rank) ?? 0)
        bits = bits << 3 | (cell.band.map(Self.rank) ?? 0)
        packed = bits << 3 | Int64(shard)
    }

    /// Everything in `region`, whose code may be empty: all there is.
    static func range(of region: String) -> Range<Int64> {
        let start = padded(region)
        let width = (region.utf8.count..<9).reduce(Int64(1)) { width, _ in width * 10 }
        return start << 31..<(start + width) << 31
    }

    var region: RegionCode { Self.region(packed >> 29) }
    var month: YearMonth { Self.month(packed >> 12 & 0x1FFFF) }
    var subject: ScreeningTopic? { Self.word(packed >> 9 & 7) }
    var sex: Sex? { Self.word(packed >> 6 & 7) }
    var band: AgeBand? { Self.word(packed >> 3 & 7) }
    var shard: Int { Int(packed & 7) }

    /// The same parts in SQL, of a column `cell`.
    enum InSQL {
        static let region = "(cell >> 29)"
        static let month = "((cell >> 12) & 131071)"
        static let subject = "((cell >> 9) & 7)"
        static let sex = "((cell >> 6) & 7)"
        static let band = "((cell >> 3) & 7)"
    }

    /// From region and level together.
    static func region(_ part: Int64) -> RegionCode {
        let code = String(part >> 2)
        return RegionCode(trusted: String(code.prefix(digits[Int(part & 3)])))
    }

    static func month(_ part: Int64) -> YearMonth { YearMonth(months: Int32(part)) }
    static func part(_ month: YearMonth) -> Int64 { Int64(month.months) }

    /// A word's place in its list from 1; 0 stands for none.
    static func rank<Word: CaseIterable & Equatable>(_ word: Word) -> Int64 {
        var rank: Int64 = 1
        for other in Word.allCases {
            if other == word { return rank }
            rank += 1
        }
        preconditionFailure("every word stands in its list")
    }

    static func word<Word: CaseIterable>(_ rank: Int64) -> Word? {
        rank == 0 ? nil : Word.allCases[Word.allCases.index(Word.allCases.startIndex, offsetBy: Int(rank) - 1)]
    }

    private static func padded(_ code: String) -> Int64 {
        let number = code.utf8.reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) }
        return (code.utf8.count..<9).reduce(number) { number, _ in number * 10 }
    }

    static func < (a: Self, b: Self) -> Bool { a.packed < b.packed }
}

extension Cell {
    init(_ key: CellKey) { self.init(region: key.region, month: key.month, subject: key.subject, sex: key.sex, band: key.band) }
}

/// One stored figure. A child's figures of one cell are neighbours in the store.
struct FigureKey: Hashable, Comparable, Sendable {
    let cell: CellKey
    let measure: Measure

    init(_ cell: Cell, _ measure: Measure, shard: Int) {
        self.cell = CellKey(cell, shard: shard)
        self.measure = measure
    }

    static func < (a: Self, b: Self) -> Bool { a.cell == b.cell ? a.measure.rawValue < b.measure.rawValue : a.cell < b.cell }
}

/// One county's total of one measure, in one share.
struct CountyKey: Hashable, Comparable, Sendable {
    /// County and share as one number.
    private let place: Int64
    let measure: Measure

    init(_ region: RegionCode, _ measure: Measure, shard: Int) {
        place = (region.ancestor(digits: 6) ?? region).text.utf8.reduce(Int64(0)) { $0 * 10 + Int64($1 - 48) } << 3 | Int64(shard)
        self.measure = measure
    }

    var county: String { String(place >> 3) }
    var shard: Int { Int(place & 7) }

    static func < (a: Self, b: Self) -> Bool { a.place == b.place ? a.measure.rawValue < b.measure.rawValue : a.place < b.place }
}
