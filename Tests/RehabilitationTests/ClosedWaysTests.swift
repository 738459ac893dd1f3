import Contracts
import ServiceRuntime
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Bench = RehabilitationBench

/// What ends before its time is said, and what it held is free.
struct ClosedWaysTests {
    @Test func `a withdrawn application is said once, its review clock stops and its place is free`() throws {
        let bench = try Bench()
        try bench.agree()
        try bench.issue()
        _ = try bench.accept()
        try bench.confirm()
        let apply = #"{"referral":"referral-1","residenceBasis":"hukou"}"#
        let application = try bench.ask(.post, "/applications", apply, as: Bench.clerk).decode(ApplicationView.self).application
        try bench.ask(.post, "/applications/\(application)/materials", as: Bench.clerk)
        for _ in 1...2 {
            #expect(
                try bench.outcome(.post, "/applications/\(application)/withdrawal", #"{"reason":"家庭迁往外地"}"#, as: Bench.clerk) == "200")
        }
        #expect(
            try bench.service.said(AssistanceWithdrawn.self) == [
                AssistanceWithdrawn(application: application, facts: Sample.facts(), category: .hearing, reason: "家庭迁往外地")
            ])
        #expect(try bench.taken() == 0)
        try bench.passDay("2024-12-01")
        #expect(try bench.service.said(ReviewDeadlineMissed.self).isEmpty)
    }

    @Test func `a settlement that is sent back frees its lines for the next, and keeps what it held`() throws {
        let bench = try Bench()
        try bench.agree()
        let enrolment = try bench.enrol(try bench.approvedApplication())
        try bench.passDay("2024-10-08")
        for month in ["2024-07", "2024-08"] {
            try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month(month), as: Bench.centre())
        }
        let submit = #"{"institution":"centre-a","quarter":"2024-Q3"}"#
        let first = try bench.ask(.post, "/settlements", submit, as: Bench.clerk).decode(SettlementView.self)
        #expect(first.lines == 2)
        let path = "/settlements/\(first.settlement)/rejection"
        #expect(try bench.outcome(.post, path, #"{"reason":""}"#, as: Bench.reviewer) == "REASON_REQUIRED")
        #expect(try bench.outcome(.post, path, #"{"reason":"缺少票据"}"#, as: Bench.clerk) == "ROLE_NOT_ALLOWED")
        for _ in 1...2 { #expect(try bench.outcome(.post, path, #"{"reason":"缺少票据"}"#, as: Bench.reviewer) == "200") }
        let said = try bench.service.said(SettlementRejected.self)
        #expect(said.map(\.reason) == ["缺少票据"] && said.map(\.lines) == [2] && said.map(\.totalFen.value) == [first.totalFen])
        #expect(try bench.outcome(.post, "/settlements/\(first.settlement)/approval", as: Bench.reviewer) == "ALREADY_DECIDED")

        let second = try bench.ask(.post, "/settlements", submit, as: Bench.clerk).decode(SettlementView.self)
        #expect(second.settlement != first.settlement && second.lines == 2 && second.totalFen == first.totalFen)
        let old = try bench.ask(.get, "/settlements/\(first.settlement)", as: Bench.auditor).decode(SettlementView.self)
        #expect(old.status == "rejected" && old.lines == 2 && old.totalFen == first.totalFen && old.reason == "缺少票据")
        #expect(old.rejectedBy?.hasSuffix("reviewer-1") == true && old.rejectedOn == Sample.date("2024-10-08"))
        // Both say which months they asked for, the one that was sent back as well.
        for settlement in [first, second] {
            let lines = try bench.ask(.get, "/settlements/\(settlement.settlement)/lines", as: Bench.auditor).decode([SettledLineView].self)
            #expect(lines.map(\.month.text) == ["2024-07", "2024-08"])
            #expect(lines.reduce(0) { $0 + $1.subsidyFen } == first.totalFen)
        }
        // Settled money is what a settlement holds now: the lines count once.
        let account = try bench.ask(.get, "/account", as: Bench.auditor).decode(AccountView.self)
        #expect(account.settledSubsidyFen == account.subsidyFen && account.settlements == ["rejected": 1, "submitted": 1])
    }

    @Test(arguments: ["submitted", "underReview", "approved", "placed"])
    func `an application whose diagnosis was withdrawn is seen at once and leads to no training`(status: String) throws {
        let bench = try Bench()
        try bench.agree()
        let application = try bench.application()
        let steps: [(String, String, Actor)] = [
            ("materials", "", Bench.clerk), ("approval", "", Bench.reviewer), ("institution", #"{"institution":"centre-a"}"#, Bench.clerk),
        ]
        let done = ["submitted", "underReview", "approved", "placed"].firstIndex(of: status) ?? 0
        for (step, body, actor) in steps.prefix(done) {
            #expect(try bench.outcome(.post, "/applications/\(application)/\(step)", body, as: actor) == "200")
        }
        func listed() throws -> Bool {
            try bench.ask(.get, "/worklists/withdrawn-diagnoses", as: Bench.clerk).text.contains(application.text)
        }
        #expect(try !listed())
        try bench.withdraw()
        #expect(try listed())
        let view = try bench.ask(.get, "/applications/\(application)", as: Bench.reviewer).decode(ApplicationView.self)
        #expect(view.status == status && view.explanation?.last?.chinese.contains("诊断已撤回") == true)
        #expect(view.explanation?.last?.chinese.contains("搬走") == true)

        // People may still decide; a place is neither chosen nor taken on a referral that is no longer there.
        let outcomes = try steps.dropFirst(done).map { step, body, actor in
            try bench.outcome(.post, "/applications/\(application)/\(step)", body, as: actor)
        }
        #expect(outcomes == (0..<3).dropFirst(done).map { $0 < 2 ? "200" : "REFERRAL_WITHDRAWN" })
        let enrol = #"{"application":"\#(application)"}"#
        let enrolled = try bench.outcome(.post, "/enrolments", enrol, as: Bench.centre())
        #expect(enrolled == (status == "placed" ? "REFERRAL_WITHDRAWN" : "APPLICATION_NOT_FOUND"))
        #expect(try bench.taken() == 0 && bench.service.said(Enrolled.self).isEmpty)

        // The way on: another diagnosis and referral, or the registry.
        let withdrawal = "/applications/\(application)/withdrawal"
        #expect(try bench.outcome(.post, withdrawal, #"{"reason":"诊断撤回"}"#, as: Bench.clerk) == "200")
        #expect(try !listed())
        let again = try bench.application(ReferralID(trusted: "referral-2"))
        try bench.approve(again)
        _ = try bench.enrol(again)
    }

    @Test func `a training whose diagnosis was withdrawn goes on and stands on the clerk's list until it ends`() throws {
        let bench = try Bench()
        try bench.agree()
        let application = try bench.approvedApplication()
        let enrolment = try bench.enrol(application)
        func list(_ query: String = "", as actor: Actor = Bench.clerk) throws -> [WithdrawnDiagnosisView] {
            try bench.ask(.get, "/worklists/withdrawn-diagnoses\(query)", as: actor).decode(PageOf<WithdrawnDiagnosisView>.self).items
        }
        #expect(try list().isEmpty)
        try bench.withdraw()
        let item = try #require(try list().first)
        #expect(item.enrolment == enrolment && item.application == application && item.person == Sample.person)
        #expect(item.referral == Sample.referral && item.reason == "搬走" && item.referredAgain == false && item.monthsRecorded == 0)
        #expect(try list(as: Bench.actor(.clerk, "elsewhere", region: "37")).isEmpty)
        #expect(try bench.outcome(.get, "/worklists/withdrawn-diagnoses", as: Bench.centre()) == "ROLE_NOT_ALLOWED")
        // Nothing stops by itself: months are recorded and counted as before.
        try bench.passDay("2024-08-02")
        #expect(try bench.outcome(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-07"), as: Bench.centre()) == "201")
        #expect(try list().map(\.monthsRecorded) == [1])
        // Diagnosed and referred again: whoever decides sees it.
        try bench.issue(ReferralID(trusted: "referral-2"))
        #expect(try list().map(\.referredAgain) == [true])
        try bench.ask(.post, "/enrolments/\(enrolment)/end", #"{"outcome":"droppedOut"}"#, as: Bench.centre())
        #expect(try list().isEmpty)
    }

    @Test func `a child that trains under two ids stands on the clerk's list with both until one of them ends`() throws {
        let bench = try Bench()
        try bench.agree(capacity: 3)
        func train(_ name: String) throws -> (person: PersonID, enrolment: EnrolmentID) {
            let person = PersonID(trusted: name)
            let application = try bench.approvedApplication(ReferralID(trusted: "referral-of-\(name)"), person: person)
            return (person, try bench.enrol(application))
        }
        let (first, second, stranger) = (try train("p-a"), try train("p-b"), try train("p-c"))
        let between = PersonID(trusted: "p-z")
        func list(_ query: String = "", as actor: Actor = Bench.clerk) throws -> PageOf<MergedTrainingView> {
            try bench.ask(.get, "/worklists/merged-trainings\(query)", as: actor).decode(PageOf<MergedTrainingView>.self)
        }
        // Both were merged into a third file, neither into the other.
        try bench.service.deliver(PersonsMerged(kept: between, merged: first.person))
        #expect(try list().items.isEmpty)
        try bench.service.deliver(PersonsMerged(kept: between, merged: second.person))
        try bench.passDay("2024-08-02")
        #expect(try bench.outcome(.post, "/enrolments/\(second.enrolment)/months", Bench.month("2024-07"), as: Bench.centre()) == "201")

        let pairs = try list().items
        #expect(Set(pairs.map(\.training.enrolment)) == [first.enrolment, second.enrolment] && pairs.count == 2)
        let seen = try #require(pairs.first { $0.training.enrolment == first.enrolment })
        #expect(seen.training.person == first.person && seen.other.person == second.person && seen.other.enrolment == second.enrolment)
        #expect(seen.other.institution == Sample.institution && seen.training.subsidyFen == 0 && seen.other.subsidyFen > 0)
        #expect(!pairs.contains { $0.other.enrolment == stranger.enrolment })
        let page = try list("?limit=1")
        let rest = try list("?limit=1&after=\(try #require(page.next))")
        #expect((page.items + rest.items).map(\.training.enrolment) == pairs.map(\.training.enrolment) && rest.next == nil)
        #expect(try list(as: Bench.actor(.clerk, "elsewhere", region: "37")).items.isEmpty)
        #expect(try bench.outcome(.get, "/worklists/merged-trainings", as: Bench.centre()) == "ROLE_NOT_ALLOWED")

        try bench.service.deliver(PersonsUnmerged(kept: between, merged: first.person))
        #expect(try list().items.isEmpty)
        try bench.service.deliver(PersonsMerged(kept: between, merged: first.person))
        #expect(try list().items.count == 2)
        try bench.ask(.post, "/enrolments/\(second.enrolment)/end", #"{"outcome":"droppedOut"}"#, as: Bench.centre())
        #expect(try list().items.isEmpty)
    }
}
