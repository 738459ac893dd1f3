import Contracts
import ServiceRuntime
import Vocabulary

/// Screening's facts → figures. A correction and a withdrawal subtract exactly what was added.
enum CountScreening {
    static let subscriptions: [Subscription] = [
        Counter.counting(ResultAccepted.self, "CountResult") { event, counter in
            try counter.add(Measure(event.result.stage, event.result.outcome), 1, Cell(event.result))
            try counter.tally(
                .accepted(event.result, origin: origin(event.bureau, event.resultID)), event.caseID, of: event.result.facts.person)
        },
        Counter.counting(ResultCorrected.self, "CountCorrection") { event, counter in
            try counter.add(Measure(event.before.stage, event.before.outcome), -1, Cell(event.before))
            try counter.add(Measure(event.after.stage, event.after.outcome), 1, Cell(event.after))
            try counter.tally(
                .corrected(event.before, to: event.after, origin: origin(event.bureau, event.resultID)), event.caseID,
                of: event.after.facts.person)
        },
        Counter.counting(ResultWithdrawn.self, "CountWithdrawal") { event, counter in
            try counter.add(Measure(event.result.stage, event.result.outcome), -1, Cell(event.result))
            try counter.tally(.withdrawn(event.result), event.caseID, of: event.result.facts.person)
        },
        Counter.counting(CaseShared.self, "CountSharing") { event, counter in
            let cell = Cell(event.facts, on: event.diagnosedOn, subject: event.topic)
            try counter.tally(.shared(cell), event.caseID, of: event.facts.person)
        },
        Counter.counting(CaseShareRevoked.self, "CountSharingRevoked") { event, counter in
            try counter.tally(
                .shareRevoked(Cell(event.facts, on: counter.today, subject: event.topic)), event.caseID, of: event.facts.person)
        },
        Counter.counting(ScreeningDeadlineMissed.self, "CountMissedDeadline") { event, counter in
            try counter.add(.screeningDeadlinesMissed, 1, Cell(event.facts, on: event.dueOn, subject: event.topic))
        },
    ]

    private static func origin(_ bureau: OrganisationID, _ resultID: String) -> String { "\(bureau.text)/\(resultID)" }
}

extension Counter {
    /// Changes one case's tally, and the child's where a confirmed diagnosis came or went.
    fileprivate func tally(_ command: CaseTallyRules.Command, _ id: CaseID, of person: PersonID) throws {
        for event in try work.execute(command, CaseTallyTable.self, id) {
            let confirmed = event.changes.filter { $0.measure == .casesConfirmed }
            let change = confirmed.reduce(0) { $0 + Int($1.amount) }
            if change != 0, let cell = confirmed.last?.cell {
                try ChildTallyTable.count(.confirmed(change, cell), (), of: person, in: work)
            } else if let left = confirmed.first(where: { $0.amount < 0 })?.cell,
                let entered = confirmed.first(where: { $0.amount > 0 })?.cell
            {
                // A correction moved the case to another place or month, and with it the child.
                try ChildTallyTable.count(.moved(from: left, to: entered), (), of: person, in: work)
            }
        }
    }
}
