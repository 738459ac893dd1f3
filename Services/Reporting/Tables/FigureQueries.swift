import Persistence
import Vocabulary

/// Sums over the fine figures.
enum FigureQueries {
    struct Filter: Sendable {
        /// The figures of this region and below it, by the codes they were counted under.
        var regions: [RegionCode] = []
        var from: YearMonth?
        var to: YearMonth?
        var subject: ScreeningTopic?
        var sex: Sex?
        var band: AgeBand?
    }

    /// A dimension that figures can be broken down by.
    enum Dimension: String, CaseIterable, Sendable {
        case none, region, month, topic, sex, ageBand
    }

    struct Sum: Sendable {
        /// The value of the dimension; empty where it does not apply.
        let group: String
        let measure: Measure
        let value: Int64
    }

    static func sums(_ filter: Filter, by dimension: Dimension, in tx: any Transaction) throws -> [Sum] {
        var sums: [Sum] = []
        for region in filter.regions.isEmpty ? [""] : filter.regions.map(\.text) {
            let range = CellKey.range(of: region)
            let (subject, sex, band) = (
                filter.subject.map(CellKey.rank), filter.sex.map(CellKey.rank), filter.band.map(CellKey.rank)
            )
            let values: [Value] = [
                .int(range.lowerBound), .int(range.upperBound), .int(filter.from.map(CellKey.part) ?? 0),
                .int(filter.to.map(CellKey.part) ?? Int64.max), .int(subject ?? 0), .int(subject ?? 0), .int(sex ?? 0), .int(sex ?? 0),
                .int(band ?? 0), .int(band ?? 0),
            ]
            sums += try tx.rows(Statements.sums[dimension]!, values) {
                Sum(group: dimension.word($0.int(0)), measure: try $0.word(1), value: $0.int(2))
            }
        }
        return sums
    }

    /// Placements, and those that became stable, of a span of months, by region as recorded.
    static func placements(
        from: YearMonth?, to: YearMonth, in tx: any Transaction
    ) throws -> [(region: RegionCode, measure: Measure, value: Int64)] {
        try tx.rows(Statements.placements, [.int(from.map(CellKey.part) ?? 0), .int(CellKey.part(to))]) {
            (CellKey.region($0.int(0)), try $0.word(1), $0.int(2))
        }
    }

    private enum Statements {
        // The words as they stand in the index made for this.
        static let placements = SQL(
            """
            SELECT \(CellKey.InSQL.region), measure, SUM(value) FROM figures
            WHERE measure IN ('placements', 'placementsStable') AND \(CellKey.InSQL.month) BETWEEN ? AND ?
            GROUP BY \(CellKey.InSQL.region), measure
            """)
        static let sums = Dictionary(
            uniqueKeysWithValues: Dimension.allCases.map { dimension in
                (
                    dimension,
                    SQL(
                        """
                        SELECT \(dimension.part), measure, SUM(value) FROM figures
                        WHERE cell >= ? AND cell < ? AND \(CellKey.InSQL.month) BETWEEN ? AND ?
                        AND (? = 0 OR \(CellKey.InSQL.subject) = ?) AND (? = 0 OR \(CellKey.InSQL.sex) = ?)
                        AND (? = 0 OR \(CellKey.InSQL.band) = ?)
                        GROUP BY \(dimension == .none ? "" : dimension.part + ", ")measure
                        """)
                )
            })
    }
}

extension FigureQueries.Dimension {
    /// The part of a cell that figures are grouped by.
    fileprivate var part: String {
        switch self {
        case .none: "0"
        case .region: CellKey.InSQL.region
        case .month: CellKey.InSQL.month
        case .topic: CellKey.InSQL.subject
        case .sex: CellKey.InSQL.sex
        case .ageBand: CellKey.InSQL.band
        }
    }

    /// What the part means; empty where the dimension does not apply.
    fileprivate func word(_ part: Int64) -> String {
        switch self {
        case .none: ""
        case .region: CellKey.region(part).text
        case .month: CellKey.month(part).text
        case .topic: (CellKey.word(part) as ScreeningTopic?)?.rawValue ?? ""
        case .sex: (CellKey.word(part) as Sex?)?.rawValue ?? ""
        case .ageBand: (CellKey.word(part) as AgeBand?)?.rawValue ?? ""
        }
    }
}
