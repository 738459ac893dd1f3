import Contracts
import ServiceRuntime
import Vocabulary

/// Referrals' facts → figures. Issued = accepted + declined + expired + withdrawn + open.
enum CountReferrals {
    static let subscriptions: [Subscription] = [
        Counter.counting(ReferralProposed.self, "CountProposal") { try $1.count(.referralsProposed, $0.facts, $0.category) },
        Counter.counting(ReferralIssued.self, "CountReferral") { try $1.count(.referralsIssued, $0.facts, $0.category) },
        Counter.counting(ReferralConfirmed.self, "CountAcceptance") { try $1.count(.referralsAccepted, $0.facts, $0.category) },
        Counter.counting(ReferralDeclined.self, "CountDecline") { try $1.count(.referralsDeclined, $0.facts, $0.category) },
        Counter.counting(ReferralExpired.self, "CountExpiry") { try $1.count(.referralsExpired, $0.facts, $0.category) },
        Counter.counting(ReferralWithdrawn.self, "CountReferralWithdrawal") { event, counter in
            let measure: Measure = event.institution == nil ? .referralsWithdrawnUnissued : .referralsWithdrawn
            try counter.count(measure, event.facts, event.category)
        },
        Counter.counting(ReferralUnplaced.self, "CountUnplaced") { try $1.count(.referralsUnplaced, $0.facts, $0.category) },
    ]
}

extension Counter {
    /// One for a person and a category, in the month the event was recorded.
    func count(_ measure: Measure, _ facts: PersonFacts, _ category: AssistanceCategory? = nil) throws {
        try add(measure, 1, Cell(facts, on: today, subject: category?.screeningTopic))
    }
}
