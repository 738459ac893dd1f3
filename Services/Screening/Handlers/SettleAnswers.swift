import Contracts
import ServiceRuntime

/// A centre's answer, as Rehabilitation passes it on, decides an attempt: a claim wins or comes too late, a refusal sends the referral on.
struct SettleAnswers: Sendable {
    let context: ScreeningContext

    var subscriptions: [Subscription] {
        [
            .on(ReferralClaimed.self, "SettleClaim") { claim, _, work in
                try settle { try work.execute(.claim(attempt: claim.attempt, claim.institution), ReferralTable.self, claim.referral) }
            },
            .on(ReferralRefused.self, "PassOnRefused") { answer, _, work in
                let events = try settle {
                    try work.execute(
                        .refuse(attempt: answer.attempt, answer.institution, reason: answer.reason), ReferralTable.self, answer.referral)
                }
                if !events.isEmpty { try ReferralDesk(context: context).issueNext(answer.referral, work) }
            },
        ]
    }

    /// Screening alone issues referrals, so an answer to an unknown one can never be applied here.
    @discardableResult
    private func settle(_ body: () throws -> [ReferralRules.Event]) throws -> [ReferralRules.Event] {
        do { return try body() } catch let refusal as ReferralRules.Refused { throw DeadLetter(reason: refusal.rawValue) }
    }
}
