import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Screening cases and the list of what nobody may forget.
struct CaseRoutes: Sendable {
    let context: ScreeningContext

    var endpoints: [Endpoint] { [byPerson, one, worklist, policies] }

    private static let readers: Endpoint.Access = [.clerk, .reviewer, .healthBureau, .auditor]

    private var byPerson: Endpoint {
        .query(
            .get, "/persons/{person}/cases", roles: Self.readers, shows: .person, summary: "一名儿童的筛查个案 / Screening cases of one child",
            returns: [CaseView].self
        ) { request, tx in
            let person = try request.path("person", as: PersonID.self)
            let cases = try ScreeningTopic.allCases.compactMap { topic -> CaseView? in
                let id = CaseTable.id(person, topic)
                guard let state = try CaseTable.load(id, in: tx)?.state, request.actor.covers(state.facts.region) else { return nil }
                return try CaseView(id, state, in: tx)
            }
            return .json(cases)
        }
    }

    private var one: Endpoint {
        .query(.get, "/cases/{case}", roles: Self.readers, shows: .person, summary: "一个筛查个案 / One screening case", returns: CaseView.self) {
            request, tx in
            let id = try request.path("case", as: CaseID.self)
            guard let state = try CaseTable.load(id, in: tx)?.state, request.actor.covers(state.facts.region) else {
                throw Problem.notFound
            }
            return .json(try CaseView(id, state, in: tx))
        }
    }

    private var worklist: Endpoint {
        .query(
            .get, "/worklist", roles: Self.readers, shows: .persons,
            summary:
                """
                待办：overdue 逾期、unplaced 无机构接收、undecided 待监护人选择、returned 已退回而未再转、unreferred 已共享而未转介 / What waits: overdue \
                steps, children without a place, choices not made, referrals that came back and nobody was asked next, shared cases without a referral
                """,
            query: [.oneOf("kind", WorkItem.Kind.self), "region"] + .page,
            returns: PageOf<WorkItem>.self
        ) { request, tx in
            guard let kind = try request.query("kind", oneOf: WorkItem.Kind.self) else {
                throw Problem("FIELD_MISSING", status: 400, field: "kind")
            }
            let region = try request.ownSubtree
            let page = try request.page
            let after = try DayCursor.read(page) ?? ("", "")
            let items =
                switch kind {
                case .overdue: try Worklist.overdue(in: region, after: after, limit: page.fetchLimit, tx)
                case .unplaced: try Worklist.referrals(.unplaced, kind, in: region, after: after, limit: page.fetchLimit, tx)
                case .undecided: try Worklist.referrals(.proposed, kind, in: region, after: after, limit: page.fetchLimit, tx)
                case .returned: try Worklist.returned(in: region, after: after, limit: page.fetchLimit, tx)
                case .unreferred: try Worklist.unreferred(in: region, after: after.1, limit: page.fetchLimit, tx)
                }
            return .page(items, page) { "\($0.due)/\($0.subject)" }
        }
    }

    private var policies: Endpoint {
        .query(
            .get, "/policies", roles: .everyone, summary: "所依据的规则、来源和确定程度 / The rules in force, their source and standing",
            returns: [PolicyView].self
        ) { request, _ in
            .json(ScreeningPolicies.shared.book.rules.map(PolicyView.init))
        }
    }
}

/// A case on the wire. Pseudonymous: who the child is stands in Registration.
struct CaseView: Codable, Sendable {
    var caseID: CaseID
    var person: PersonID
    var topic: String
    var region: RegionCode
    var status: String
    /// The next step and its day; overdue when the day has passed.
    var nextStep: String?
    var dueOn: LocalDate?
    var overdue: Bool
    var shared: Bool
    /// It was shared, and no referral that belongs to that stands: it was withdrawn, or is missing, as after a restore.
    var lacksReferral: Bool
    var results: [ResultView]

    struct ResultView: Codable, Sendable {
        var bureau: OrganisationID
        var resultID: String
        var revision: Int
        var stage: String
        var outcome: String
        var takenOn: LocalDate
        var roundMonths: Int
    }

    init(_ id: CaseID, _ state: ScreeningCase, in tx: any Transaction) throws {
        caseID = id
        person = state.facts.person
        topic = state.topic.rawValue
        region = state.facts.region
        status = state.status.rawValue
        let step = state.awaiting ?? state.overdue
        nextStep = step?.stage.rawValue
        dueOn = step?.dueOn
        overdue = state.overdue != nil
        shared = state.isShared
        lacksReferral = try Worklist.lacksReferral(id, isShared: state.isShared, shares: state.shares, tx)
        results = state.entries.map { entry in
            ResultView(
                bureau: entry.bureau, resultID: entry.resultID, revision: entry.revision, stage: entry.result.stage.rawValue,
                outcome: entry.result.outcome.rawValue, takenOn: entry.result.takenOn, roundMonths: entry.result.roundMonths)
        }
    }
}

/// One thing that waits for a person.
struct WorkItem: Codable, Hashable, Sendable {
    enum Kind: String, CaseIterable, Codable, Sendable { case overdue, unplaced, undecided, returned, unreferred }

    var kind: Kind
    /// A case for an overdue step and where the referral is missing, else a referral.
    var subject: String
    var person: PersonID
    var region: RegionCode
    /// Topic or category.
    var category: String
    /// The step that is overdue; nil for referrals.
    var step: String?
    /// Of a case without its referral the day of its last result.
    var due: LocalDate
}

/// A rule as it is shown: what, where, since when, from where, and how firmly it rests.
struct PolicyView: Codable, Sendable {
    var code: String
    var region: RegionCode?
    var validFrom: LocalDate
    var validTo: LocalDate?
    var value: String
    var source: String
    var standing: String
    var version: String

    init(_ rule: PolicyRule<ScreeningPolicies.Term>) {
        code = rule.code
        region = rule.region
        validFrom = rule.validFrom
        validTo = rule.validTo
        value = rule.value.text
        source = rule.source
        standing = rule.standing.rawValue
        version = rule.version
    }
}

extension ScreeningPolicies.Term {
    var text: String {
        switch self {
        case .topics(let topics): ScreeningTopic.allCases.filter(topics.contains).map(\.rawValue).joined(separator: ",")
        case .years(let count): "\(count) years"
        case .days(let count): "\(count) days"
        case .workingDays(let count): "\(count) working days"
        case .stage(let stage): stage.rawValue
        case .distance(let distance): distance.rawValue
        }
    }
}
