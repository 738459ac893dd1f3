import Contracts
import ServiceRuntime
import Vocabulary

/// Registration's and Employment's facts → figures.
enum CountPersons {
    static let subscriptions: [Subscription] = [
        Counter.counting(PersonRegistered.self, "CountFile") {
            try $1.count($0.provisional ? .personsProvisional : .personsRegistered, $0.facts)
        },
        Counter.counting(PersonsMerged.self, "CountAsOne") { event, counter in
            let days = try ReportingPolicies.trainingToJobDays(on: counter.today)
            try ChildTallyTable.merge(event.merged, into: event.kept, (), in: counter.work)
            try JobSeekerTallyTable.merge(event.merged, into: event.kept, days, in: counter.work)
        },
        Counter.counting(PersonsUnmerged.self, "CountAsTwo") { event, counter in
            let days = try ReportingPolicies.trainingToJobDays(on: counter.today)
            try ChildTallyTable.unmerge(event.merged, from: event.kept, (), in: counter.work)
            try JobSeekerTallyTable.unmerge(event.merged, from: event.kept, days, in: counter.work)
        },
        Counter.counting(CertificateIssued.self, "CountCertificate") { event, counter in
            try counter.add(.certificates, 1, Cell(event.facts, on: event.validFrom, subject: event.category.screeningTopic))
        },
        Counter.counting(EmployerRegistered.self, "CountEmployer") { event, counter in
            try counter.add(.employers, 1, Cell(region: event.region, month: counter.today.month))
        },
        Counter.counting(JobSeekerRegistered.self, "CountJobSeeker") { event, counter in
            try counter.count(.jobSeekers, event.facts)
            if event.consentToShare { try counter.count(.consentsGiven, event.facts) }
        },
        Counter.counting(ConsentChanged.self, "CountConsent") {
            try $1.count($0.consentToShare ? .consentsGiven : .consentsWithdrawn, $0.facts)
        },
        Counter.counting(TrainingCompleted.self, "CountTraining") { event, counter in
            let cell = Cell(event.facts, on: counter.today)
            try counter.add(.trained, 1, cell)
            let days = try ReportingPolicies.trainingToJobDays(on: counter.today)
            try JobSeekerTallyTable.count(.trained(counter.today, cell), days, of: event.facts.person, in: counter.work)
        },
        Counter.counting(PlacementRecorded.self, "CountPlacement") { event, counter in
            try counter.work.execute(.recorded(Cell(event.facts, on: event.startedOn)), PlacementTallyTable.self, event.placement)
            let days = try ReportingPolicies.trainingToJobDays(on: counter.today)
            try JobSeekerTallyTable.count(.placed(event.startedOn), days, of: event.facts.person, in: counter.work)
        },
        Counter.counting(EmploymentConfirmed.self, "CountConfirmation") { try $1.count(.employmentConfirmations, $0.facts) },
        Counter.counting(ConfirmationMissed.self, "CountMissedConfirmation") { event, counter in
            try counter.add(.confirmationsMissed, 1, Cell(event.facts, on: event.dueOn))
        },
        Counter.counting(StableEmploymentReached.self, "CountStableEmployment") { event, counter in
            try counter.add(.stableEmployments, 1, Cell(event.facts, on: event.reachedOn))
            try counter.work.execute(.stable, PlacementTallyTable.self, event.placement)
        },
        Counter.counting(EmploymentEnded.self, "CountEmploymentEnd") { event, counter in
            try counter.add(.employmentsEnded, 1, Cell(event.facts, on: event.endedOn))
        },
    ]
}
