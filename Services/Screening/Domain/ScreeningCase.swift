import Contracts
import ServiceRuntime
import Vocabulary

/// A screening case (筛查个案): one child and one topic, from the first result to the diagnosis that closes it, across check-up rounds.
struct ScreeningCase: Hashable, Sendable {
    /// What counts now: one entry per result that was neither withdrawn nor replaced. In order of arrival.
    var entries: [ResultEntry]
    var topic: ScreeningTopic
    /// The child as the latest examination saw it; kept when every result was withdrawn.
    var facts: PersonFacts
    var status: CaseStatus
    /// The next step, while its time runs.
    var awaiting: AwaitedStep?
    /// The next step, when its time has passed.
    var overdue: AwaitedStep?
    /// How often the case was shared; the ordinal of its latest referral.
    var shares: Int
    var isShared: Bool
}

/// One result that counts.
struct ResultEntry: Hashable, Sendable {
    var bureau: OrganisationID
    /// The bureau's own identifier.
    var resultID: String
    var revision: Int
    var result: ResultFacts

    func isResult(_ id: String, of organisation: OrganisationID) -> Bool { resultID == id && bureau == organisation }
}

/// A step of the pathway that must be done by a day.
struct AwaitedStep: Hashable, Sendable {
    /// Re-screen (复筛) or diagnosis (诊断).
    var stage: ScreeningStage
    var dueOn: LocalDate
}

/// Where a case stands; derived from the entries alone.
enum CaseStatus: String, CaseIterable, Hashable, Sendable {
    case empty, unable, initialNegative, initialPositive, rescreenNegative, rescreenPositive, notConfirmed, diagnosed

    /// A positive diagnosis closes the topic. Otherwise the latest round that found out anything decides, and in it the latest stage that
    /// did: an examination that could not be made (未能检查) decides nothing, so it leaves an earlier round's positive result open.
    init(of entries: [ResultEntry]) {
        if entries.contains(where: \.result.isPositiveDiagnosis) {
            self = .diagnosed
            return
        }
        let deciding = entries.filter { $0.result.outcome != .unable }
        guard let last = deciding.map(\.result.roundMonths).max() else {
            self = entries.isEmpty ? .empty : .unable
            return
        }
        func outcome(_ stage: ScreeningStage) -> ScreeningOutcome? {
            deciding.first { $0.result.roundMonths == last && $0.result.stage == stage }?.result.outcome
        }
        switch (outcome(.diagnosis), outcome(.rescreen), outcome(.initial)) {
        case (.positive, _, _): self = .diagnosed
        case (.negative, _, _): self = .notConfirmed
        case (_, .positive, _): self = .rescreenPositive
        case (_, .negative, _): self = .rescreenNegative
        case (_, _, .positive): self = .initialPositive
        case (_, _, .negative): self = .initialNegative
        // Not among those that decide.
        case (.unable, _, _), (_, .unable, _), (_, _, .unable), (nil, nil, nil): preconditionFailure("a deciding round has no outcome")
        }
    }

    /// The stage whose positive result brought the case here, when that asks for a next step or for sharing.
    var decidingStage: ScreeningStage? {
        switch self {
        case .initialPositive: .initial
        case .rescreenPositive: .rescreen
        case .diagnosed: .diagnosis
        case .empty, .unable, .initialNegative, .rescreenNegative, .notConfirmed: nil
        }
    }
}

extension ResultFacts {
    var isPositiveDiagnosis: Bool { stage == .diagnosis && outcome == .positive }
}

extension ScreeningCase {
    func entry(_ resultID: String, of bureau: OrganisationID) -> ResultEntry? { entries.first { $0.isResult(resultID, of: bureau) } }

    /// The result that decides the status: of the latest round for a re-screen or an initial screen, the earliest for a diagnosis.
    static func deciding(_ entries: [ResultEntry], _ status: CaseStatus) -> ResultFacts? {
        guard let stage = status.decidingStage else { return nil }
        let positive = entries.map(\.result).filter { $0.stage == stage && $0.outcome == .positive }
        return stage == .diagnosis
            ? positive.min { ($0.takenOn, $0.roundMonths) < ($1.takenOn, $1.roundMonths) }
            : positive.max { ($0.roundMonths, $0.takenOn) < ($1.roundMonths, $1.takenOn) }
    }

    /// The step that must follow, and by when, under `policy`.
    static func nextStep(_ entries: [ResultEntry], _ status: CaseStatus, _ policy: ScreeningPolicy) -> AwaitedStep? {
        guard let deciding = deciding(entries, status) else { return nil }
        switch deciding.stage {
        case .initial: return AwaitedStep(stage: .rescreen, dueOn: deciding.takenOn.adding(days: policy.rescreenDays))
        case .rescreen: return AwaitedStep(stage: .diagnosis, dueOn: deciding.takenOn.adding(days: policy.diagnosisDays))
        case .diagnosis: return nil
        }
    }

    /// The child as the latest examination saw it.
    static func latestFacts(_ entries: [ResultEntry]) -> PersonFacts? {
        entries.map(\.result).max { ($0.takenOn, $0.roundMonths, $0.stage.rawValue) < ($1.takenOn, $1.roundMonths, $1.stage.rawValue) }?
            .facts
    }
}
