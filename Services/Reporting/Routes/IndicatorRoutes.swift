import Persistence
import ServiceRuntime
import Vocabulary

/// Exact indicators over HTTP, within the region of the caller.
enum IndicatorRoutes {
    struct IndicatorReply: Codable, Sendable {
        let indicator: String
        let nameZh: String
        let nameEn: String
        let numerator: Int64?
        let denominator: Int64?
        /// Rate times 10,000; null when there is none, and then `noValueReason` says why.
        let valueBasisPoints: Int?
        let noValueReason: String?
        let suppressedCount: Int
        let direction: String
        let source: String
        /// What a document asks for; null where none does.
        let target: Int?
        let targetSource: String?

        init(_ definition: IndicatorDefinition, _ value: IndicatorValue, _ region: RegionCode, on date: LocalDate) {
            let target = ReportingPolicies.target(definition.number, region: region, on: date)
            indicator = definition.id
            nameZh = definition.name.zh
            nameEn = definition.name.en
            numerator = value.numerator
            denominator = value.denominator
            valueBasisPoints = value.basisPoints
            noValueReason = value.noValueReason
            suppressedCount = 0
            direction = definition.direction.rawValue
            source = definition.source
            self.target = target?.value
            targetSource = target?.source
        }

        enum CodingKeys: CodingKey {
            case indicator, nameZh, nameEn, numerator, denominator, valueBasisPoints, noValueReason, suppressedCount, direction, source
            case target, targetSource
        }

        /// Absent values are null and stand there, so that a reader sees that there is none.
        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(indicator, forKey: .indicator)
            try members.encode(nameZh, forKey: .nameZh)
            try members.encode(nameEn, forKey: .nameEn)
            try members.encode(numerator, forKey: .numerator)
            try members.encode(denominator, forKey: .denominator)
            try members.encode(valueBasisPoints, forKey: .valueBasisPoints)
            try members.encode(noValueReason, forKey: .noValueReason)
            try members.encode(suppressedCount, forKey: .suppressedCount)
            try members.encode(direction, forKey: .direction)
            try members.encode(source, forKey: .source)
            try members.encode(target, forKey: .target)
            try members.encode(targetSource, forKey: .targetSource)
        }
    }

    struct IndicatorsReply: Codable, Sendable {
        let region: RegionReply
        let period: String
        let asOf: AsOfReply
        let indicators: [IndicatorReply]
    }

    static let endpoints: [Endpoint] = [
        .query(
            .get, "/indicators", roles: Scope.readers, summary: "指标：分子、分母与比率 / Indicators with numerator, denominator and rate",
            query: ["region", "period"],
            returns: IndicatorsReply.self
        ) { request, tx in
            let region = try Scope.region(request)
            guard region.digits <= 6 else { throw ReportingRefusal.regionTooSmall }
            let period = try Period(request.query("period") ?? "to-date")
            let freshness = try FreshnessTable.overall(in: tx)
            let date = freshness?.day ?? request.today
            let basis = try Standing.of(period, on: date, in: tx)
            return .json(
                IndicatorsReply(
                    region: RegionReply(region), period: period.text, asOf: try AsOfReply(freshness, today: request.today),
                    indicators: IndicatorCatalogue.all.map { IndicatorReply($0, basis.value($0, region), region, on: date) }))
        }
    ]
}
