import Vocabulary

/// One stored figure as one number, fast to hash and to order: region 30 bits, month 15, measure 7, subject, sex, band and shard 3 each.
struct FigureKey: Hashable, Comparable, Sendable {
    let packed: UInt64

    init(_ cell: Cell, _ measure: Measure, shard: Int) {
        let region = cell.region.text.utf8.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 48) }
        let subject = cell.subject.map(Self.rank) ?? 0
        let sex = cell.sex.map(Self.rank) ?? 0
        let band = cell.band.map(Self.rank) ?? 0
        packed =
            region << 34 | UInt64(cell.month.months) << 19 | Measure.ranks[measure]! << 12 | subject << 9 | sex << 6 | band << 3
            | UInt64(shard)
    }

    var region: String { String(packed >> 34) }
    var month: YearMonth { YearMonth(months: Int32(packed >> 19 & 0x7FFF)) }
    var measure: Measure { Measure.allCases[Int(packed >> 12 & 0x7F)] }
    var subject: ScreeningTopic? { Self.word(packed >> 9 & 7) }
    var sex: Sex? { Self.word(packed >> 6 & 7) }
    var band: AgeBand? { Self.word(packed >> 3 & 7) }
    var shard: Int { Int(packed & 7) }

    private static func rank<Word: CaseIterable & Equatable>(_ word: Word) -> UInt64 {
        var rank: UInt64 = 1
        for other in Word.allCases {
            if other == word { return rank }
            rank += 1
        }
        preconditionFailure("every word stands in its list")
    }

    private static func word<Word: CaseIterable>(_ rank: UInt64) -> Word? {
        rank == 0 ? nil : Word.allCases[Word.allCases.index(Word.allCases.startIndex, offsetBy: Int(rank) - 1)]
    }

    static func < (a: Self, b: Self) -> Bool { a.packed < b.packed }
}

/// One county's total of one measure, as one number.
struct CountyKey: Hashable, Comparable, Sendable {
    let packed: UInt64

    init(_ region: RegionCode, _ measure: Measure, shard: Int) {
        let county = (region.ancestor(digits: 6) ?? region).text.utf8.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - 48) }
        packed = county << 10 | Measure.ranks[measure]! << 3 | UInt64(shard)
    }

    var county: String { String(packed >> 10) }
    var measure: Measure { Measure.allCases[Int(packed >> 3 & 0x7F)] }
    var shard: Int { Int(packed & 7) }

    static func < (a: Self, b: Self) -> Bool { a.packed < b.packed }
}
