import Vocabulary

/// What Reporting decides by, as data: effective-dated, each with its source and how firmly it rests on it.
enum ReportingPolicies {
    /// Recorded with every figure that rests on these rules.
    static let version = "reporting-2024.2"

    static let numbers = PolicyBook<Int>([
        number("small-cell.limit", 5, "CareLoop: reports suppress counts under 5 (domain D10)", .assumption),
        number(
            "training-to-job.days", 180, "CareLoop: a job within 180 days of a training counts as its fruit (domain 4.2, 28)", .assumption),
        number(
            "release.lag-months", 4,
            "CareLoop: a month is released when its diagnoses can be known: re-screen within 30 days, diagnosis within 90 more (domain 2.9), 120 days",
            .assumption),
        number(
            "sharing.working-days", 5,
            "残疾预防和残疾人康复条例 14: 及时, no number; CareLoop: within 5 working days of the diagnosis (domain 3.2)", .assumption),
        number("stable-employment.months", 6, "济政字〔2021〕89号 专栏4: 稳定就业六个月以上", .seed),
    ])

    /// The plan an indicator is read against; it ends and another one begins.
    static let planPeriods = PolicyBook<String>([
        PolicyRule(
            code: "plan.period", region: nil, validFrom: day(2021, 1, 1), validTo: day(2025, 12, 31), value: "2021-2025",
            source: "济政字〔2021〕89号: “十四五”残疾人事业发展规划", standing: .seed, version: version),
        PolicyRule(
            code: "plan.period", region: nil, validFrom: day(2026, 1, 1), value: "2026-2030",
            source: "CareLoop: the fifteenth plan's period; its targets are not published", standing: .assumption, version: version),
    ])

    /// Basis points for rates, plain numbers for counts. Only targets that a document states; other indicators have none.
    static let targets = PolicyBook<Int>([
        target(12, region: "419001", from: day(2024, 1, 1), to: day(2024, 12, 31), 230, "济残联〔2024〕9号 二: 全年救助不少于230名"),
        target(13, region: "419001", from: day(2024, 6, 4), to: nil, 10_000, "济残联〔2024〕9号 四(二): 5个工作日内完成审核"),
        target(14, region: "419001", from: day(2024, 6, 4), to: nil, 10_000, "济残联〔2024〕9号 四(二): 每季度结算不低于一次"),
        target(16, region: "419001", from: day(2024, 6, 4), to: nil, 10_000, "济残联〔2024〕9号 二: 应救尽救"),
        target(21, region: "37", from: day(2023, 2, 16), to: day(2025, 12, 31), 10_000, "鲁残工委办函〔2023〕3号 16: 共享儿童残疾筛查信息"),
    ])

    /// Throws `PolicyMissing`.
    static func smallCell(on date: LocalDate) throws(PolicyMissing) -> Policy<Int> {
        try numbers.lookup("small-cell.limit", region: nil, on: date)
    }

    static func trainingToJobDays(on date: LocalDate) throws(PolicyMissing) -> Int {
        try numbers.lookup("training-to-job.days", region: nil, on: date).value
    }

    static func sharingWorkingDays(on date: LocalDate) throws(PolicyMissing) -> Int {
        try numbers.lookup("sharing.working-days", region: nil, on: date).value
    }

    static func releaseLagMonths(on date: LocalDate) throws(PolicyMissing) -> Int {
        try numbers.lookup("release.lag-months", region: nil, on: date).value
    }

    /// The last month whose jobs can have become stable by `date`.
    static func matureUntil(_ date: LocalDate) throws(PolicyMissing) -> YearMonth {
        date.month.adding(-(try numbers.lookup("stable-employment.months", region: nil, on: date).value) - 1)
    }

    static func planPeriod(on date: LocalDate) throws(PolicyMissing) -> String {
        try planPeriods.lookup("plan.period", region: nil, on: date).value
    }

    /// Nil where no document states a target.
    static func target(_ number: Int, region: RegionCode, on date: LocalDate) -> Policy<Int>? {
        do { return try targets.lookup("target.\(number)", region: region, on: date) } catch {
            // Without a target an indicator is shown without one; nothing is decided by it.
            return nil
        }
    }

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> LocalDate { LocalDate(year: year, month: month, day: day)! }

    private static func number(_ code: String, _ value: Int, _ source: String, _ standing: PolicyStanding) -> PolicyRule<Int> {
        PolicyRule(code: code, region: nil, validFrom: day(2018, 1, 1), value: value, source: source, standing: standing, version: version)
    }

    private static func target(_ number: Int, region: String, from: LocalDate, to: LocalDate?, _ value: Int, _ source: String)
        -> PolicyRule<Int>
    {
        PolicyRule(
            code: "target.\(number)", region: RegionCode(trusted: region), validFrom: from, validTo: to, value: value, source: source,
            standing: .seed, version: version)
    }
}
