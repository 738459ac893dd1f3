import ServiceRuntime
import Vocabulary

/// What happens when a day has passed. Each looks again at what is awaited now: a deadline that was met or moved meanwhile does nothing.
struct MissedDeadlines: Sendable {
    let context: ScreeningContext

    var handlers: [DeadlineHandler] {
        [
            // Escalates to the worklist; never closes or decides.
            DeadlineHandler(CaseTable.stepDeadline) { subject, due, work in
                let id = CaseID(trusted: subject)
                guard let state = try work.state(CaseTable.self, id) else { return }
                if let step = state.awaiting, step.dueOn == due {
                    try work.execute(.missDeadline(step), CaseTable.self, id)
                } else if due == CaseTable.lookDay, let deciding = ScreeningCase.deciding(state.entries, state.status) {
                    let policy = try context.policies.policy(in: state.facts.region, on: deciding.takenOn)
                    try work.execute(.awaitStep(policy), CaseTable.self, id)
                }
            },
            DeadlineHandler(ReferralTable.choiceDeadline) { subject, due, work in
                let id = ReferralID(trusted: subject)
                guard let referral = try work.state(ReferralTable.self, id), referral.chooseBy == due else { return }
                try ReferralDesk(context: context).issueAsProposed(id, work)
            },
            // Back to its sender, and on to the next institution by a policy command of its own.
            DeadlineHandler(ReferralTable.answerDeadline) { subject, due, work in
                let id = ReferralID(trusted: subject)
                guard let attempt = try work.state(ReferralTable.self, id)?.current, attempt.respondBy == due else { return }
                let events = try work.execute(.expire(attempt: attempt.number), ReferralTable.self, id)
                if !events.isEmpty { try ReferralDesk(context: context).issueNext(id, work) }
            },
            RecountDeadlines.handler(context),
            DeadlineHandler(ReferralTable.unplacedLook) { subject, _, work in
                try ReferralDesk(context: context).lookAgain(ReferralID(trusted: subject), work)
            },
        ]
    }
}
