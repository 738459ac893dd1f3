import Persistence
import ServiceRuntime
import Vocabulary

/// What a person sees in a browser.
enum PageRoutes {
    static func endpoints(_ cache: StandingCache) -> [Endpoint] {
        [
            .page("/", roles: .everyone, title: BilingualName(zh: "统计", en: "Figures"), inMenu: true, query: ["region"]) { page in
                let request = page.request
                let figures = FigurePage(page: page)
                // Centres and employers, signed in or not, see what everybody sees.
                guard Scope.readers.roles.contains(request.actor.role) else { return try published(figures, page) }
                guard let root = request.actor.region else { throw Problem.forbidden("REGION_OUT_OF_SCOPE") }
                let region = try Scope.region(request)
                let live = try LiveFigures(region, cache, today: request.today, in: page.transaction)
                return figures.live(live, region: region, root: root, roots: request.grants.compactMap(\.region))
            },
            .query(.get, "/assets/figures.js", roles: .everyone, summary: "页面脚本 / The page's script") { _, _ in
                .text(PageAssets.script, contentType: "text/javascript; charset=utf-8")
            },
        ]
    }

    private static func published(_ page: FigurePage, _ reader: PageRequest) throws -> Reply {
        let tx = reader.transaction
        let request = reader.request
        guard let release = try ReleaseTables.latest(month: nil, in: tx) else { return page.nothingYet() }
        let regions = try ReleaseTables.regions(release, in: tx)
        guard let first = regions.min(by: { ($0.digits, $0) < ($1.digits, $1) }) else { return page.nothingYet() }
        let known = Set(regions)
        let region: RegionCode
        if let text = request.query("region"), !text.isEmpty {
            region = try field("region") { () throws(InvalidValue) in try RegionTable.shared.validated(text) }
        } else {
            region = first
        }
        return page.published(
            release, smallest: try ReportingPolicies.smallCell(on: release.asOf).value, region: region,
            figures: try ReleaseTables.figures(release, [region], in: tx),
            children: regions.filter { RegionTable.shared.parent(of: $0) == region }, roots: regions.filter { !$0.hasParent(in: known) })
    }
}

extension RegionCode {
    /// True when the region above this one is among `regions`.
    fileprivate func hasParent(in regions: Set<RegionCode>) -> Bool {
        RegionTable.shared.parent(of: self).map { regions.contains($0) } ?? false
    }
}
