import Contracts
import ServiceRuntime
import Vocabulary

/// After an older backup: referrals with their attempts and deadlines, as this service's own events tell them.
enum RebuildReferrals {
    static let rebuilding: [Rebuilding] = [
        .on(ReferralProposed.self) { event, _, work in
            let subject = Referral.Subject(caseID: event.caseID, facts: event.facts, category: event.category)
            try work.rebuild(
                .proposed(subject, candidates: event.candidates, chooseBy: event.chooseBy), ReferralTable.self, event.referral)
        },
        .on(ReferralIssued.self) { event, _, work in
            _ = try known(event.referral, work)
            let attempt = Referral.Attempt(
                number: event.attempt, institution: event.institution, chosenBy: event.chosenBy, respondBy: event.respondBy)
            try work.rebuild(.issued(attempt), ReferralTable.self, event.referral)
        },
        .on(ReferralConfirmed.self) { event, _, work in
            try work.rebuild(.confirmed(try attempt(event.attempt, event.referral, work)), ReferralTable.self, event.referral)
        },
        .on(ReferralSuperseded.self) { event, _, work in
            _ = try known(event.referral, work)
            try work.rebuild(.superseded(attempt: event.attempt, event.institution), ReferralTable.self, event.referral)
        },
        .on(ReferralDeclined.self) { event, _, work in
            try work.rebuild(
                .declined(try attempt(event.attempt, event.referral, work), reason: event.reason), ReferralTable.self, event.referral)
        },
        .on(ReferralExpired.self) { event, _, work in
            try work.rebuild(.expired(try attempt(event.attempt, event.referral, work)), ReferralTable.self, event.referral)
        },
        .on(ReferralDeadlineMoved.self) { event, _, work in
            guard event.attempt > 0 else {
                _ = try known(event.referral, work)
                return try work.rebuild(.choiceMoved(to: event.dueOn), ReferralTable.self, event.referral)
            }
            var moved = try attempt(event.attempt, event.referral, work)
            moved.respondBy = event.dueOn
            try work.rebuild(.answerMoved(moved), ReferralTable.self, event.referral)
        },
        .on(ReferralWithdrawn.self) { event, _, work in
            let status = try known(event.referral, work).status
            let open = event.attempt > 0 ? try attempt(event.attempt, event.referral, work) : nil
            try work.rebuild(.withdrawn(open, from: status, reason: event.reason), ReferralTable.self, event.referral)
        },
        .on(ReferralUnplaced.self) { event, _, work in
            _ = try known(event.referral, work)
            try work.rebuild(.unplaced, ReferralTable.self, event.referral)
        },
    ]

    private static func known(_ id: ReferralID, _ work: UnitOfWork) throws -> Referral {
        guard let referral = try work.state(ReferralTable.self, id) else { throw NotRebuilt("referral \(id)") }
        return referral
    }

    private static func attempt(_ number: Int, _ id: ReferralID, _ work: UnitOfWork) throws -> Referral.Attempt {
        guard let attempt = try known(id, work).attempts.first(where: { $0.number == number }) else {
            throw NotRebuilt("referral \(id), attempt \(number)")
        }
        return attempt
    }
}
