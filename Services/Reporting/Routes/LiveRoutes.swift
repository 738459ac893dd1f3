import Persistence
import ServiceRuntime
import Vocabulary

/// What a page shows of a region as it stands, and pushes when it changes.
struct LiveFigures: Codable, Sendable {
    struct Child: Codable, Sendable {
        let code: String
        let name: String
        /// In the order of `LiveFigures.columns`.
        let values: [Int64]
    }

    struct Rate: Codable, Sendable {
        let indicator: String
        let numerator: Int64?
        let denominator: Int64?
        let basisPoints: Int?
        let reason: String?
    }

    /// What the table of regions shows.
    static let columns: [Measure] = [
        .casesScreened, .casesSuspected, .casesConfirmed, .referralsAccepted, .enrolled, .completed, .placements,
    ]

    let region: String
    let asOf: String
    let recorded: String
    let events: Int64
    /// In the order of `Funnel.stages`.
    let stages: [Int64]
    let children: [Child]
    let rates: [Rate]

    /// The region as it stands; townships are read from the fine figures, everything above from the kept tree.
    init(_ region: RegionCode, _ cache: StandingCache, today: LocalDate, in tx: any Transaction) throws {
        self.region = region.text
        guard let (basis, freshness) = try cache.current(in: tx) else {
            asOf = today.text
            recorded = ""
            events = 0
            stages = Funnel.stages.map { _ in 0 }
            children = []
            // What is not counted yet has its row all the same: the page fills it in when it is.
            rates =
                region.digits > 6
                ? []
                : IndicatorCatalogue.all.map {
                    Rate(indicator: $0.id, numerator: nil, denominator: nil, basisPoints: nil, reason: nil)
                }
            return
        }
        asOf = freshness.day.text
        recorded = freshness.recorded.text
        events = freshness.events
        let figures: Figures
        if region.digits > 6 {
            figures = try FigureRoutes.sum(FigureQueries.Filter(regions: Self.codes(region, freshness.day)), in: tx)
            children = []
        } else {
            figures = basis.tree.figures(of: region)
            let below: [(region: RegionCode, figures: Figures)]
            if region.digits == 6 {
                let filter = FigureQueries.Filter(regions: Self.codes(region, freshness.day))
                below = try FigureRoutes.children(of: region, filter, on: freshness.day, in: tx)
            } else {
                below = basis.tree[region]?.children.map { (basis.tree.nodes[$0].region, basis.tree.nodes[$0].figures) } ?? []
            }
            children = below.map { child in
                Child(
                    code: child.region.text, name: RegionTable.shared.name(of: child.region) ?? child.region.text,
                    values: Self.columns.map { child.figures[$0] ?? 0 })
            }
        }
        stages = Funnel.stages.map { figures[$0] ?? 0 }
        rates =
            region.digits > 6
            ? []
            : IndicatorCatalogue.all.map { definition in
                let value = basis.value(definition, region)
                return Rate(
                    indicator: definition.id, numerator: value.numerator, denominator: value.denominator, basisPoints: value.basisPoints,
                    reason: value.noValueReason)
            }
    }

    private static func codes(_ region: RegionCode, _ date: LocalDate) -> [RegionCode] {
        [region] + RegionTable.shared.formerCodes(countedIn: region, on: date)
    }
}

/// Live figures over server-sent events.
enum LiveRoutes {
    /// How long changes are gathered before they are pushed: fast enough to look at, slow enough that an import is not held up by its audience.
    static let gathering: Duration = .milliseconds(150)

    static func endpoints(_ cache: StandingCache) -> [Endpoint] {
        [
            .stream(
                .get, "/events", roles: Scope.readers, summary: "实时统计推送（SSE，可续传）/ Live figures as server-sent events, resumable",
                query: ["region"]
            ) { request, context in
                let region = try Scope.region(request)
                let today = request.today
                return .events(after: request.header("last-event-id")) { after in
                    let seen = context.changes.version
                    let figures = try await context.read { try LiveFigures(region, cache, today: today, in: $0) }
                    // An id names the number of events in the figures: whoever has it already is sent the next change only.
                    if String(figures.events) != after {
                        return [ServerSentEvent(id: String(figures.events), event: "figures", json: figures)]
                    }
                    await context.changes.changed(since: seen)
                    // Not a wait for a condition: pushes are spaced out, whatever the rate of commits.
                    try await Task.sleep(for: gathering)
                    return []
                }
            }
        ]
    }
}
