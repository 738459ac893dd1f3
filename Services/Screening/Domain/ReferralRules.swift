import Contracts
import ServiceRuntime
import Vocabulary

/// The rules of a referral. Answers may be late, repeated or crossed by a deadline or a withdrawal: every command meets every status here.
enum ReferralRules: Decider {
    typealias State = Referral

    enum Command: Hashable, Sendable {
        /// `candidates` in order; none means that nobody has room.
        case propose(Referral.Subject, candidates: [Candidate], chooseBy: LocalDate)
        /// The guardian's choice. `available`: who serves the category and has room at this moment.
        case choose(OrganisationID, available: [Candidate], respondBy: LocalDate)
        /// Nobody chose in time: the first of the list that still has room.
        case issueAsProposed(available: [Candidate], respondBy: LocalDate)
        /// The policy after a decline or an expiry, and when room appears for an unplaced child.
        case issueNext(available: [Candidate], respondBy: LocalDate)
        /// A centre accepted and holds a place.
        case claim(attempt: Int, OrganisationID)
        /// A centre said no.
        case refuse(attempt: Int, OrganisationID, reason: String)
        case expire(attempt: Int)
        /// The calendar of the year a deadline lies in was announced: the day the choice, or this attempt's answer, is due by it.
        case moveChoice(to: LocalDate)
        case moveAnswer(attempt: Int, to: LocalDate)
        case withdraw(reason: String, by: Withdrawer)
    }

    enum Withdrawer: Hashable, Sendable {
        /// A clerk; not once an institution owns the child.
        case clerk
        /// The diagnosis no longer stands.
        case correction
    }

    enum Event: Hashable, Sendable {
        case proposed(Referral.Subject, candidates: [Candidate], chooseBy: LocalDate)
        case issued(Referral.Attempt)
        case confirmed(Referral.Attempt)
        /// A claim that came too late; the place it holds is free again.
        case superseded(attempt: Int, OrganisationID)
        case declined(Referral.Attempt, reason: String)
        case expired(Referral.Attempt)
        case choiceMoved(to: LocalDate)
        /// The attempt with its new day.
        case answerMoved(Referral.Attempt)
        /// `attempt` is the one that had not ended, if any; `from` is where the referral stood.
        case withdrawn(Referral.Attempt?, from: Referral.Status, reason: String)
        case unplaced
    }

    enum Refused: String, Refusal {
        case unknown = "REFERRAL_UNKNOWN"
        case notACandidate = "INSTITUTION_NOT_A_CANDIDATE"
        case noRoom = "INSTITUTION_HAS_NO_ROOM"
        case alreadyIssued = "REFERRAL_ALREADY_ISSUED"
        case alreadyConfirmed = "REFERRAL_ALREADY_CONFIRMED"
        case alreadyWithdrawn = "REFERRAL_WITHDRAWN"
        case reasonRequired = "REASON_REQUIRED"
    }

    static func decide(_ command: Command, given referral: Referral?) throws(Refused) -> [Event] {
        guard let referral else {
            switch command {
            case .propose(let subject, let candidates, let chooseBy): return propose(subject, candidates, chooseBy)
            case .choose, .issueAsProposed, .issueNext, .claim, .refuse, .expire, .moveChoice, .moveAnswer, .withdraw: throw .unknown
            }
        }
        switch (command, referral.status) {
        // An unplaced child whom no institution was ever asked to take gets a list as soon as there is one.
        case (.propose(_, let candidates, let chooseBy), .unplaced):
            guard referral.attempts.isEmpty, !candidates.isEmpty else { return [] }
            return [.proposed(referral.subject, candidates: candidates, chooseBy: chooseBy)]
        // The case asks twice: the first referral stands.
        case (.propose, .proposed), (.propose, .issued), (.propose, .confirmed), (.propose, .declined), (.propose, .expired),
            (.propose, .withdrawn):
            return []

        case (.choose(let institution, let available, let respondBy), .proposed):
            guard isOffered(institution, referral, available) else { throw .notACandidate }
            return [try choose(institution, referral, available, respondBy)]
        case (.choose(let institution, let available, let respondBy), .unplaced),
            (.choose(let institution, let available, let respondBy), .declined),
            (.choose(let institution, let available, let respondBy), .expired):
            return [try choose(institution, referral, available, respondBy)]
        case (.choose(let institution, _, _), .issued):
            guard referral.current?.institution == institution else { throw .alreadyIssued }
            return []
        case (.choose, .confirmed): throw .alreadyConfirmed
        case (.choose, .withdrawn): throw .alreadyWithdrawn

        case (.issueAsProposed(let available, let respondBy), .proposed):
            return [next(referral, available, respondBy)]
        // The guardian was quicker than the deadline.
        case (.issueAsProposed, .issued), (.issueAsProposed, .confirmed), (.issueAsProposed, .declined), (.issueAsProposed, .expired),
            (.issueAsProposed, .withdrawn), (.issueAsProposed, .unplaced):
            return []

        case (.issueNext(let available, let respondBy), .declined), (.issueNext(let available, let respondBy), .expired):
            return [next(referral, available, respondBy)]
        case (.issueNext(let available, let respondBy), .unplaced):
            let event = next(referral, available, respondBy)
            return event == .unplaced ? [] : [event]
        case (.issueNext, .proposed), (.issueNext, .issued), (.issueNext, .confirmed), (.issueNext, .withdrawn): return []

        case (.claim(let attempt, let institution), .issued):
            guard referral.isCurrent(attempt, institution), let current = referral.current else {
                return [.superseded(attempt: attempt, institution)]
            }
            return [.confirmed(current)]
        case (.claim(let attempt, let institution), .confirmed):
            return referral.isCurrent(attempt, institution) ? [] : [.superseded(attempt: attempt, institution)]
        // The attempt is over, or was never asked: whoever claims it holds a place in vain.
        case (.claim(let attempt, let institution), .proposed), (.claim(let attempt, let institution), .declined),
            (.claim(let attempt, let institution), .expired), (.claim(let attempt, let institution), .withdrawn),
            (.claim(let attempt, let institution), .unplaced):
            return [.superseded(attempt: attempt, institution)]

        case (.refuse(let attempt, let institution, let reason), .issued):
            guard referral.isCurrent(attempt, institution), let current = referral.current else { return [] }
            guard reason.contains(where: { !$0.isWhitespace }) else { throw .reasonRequired }
            return [.declined(current, reason: reason)]
        // Too late to say no: the attempt has ended already, one way or the other.
        case (.refuse, .proposed), (.refuse, .confirmed), (.refuse, .declined), (.refuse, .expired), (.refuse, .withdrawn),
            (.refuse, .unplaced):
            return []

        case (.expire(let attempt), .issued):
            guard let current = referral.current, current.number == attempt else { return [] }
            return [.expired(current)]
        case (.expire, .proposed), (.expire, .confirmed), (.expire, .declined), (.expire, .expired), (.expire, .withdrawn),
            (.expire, .unplaced):
            return []

        case (.moveChoice(let due), .proposed): return referral.chooseBy == due ? [] : [.choiceMoved(to: due)]
        case (.moveAnswer(let number, let due), .issued):
            guard var attempt = referral.current, attempt.number == number, attempt.respondBy != due else { return [] }
            attempt.respondBy = due
            return [.answerMoved(attempt)]
        // What was waited for has come, or is no longer waited for.
        case (.moveChoice, .issued), (.moveChoice, .confirmed), (.moveChoice, .declined), (.moveChoice, .expired),
            (.moveChoice, .withdrawn),
            (.moveChoice, .unplaced), (.moveAnswer, .proposed), (.moveAnswer, .confirmed), (.moveAnswer, .declined),
            (.moveAnswer, .expired), (.moveAnswer, .withdrawn), (.moveAnswer, .unplaced):
            return []

        case (.withdraw(let reason, _), .proposed), (.withdraw(let reason, _), .declined), (.withdraw(let reason, _), .expired),
            (.withdraw(let reason, _), .unplaced):
            return [.withdrawn(nil, from: referral.status, reason: try stated(reason))]
        case (.withdraw(let reason, _), .issued): return [.withdrawn(referral.current, from: .issued, reason: try stated(reason))]
        case (.withdraw(let reason, let by), .confirmed):
            guard by == .correction else { throw .alreadyConfirmed }
            return [.withdrawn(referral.current, from: .confirmed, reason: try stated(reason))]
        case (.withdraw, .withdrawn): return []
        }
    }

    private static func propose(_ subject: Referral.Subject, _ candidates: [Candidate], _ chooseBy: LocalDate) -> [Event] {
        let proposed = Event.proposed(subject, candidates: candidates, chooseBy: chooseBy)
        return candidates.isEmpty ? [proposed, .unplaced] : [proposed]
    }

    private static func isOffered(_ institution: OrganisationID, _ referral: Referral, _ available: [Candidate]) -> Bool {
        (referral.candidates + available).contains { $0.institution == institution }
    }

    private static func choose(
        _ institution: OrganisationID, _ referral: Referral, _ available: [Candidate], _ respondBy: LocalDate
    ) throws(Refused) -> Event {
        guard available.contains(where: { $0.institution == institution }) else { throw .noRoom }
        return .issued(
            Referral.Attempt(number: referral.attempts.count + 1, institution: institution, chosenBy: .guardian, respondBy: respondBy))
    }

    /// The next institution in the order of the list the guardian saw, then of today's; never one that had its turn.
    private static func next(_ referral: Referral, _ available: [Candidate], _ respondBy: LocalDate) -> Event {
        let room = Set(available.map(\.institution)).subtracting(referral.tried)
        guard let chosen = (referral.candidates + available).first(where: { room.contains($0.institution) }) else { return .unplaced }
        return .issued(
            Referral.Attempt(
                number: referral.attempts.count + 1, institution: chosen.institution, chosenBy: .asProposed, respondBy: respondBy))
    }

    private static func stated(_ reason: String) throws(Refused) -> String {
        guard reason.contains(where: { !$0.isWhitespace }) else { throw .reasonRequired }
        return reason
    }

    static func evolve(_ referral: Referral?, with event: Event) -> Referral {
        if case .proposed(let subject, let candidates, let chooseBy) = event {
            return Referral(
                subject: subject, status: .proposed, candidates: candidates, chooseBy: chooseBy, attempts: referral?.attempts ?? [],
                reason: "")
        }
        guard var referral else { preconditionFailure("a referral begins with a proposal") }
        switch event {
        case .proposed: break
        case .issued(let attempt):
            referral.attempts.append(attempt)
            referral.status = .issued
        case .confirmed: referral.status = .confirmed
        case .superseded: break
        case .declined(_, let reason):
            referral.status = .declined
            referral.reason = reason
        case .expired: referral.status = .expired
        case .choiceMoved(let due): referral.chooseBy = due
        case .answerMoved(let attempt): referral.attempts[referral.attempts.count - 1] = attempt
        case .withdrawn(_, _, let reason):
            referral.status = .withdrawn
            referral.reason = reason
        case .unplaced: referral.status = .unplaced
        }
        return referral
    }
}
