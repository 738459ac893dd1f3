import Contracts
import ServiceRuntime
import Vocabulary

/// One effective result of a case as one number, ordered by the day it was taken, then by stage and place: the least of a case says where it
/// counts. From the top: month 17 bits, day 5, stage 2, region padded to nine digits 30 and its level 2, sex and age band 3 each, outcome 2.
/// The store keeps it. Day 0 is a day that is not known: what an earlier build had counted.
struct DatedResult: Hashable, Comparable, Sendable {
    let packed: UInt64

    init(packed: UInt64) { self.packed = packed }

    init(_ result: ResultFacts) {
        self.init(CellKey(Cell(result), shard: 0), day: result.takenOn.parts.day, Self.step(result.stage, result.outcome))
    }

    /// Counted in `cell`, on a day that nobody kept.
    init(undated cell: CellKey, _ stage: ScreeningStage, _ outcome: ScreeningOutcome) {
        self.init(cell, day: 0, Self.step(stage, outcome))
    }

    private init(_ cell: CellKey, day: Int, _ step: UInt64) {
        let bits = UInt64(bitPattern: cell.packed)
        let (month, region, person) = (bits >> 12 & 0x1FFFF, bits >> 29, bits >> 3 & 0x3F)
        packed = month << 47 | UInt64(day) << 42 | (step >> 2) << 40 | region << 8 | person << 2 | step & 3
    }

    /// Where it was taken, in the month it was taken.
    func cell(_ topic: ScreeningTopic?) -> Cell {
        let bits = (packed >> 8 & 0xFFFF_FFFF) << 29 | (packed >> 47) << 12 | (packed >> 2 & 0x3F) << 3
        var cell = Cell(CellKey(packed: Int64(bitPattern: bits)))
        cell.subject = topic
        return cell
    }

    /// All but day, stage and outcome.
    fileprivate var place: UInt64 { packed & ~(0x7F << 40 | 3) }
    fileprivate var isDated: Bool { packed >> 42 & 0x1F != 0 }
    fileprivate var step: UInt64 { packed >> 38 & 0xC | packed & 3 }

    /// Stage and outcome, two bits each.
    fileprivate static func step(_ stage: ScreeningStage, _ outcome: ScreeningOutcome) -> UInt64 {
        let row: UInt64 =
            switch stage {
            case .initial: 0
            case .rescreen: 1
            case .diagnosis: 2
            }
        let column: UInt64 =
            switch outcome {
            case .negative: 0
            case .positive: 1
            case .unable: 2
            }
        return row << 2 | column
    }

    static func < (a: Self, b: Self) -> Bool { a.packed < b.packed }
}

/// How far one child has come in one topic, as the results that stand: enough to take any of them back exactly.
struct CaseTally: Hashable, Sendable {
    enum Sharing: Int, Sendable {
        case no, late, inTime
    }

    /// The earliest first: a case counts where that one was taken, in the month it was taken.
    var results: [DatedResult] = []
    /// Taken back before they came.
    var owed: [DatedResult] = []
    var topic: ScreeningTopic?
    var sharing = Sharing.no

    mutating func add(_ result: DatedResult) {
        if let index = owed.firstIndex(of: result) {
            owed.remove(at: index)
        } else {
            results.insert(result, at: results.firstIndex { $0 > result } ?? results.endIndex)
        }
    }

    mutating func remove(_ result: DatedResult) {
        if let index = results.firstIndex(of: result) ?? results.firstIndex(where: { !$0.isDated && $0.step == result.step }) {
            results.remove(at: index)
        } else {
            owed.append(result)
        }
    }

    /// How far the case has come. Each step up to the diagnosis presupposes the one before it, so a later figure never exceeds an earlier one.
    /// A confirmed diagnosis counts however the child came to it. A re-screen that could not be made is none.
    var steps: Steps {
        let seen = results.reduce(0) { $0 | 1 << $1.step }
        // An earlier build had counted it as one that was made.
        let unable = results.contains { !$0.isDated && $0.step == DatedResult.step(.rescreen, .unable) }
        func has(_ stage: ScreeningStage, _ outcome: ScreeningOutcome) -> Bool { seen & 1 << DatedResult.step(stage, outcome) != 0 }
        var steps: Steps = []
        let suspected = has(.initial, .positive)
        let still = suspected && has(.rescreen, .positive)
        let confirmed = has(.diagnosis, .positive)
        if suspected || has(.initial, .negative) || has(.initial, .unable) { steps.insert(.screened) }
        if suspected { steps.insert(.suspected) }
        if still || suspected && (has(.rescreen, .negative) || unable) { steps.insert(.rescreened) }
        if still { steps.insert(.stillSuspected) }
        if still && (confirmed || has(.diagnosis, .negative)) { steps.insert(.diagnosed) }
        if confirmed { steps.insert(.confirmed) }
        if confirmed && sharing != .no { steps.insert(.shared) }
        if confirmed && sharing == .inTime { steps.insert(.sharedInTime) }
        return steps
    }

    struct Steps: OptionSet, Hashable, Sendable {
        let rawValue: UInt8

        static let screened = Steps(rawValue: 1)
        static let suspected = Steps(rawValue: 2)
        static let rescreened = Steps(rawValue: 4)
        static let stillSuspected = Steps(rawValue: 8)
        static let diagnosed = Steps(rawValue: 16)
        static let confirmed = Steps(rawValue: 32)
        static let shared = Steps(rawValue: 64)
        static let sharedInTime = Steps(rawValue: 128)

        fileprivate static let measured: [(step: Steps, measure: Measure)] = [
            (.screened, .casesScreened), (.suspected, .casesSuspected), (.rescreened, .casesRescreened),
            (.stillSuspected, .casesStillSuspected), (.diagnosed, .casesDiagnosed), (.confirmed, .casesConfirmed), (.shared, .casesShared),
            (.sharedInTime, .casesSharedInTime),
        ]
    }

    /// What turns the figures of `before` into this one's, as `Change.between` for figures that all lie in one cell.
    func changes(since before: CaseTally?) -> [Change] {
        let (old, new) = (before?.steps ?? [], steps)
        let hasMoved = before?.results.first?.place != results.first?.place
        guard hasMoved || old != new else { return [] }
        let (left, entered) = (before?.cell, cell)
        var changes: [Change] = []
        for (step, measure) in Steps.measured where hasMoved || old.contains(step) != new.contains(step) {
            if let left, old.contains(step) { changes.append(Change(measure: measure, amount: -1, cell: left)) }
            if let entered, new.contains(step) { changes.append(Change(measure: measure, amount: 1, cell: entered)) }
        }
        return changes
    }

    /// Nil where no result stands, so no step does.
    var cell: Cell? { results.first?.cell(topic) }
}

/// Keeps one case's tally and says which figures change.
enum CaseTallyRules: Decider {
    enum Command: Sendable {
        case accepted(ResultFacts)
        case corrected(ResultFacts, to: ResultFacts)
        case withdrawn(ResultFacts)
        case shared(inTime: Bool)
        case shareRevoked
    }

    struct Event: Sendable {
        let tally: CaseTally
        let changes: [Change]
    }

    enum Refused: String, Refusal { case never = "NEVER_REFUSED" }

    static func decide(_ command: Command, given tally: CaseTally?) throws(Refused) -> [Event] {
        var after = tally ?? CaseTally()
        switch command {
        case .accepted(let result):
            after.topic = result.topic
            after.add(DatedResult(result))
        case .corrected(let old, let new):
            after.topic = new.topic
            after.remove(DatedResult(old))
            after.add(DatedResult(new))
        case .withdrawn(let result): after.remove(DatedResult(result))
        case .shared(let inTime): after.sharing = inTime ? .inTime : .late
        case .shareRevoked: after.sharing = .no
        }
        return [Event(tally: after, changes: after.changes(since: tally))]
    }

    static func evolve(_ tally: CaseTally?, with event: Event) -> CaseTally { event.tally }
}
