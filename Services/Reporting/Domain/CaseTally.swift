import Contracts
import ServiceRuntime
import Vocabulary

/// How far one child has come in one topic, as a multiset of effective results: enough to subtract a correction exactly.
struct CaseTally: Hashable, Sendable {
    /// How many effective results there are of each stage and outcome.
    struct Counts: Hashable, Sendable {
        // Nine of the sixteen, beside the tally and not behind a pointer.
        private var places = SIMD16<Int32>()

        init() {}
        init(_ values: [Int]) {
            precondition(values.count == 9, "three stages with three outcomes")
            for (index, value) in values.enumerated() { places[index] = Int32(value) }
        }

        var values: [Int] { (0..<9).map { Int(places[$0]) } }

        subscript(stage: ScreeningStage, outcome: ScreeningOutcome) -> Int32 {
            get { places[Self.index(stage, outcome)] }
            set { places[Self.index(stage, outcome)] = newValue }
        }

        func any(_ stage: ScreeningStage) -> Bool { ScreeningOutcome.allCases.contains { self[stage, $0] > 0 } }
        func has(_ stage: ScreeningStage, _ outcome: ScreeningOutcome) -> Bool { self[stage, outcome] > 0 }

        private static func index(_ stage: ScreeningStage, _ outcome: ScreeningOutcome) -> Int {
            let row =
                switch stage {
                case .initial: 0
                case .rescreen: 1
                case .diagnosis: 2
                }
            let column =
                switch outcome {
                case .negative: 0
                case .positive: 1
                case .unable: 2
                }
            return row * 3 + column
        }
    }

    /// Where the case counts: place and month of the first result, which is named by `origin`.
    var cell: Cell
    var origin: String
    var counts = Counts()
    var isShared = false

    /// How far the case has come. Each step up to the diagnosis presupposes the one before it, so a later figure never exceeds an earlier one.
    /// A confirmed diagnosis counts however the child came to it.
    var steps: Steps {
        var steps: Steps = []
        let suspected = counts.has(.initial, .positive)
        let rescreened = suspected && counts.any(.rescreen)
        let still = rescreened && counts.has(.rescreen, .positive)
        let confirmed = counts.has(.diagnosis, .positive)
        if counts.any(.initial) { steps.insert(.screened) }
        if suspected { steps.insert(.suspected) }
        if rescreened { steps.insert(.rescreened) }
        if still { steps.insert(.stillSuspected) }
        if still && (confirmed || counts.has(.diagnosis, .negative)) { steps.insert(.diagnosed) }
        if confirmed { steps.insert(.confirmed) }
        if confirmed && isShared { steps.insert(.shared) }
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

        fileprivate static let measured: [(step: Steps, measure: Measure)] = [
            (.screened, .casesScreened), (.suspected, .casesSuspected), (.rescreened, .casesRescreened),
            (.stillSuspected, .casesStillSuspected), (.diagnosed, .casesDiagnosed), (.confirmed, .casesConfirmed), (.shared, .casesShared),
        ]
    }

    /// What turns the figures of `before` into this one's, as `Change.between` for figures that all lie in one cell.
    func changes(since before: CaseTally?) -> [Change] {
        let (old, new) = (before?.steps ?? [], steps)
        let hasMoved = before.map { $0.cell != cell } ?? false
        guard hasMoved || old != new else { return [] }
        var changes: [Change] = []
        for (step, measure) in Steps.measured where hasMoved || old.contains(step) != new.contains(step) {
            if let before, old.contains(step) { changes.append(Change(measure: measure, amount: -1, cell: before.cell)) }
            if new.contains(step) { changes.append(Change(measure: measure, amount: 1, cell: cell)) }
        }
        return changes
    }
}

/// Keeps one case's tally and says which figures change.
enum CaseTallyRules: Decider {
    enum Command: Sendable {
        case accepted(ResultFacts, origin: String)
        case corrected(ResultFacts, to: ResultFacts, origin: String)
        case withdrawn(ResultFacts)
        case shared(Cell)
        case shareRevoked(Cell)
    }

    struct Event: Sendable {
        let tally: CaseTally
        let changes: [Change]
    }

    enum Refused: String, Refusal { case never = "NEVER_REFUSED" }

    static func decide(_ command: Command, given tally: CaseTally?) throws(Refused) -> [Event] {
        var after: CaseTally
        switch command {
        case .accepted(let result, let origin):
            after = tally ?? CaseTally(cell: Cell(result), origin: origin)
            if after.origin.isEmpty { (after.cell, after.origin) = (Cell(result), origin) }
            after.counts[result.stage, result.outcome] += 1
        case .corrected(let old, let new, let origin):
            after = tally ?? CaseTally(cell: Cell(new), origin: origin)
            after.counts[old.stage, old.outcome] -= 1
            after.counts[new.stage, new.outcome] += 1
            if after.origin == origin { after.cell = Cell(new) }
        case .withdrawn(let result):
            after = tally ?? CaseTally(cell: Cell(result), origin: "")
            after.counts[result.stage, result.outcome] -= 1
            // Nothing is left of it here: the next result is its first, wherever that is.
            if after.counts == CaseTally.Counts() { after.origin = "" }
        case .shared(let cell):
            after = tally ?? CaseTally(cell: cell, origin: "")
            after.isShared = true
        case .shareRevoked(let cell):
            after = tally ?? CaseTally(cell: cell, origin: "")
            after.isShared = false
        }
        return [Event(tally: after, changes: after.changes(since: tally))]
    }

    static func evolve(_ tally: CaseTally?, with event: Event) -> CaseTally { event.tally }
}
