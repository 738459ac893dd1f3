import Contracts
import HTTPTypes
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Employment

/// An older backup of Employment's store is restored: the state is what it was, and what is decided next rests on it.
@Suite(.enabled(if: Store.chosen == .sqlite, "a backup here is a copy of SQLite's file"))
struct RestoreTests {
    private static let start = EmploymentServiceTests.start
    private let service: TestService

    init() throws { service = try TestService(EmploymentService.definition, today: Self.start) }

    @discardableResult
    private func ask(_ target: String, _ body: String, as actor: Actor = EmploymentServiceTests.clerk, of service: TestService) throws
        -> Reply
    {
        let interface = ServiceInterface(
            engine: service.engine, endpoints: service.definition.endpoints, refusals: service.definition.refusals, tokens: nil)
        let reply = interface.handle(.post, target, body: Array(body.utf8), as: actor, headers: [:])
        try service.settle()
        return reply
    }

    private struct ProblemBody: Decodable { var code: String }
    private func code(_ reply: Reply) throws -> String { try reply.decode(ProblemBody.self).code }

    private func job(_ seeker: JobSeekerID, from: LocalDate) -> String {
        #"{"jobSeeker":"\#(seeker)","form":"flexible","startedOn":"\#(from)","contractUntil":"2026-12-31","monthlyWageFen":250000}"#
    }

    /// Two jobs in one chain, confirmed late, missed and ended; trainings and consent.
    private func live(_ service: TestService) throws -> JobSeekerID {
        let facts = PersonFacts(
            person: PersonID(trusted: "p1"), sex: .male, birthMonth: YearMonth(year: 2000, month: 5),
            region: RegionCode(trusted: "370102001")
        )
        try service.deliver(PersonRegistered(facts: facts, provisional: false, origin: .window))
        try service.deliver(
            OrganisationRegistered(
                organisation: OrganisationID(trusted: "em-1"), kind: .employer, name: "测试单位", region: RegionCode(trusted: "370102"),
                validFrom: Self.start))
        let seeker = try ask("/job-seekers", #"{"person":"p1","consentToShare":false}"#, of: service)
            .decode(JobSeekerRoutes.JobSeekerReply.self).jobSeeker
        try ask("/job-seekers/\(seeker)/consent", #"{"consentToShare":true}"#, of: service)
        try ask("/job-seekers/\(seeker)/trainings", #"{"kind":"skill","hours":80}"#, of: service)
        let employer = EmploymentServiceTests.employer("em-1")
        let first = try ask("/placements", job(seeker, from: Self.start), as: employer, of: service)
            .decode(PlacementRoutes.PlacementReply.self).placement
        try service.passDay(to: Self.start.adding(months: 1).adding(days: 3))
        try ask("/placements/\(first)/confirmations", #"{"month":1,"evidence":"payroll"}"#, as: employer, of: service)
        // The third month's confirmation does not come in time.
        try service.passDay(to: Self.start.adding(months: 3).adding(days: 40))
        let left = service.clock.today
        try ask("/placements/\(first)/end", #"{"endedOn":"\#(left)","reason":"moved"}"#, as: employer, of: service)
        try service.passDay(to: left.adding(days: 5))
        let second = try ask("/placements", job(seeker, from: left.adding(days: 5)), as: employer, of: service)
            .decode(PlacementRoutes.PlacementReply.self).placement
        try service.passDay(to: Self.start.adding(months: 6).adding(days: 2))
        try ask("/placements/\(second)/confirmations", #"{"month":6,"evidence":"visit"}"#, as: employer, of: service)
        return seeker
    }

    @Test func `an older backup restored has the state of the lost store, and decides by it`() throws {
        let backup = try service.backUp()
        let seeker = try live(service)
        #expect(try service.said(StableEmploymentReached.self).count == 1)
        #expect(try service.said(ConfirmationMissed.self).count == 1)
        let before = try service.rows()
        let said = try service.saidInOrder()

        let restored = try service.started(from: backup)
        let report = try restored.engine.restore()
        #expect(report.notRebuilt.isEmpty && report.journalOnly.isEmpty)
        try restored.settle()
        let after = try restored.rows()
        for (table, rows) in before { #expect(after[table] == rows, "\(table)") }
        #expect(try restored.saidInOrder() == said)

        #expect(
            try code(ask("/placements", job(seeker, from: restored.clock.today), as: EmploymentServiceTests.employer("em-1"), of: restored))
                == "ALREADY_PLACED")
        #expect(try code(ask("/job-seekers", #"{"person":"p1","consentToShare":true}"#, of: restored)) == "JOB_SEEKER_DUPLICATE")
    }
}
