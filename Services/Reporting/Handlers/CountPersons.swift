import Contracts
import ServiceRuntime
import Vocabulary

/// Registration's and Employment's facts → figures.
enum CountPersons {
    static let subscriptions: [Subscription] = [
        Counter.counting(PersonRegistered.self, "CountFile") {
            try $1.count($0.provisional ? .personsProvisional : .personsRegistered, $0.facts)
        },
        Counter.counting(CertificateIssued.self, "CountCertificate") { event, counter in
            try counter.add(.certificates, 1, Cell(event.facts, on: event.validFrom, subject: event.category.screeningTopic))
        },
        Counter.counting(EmployerRegistered.self, "CountEmployer") { event, counter in
            try counter.add(.employers, 1, Cell(region: event.region, month: counter.today.month))
        },
        Counter.counting(JobSeekerRegistered.self, "CountJobSeeker") { try $1.count(.jobSeekers, $0.facts) },
        Counter.counting(TrainingCompleted.self, "CountTraining") { event, counter in
            let cell = Cell(event.facts, on: counter.today)
            try counter.add(.trained, 1, cell)
            let days = try ReportingPolicies.trainingToJobDays(on: counter.today)
            try counter.work.execute(.trained(counter.today, cell, withinDays: days), JobSeekerTallyTable.self, event.facts.person)
        },
        Counter.counting(PlacementRecorded.self, "CountPlacement") { event, counter in
            try counter.work.execute(.recorded(Cell(event.facts, on: event.startedOn)), PlacementTallyTable.self, event.placement)
            let days = try ReportingPolicies.trainingToJobDays(on: counter.today)
            try counter.work.execute(.placed(event.startedOn, withinDays: days), JobSeekerTallyTable.self, event.facts.person)
        },
        Counter.counting(EmploymentConfirmed.self, "CountConfirmation") { try $1.count(.employmentConfirmations, $0.facts) },
        Counter.counting(StableEmploymentReached.self, "CountStableEmployment") { event, counter in
            try counter.add(.stableEmployments, 1, Cell(event.facts, on: event.reachedOn))
            try counter.work.execute(.stable, PlacementTallyTable.self, event.placement)
        },
        Counter.counting(EmploymentEnded.self, "CountEmploymentEnd") { event, counter in
            try counter.add(.employmentsEnded, 1, Cell(event.facts, on: event.endedOn))
        },
    ]
}
