import Contracts
import ServiceRuntime
import Vocabulary

/// What an approval promises: how a child is helped, up to how much, and under which policy. Fixed when the application is made, so a
/// later policy changes later applications only.
struct AssistanceTerms: Hashable, Sendable {
    /// Name of the age band the child is in, as policy words it.
    var band: String
    var mode: AssistanceMode
    /// Annual standard (救助标准), per child.
    var standardFen: Fen
    /// Months of a programme; later months never count.
    var months: Int
    var capMode: CapMode
    /// Service days that make a month count; a month with fewer working days asks for those.
    var minServiceDays: Int
    var reviewWorkingDays: Int
    /// Every policy record these terms rest on, joined with `+`.
    var policyVersion: String
    /// The weakest standing among them.
    var standing: PolicyStanding
}

/// An application for rehabilitation assistance (康复救助申请) of one child, one category and one plan year.
struct Application: Hashable, Sendable {
    enum Status: String, CaseIterable, Sendable {
        case submitted, underReview, approved, rejected, placed, enrolled, ended, withdrawn

        /// Closed applications leave room for another in the same plan year; an ended one does not: the year's help was given.
        var blocksAnother: Bool {
            switch self {
            case .submitted, .underReview, .approved, .placed, .enrolled, .ended: true
            case .rejected, .withdrawn: false
            }
        }

        /// Of an application that came to nothing.
        static let notBlocking = allCases.filter { !$0.blocksAnother }
    }

    struct Submission: Hashable, Sendable {
        var facts: PersonFacts
        var category: AssistanceCategory
        /// The confirmed referral it follows, if any.
        var referral: AttemptKey?
        var planYear: Int
        /// Nil: neither household registration nor residence permit was shown.
        var residenceBasis: ResidenceBasis?
        /// Pseudonymous user who entered it.
        var submittedBy: String
        var submittedOn: LocalDate

        func isSame(as other: Submission) -> Bool {
            facts.person == other.facts.person && category == other.category && planYear == other.planYear
        }

        /// The day whose rules and age apply: the day of application, or the first day of a plan year that lies ahead.
        var assessedOn: LocalDate { max(submittedOn, YearMonth(year: planYear, month: 1).first) }
    }

    /// How the referral behind an application stands now.
    enum Ground: Hashable, Sendable {
        /// It follows none, or none that can be told.
        case unreferred
        case confirmed(at: OrganisationID)
        /// Screening took it back: the diagnosis behind it no longer stands.
        case withdrawn(reason: String?)

        var isWithdrawn: Bool { if case .withdrawn = self { true } else { false } }
    }

    var submission: Submission
    var residenceBasis: ResidenceBasis
    var terms: AssistanceTerms
    var status: Status
    var acceptedBy: String?
    var completeOn: LocalDate?
    var decideBy: LocalDate?
    var reviewMissed = false
    var decidedBy: String?
    var decidedOn: LocalDate?
    var onTime: Bool?
    /// Of a rejection or a withdrawal.
    var reason: String?
    var institution: OrganisationID?
    var enrolment: EnrolmentID?
}

/// The rules of an application, from the window to the enrolment.
enum ApplicationRules: Decider {
    typealias State = Application

    enum Command: Hashable, Sendable {
        /// `duplicate`: another application of this person, category and plan year that is not closed.
        case apply(Application.Submission, rules: AssistanceRules?, duplicate: ApplicationID?)
        case completeMaterials(by: String, on: LocalDate, decideBy: LocalDate)
        /// `duplicate`, here and below: as above, known by now.
        case approve(by: String, on: LocalDate, duplicate: ApplicationID? = nil)
        case reject(by: String, on: LocalDate, reason: String)
        /// The review clock ran out; `due` is the day the deadline was set for.
        case missReview(due: LocalDate)
        /// The calendar of the year the review's last day lies in was announced: the day by it.
        case moveReview(to: LocalDate)
        case confirmInstitution(OrganisationID, agreement: Agreement?, ground: Application.Ground, on: LocalDate)
        case enrol(
            EnrolmentID, at: OrganisationID, ground: Application.Ground, startedOn: LocalDate, duplicate: ApplicationID? = nil)
        case end
        case withdraw(reason: String)
    }

    enum Event: Hashable, Sendable {
        case applied(Application.Submission, ResidenceBasis, AssistanceTerms)
        case materialsCompleted(by: String, on: LocalDate, decideBy: LocalDate)
        case approved(by: String, on: LocalDate, onTime: Bool)
        case rejected(by: String, on: LocalDate, reason: String, onTime: Bool)
        case reviewMissed(due: LocalDate)
        case reviewMoved(to: LocalDate)
        case institutionConfirmed(OrganisationID)
        case enrolled(EnrolmentID)
        case ended
        case withdrawn(reason: String)
    }

    enum Refused: String, Refusal {
        case notFound = "APPLICATION_NOT_FOUND"
        case policyMissing = "POLICY_MISSING"
        case ageOutOfRange = "AGE_OUT_OF_RANGE"
        case residenceNotEligible = "RESIDENCE_NOT_ELIGIBLE"
        case notCovered = "CATEGORY_NOT_COVERED"
        case planYearInvalid = "PLAN_YEAR_INVALID"
        case duplicate = "DUPLICATE_ACTIVE_CASE"
        case materialsIncomplete = "MATERIAL_INCOMPLETE"
        case fourEyes = "FOUR_EYES"
        case reasonRequired = "REASON_REQUIRED"
        case alreadyDecided = "ALREADY_DECIDED"
        case notApproved = "NOT_APPROVED"
        case notDesignated = "INSTITUTION_NOT_DESIGNATED"
        case referredElsewhere = "REFERRED_ELSEWHERE"
        case referralWithdrawn = "REFERRAL_WITHDRAWN"
        case notConfirmed = "INSTITUTION_NOT_CONFIRMED"
        case alreadyEnrolled = "ALREADY_ENROLLED"
        case outOfPeriod = "OUT_OF_PERIOD"
        case beforePlanYear = "BEFORE_PLAN_YEAR"
        case closed = "APPLICATION_CLOSED"
        case keyReused = "IDEMPOTENCY_KEY_REUSED"
    }

    static func decide(_ command: Command, given application: Application?) throws(Refused) -> [Event] {
        switch (command, application?.status) {
        case (.apply(let submission, let rules, let duplicate), nil):
            return [try applied(submission, rules, duplicate)]
        case (.apply(let submission, _, _), .submitted), (.apply(let submission, _, _), .underReview),
            (.apply(let submission, _, _), .approved), (.apply(let submission, _, _), .rejected), (.apply(let submission, _, _), .placed),
            (.apply(let submission, _, _), .enrolled), (.apply(let submission, _, _), .ended), (.apply(let submission, _, _), .withdrawn):
            // The id is made from the request's key: asked again it is this one. A key that comes back for another child is not.
            guard application?.submission.isSame(as: submission) == true else { throw .keyReused }
            return []

        case (.completeMaterials, nil), (.approve, nil), (.reject, nil), (.confirmInstitution, nil), (.enrol, nil), (.withdraw, nil),
            (.end, nil), (.missReview, nil), (.moveReview, nil):
            throw .notFound

        case (.completeMaterials(let user, let date, let decideBy), .submitted):
            return [.materialsCompleted(by: user, on: date, decideBy: decideBy)]
        // The clock started once; saying it again does not move it.
        case (.completeMaterials, .underReview), (.completeMaterials, .approved), (.completeMaterials, .placed),
            (.completeMaterials, .enrolled), (.completeMaterials, .ended):
            return []
        case (.completeMaterials, .rejected), (.completeMaterials, .withdrawn): throw .closed

        case (.approve, .submitted), (.reject, .submitted): throw .materialsIncomplete
        case (.approve(let user, let date, let duplicate), .underReview):
            try secondPerson(user, application)
            guard duplicate == nil else { throw .duplicate }
            return [.approved(by: user, on: date, onTime: onTime(date, application))]
        case (.approve, .approved), (.approve, .placed), (.approve, .enrolled), (.approve, .ended): return []
        case (.approve, .rejected): throw .alreadyDecided
        case (.approve, .withdrawn), (.reject, .withdrawn): throw .closed

        case (.reject(let user, let date, let reason), .underReview):
            try secondPerson(user, application)
            guard reason.contains(where: { !$0.isWhitespace }) else { throw .reasonRequired }
            return [.rejected(by: user, on: date, reason: reason, onTime: onTime(date, application))]
        case (.reject, .rejected): return []
        case (.reject, .approved), (.reject, .placed), (.reject, .enrolled), (.reject, .ended): throw .alreadyDecided

        case (.missReview(let due), .underReview):
            // Checked again here: the clock may have been decided or moved while the timer woke.
            return application?.decideBy == due && application?.reviewMissed == false ? [.reviewMissed(due: due)] : []
        case (.missReview, .submitted), (.missReview, .approved), (.missReview, .rejected), (.missReview, .placed),
            (.missReview, .enrolled), (.missReview, .ended), (.missReview, .withdrawn):
            return []

        // A review that was missed already stays missed: what was said of the old day was true of it.
        case (.moveReview(let due), .underReview):
            return application?.decideBy == due || application?.reviewMissed == true ? [] : [.reviewMoved(to: due)]
        case (.moveReview, .submitted), (.moveReview, .approved), (.moveReview, .rejected), (.moveReview, .placed),
            (.moveReview, .enrolled), (.moveReview, .ended), (.moveReview, .withdrawn):
            return []

        case (.confirmInstitution, .submitted), (.confirmInstitution, .underReview), (.confirmInstitution, .rejected): throw .notApproved
        case (.confirmInstitution(let institution, let agreement, let ground, let date), .approved):
            try designated(institution, agreement, ground, date, application)
            return [.institutionConfirmed(institution)]
        case (.confirmInstitution(let institution, let agreement, let ground, let date), .placed):
            if application?.institution == institution { return [] }
            try designated(institution, agreement, ground, date, application)
            return [.institutionConfirmed(institution)]
        case (.confirmInstitution, .enrolled), (.confirmInstitution, .ended): throw .alreadyEnrolled
        case (.confirmInstitution, .withdrawn): throw .closed

        case (.enrol, .submitted), (.enrol, .underReview), (.enrol, .rejected): throw .notApproved
        case (.enrol, .approved): throw .notConfirmed
        case (.enrol(let enrolment, let institution, let ground, let startedOn, let duplicate), .placed):
            guard application?.institution == institution else { throw .notConfirmed }
            guard duplicate == nil else { throw .duplicate }
            guard !ground.isWithdrawn else { throw .referralWithdrawn }
            guard let decidedOn = application?.decidedOn, startedOn >= decidedOn else { throw .outOfPeriod }
            // The standard is the plan year's: what was trained before it is not paid under it.
            guard let submission = application?.submission, startedOn >= submission.assessedOn else { throw .beforePlanYear }
            return [.enrolled(enrolment)]
        case (.enrol(let enrolment, _, _, _, _), .enrolled), (.enrol(let enrolment, _, _, _, _), .ended):
            if application?.enrolment == enrolment { return [] }
            throw .alreadyEnrolled
        case (.enrol, .withdrawn): throw .closed

        case (.end, .enrolled): return [.ended]
        case (.end, .ended): return []
        case (.end, .submitted), (.end, .underReview), (.end, .approved), (.end, .rejected), (.end, .placed), (.end, .withdrawn):
            throw .notApproved

        case (.withdraw(let reason), .submitted), (.withdraw(let reason), .underReview), (.withdraw(let reason), .approved),
            (.withdraw(let reason), .placed):
            guard reason.contains(where: { !$0.isWhitespace }) else { throw .reasonRequired }
            return [.withdrawn(reason: reason)]
        case (.withdraw, .withdrawn): return []
        case (.withdraw, .enrolled), (.withdraw, .ended): throw .alreadyEnrolled
        case (.withdraw, .rejected): throw .closed
        }
    }

    static func evolve(_ application: Application?, with event: Event) -> Application {
        if case .applied(let submission, let basis, let terms) = event {
            return Application(submission: submission, residenceBasis: basis, terms: terms, status: .submitted)
        }
        guard var application else { preconditionFailure("an application's first event is the submission") }
        switch event {
        case .applied: break
        case .materialsCompleted(let user, let date, let decideBy):
            application.status = .underReview
            application.acceptedBy = user
            application.completeOn = date
            application.decideBy = decideBy
        case .approved(let user, let date, let onTime):
            application.status = .approved
            application.decidedBy = user
            application.decidedOn = date
            application.onTime = onTime
        case .rejected(let user, let date, let reason, let onTime):
            application.status = .rejected
            application.decidedBy = user
            application.decidedOn = date
            application.onTime = onTime
            application.reason = reason
        case .reviewMissed: application.reviewMissed = true
        case .reviewMoved(let due): application.decideBy = due
        case .institutionConfirmed(let institution):
            application.status = .placed
            application.institution = institution
        case .enrolled(let enrolment):
            application.status = .enrolled
            application.enrolment = enrolment
        case .ended: application.status = .ended
        case .withdrawn(let reason):
            application.status = .withdrawn
            application.reason = reason
        }
        return application
    }

    private static func applied(
        _ submission: Application.Submission, _ rules: AssistanceRules?, _ duplicate: ApplicationID?
    ) throws(Refused) -> Event {
        guard let rules else { throw .policyMissing }
        guard (submission.submittedOn.year...submission.submittedOn.year + 1).contains(submission.planYear) else { throw .planYearInvalid }
        guard rules.categories.contains(submission.category) else { throw .notCovered }
        guard let basis = submission.residenceBasis, rules.residenceBases.contains(basis) else { throw .residenceNotEligible }
        guard let age = Age.inYears(bornIn: submission.facts.birthMonth, on: submission.assessedOn), let band = rules.band(of: age) else {
            throw .ageOutOfRange
        }
        guard let terms = rules.terms(age: age, band: band) else { throw .policyMissing }
        guard duplicate == nil else { throw .duplicate }
        return .applied(submission, basis, terms)
    }

    /// Four eyes: neither who entered the application nor who accepted its papers decides it.
    private static func secondPerson(_ user: String, _ application: Application?) throws(Refused) {
        guard user != application?.acceptedBy, user != application?.submission.submittedBy else { throw .fourEyes }
    }

    private static func onTime(_ date: LocalDate, _ application: Application?) -> Bool {
        application?.decideBy.map { date <= $0 } ?? true
    }

    private static func designated(
        _ institution: OrganisationID, _ agreement: Agreement?, _ ground: Application.Ground, _ date: LocalDate,
        _ application: Application?
    ) throws(Refused) {
        switch ground {
        case .unreferred: break
        // The referral's institution holds a place for the child; another one would leave two places taken for one child.
        case .confirmed(let owner): guard owner == institution else { throw .referredElsewhere }
        // Only a confirmed referral lets an institution begin; what becomes of the application people decide.
        case .withdrawn: throw .referralWithdrawn
        }
        guard let agreement, agreement.institution == institution, agreement.isActive(on: date) else { throw .notDesignated }
        guard let application, agreement.categories.contains(application.submission.category) else { throw .notCovered }
    }
}
