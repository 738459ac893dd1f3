import Contracts
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Bench = RehabilitationBench

/// What a desk offers is what the rules take: nothing that is always refused, and everything that is still to be done.
struct DeskWaysTests {
    private let bench: RehabilitationBench
    private static let referral = "/desk/referrals/\(Sample.referral)"

    init() throws { bench = try Bench() }

    private func browser(_ actor: Actor) async throws -> TestBrowser { try await TestBrowser(bench.service, as: actor) }

    @Test func `after a rejection the apply form is there again, and for a year that is taken it is not`() async throws {
        try bench.agree()
        let first = try bench.application()
        let clerk = try await browser(Bench.clerk)
        let applied = clerk.get(Self.referral).text
        #expect(!applied.contains("name=\"n.planYear\" required") && applied.contains("name=\"n.planYear\" value=\"2025\""))
        try bench.ask(.post, "/applications/\(first)/materials", as: Bench.clerk)
        try bench.ask(.post, "/applications/\(first)/rejection", #"{"reason":"缺居住证明"}"#, as: Bench.reviewer)
        #expect(clerk.get("/desk").text.contains("<strong>1</strong> 已确认、尚未申请的转介"))
        #expect(try await clerk.send("apply", on: clerk.get(Self.referral), ["residenceBasis": "hukou"]).status == 303)
        #expect(clerk.get("/desk").text.contains("<strong>0</strong> 已确认、尚未申请的转介"))
    }

    @Test func `a centre, whose list begins with the confirmed institution, is not told that nobody applied`() async throws {
        try bench.agree()
        _ = try bench.application()
        let centre = try await browser(Bench.centre())
        let page = centre.get(Self.referral).text
        #expect(!page.contains("尚未申请救助") && page.contains("由经办人申请"))
    }

    @Test func `an application says on its page that the diagnosis was withdrawn, and the list leads to it`() async throws {
        try bench.agree()
        let application = "/desk/applications/\(try bench.approvedApplication())"
        let clerk = try await browser(Bench.clerk)
        #expect(!clerk.get(application).text.contains("诊断已撤回"))
        try bench.withdraw()
        #expect(clerk.get(application).text.contains("<p class=\"notice bad\">所依据的诊断已撤回"))
        let centre = try await browser(Bench.centre())
        #expect(centre.get(application).text.contains("诊断已撤回") && !centre.get(application).text.contains("id=\"enrol\""))
        #expect(clerk.get("/desk").text.contains("<strong>1</strong> 诊断已撤回"))
        #expect(clerk.get("/desk/withdrawn-diagnoses").text.contains("href=\"\(application)\""))
    }

    @Test func `two trainings of one child stand on the clerk's desk, and each leads to its own`() async throws {
        try bench.agree()
        let trainings = try ["p-a", "p-b"].map { name in
            let person = PersonID(trusted: name)
            return try bench.enrol(try bench.approvedApplication(ReferralID(trusted: "referral-of-\(name)"), person: person))
        }
        try bench.service.deliver(PersonsMerged(kept: PersonID(trusted: "p-a"), merged: PersonID(trusted: "p-b")))
        let clerk = try await browser(Bench.clerk)
        #expect(clerk.get("/desk").text.contains("<strong>2</strong> 合并档案后两处在训"))
        let page = clerk.get("/desk/merged-trainings").text
        for training in trainings { #expect(page.contains("href=\"/desk/enrolments/\(training)\"")) }
    }

    @Test func `the last month of a training that has ended is asked for until it is recorded`() async throws {
        try bench.agree()
        let id = try bench.enrol(try bench.approvedApplication())
        let training = "/desk/enrolments/\(id)"
        try bench.passDay("2024-08-21")
        for month in ["2024-06", "2024-07"] {
            try bench.ask(.post, "/enrolments/\(id)/months", Bench.month(month), as: Bench.centre())
        }
        try bench.ask(.post, "/enrolments/\(id)/end", #"{"outcome":"droppedOut","endedOn":"2024-08-20"}"#, as: Bench.centre())
        try bench.passDay("2024-09-02")
        let centre = try await browser(Bench.centre())
        #expect(centre.get("/desk").text.contains("<strong>1</strong> 2024-08 尚未登记的儿童"))
        #expect(centre.get("/desk/enrolments?missing=2024-08").text.contains("href=\"\(training)\""))
        let page = centre.get(training)
        #expect(page.text.contains("value=\"2024-08\"") && !page.text.contains("id=\"end\""))
        let month = [
            "month": "2024-08", "serviceDays": "14", "grossFen": "1400", "basicInsuranceFen": "0", "seriousIllnessFen": "0",
            "medicalReliefFen": "0", "otherInsuranceFen": "0",
        ]
        #expect(try await centre.send("month", on: page, month).status == 303)
        #expect(!centre.get(training).text.contains("id=\"month\""))
        #expect(centre.get("/desk").text.contains("<strong>0</strong> 2024-08 尚未登记的儿童"))
    }

    @Test func `a month left out is the one the form asks for next`() async throws {
        try bench.agree()
        let id = try bench.enrol(try bench.approvedApplication())
        try bench.passDay("2024-09-02")
        for month in ["2024-06", "2024-08"] {
            try bench.ask(.post, "/enrolments/\(id)/months", Bench.month(month), as: Bench.centre())
        }
        let centre = try await browser(Bench.centre())
        #expect(centre.get("/desk/enrolments/\(id)").text.contains("value=\"2024-07\""))
    }

    @Test func `the institution that holds the referral is offered and chosen first, wherever it lies`() async throws {
        let far = Bench.actor(.clerk, "clerk-far", region: "37")
        let agreement =
            #"{"institution":"centre-a","region":"370303","categories":["hearing"],"capacity":2,"validFrom":"2024-01-01","validTo":"2026-12-31"}"#
        #expect(try bench.outcome(.post, "/agreements", agreement, as: far) == "201")
        try bench.agree(Sample.otherInstitution)
        let id = try bench.application()
        try bench.ask(.post, "/applications/\(id)/materials", as: Bench.clerk)
        try bench.ask(.post, "/applications/\(id)/approval", as: Bench.reviewer)
        let clerk = try await browser(Bench.clerk)
        let application = "/desk/applications/\(id)"
        #expect(clerk.get(application).text.contains("<option value=\"centre-a\" selected>"))
        #expect(try await clerk.send("institution", on: clerk.get(application), ["institution": "centre-a"]).status == 303)

        // Its county settles, and reads why each amount is what it is; nobody of another place does.
        let enrolment = try bench.enrol(id)
        try bench.passDay("2024-08-01")
        try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-07"), as: Bench.centre())
        let readers = [Role.clerk, .reviewer, .finance, .auditor].map { Bench.actor($0, "far-\($0)", region: "3703") }
        let targets = ["/enrolments/\(enrolment)", "/enrolments/\(enrolment)/lines"]
        for reader in readers {
            for target in targets { #expect(try bench.outcome(.get, target, as: reader) == "NOT_FOUND", "\(reader.role) before") }
        }
        let submit = #"{"institution":"centre-a","quarter":"2024-Q3"}"#
        let settlement = try bench.ask(.post, "/settlements", submit, as: far).decode(SettlementView.self).settlement
        for reader in readers {
            for target in targets { #expect(try bench.outcome(.get, target, as: reader) == "200", "\(reader.role) \(target)") }
            let elsewhere = Bench.actor(reader.role, "x", region: "3701")
            for target in targets { #expect(try bench.outcome(.get, target, as: elsewhere) == "NOT_FOUND", "\(reader.role) elsewhere") }
        }
        let reviewer = try await browser(readers[1])
        let link = "/desk/enrolments/\(enrolment)"
        #expect(reviewer.get("/desk/settlements/\(settlement)").text.contains("href=\"\(link)#m-2024-07\""))
        #expect(reviewer.get(link).status == 200 && !reviewer.get(link).text.contains("/desk/applications/\(id)"))
        #expect(clerk.get(link).text.contains("/desk/applications/\(id)"))
    }

    @Test func `a settlement is proposed for the quarter of the oldest month that waits`() async throws {
        try bench.agree()
        let id = try bench.enrol(try bench.approvedApplication())
        try bench.passDay("2024-10-08")
        try bench.ask(.post, "/enrolments/\(id)/months", Bench.month("2024-07"), as: Bench.centre())
        let clerk = try await browser(Bench.clerk)
        #expect(clerk.get("/desk/settlements").text.contains("value=\"2024-Q3\""))
    }

    @Test func `every institution with months to settle can be chosen, however many there are`() async throws {
        try bench.service.database.write { tx in
            for number in 101...160 {
                let id = Value.text("centre-\(number)")
                try tx.run(
                    SQL(
                        """
                        INSERT INTO institutions (institution, region, categories, capacity, valid_from, valid_to, places, taken, version)
                        VALUES (?, '419001', 'hearing', 1, '2024-01-01', '2026-12-31', '', 0, 1)
                        """), [id])
                try tx.run(
                    SQL(
                        """
                        INSERT INTO lines (line, enrolment, position, institution, month, ordinal, service_days, counted, gross_fen,
                            basic_insurance_fen, serious_illness_fen, medical_relief_fen, other_insurance_fen, self_pay_fen, subsidy_fen,
                            parents_fen, policy_version)
                        VALUES (?, ?, 0, ?, '2024-05', 1, 20, 1, 1, 0, 0, 0, 0, 1, 1, 0, 'test-1')
                        """), [id, id, id])
            }
        }
        let page = try await browser(Bench.clerk).get("/desk/settlements").text
        for number in [101, 160] { #expect(page.contains("<option value=\"centre-\(number)\"")) }
    }

    @Test func `whoever took something in is shown no way to decide it, in no role`() async throws {
        try bench.agree()
        let id = try bench.application()
        try bench.ask(.post, "/applications/\(id)/materials", as: Bench.actor(.clerk, "clerk-2"))
        let application = "/desk/applications/\(id)"
        for user in ["clerk-1", "clerk-2"] {
            let page = try await browser(Bench.actor(.reviewer, user)).get(application).text
            #expect(page.contains("待审核") && page.contains("须由另一人决定"), "\(user)")
            #expect(!page.contains("id=\"approve\"") && !page.contains("id=\"reject\""), "\(user)")
        }
        // The same user of another organisation is another person.
        let namesake = try await browser(Bench.actor(.reviewer, "clerk-1", organisation: "dpf-41")).get(application).text
        #expect(namesake.contains("id=\"approve\""))
        let reviewer = try await browser(Bench.reviewer)
        #expect(try await reviewer.send("approve", on: reviewer.get(application)).status == 303)
        try bench.ask(.post, "/applications/\(id)/institution", #"{"institution":"centre-a"}"#, as: Bench.clerk)
        let enrolment = try bench.enrol(id)
        try bench.passDay("2024-08-01")
        try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-07"), as: Bench.centre())

        let submit = #"{"institution":"centre-a","quarter":"2024-Q3"}"#
        let settled = try bench.ask(.post, "/settlements", submit, as: Bench.clerk).decode(SettlementView.self).settlement
        let settlement = "/desk/settlements/\(settled)"
        let same = try await browser(Bench.actor(.reviewer, "clerk-1")).get(settlement).text
        #expect(same.contains("须由另一人") && !same.contains("id=\"approve\"") && !same.contains("id=\"reject\""))
        #expect(try await reviewer.send("approve", on: reviewer.get(settlement)).status == 303)
        for user in ["clerk-1", "reviewer-1"] {
            let page = try await browser(Bench.actor(.finance, user)).get(settlement).text
            #expect(page.contains("须由另一人") && !page.contains("id=\"pay\""), "\(user)")
        }
        let finance = try await browser(Bench.finance)
        #expect(try await finance.send("pay", on: finance.get(settlement)).status == 303)
    }

    @Test func `what is said to who wants another institution than the referral's can be done`() throws {
        try bench.agree()
        try bench.agree(Sample.otherInstitution)
        let id = try bench.application()
        try bench.ask(.post, "/applications/\(id)/materials", as: Bench.clerk)
        try bench.ask(.post, "/applications/\(id)/approval", as: Bench.reviewer)
        let other = #"{"institution":"centre-b"}"#
        #expect(try bench.outcome(.post, "/applications/\(id)/institution", other, as: Bench.clerk) == "REFERRED_ELSEWHERE")
        let words = try #require(RehabilitationRefusals.catalogue["REFERRED_ELSEWHERE"])
        #expect(words.chinese.contains("撤回申请") && !words.chinese.contains("撤回转介") && words.english.contains("withdraw the application"))

        #expect(try bench.outcome(.post, "/applications/\(id)/withdrawal", #"{"reason":"另选机构"}"#, as: Bench.clerk) == "200")
        try bench.service.deliver(PersonRegistered(facts: Sample.facts(), provisional: false, origin: .window))
        let apply = #"{"person":"person-1","category":"hearing","residenceBasis":"hukou"}"#
        let again = try bench.ask(.post, "/applications", apply, as: Bench.clerk).decode(ApplicationView.self).application
        try bench.approve(again, at: Sample.otherInstitution)
        let enrol = #"{"application":"\#(again)"}"#
        #expect(try bench.outcome(.post, "/enrolments", enrol, as: Bench.centre(Sample.otherInstitution)) == "201")
        #expect(try bench.taken() == 0 && bench.taken(Sample.otherInstitution) == 1)
    }
}
