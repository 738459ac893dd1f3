import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Applications for assistance; an index holds them to one open application per person, category and plan year.
enum ApplicationTable: AggregateTable {
    typealias Rules = ApplicationRules

    /// The one deadline of an application: the reviewer's.
    static let reviewDeadline = "assistance-review"

    static func load(_ key: ApplicationID, in tx: any Transaction) throws -> Stored<Application>? {
        try tx.first(select, [.text(key.text)]) { row in
            let basis: ResidenceBasis = try row.word(8)
            let referral: ReferralID? = row.idOrNil(5)
            let submission = Application.Submission(
                facts: try row.facts(0), category: try row.word(4),
                referral: referral.map { AttemptKey(referral: $0, attempt: Int(row.int(6))) },
                planYear: Int(row.int(7)), residenceBasis: basis, submittedBy: row.text(9), submittedOn: try row.date(10))
            let after = 11 + TermsColumns.count
            let application = Application(
                submission: submission, residenceBasis: basis, terms: try row.terms(11), status: try row.word(after),
                acceptedBy: row.textOrNil(after + 1), completeOn: try row.dateOrNil(after + 2), decideBy: try row.dateOrNil(after + 3),
                reviewMissed: row.bool(after + 4), decidedBy: row.textOrNil(after + 5), decidedOn: try row.dateOrNil(after + 6),
                onTime: row.intOrNil(after + 7).map { $0 != 0 }, reason: row.textOrNil(after + 8), institution: row.idOrNil(after + 9),
                enrolment: row.idOrNil(after + 10))
            return Stored(application, version: row.int(after + 11))
        }
    }

    static func insert(_ key: ApplicationID, _ state: Application, in tx: any Transaction) throws {
        let submission = state.submission
        var values: [Value] = [.text(key.text)] + FactsColumns.values(submission.facts)
        values += [
            .text(submission.category.rawValue), .text(submission.referral?.referral.text), .int(submission.referral?.attempt),
            .int(submission.planYear), .text(state.residenceBasis.rawValue), .text(submission.submittedBy),
            .text(submission.submittedOn.text),
        ]
        values += TermsColumns.values(state.terms)
        try tx.run(insert, values + progress(state))
    }

    /// What was submitted and promised never changes; only how far it got.
    static func update(_ key: ApplicationID, _ state: Application, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(update, progress(state) + [.text(key.text), .int(version)]) == 1
    }

    static func publish(_ event: ApplicationRules.Event, _ key: ApplicationID, state: Application, in work: UnitOfWork) throws {
        let submission = state.submission
        let facts = submission.facts
        let version = state.terms.policyVersion
        switch event {
        case .applied(_, let basis, _):
            work.publish(
                AssistanceApplied(
                    application: key, facts: facts, category: submission.category, referral: submission.referral?.referral,
                    planYear: submission.planYear, residenceBasis: basis, attempt: submission.referral?.attempt), policyVersion: version)
        case .materialsCompleted(_, _, let decideBy):
            work.publish(
                MaterialsCompleted(application: key, facts: facts, category: submission.category, decideBy: decideBy),
                policyVersion: version)
            try work.schedule(reviewDeadline, subject: key.text, due: decideBy)
            if decideBy.year > WorkingCalendar.shared.years.upperBound {
                try work.schedule(RecountReview.kind, subject: key.text, due: work.cause.today)
            }
        case .approved(_, _, let onTime):
            let terms = state.terms
            work.publish(
                AssistanceApproved(
                    application: key, facts: facts, category: submission.category, mode: terms.mode, standardFen: terms.standardFen,
                    months: terms.months, policyVersion: version, policyStanding: terms.standing, onTime: onTime), policyVersion: version)
            try work.cancelDeadline(reviewDeadline, subject: key.text)
        case .rejected(_, _, let reason, let onTime):
            work.publish(
                AssistanceRejected(application: key, facts: facts, category: submission.category, reason: reason, onTime: onTime),
                policyVersion: version)
            try work.cancelDeadline(reviewDeadline, subject: key.text)
        case .reviewMissed(let due):
            work.publish(
                ReviewDeadlineMissed(application: key, facts: facts, category: submission.category, dueOn: due), policyVersion: version)
        case .reviewMoved(let due):
            work.publish(
                ReviewDeadlineMoved(application: key, facts: facts, category: submission.category, decideBy: due), policyVersion: version)
            try work.schedule(reviewDeadline, subject: key.text, due: due)
        case .institutionConfirmed(let institution):
            work.publish(InstitutionConfirmed(application: key, facts: facts, institution: institution), policyVersion: version)
        // The enrolment says these itself.
        case .enrolled, .ended: break
        case .withdrawn(let reason):
            work.publish(
                AssistanceWithdrawn(application: key, facts: facts, category: submission.category, reason: reason), policyVersion: version)
            try work.cancelDeadline(reviewDeadline, subject: key.text)
        }
    }

    /// An application of any of these persons for this category and year, `own` apart, that stands in the way of another.
    static func blocking(
        _ persons: [PersonID], _ category: AssistanceCategory, planYear: Int, but own: ApplicationID? = nil, in tx: any Transaction
    ) throws -> ApplicationID? {
        for person in persons {
            let wanted: [Value] = [.text(person.text), .text(category.rawValue), .int(planYear), .text(own?.text ?? "")]
            let found = try tx.first(blocking, wanted) {
                ApplicationID(trusted: $0.text(0))
            }
            if let found { return found }
        }
        return nil
    }

    private static func progress(_ state: Application) -> [Value] {
        [
            .text(state.status.rawValue), .text(state.acceptedBy), .text(state.completeOn?.text), .text(state.decideBy?.text),
            .bool(state.reviewMissed), .text(state.decidedBy), .text(state.decidedOn?.text), .int(state.onTime.map { $0 ? 1 : 0 }),
            .text(state.reason), .text(state.institution?.text), .text(state.enrolment?.text),
        ]
    }

    private static let progressColumns = """
        status, accepted_by, complete_on, decide_by, review_missed, decided_by, decided_on, on_time, reason, institution, enrolment
        """
    private static let select = SQL(
        """
        SELECT \(FactsColumns.names), category, referral, attempt, plan_year, residence_basis, submitted_by, submitted_on,
            \(TermsColumns.names), \(progressColumns), version
        FROM applications WHERE application = ?
        """)
    private static let insert = SQL(
        """
        INSERT INTO applications (application, \(FactsColumns.names), category, referral, attempt, plan_year, residence_basis, submitted_by,
            submitted_on, \(TermsColumns.names), \(progressColumns), version)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
        """)
    private static let update = SQL(
        """
        UPDATE applications SET status = ?, accepted_by = ?, complete_on = ?, decide_by = ?, review_missed = ?, decided_by = ?,
            decided_on = ?, on_time = ?, reason = ?, institution = ?, enrolment = ?, version = version + 1
        WHERE application = ? AND version = ?
        """)
    private static let blocking = SQL(
        """
        SELECT application FROM applications
        WHERE person = ? AND category = ? AND plan_year = ? AND application <> ? AND status NOT IN (\(notBlocking))
        """)
    /// Statuses that leave room for another application, as a list in SQL; in the words of the index, so that it serves.
    static let notBlocking = Application.Status.notBlocking.map { "'\($0.rawValue)'" }.joined(separator: ", ")
}
