import Contracts
import ServiceRuntime
import Vocabulary

/// One job seeker's way from training to a job (indicator 28).
struct JobSeekerTally: Hashable, Sendable {
    var trainedOn: LocalDate?
    var trainedCell: Cell?
    /// First days of this person's jobs.
    var placedOn: [LocalDate] = []

    /// `withinDays`: how soon after the training a job counts as its fruit.
    func flags(withinDays: Int) -> [Measure: Cell] {
        guard let trainedOn, let trainedCell else { return [:] }
        var flags = [Measure.jobSeekersTrained: trainedCell]
        if placedOn.contains(where: { trainedOn <= $0 && $0 <= trainedOn.adding(days: withinDays) }) {
            flags[.jobSeekersTrainedPlaced] = trainedCell
        }
        return flags
    }
}

enum JobSeekerTallyRules: Decider {
    enum Command: Sendable {
        case trained(LocalDate, Cell, withinDays: Int)
        case placed(LocalDate, withinDays: Int)
    }

    struct Event: Sendable {
        let tally: JobSeekerTally
        let changes: [Change]
    }

    enum Refused: String, Refusal { case never = "NEVER_REFUSED" }

    static func decide(_ command: Command, given tally: JobSeekerTally?) throws(Refused) -> [Event] {
        var after = tally ?? JobSeekerTally()
        let window: Int
        switch command {
        case .trained(let date, let cell, let days):
            window = days
            // The first training is the one that is followed.
            if after.trainedOn == nil { (after.trainedOn, after.trainedCell) = (date, cell) }
        case .placed(let date, let days):
            window = days
            after.placedOn.append(date)
        }
        let before = (tally ?? JobSeekerTally()).flags(withinDays: window)
        return [Event(tally: after, changes: Change.between(before, after.flags(withinDays: window)))]
    }

    static func evolve(_ tally: JobSeekerTally?, with event: Event) -> JobSeekerTally { event.tally }
}

/// One job and whether it became stable (indicator 29), both counted in the month it began.
struct PlacementTally: Hashable, Sendable {
    var cell: Cell?
    var isStable = false

    var flags: [Measure: Cell] {
        guard let cell else { return [:] }
        return isStable ? [.placements: cell, .placementsStable: cell] : [.placements: cell]
    }
}

enum PlacementTallyRules: Decider {
    enum Command: Sendable {
        case recorded(Cell)
        case stable
    }

    struct Event: Sendable {
        let tally: PlacementTally
        let changes: [Change]
    }

    enum Refused: String, Refusal { case never = "NEVER_REFUSED" }

    static func decide(_ command: Command, given tally: PlacementTally?) throws(Refused) -> [Event] {
        var after = tally ?? PlacementTally()
        switch command {
        case .recorded(let cell): after.cell = cell
        case .stable: after.isStable = true
        }
        return [Event(tally: after, changes: Change.between(tally?.flags ?? [:], after.flags))]
    }

    static func evolve(_ tally: PlacementTally?, with event: Event) -> PlacementTally { event.tally }
}
