import Contracts
import HTTPTypes
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Bench = RehabilitationBench

/// An older backup of Rehabilitation's store is restored: the state is what it was, and what is decided next rests on it.
@Suite(.enabled(if: Store.chosen == .sqlite, "a backup here is a copy of SQLite's file"))
struct RestoreTests {
    private static let second = ReferralID(trusted: "referral-second")
    private static let other = PersonID(trusted: "p1-ffffffffffffffffffffffffffffffff")

    /// Lives on after the backup in every way a store of this service changes; returns an enrolment that goes on.
    private func live(_ bench: Bench) throws -> EnrolmentID {
        let application = try bench.approvedApplication()
        let enrolment = try bench.enrol(application)
        for month in ["2024-07", "2024-08"] {
            try bench.service.passDay(to: Sample.month(month).last.adding(days: 1))
            try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month(month), as: Bench.centre())
        }
        let first = try settle(bench, "2024-Q3")
        try bench.ask(.post, "/settlements/\(first)/rejection", #"{"reason":"发票不符"}"#, as: Bench.reviewer)
        let again = try settle(bench, "2024-Q3")
        try bench.ask(.post, "/settlements/\(again)/approval", as: Bench.reviewer)
        try bench.ask(.post, "/settlements/\(again)/payment", as: Bench.finance)
        // A claim over the log that lost against its expiry, and a place that is free again for another child.
        try bench.issue(Self.second, person: Self.other)
        try bench.answerOnTopic(#"{"referral":"\#(Self.second)","attempt":1,"answer":"accept"}"#)
        try bench.service.deliver(
            ReferralExpired(
                referral: Self.second, attempt: 1, facts: Sample.facts(Self.other), category: .hearing, institution: Sample.institution))
        try bench.issue(Self.second, attempt: 2, person: Self.other)
        try bench.ask(
            .post, "/referrals/\(Self.second)/answer", #"{"attempt":2,"answer":"decline","reason":"没有治疗师"}"#, as: Bench.centre())
        return enrolment
    }

    private func settle(_ bench: Bench, _ quarter: String) throws -> SettlementID {
        try bench.ask(.post, "/settlements", #"{"institution":"\#(Sample.institution)","quarter":"\#(quarter)"}"#, as: Bench.clerk)
            .decode(SettlementView.self).settlement
    }

    @Test func `an older backup restored has the state of the lost store, and decides by it`() throws {
        let bench = try Bench()
        try bench.agree(capacity: 1)
        let backup = try bench.service.backUp()
        let enrolment = try live(bench)
        let before = try bench.service.rows()
        let said = try bench.service.saidInOrder()

        let service = try bench.service.started(from: backup)
        #expect(try service.rows() != before)
        let report = try service.engine.restore()
        #expect(report.notRebuilt.isEmpty && report.journalOnly.isEmpty)
        try service.settle()
        #expect(try service.rows() == before)
        #expect(try service.saidInOrder() == said)

        // The only place is the enrolment's; the month is recorded; what is settled is settled.
        let restored = Bench(service)
        try restored.issue(Self.second, attempt: 3, person: Self.other)
        #expect(try restored.accept(Self.second, attempt: 3) == "CAPACITY_EXCEEDED")
        #expect(
            try restored.outcome(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-08"), as: Bench.centre())
                == "MONTH_DUPLICATE")
        let quarter = #"{"institution":"\#(Sample.institution)","quarter":"2024-Q3"}"#
        #expect(try restored.outcome(.post, "/settlements", quarter, as: Bench.clerk) == "NOTHING_TO_SETTLE")
        #expect(try restored.outcome(.post, "/enrolments/\(enrolment)/end", #"{"outcome":"completed"}"#, as: Bench.centre()) == "200")
        #expect(try restored.accept(Self.second, attempt: 3) == "200")
    }

    @Test func `a backup from the middle of a child's way is restored as well`() throws {
        let bench = try Bench()
        try bench.agree()
        let application = try bench.approvedApplication()
        let backup = try bench.service.backUp()
        let enrolment = try bench.enrol(application)
        try bench.service.passDay(to: Sample.date("2024-08-01"))
        try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-07"), as: Bench.centre())
        let before = try bench.service.rows()

        let service = try bench.service.started(from: backup)
        #expect(try service.engine.restore().notRebuilt.isEmpty)
        try service.settle()
        #expect(try service.rows() == before)
    }
}
