import Contracts
import ServiceRuntime
import Vocabulary

/// What other services did for a person → a line in the one file a person has (一人一档). Codes and days only.
enum WriteTimeline {
    static let subscriptions: [Subscription] = screening + rehabilitation + employment

    private static let screening: [Subscription] = [
        .on(ResultAccepted.self, "NoteResult") { event, meta, work in
            try note("ResultAccepted", meta, event.result.facts, detail(event.result), event.bureau, on: event.result.takenOn, work)
        },
        .on(ResultCorrected.self, "NoteCorrection") { event, meta, work in
            try note("ResultCorrected", meta, event.after.facts, detail(event.after), event.bureau, work)
        },
        .on(ResultWithdrawn.self, "NoteWithdrawal") { event, meta, work in
            try note("ResultWithdrawn", meta, event.result.facts, detail(event.result), event.bureau, work)
        },
        .on(CaseShared.self, "NoteShared") { event, meta, work in
            try note("CaseShared", meta, event.facts, "\(event.topic.rawValue)/\(event.category.rawValue)", nil, work)
        },
        .on(CaseShareRevoked.self, "NoteRevoked") { event, meta, work in
            try note("CaseShareRevoked", meta, event.facts, event.topic.rawValue, nil, work)
        },
        .on(ScreeningDeadlineMissed.self, "NoteMissed") { event, meta, work in
            try note("ScreeningDeadlineMissed", meta, event.facts, "\(event.topic.rawValue)/\(event.step.rawValue)", nil, work)
        },
    ]

    private static let rehabilitation: [Subscription] = [
        .on(AssistanceApplied.self, "NoteApplication") { event, meta, work in
            if let referral = event.referral { try ReferralOwners.link(event.application, to: referral, in: work.tx) }
            try note("AssistanceApplied", meta, event.facts, "\(event.category.rawValue)/\(event.planYear)", nil, work)
        },
        .on(MaterialsCompleted.self, "NoteMaterials") { event, meta, work in
            try note("MaterialsCompleted", meta, event.facts, event.category.rawValue, nil, work)
        },
        .on(AssistanceApproved.self, "NoteApproval") { event, meta, work in
            try note("AssistanceApproved", meta, event.facts, "\(event.category.rawValue)/\(event.mode.rawValue)", nil, work)
        },
        .on(AssistanceRejected.self, "NoteRejection") { event, meta, work in
            try ReferralOwners.finish(event.application, in: work.tx)
            try note("AssistanceRejected", meta, event.facts, event.category.rawValue, nil, work)
        },
        .on(AssistanceWithdrawn.self, "NoteWithdrawnApplication") { event, meta, work in
            try ReferralOwners.finish(event.application, in: work.tx)
            try note("AssistanceWithdrawn", meta, event.facts, event.category.rawValue, nil, work)
        },
        .on(ReviewDeadlineMissed.self, "NoteLateReview") { event, meta, work in
            try note("ReviewDeadlineMissed", meta, event.facts, event.category.rawValue, nil, work)
        },
        .on(ReviewDeadlineMoved.self, "NoteMovedReview") { event, meta, work in
            try note("ReviewDeadlineMoved", meta, event.facts, event.category.rawValue, nil, work)
        },
        .on(InstitutionConfirmed.self, "NoteInstitution") { event, meta, work in
            try note("InstitutionConfirmed", meta, event.facts, "", event.institution, work)
        },
        .on(Enrolled.self, "NoteEnrolment") { event, meta, work in
            try note("Enrolled", meta, event.facts, event.category.rawValue, event.institution, on: event.startedOn, work)
        },
        .on(TrainingMonthRecorded.self, "NoteMonth") { event, meta, work in
            let counted = event.line.counted ? "counted" : "not-counted"
            try note("TrainingMonthRecorded", meta, event.facts, "\(event.line.month.text)/\(counted)", event.institution, work)
        },
        .on(TrainingMonthCorrected.self, "NoteCorrectedMonth") { event, meta, work in
            let counted = event.after.counted ? "counted" : "not-counted"
            try note("TrainingMonthCorrected", meta, event.facts, "\(event.after.month.text)/\(counted)", event.institution, work)
        },
        .on(EnrolmentCompleted.self, "EndCare") { event, meta, work in
            try ReferralOwners.finish(event.application, in: work.tx)
            try note(
                "EnrolmentCompleted", meta, event.facts, "\(event.outcome.rawValue)/\(event.monthsCounted)", event.institution,
                on: event.endedOn, work)
        },
    ]

    private static let employment: [Subscription] = [
        .on(JobSeekerRegistered.self, "NoteJobSeeker") { event, meta, work in
            try note("JobSeekerRegistered", meta, event.facts, event.origin.rawValue, nil, work)
        },
        .on(ConsentChanged.self, "NoteConsent") { event, meta, work in
            try note("ConsentChanged", meta, event.facts, event.consentToShare ? "given" : "withdrawn", nil, work)
        },
        .on(TrainingCompleted.self, "NoteTraining") { event, meta, work in
            try note("TrainingCompleted", meta, event.facts, event.kind.rawValue, nil, work)
        },
        .on(PlacementRecorded.self, "NotePlacement") { event, meta, work in
            try note("PlacementRecorded", meta, event.facts, event.form.rawValue, event.employer, on: event.startedOn, work)
        },
        .on(EmploymentConfirmed.self, "NoteConfirmation") { event, meta, work in
            try note("EmploymentConfirmed", meta, event.facts, "month-\(event.month)", event.employer, work)
        },
        .on(ConfirmationMissed.self, "NoteMissedConfirmation") { event, meta, work in
            try note("ConfirmationMissed", meta, event.facts, "month-\(event.month)", event.employer, work)
        },
        .on(StableEmploymentReached.self, "NoteStable") { event, meta, work in
            try note("StableEmploymentReached", meta, event.facts, "", event.employer, on: event.reachedOn, work)
        },
        .on(EmploymentEnded.self, "NoteEnd") { event, meta, work in
            try note("EmploymentEnded", meta, event.facts, "", event.employer, on: event.endedOn, work)
        },
    ]

    private static func detail(_ result: ResultFacts) -> String {
        "\(result.topic.rawValue)/\(result.stage.rawValue)/\(result.outcome.rawValue)"
    }

    private static func note(
        _ fact: String, _ meta: EventMeta, _ facts: PersonFacts, _ detail: String, _ organisation: OrganisationID?,
        on date: LocalDate? = nil,
        _ work: UnitOfWork
    ) throws {
        try Timeline.add(
            id: meta.id, fact: fact, person: facts.person, referral: nil, on: date ?? meta.time.date, detail: detail,
            organisation: organisation, in: work.tx)
    }
}
