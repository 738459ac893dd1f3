import Contracts
import ServiceRuntime

/// What Screening made of an attempt: confirmed keeps the place, everything else frees it.
enum SettleAttempt {
    static let subscriptions = [
        Subscription.on(ReferralConfirmed.self, "ConfirmClaim") { event, _, work in
            try settle(.confirm, AttemptKey(referral: event.referral, attempt: event.attempt), in: work)
        },
        Subscription.on(ReferralSuperseded.self, "SupersedeClaim") { event, _, work in
            try settle(.supersede, AttemptKey(referral: event.referral, attempt: event.attempt), in: work)
        },
        Subscription.on(ReferralExpired.self, "ExpireAttempt") { event, _, work in
            try settle(.expire, AttemptKey(referral: event.referral, attempt: event.attempt), in: work)
        },
        Subscription.on(ReferralWithdrawn.self, "WithdrawAttempt") { event, _, work in
            try settle(.withdraw(reason: event.reason), AttemptKey(referral: event.referral, attempt: event.attempt), in: work)
        },
        Subscription.on(ReferralDeadlineMoved.self, "MoveAttempt") { event, _, work in
            try settle(.moveDeadline(to: event.dueOn), AttemptKey(referral: event.referral, attempt: event.attempt), in: work)
        },
    ]

    private static func settle(_ command: ReferralAnswerRules.Command, _ key: AttemptKey, in work: UnitOfWork) throws {
        for event in try work.execute(command, ReferralAnswerTable.self, key) {
            switch event {
            case .superseded(placeHeld: true), .expired(placeHeld: true), .withdrawn(_, placeHeld: true):
                guard let institution = try work.state(ReferralAnswerTable.self, key)?.question.institution else { continue }
                try work.execute(.releasePlace(key.place), InstitutionTable.self, institution)
            case .asked, .claimed, .declined, .confirmed, .superseded, .expired, .withdrawn, .deadlineMoved: break
            }
        }
    }
}
