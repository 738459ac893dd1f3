import Contracts
import ServiceRuntime
import Vocabulary

/// How far one child has come in one topic, as a multiset of effective results: enough to subtract a correction exactly.
struct CaseTally: Hashable, Sendable {
    /// How many effective results there are of each stage and outcome.
    struct Counts: Hashable, Sendable {
        private(set) var values = [Int](repeating: 0, count: 9)

        init() {}
        init(_ values: [Int]) {
            precondition(values.count == 9, "three stages with three outcomes")
            self.values = values
        }

        subscript(stage: ScreeningStage, outcome: ScreeningOutcome) -> Int {
            get { values[Self.index(stage, outcome)] }
            set { values[Self.index(stage, outcome)] = newValue }
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

    /// Each step up to the diagnosis presupposes the one before it, so a later figure never exceeds an earlier one. A confirmed diagnosis
    /// counts however the child came to it.
    var flags: [Measure: Cell] {
        var flags: [Measure: Cell] = [:]
        let suspected = counts.has(.initial, .positive)
        let rescreened = suspected && counts.any(.rescreen)
        let still = rescreened && counts.has(.rescreen, .positive)
        let diagnosed = still && (counts.has(.diagnosis, .positive) || counts.has(.diagnosis, .negative))
        let confirmed = counts.has(.diagnosis, .positive)
        if counts.any(.initial) { flags[.casesScreened] = cell }
        if suspected { flags[.casesSuspected] = cell }
        if rescreened { flags[.casesRescreened] = cell }
        if still { flags[.casesStillSuspected] = cell }
        if diagnosed { flags[.casesDiagnosed] = cell }
        if confirmed { flags[.casesConfirmed] = cell }
        if confirmed && isShared { flags[.casesShared] = cell }
        return flags
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
        let before = tally?.flags ?? [:]
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
        return [Event(tally: after, changes: Change.between(before, after.flags))]
    }

    static func evolve(_ tally: CaseTally?, with event: Event) -> CaseTally { event.tally }
}
