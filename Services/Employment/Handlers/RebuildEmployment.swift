import Contracts
import ServiceRuntime
import Vocabulary

/// After an older backup: employers, job seekers and placements, as this service's own events tell them. A job's start and end change the job
/// seeker too; from when its months count follows from the jobs before it and the policy.
enum RebuildEmployment {
    static let rebuilding: [Rebuilding] = [
        .on(EmployerRegistered.self) { event, _, work in
            try work.rebuild(.registered(region: event.region), EmployerTable.self, event.employer)
        },
        .on(JobSeekerRegistered.self) { event, _, work in
            try work.rebuild(
                .registered(event.jobSeeker, event.facts, event.origin, consentToShare: event.consentToShare), JobSeekerTable.self,
                event.jobSeeker)
        },
        .on(ConsentChanged.self) { event, _, work in
            _ = try known(event.jobSeeker, work)
            try work.rebuild(.consentSet(event.consentToShare), JobSeekerTable.self, event.jobSeeker)
        },
        .on(TrainingCompleted.self) { event, _, work in
            _ = try known(event.jobSeeker, work)
            // The id its request gave it, the first that it derived.
            let id = EventID.derive(cause: work.cause.id, handler: "employment", ordinal: 1, type: "training")
            let training = JobSeekerRules.Training(id: id, kind: event.kind, hours: event.hours)
            try work.rebuild(.trainingCompleted(training), JobSeekerTable.self, event.jobSeeker)
        },
        .on(PlacementRecorded.self) { event, _, work in
            let seeker = try known(event.jobSeeker, work)
            let gap = try EmploymentPolicies.number("retention.longest-gap-days", region: seeker.facts.region, on: event.startedOn)
            let start = JobSeekerRules.Start(
                placement: event.placement, startedOn: event.startedOn, longestGapDays: gap, ofWorkingAge: true)
            let began = JobSeekerRules.chainStart(of: start, after: seeker.chain)
            let details = Placement.Details(
                jobSeeker: event.jobSeeker, facts: event.facts, employer: event.employer, form: event.form, startedOn: event.startedOn,
                contractUntil: event.contractUntil, monthlyWageFen: event.monthlyWageFen, chainBegan: began)
            let schedule = try EmploymentPolicies.schedule(region: seeker.facts.region, on: work.cause.today)
            try work.rebuild(
                .started(event.placement, on: event.startedOn, chainBegan: began), JobSeekerTable.self, event.jobSeeker)
            try work.rebuild(
                PlacementRules.recorded(details, schedule, reportedOn: work.cause.today), PlacementTable.self, event.placement)
        },
        .on(EmploymentConfirmed.self) { event, _, work in try rebuild(.confirmed(month: event.month), event.placement, work) },
        .on(ConfirmationMissed.self) { event, _, work in
            try rebuild(.confirmationMissed(Placement.Awaited(month: event.month, dueOn: event.dueOn)), event.placement, work)
        },
        .on(StableEmploymentReached.self) { event, _, work in
            try rebuild(.stableReached(on: event.reachedOn), event.placement, work)
        },
        .on(EmploymentEnded.self) { event, _, work in
            guard let reason = Placement.EndReason(rawValue: event.reason) else {
                throw NotRebuilt("placement \(event.placement), end \(event.reason)")
            }
            _ = try known(event.jobSeeker, work)
            try rebuild(.ended(on: event.endedOn, reason: reason), event.placement, work)
            try work.rebuild(.left(event.placement, endedOn: event.endedOn), JobSeekerTable.self, event.jobSeeker)
        },
        .nothing(DeadLettered.self),
    ]

    private static func known(_ id: JobSeekerID, _ work: UnitOfWork) throws -> JobSeeker {
        guard let seeker = try work.state(JobSeekerTable.self, id) else { throw NotRebuilt("job seeker \(id)") }
        return seeker
    }

    private static func rebuild(_ event: PlacementRules.Event, _ id: PlacementID, _ work: UnitOfWork) throws {
        guard try work.state(PlacementTable.self, id) != nil else { throw NotRebuilt("placement \(id)") }
        try work.rebuild(event, PlacementTable.self, id)
    }
}
