import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Applications for assistance, from the window to the institution.
enum ApplicationRoutes {
    struct ApplyBody: Decodable, Sendable {
        /// The confirmed referral it follows; then person and category are the referral's.
        var referral: ReferralID?
        /// Needed without a referral: a person of the registry.
        var person: PersonID?
        var category: AssistanceCategory?
        /// Left out: the year of today.
        var planYear: Int?
        /// Left out: neither household registration nor residence permit was shown.
        var residenceBasis: ResidenceBasis?
    }

    struct ReasonBody: Decodable, Sendable {
        var reason: String
    }

    struct InstitutionBody: Decodable, Sendable {
        var institution: OrganisationID
    }

    private static let readers: Endpoint.Access = [.clerk, .reviewer, .auditor, .rehabilitationCentre]

    static let endpoints: [Endpoint] = [
        .command(
            .post, "/applications", roles: [.clerk], summary: "申请康复救助 / Apply for rehabilitation assistance", body: ApplyBody.self,
            returns: ApplicationView.self
        ) { request, body, work in
            let submission = try submission(body, request, work)
            let duplicate = try otherOf(submission, work)
            let rules = AssistancePolicies.current.rules(
                for: submission.category, in: submission.facts.region, on: submission.assessedOn)
            let id = ApplicationID(trusted: work.derivedID("application"))
            try work.execute(.apply(submission, rules: rules, duplicate: duplicate), ApplicationTable.self, id)
            return try reply(id, work, status: 201)
        },
        .command(
            .post, "/applications/{application}/materials", roles: [.clerk],
            summary: "材料齐备，开始计算审核期限 / Materials are complete; the review clock starts", returns: ApplicationView.self
        ) { request, work in
            let (id, application) = try find(request, work)
            let due = WorkingCalendar.shared.dueDate(workingDays: application.terms.reviewWorkingDays, from: request.today)
            try work.execute(
                .completeMaterials(by: request.signature, on: request.today, decideBy: due.date), ApplicationTable.self, id)
            return try reply(id, work)
        },
        .command(
            .post, "/applications/{application}/approval", roles: [.reviewer], summary: "批准申请（另一人） / Approve, by a second person",
            returns: ApplicationView.self
        ) { request, work in
            let (id, application) = try find(request, work)
            // Asked again: two applications of one child may have come in under two ids that were merged since.
            let other = try otherOf(application.submission, but: id, work)
            try work.execute(.approve(by: request.signature, on: request.today, duplicate: other), ApplicationTable.self, id)
            return try reply(id, work)
        },
        .command(
            .post, "/applications/{application}/rejection", roles: [.reviewer], summary: "不予批准，须说明理由 / Reject, with a reason",
            body: ReasonBody.self, returns: ApplicationView.self
        ) { request, body, work in
            let (id, application) = try find(request, work)
            let reason = try bounded(body.reason, field: "reason")
            let events = try work.execute(
                .reject(by: request.signature, on: request.today, reason: reason), ApplicationTable.self, id)
            if !events.isEmpty { try freeReferredPlace(application, work) }
            return try reply(id, work)
        },
        .command(
            .post, "/applications/{application}/institution", roles: [.clerk],
            summary: "确认监护人选择的机构 / Confirm the institution the guardian chose", body: InstitutionBody.self, returns: ApplicationView.self
        ) { request, body, work in
            let (id, application) = try find(request, work)
            let agreement = try work.state(InstitutionTable.self, body.institution)?.agreement
            try work.execute(
                .confirmInstitution(
                    body.institution, agreement: agreement, ground: try ground(of: application, work), on: request.today),
                ApplicationTable.self, id)
            return try reply(id, work)
        },
        .command(
            .post, "/applications/{application}/withdrawal", roles: [.clerk], summary: "撤回申请 / Withdraw an application",
            body: ReasonBody.self, returns: ApplicationView.self
        ) { request, body, work in
            let (id, application) = try find(request, work)
            let events = try work.execute(.withdraw(reason: try bounded(body.reason, field: "reason")), ApplicationTable.self, id)
            if !events.isEmpty { try freeReferredPlace(application, work) }
            return try reply(id, work)
        },
        .query(
            .get, "/applications", roles: readers, shows: .persons,
            summary: "申请（status、overdue=true 为逾期未决、referral） / Applications by status, overdue review or referral",
            query: [.oneOf("status", Application.Status.self), "referral", .flag("overdue")] + .scopedPage,
            returns: PageOf<ApplicationView>.self
        ) { request, tx in
            let page = try request.page
            let rows = try Lists.applications(
                try request.scope(), status: try request.query("status", oneOf: Application.Status.self),
                referral: try request.query("referral", as: ReferralID.self), overdue: try request.flag("overdue"), page, in: tx)
            return .page(rows, page) { $0.application.text }
        },
        .query(
            .get, "/applications/{application}", roles: readers, shows: .person,
            summary: "一份申请及其理由 / One application and why it stands as it does",
            returns: ApplicationView.self
        ) { request, tx in
            let id = try request.path("application", as: ApplicationID.self)
            guard let state = try ApplicationTable.load(id, in: tx)?.state else { throw Problem.notFound }
            try request.mayRead(state.submission.facts.region, of: state.institution)
            let answer = try state.submission.referral.flatMap { try ReferralAnswerTable.load($0, in: tx)?.state }
            return .json(view(id, state, answer?.ground ?? .unreferred))
        },
    ]

    /// The application a clerk or reviewer may act on; outside the caller's region there is none.
    private static func find(_ request: EndpointRequest, _ work: UnitOfWork) throws -> (ApplicationID, Application) {
        let id = try request.path("application", as: ApplicationID.self)
        guard let application = try work.state(ApplicationTable.self, id) else { throw ApplicationRules.Refused.notFound }
        try request.actor.mustSee(application.submission.facts.region, orElse: ApplicationRules.Refused.notFound)
        return (id, application)
    }

    private static func submission(_ body: ApplyBody, _ request: EndpointRequest, _ work: UnitOfWork) throws -> Application.Submission {
        func make(_ facts: PersonFacts, _ category: AssistanceCategory, _ referral: AttemptKey?) -> Application.Submission {
            Application.Submission(
                facts: facts, category: category, referral: referral, planYear: body.planYear ?? request.today.year,
                residenceBasis: body.residenceBasis, submittedBy: request.signature, submittedOn: request.today)
        }
        if let referral = body.referral {
            guard let key = try ReferralAnswerTable.confirmedAttempt(of: referral, in: work.tx),
                let question = try work.state(ReferralAnswerTable.self, key)?.question
            else { throw Problem("REFERRAL_NOT_CONFIRMED", field: "referral") }
            try request.actor.mustSee(question.facts.region, orElse: Problem("REFERRAL_NOT_CONFIRMED", field: "referral"))
            guard body.person ?? question.facts.person == question.facts.person, body.category ?? question.category == question.category
            else { throw Problem("REFERRAL_MISMATCH", field: "referral") }
            return make(question.facts, question.category, key)
        }
        guard let person = body.person else { throw Problem("FIELD_MISSING", status: 400, field: "person") }
        guard let category = body.category else { throw Problem("FIELD_MISSING", status: 400, field: "category") }
        guard let facts = try DirectoryTables.facts(of: person, in: work.tx) else {
            throw Problem("SUBJECT_UNKNOWN", field: "person", retryAfterSeconds: 2)
        }
        try request.actor.mustSee(facts.region, orElse: Problem("SUBJECT_UNKNOWN", field: "person", retryAfterSeconds: 2))
        // A referral that holds a place for this child is what it follows, named or not: otherwise a second place would be taken.
        if let held = try heldReferral(of: person, category, work)?.key,
            let question = try work.state(ReferralAnswerTable.self, held)?.question
        {
            return make(question.facts, category, held)
        }
        return make(facts, category, nil)
    }

    /// The confirmed referral that holds a place for this person, under whichever of their ids, and the institution it holds it at.
    static func heldReferral(
        of person: PersonID, _ category: AssistanceCategory, _ work: UnitOfWork
    ) throws -> (key: AttemptKey, institution: OrganisationID)? {
        let persons = try DirectoryTables.everyID(of: person, in: work.tx)
        return try ReferralAnswerTable.confirmedAttempts(for: persons, category, in: work.tx).first { attempt in
            try work.state(InstitutionTable.self, attempt.institution)?.places.contains(attempt.key.place) ?? false
        }
    }

    /// Another application for the same person, category and plan year that stands in this one's way.
    static func otherOf(_ submission: Application.Submission, but id: ApplicationID? = nil, _ work: UnitOfWork) throws -> ApplicationID? {
        let persons = try DirectoryTables.everyID(of: submission.facts.person, in: work.tx)
        return try ApplicationTable.blocking(persons, submission.category, planYear: submission.planYear, but: id, in: work.tx)
    }

    /// How the referral behind an application stands now.
    static func ground(of application: Application, _ work: UnitOfWork) throws -> Application.Ground {
        guard let key = application.submission.referral else { return .unreferred }
        return try work.state(ReferralAnswerTable.self, key)?.ground ?? .unreferred
    }

    /// The place a referral holds is for assisted training; without an application it goes to the next child.
    private static func freeReferredPlace(_ application: Application, _ work: UnitOfWork) throws {
        guard case .confirmed(let institution) = try ground(of: application, work),
            let place = application.submission.referral?.place
        else { return }
        try work.execute(.releasePlace(place), InstitutionTable.self, institution)
    }

    private static func reply(_ id: ApplicationID, _ work: UnitOfWork, status: Int = 200) throws -> Reply {
        guard let state = try work.state(ApplicationTable.self, id) else { preconditionFailure("the application was just written") }
        return .json(view(id, state, try ground(of: state, work)), status: .init(code: status))
    }

    private static func view(_ id: ApplicationID, _ state: Application, _ ground: Application.Ground) -> ApplicationView {
        let submission = state.submission
        let terms = state.terms
        return ApplicationView(
            application: id, status: state.status.rawValue, person: submission.facts.person, category: submission.category,
            region: submission.facts.region, referral: submission.referral?.referral, planYear: submission.planYear,
            residenceBasis: state.residenceBasis, submittedOn: submission.submittedOn, completeOn: state.completeOn,
            decideBy: state.decideBy,
            reviewMissed: state.reviewMissed, decidedOn: state.decidedOn, onTime: state.onTime, reason: state.reason,
            institution: state.institution, enrolment: state.enrolment, band: terms.band, mode: terms.mode,
            standardFen: terms.standardFen.value, months: terms.months, policyVersion: terms.policyVersion, policyStanding: terms.standing,
            submittedBy: submission.submittedBy, acceptedBy: state.acceptedBy, decidedBy: state.decidedBy,
            diagnosisWithdrawn: ground.isWithdrawn, explanation: Explanation.steps(of: state, ground: ground))
    }
}
