import Persistence
import ServiceRuntime
import Vocabulary

/// What a person sees in a browser.
enum PageRoutes {
    static func endpoints(_ cache: StandingCache) -> [Endpoint] {
        [
            .query(
                .get, "/", roles: .everyone, summary: "统计页面 / The page of figures",
                query: ["region", QueryParameter("lang", words: ["zh", "en"])]
            ) { request, tx in
                let language: Language =
                    switch request.query("lang") {
                    case "en": .english
                    case "zh": .chinese
                    default: request.language
                    }
                // Business time that is not the machine's is simulated, and the page says so.
                let page = FigurePage(text: PageText(language: language), isSimulated: SystemTime().wall.date != request.today)
                if request.actor.role == .visitor { return .html(try published(page, request, in: tx).text) }
                try request.actor.must(be: Scope.readers.roles)
                guard let root = request.actor.region else { throw Problem.forbidden("REGION_OUT_OF_SCOPE") }
                let region = try Scope.region(request)
                let figures = try LiveFigures(region, cache, today: request.today, in: tx)
                let roots = request.grants.compactMap(\.region)
                return .html(page.live(figures, region: region, root: root, roots: roots).text)
            },
            .query(.get, "/assets/page.css", roles: .everyone, summary: "页面样式 / The page's style") { _, _ in
                .text(PageAssets.style, contentType: "text/css; charset=utf-8")
            },
            .query(.get, "/assets/icon.svg", roles: .everyone, summary: "页面图标 / The page's icon") { _, _ in
                .text(PageAssets.icon, contentType: "image/svg+xml")
            },
            .query(.get, "/assets/page.js", roles: .everyone, summary: "页面脚本 / The page's script") { _, _ in
                .text(PageAssets.script, contentType: "text/javascript; charset=utf-8")
            },
        ]
    }

    private static func published(_ page: FigurePage, _ request: EndpointRequest, in tx: any Transaction) throws -> HTML {
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
            release, region: region, figures: try ReleaseTables.figures(release, [region], in: tx),
            children: regions.filter { RegionTable.shared.parent(of: $0) == region }, roots: regions.filter { !$0.hasParent(in: known) })
    }
}

extension RegionCode {
    /// True when the region above this one is among `regions`.
    fileprivate func hasParent(in regions: Set<RegionCode>) -> Bool {
        RegionTable.shared.parent(of: self).map { regions.contains($0) } ?? false
    }
}
