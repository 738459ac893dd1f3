import Contracts
import ServiceRuntime
import Vocabulary

/// The rules of a screening case: which results enter it, what status they add up to, and when the federation hears of it.
///
/// Whether a revision is new was decided before (`RevisionLedger`); no order of arrival is assumed here.
enum CaseRules: Decider {
    typealias State = ScreeningCase

    /// A validated result as it enters a case, with everything that the rules need to know about the day and the policy.
    struct Submission: Hashable, Sendable {
        var entry: ResultEntry
        /// Exact day of birth, for the age rule only; the case keeps the month.
        var birthDate: LocalDate
        /// Passed on when the case is shared, never kept.
        var identity: ChildIdentity
        var today: LocalDate
        var policy: ScreeningPolicy
    }

    struct Withdrawal: Hashable, Sendable {
        var bureau: OrganisationID
        var resultID: String
        var revision: Int
        var reason: String
        var policy: ScreeningPolicy
    }

    enum Command: Hashable, Sendable {
        /// A result, or a correction of one that counts already.
        case record(Submission)
        case withdraw(Withdrawal)
        case missDeadline(AwaitedStep)
        /// An older build left nothing awaited where a step is.
        case awaitStep(ScreeningPolicy)
    }

    enum Event: Hashable, Sendable {
        case recorded(ResultEntry, policyVersion: String)
        case corrected(before: ResultEntry, after: ResultEntry, policyVersion: String)
        /// `revision` is the withdrawal's; the entry is what had counted.
        case withdrawn(ResultEntry, revision: Int)
        case stepAwaited(AwaitedStep)
        case stepSettled(ScreeningStage)
        case deadlineMissed(AwaitedStep)
        case shared(ordinal: Int, on: LocalDate, identity: ChildIdentity?, policyVersion: String)
        /// Who the child is was corrected in a case that is shared.
        case identityRenewed(ChildIdentity)
        case shareRevoked(ordinal: Int, reason: String)
    }

    enum Refused: String, Refusal {
        case topicUnknown = "TOPIC_UNKNOWN"
        case ageOutOfRange = "AGE_OUT_OF_RANGE"
        case takenBeforeBirth = "TAKEN_BEFORE_BIRTH"
        case occurredInFuture = "OCCURRED_IN_FUTURE"
        case roundDuplicate = "ROUND_DUPLICATE"
        case alreadyDiagnosed = "CASE_ALREADY_DIAGNOSED"
        case childRequired = "CHILD_REQUIRED"
    }

    static func decide(_ command: Command, given state: ScreeningCase?) throws(Refused) -> [Event] {
        switch (command, state?.status) {
        // A case that was emptied by withdrawals is open for results like a new one.
        case (.record(let submission), nil), (.record(let submission), .empty), (.record(let submission), .unable),
            (.record(let submission), .initialNegative), (.record(let submission), .initialPositive),
            (.record(let submission), .rescreenNegative), (.record(let submission), .rescreenPositive),
            (.record(let submission), .notConfirmed), (.record(let submission), .diagnosed):
            return try record(submission, state)

        case (.withdraw, nil), (.withdraw, .empty): return []
        case (.withdraw(let withdrawal), .unable), (.withdraw(let withdrawal), .initialNegative),
            (.withdraw(let withdrawal), .initialPositive), (.withdraw(let withdrawal), .rescreenNegative),
            (.withdraw(let withdrawal), .rescreenPositive), (.withdraw(let withdrawal), .notConfirmed),
            (.withdraw(let withdrawal), .diagnosed):
            return try withdraw(withdrawal, state)

        // The day passed, but only the step that is still awaited can be missed: it escalates and decides nothing.
        case (.missDeadline(let step), .initialPositive), (.missDeadline(let step), .rescreenPositive):
            return state?.awaiting == step ? [.deadlineMissed(step)] : []
        case (.missDeadline, nil), (.missDeadline, .empty), (.missDeadline, .unable), (.missDeadline, .initialNegative),
            (.missDeadline, .rescreenNegative), (.missDeadline, .notConfirmed), (.missDeadline, .diagnosed):
            return []

        case (.awaitStep(let policy), _): return state.map { steps(of: $0, policy) } ?? []
        }
    }

    private static func record(_ submission: Submission, _ state: ScreeningCase?) throws(Refused) -> [Event] {
        let entry = submission.entry
        let result = entry.result
        let policy = submission.policy
        guard policy.topics.contains(result.topic) else { throw .topicUnknown }
        guard result.takenOn <= submission.today else { throw .occurredInFuture }
        guard submission.birthDate <= result.takenOn else { throw .takenBeforeBirth }
        guard submission.birthDate.completedYears(on: result.takenOn) < policy.ageLimitYears else { throw .ageOutOfRange }
        let before = state?.entry(entry.resultID, of: entry.bureau)
        for other in state?.entries ?? [] where other != before {
            if other.result.stage == result.stage, other.result.roundMonths == result.roundMonths { throw .roundDuplicate }
            if other.result.isPositiveDiagnosis, comesAfter(other.result, result) { throw .alreadyDiagnosed }
        }
        var events: [Event]
        if let before {
            guard entry.revision > before.revision else { return [] }
            events = [.corrected(before: before, after: entry, policyVersion: policy.version)]
            if state?.isShared == true { events.append(.identityRenewed(submission.identity)) }
        } else {
            events = [.recorded(entry, policyVersion: policy.version)]
        }
        let reason = "\(entry.bureau)/\(entry.resultID) revision \(entry.revision)"
        return events + (try consequences(of: events, state, policy, identity: submission.identity, reason: reason))
    }

    /// What was examined before the diagnosis may still arrive (a late entry); what came after it, or diagnoses the topic again, may not.
    private static func comesAfter(_ diagnosis: ResultFacts, _ result: ResultFacts) -> Bool {
        result.takenOn > diagnosis.takenOn || result.isPositiveDiagnosis
            || (result.takenOn == diagnosis.takenOn && result.roundMonths != diagnosis.roundMonths)
    }

    private static func withdraw(_ withdrawal: Withdrawal, _ state: ScreeningCase?) throws(Refused) -> [Event] {
        guard let entry = state?.entry(withdrawal.resultID, of: withdrawal.bureau), withdrawal.revision > entry.revision else { return [] }
        let events: [Event] = [.withdrawn(entry, revision: withdrawal.revision)]
        return events + (try consequences(of: events, state, withdrawal.policy, identity: nil, reason: withdrawal.reason))
    }

    /// What the new set of entries means for the deadline and for sharing.
    private static func consequences(
        of events: [Event], _ old: ScreeningCase?, _ policy: ScreeningPolicy, identity: ChildIdentity?, reason: String
    ) throws(Refused) -> [Event] {
        var new = old
        for event in events { new = evolve(new, with: event) }
        guard let new else { return [] }
        var following = steps(of: new, policy)
        let sharingStage = policy.sharingStage
        if !new.isShared, sharingStage.isReached(by: new.status), let deciding = ScreeningCase.deciding(new.entries, new.status) {
            // Registration keeps who a child is from the first sharing on; before it, a sharing without identity would help nobody.
            guard identity != nil || new.shares > 0 else { throw .childRequired }
            following.append(
                .shared(ordinal: new.shares + 1, on: deciding.takenOn, identity: identity, policyVersion: policy.version))
        } else if new.isShared, !sharingStage.isReached(by: new.status) {
            following.append(.shareRevoked(ordinal: new.shares, reason: reason))
        }
        return following
    }

    /// What the entries mean for the step that is waited for.
    static func steps(of state: ScreeningCase, _ policy: ScreeningPolicy) -> [Event] {
        let open = state.awaiting ?? state.overdue
        let next = ScreeningCase.nextStep(state.entries, state.status, policy)
        guard open != next else { return [] }
        return (open.map { [.stepSettled($0.stage)] } ?? []) + (next.map { [.stepAwaited($0)] } ?? [])
    }

    static func evolve(_ state: ScreeningCase?, with event: Event) -> ScreeningCase {
        if case .recorded(let entry, _) = event, state == nil {
            return ScreeningCase(
                entries: [entry], topic: entry.result.topic, facts: entry.result.facts, status: CaseStatus(of: [entry]), awaiting: nil,
                overdue: nil, shares: 0, isShared: false)
        }
        guard var state else { preconditionFailure("a case begins with a recorded result") }
        switch event {
        case .recorded(let entry, _):
            state.replace(with: state.entries + [entry])
        case .corrected(let before, let after, _):
            state.replace(with: state.entries.map { $0.isResult(before.resultID, of: before.bureau) ? after : $0 })
        case .withdrawn(let entry, _):
            state.replace(with: state.entries.filter { !$0.isResult(entry.resultID, of: entry.bureau) })
        case .stepAwaited(let step):
            state.awaiting = step
            state.overdue = nil
        case .stepSettled:
            state.awaiting = nil
            state.overdue = nil
        case .deadlineMissed(let step):
            state.awaiting = nil
            state.overdue = step
        case .shared(let ordinal, _, _, _):
            state.shares = ordinal
            state.isShared = true
        case .identityRenewed: break
        case .shareRevoked: state.isShared = false
        }
        return state
    }
}

extension ScreeningCase {
    fileprivate mutating func replace(with entries: [ResultEntry]) {
        self.entries = entries
        status = CaseStatus(of: entries)
        facts = Self.latestFacts(entries) ?? facts
    }
}
