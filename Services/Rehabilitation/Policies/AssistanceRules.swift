import Vocabulary

/// An age band of a region's assistance, completed years, both ends included.
struct AssistanceBand: Hashable, Sendable {
    var from: Int
    var to: Int
    var mode: AssistanceMode
    /// As the policy's own text calls it.
    var name: String

    func contains(_ age: Int) -> Bool { (from...to).contains(age) }
}

/// Who may apply.
struct EligibilityPolicy: Hashable, Sendable {
    var bands: [AssistanceBand]
    var categories: [AssistanceCategory]
    var residenceBases: [ResidenceBasis]
}

/// Annual standards (救助标准) of one category and mode.
struct StandardPolicy: Hashable, Sendable {
    struct Item: Hashable, Sendable {
        var ages: ClosedRange<Int>
        var annualFen: Fen
    }

    var items: [Item]
}

/// How many months a programme has; later ones never count.
struct MonthsPolicy: Hashable, Sendable {
    var months: Int
}

/// What makes a month count, and how the standard limits it.
struct CountingPolicy: Hashable, Sendable {
    var capMode: CapMode
    var minServiceDaysPerMonth: Int
}

struct ReviewPolicy: Hashable, Sendable {
    var workingDays: Int
}

/// The rules of assistance for one category, in one region, on one day.
struct AssistanceRules: Hashable, Sendable {
    var eligibility: Policy<EligibilityPolicy>
    /// Modes without an entry have no known standard.
    var standards: [AssistanceMode: Policy<StandardPolicy>]
    var months: Policy<MonthsPolicy>
    var counting: Policy<CountingPolicy>
    var review: Policy<ReviewPolicy>

    var categories: [AssistanceCategory] { eligibility.value.categories }
    var residenceBases: [ResidenceBasis] { eligibility.value.residenceBases }

    func band(of age: Int) -> AssistanceBand? { eligibility.value.bands.first { $0.contains(age) } }

    /// Nil when no standard is known for this age and mode: the refusal `POLICY_MISSING`, never a default.
    func terms(age: Int, band: AssistanceBand) -> AssistanceTerms? {
        guard let standard = standards[band.mode], let item = standard.value.items.first(where: { $0.ages.contains(age) }) else {
            return nil
        }
        let standings = [eligibility.standing, standard.standing, months.standing, counting.standing, review.standing]
        let weakest = [PolicyStanding.assumption, .standard, .seed].first(where: standings.contains)
        return AssistanceTerms(
            band: band.name, mode: band.mode, standardFen: item.annualFen, months: months.value.months, capMode: counting.value.capMode,
            minServiceDays: counting.value.minServiceDaysPerMonth, reviewWorkingDays: review.value.workingDays,
            policyVersion: [eligibility.version, standard.version, months.version, counting.version, review.version].joined(separator: "+"),
            standing: weakest ?? .assumption)
    }
}

extension AssistanceTerms {
    /// Service days that make a month count. A month with fewer working days than the rule asks for (February 2026 has 16) asks for all of
    /// them, else no child could ever fill it (domain.md section 7, D2).
    func requiredDays(workingDaysOfMonth: Int) -> Int { min(minServiceDays, workingDaysOfMonth) }
}
