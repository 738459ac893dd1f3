import Contracts
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Bench = RehabilitationBench

/// A review's clock that runs into a year whose holidays were not known when it was set.
struct RecountTests {
    @Test func `the review's last day is counted again by the build that knows the year, and said`() throws {
        let bench = try Bench(today: Sample.date("2026-12-28"))
        let announced = WorkingCalendar(years: 2024...2027, off: [Sample.date("2027-01-01")], work: [])
        let later = try Engine(
            RehabilitationService.definition(calendar: announced), database: bench.service.database, log: bench.service.log,
            clock: bench.service.clock)
        try bench.agree()
        try bench.issue()
        _ = try bench.accept()
        try bench.confirm()
        let apply = #"{"referral":"referral-1","residenceBasis":"hukou"}"#
        let application = try bench.ask(.post, "/applications", apply, as: Bench.clerk).decode(ApplicationView.self).application
        try bench.ask(.post, "/applications/\(application)/materials", as: Bench.clerk)
        #expect(try bench.service.said(MaterialsCompleted.self).map(\.decideBy) == [Sample.date("2027-01-04")])
        try bench.passDay("2026-12-29")
        #expect(try bench.service.said(ReviewDeadlineMoved.self).isEmpty)
        try bench.service.clock.move(to: Sample.date("2026-12-30"))
        #expect(try later.timerStep() == 1)
        #expect(try bench.service.said(ReviewDeadlineMoved.self).map(\.decideBy) == [Sample.date("2027-01-05")])
        try bench.passDay("2027-01-05")
        #expect(try bench.service.said(ReviewDeadlineMissed.self).isEmpty)
        try bench.passDay("2027-01-06")
        #expect(try bench.service.said(ReviewDeadlineMissed.self).map(\.dueOn) == [Sample.date("2027-01-05")])
    }

    @Test func `Screening's new day of an answer is the one the centre sees`() throws {
        let bench = try Bench()
        try bench.agree()
        try bench.issue()
        try bench.service.deliver(
            ReferralDeadlineMoved(
                referral: Sample.referral, attempt: 1, facts: Sample.facts(), category: .hearing, institution: Sample.institution,
                dueOn: Sample.date("2024-06-24")))
        let list = try bench.ask(.get, "/referrals", as: Bench.centre()).decode(PageOf<ReferralView>.self).items
        #expect(list.map(\.respondBy) == [Sample.date("2024-06-24")])
    }
}
