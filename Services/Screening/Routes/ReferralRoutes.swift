import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Referrals as clerks see them: lists within their region, the explained list of institutions, the guardian's choice, withdrawal.
struct ReferralRoutes: Sendable {
    let context: ScreeningContext

    /// Longest reason a clerk may give, as at the centres' desk.
    static let reasonCharacters = 500

    var endpoints: [Endpoint] { [list, detail, candidates, propose, choice, withdraw] }

    // MARK: Reading

    private var list: Endpoint {
        .query(
            .get, "/referrals", roles: [.clerk, .reviewer, .healthBureau, .auditor], shows: .persons,
            summary: "辖区内的转介（可按 status、region、case 筛选） / Referrals of the caller's region, by status, region or case",
            query: [.oneOf("status", Referral.Status.self), "region", "case"] + .page,
            returns: PageOf<ReferralView>.self
        ) { request, tx in
            let region = try request.ownSubtree
            let page = try request.page
            let names = InstitutionNames(tx)
            if let id = try request.query("case", as: CaseID.self) {
                let rows = try ReferralList.ofCase(id, in: region, tx).prefix(page.limit)
                return .page(try rows.map { try ReferralView($0.id, $0.referral, names, request.language) }, page) { $0.referral.text }
            }
            let after = try DayCursor.read(page) ?? ("", "")
            let rows = try ReferralList.page(
                status: try request.query("status", oneOf: Referral.Status.self), in: region, after: after, limit: page.fetchLimit, tx)
            return .page(try rows.map { try ReferralView($0.id, $0.referral, names, request.language) }, page) {
                "\($0.chooseBy)/\($0.referral)"
            }
        }
    }

    private var detail: Endpoint {
        .query(
            .get, "/referrals/{referral}", roles: [.clerk, .reviewer, .healthBureau, .auditor], shows: .person,
            summary: "一件转介 / One referral",
            returns: ReferralView.self
        ) { request, tx in
            let (id, referral) = try Self.find(request, tx)
            return .json(try ReferralView(id, referral, InstitutionNames(tx), request.language))
        }
    }

    private var candidates: Endpoint {
        .query(
            .get, "/referrals/{referral}/candidates", roles: [.clerk, .reviewer], shows: .person,
            summary: "此刻可选的机构及排序理由 / Institutions with room now, and why in this order",
            returns: [CandidateView].self
        ) { request, tx in
            let (_, referral) = try Self.find(request, tx)
            let available = try ReferralDesk(context: context).available(referral.subject, on: request.today, tx)
            let names = InstitutionNames(tx)
            return .json(try available.map { try CandidateView($0, names, request.language) })
        }
    }

    // MARK: Deciding

    struct ChoiceBody: Codable, Sendable {
        var institution: OrganisationID
    }

    struct ReasonBody: Codable, Sendable {
        var reason: String
    }

    private var propose: Endpoint {
        .command(
            .post, "/cases/{case}/referral", roles: [.clerk],
            summary:
                """
                为已共享而缺转介的个案提出转介，原转介已撤回的提出下一件；已有转介的原样返回 / The referral of a shared case that has none, the next one \
                where the last was withdrawn; the one there is, where there is one
                """,
            returns: ReferralView.self
        ) { request, work in
            let id = try request.path("case", as: CaseID.self)
            guard let state = try work.state(CaseTable.self, id), request.actor.covers(state.facts.region) else { throw Problem.notFound }
            guard state.isShared else { throw Problem("CASE_NOT_SHARED", status: 409, field: "case") }
            return try Self.reply(try ReferralDesk(context: context).proposeMissing(id, share: state.shares, work), request, work)
        }
    }

    private var choice: Endpoint {
        .command(
            .post, "/referrals/{referral}/choice", roles: [.clerk], summary: "代监护人登记所选机构 / Record the guardian's choice of institution",
            body: ChoiceBody.self, returns: ReferralView.self
        ) { request, body, work in
            let (id, referral) = try Self.find(request, work)
            let desk = ReferralDesk(context: context)
            work.act(onBehalfOf: "guardian")
            try work.execute(
                .choose(
                    body.institution, available: try desk.available(referral.subject, on: request.today, work.tx),
                    respondBy: try desk.respondBy(referral.subject, request.today)),
                ReferralTable.self, id)
            return try Self.reply(id, request, work)
        }
    }

    private var withdraw: Endpoint {
        .command(
            .post, "/referrals/{referral}/withdraw", roles: [.clerk], summary: "撤回转介，须说明原因 / Take a referral back, with a reason",
            body: ReasonBody.self, returns: ReferralView.self
        ) { request, body, work in
            let (id, _) = try Self.find(request, work)
            // It stands in every list of both services and on the log.
            guard body.reason.count <= Self.reasonCharacters else {
                throw Problem.invalid(field: "reason", ResultRule.textTooLong.rawValue)
            }
            try work.execute(.withdraw(reason: body.reason, by: .clerk), ReferralTable.self, id)
            return try Self.reply(id, request, work)
        }
    }

    /// A referral outside the caller's region does not exist for the caller.
    private static func find(_ request: EndpointRequest, _ tx: any Transaction) throws -> (ReferralID, Referral) {
        let id = try request.path("referral", as: ReferralID.self)
        guard let referral = try ReferralTable.load(id, in: tx)?.state, request.actor.covers(referral.subject.facts.region) else {
            throw Problem.notFound
        }
        return (id, referral)
    }

    private static func find(_ request: EndpointRequest, _ work: UnitOfWork) throws -> (ReferralID, Referral) {
        let id = try request.path("referral", as: ReferralID.self)
        guard let referral = try work.state(ReferralTable.self, id), request.actor.covers(referral.subject.facts.region) else {
            throw Problem.notFound
        }
        return (id, referral)
    }

    private static func reply(_ id: ReferralID, _ request: EndpointRequest, _ work: UnitOfWork) throws -> Reply {
        guard let referral = try work.state(ReferralTable.self, id) else { preconditionFailure("a referral that was decided on is there") }
        return .json(try ReferralView(id, referral, InstitutionNames(work.tx), request.language))
    }
}

/// Where the page of a list begins that is in order of days.
enum DayCursor {
    /// A cursor `day/id`; nil at the beginning.
    static func read(_ page: Page) throws -> (day: String, id: String)? {
        guard let text = page.after else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw Problem("CURSOR_INVALID", status: 400, field: "after") }
        return (String(parts[0]), String(parts[1]))
    }
}

/// A referral on the wire.
struct ReferralView: Codable, Sendable {
    var referral: ReferralID
    var caseID: CaseID
    var person: PersonID
    var category: String
    var region: RegionCode
    var status: String
    var chooseBy: LocalDate
    var candidates: [CandidateView]
    var attempts: [AttemptView]
    /// Of the last decline or withdrawal; empty otherwise.
    var reason: String

    struct AttemptView: Codable, Sendable {
        var attempt: Int
        var institution: OrganisationID
        /// As the directory has it; empty until it has said so.
        var name: String
        /// Where the institution is, by the directory.
        var institutionRegion: RegionCode?
        var chosenBy: String
        var respondBy: LocalDate
    }

    init(_ id: ReferralID, _ referral: Referral, _ names: InstitutionNames, _ language: Language) throws {
        self.referral = id
        caseID = referral.subject.caseID
        person = referral.subject.facts.person
        category = referral.subject.category.rawValue
        region = referral.subject.facts.region
        status = referral.status.rawValue
        chooseBy = referral.chooseBy
        candidates = try referral.candidates.map { try CandidateView($0, names, language) }
        attempts = try referral.attempts.map {
            let known = try names.name(of: $0.institution)
            return AttemptView(
                attempt: $0.number, institution: $0.institution, name: known.name, institutionRegion: known.region,
                chosenBy: $0.chosenBy.rawValue, respondBy: $0.respondBy)
        }
        reason = referral.reason
    }
}

/// One institution of the list, with the reason for its place in the caller's language.
struct CandidateView: Codable, Sendable {
    var institution: OrganisationID
    /// As the directory has it; empty until it has said so.
    var name: String
    /// Where the institution is, by the directory.
    var institutionRegion: RegionCode?
    var rank: Int
    var distance: String
    var openLoad: Int
    var freePlaces: Int
    var explanation: String

    init(_ candidate: Candidate, _ names: InstitutionNames, _ language: Language) throws {
        let known = try names.name(of: candidate.institution)
        institution = candidate.institution
        name = known.name
        institutionRegion = known.region
        rank = candidate.rank
        distance = candidate.distance.rawValue
        openLoad = candidate.openLoad
        freePlaces = candidate.freePlaces
        explanation = language == .chinese ? candidate.explanation.zh : candidate.explanation.en
    }
}
