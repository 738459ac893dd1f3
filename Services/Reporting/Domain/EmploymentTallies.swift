import Contracts
import ServiceRuntime
import Vocabulary

/// One job seeker's way from training to a job (indicator 28).
struct JobSeekerTally: PersonTally {
    enum Command: Sendable {
        case trained(LocalDate, Cell)
        case placed(LocalDate)
    }

    var trainedOn: LocalDate?
    var trainedCell: Cell?
    /// First days of this person's jobs.
    var placedOn: [LocalDate] = []

    /// `withinDays`: how soon after the training a job counts as its fruit.
    func flags(_ withinDays: Int) -> Set<Flag> {
        guard let trainedOn, let trainedCell else { return [] }
        var flags: Set = [Flag(.jobSeekersTrained, trainedCell)]
        if placedOn.contains(where: { trainedOn <= $0 && $0 <= trainedOn.adding(days: withinDays) }) {
            flags.insert(Flag(.jobSeekersTrainedPlaced, trainedCell))
        }
        return flags
    }

    func counting(_ command: Command) -> JobSeekerTally {
        var after = self
        switch command {
        case .trained(let date, let cell):
            // The first training is the one that is followed.
            if after.trainedOn == nil { (after.trainedOn, after.trainedCell) = (date, cell) }
        case .placed(let date): after.placedOn.append(date)
        }
        return after
    }

    static func together(_ tallies: [JobSeekerTally]) -> JobSeekerTally {
        guard tallies.count > 1 else { return tallies.first ?? JobSeekerTally() }
        let trained = tallies.filter { $0.trainedOn != nil && $0.trainedCell != nil }
        let first = trained.min { a, b in
            a.trainedOn! == b.trainedOn! ? Cell.isEarlier(a.trainedCell!, b.trainedCell!) : a.trainedOn! < b.trainedOn!
        }
        return JobSeekerTally(
            trainedOn: first?.trainedOn, trainedCell: first?.trainedCell, placedOn: tallies.flatMap(\.placedOn).sorted())
    }
}

/// One job and whether it became stable (indicator 29), both counted in the month it began.
struct PlacementTally: Hashable, Sendable {
    var cell: Cell?
    var isStable = false

    var flags: Set<Flag> {
        guard let cell else { return [] }
        return isStable ? [Flag(.placements, cell), Flag(.placementsStable, cell)] : [Flag(.placements, cell)]
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
        return [Event(tally: after, changes: Change.between(tally?.flags ?? [], after.flags))]
    }

    static func evolve(_ tally: PlacementTally?, with event: Event) -> PlacementTally { event.tally }
}
