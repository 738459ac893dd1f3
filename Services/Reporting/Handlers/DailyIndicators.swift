import Contracts
import ServiceRuntime
import Vocabulary

/// At the end of a day on which something was counted: tells inside what the indicators of provinces and prefectures have become; at a
/// month's end those of counties too.
enum DailyIndicators {
    static let kind = "daily-indicators"
    static let subject = "all"

    static let deadline = DeadlineHandler(kind) { _, due, work in try tell(on: due, digits: 2...4, work) }

    /// Tells what changed since it was last told, for regions of `digits` digits.
    static func tell(on date: LocalDate, digits: ClosedRange<Int>, _ work: UnitOfWork) throws {
        guard let freshness = try FreshnessTable.overall(in: work.tx) else { return }
        let basis = try Standing.toDate(on: date, in: work.tx)
        let told = try ToldIndicators.all(in: work.tx)
        let planPeriod = try ReportingPolicies.planPeriod(on: date)
        for node in basis.tree.nodes where digits.contains(node.region.digits) {
            for definition in IndicatorCatalogue.all {
                let value = basis.value(definition, node.region)
                let cell = "\(definition.id)/\(node.region)/\(Period.toDate.text)"
                let last = told[cell]
                let isEmpty = value.numerator ?? 0 == 0 && value.denominator ?? 0 == 0
                guard last.map({ $0.numerator != value.numerator || $0.denominator != value.denominator }) ?? !isEmpty else { continue }
                let version = (last?.version ?? 0) + 1
                try ToldIndicators.keep(
                    cell, .init(numerator: value.numerator, denominator: value.denominator, version: version), in: work.tx)
                work.publish(
                    Indicator(
                        cell: cell, indicator: definition.id, nameZh: definition.name.zh, nameEn: definition.name.en, region: node.region,
                        period: Period.toDate.text, numerator: value.numerator.map { Int($0) },
                        denominator: value.denominator.map { Int($0) },
                        valueBasisPoints: value.basisPoints, noValueReason: value.noValueReason, suppressedCount: 0, asOf: date,
                        watermark: freshness.watermark, policyVersion: ReportingPolicies.version, planPeriod: planPeriod, release: "",
                        version: version),
                    policyVersion: ReportingPolicies.version)
            }
        }
    }
}
