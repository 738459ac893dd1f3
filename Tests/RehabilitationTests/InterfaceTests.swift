import Contracts
import ServiceRuntime
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Bench = RehabilitationBench

@Test func `every refusal of the rules has a sentence in both languages`() {
    #expect(RehabilitationRefusals.catalogue.missing(for: RehabilitationRefusals.rules) == [])
    for code in RehabilitationRefusals.catalogue.codes {
        let entry = RehabilitationRefusals.catalogue[code]
        #expect(entry?.chinese.isEmpty == false && entry?.english.isEmpty == false && entry?.source.isEmpty == false, "\(code)")
    }
}

@Test func `a NUL character, which JSON allows and no store need keep, is refused by its field's name`() throws {
    let bench = try Bench()
    try bench.agree()
    try bench.issue()
    let decline = #"{"attempt":1,"answer":"decline","reason":"满\u0000"}"#
    for key in [nil, "k1"] {
        let reply = try bench.ask(.post, "/referrals/referral-1/answer", decline, as: Bench.centre(), key: key)
        #expect(reply.status == 422, "\(reply.text)")
        #expect(reply.text.contains("VALUE_NOT_ALLOWED") && reply.text.contains(#""field":"reason""#), "\(reply.text)")
    }
    #expect(try bench.status() == .open)
}

@Test func `an agreements file in Chinese or English is imported, and each bad row is named with its rule`() async throws {
    let bench = try Bench()
    let file = """
        机构编号,机构名称,所在地,类别,容量,开始,结束
        centre-a,阳光康复中心,419001,听力;孤独症,20,2024-01-01,2026-12-31
        centre-b,,419001,心理,20,2024-01-01,2026-12-31
        centre-c,,999999,听力,20,2024-01-01,2026-12-31
        centre-d,,419001,听力,zero,2024-01-01,2026-12-31
        centre-e,,419001,听力,20,2024-13-01,2026-12-31
        centre-f,,419001,"听力,20,2024-01-01,2026-12-31
        centre-g,,370303,听力,20,2024-01-01,2026-12-31
        centre-h,,419001,听力,20,2026-01-01,2024-12-31
        """
    func send(_ text: String, _ target: String = "/agreements/import") async throws -> TableReport {
        let reply = await bench.interface.handleStream(.post, target, body: Array(text.utf8), as: Bench.clerk)
        try bench.service.settle()
        return try reply.decode(TableReport.self)
    }
    let checked = try await send(file, "/agreements/import?check=true")
    #expect(checked.checkOnly && checked.accepted == 1)
    #expect(try bench.service.said(AgreementActivated.self).isEmpty)

    let report = try await send(file)
    #expect(report.rows == 8 && report.accepted == 1)
    #expect(
        report.refused.map(\.code) == [
            "CATEGORY_UNKNOWN", "REGION_UNKNOWN", "CAPACITY_INVALID", "DATE_INVALID", "CSV_QUOTE_UNCLOSED", "REGION_OUT_OF_SCOPE",
            "AGREEMENT_PERIOD_INVALID",
        ])
    #expect(report.refused.map(\.line) == [3, 4, 5, 6, 7, 8, 9])
    #expect(report.refused[0].field == "类别" && report.refused[0].row.hasPrefix("centre-b"))
    let activated = try bench.service.said(AgreementActivated.self)
    #expect(activated.map(\.institution) == [Sample.institution] && activated.first?.categories == [.hearing, .autism])

    let english = "institution,region,categories,capacity,validFrom,validTo\ncentre-a,419001,hearing; autism,20,2024-01-01,2026-12-31\n"
    let again = try await send(english)
    #expect(again.accepted == 1 && again.unchanged == 1)
    #expect(try bench.service.said(AgreementActivated.self).count == 1)
}

@Test(arguments: [("机构编号,所在地\n", "COLUMN_MISSING"), ("x,y\n", "COLUMN_UNKNOWN"), ("机构编号,institution\n", "COLUMN_TWICE")])
func `a file whose columns make no sense is refused as a whole`(text: String, code: String) async throws {
    let bench = try Bench()
    let reply = await bench.interface.handleStream(.post, "/agreements/import", body: Array(text.utf8), as: Bench.clerk)
    #expect(reply.status == 422)
    #expect(try reply.decode(Bench.Code.self).code == code)
}

@Test func `an agreement is for a centre, in the clerk's own region`() throws {
    let bench = try Bench()
    let body =
        #"{"institution":"school","region":"419001","categories":["hearing"],"capacity":5,"validFrom":"2024-01-01","validTo":"2024-12-31"}"#
    try bench.service.deliver(
        OrganisationRegistered(
            organisation: OrganisationID(trusted: "school"), kind: .trainingBase, name: "基地", region: RegionCode(trusted: "419001"),
            validFrom: Sample.date("2024-01-01")))
    #expect(try bench.outcome(.post, "/agreements", body, as: Bench.clerk) == "INSTITUTION_KIND")
    #expect(try bench.outcome(.post, "/agreements", body, as: Bench.actor(.clerk, "c", region: "37")) == "REGION_OUT_OF_SCOPE")
    #expect(try bench.outcome(.post, "/agreements", body, as: Bench.centre()) == "ROLE_NOT_ALLOWED")
}

@Test func `an agreement of another county's centre is not replaced by naming one's own county in a new one`() async throws {
    let bench = try Bench()
    try bench.agree()
    let far = Bench.actor(.clerk, "far", region: "3703")
    let taking =
        #"{"institution":"centre-a","region":"370303","categories":["vision"],"capacity":9,"validFrom":"2024-01-01","validTo":"2024-12-31"}"#
    #expect(try bench.outcome(.post, "/agreements", taking, as: far) == "NOT_FOUND")
    let scope = #"{"categories":["vision"],"capacity":9,"validTo":"2024-12-31"}"#
    #expect(try bench.outcome(.post, "/agreements/centre-a/scope", scope, as: far) == "NOT_FOUND")

    let file = "institution,region,categories,capacity,validFrom,validTo\ncentre-a,370303,vision,9,2024-01-01,2024-12-31\n"
    let reply = await bench.interface.handleStream(.post, "/agreements/import", body: Array(file.utf8), as: far)
    let report = try reply.decode(TableReport.self)
    #expect(report.accepted == 0 && report.refused.map(\.code) == ["NOT_FOUND"])
    #expect(try bench.service.said(AgreementActivated.self).map(\.region.text) == ["419001"])
    // Within reach it may move.
    try bench.agree(Sample.otherInstitution)
    let moved = taking.replacing("centre-a", with: "centre-b").replacing("370303", with: "419001001")
    #expect(try bench.outcome(.post, "/agreements", moved, as: Bench.clerk) == "201")
}

@Test func `a list of what waits for settlement is narrowed to the institution it is asked for`() throws {
    let bench = try Bench()
    try bench.agree()
    let enrolment = try bench.enrol(try bench.approvedApplication())
    try bench.passDay("2024-08-01")
    try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-07"), as: Bench.centre())
    func waiting(_ institution: OrganisationID) throws -> [OrganisationID] {
        try bench.ask(.get, "/worklists/settlements?institution=\(institution)", as: Bench.clerk).decode(PageOf<UnsettledView>.self).items
            .map(\.institution)
    }
    #expect(try waiting(Sample.institution) == [Sample.institution])
    #expect(try waiting(Sample.otherInstitution) == [])
}

@Test func `a settlement that was decided is not called an application`() throws {
    let bench = try Bench()
    try bench.agree()
    let enrolment = try bench.enrol(try bench.approvedApplication())
    try bench.passDay("2024-08-01")
    try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-07"), as: Bench.centre())
    let submit = #"{"institution":"centre-a","quarter":"2024-Q3"}"#
    let settlement = try bench.ask(.post, "/settlements", submit, as: Bench.clerk).decode(SettlementView.self).settlement
    try bench.ask(.post, "/settlements/\(settlement)/approval", as: Bench.reviewer)
    let refused = try bench.ask(.post, "/settlements/\(settlement)/rejection", #"{"reason":"缺少票据"}"#, as: Bench.reviewer)
    #expect(refused.text.contains("ALREADY_DECIDED") && !refused.text.contains("application"), "\(refused.text)")
    #expect(RehabilitationRefusals.catalogue["ALREADY_DECIDED"]?.chinese.contains("申请") == false)
}

@Test func `lists come in pages within the caller's own scope`() throws {
    let bench = try Bench()
    try bench.agree(capacity: 10)
    for number in 0..<5 {
        try bench.issue(ReferralID(trusted: "r\(number)"), person: PersonID(trusted: "p\(number)"))
        _ = try bench.accept(ReferralID(trusted: "r\(number)"))
        try bench.confirm(ReferralID(trusted: "r\(number)"), person: PersonID(trusted: "p\(number)"))
    }
    var seen: [String] = []
    var next: String?
    repeat {
        let page = try bench.ask(.get, "/referrals?limit=2\(next.map { "&after=\($0)" } ?? "")", as: Bench.centre()).decode(
            PageOf<ReferralView>.self)
        seen += page.items.map(\.referral.text)
        next = page.next
    } while next != nil
    #expect(seen == ["r0", "r1", "r2", "r3", "r4"])

    try bench.ask(.post, "/applications", #"{"referral":"r1","residenceBasis":"hukou"}"#, as: Bench.clerk)
    let open = try bench.ask(.get, "/referrals?status=confirmed&unapplied=true", as: Bench.clerk).decode(PageOf<ReferralView>.self)
    #expect(open.items.map(\.referral.text) == ["r0", "r2", "r3", "r4"])
    let foreign = try bench.ask(.get, "/referrals", as: Bench.actor(.clerk, "c", region: "37")).decode(PageOf<ReferralView>.self)
    #expect(foreign.items.isEmpty)
    #expect(try bench.outcome(.get, "/referrals?region=37", as: Bench.clerk) == "REGION_OUT_OF_SCOPE")
}

@Test func `a month's worklist names the trainings without a line for it`() throws {
    let bench = try Bench()
    try bench.agree()
    let enrolment = try bench.enrol(try bench.approvedApplication())
    try bench.passDay("2024-08-01")
    func missing(_ month: String) throws -> [EnrolmentID] {
        try bench.ask(.get, "/enrolments?missing=\(month)", as: Bench.centre()).decode(PageOf<EnrolmentView>.self).items.map(\.enrolment)
    }
    #expect(try missing("2024-07") == [enrolment])
    #expect(try missing("2024-05") == [])
    try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-07"), as: Bench.centre())
    #expect(try missing("2024-07") == [])
    let view = try bench.ask(.get, "/enrolments/\(enrolment)", as: Bench.centre()).decode(EnrolmentView.self)
    #expect(view.monthsCounted == 1 && view.lastMonth == Sample.month("2024-07") && view.subsidyFen == 160_000)
}

@Test func `the policy list says what each rule rests on`() throws {
    let bench = try Bench()
    let all = try bench.ask(.get, "/policies", as: Bench.auditor).decode(PolicyRoutes.Policies.self).items
    #expect(all.allSatisfy { !$0.source.isEmpty && !$0.chinese.isEmpty && !$0.english.isEmpty })
    let fixture = all.filter { $0.region?.text == "419001" && $0.code.hasPrefix("assistance.standard") }
    #expect(fixture.count == 6 && fixture.allSatisfy { $0.standing == .assumption })
    let today = try bench.ask(.get, "/policies?on=2024-06-05", as: Bench.auditor).decode(PolicyRoutes.Policies.self).items
    #expect(today.count < all.count)
    #expect(today.contains { $0.version == "jiyuan-review-2024" && $0.standing == .seed })
}

@Test(arguments: AssistanceCategory.allCases)
func `every category has a standard in Shandong and Jiyuan on every day from 2024 to 2026`(category: AssistanceCategory) {
    for region in ["370303001", "370102001", "419001001"] {
        for date in ["2024-06-01", "2025-12-31", "2026-01-01", "2026-05-31"] {
            let rules = AssistancePolicies.current.rules(for: category, in: RegionCode(trusted: region), on: Sample.date(date))
            #expect(rules?.band(of: 3).flatMap { rules?.terms(age: 3, band: $0) } != nil, "\(region) \(date)")
        }
    }
}

@Test func `every address of this service needs a token`() {
    for endpoint in RehabilitationService.definition.endpoints { #expect(!endpoint.access.isOpen, "\(endpoint.path)") }
}
