import Contracts
import HTTPTypes
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Employment

struct EmploymentServiceTests {
    static let start = LocalDate(year: 2025, month: 1, day: 15)!
    static let clerk = Actor(
        organisation: OrganisationID(trusted: "dpf-1"), role: .clerk, user: "clerk-1", region: RegionCode(trusted: "37"))
    static func employer(_ id: String) -> Actor {
        Actor(organisation: OrganisationID(trusted: id), role: .employer, user: "hr-1", region: RegionCode(trusted: "37"))
    }

    let service: TestService
    let interface: ServiceInterface

    init() throws {
        service = try TestService(EmploymentService.definition, today: Self.start)
        interface = ServiceInterface(
            engine: service.engine, endpoints: service.definition.endpoints, refusals: service.definition.refusals, tokens: nil)
    }

    struct ProblemBody: Decodable { var code: String }
    struct Items<Item: Decodable>: Decodable {
        var items: [Item]
        var next: String?
    }

    @discardableResult
    private func ask(_ method: HTTPRequest.Method, _ target: String, _ body: String = "", as actor: Actor = clerk, key: String? = nil)
        throws -> Reply
    {
        let reply = interface.handle(method, target, body: Array(body.utf8), as: actor, headers: key.map { ["idempotency-key": $0] } ?? [:])
        try service.settle()
        return reply
    }

    private func code(_ reply: Reply) throws -> String { try reply.decode(ProblemBody.self).code }

    private func facts(_ person: String, born year: Int = 2000, region: String = "370102001") -> PersonFacts {
        PersonFacts(
            person: PersonID(trusted: person), sex: .male, birthMonth: YearMonth(year: year, month: 5), region: RegionCode(trusted: region))
    }

    private func registered(_ facts: PersonFacts) -> PersonRegistered {
        PersonRegistered(facts: facts, provisional: false, origin: .window)
    }

    private func completed(_ facts: PersonFacts, _ outcome: EnrolmentOutcome = .completed) -> EnrolmentCompleted {
        EnrolmentCompleted(
            enrolment: EnrolmentID(trusted: "en-\(facts.person)"), application: ApplicationID(trusted: "app-1"), facts: facts,
            category: .hearing, institution: OrganisationID(trusted: "rc-1"), outcome: outcome, monthsCounted: 10, endedOn: Self.start)
    }

    private func employerEntered(_ id: String, _ kind: OrganisationKind = .employer) -> OrganisationRegistered {
        OrganisationRegistered(
            organisation: OrganisationID(trusted: id), kind: kind, name: "测试单位", region: RegionCode(trusted: "370102"),
            validFrom: Self.start)
    }

    /// A consenting job seeker and an employer, ready for a placement.
    private func seeker(_ person: String = "p1", consent: Bool = true) throws -> JobSeekerID {
        try service.deliver(registered(facts(person)))
        try service.deliver(employerEntered("em-1"))
        let reply = try ask(.post, "/job-seekers", #"{"person":"\#(person)","consentToShare":\#(consent)}"#)
        return try reply.decode(JobSeekerRoutes.JobSeekerReply.self).jobSeeker
    }

    private func placementBody(
        _ seeker: JobSeekerID, wage: Int = 250_000, form: String = "flexible", from: LocalDate = start, until: String = "2026-12-31"
    ) -> String {
        #"{"jobSeeker":"\#(seeker)","form":"\#(form)","startedOn":"\#(from)","contractUntil":"\#(until)","monthlyWageFen":\#(wage)}"#
    }

    private func place(_ seeker: JobSeekerID, from: LocalDate = start) throws -> PlacementID {
        let reply = try ask(.post, "/placements", placementBody(seeker, from: from), as: Self.employer("em-1"))
        return try reply.decode(PlacementRoutes.PlacementReply.self).placement
    }

    // MARK: From rehabilitation

    @Test func `a completed training that comes before the person's file waits for it and is then applied once`() throws {
        let young = facts("p1", born: 2008)
        try service.deliver(completed(young))
        #expect(try service.said(JobSeekerRegistered.self).isEmpty)
        #expect(try service.engine.snapshot().held == 1)
        try service.deliver(registered(young))
        #expect(try service.engine.snapshot().held == 0)
        let seekers = try service.said(JobSeekerRegistered.self)
        #expect(seekers.map(\.facts) == [young] && seekers.first?.origin == .rehabilitation && seekers.first?.consentToShare == false)
        try service.deliver(completed(young))
        #expect(try service.said(JobSeekerRegistered.self).count == 1)
    }

    @Test func `a child who finishes training is no job seeker, and nothing waits or is said`() throws {
        try service.deliver(completed(facts("p1", born: 2019)))
        try service.deliver(registered(facts("p1", born: 2019)))
        try service.deliver(completed(facts("p2", born: 2000), .droppedOut))
        #expect(try service.said().isEmpty)
        #expect(try service.engine.snapshot().held == 0)
    }

    @Test func `a person known under an alias is the job seeker of the file that stays`() throws {
        try service.deliver(registered(facts("p1")))
        try service.deliver(registered(facts("p2")))
        try service.deliver(PersonsMerged(kept: PersonID(trusted: "p1"), merged: PersonID(trusted: "p2")))
        try service.deliver(completed(facts("p2")))
        #expect(try service.said(JobSeekerRegistered.self).map(\.facts.person.text) == ["p1"])
        try service.deliver(PersonsUnmerged(kept: PersonID(trusted: "p1"), merged: PersonID(trusted: "p2")))
        try service.deliver(completed(facts("p2")))
        #expect(try service.said(JobSeekerRegistered.self).map(\.facts.person.text) == ["p1", "p2"])
    }

    @Test func `a job seeker whose file is merged into another stays the one job seeker of that person, and has one job at a time`() throws
    {
        let seeker = try seeker("p2")
        _ = try place(seeker)
        try service.deliver(registered(facts("p1")))
        try service.deliver(PersonsMerged(kept: PersonID(trusted: "p1"), merged: PersonID(trusted: "p2")))
        let again = try ask(.post, "/job-seekers", #"{"person":"p1","consentToShare":true}"#)
        #expect(try code(again) == "JOB_SEEKER_DUPLICATE")
        try service.deliver(completed(facts("p1")))
        #expect(try service.said(JobSeekerRegistered.self).count == 1)
        let second = try ask(.post, "/placements", placementBody(seeker), as: Self.employer("em-1"))
        #expect(second.status >= 400)
    }

    @Test func `merges of one id into different files may come in any order`() throws {
        for id in ["p1", "p2", "p3"] { try service.deliver(registered(facts(id))) }
        let (child, first, second) = (PersonID(trusted: "p1"), PersonID(trusted: "p2"), PersonID(trusted: "p3"))
        try service.deliver(PersonsMerged(kept: second, merged: child))
        try service.deliver(PersonsMerged(kept: first, merged: child))
        try service.deliver(PersonsUnmerged(kept: first, merged: child))
        #expect(try service.database.read { try KnownPersons.facts(child, in: $0)?.person } == second)
    }

    @Test func `a job does not end before a month that was confirmed was over`() throws {
        let placement = try place(seeker())
        try service.passDay(to: LocalDate(year: 2025, month: 4, day: 20)!)
        for month in [1, 3] {
            #expect(
                try ask(
                    .post, "/placements/\(placement)/confirmations", #"{"month":\#(month),"evidence":"payroll"}"#,
                    as: Self.employer("em-1")
                ).status == 200)
        }
        func end(_ day: String) throws -> Reply {
            try ask(.post, "/placements/\(placement)/end", #"{"endedOn":"\#(day)","reason":"resigned"}"#, as: Self.employer("em-1"))
        }
        let early = try end("2025-04-14")
        let text = early.text
        #expect(try early.status == 422 && code(early) == "END_BEFORE_CONFIRMED")
        #expect(text.contains("\"field\":\"endedOn\"") && text.contains("2025-04-15") && text.contains("domain 3.10"))
        #expect(try service.said(EmploymentEnded.self).isEmpty)
        #expect(try end("2025-04-15").status == 200)
    }

    // MARK: By registration

    @Test func `a job seeker needs a file, working age and a clerk of the region, and registers once`() throws {
        #expect(try code(ask(.post, "/job-seekers", #"{"person":"p9","consentToShare":true}"#)) == "PERSON_UNKNOWN")
        try service.deliver(registered(facts("p9", born: 2019)))
        #expect(try code(ask(.post, "/job-seekers", #"{"person":"p9","consentToShare":true}"#)) == "NOT_WORKING_AGE")
        try service.deliver(registered(facts("p8", region: "419001001")))
        #expect(try code(ask(.post, "/job-seekers", #"{"person":"p8","consentToShare":true}"#)) == "PERSON_UNKNOWN")
        _ = try seeker()
        #expect(try code(ask(.post, "/job-seekers", #"{"person":"p1","consentToShare":true}"#)) == "JOB_SEEKER_DUPLICATE")
        #expect(try service.said(JobSeekerRegistered.self).count == 1)
    }

    @Test func `an employer sees only those who agreed, and never who they are`() throws {
        let hidden = try seeker("p1", consent: false)
        let shown = try seeker("p2")
        let list = try ask(.get, "/job-seekers", as: Self.employer("em-1"))
        let items = try list.decode(Items<JobSeekerRoutes.JobSeekerReply>.self).items
        #expect(items.map(\.jobSeeker) == [shown] && items.allSatisfy { $0.person == nil })
        #expect(try ask(.get, "/job-seekers/\(hidden)", as: Self.employer("em-1")).status == 404)
        #expect(try code(ask(.post, "/placements", placementBody(hidden), as: Self.employer("em-1"))) == "CONSENT_REQUIRED")
        try ask(.post, "/job-seekers/\(hidden)/consent", #"{"consentToShare":true}"#)
        #expect(try ask(.post, "/placements", placementBody(hidden), as: Self.employer("em-1")).status == 201)
    }

    @Test func `a training is counted once for one request`() throws {
        let seeker = try seeker()
        let body = #"{"kind":"skill","hours":80}"#
        for _ in 1...2 { try ask(.post, "/job-seekers/\(seeker)/trainings", body, key: "t1") }
        try ask(.post, "/job-seekers/\(seeker)/trainings", body, key: "t2")
        #expect(try service.said(TrainingCompleted.self).count == 2)
        #expect(try code(ask(.post, "/job-seekers/\(seeker)/trainings", #"{"kind":"skill","hours":0}"#)) == "HOURS_INVALID")
    }

    // MARK: Placement

    @Test func `only employers of the directory become employers`() throws {
        try service.deliver(employerEntered("em-1"))
        try service.deliver(employerEntered("rc-1", .rehabilitationCentre))
        #expect(try service.said(EmployerRegistered.self).map(\.employer.text) == ["em-1"])
        #expect(try ask(.post, "/employers", #"{"employer":"em-2","region":"370103"}"#).status == 201)
        #expect(try code(ask(.post, "/employers", #"{"employer":"em-2","region":"370102"}"#)) == "EMPLOYER_EXISTS")
        #expect(try service.said(EmployerRegistered.self).count == 2)
    }

    @Test func `a refused placement leaves the job seeker as it was`() throws {
        let seeker = try seeker()
        #expect(
            try code(ask(.post, "/placements", placementBody(seeker, wage: 181_999), as: Self.employer("em-1"))) == "WAGE_BELOW_MINIMUM")
        #expect(try code(ask(.post, "/placements", placementBody(seeker), as: Self.employer("em-9"))) == "EMPLOYER_UNKNOWN")
        let future = placementBody(seeker, from: Self.start.adding(days: 1))
        #expect(try code(ask(.post, "/placements", future, as: Self.employer("em-1"))) == "OCCURRED_IN_FUTURE")
        #expect(try service.said(PlacementRecorded.self).isEmpty)
        #expect(try ask(.get, "/job-seekers/\(seeker)").decode(JobSeekerRoutes.JobSeekerReply.self).status == "seeking")
        let short = try ask(
            .post, "/placements", placementBody(seeker, form: "proportional", until: "2025-06-30"), as: Self.employer("em-1"))
        #expect(try short.decode(PlacementRoutes.PlacementReply.self).notes == ["CONTRACT_TOO_SHORT"])
        #expect(try code(ask(.post, "/placements", placementBody(seeker), as: Self.employer("em-1"))) == "ALREADY_PLACED")
    }

    @Test func `a repeated report is one placement`() throws {
        let seeker = try seeker()
        let first = try ask(.post, "/placements", placementBody(seeker), as: Self.employer("em-1"), key: "k")
        let second = try ask(.post, "/placements", placementBody(seeker), as: Self.employer("em-1"), key: "k")
        #expect(first.status == 201 && first.body == second.body)
        #expect(try service.said(PlacementRecorded.self).count == 1)
    }

    @Test func `confirmations at months one, three and six lead to stable employment on the day six months were completed`() throws {
        let placement = try place(seeker())
        func confirm(_ month: Int) throws -> Reply {
            try ask(
                .post, "/placements/\(placement)/confirmations", #"{"month":\#(month),"evidence":"payroll"}"#, as: Self.employer("em-1"))
        }
        #expect(try code(confirm(1)) == "MONTH_NOT_DUE")
        #expect(try code(confirm(2)) == "MONTH_NOT_CONFIRMABLE")
        for month in [1, 3, 6] {
            try service.passDay(to: Self.start.adding(months: month).adding(days: month == 6 ? 3 : 0))
            #expect(try confirm(month).status == 200)
            #expect(try confirm(month).status == 200)
        }
        #expect(try service.said(EmploymentConfirmed.self).map(\.month) == [1, 3, 6])
        #expect(try service.said(StableEmploymentReached.self).map(\.reachedOn) == [Self.start.adding(months: 6)])
        #expect(try ask(.get, "/placements/\(placement)").decode(PlacementRoutes.PlacementReply.self).status == "stable")
    }

    @Test(arguments: [(15, true), (16, false)])
    func `a new job within fifteen days keeps the clock, a later one starts it again`(gap: Int, keeps: Bool) throws {
        let seeker = try seeker()
        let first = try place(seeker)
        let left = Self.start.adding(months: 4)
        try service.passDay(to: left)
        let end = #"{"endedOn":"\#(left)","reason":"contractEnded"}"#
        #expect(try ask(.post, "/placements/\(first)/end", end, as: Self.employer("em-1")).status == 200)
        #expect(try service.said(EmploymentEnded.self).map(\.reason) == ["contractEnded"])
        let again = left.adding(days: gap + 1)
        try service.passDay(to: again)
        let second = try place(seeker, from: again)
        try service.passDay(to: Self.start.adding(months: 6))
        let reply = try ask(
            .post, "/placements/\(second)/confirmations", #"{"month":6,"evidence":"visit"}"#, as: Self.employer("em-1"))
        #expect(try keeps ? reply.status == 200 : code(reply) == "MONTH_NOT_DUE")
        #expect(try service.said(StableEmploymentReached.self).count == (keeps ? 1 : 0))
    }

    @Test func `another employer's placement does not exist for an employer`() throws {
        let placement = try place(seeker())
        try service.deliver(employerEntered("em-2"))
        let other = Self.employer("em-2")
        #expect(try ask(.get, "/placements/\(placement)", as: other).status == 404)
        #expect(try ask(.post, "/placements/\(placement)/end", #"{"endedOn":"2025-01-15","reason":"other"}"#, as: other).status == 404)
        #expect(try ask(.post, "/placements/\(placement)/confirmations", #"{"month":1,"evidence":"visit"}"#, as: other).status == 404)
        #expect(try ask(.get, "/placements", as: other).decode(Items<PlacementRoutes.PlacementReply>.self).items.isEmpty)
        #expect(try ask(.get, "/placements", as: Self.employer("em-1")).decode(Items<PlacementRoutes.PlacementReply>.self).items.count == 1)
        let elsewhere = Actor(organisation: nil, role: .auditor, user: "a", region: RegionCode(trusted: "41"))
        #expect(try ask(.get, "/placements/\(placement)", as: elsewhere).status == 404)
        #expect(try ask(.get, "/placements", as: elsewhere).decode(Items<PlacementRoutes.PlacementReply>.self).items.isEmpty)
    }

    @Test func `a free sentence is no reason for an end`() throws {
        let placement = try place(seeker())
        let reply = try ask(
            .post, "/placements/\(placement)/end", #"{"endedOn":"2025-01-15","reason":"张三 379999198507120095"}"#, as: Self.employer("em-1"))
        #expect(reply.status == 422 && !reply.text.contains("379999198507120095"))
    }

    @Test func `lists come in pages without gaps`() throws {
        let ids = try (1...5).map { try seeker("p\($0)") }.sorted()
        var found: [JobSeekerID] = []
        var next: String?
        repeat {
            let page = try ask(.get, "/job-seekers?limit=2" + (next.map { "&after=\($0)" } ?? ""))
                .decode(Items<JobSeekerRoutes.JobSeekerReply>.self)
            found += page.items.map(\.jobSeeker)
            next = page.next
        } while next != nil
        #expect(found == ids)
    }

    @Test func `every refusal has a sentence in both languages and a source`() {
        #expect(EmploymentRefusals.catalogue.missing(for: EmploymentRefusals.types).isEmpty)
        for code in EmploymentRefusals.catalogue.codes {
            let entry = EmploymentRefusals.catalogue[code]
            #expect(entry?.chinese.isEmpty == false && entry?.english.isEmpty == false && entry?.source.isEmpty == false)
        }
    }

    @Test func `policies show assumptions as such`() throws {
        let policies = try ask(.get, "/policies").decode([PolicyRoutes.PolicyReply].self)
        #expect(policies.contains { $0.code == "minimum-wage.monthly-fen" && $0.standing == .assumption })
        #expect(policies.contains { $0.code == "retention.stable-months" && $0.standing == .seed && $0.values == [6] })
    }

    @Test func `a region without a minimum wage on file refuses the placement`() throws {
        let seeker = try seeker()
        let nation = Actor(organisation: nil, role: .clerk, user: "c", region: RegionCode(trusted: "11"))
        #expect(try ask(.post, "/employers", #"{"employer":"em-11","region":"110101"}"#, as: nation).status == 201)
        #expect(try code(ask(.post, "/placements", placementBody(seeker), as: Self.employer("em-11"))) == "POLICY_MISSING")
    }

    // MARK: Consent and confirmations

    @Test func `each change of consent is said once, and an employer sees only whom it may`() throws {
        let jobSeeker = try seeker(consent: false)
        func change(_ consent: Bool) throws { try ask(.post, "/job-seekers/\(jobSeeker)/consent", #"{"consentToShare":\#(consent)}"#) }
        func shown() throws -> Int {
            try ask(.get, "/job-seekers", as: Self.employer("em-1")).decode(Items<JobSeekerRoutes.JobSeekerReply>.self).items.count
        }
        #expect(try shown() == 0)
        try change(true)
        try change(true)
        #expect(try shown() == 1)
        try change(false)
        #expect(try shown() == 0)
        #expect(try ask(.get, "/job-seekers/\(jobSeeker)", as: Self.employer("em-1")).status == 404)
        let said = try service.said(ConsentChanged.self)
        #expect(said.map(\.consentToShare) == [true, false] && said.allSatisfy { $0.jobSeeker == jobSeeker && $0.facts == facts("p1") })
    }

    @Test func `a confirmation that does not come in time is said once, listed, and gone when it comes`() throws {
        let placement = try place(try seeker())
        func overdue() throws -> [PlacementID] {
            try ask(.get, "/placements?overdue=true").decode(Items<PlacementRoutes.PlacementReply>.self).items.map(\.placement)
        }
        func confirm(_ month: Int) throws -> Int {
            try ask(
                .post, "/placements/\(placement)/confirmations", #"{"month":\#(month),"evidence":"payroll"}"#, as: Self.employer("em-1")
            ).status
        }
        // Month 1 is over on 15 February; it may be confirmed for thirty days.
        try service.passDay(to: LocalDate(year: 2025, month: 3, day: 17)!)
        #expect(try service.said(ConfirmationMissed.self).isEmpty && overdue().isEmpty)
        try service.passDay(to: LocalDate(year: 2025, month: 3, day: 18)!)
        let missed = try service.said(ConfirmationMissed.self)
        #expect(missed.map(\.month) == [1] && missed.map(\.dueOn) == [LocalDate(year: 2025, month: 3, day: 17)!])
        #expect(try overdue() == [placement])
        #expect(try confirm(1) == 200)
        #expect(try overdue().isEmpty)
        // Confirmed in time: the deadline is taken away. Ended: what it finds no longer waits.
        try service.passDay(to: LocalDate(year: 2025, month: 4, day: 20)!)
        #expect(try confirm(3) == 200)
        try service.passDay(to: LocalDate(year: 2025, month: 7, day: 1)!)
        #expect(try ask(.post, "/placements/\(placement)/end", #"{"endedOn":"2025-07-01","reason":"resigned"}"#).status == 200)
        try service.passDay(to: LocalDate(year: 2025, month: 12, day: 1)!)
        #expect(try service.said(ConfirmationMissed.self).count == 1)
        #expect(try overdue().isEmpty)
    }
}
