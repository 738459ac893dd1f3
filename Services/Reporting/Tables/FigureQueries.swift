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
        for region in filter.regions.isEmpty ? [RegionCode(trusted: "")] : filter.regions {
            let values: [Value] = [
                .text(region.text), .text(region.text + ":"), .text(filter.from?.text ?? ""), .text(filter.to?.text ?? "9999-99"),
                .text(filter.subject?.rawValue ?? ""), .text(filter.subject?.rawValue ?? ""), .text(filter.sex?.rawValue ?? ""),
                .text(filter.sex?.rawValue ?? ""), .text(filter.band?.rawValue ?? ""), .text(filter.band?.rawValue ?? ""),
            ]
            sums += try tx.rows(Statements.sums[dimension]!, values) {
                Sum(group: $0.text(0), measure: try $0.word(1), value: $0.int(2))
            }
        }
        return sums
    }

    /// Single measures of a span of months, by region as recorded.
    static func ofMonths(
        _ measures: [Measure], from: YearMonth?, to: YearMonth, in tx: any Transaction
    ) throws -> [(region: RegionCode, measure: Measure, value: Int64)] {
        try measures.flatMap { measure in
            try tx.rows(Statements.ofMonths, [.text(from?.text ?? ""), .text(to.text), .text(measure.rawValue)]) {
                (RegionCode(trusted: $0.text(0)), measure, $0.int(1))
            }
        }
    }

    private enum Statements {
        static let ofMonths = SQL(
            "SELECT region, SUM(value) FROM figures WHERE month >= ? AND month <= ? AND measure = ? GROUP BY region")
        static let sums = Dictionary(
            uniqueKeysWithValues: Dimension.allCases.map { dimension in
                let column =
                    switch dimension {
                    case .none: "''"
                    case .region: "region"
                    case .month: "month"
                    case .topic: "subject"
                    case .sex: "sex"
                    case .ageBand: "age_band"
                    }
                return (
                    dimension,
                    SQL(
                        """
                        SELECT \(column), measure, SUM(value) FROM figures
                        WHERE region >= ? AND region < ? AND month >= ? AND month <= ? AND (? = '' OR subject = ?) AND (? = '' OR sex = ?)
                        AND (? = '' OR age_band = ?) GROUP BY \(column == "''" ? "" : column + ", ")measure
                        """)
                )
            })
    }
}
