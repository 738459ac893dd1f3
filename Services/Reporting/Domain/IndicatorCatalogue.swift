import Vocabulary

/// One published indicator (domain.md, section 4): what is divided by what.
struct IndicatorDefinition: Sendable {
    enum Formula: Hashable, Sendable {
        case rate(Measure, of: Measure)
        case count(Measure)
        /// Of jobs that began long enough ago.
        case matureRate(Measure, of: Measure)
        /// Institution-quarters that are over: those in which money was paid, of those with a counted month. Each counted month is an approved
        /// child's line; one that nobody has put into a settlement counts too, or a quarter without any would not be missed (domain.md, S22).
        case quarterlyPayments
    }

    /// Which way is better.
    enum Direction: String, Sendable { case up, down }

    /// Number in the catalogue of domain.md.
    let number: Int
    let name: BilingualName
    let formula: Formula
    let direction: Direction
    /// Where name and formula are from.
    let source: String

    var id: String { String(number) }
}

enum IndicatorCatalogue {
    static let all: [IndicatorDefinition] = [
        IndicatorDefinition(
            number: 9, name: BilingualName(zh: "职业技能培训人次", en: "Vocational trainings, person-times"), formula: .count(.trained),
            direction: .up, source: "济政字〔2021〕89号 专栏1"),
        IndicatorDefinition(
            number: 12, name: BilingualName(zh: "残疾儿童康复救助人数（按年）", en: "Children assisted, each year"), formula: .count(.childrenAssisted),
            direction: .up, source: "济残联〔2024〕9号"),
        IndicatorDefinition(
            number: 13, name: BilingualName(zh: "按时审核率", en: "Applications decided on time"),
            formula: .rate(.decidedOnTime, of: .decided), direction: .up, source: "济残联〔2024〕9号 四(二)"),
        IndicatorDefinition(
            number: 14, name: BilingualName(zh: "季度结算率", en: "Institution-quarters with a payment"), formula: .quarterlyPayments,
            direction: .up, source: "济残联〔2024〕9号 四(二)"),
        IndicatorDefinition(
            number: 15, name: BilingualName(zh: "家庭负担率", en: "Parents' part of the gross charge"),
            formula: .rate(.parentsFen, of: .grossFen), direction: .down, source: "济残联〔2024〕9号; formula CareLoop"),
        IndicatorDefinition(
            number: 16, name: BilingualName(zh: "应救尽救率", en: "Confirmed children approved and served"),
            formula: .rate(.childrenServed, of: .childrenConfirmed), direction: .up, source: "济残联〔2024〕9号, 鲁残工委办函〔2023〕3号 16"),
        IndicatorDefinition(
            number: 18, name: BilingualName(zh: "复筛率", en: "Re-screening rate"), formula: .rate(.casesRescreened, of: .casesSuspected),
            direction: .up, source: "国卫办妇幼发〔2022〕12号"),
        IndicatorDefinition(
            number: 19, name: BilingualName(zh: "诊断率", en: "Diagnosis rate"), formula: .rate(.casesDiagnosed, of: .casesStillSuspected),
            direction: .up, source: "国卫办妇幼发〔2022〕12号"),
        IndicatorDefinition(
            number: 21, name: BilingualName(zh: "筛查信息按时共享率", en: "Confirmed cases shared in time"),
            formula: .rate(.casesSharedInTime, of: .casesConfirmed), direction: .up, source: "鲁残工委办函〔2023〕3号 16"),
        IndicatorDefinition(
            number: 28, name: BilingualName(zh: "培训就业闭环率", en: "Trained job seekers placed within 180 days"),
            formula: .rate(.jobSeekersTrainedPlaced, of: .jobSeekersTrained), direction: .up, source: "济政字〔2021〕89号 (闭环)"),
        IndicatorDefinition(
            number: 29, name: BilingualName(zh: "稳定就业率", en: "Placements that became stable"),
            formula: .matureRate(.placementsStable, of: .placements), direction: .up, source: "济政字〔2021〕89号 专栏4"),
    ]

    static subscript(id: String) -> IndicatorDefinition? { all.first { $0.id == id } }
}

/// The way of a case, from the first screen to a stable job, in the order it is shown.
enum Funnel {
    static let stages: [Measure] = [
        .casesScreened, .casesSuspected, .casesRescreened, .casesStillSuspected, .casesDiagnosed, .casesConfirmed, .casesShared,
        .referralsIssued, .referralsAccepted, .applied, .approved, .enrolled, .trainingMonths, .completed, .settlementsPaid,
        .jobSeekers, .trained, .placements, .stableEmployments,
    ]
}

/// Figures of one place, by measure.
typealias Figures = [Measure: Int64]

/// The value of an indicator, or why there is none.
struct IndicatorValue: Hashable, Sendable {
    var numerator: Int64?
    var denominator: Int64?
    /// Rate times 10,000, rounded half up.
    var basisPoints: Int?
    /// `DENOMINATOR_ZERO`, `COUNT_ONLY` or `SUPPRESSED`; nil when there is a value.
    var noValueReason: String?

    init(rate numerator: Int64, of denominator: Int64) {
        self.numerator = numerator
        self.denominator = denominator
        guard denominator > 0 else {
            noValueReason = "DENOMINATOR_ZERO"
            return
        }
        // Quotients of sums of fen stay far below the point where this would overflow; a negative one rounds towards zero's other side.
        let doubled = numerator * 20_000 + denominator
        basisPoints = Int(doubled >= 0 ? doubled / (2 * denominator) : -((-doubled + 2 * denominator - 1) / (2 * denominator)))
    }

    init(count: Int64) {
        numerator = count
        noValueReason = "COUNT_ONLY"
    }

    /// Part of it may not be told.
    static func suppressed(numerator: Int64?, denominator: Int64?) -> IndicatorValue {
        var value = IndicatorValue(count: 0)
        value.numerator = numerator
        value.denominator = denominator
        value.noValueReason = suppressedReason
        return value
    }

    private static let suppressedReason = "SUPPRESSED"
    var isSuppressed: Bool { noValueReason == Self.suppressedReason }
}

extension IndicatorDefinition {
    /// - Parameters:
    ///   - figures: everything of the place and period.
    ///   - mature: the same, of months that ended long enough ago.
    ///   - quarters: institution-quarters of the place that are over.
    func value(_ figures: Figures, mature: Figures, quarters: QuarterCount) -> IndicatorValue {
        switch formula {
        case .rate(let part, let whole): IndicatorValue(rate: figures[part] ?? 0, of: figures[whole] ?? 0)
        case .count(let measure): IndicatorValue(count: figures[measure] ?? 0)
        case .matureRate(let part, let whole): IndicatorValue(rate: mature[part] ?? 0, of: mature[whole] ?? 0)
        case .quarterlyPayments: IndicatorValue(rate: quarters.paid, of: quarters.trained)
        }
    }
}

/// Institution-quarters of a place: with counted months, and of these with a payment made in them.
struct QuarterCount: Hashable, Sendable {
    var trained: Int64 = 0
    var paid: Int64 = 0
}
