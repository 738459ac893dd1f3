import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Rehabilitation

/// The desks of a centre, a clerk, a reviewer and finance, each used as a person uses it: pages and their forms, nothing else.
struct DeskTests {
    private let bench: RehabilitationBench

    init() throws { bench = try RehabilitationBench() }

    private func browser(_ actor: Actor) async throws -> TestBrowser { try await TestBrowser(bench.service, as: actor) }
    private func place(_ reply: Reply) -> String { String((reply.header("Location") ?? "").prefix { $0 != "?" }) }

    @Test func `a referral goes from its question to paid months by pages alone`() async throws {
        try bench.agree()
        try bench.issue()
        let centre = try await browser(RehabilitationBench.centre())
        let clerk = try await browser(RehabilitationBench.clerk)
        let reviewer = try await browser(RehabilitationBench.reviewer)
        let finance = try await browser(RehabilitationBench.finance)

        #expect(centre.get("/desk").text.contains("<strong>1</strong> 待答复的转介"))
        let list = centre.get("/desk/referrals?status=open")
        let here = "/desk/referrals/\(Sample.referral)"
        #expect(list.text.contains("href=\"\(here)\""))
        #expect(centre.get(here).text.contains("筛查与诊断确认该儿童需要听力康复"))
        #expect(try await centre.send("accept", on: centre.get(here)).status == 303)
        #expect(centre.get(here).text.contains("已接收，待确认"))
        try bench.confirm()
        #expect(centre.get(here).text.contains("已确认承接") && !centre.get(here).text.contains("id=\"accept\""))

        let applied = try await clerk.send("apply", on: clerk.get(here), ["residenceBasis": "hukou"])
        let application = place(applied)
        #expect(applied.status == 303 && application.hasPrefix("/desk/applications/") && !application.contains("{"))
        #expect(try await clerk.send("materials", on: clerk.get(application)).status == 303)
        let sameUser = try await browser(RehabilitationBench.actor(.reviewer, RehabilitationBench.clerk.user))
        #expect(!sameUser.get(application).text.contains("id=\"approve\""), "who took it in is shown no way to decide it")
        #expect(try await reviewer.send("approve", on: reviewer.get(application)).status == 303)
        #expect(try await clerk.send("institution", on: clerk.get(application), ["institution": Sample.institution.text]).status == 303)
        let enrolled = try await centre.send("enrol", on: centre.get(application))
        let training = place(enrolled)
        #expect(enrolled.status == 303 && training.hasPrefix("/desk/enrolments/"))

        try bench.passDay("2024-07-05")
        let money = ["basicInsuranceFen": "1100.00", "seriousIllnessFen": "0", "medicalReliefFen": "0", "otherInsuranceFen": "0"]
        let month = ["month": "2024-06", "serviceDays": "20", "grossFen": "3000"].merging(money) { $1 }
        #expect(try await centre.send("month", on: centre.get(training), month).status == 303)
        let lines = centre.get(training).text
        #expect(lines.contains("总费用3000.00元，先由医保支付") && lines.contains("data-label=\"医保支付\">1100.00<"))

        let submitted = try await clerk.send(
            "submit", on: clerk.get("/desk/settlements"), ["institution": Sample.institution.text, "quarter": "2024-Q2"])
        let settlement = place(submitted)
        #expect(submitted.status == 303 && settlement.hasPrefix("/desk/settlements/"))
        #expect(clerk.get(settlement).text.contains("\(training)#m-2024-06"))
        #expect(try await reviewer.send("approve", on: reviewer.get(settlement)).status == 303)
        #expect(try await finance.send("pay", on: finance.get(settlement)).status == 303)
        #expect(centre.get(settlement).text.contains("已支付"))
    }

    @Test func `a centre declines with a reason, and is asked for one`() async throws {
        try bench.agree()
        try bench.issue()
        let centre = try await browser(RehabilitationBench.centre())
        let here = "/desk/referrals/\(Sample.referral)"
        let silent = try await centre.send("decline", on: centre.get(here), ["reason": "  "])
        #expect(silent.status == 422 && silent.text.contains("REASON_REQUIRED") && silent.text.contains("<details class=\"fold\" open>"))
        #expect(try await centre.send("decline", on: silent, ["reason": "暂无听力治疗师 <b>"]).status == 303)
        #expect(centre.get(here).text.contains("理由：暂无听力治疗师 &lt;b&gt;"))
    }

    @Test func `four eyes hold on a page as they do over HTTP`() async throws {
        try bench.agree()
        try bench.issue()
        _ = try bench.accept()
        try bench.confirm()
        let clerk = try await browser(RehabilitationBench.clerk)
        let applied = try await clerk.send(
            "apply", on: clerk.get("/desk/referrals/\(Sample.referral)"), ["residenceBasis": "hukou"])
        let application = place(applied)
        _ = try await clerk.send("materials", on: clerk.get(application))
        let sameEyes = try await browser(RehabilitationBench.actor(.reviewer, "clerk-1"))
        // A form that another reviewer's page holds, sent under this session.
        let page = try await browser(RehabilitationBench.reviewer).get(application)
        let form = try sameEyes.fields("approve", page, [:]).filter { $0.0 != "token" }
        let token = sameEyes.tokenOnPage(sameEyes.get(application))
        let refused = await sameEyes.post("/forms", form + [("token", token)])
        #expect(refused.status >= 400 && refused.text.contains("role=\"alert\"") && refused.text.contains("FOUR_EYES"))
        #expect(sameEyes.get(application).text.contains("待审核"))
    }

    @Test func `another centre, region or role finds nothing and is shown nothing to press`() async throws {
        try bench.agree()
        try bench.issue()
        let here = "/desk/referrals/\(Sample.referral)"
        let other = try await browser(RehabilitationBench.centre(OrganisationID(trusted: "rc-other")))
        #expect(other.get(here).status == 404 && !other.get("/desk/referrals").text.contains(Sample.referral.text))
        let far = try await browser(RehabilitationBench.actor(.clerk, "far", region: "37"))
        #expect(far.get(here).status == 404)
        let auditor = try await browser(RehabilitationBench.auditor)
        #expect(auditor.get(here).status == 200 && !auditor.get(here).text.contains("action=\"/forms\""))
        let finance = try await browser(RehabilitationBench.finance)
        #expect(finance.get(here).status == 403)
    }

    @Test func `an amount that is none comes back at its field, with everything else still there`() async throws {
        try bench.agree()
        let training = "/desk/enrolments/\(try bench.enrol(try bench.approvedApplication()))"
        try bench.passDay("2024-07-05")
        let centre = try await browser(RehabilitationBench.centre())
        let answers = [
            "month": "2024-06", "serviceDays": "20", "grossFen": "3,000", "basicInsuranceFen": "1", "seriousIllnessFen": "0",
            "medicalReliefFen": "0", "otherInsuranceFen": "0",
        ]
        let refused = try await centre.send("month", on: centre.get(training), answers)
        #expect(refused.status == 400 && refused.text.contains("href=\"#month-grossFen\"") && refused.text.contains("value=\"3,000\""))
        #expect(refused.text.contains("id=\"month-serviceDays\" name=\"n.serviceDays\" required min=\"0\" max=\"31\""))
    }

    @Test func `every page of the menu opens for every role that has it, empty as the service is`() async throws {
        for actor in [
            RehabilitationBench.centre(), RehabilitationBench.clerk, RehabilitationBench.reviewer, RehabilitationBench.finance,
            RehabilitationBench.auditor,
        ] {
            let browser = try await browser(actor)
            for language in ["zh", "en"] {
                let first = browser.get("/desk?lang=\(language)")
                #expect(first.status == 200)
                for link in first.text.matches(of: /<li><a href="([^"]+)"/) {
                    let page = browser.get(String(link.output.1).replacing("&amp;", with: "&"))
                    #expect(page.status == 200, "\(actor.role) \(link.output.1): \(page.text)")
                    #expect(page.text.contains("<h1>") && !page.text.contains("style=") && !page.text.contains("<script"))
                }
            }
        }
    }
}
