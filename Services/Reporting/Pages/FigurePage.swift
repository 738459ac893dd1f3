import ServiceRuntime
import Vocabulary

/// The page: live figures of a region for whoever has a session, the latest release for everyone else.
struct FigurePage {
    let page: PageRequest
    private var text: PageText { page.text }
    private var isSimulated: Bool { SystemTime().wall.date != page.request.today }

    /// Exact and live. `roots`: every region the reader's session holds a grant for.
    func live(_ figures: LiveFigures, region: RegionCode, root: RegionCode, roots: [RegionCode] = []) -> Reply {
        let peak = max(1, figures.stages.max() ?? 1)
        let stages = zip(Funnel.stages, figures.stages).map { measure, value -> HTML in
            """
            <tr><th scope="row">\(text(measure.name))</th><td class="n" data-stage="\(measure.rawValue)">\(value)</td>
            <td class="bar"><progress data-bar="\(measure.rawValue)" max="\(peak)" value="\(value)" aria-hidden="true"></progress></td></tr>
            """
        }
        let rows = figures.children.map { child -> HTML in
            let cells = child.values.map { value -> HTML in "<td class=\"n\">\(value)</td>" }
            return "<tr data-region=\"\(child.code)\"><th scope=\"row\">\(link(child.code, child.name))</th>\(cells)</tr>"
        }
        let rates = figures.rates.compactMap { rate -> HTML? in
            guard let definition = IndicatorCatalogue[rate.indicator] else { return nil }
            return """
                <tr data-rate="\(rate.indicator)"\(definition.isMoney ? " data-money" : "")><td class="n">\(definition.number)</td>
                <th scope="row">\(text(definition.name))\(definition.isMoney ? text("（元）", " (yuan)") : "")</th>
                <td class="n">\(number(rate.numerator, definition))</td><td class="n">\(number(rate.denominator, definition))</td>
                <td class="n">\(percent(rate.basisPoints, rate.reason))</td><td class="source">\(definition.source)</td></tr>
                """
        }
        return frame(
            live: region.text,
            """
            <p class="state" role="status" aria-live="polite"><span id="connection" data-live="\(text("实时", "live"))"
            data-lost="\(text("连接中断，正在重连…", "connection lost, reconnecting…"))"
            data-ended="\(text("会话已结束，请用新的一次性链接进入。", "The session has ended; open a new one-time link."))">\(text("正在连接…", "connecting…"))</span>
            · \(text("业务日期", "business date"))\(isSimulated ? text("（模拟）", " (simulated)") : "") <time id="asof">\(figures.asOf)</time>
            · \(text("已统计事件", "events counted")) <span id="events">\(figures.events)</span>
            · \(text("最近事件", "latest event")) <time id="recorded">\(minute(figures.recorded))</time></p>
            <p id="empty"\(figures.events > 0 ? " hidden" : "")>\(text("还没有统计到任何数据；一有数据，本页自动更新。", "Nothing has been counted yet; the page moves as soon as something is."))</p>
            <noscript><p>\(text("浏览器未启用脚本：数据为打开本页时的数据，请刷新以更新。", "Without scripts the figures are those of the moment the page was opened; reload it for newer ones."))</p></noscript>
            \(switchBetween(roots, now: root))\(trail(to: region, from: root, roots))
            <section class="scroll" tabindex="0"><h2>\(text("漏斗", "Funnel"))</h2>
            <p class="note">\(text("筛查各级按“儿童×内容”计，计入首份结果所在月份；转介按次计。", "Screening counts one child per topic, in the month of its first result; referrals count attempts."))</p>
            <table><caption>\(text("从初筛到稳定就业", "From first screen to stable job"))</caption>
            <thead><tr><th scope="col">\(text("环节", "step"))</th><th scope="col" class="end">\(text("数量", "count"))</th><td></td></tr></thead>
            <tbody>\(stages)</tbody></table></section>
            <section class="scroll" tabindex="0"><h2>\(text("下级地区", "Regions below"))</h2><table id="children" class="names"><caption>\(text("按地区", "By region"))</caption>
            <thead><tr><th scope="col">\(text("地区", "region"))</th>\(columnHeads(LiveFigures.columns))</tr></thead><tbody>\(rows)</tbody></table></section>
            <section class="scroll" tabindex="0"><h2>\(text("指标", "Indicators"))</h2><table><caption>\(text("累计，精确值，仅限内部", "To date, exact, internal"))</caption>
            <thead><tr><th scope="col">#</th><th scope="col" class="name">\(text("指标", "indicator"))</th><th scope="col" class="end">\(text("分子", "numerator"))</th>
            <th scope="col" class="end">\(text("分母", "denominator"))</th><th scope="col" class="end">\(text("值", "value"))</th><th scope="col" class="source">\(text("来源", "source"))</th></tr></thead>
            <tbody>\(rates)</tbody></table></section>
            \(standings)
            """)
    }

    /// A release, for everyone; `smallest` is the least count that it shows.
    func published(
        _ release: Release, smallest: Int, region: RegionCode, figures: [ReleasedFigure], children: [RegionCode], roots: [RegionCode]
    ) -> Reply {
        let root = roots.first { $0.contains(region) } ?? region
        let byIndicator = Dictionary(uniqueKeysWithValues: figures.map { ($0.indicator, $0) })
        let stages = Funnel.stages.compactMap { measure -> HTML? in
            guard let figure = byIndicator["funnel.\(measure.rawValue)"] else { return nil }
            return "<tr><th scope=\"row\">\(text(measure.name))</th><td class=\"n\">\(shown(figure.value.numerator))</td></tr>"
        }
        let rates = MonthlyRelease.indicators.compactMap { definition -> HTML? in
            guard let figure = byIndicator[definition.id] else { return nil }
            let isCount = definition.measures.count == 1
            return """
                <tr><td class="n">\(definition.number)</td><th scope="row">\(text(definition.name))</th><td class="n">\(shown(figure.value.numerator))</td>
                <td class="n">\(isCount ? "–" : shown(figure.value.denominator))</td><td class="n">\(percent(figure.value.basisPoints, figure.value.noValueReason))</td></tr>
                """
        }
        let below = children.map { child -> HTML in "<li>\(link(child.text, RegionTable.shared.name(of: child) ?? child.text))</li>" }
        let unreleased: HTML =
            figures.isEmpty
            ? "<p class=\"state\">\(text("该地区这个月没有发布数据。", "Nothing was released for this region in this month."))</p>" : ""
        return frame(
            live: nil,
            """
            <p class="state">\(text("已发布数据", "Published figures")) \(release.id) · \(text("月份", "month")) \(release.month.text) ·
            \(text("截至", "as of")) <time>\(release.asOf.text)</time> · \(text("规划期", "plan")) \(release.planPeriod)</p>
            \(unreleased)
            \(switchBetween(roots, now: root))\(trail(to: region, from: root, roots))
            <section class="scroll" tabindex="0"><h2>\(text("漏斗", "Funnel"))</h2><p class="note">\(text("小于 \(smallest) 的数及能推算出它的数不显示（▒）。", "Counts under \(smallest), and those that would give them away, are not shown (▒)."))</p>
            <table><caption>\(RegionTable.shared.fullName(of: region) ?? region.text)</caption><thead><tr><th scope="col">\(text("环节", "step"))</th>
            <th scope="col" class="end">\(text("数量", "count"))</th></tr></thead><tbody>\(stages)</tbody></table></section>
            <section class="scroll" tabindex="0"><h2>\(text("指标", "Indicators"))</h2><table><caption>\(text("按月", "By month"))</caption><thead><tr><th scope="col">#</th>
            <th scope="col" class="name">\(text("指标", "indicator"))</th><th scope="col" class="end">\(text("分子", "numerator"))</th><th scope="col" class="end">\(text("分母", "denominator"))</th>
            <th scope="col" class="end">\(text("值", "value"))</th></tr></thead><tbody>\(rates)</tbody></table></section>
            <section><h2>\(text("下级地区", "Regions below"))</h2><ul class="regions">\(below)</ul></section>
            \(standings)
            """)
    }

    /// Nothing has been released.
    func nothingYet() -> Reply {
        frame(
            live: nil,
            """
            <p class="state">\(text("尚无已发布的数据。内部实时数据需通过一次性链接进入。", "Nothing has been released yet. Live figures are for those with a one-time link."))</p>
            \(standings)
            """)
    }

    private func frame(live: String?, _ body: HTML) -> Reply {
        let marked: HTML = live.map { region -> HTML in " data-region=\"\(region)\"" } ?? ""
        return page.show(
            "康复闭环统计", "CareLoop figures", script: live == nil ? nil : "/assets/figures.js", main: marked, isWide: true, body)
    }

    /// Assumptions stand where figures rest on them.
    private var standings: HTML {
        let rules = ReportingPolicies.numbers.rules.map { rule -> HTML in
            "<li>\(rule.code) = \(rule.value) <small>(\(text(rule.standing.name)); \(rule.source))</small></li>"
        }
        return "<section><h2>\(text("口径与假设", "Rules and assumptions"))</h2><ul class=\"rules\">\(rules)</ul></section>"
    }

    /// The way from one region with figures to another; nothing where there is one.
    private func switchBetween(_ roots: [RegionCode], now root: RegionCode) -> HTML {
        guard Set(roots).count > 1 else { return "" }
        let items = Set(roots).sorted().map { place -> HTML in
            let name = RegionTable.shared.fullName(of: place) ?? place.text
            return place == root ? "<li><strong aria-current=\"true\">\(name)</strong></li>" : "<li>\(link(place.text, name))</li>"
        }
        return "<nav aria-label=\"\(text("可查看的地区", "regions you may see"))\"><ul class=\"roots\">\(items)</ul></nav>"
    }

    /// Where the page stands; left away where the switch above has just said it.
    private func trail(to region: RegionCode, from root: RegionCode, _ roots: [RegionCode]) -> HTML {
        guard region != root || Set(roots).count <= 1 else { return "" }
        return "<nav aria-label=\"\(text("地区", "region"))\">\(path(to: region, from: root))</nav>"
    }

    private func path(to region: RegionCode, from root: RegionCode) -> [HTML] {
        var places = [region]
        while let place = places.last, place != root, let above = RegionTable.shared.parent(of: place), root.contains(above) {
            places.append(above)
        }
        return places.reversed().enumerated().map { index, place in
            let name = RegionTable.shared.name(of: place) ?? place.text
            let mark: HTML = index == 0 ? "" : " › "
            return place == region ? "\(mark)<strong aria-current=\"page\">\(name)</strong>" : "\(mark)\(link(place.text, name))"
        }
    }

    private func link(_ code: String, _ name: String) -> HTML { page.link(PageRequest.target("/", [("region", code)]), name) }

    private func columnHeads(_ measures: [Measure]) -> [HTML] { measures.map { "<th scope=\"col\" class=\"end\">\(text($0.name))</th>" } }

    /// Money in yuan: nobody reads fen.
    private func number(_ value: Int64?, _ definition: IndicatorDefinition) -> String {
        value.map { definition.isMoney ? Fen($0).yuan : String($0) } ?? "–"
    }

    /// `2024-09-30 09:01` of an instant's text; the script cuts it the same way.
    private func minute(_ instant: String) -> String {
        instant.isEmpty ? "–" : instant.prefix(16).split(separator: "T").joined(separator: " ")
    }

    private func shown(_ value: Int64?) -> String { value.map { String($0) } ?? "▒" }

    private func percent(_ basisPoints: Int?, _ reason: String?) -> String {
        guard let basisPoints else {
            switch reason {
            case "DENOMINATOR_ZERO": return text("分母为零", "no denominator")
            case "SUPPRESSED": return "▒"
            default: return "–"
            }
        }
        let fraction = basisPoints % 100
        return "\(basisPoints / 100).\(fraction < 10 ? "0" : "")\(fraction) %"
    }
}
