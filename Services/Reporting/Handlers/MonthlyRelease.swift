import Contracts
import ServiceRuntime
import Vocabulary

/// At the end of a month: tells the counties' indicators inside, and releases to everyone the month that lies the policy's lag back, when
/// its children have had the time for re-screen and diagnosis.
enum MonthlyRelease {
    static let kind = "monthly-release"
    /// Who makes a release that nobody asked for.
    static let timer = "timer"
    /// Before the name of a count of the funnel, where others have an indicator's number.
    static let funnelPrefix = "funnel."

    static let deadline = DeadlineHandler(kind) { _, due, work in
        // A month in which nothing is counted still releases the one that lies the lag back.
        let next = due.month.adding(1)
        try work.schedule(kind, subject: next.text, due: next.last)
        try DailyIndicators.tell(on: due, digits: 6...6, work)
        let month = due.month.adding(-(try ReportingPolicies.releaseLagMonths(on: due)))
        // Told before an older backup was put in place, when this day had its turn.
        guard try !ReleaseTables.isMade(month, asOf: due, in: work.tx) else { return }
        do { try make(month, asOf: due, by: timer, work) } catch ReportingRefusal.nothingCounted {
            // A month in which nothing was counted has nothing to release.
        }
    }

    /// Indicators a release tells: those whose month is complete enough to mean something. 14 is quarterly, 28 and 29 look half a year ahead.
    static let indicators = IndicatorCatalogue.all.filter { ![14, 28, 29].contains($0.number) }

    /// Releases `month` with its next revision. Throws `ReportingRefusal.monthNotEnded` and `.nothingCounted`, and 403 when it would tell of
    /// a region outside `scope`.
    @discardableResult
    static func make(
        _ month: YearMonth, asOf: LocalDate, by user: String, within scope: RegionCode? = nil, _ work: UnitOfWork
    ) throws -> Release {
        guard month.last <= asOf else { throw ReportingRefusal.monthNotEnded }
        guard let freshness = try FreshnessTable.overall(in: work.tx) else { throw ReportingRefusal.nothingCounted }
        let basis = try Standing.of(.month(month), on: asOf, in: work.tx)
        let limit = try ReportingPolicies.smallCell(on: asOf)
        let table = ReleaseTable(basis.tree, limit: Int64(limit.value), earlier: try ReleaseTables.hidden(in: month, in: work.tx))
        let figures = table.tree.nodes.flatMap { released(table, $0) }
        guard !figures.isEmpty else { throw ReportingRefusal.nothingCounted }
        if let scope, !figures.allSatisfy({ scope.contains($0.region) }) { throw Problem.forbidden("REGION_OUT_OF_SCOPE") }
        let release = Release(
            month: month, revision: try ReleaseTables.lastRevision(of: month, in: work.tx) + 1, asOf: asOf, watermark: freshness.watermark,
            madeBy: user, policyVersion: limit.version, planPeriod: try ReportingPolicies.planPeriod(on: month.last))
        try ReleaseTables.keep(release, figures, hidden: table.hiddenCells, in: work.tx)
        for figure in figures {
            work.publish(indicator(figure, release), on: Indicator.publishedTopic, policyVersion: release.policyVersion)
        }
        return release
    }

    private static func released(_ table: ReleaseTable, _ node: RegionTree.Node) -> [ReleasedFigure] {
        guard ReleaseTable.counts.contains(where: { node.figures[$0] ?? 0 != 0 }) else { return [] }
        let region = node.region
        let rates = indicators.map { definition in
            ReleasedFigure(
                region: region, indicator: definition.id, value: value(definition, table, region),
                suppressed: table.suppressedCount(definition.measures, region))
        }
        let counts = Funnel.stages.filter { ReleaseTable.counts.contains($0) }.map { measure in
            ReleasedFigure(
                region: region, indicator: funnelPrefix + measure.rawValue,
                value: table.shown(measure, region).map { IndicatorValue(count: $0) } ?? .suppressed(numerator: nil, denominator: nil),
                suppressed: table.suppressedCount([measure], region))
        }
        return rates + counts
    }

    private static func value(_ definition: IndicatorDefinition, _ table: ReleaseTable, _ region: RegionCode) -> IndicatorValue {
        let shown = definition.measures.map { table.shown($0, region) }
        guard shown.count == 2 else { return shown[0].map { IndicatorValue(count: $0) } ?? .suppressed(numerator: nil, denominator: nil) }
        guard let numerator = shown[0], let denominator = shown[1] else { return .suppressed(numerator: shown[0], denominator: shown[1]) }
        return IndicatorValue(rate: numerator, of: denominator)
    }

    private static func indicator(_ figure: ReleasedFigure, _ release: Release) -> Indicator {
        let name = figure.name
        return Indicator(
            cell: "\(figure.indicator)/\(figure.region)/\(release.month)", indicator: figure.indicator, nameZh: name.zh, nameEn: name.en,
            region: figure.region, period: release.month.text, numerator: figure.value.numerator.map { Int($0) },
            denominator: figure.value.denominator.map { Int($0) }, valueBasisPoints: figure.value.basisPoints,
            noValueReason: figure.value.noValueReason, suppressedCount: figure.suppressed, asOf: release.asOf, watermark: release.watermark,
            policyVersion: release.policyVersion, planPeriod: release.planPeriod, release: release.id, version: release.revision)
    }
}

extension ReleasedFigure {
    /// What the figure is called.
    var name: BilingualName {
        if let definition = IndicatorCatalogue[indicator] { return definition.name }
        return Measure(rawValue: String(indicator.dropFirst(MonthlyRelease.funnelPrefix.count)))?.name
            ?? BilingualName(zh: indicator, en: indicator)
    }
}

extension IndicatorDefinition {
    /// True when what it counts are fen.
    var isMoney: Bool { measures.contains(where: \.isMoney) }

    /// What it is computed from, numerator first; nothing for what a release does not tell.
    var measures: [Measure] {
        switch formula {
        case .rate(let part, let whole), .matureRate(let part, let whole): [part, whole]
        case .count(let measure): [measure]
        case .quarterlyPayments: []
        }
    }
}
