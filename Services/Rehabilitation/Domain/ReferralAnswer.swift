import Contracts
import ServiceRuntime
import Vocabulary

/// One attempt of a referral: a referral that comes back is asked again under the next number.
struct AttemptKey: Hashable, Comparable, Sendable {
    var referral: ReferralID
    var attempt: Int

    /// What a held answer waits for.
    var subject: String { "referral:\(referral)/\(attempt)" }
    var place: PlaceHolder { .referral(referral, attempt: attempt) }

    static func < (a: Self, b: Self) -> Bool { (a.referral, a.attempt) < (b.referral, b.attempt) }
}

/// The centre's side of one attempt of a referral (转介). Screening owns the referral; what stands here is what the centre was asked,
/// what it said, and what Screening made of it.
struct ReferralAnswer: Hashable, Sendable {
    enum Status: String, CaseIterable, Sendable { case open, claimed, confirmed, declined, superseded, expired, withdrawn }

    /// What Screening asked.
    struct Question: Hashable, Sendable {
        var key: AttemptKey
        var caseID: CaseID
        var facts: PersonFacts
        var category: AssistanceCategory
        var institution: OrganisationID
        var respondBy: LocalDate
    }

    var question: Question
    var status: Status
    /// Of a decline or a withdrawal.
    var reason: String?

    /// What an application rests on that follows this attempt.
    var ground: Application.Ground {
        switch status {
        case .confirmed: .confirmed(at: question.institution)
        case .withdrawn: .withdrawn(reason: reason)
        // It was confirmed when the application was made; after an older backup that comes again.
        case .open, .claimed, .declined, .superseded, .expired: .unreferred
        }
    }
}

/// The rules of an answer. A claim is not ownership: only Screening's confirmation makes the centre the owner.
enum ReferralAnswerRules: Decider {
    typealias State = ReferralAnswer
    typealias Status = ReferralAnswer.Status

    enum Command: Hashable, Sendable {
        case ask(ReferralAnswer.Question)
        case accept(by: OrganisationID)
        case decline(by: OrganisationID, reason: String)
        /// Screening's decisions about the attempt.
        case confirm, supersede, expire
        case withdraw(reason: String)
        /// Screening counted the answer's day again.
        case moveDeadline(to: LocalDate)
    }

    enum Event: Hashable, Sendable {
        case asked(ReferralAnswer.Question)
        case claimed
        case declined(reason: String)
        /// `placeHeld`: the centre's claim had reserved a place, which is free again now.
        case superseded(placeHeld: Bool)
        case expired(placeHeld: Bool)
        case withdrawn(reason: String, placeHeld: Bool)
        case confirmed
        case deadlineMoved(to: LocalDate)
    }

    enum Refused: String, Refusal {
        /// Unknown here or asked of another institution; a caller cannot tell which.
        case notFound = "REFERRAL_NOT_FOUND"
        case notOpen = "REFERRAL_NOT_OPEN"
        case alreadyAnswered = "REFERRAL_ALREADY_ANSWERED"
        case reasonRequired = "REASON_REQUIRED"
        /// Screening said two things about one attempt that cannot both be so.
        case contradiction = "REFERRAL_CONTRADICTION"
    }

    static func decide(_ command: Command, given answer: ReferralAnswer?) throws(Refused) -> [Event] {
        switch (command, answer?.status) {
        case (.ask(let question), nil): return [.asked(question)]
        case (.ask, .open), (.ask, .claimed), (.ask, .confirmed), (.ask, .declined), (.ask, .superseded), (.ask, .expired),
            (.ask, .withdrawn):
            return []

        case (.accept, nil), (.decline, nil): throw .notFound
        case (.accept(let institution), .open):
            try asked(institution, answer)
            return [.claimed]
        case (.accept(let institution), .claimed), (.accept(let institution), .confirmed):
            try asked(institution, answer)
            return []
        case (.accept(let institution), .declined):
            try asked(institution, answer)
            throw .alreadyAnswered
        case (.accept(let institution), .superseded), (.accept(let institution), .expired), (.accept(let institution), .withdrawn):
            try asked(institution, answer)
            throw .notOpen

        case (.decline(let institution, let reason), .open):
            try asked(institution, answer)
            guard reason.contains(where: { !$0.isWhitespace }) else { throw .reasonRequired }
            return [.declined(reason: reason)]
        case (.decline(let institution, _), .declined):
            try asked(institution, answer)
            return []
        case (.decline(let institution, _), .claimed), (.decline(let institution, _), .confirmed):
            try asked(institution, answer)
            throw .alreadyAnswered
        case (.decline(let institution, _), .superseded), (.decline(let institution, _), .expired),
            (.decline(let institution, _), .withdrawn):
            try asked(institution, answer)
            throw .notOpen

        case (.confirm, .claimed): return [.confirmed]
        case (.confirm, .confirmed): return []
        // Screening confirms claims; without one, or after it closed the attempt itself, something is wrong and is to be seen.
        case (.confirm, nil), (.confirm, .open), (.confirm, .declined), (.confirm, .superseded), (.confirm, .expired),
            (.confirm, .withdrawn):
            throw .contradiction

        case (.supersede, .open): return [.superseded(placeHeld: false)]
        case (.supersede, .claimed): return [.superseded(placeHeld: true)]
        case (.supersede, .declined), (.supersede, .superseded), (.supersede, .expired), (.supersede, .withdrawn): return []
        case (.supersede, nil), (.supersede, .confirmed): throw .contradiction

        case (.expire, .open): return [.expired(placeHeld: false)]
        // The claim and the expiry crossed: Screening's copy of the claim will be superseded, and the place is free already.
        case (.expire, .claimed): return [.expired(placeHeld: true)]
        case (.expire, .declined), (.expire, .superseded), (.expire, .expired), (.expire, .withdrawn): return []
        case (.expire, nil), (.expire, .confirmed): throw .contradiction

        case (.withdraw(let reason), .open): return [.withdrawn(reason: reason, placeHeld: false)]
        case (.withdraw(let reason), .claimed), (.withdraw(let reason), .confirmed):
            return [.withdrawn(reason: reason, placeHeld: true)]
        case (.withdraw, .declined), (.withdraw, .superseded), (.withdraw, .expired), (.withdraw, .withdrawn): return []
        case (.moveDeadline(let due), .open): return answer?.question.respondBy == due ? [] : [.deadlineMoved(to: due)]
        // Answered or over: the day matters to nobody any more.
        case (.moveDeadline, nil), (.moveDeadline, .claimed), (.moveDeadline, .confirmed), (.moveDeadline, .declined),
            (.moveDeadline, .superseded), (.moveDeadline, .expired), (.moveDeadline, .withdrawn):
            return []
        // Withdrawn before any institution was asked (attempt 0): nobody here has to know.
        case (.withdraw, nil): return []
        }
    }

    static func evolve(_ answer: ReferralAnswer?, with event: Event) -> ReferralAnswer {
        if case .asked(let question) = event { return ReferralAnswer(question: question, status: .open) }
        guard var answer else { preconditionFailure("an answer's first event is the question") }
        switch event {
        case .asked: break
        case .claimed: answer.status = .claimed
        case .confirmed: answer.status = .confirmed
        case .superseded: answer.status = .superseded
        case .expired: answer.status = .expired
        case .deadlineMoved(let due): answer.question.respondBy = due
        case .declined(let reason):
            answer.status = .declined
            answer.reason = reason
        case .withdrawn(let reason, _):
            answer.status = .withdrawn
            answer.reason = reason
        }
        return answer
    }

    private static func asked(_ institution: OrganisationID, _ answer: ReferralAnswer?) throws(Refused) {
        guard answer?.question.institution == institution else { throw .notFound }
    }
}
