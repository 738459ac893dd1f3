import Contracts
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Screening

/// Deadlines that were set before the next year's holidays were known.
struct RecountTests {
    /// 2027 as it will be announced one day: only New Year's Day is off, a Friday.
    static let announced = WorkingCalendar(years: 2024...2027, off: [day("2027-01-01")], work: [])

    let bench: Bench
    /// The next build over the same store: it has the year.
    let later: Engine

    init() throws {
        bench = try Bench(today: day("2026-12-28"))
        let keys = ShortLivedKeys(directory: nil, keptDays: 7)
        let personKey = try Sample.context().personKey
        later = try Engine(
            ScreeningService.definition(ScreeningContext(personKey: personKey, rowKeys: keys, calendar: Self.announced)),
            database: bench.service.database, log: bench.service.log, clock: bench.service.clock)
        try bench.open(Sample.near, at: "370303")
        try bench.send(Sample.raw("i", "initial", "positive", on: "2026-12-01", round: 72))
        try bench.send(Sample.raw("r", "rescreen", "positive", on: "2026-12-10", round: 72))
        try bench.send(Sample.raw("d", "diagnosis", "positive", on: "2026-12-28", round: 72))
    }

    @Test func `a choice counted by weekends alone is counted again by the build that knows the year, and said`() throws {
        let proposed = try #require(try bench.said(ReferralProposed.self).first)
        #expect(proposed.chooseBy == day("2027-01-04"))
        // Another day with the old build: the day stays provisional and nothing is said.
        try bench.service.passDay(to: day("2026-12-29"))
        #expect(try bench.said(ReferralDeadlineMoved.self).isEmpty)
        try bench.service.clock.move(to: day("2026-12-30"))
        #expect(try later.timerStep() == 1)
        let moved = try bench.said(ReferralDeadlineMoved.self)
        #expect(moved.map(\.dueOn) == [day("2027-01-05")] && moved.first?.attempt == 0 && moved.first?.referral == proposed.referral)
        // The guardian may choose on the new day; the list's first is asked on the next.
        try bench.service.passDay(to: day("2027-01-05"))
        #expect(try bench.said(ReferralUnplaced.self).isEmpty && bench.said(ReferralIssued.self).isEmpty)
        try bench.service.passDay(to: day("2027-01-06"))
        #expect(try bench.said(ReferralUnplaced.self).count == 1, "the agreement has ended with the year")
        #expect(try later.timerStep() == 0)
        #expect(try bench.said(ReferralDeadlineMoved.self).count == 1)
    }

    @Test func `an institution is told the new day of its answer`() throws {
        let proposed = try #require(try bench.said(ReferralProposed.self).first)
        #expect(bench.choose(Sample.near, for: proposed.referral).status == 200)
        let issued = try #require(try bench.said(ReferralIssued.self).first)
        #expect(issued.respondBy == day("2027-01-11"))
        try bench.service.clock.move(to: day("2026-12-29"))
        while try later.timerStep() > 0 {}
        #expect(try bench.said(ReferralDeadlineMoved.self).map { "\($0.attempt) \($0.dueOn)" } == ["1 2027-01-12"])
        #expect(try bench.said(ReferralNotice.self).map { "\($0.status) \($0.respondBy)" } == ["issued 2027-01-11", "issued 2027-01-12"])
        try bench.service.passDay(to: day("2027-01-12"))
        #expect(try bench.said(ReferralExpired.self).isEmpty)
        try bench.service.passDay(to: day("2027-01-13"))
        #expect(try bench.said(ReferralExpired.self).count == 1)
    }
}
