import Contracts
import HTTPTypes
import Messaging
import Persistence
import ServiceRuntime
import TestSupport
import Vocabulary

@testable import Rehabilitation

/// Rehabilitation on a real store, asked as its callers ask: by token over HTTP, by topic over the log.
final class RehabilitationBench {
    static let start = Sample.date("2024-06-05")

    let service: TestService
    let interface: ServiceInterface

    convenience init(today: LocalDate = start, elapsed: any ElapsedTime = SystemTime()) throws {
        self.init(try TestService(RehabilitationService.definition, today: today, elapsed: elapsed))
    }

    init(_ service: TestService) {
        self.service = service
        interface = ServiceInterface(
            engine: service.engine, endpoints: service.definition.endpoints, refusals: service.definition.refusals, tokens: nil)
    }

    static func actor(_ role: Role, _ user: String, region: String = "419001", organisation: String = "dpf-419001") -> Actor {
        Actor(organisation: OrganisationID(trusted: organisation), role: role, user: user, region: RegionCode(trusted: region))
    }

    static let clerk = actor(.clerk, "clerk-1")
    static let reviewer = actor(.reviewer, "reviewer-1")
    static let finance = actor(.finance, "finance-1")
    static let auditor = actor(.auditor, "auditor-1")
    static func centre(_ id: OrganisationID = Sample.institution) -> Actor {
        actor(.rehabilitationCentre, "centre-user", region: "41", organisation: id.text)
    }

    @discardableResult
    func ask(_ method: HTTPRequest.Method, _ target: String, _ body: String = "", as actor: Actor, key: String? = nil) throws -> Reply {
        var headers = ["accept-language": "en"]
        if let key { headers["idempotency-key"] = key }
        let reply = interface.handle(method, target, body: Array(body.utf8), as: actor, headers: headers)
        try service.settle()
        return reply
    }

    struct Code: Decodable {
        var code: String
    }

    /// The problem's code, or the status when it went well.
    func outcome(_ method: HTTPRequest.Method, _ target: String, _ body: String = "", as actor: Actor) throws -> String {
        let reply = try ask(method, target, body, as: actor)
        return reply.status < 300 ? String(reply.status) : try reply.decode(Code.self).code
    }

    func agree(_ institution: OrganisationID = Sample.institution, capacity: Int = 2) throws {
        try ask(
            .post, "/agreements",
            """
            {"institution":"\(institution)","region":"419001","categories":["hearing","autism"],"capacity":\(capacity),
             "validFrom":"2024-01-01","validTo":"2026-12-31"}
            """, as: Self.clerk)
    }

    // What Screening says.

    func issue(
        _ referral: ReferralID = Sample.referral, attempt: Int = 1, to institution: OrganisationID = Sample.institution,
        person: PersonID = Sample.person
    ) throws {
        try service.deliver(
            ReferralIssued(
                referral: referral, attempt: attempt, caseID: CaseID(trusted: "case-1"), facts: Sample.facts(person), category: .hearing,
                institution: institution, chosenBy: .guardian, respondBy: service.clock.today.adding(days: 14)))
    }

    func confirm(_ referral: ReferralID = Sample.referral, attempt: Int = 1, person: PersonID = Sample.person) throws {
        try service.deliver(
            ReferralConfirmed(
                referral: referral, attempt: attempt, facts: Sample.facts(person), category: .hearing, institution: Sample.institution))
    }

    func supersede(_ referral: ReferralID = Sample.referral, attempt: Int = 1) throws {
        try service.deliver(ReferralSuperseded(referral: referral, attempt: attempt, institution: Sample.institution))
    }

    func expire(_ referral: ReferralID = Sample.referral, attempt: Int = 1) throws {
        try service.deliver(
            ReferralExpired(
                referral: referral, attempt: attempt, facts: Sample.facts(), category: .hearing, institution: Sample.institution))
    }

    func withdraw(_ referral: ReferralID = Sample.referral, attempt: Int = 1) throws {
        try service.deliver(
            ReferralWithdrawn(
                referral: referral, attempt: attempt, facts: Sample.facts(), category: .hearing, institution: Sample.institution,
                reason: "搬走"))
    }

    // What a centre says.

    func accept(
        _ referral: ReferralID = Sample.referral, attempt: Int = 1, as centre: OrganisationID = Sample.institution
    ) throws -> String {
        try outcome(.post, "/referrals/\(referral)/answer", #"{"attempt":\#(attempt),"answer":"accept"}"#, as: Self.centre(centre))
    }

    func answerOnTopic(
        _ json: String, from centre: OrganisationID = Sample.institution, headers: [LogHeader] = []
    ) throws {
        try service.deliver(
            partner: RawReferralAnswer.topic, organisation: centre, key: Sample.referral.text, value: Array(json.utf8), headers: headers)
    }

    // What it came to.

    func taken(_ institution: OrganisationID = Sample.institution) throws -> Int {
        try service.database.read { try InstitutionTable.load(institution, in: $0)?.state.taken ?? -1 }
    }

    func status(_ referral: ReferralID = Sample.referral, attempt: Int = 1) throws -> ReferralAnswer.Status? {
        try service.database.read { try ReferralAnswerTable.load(AttemptKey(referral: referral, attempt: attempt), in: $0)?.state.status }
    }

    func held() throws -> Int { try service.database.read { try HeldRecords.count(in: $0) } }
    func deadLetters() throws -> Int { try service.database.read { try DeadLetters.openCount(in: $0) } }

    func passDay(_ text: String) throws { try service.passDay(to: Sample.date(text)) }

    /// A confirmed referral's application, approved and with its institution.
    func approvedApplication(
        _ referral: ReferralID = Sample.referral, person: PersonID = Sample.person, body more: String = ""
    ) throws -> ApplicationID {
        let id = try application(referral, person: person, body: more)
        try approve(id)
        return id
    }

    /// A confirmed referral's application as it was handed in; `more` goes into its body.
    func application(
        _ referral: ReferralID = Sample.referral, person: PersonID = Sample.person, body more: String = ""
    ) throws -> ApplicationID {
        try issue(referral, person: person)
        _ = try accept(referral)
        try confirm(referral, person: person)
        return try apply(referral, body: more)
    }

    func apply(_ referral: ReferralID = Sample.referral, body more: String = "") throws -> ApplicationID {
        try ask(.post, "/applications", #"{"referral":"\#(referral)","residenceBasis":"hukou"\#(more)}"#, as: Self.clerk)
            .decode(ApplicationView.self).application
    }

    /// Its papers are complete, it is approved and its institution is confirmed.
    func approve(_ id: ApplicationID, at institution: OrganisationID = Sample.institution) throws {
        try ask(.post, "/applications/\(id)/materials", as: Self.clerk)
        try ask(.post, "/applications/\(id)/approval", as: Self.reviewer)
        try ask(.post, "/applications/\(id)/institution", #"{"institution":"\#(institution)"}"#, as: Self.clerk)
    }

    func enrol(_ application: ApplicationID) throws -> EnrolmentID {
        try ask(.post, "/enrolments", #"{"application":"\#(application)"}"#, as: Self.centre()).decode(EnrolmentView.self).enrolment
    }

    /// The body of a month's report; amounts in fen.
    static func month(_ month: String, days: Int = 22, gross: Int64 = 200_000, basic: Int64 = 0) -> String {
        """
        {"month":"\(month)","serviceDays":\(days),"grossFen":\(gross),"basicInsuranceFen":\(basic),"seriousIllnessFen":0,
         "medicalReliefFen":0,"otherInsuranceFen":0}
        """
    }
}
