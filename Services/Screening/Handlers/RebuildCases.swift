import Contracts
import ServiceRuntime
import Vocabulary

/// After an older backup: cases, and which results are known, as this service's own events tell them.
///
/// The day a next step is due follows from the results and the policy and is on no topic: it is worked out again. A result's fingerprint comes
/// back with the bureau's record while its topic keeps it.
struct RebuildCases: Sendable {
    let context: ScreeningContext

    static let unsaid = [
        Unsaid(
            "上传批次的进度与被拒行；上传结果的内容指纹（同一修订再来时一律视为重复，不再判定内容冲突）",
            "uploads with their refused rows; fingerprints of results that were uploaded (the same revision counts as a repeat, whatever it says)"
        )
    ]

    var rebuilding: [Rebuilding] {
        [
            .on(ResultAccepted.self) { event, meta, work in
                let entry = ResultEntry(bureau: event.bureau, resultID: event.resultID, revision: event.revision, result: event.result)
                try work.rebuild(.recorded(entry, policyVersion: meta.policyVersion ?? ""), CaseTable.self, event.caseID)
                try awaitNextStep(event.caseID, event.result.facts.region, on: event.result.takenOn, work)
                try know(event.bureau, event.resultID, revision: event.revision, event.caseID, work)
            },
            .on(ResultCorrected.self) { event, meta, work in
                guard let before = try work.state(CaseTable.self, event.caseID)?.entry(event.resultID, of: event.bureau) else {
                    throw NotRebuilt("result \(event.bureau)/\(event.resultID)")
                }
                let after = ResultEntry(bureau: event.bureau, resultID: event.resultID, revision: event.revision, result: event.after)
                try work.rebuild(
                    .corrected(before: before, after: after, policyVersion: meta.policyVersion ?? ""), CaseTable.self, event.caseID)
                try awaitNextStep(event.caseID, event.after.facts.region, on: event.after.takenOn, work)
                try know(event.bureau, event.resultID, revision: event.revision, event.caseID, work)
            },
            .on(ResultWithdrawn.self) { event, _, work in
                guard let state = try work.state(CaseTable.self, event.caseID), let entry = state.entry(event.resultID, of: event.bureau)
                else { throw NotRebuilt("result \(event.bureau)/\(event.resultID)") }
                try work.rebuild(.withdrawn(entry, revision: event.revision), CaseTable.self, event.caseID)
                try awaitNextStep(event.caseID, state.facts.region, on: work.cause.today, work)
                // A correction that moved the result to another case counts there already.
                let known = try ResultTable.known(event.bureau, event.resultID, in: work.tx)
                guard known.map({ $0.caseID == event.caseID }) ?? true else { return }
                try know(event.bureau, event.resultID, revision: event.revision, nil, work)
            },
            .on(CaseShared.self) { event, meta, work in
                let state = try known(event.caseID, work)
                try work.rebuild(
                    .shared(ordinal: state.shares + 1, on: event.diagnosedOn, identity: nil, policyVersion: meta.policyVersion ?? ""),
                    CaseTable.self, event.caseID)
            },
            .on(CaseShareRevoked.self) { event, _, work in
                let state = try known(event.caseID, work)
                try work.rebuild(.shareRevoked(ordinal: state.shares, reason: event.reason), CaseTable.self, event.caseID)
            },
            .on(ScreeningDeadlineMissed.self) { event, _, work in
                _ = try known(event.caseID, work)
                try work.rebuild(.deadlineMissed(AwaitedStep(stage: event.step, dueOn: event.dueOn)), CaseTable.self, event.caseID)
            },
            // Who a child is belongs to Registration; receipts and notices are what others were told of the same.
            .nothing(IdentityShared.self), .nothing(ResultReceipt.self), .nothing(ReferralNotice.self), .nothing(DeadLettered.self),
        ]
    }

    private func known(_ id: CaseID, _ work: UnitOfWork) throws -> ScreeningCase {
        guard let state = try work.state(CaseTable.self, id) else { throw NotRebuilt("case \(id)") }
        return state
    }

    private func awaitNextStep(_ id: CaseID, _ region: RegionCode, on date: LocalDate, _ work: UnitOfWork) throws {
        let policy = try context.policies.policy(in: region, on: date)
        for event in CaseRules.steps(of: try known(id, work), policy) { try work.rebuild(event, CaseTable.self, id) }
    }

    /// Keeps the highest revision that was said, without the fingerprint of its content.
    private func know(
        _ bureau: OrganisationID, _ resultID: String, revision: Int, _ caseID: CaseID?, _ work: UnitOfWork
    ) throws {
        let old = try ResultTable.known(bureau, resultID, in: work.tx)
        guard old.map({ $0.revision <= revision }) ?? true else { return }
        let fingerprint = old?.revision == revision ? old!.fingerprint : KnownRevision.unknownContent
        try ResultTable.keep(
            KnownRevision(revision: revision, fingerprint: fingerprint, caseID: caseID), replacing: old, bureau, resultID, in: work.tx)
    }
}
