import Contracts
import Vocabulary

/// Where something is counted: a place, a month and whom it concerns. Nil where a dimension does not apply.
struct Cell: Hashable, Sendable {
    /// Township (9 digits) where known, as the event named it; old codes are rolled up when figures are read.
    var region: RegionCode
    var month: YearMonth
    /// Topic or assistance category; the two lists have the same six members.
    var subject: ScreeningTopic?
    var sex: Sex?
    var band: AgeBand?

    init(region: RegionCode, month: YearMonth, subject: ScreeningTopic? = nil, sex: Sex? = nil, band: AgeBand? = nil) {
        self.region = region.ancestor(digits: 9) ?? region
        self.month = month
        self.subject = subject
        self.sex = sex
        self.band = band
    }

    /// A person on a day.
    init(_ facts: PersonFacts, on date: LocalDate, subject: ScreeningTopic? = nil) {
        self.init(
            region: facts.region, month: date.month, subject: subject, sex: facts.sex,
            band: AgeBand(birthMonth: facts.birthMonth, on: date))
    }

    init(_ result: ResultFacts) { self.init(result.facts, on: result.takenOn, subject: result.topic) }
}

/// One change of one figure.
struct Change: Hashable, Sendable {
    var measure: Measure
    var amount: Int64
    var cell: Cell
}

extension Change {
    /// What turns the figures of `before` into those of `after`: subtracts from where it was counted, adds where it counts now.
    static func between(_ before: Set<Flag>, _ after: Set<Flag>) -> [Change] {
        let changes =
            before.subtracting(after).map { Change(measure: $0.measure, amount: -1, cell: $0.cell) }
            + after.subtracting(before).map { Change(measure: $0.measure, amount: 1, cell: $0.cell) }
        return changes.sorted { (Measure.ranks[$0.measure]!, $0.amount) < (Measure.ranks[$1.measure]!, $1.amount) }
    }
}

/// Something that counts once in one place and month.
struct Flag: Hashable, Sendable {
    let measure: Measure
    let cell: Cell

    init(_ measure: Measure, _ cell: Cell) {
        self.measure = measure
        self.cell = cell
    }
}
