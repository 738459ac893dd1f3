import Contracts
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Reporting

struct ServiceTests {
    @Test func `every refusal has its sentences`() { #expect(ReportingRefusals.catalogue.missing(for: ReportingRefusals.types).isEmpty) }

    @Test func `the funnel is read within the caller's region only`() throws {
        let service = try TestService.reporting()
        try service.deliver(accepted(result(child("ann"), .initial, .positive)))
        let reply = try service.handle(.get, "/funnel?region=3701", as: dashboard)
        #expect(reply.status == 200)
        let funnel = try reply.decode(FigureRoutes.FunnelReply.self)
        #expect(funnel.region.fullName == "山东省济南市")
        #expect(funnel.stages.first { $0.measure == "casesSuspected" }?.value == 1)
        #expect(try service.handle(.get, "/funnel?region=41", as: dashboard).status == 403)
        // Figures end at townships, and a village's are not its township's.
        let village = Actor(organisation: nil, role: .dashboard, user: "v", region: RegionCode(trusted: "370102001001"))
        for query in ["?region=370102001001", "?region=370102001", ""] {
            #expect(try service.handle(.get, "/funnel\(query)", as: village).status == 403, "\(query)")
        }
        #expect(try service.handle(.get, "/funnel?region=379999", as: dashboard).status == 422)
        #expect(try service.handle(.get, "/funnel", as: nil).status == 401)
    }

    @Test func `a region shows itself and those directly below it, townships at the bottom`() throws {
        let service = try TestService.reporting()
        try service.deliver(accepted(result(child("ann"), .initial, .positive)))
        try service.deliver(accepted(result(child("old", in: region("371202001")), .initial, .negative)))
        func children(_ code: String) throws -> [String] {
            try service.handle(.get, "/regions/\(code)", as: dashboard).decode(FigureRoutes.RegionTreeReply.self).children.map(
                \.region.code)
        }
        #expect(try children("37") == ["3701"])
        #expect(try children("3701") == ["370102", "370116"], "an old county code counts in its successor")
        #expect(try children("370116") == ["370116001"])
        #expect(try children("370102") == ["370102001"])
    }

    @Test func `indicators say numerator, denominator and why there is no value`() throws {
        let service = try TestService.reporting()
        try service.deliver(accepted(result(child("ann"), .initial, .positive)))
        let reply = try service.handle(.get, "/indicators?region=3701&period=2024-06", as: dashboard)
        #expect(reply.status == 200)
        #expect(reply.text.contains("\"valueBasisPoints\":null"))
        let rates = try reply.decode(IndicatorRoutes.IndicatorsReply.self).indicators
        #expect(rates.first { $0.indicator == "18" }?.denominator == 1 && rates.first { $0.indicator == "18" }?.valueBasisPoints == 0)
        #expect(rates.first { $0.indicator == "19" }?.noValueReason == "DENOMINATOR_ZERO")
        #expect(try service.handle(.get, "/indicators?region=3701&period=yesterday", as: dashboard).status == 422)
        #expect(try service.handle(.get, "/indicators?region=370102001", as: dashboard).status == 422)
    }

    @Test func `figures by topic name every group in both languages`() throws {
        let service = try TestService.reporting()
        try service.deliver(accepted(result(child("ann"), .initial, .positive)))
        let reply = try service.handle(.get, "/figures?by=topic&measures=casesSuspected&sex=%E5%A5%B3", as: dashboard)
        let figures = try reply.decode(FigureRoutes.FiguresReply.self)
        #expect(figures.groups.map(\.nameZh) == ["听力"] && figures.groups.map(\.nameEn) == ["hearing"])
        #expect(try service.handle(.get, "/figures?measures=nonsense", as: dashboard).status == 422)
        #expect(try service.handle(.get, "/figures?sex=blue", as: dashboard).status == 422)
    }

    @Test func `at the end of a day what changed is told inside, once`() throws {
        let service = try TestService.reporting()
        try service.deliver(accepted(result(child("ann"), .initial, .positive)))
        #expect(try service.said(Indicator.self).isEmpty)
        try service.passDay(to: day("2024-06-04"))
        let told = try service.said(Indicator.self).filter { $0.indicator == "18" }
        #expect(told.map(\.region.text) == ["37", "3701"])
        #expect(told.allSatisfy { $0.denominator == 1 && $0.asOf == day("2024-06-03") && $0.version == 1 && $0.period == "to-date" })
        try service.passDay(to: day("2024-06-10"))
        #expect(try service.said(Indicator.self).count { $0.indicator == "18" } == 2, "nothing changed, nothing said")
        try service.deliver(accepted(result(child("ben"), .initial, .positive, on: "2024-06-10")))
        try service.passDay(to: day("2024-06-11"))
        #expect(try service.said(Indicator.self).last { $0.indicator == "18" && $0.region.text == "37" }?.version == 2)
    }

    /// Two counties: 3 suspected in one, 12 in the other, all of June.
    private func smallCounty() throws -> TestService {
        let service = try TestService.reporting()
        for index in 0..<3 { try service.deliver(accepted(result(child("a\(index)"), .initial, .positive))) }
        for index in 0..<12 { try service.deliver(accepted(result(child("b\(index)", in: shizhong), .initial, .positive))) }
        return service
    }

    @Test func `a release hides a small county and whoever would give it away`() throws {
        let service = try smallCounty()
        #expect(try service.handle(.post, "/releases", ReleaseRoutes.ReleaseBody(month: month("2024-06")), as: reviewer).status == 409)
        try service.clock.move(to: day("2024-07-02"))
        #expect(try service.handle(.post, "/releases", ReleaseRoutes.ReleaseBody(month: month("2024-06")), as: reviewer).status == 201)
        func suspected(_ code: String) throws -> ReleaseRoutes.PublishedFigure? {
            try service.handle(.get, "/published?region=\(code)", as: nil).decode(ReleaseRoutes.PublishedReply.self).figures
                .first { $0.indicator == "funnel.casesSuspected" }
        }
        #expect(try suspected("3701")?.numerator == 15)
        #expect(try suspected("370102")?.numerator == nil && suspected("370102")?.noValueReason == "SUPPRESSED")
        #expect(try suspected("370103")?.numerator == nil)
        #expect(try suspected("3701")?.suppressedCount == 2)
        try service.settle()
        let published = try service.said().filter { $0.topic == Indicator.publishedTopic }
        #expect(published.count > 0)
        let small = try published.map { try Indicator(protobuf: $0.data) }.filter { $0.region.text == "370102" }
        #expect(small.allSatisfy { ($0.numerator ?? 0) == 0 && ($0.denominator ?? 0) == 0 })
        #expect(small.allSatisfy { $0.release == "2024-06.1" && $0.planPeriod == "2021-2025" })
    }

    @Test func `what everybody may know is released by an operator, or by a reviewer of all of it`() throws {
        let service = try smallCounty()
        try service.clock.move(to: day("2024-07-02"))
        func release(_ role: Role, _ place: String) throws -> Int {
            let actor = Actor(
                organisation: role == .operator ? nil : OrganisationID(trusted: "dpf"), role: role, user: "u", region: region(place))
            return try service.handle(.post, "/releases", ReleaseRoutes.ReleaseBody(month: month("2024-06")), as: actor).status
        }
        for role in [Role.clerk, .dashboard, .finance, .auditor, .healthBureau] { #expect(try release(role, "37") == 403, "\(role)") }
        for place in ["370102", "3701", "41"] { #expect(try release(.reviewer, place) == 403, "\(place)") }
        #expect(try service.said().filter { $0.topic == Indicator.publishedTopic }.isEmpty)
        #expect(try release(.reviewer, "37") == 201)
        // Somebody else's province is in it as well: now it is more than theirs.
        try service.deliver(accepted(result(child("far", in: region("419001001")), .initial, .positive)))
        #expect(try release(.reviewer, "37") == 403)
        #expect(try release(.operator, "37") == 201)
    }

    @Test func `what one release hid the next one does not tell`() throws {
        let service = try smallCounty()
        try service.clock.move(to: day("2024-07-02"))
        _ = try service.handle(.post, "/releases", ReleaseRoutes.ReleaseBody(month: month("2024-06")), as: reviewer)
        for index in 0..<4 { try service.deliver(accepted(result(child("c\(index)"), .initial, .positive, on: "2024-06-30"))) }
        _ = try service.handle(.post, "/releases", ReleaseRoutes.ReleaseBody(month: month("2024-06")), as: reviewer)
        let reply = try service.handle(.get, "/published?region=370102", as: nil).decode(ReleaseRoutes.PublishedReply.self)
        #expect(reply.release.id == "2024-06.2")
        #expect(reply.figures.first { $0.indicator == "funnel.casesSuspected" }?.numerator == nil)
    }

    @Test func `a month is released by itself when the policy's lag is over`() throws {
        let service = try smallCounty()
        for date in ["2024-07-15", "2024-08-15", "2024-09-15", "2024-10-15"] {
            try service.passDay(to: day(date))
            try service.deliver(accepted(result(child("later-\(date)", in: shizhong), .initial, .negative, on: date)))
        }
        #expect(try service.handle(.get, "/published", as: nil).status == 404)
        try service.passDay(to: day("2024-11-01"))
        let reply = try service.handle(.get, "/published", as: nil).decode(ReleaseRoutes.PublishedReply.self)
        #expect(reply.release.month == "2024-06" && reply.release.asOf == "2024-10-31")
        #expect(try service.handle(.get, "/releases", as: nil).text.contains("2024-06.1"))
    }

    @Test func `a month in which nothing is counted releases its elder all the same`() throws {
        let service = try smallCounty()
        for date in ["2024-08-01", "2024-09-01", "2024-10-01"] { try service.passDay(to: day(date)) }
        #expect(try service.handle(.get, "/published", as: nil).status == 404)
        try service.passDay(to: day("2024-11-01"))
        #expect(try service.handle(.get, "/published", as: nil).decode(ReleaseRoutes.PublishedReply.self).release.month == "2024-06")
    }

    @Test func `a page without figures says so, money is in yuan, and instants end at the minute`() throws {
        let fresh = try TestService.reporting()
        #expect(try fresh.handle(.get, "/", as: dashboard).text.contains("<p id=\"empty\">还没有统计到任何数据"))
        let live = try smallCounty().handle(.get, "/", as: dashboard).text
        #expect(live.contains("<p id=\"empty\" hidden>") && live.contains("<noscript>"))
        #expect(live.contains(" data-money>") && live.contains("家庭负担率（元）"))
        #expect(live.firstMatch(of: /<time id="recorded">\d{4}-\d\d-\d\d \d\d:\d\d<\/time>/) != nil)
    }

    @Test func `a visitor's page shows releases only, a reader's page the live figures`() throws {
        let service = try smallCounty()
        let visitor = try service.handle(.get, "/", as: nil)
        #expect(visitor.status == 200 && visitor.text.contains("尚无已发布的数据") && !visitor.text.contains("data-stage"))
        let live = try service.handle(.get, "/", as: dashboard)
        #expect(live.text.contains("data-stage=\"casesSuspected\">15<"))
        #expect(live.text.contains("lang=\"zh-CN\"") && live.text.contains("济南市") && live.text.contains("data-region=\"37\""))
        #expect(!live.text.contains("<script>") && !live.text.contains("style="))
        let english = try service.handle(.get, "/?lang=en&region=3701", as: dashboard)
        #expect(english.text.contains("initial screen positive") && english.text.contains("历下区"))
        #expect(try service.handle(.get, "/?region=41", as: dashboard).status == 403)
        let script = try service.handle(.get, "/assets/figures.js", as: nil)
        #expect(script.contentType.hasPrefix("text/javascript") && script.text.contains("\"casesScreened\""))
        try service.clock.move(to: day("2024-07-02"))
        _ = try service.handle(.post, "/releases", ReleaseRoutes.ReleaseBody(month: month("2024-06")), as: reviewer)
        let published = try service.handle(.get, "/?region=370102", as: nil)
        #expect(published.text.contains("▒") && published.text.contains("2024-06.1"))
        let limit = try ReportingPolicies.smallCell(on: day("2024-07-01")).value
        #expect(published.text.contains("小于 \(limit) 的数"))
    }

    @Test(arguments: [Role.rehabilitationCentre, .employer])
    func `whoever is signed in and reads no exact figures sees what a visitor sees`(_ role: Role) throws {
        let service = try smallCounty()
        try service.clock.move(to: day("2024-07-02"))
        _ = try service.handle(.post, "/releases", ReleaseRoutes.ReleaseBody(month: month("2024-06")), as: reviewer)
        let reader = Actor(organisation: OrganisationID(trusted: "rc-1"), role: role, user: "u", region: region("370102"))
        let page = try service.handle(.get, "/?region=370102", as: reader)
        #expect(page.status == 200 && page.text.contains("2024-06.1") && !page.text.contains("data-stage"))
        #expect(try service.handle(.get, "/funnel", as: reader).status == 403)
    }

    @Test func `a region of which nothing was released is told so`() throws {
        let service = try smallCounty()
        try service.clock.move(to: day("2024-07-02"))
        _ = try service.handle(.post, "/releases", ReleaseRoutes.ReleaseBody(month: month("2024-06")), as: reviewer)
        let sentence = "Nothing was released for this region"
        #expect(try service.handle(.get, "/?region=419001&lang=en", as: nil).text.contains(sentence))
        #expect(try !service.handle(.get, "/?region=370102&lang=en", as: nil).text.contains(sentence))
    }

    @Test func `before anything is counted every indicator has its row for what is pushed`() throws {
        let fresh = try TestService.reporting().handle(.get, "/", as: dashboard).text
        for definition in IndicatorCatalogue.all { #expect(fresh.contains("data-rate=\"\(definition.id)\""), "\(definition.id)") }
    }

    @Test func `what is pushed is the region as it stands, named by how many events are in it`() throws {
        let service = try smallCounty()
        let cache = StandingCache()
        func figures(_ code: String) throws -> LiveFigures {
            try service.database.read { try LiveFigures(region(code), cache, today: day("2024-06-03"), in: $0) }
        }
        let suspected = Funnel.stages.firstIndex(of: .casesSuspected)!
        #expect(try figures("37").events == 15)
        #expect(try figures("37").stages[suspected] == 15)
        #expect(try figures("37").children.map(\.code) == ["3701"])
        #expect(try figures("3701").children.map { [$0.values[0]] } == [[3], [12]])
        #expect(try figures("370102").children.map(\.code) == ["370102001"])
        #expect(try figures("370102001").stages[suspected] == 3)
        try service.deliver(accepted(result(child("next"), .initial, .positive)))
        #expect(try figures("37").events == 16)
        #expect(try figures("37").stages[suspected] == 16, "the kept tree is read anew when something was counted")
        #expect(try figures("41").stages.allSatisfy { $0 == 0 })
    }

    @Test func `names from outside are escaped on the page`() {
        let html: HTML = "<td>\("<script>&\"'")</td>"
        #expect(html.text == "<td>&lt;script&gt;&amp;&quot;&#39;</td>")
    }
}
