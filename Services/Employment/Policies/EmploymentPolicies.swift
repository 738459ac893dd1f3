import Contracts
import Vocabulary

/// What Employment decides by, as data: effective-dated, by region, each with its source and how firmly it rests on it.
enum EmploymentPolicies {
    /// Recorded with every decision that rests on these rules.
    static let version = "employment-2024.1"

    /// Whole numbers: years, months or days, as the code's last word says.
    static let numbers = PolicyBook<Int>([
        number(
            "working-age.from-years", 16, "镇巴县按比例就业年审通知: 男16–59、女16–54周岁 (P-FUND)", .standard),
        number("working-age.male-to-years", 59, "镇巴县按比例就业年审通知: 男16–59周岁 (P-FUND)", .standard),
        number("working-age.female-to-years", 54, "镇巴县按比例就业年审通知: 女16–54周岁 (P-FUND)", .standard),
        number("retention.stable-months", 6, "济南市“十四五”残疾人事业规划 专栏4: 稳定就业六个月以上 (S1)", .seed),
        number(
            "retention.confirmation-grace-days", 30,
            "CareLoop: a confirmation not in hand 30 days after its month is escalated (domain 3.10 has a timer, no number)", .assumption),
        number("retention.longest-gap-days", 15, "CareLoop: a break of at most 15 days keeps the chain of jobs (domain D8)", .assumption),
    ])

    /// Months after the start at which a confirmation is taken.
    static let confirmationMonths = PolicyBook<[Int]>([
        PolicyRule(
            code: "retention.confirmation-months", region: nil, validFrom: start, value: [1, 3, 6],
            source: "CareLoop: follow-up at months 1, 3 and 6 (domain 3.10)", standing: .assumption, version: version)
    ])

    /// Monthly minimum wage. The lowest tier of the province: which tier a county is in is not loaded.
    static let minimumWages = PolicyBook<Fen>([
        wage("37", "2021-10-01", "2023-09-30", yuan: 1_700, "山东省最低工资标准, lowest tier"),
        wage("37", "2023-10-01", nil, yuan: 1_820, "山东省最低工资标准, lowest tier"),
        wage("41", "2022-01-01", "2023-12-31", yuan: 1_600, "河南省最低工资标准, lowest tier"),
        wage("41", "2024-01-01", nil, yuan: 1_800, "河南省最低工资标准, lowest tier"),
    ])

    /// Throws `PolicyMissing`.
    static func number(_ code: String, region: RegionCode?, on date: LocalDate) throws(PolicyMissing) -> Int {
        try numbers.lookup(code, region: region, on: date).value
    }

    /// When a job reported on `date` is to be confirmed. Throws `PolicyMissing`.
    static func schedule(region: RegionCode, on date: LocalDate) throws(PolicyMissing) -> Placement.Schedule {
        Placement.Schedule(
            months: try confirmationMonths.lookup("retention.confirmation-months", region: region, on: date).value,
            graceDays: try number("retention.confirmation-grace-days", region: region, on: date))
    }

    /// Age in completed years on the last day of the birth month: the day itself stays in Registration, and nobody counts as older than they are.
    static func isOfWorkingAge(_ facts: PersonFacts, on date: LocalDate) throws(PolicyMissing) -> Bool {
        let age = facts.birthMonth.last.completedYears(on: date)
        let upper = facts.sex == .female ? "working-age.female-to-years" : "working-age.male-to-years"
        let from = try number("working-age.from-years", region: facts.region, on: date)
        let to = try number(upper, region: facts.region, on: date)
        return (from...to).contains(age)
    }

    private static let start = LocalDate(year: 2020, month: 1, day: 1)!

    private static func number(_ code: String, _ value: Int, _ source: String, _ standing: PolicyStanding) -> PolicyRule<Int> {
        PolicyRule(code: code, region: nil, validFrom: start, value: value, source: source, standing: standing, version: version)
    }

    private static func wage(_ region: String, _ from: String, _ to: String?, yuan: Int64, _ source: String) -> PolicyRule<Fen> {
        do {
            return PolicyRule(
                code: "minimum-wage.monthly-fen", region: try RegionCode(region), validFrom: try LocalDate(from),
                validTo: try to.map { text throws(InvalidValue) in try LocalDate(text) }, value: Fen(yuan * 100),
                source: source + " (amount not verified)", standing: .assumption, version: version)
        } catch { preconditionFailure("the policy data of minimum wages breaks a rule of the vocabulary: \(error.rule)") }
    }
}
