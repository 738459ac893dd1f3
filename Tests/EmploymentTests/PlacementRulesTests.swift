import Contracts
import Testing
import Vocabulary

@testable import Employment

struct PlacementRulesTests {
    static let start = LocalDate(year: 2025, month: 1, day: 31)!
    static let today = LocalDate(year: 2025, month: 8, day: 1)!

    static let schedule = Placement.Schedule(months: [1, 3, 6], graceDays: 30)

    static func details(form: EmploymentForm = .flexible, wage: Int64 = 250_000, until: LocalDate = start.adding(months: 12))
        -> Placement.Details
    {
        Placement.Details(
            jobSeeker: JobSeekerRulesTests.id, facts: JobSeekerRulesTests.facts, employer: OrganisationID(trusted: "employer-1"),
            form: form,
            startedOn: start, contractUntil: until, monthlyWageFen: Fen(wage), chainBegan: start)
    }

    static func record(
        _ details: Placement.Details = details(), today: LocalDate = today, employerKnown: Bool = true
    ) -> PlacementRules.Command {
        .record(
            PlacementRules.Record(
                details: details, today: today, employerKnown: employerKnown, minimumWageFen: Fen(182_000), schedule: schedule))
    }

    static func confirm(_ month: Int, today: LocalDate = today) -> PlacementRules.Command {
        .confirm(PlacementRules.Confirmation(month: month, today: today, months: [1, 3, 6], stableMonths: 6))
    }

    static func miss(_ month: Int, _ due: LocalDate) -> PlacementRules.Command { .missConfirmation(month: month, due: due) }

    static func end(_ date: LocalDate = start.adding(months: 6), today: LocalDate = today) -> PlacementRules.Command {
        .end(on: date, reason: .resigned, today: today)
    }

    static func placement(_ status: Placement.Status?) -> Placement? {
        guard let status else { return nil }
        var placement = Placement(status: status, details: details(), contractTooShort: false)
        placement.confirmedMonths = [1]
        switch status {
        case .employed: placement.awaited = [Placement.Awaited(month: 3, dueOn: start.adding(days: 120))]
        case .stable:
            placement.confirmedMonths = [1, 3, 6]
            placement.stableOn = start.adding(months: 6)
        case .ended: placement.endedOn = start.adding(months: 6)
        }
        return placement
    }

    /// Rows: nil, employed, stable, ended.
    static let matrix: [(PlacementRules.Command, [Outcome<PlacementRefusal>])] = [
        (record(), [.events(1), .events(0), .events(0), .events(0)]),
        (confirm(1), [.refused(.placementUnknown), .events(0), .events(0), .events(0)]),
        (confirm(3), [.refused(.placementUnknown), .events(1), .events(0), .refused(.employmentEnded)]),
        (confirm(6), [.refused(.placementUnknown), .events(2), .events(0), .refused(.employmentEnded)]),
        (
            confirm(2),
            [.refused(.placementUnknown), .refused(.monthNotConfirmable), .refused(.monthNotConfirmable), .refused(.employmentEnded)]
        ),
        (miss(3, start.adding(days: 120)), [.events(0), .events(1), .events(0), .events(0)]),
        (miss(3, start.adding(days: 121)), [.events(0), .events(0), .events(0), .events(0)]),
        (end(), [.refused(.placementUnknown), .events(1), .events(1), .events(0)]),
        (end(today), [.refused(.placementUnknown), .events(1), .events(1), .refused(.employmentEnded)]),
        (
            end(start.adding(months: 6).adding(days: -1)),
            [.refused(.placementUnknown), .events(1), .refused(.endBeforeConfirmed), .refused(.employmentEnded)]
        ),
        (
            end(start.adding(days: 10)),
            [
                .refused(.placementUnknown), .refused(.endBeforeConfirmed), .refused(.endBeforeConfirmed), .refused(.employmentEnded),
            ]
        ),
    ]

    @Test(arguments: matrix.indices)
    func `every command is decided in every status`(row: Int) {
        let (command, expected) = Self.matrix[row]
        let statuses: [Placement.Status?] = [nil] + Placement.Status.allCases
        #expect(expected.count == statuses.count)
        for (status, outcome) in zip(statuses, expected) {
            #expect(Self.outcome(command, Self.placement(status)) == outcome, "\(command) in \(status.map(\.rawValue) ?? "none")")
        }
    }

    @Test func `a placement needs a known employer, a past start, a contract that ends later and the minimum wage`() {
        #expect(Self.outcome(Self.record(employerKnown: false), nil) == .refused(.employerUnknown))
        #expect(Self.outcome(Self.record(today: Self.start.adding(days: -1)), nil) == .refused(.occurredInFuture))
        #expect(Self.outcome(Self.record(today: Self.start), nil) == .events(1))
        #expect(Self.outcome(Self.record(Self.details(until: Self.start)), nil) == .refused(.contractDates))
        #expect(Self.outcome(Self.record(Self.details(wage: 181_999)), nil) == .refused(.wageBelowMinimum))
        #expect(Self.outcome(Self.record(Self.details(wage: 182_000)), nil) == .events(1))
    }

    @Test(arguments: [
        (EmploymentForm.proportional, 12, 0, false), (.proportional, 12, -1, false), (.proportional, 12, -2, true),
        (.proportional, 6, 0, true),
        (.flexible, 6, 0, false),
    ])
    func `a proportional contract under a year is a placement but not one of the quota`(
        form: EmploymentForm, months: Int, days: Int, tooShort: Bool
    ) throws {
        let details = Self.details(form: form, until: Self.start.adding(months: months).adding(days: days))
        #expect(
            try PlacementRules.decide(Self.record(details), given: nil) == [
                .recorded(details, contractTooShort: tooShort, awaited: Self.schedule.awaited(details, reportedOn: Self.today))
            ])
    }

    @Test func `a job is to be confirmed within thirty days of each month, counted from the report where that came later`() throws {
        var details = Self.details()
        func due(_ today: String) throws -> [String] {
            Self.schedule.awaited(details, reportedOn: try LocalDate(today)).map { "\($0.month) \($0.dueOn)" }
        }
        #expect(try due("2025-02-01") == ["1 2025-03-30", "3 2025-05-30", "6 2025-08-30"])
        #expect(try due("2025-05-10") == ["1 2025-06-09", "3 2025-06-09", "6 2025-08-30"])
        // The fourth month of a chain: what lay before this job was its predecessor's to confirm.
        details.startedOn = Self.start.adding(months: 4)
        #expect(try due("2025-06-01") == ["6 2025-08-30"])
    }

    @Test func `a missed confirmation stands until it is made good, and decides nothing`() throws {
        let employed = try #require(Self.placement(.employed))
        let missed = try PlacementRules.decide(Self.miss(3, Self.start.adding(days: 120)), given: employed).reduce(employed) {
            PlacementRules.evolve($0, with: $1)
        }
        #expect(missed.status == .employed && missed.overdueMonths == [3] && missed.awaited.isEmpty)
        let made = try PlacementRules.decide(Self.confirm(3), given: missed).reduce(missed) { PlacementRules.evolve($0, with: $1) }
        #expect(made.overdueMonths.isEmpty && made.missedMonths == [3] && made.confirmedMonths == [1, 3])
        let ended = try PlacementRules.decide(Self.end(), given: missed).reduce(missed) { PlacementRules.evolve($0, with: $1) }
        #expect(ended.overdueMonths.isEmpty)
    }

    @Test func `a month is confirmed only once completed, the last day of a month standing for a day that does not exist`() {
        let employed = Placement(status: .employed, details: Self.details(), contractTooShort: false)
        #expect(Self.outcome(Self.confirm(1, today: LocalDate(year: 2025, month: 2, day: 27)!), employed) == .refused(.monthNotDue))
        #expect(Self.outcome(Self.confirm(1, today: LocalDate(year: 2025, month: 2, day: 28)!), employed) == .events(1))
        #expect(Self.outcome(Self.confirm(6, today: LocalDate(year: 2025, month: 7, day: 30)!), employed) == .refused(.monthNotDue))
    }

    @Test func `six completed months confirmed make employment stable on the day they were completed`() throws {
        let events = try PlacementRules.decide(Self.confirm(6), given: Self.placement(.employed))
        #expect(events == [.confirmed(month: 6), .stableReached(on: LocalDate(year: 2025, month: 7, day: 31)!)])
    }

    @Test func `months of a later job of the same chain count from the chain's first day`() throws {
        var details = Self.details()
        details.startedOn = Self.start.adding(months: 4)
        let placement = Placement(status: .employed, details: details, contractTooShort: false)
        #expect(Self.outcome(Self.confirm(6), placement) == .events(2))
        details.chainBegan = details.startedOn
        #expect(
            Self.outcome(Self.confirm(6), Placement(status: .employed, details: details, contractTooShort: false)) == .refused(.monthNotDue)
        )
    }

    @Test func `a month that was over before the job began is not this job's to confirm`() {
        var details = Self.details()
        details.startedOn = Self.start.adding(months: 6).adding(days: 1)
        let placement = Placement(status: .employed, details: details, contractTooShort: false)
        #expect(Self.outcome(Self.confirm(6, today: details.startedOn), placement) == .refused(.monthNotConfirmable))
        details.startedOn = Self.start.adding(months: 6)
        #expect(
            Self.outcome(
                Self.confirm(6, today: details.startedOn), Placement(status: .employed, details: details, contractTooShort: false))
                == .events(2))
    }

    @Test func `a key that comes back for another job seeker is refused, whatever became of the first job`() {
        var details = Self.details()
        details.jobSeeker = JobSeekerID(trusted: "somebody-else")
        for status in [Placement.Status.employed, .stable, .ended] {
            #expect(Self.outcome(Self.record(details), Self.placement(status)) == .refused(.keyReused))
        }
    }

    @Test func `a job ends neither before it began nor after today`() {
        #expect(Self.outcome(Self.end(Self.start.adding(days: -1)), Self.placement(.employed)) == .refused(.endBeforeStart))
        #expect(Self.outcome(Self.end(Self.today.adding(days: 1)), Self.placement(.employed)) == .refused(.occurredInFuture))
    }

    static func outcome(_ command: PlacementRules.Command, _ placement: Placement?) -> Outcome<PlacementRefusal> {
        do { return .events(try PlacementRules.decide(command, given: placement).count) } catch { return .refused(error) }
    }
}
