import Vocabulary

/// Makes initial screening results of synthetic children, a chosen share of them wrong in a known way.
struct ResultRowSource: Sendable {
    struct Settings: Sendable {
        var seed: UInt64 = 1
        /// The day the results are taken, or up to a month before.
        var day: LocalDate
        var faultyShare = 0.0
        var faults = RowFault.allCases
        var positiveShare = 0.05
        /// Before every result id; keeps files of one bureau apart.
        var idPrefix = "r"
    }

    /// A row and what stands behind it.
    struct Made: Sendable {
        var row: ResultRow
        /// Nil for a sound row.
        var fault: RowFault?
        var person: SyntheticPerson
        var topic: ScreeningTopic
        var round: Int
        var outcome: ScreeningOutcome
    }

    private let settings: Settings
    /// Where the children come from; whoever goes on after this source takes it over.
    private(set) var people: SyntheticPeople
    private var random: SplitMix64
    private var lastSound: ResultRow?
    private var count = 0

    init(_ settings: Settings, people: SyntheticPeople) {
        self.settings = settings
        self.people = people
        random = SplitMix64(seed: settings.seed, stream: "results")
    }

    mutating func next() -> Made {
        count += 1
        let day = settings.day.adding(days: -random.below(28))
        let child = people.child(on: day)
        // 言语 is in Shandong's list of topics and not in the national one that Jiyuan follows.
        let topics = child.residence.text.hasPrefix("37") ? ScreeningTopic.allCases : ScreeningTopic.allCases.filter { $0 != .speech }
        let outcome: ScreeningOutcome = random.chance(settings.positiveShare) ? .positive : random.chance(0.01) ? .unable : .negative
        let topic = random.pick(topics)
        let round = Self.round(child.birth, day)
        var row = ResultRow(
            resultID: settings.idPrefix + padded(count, 7), stage: .initial, topic: topic, outcome: outcome, takenOn: day,
            roundMonths: round, of: child)
        if random.chance(0.02) {
            // The topic said a second time, in the health record's codes: right when the mapping is right.
            row.categoryCode = String(2 + CertificateCategory.allCases.firstIndex(of: Self.certificate(row.topic))!)
            row.codeSystem = "health-record"
        }
        guard let earlier = lastSound, random.chance(settings.faultyShare) else {
            lastSound = row
            return Made(row: row, fault: nil, person: child, topic: topic, round: round, outcome: outcome)
        }
        let fault = random.pick(settings.faults)
        fault.spoil(&row, earlier: earlier, random: &random)
        return Made(row: row, fault: fault, person: child, topic: topic, round: round, outcome: outcome)
    }

    private static let rounds = [1, 3, 6, 8, 12, 18, 24, 30, 36, 48, 60, 72]

    /// The last check-up a child of this age has had, in months (P-ASD22, P-EYE21).
    static func round(_ birth: LocalDate, _ day: LocalDate) -> Int {
        let months = Int(day.month.months - birth.month.months)
        return rounds.last { $0 <= months } ?? 1
    }

    private static func certificate(_ topic: String) -> CertificateCategory {
        switch topic {
        case "vision": .visual
        case "hearing": .hearing
        case "speech": .speech
        case "physical": .physical
        case "intellectual": .intellectual
        default: .mental
        }
    }
}
