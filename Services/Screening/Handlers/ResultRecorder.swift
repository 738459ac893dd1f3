import Contracts
import ServiceRuntime
import Vocabulary

/// What Screening works with: keys, rules and tables of the world. Built once when the service starts.
struct ScreeningContext: Sendable {
    let personKey: PersonKey
    /// Seals refused rows of uploads.
    let rowKeys: ShortLivedKeys
    let policies: PolicyMemory
    let regions: RegionTable
    let calendar: WorkingCalendar
    let elapsed: any ElapsedTime

    init(
        personKey: PersonKey, rowKeys: ShortLivedKeys, policies: ScreeningPolicies = .shared, regions: RegionTable = .shared,
        calendar: WorkingCalendar = .shared, elapsed: any ElapsedTime = SystemTime()
    ) {
        self.personKey = personKey
        self.rowKeys = rowKeys
        self.policies = PolicyMemory(policies)
        self.regions = regions
        self.calendar = calendar
        self.elapsed = elapsed
    }
}

/// What became of one result; a refusal says everything that is wrong.
enum ResultEnding: Hashable, Sendable {
    case accepted(CaseID)
    case corrected(CaseID)
    /// Nil when the result had never counted.
    case withdrawn(CaseID?)
    case repeated(CaseID?)
    case conflict(CaseID?)
    case refused([RuleBroken])
}

/// A result as far as it can be judged by itself: checked, with the fingerprint of its content and the ids that its child may have. Made outside
/// the transaction, so that the rows of one batch are checked while the batch before is written. A class, because thousands of them wait in a list
/// that is handed on.
final class PreparedResult: Sendable {
    let input: ScreeningResultInput
    let fingerprint: [UInt8]
    /// The child's ids, of the newest key first, each with the case it has; empty for a withdrawal.
    let people: [(person: PersonID, caseID: CaseID)]

    init(input: ScreeningResultInput, fingerprint: [UInt8], people: [(person: PersonID, caseID: CaseID)]) {
        self.input = input
        self.fingerprint = fingerprint
        self.people = people
    }
}

/// Everything that is wrong with one result; never empty.
struct RulesBroken: Error, Hashable, Sendable {
    var rules: [RuleBroken]
}

/// One broken rule as it is told to whoever sent the result. Never holds the offending text.
struct RuleBroken: Error, Hashable, Sendable {
    var field: String
    var code: String
    var rule: String
    var source: String
}

/// The one way a result takes into a case, whether it came over the log or in an upload: check, compare with what is known, decide, and see
/// to what follows for the referral. Everything happens in the transaction of `work`; a result that is refused changes nothing. What goes wrong
/// behind the first write is thrown on, so that the transaction is rolled back.
struct ResultRecorder: Sendable {
    let context: ScreeningContext
    /// Set for a check, whose earlier batches left nothing in the store.
    var seen: CheckedResults?

    /// Checks a row and works out what needs no store.
    func prepare(
        _ row: ResultRow, from bureau: OrganisationID, scope: RegionCode?, on today: LocalDate
    ) throws(RulesBroken) -> PreparedResult {
        let validation = ResultValidation(regions: context.regions, today: today, sender: bureau, scope: scope)
        let input: ScreeningResultInput
        switch validation.check(row) {
        case .failure(let problems):
            throw RulesBroken(
                rules: problems.all.map {
                    RuleBroken(field: $0.field, code: $0.value.code, rule: $0.value.rule, source: $0.value.source)
                })
        case .success(let checked): input = checked
        }
        let people = input.content.map { content in
            context.personKey.people(Self.identifier(content.child)).map { ($0, CaseTable.id($0, content.topic)) }
        }
        return PreparedResult(
            input: input, fingerprint: context.personKey.fingerprint(input.canonicalContent), people: people ?? [])
    }

    func record(_ prepared: PreparedResult, from bureau: OrganisationID, in work: UnitOfWork) throws -> ResultEnding {
        let (input, fingerprint) = (prepared.input, prepared.fingerprint)
        let earlier = seen?.standing(of: input.resultID, revision: input.revision, fingerprint)
        switch earlier {
        case .repeated, .outdated: return .repeated(nil)
        case .conflict: return .conflict(nil)
        case .newer, nil: break
        }
        let known = try ResultTable.known(bureau, input.resultID, in: work.tx)
        if work.isRecalled {
            try recall(input, fingerprint, known, bureau, work)
            return .repeated(known?.caseID)
        }
        switch RevisionLedger.standing(revision: input.revision, fingerprint: fingerprint, given: known) {
        case .repeated, .outdated: return .repeated(known?.caseID)
        case .conflict: return .conflict(known?.caseID)
        case .newer: break
        }
        let before = work.moment
        do {
            let ending = try input.content.map { try enter($0, prepared, known, bureau, work) } ?? withdraw(input, known, bureau, work)
            var counted: CaseID?
            switch ending {
            case .accepted(let id), .corrected(let id): counted = id
            case .withdrawn, .repeated, .conflict, .refused: break
            }
            try ResultTable.keep(
                KnownRevision(revision: input.revision, fingerprint: fingerprint, caseID: counted), replacing: known, bureau,
                input.resultID, in: work.tx)
            seen?.note(input.resultID, revision: input.revision, fingerprint)
            // A check's earlier batch had the first revision: this one corrects it.
            if earlier == .newer, case .accepted(let id) = ending { return .corrected(id) }
            return ending
        } catch let refusal as CaseRules.Refused where work.isUntouched(since: before) {
            return .refused([refusal.told])
        } catch is PolicyMissing where work.isUntouched(since: before) {
            return .refused([RuleBroken.told(PolicyMissing.code, field: UploadColumn.residence.name)])
        }
    }

    /// A result that was dealt with before an older backup was put in place. Its case came back with our events; what it said in full, and a
    /// withdrawal of what never counted, stand nowhere but in the bureau's record.
    private func recall(
        _ input: ScreeningResultInput, _ fingerprint: [UInt8], _ known: KnownRevision?, _ bureau: OrganisationID, _ work: UnitOfWork
    ) throws {
        let isContent = known.map { $0.revision == input.revision && $0.fingerprint == KnownRevision.unknownContent } ?? false
        let isEarlyWithdrawal = input.isWithdrawal && known?.caseID == nil && known.map { $0.revision < input.revision } ?? true
        guard isContent || isEarlyWithdrawal else { return }
        try ResultTable.keep(
            KnownRevision(revision: input.revision, fingerprint: fingerprint, caseID: known?.caseID), replacing: known, bureau,
            input.resultID, in: work.tx)
    }

    private func enter(
        _ content: ResultContent, _ prepared: PreparedResult, _ known: KnownRevision?, _ bureau: OrganisationID, _ work: UnitOfWork
    ) throws -> ResultEnding {
        let (input, child) = (prepared.input, content.child)
        let (person, caseID) = try whoIs(prepared, content.topic, work)
        let facts = PersonFacts(person: person, sex: child.sex, birthMonth: child.birthDate.month, region: child.region)
        let entry = ResultEntry(
            bureau: bureau, resultID: input.resultID, revision: input.revision,
            result: ResultFacts(
                facts: facts, topic: content.topic, stage: content.stage, outcome: content.outcome, takenOn: content.takenOn,
                roundMonths: content.roundMonths))
        let submission = CaseRules.Submission(
            entry: entry, birthDate: child.birthDate, identity: child, today: work.cause.today,
            policy: try context.policies.policy(in: facts.region, on: content.takenOn))
        let moved = known?.caseID.flatMap { $0 == caseID ? nil : $0 }
        // Asked before anything changes, so that a refusal leaves both cases as they were.
        if let moved { _ = try CaseRules.decide(try leave(moved, input, bureau, work), given: work.state(CaseTable.self, moved)) }
        let events = try work.execute(.record(submission), CaseTable.self, caseID)
        try follow(events, caseID, work)
        if let moved {
            // The correction says that it was another child or another topic: it counts there from now on.
            let left = try work.execute(try leave(moved, input, bureau, work), CaseTable.self, moved)
            try follow(left, moved, work)
        }
        return known?.caseID == caseID ? .corrected(caseID) : .accepted(caseID)
    }

    private func withdraw(
        _ input: ScreeningResultInput, _ known: KnownRevision?, _ bureau: OrganisationID, _ work: UnitOfWork
    ) throws -> ResultEnding {
        // Revisions may overtake each other: a withdrawal that comes first makes the result it withdraws outdated.
        guard let caseID = known?.caseID else { return .withdrawn(nil) }
        let events = try work.execute(try leave(caseID, input, bureau, work), CaseTable.self, caseID)
        try follow(events, caseID, work)
        return .withdrawn(caseID)
    }

    private func leave(
        _ caseID: CaseID, _ input: ScreeningResultInput, _ bureau: OrganisationID, _ work: UnitOfWork
    ) throws -> CaseRules.Command {
        guard let state = try work.state(CaseTable.self, caseID) else { preconditionFailure("a result counts in a case that is not there") }
        return .withdraw(
            CaseRules.Withdrawal(
                bureau: bureau, resultID: input.resultID, revision: input.revision,
                reason: input.reason.isEmpty ? "\(bureau)/\(input.resultID) revision \(input.revision)" : input.reason,
                policy: try context.policies.policy(in: state.facts.region, on: work.cause.today)))
    }

    /// What sharing, or its revocation, means for the child's referral.
    private func follow(_ events: [CaseRules.Event], _ caseID: CaseID, _ work: UnitOfWork) throws {
        for event in events {
            switch event {
            case .shared(let ordinal, _, _, _): try ReferralDesk(context: context).propose(caseID, share: ordinal, work)
            case .shareRevoked(let ordinal, let reason):
                let (id, referral) = try ReferralTable.standing(caseID, share: ordinal) { try work.state(ReferralTable.self, $0) }
                // None where a clerk withdrew it, or where a restored store never said it: the log had lost the half of what one result led to.
                guard referral != nil else { continue }
                try work.execute(.withdraw(reason: reason, by: .correction), ReferralTable.self, id)
            case .recorded, .corrected, .withdrawn, .stepAwaited, .stepSettled, .deadlineMissed, .identityRenewed: break
            }
        }
    }

    /// The child's id and case: those it is known under, else new ones of the newest key.
    private func whoIs(_ prepared: PreparedResult, _ topic: ScreeningTopic, _ work: UnitOfWork) throws -> (PersonID, CaseID) {
        for (older, caseID) in prepared.people.dropFirst() {
            for known in ScreeningTopic.allCases where try work.state(CaseTable.self, CaseTable.id(older, known)) != nil {
                return (older, caseID)
            }
        }
        return prepared.people[0]
    }

    private static func identifier(_ child: ChildIdentity) -> PersonIdentifier {
        PersonIdentifier(child.documentKind, number: child.documentNumber, birthDate: child.birthDate, birthOrder: child.birthOrder)
    }
}

extension CaseRules.Refused {
    /// The field of a result that a refusal is about.
    var field: UploadColumn {
        switch self {
        case .topicUnknown, .alreadyDiagnosed: .topic
        case .ageOutOfRange, .takenBeforeBirth, .occurredInFuture: .takenOn
        case .roundDuplicate: .roundMonths
        case .childRequired: .documentNumber
        }
    }

    var told: RuleBroken { .told(rawValue, field: field.name) }
}

extension RuleBroken {
    /// A rule as the catalogue words it.
    static func told(_ code: String, field: String) -> RuleBroken {
        guard let entry = ScreeningRefusals.complete[code] else { preconditionFailure("\(code) is not in the catalogue") }
        return RuleBroken(field: field, code: code, rule: entry.english, source: entry.source)
    }
}
