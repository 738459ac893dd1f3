import Contracts
import ServiceRuntime
import Vocabulary

/// After an older backup: applications and enrolments with their lines, as this service's own events tell them. Who acted and on which day
/// stands in the envelope.
enum RebuildAssistance {
    static let rebuilding: [Rebuilding] = [
        .on(AssistanceApplied.self) { event, meta, work in
            let referral = event.referral.flatMap { referral in event.attempt.map { AttemptKey(referral: referral, attempt: $0) } }
            let submission = Application.Submission(
                facts: event.facts, category: event.category, referral: referral, planYear: event.planYear,
                residenceBasis: event.residenceBasis, submittedBy: work.signature, submittedOn: work.cause.today)
            let rules = AssistancePolicies.current.rules(for: event.category, in: event.facts.region, on: submission.assessedOn)
            // Terms are fixed by the policy of that day; another build's policies may not have it, or refuse it: either way it is not rebuilt.
            guard let applied = try? ApplicationRules.decide(.apply(submission, rules: rules, duplicate: nil), given: nil).first,
                case .applied(_, _, let terms) = applied, terms.policyVersion == meta.policyVersion
            else { throw NotRebuilt("application \(event.application), policy \(meta.policyVersion ?? "")") }
            try work.rebuild(applied, ApplicationTable.self, event.application)
        },
        .on(MaterialsCompleted.self) { event, _, work in
            try rebuild(.materialsCompleted(by: work.signature, on: work.cause.today, decideBy: event.decideBy), event.application, work)
        },
        .on(AssistanceApproved.self) { event, _, work in
            try rebuild(.approved(by: work.signature, on: work.cause.today, onTime: event.onTime), event.application, work)
        },
        .on(AssistanceRejected.self) { event, _, work in
            try rebuild(
                .rejected(by: work.signature, on: work.cause.today, reason: event.reason, onTime: event.onTime), event.application, work)
        },
        .on(AssistanceWithdrawn.self) { event, _, work in try rebuild(.withdrawn(reason: event.reason), event.application, work) },
        .on(ReviewDeadlineMissed.self) { event, _, work in try rebuild(.reviewMissed(due: event.dueOn), event.application, work) },
        .on(ReviewDeadlineMoved.self) { event, _, work in try rebuild(.reviewMoved(to: event.decideBy), event.application, work) },
        .on(InstitutionConfirmed.self) { event, _, work in
            try rebuild(.institutionConfirmed(event.institution), event.application, work)
        },
        .on(Enrolled.self) { event, _, work in
            guard let terms = try work.state(ApplicationTable.self, event.application)?.terms else {
                throw NotRebuilt("application \(event.application)")
            }
            try rebuild(.enrolled(event.enrolment), event.application, work)
            let details = Enrolment.Details(
                application: event.application, facts: event.facts, category: event.category, institution: event.institution, terms: terms,
                startedOn: event.startedOn)
            try work.rebuild(.enrolled(details), EnrolmentTable.self, event.enrolment)
        },
        .on(TrainingMonthRecorded.self) { event, _, work in
            try EnrolmentTable.giveWay(to: event.line, of: event.facts.person, in: work.tx)
            try rebuild(.monthRecorded(event.line), event.enrolment, work)
        },
        .on(TrainingMonthCorrected.self) { event, _, work in
            let lines = try work.state(EnrolmentTable.self, event.enrolment)?.lines ?? []
            guard lines.contains(where: { $0.line == event.after.line }) else { throw NotRebuilt("line \(event.after.line)") }
            try EnrolmentTable.giveWay(to: event.after, of: event.facts.person, in: work.tx)
            let correction = Enrolment.Correction(
                revision: event.revision, month: event.correctedMonth, on: work.cause.today, reason: event.reason)
            try rebuild(.monthCorrected(from: event.before, to: event.after, correction), event.enrolment, work)
        },
        .on(EnrolmentCompleted.self) { event, _, work in
            try rebuild(.ended(event.outcome, on: event.endedOn, monthsCounted: event.monthsCounted), event.enrolment, work)
            try rebuild(.ended, event.application, work)
        },
    ]

    private static func rebuild(_ event: ApplicationRules.Event, _ id: ApplicationID, _ work: UnitOfWork) throws {
        guard try work.state(ApplicationTable.self, id) != nil else { throw NotRebuilt("application \(id)") }
        try work.rebuild(event, ApplicationTable.self, id)
    }

    private static func rebuild(_ event: EnrolmentRules.Event, _ id: EnrolmentID, _ work: UnitOfWork) throws {
        guard try work.state(EnrolmentTable.self, id) != nil else { throw NotRebuilt("enrolment \(id)") }
        try work.rebuild(event, EnrolmentTable.self, id)
    }
}
