import Contracts
import ServiceRuntime

/// Screening asks a centre: the attempt is open, and an answer that came before the question is heard now.
enum AskCentre {
    static let subscription = Subscription.on(ReferralIssued.self, "AskCentre") { event, _, work in
        let key = AttemptKey(referral: event.referral, attempt: event.attempt)
        let question = ReferralAnswer.Question(
            key: key, caseID: event.caseID, facts: event.facts, category: event.category, institution: event.institution,
            respondBy: event.respondBy)
        let asked = try work.execute(.ask(question), ReferralAnswerTable.self, key)
        if !asked.isEmpty { try work.release(key.subject) }
    }
}
