import Contracts
import ServiceRuntime
import Vocabulary

/// Screening's facts → figures. A correction and a withdrawal subtract exactly what was added.
enum CountScreening {
    static let subscriptions: [Subscription] = [
        Counter.counting(ResultAccepted.self, "CountResult") { event, counter in
            try counter.add(Measure(event.result.stage, event.result.outcome), 1, Cell(event.result))
            try counter.tally(.accepted(event.result), event.caseID, of: event.result.facts.person)
        },
        Counter.counting(ResultCorrected.self, "CountCorrection") { event, counter in
            try counter.add(Measure(event.before.stage, event.before.outcome), -1, Cell(event.before))
            try counter.add(Measure(event.after.stage, event.after.outcome), 1, Cell(event.after))
            try counter.tally(.corrected(event.before, to: event.after), event.caseID, of: event.after.facts.person)
        },
        Counter.counting(ResultWithdrawn.self, "CountWithdrawal") { event, counter in
            try counter.add(Measure(event.result.stage, event.result.outcome), -1, Cell(event.result))
            try counter.tally(.withdrawn(event.result), event.caseID, of: event.result.facts.person)
        },
        Counter.counting(CaseShared.self, "CountSharing") { event, counter in
            let days = try ReportingPolicies.sharingWorkingDays(on: counter.today)
            let due = WorkingCalendar.shared.dueDate(workingDays: days, from: event.diagnosedOn).date
            try counter.tally(.shared(inTime: counter.today <= due), event.caseID, of: event.facts.person)
        },
        Counter.counting(CaseShareRevoked.self, "CountSharingRevoked") { event, counter in
            try counter.tally(.shareRevoked, event.caseID, of: event.facts.person)
        },
        Counter.counting(ScreeningDeadlineMissed.self, "CountMissedDeadline") { event, counter in
            try counter.add(.screeningDeadlinesMissed, 1, Cell(event.facts, on: event.dueOn, subject: event.topic))
        },
    ]
}

extension Counter {
    /// Changes one case's tally, and the child's where a confirmed diagnosis came, went or counts elsewhere.
    fileprivate func tally(_ command: CaseTallyRules.Command, _ id: CaseID, of person: PersonID) throws {
        for event in try work.execute(command, CaseTallyTable.self, id) {
            for change in event.changes where change.measure == .casesConfirmed {
                let command: ChildTally.Command = change.amount > 0 ? .confirmed(change.cell) : .unconfirmed(change.cell)
                try ChildTallyTable.count(command, (), of: person, in: work)
            }
        }
    }
}
