import Contracts
import ServiceRuntime
import Vocabulary

/// After an older backup: what was told inside, and every release, as this service's own events tell them. Figures are counted again from the
/// facts behind the backup's positions.
enum RebuildIndicators {
    static let rebuilding: [Rebuilding] = [
        .on(Indicator.self) { event, meta, work in
            let value = IndicatorValue(told: event)
            guard !event.release.isEmpty else {
                return try ToldIndicators.keepNewer(
                    event.cell, .init(numerator: value.numerator, denominator: value.denominator, version: event.version), in: work.tx)
            }
            let release = Release(
                month: try YearMonth(event.period), revision: event.version, asOf: event.asOf, watermark: event.watermark,
                madeBy: meta.channel == "TIMER" ? MonthlyRelease.timer : meta.actor.user, policyVersion: event.policyVersion,
                planPeriod: event.planPeriod)
            let figure = ReleasedFigure(
                region: event.region, indicator: event.indicator, value: value, suppressed: event.suppressedCount)
            try ReleaseTables.keepAgain(release, figure, hidden: hidden(figure), in: work.tx)
        },
        .nothing(DeadLettered.self),
    ]

    /// What the figure does not show stays hidden in later releases of its month.
    private static func hidden(_ figure: ReleasedFigure) -> [HiddenCell] {
        guard figure.value.isSuppressed else { return [] }
        let measures: [Measure]
        if let definition = IndicatorCatalogue[figure.indicator] {
            measures = definition.measures
        } else {
            measures = Measure(rawValue: String(figure.indicator.dropFirst(MonthlyRelease.funnelPrefix.count))).map { [$0] } ?? []
        }
        let shown = [figure.value.numerator, figure.value.denominator]
        return zip(measures, shown).filter { $1 == nil && ReleaseTable.counts.contains($0) }.map {
            HiddenCell(measure: $0.0, region: figure.region)
        }
    }
}

extension IndicatorValue {
    /// As it was told.
    fileprivate init(told event: Indicator) {
        self.init(count: 0)
        numerator = event.numerator.map { Int64($0) }
        denominator = event.denominator.map { Int64($0) }
        basisPoints = event.valueBasisPoints
        noValueReason = event.noValueReason
    }
}
