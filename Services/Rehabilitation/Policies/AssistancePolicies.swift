import Vocabulary

/// The rules of child rehabilitation assistance as data: per region and period, each with its source and its standing. Jiyuan's own
/// amounts are unknown; what stands for them says so.
struct AssistancePolicies: Sendable {
    var eligibility: PolicyBook<EligibilityPolicy>
    /// One code per category and mode: `assistance.standard.hearing.centralised`.
    var standards: PolicyBook<StandardPolicy>
    /// One code per category: `assistance.months.vision`.
    var months: PolicyBook<MonthsPolicy>
    var counting: PolicyBook<CountingPolicy>
    var review: PolicyBook<ReviewPolicy>

    static let eligibilityCode = "assistance.eligibility"
    static let countingCode = "assistance.counting"
    static let reviewCode = "assistance.review"
    static func standardCode(_ category: AssistanceCategory, _ mode: AssistanceMode) -> String {
        "assistance.standard.\(category.rawValue).\(mode.rawValue)"
    }
    static func monthsCode(_ category: AssistanceCategory) -> String { "assistance.months.\(category.rawValue)" }

    /// What holds for `category` in `region` on `date`; nil where a rule that every application needs is missing.
    func rules(for category: AssistanceCategory, in region: RegionCode, on date: LocalDate) -> AssistanceRules? {
        do throws(PolicyMissing) {
            var known: [AssistanceMode: Policy<StandardPolicy>] = [:]
            for mode in AssistanceMode.allCases {
                do throws(PolicyMissing) {
                    known[mode] = try standards.lookup(Self.standardCode(category, mode), region: region, on: date)
                } catch {
                    // This mode has no standard here; whoever needs it is refused with POLICY_MISSING.
                }
            }
            return AssistanceRules(
                eligibility: try eligibility.lookup(Self.eligibilityCode, region: region, on: date), standards: known,
                months: try months.lookup(Self.monthsCode(category), region: region, on: date),
                counting: try counting.lookup(Self.countingCode, region: region, on: date),
                review: try review.lookup(Self.reviewCode, region: region, on: date))
        } catch {
            return nil
        }
    }

    static let current = AssistancePolicies(
        eligibility: PolicyBook(eligibilityRules), standards: PolicyBook(standardRules), months: PolicyBook(monthsRules),
        counting: PolicyBook(countingRules), review: PolicyBook(reviewRules))
}

private let jiyuan = RegionCode(trusted: "419001")
private let shandong = RegionCode(trusted: "37")
private let zhangdian = RegionCode(trusted: "370303")

private func day(_ year: Int, _ month: Int, _ day: Int) -> LocalDate {
    guard let date = LocalDate(year: year, month: month, day: day) else {
        preconditionFailure("policy data names a day that does not exist")
    }
    return date
}

private func yuan(_ amount: Int64) -> Fen { Fen(amount * 100) }

private let six = AssistanceCategory.allCases
private let trained: [AssistanceCategory] = [.hearing, .speech, .physical, .intellectual, .autism]
private let bothBases: [ResidenceBasis] = [.hukou, .residencePermit]

private let eligibilityRules: [PolicyRule<EligibilityPolicy>] = [
    PolicyRule(
        code: AssistancePolicies.eligibilityCode, region: nil, validFrom: day(2018, 10, 1),
        value: EligibilityPolicy(
            bands: [AssistanceBand(from: 0, to: 6, mode: .centralised, name: "0-6岁残疾儿童康复救助")], categories: six, residenceBases: bothBases),
        source: "国发〔2018〕20号：0-6岁视力、听力、言语、肢体、智力残疾儿童和孤独症儿童；向户籍地（居住证发放地）申请", standing: .standard,
        version: "cn-eligibility-2018"),
    PolicyRule(
        code: AssistancePolicies.eligibilityCode, region: jiyuan, validFrom: day(2024, 1, 1),
        value: EligibilityPolicy(
            bands: [
                AssistanceBand(from: 0, to: 6, mode: .centralised, name: "0-6岁康复训练"),
                AssistanceBand(from: 7, to: 14, mode: .centralised, name: "7-14岁康复训练"),
            ], categories: six, residenceBases: bothBases),
        source: "济残联〔2024〕9号（户籍或居住证、六类）；年龄0-14岁按豫政〔2018〕40号下河南各县做法推定，济源自己的文本未见", standing: .assumption,
        version: "jiyuan-eligibility-2024"),
    PolicyRule(
        code: AssistancePolicies.eligibilityCode, region: zhangdian, validFrom: day(2022, 10, 20), validTo: day(2025, 12, 31),
        value: EligibilityPolicy(
            bands: [
                AssistanceBand(from: 0, to: 9, mode: .centralised, name: "0-9岁抢救性康复"),
                AssistanceBand(from: 10, to: 17, mode: .community, name: "10-17岁社区康复"),
            ], categories: six, residenceBases: bothBases),
        source: "张店区人民政府2022-10-20《关于落实〈淄博市残疾人事业发展“十四五”规划〉的意见》：继续实施0-9岁抢救性康复和10-17岁社区康复政策", standing: .seed,
        version: "zhangdian-eligibility-2022"),
    PolicyRule(
        code: AssistancePolicies.eligibilityCode, region: shandong, validFrom: day(2026, 1, 1), validTo: day(2030, 12, 31),
        value: EligibilityPolicy(
            bands: [
                AssistanceBand(from: 0, to: 6, mode: .centralised, name: "不满7周岁（诊断或残疾人证）"),
                AssistanceBand(from: 7, to: 17, mode: .centralised, name: "7至17周岁（残疾人证）"),
            ], categories: six, residenceBases: bothBases),
        source: "《山东省残疾儿童康复救助办法》征求意见稿（2025-09-03）与大众日报2025-12-26报道；正式文本未见，居住证的附加年限条件未核", standing: .assumption,
        version: "shandong-eligibility-2026"),
]

private func standards(
    _ categories: [AssistanceCategory], _ mode: AssistanceMode, _ region: RegionCode, from: LocalDate, to: LocalDate? = nil,
    _ items: [StandardPolicy.Item], source: String, _ standing: PolicyStanding, _ version: String
) -> [PolicyRule<StandardPolicy>] {
    categories.map { category in
        PolicyRule(
            code: AssistancePolicies.standardCode(category, mode), region: region, validFrom: from, validTo: to,
            value: StandardPolicy(items: items), source: source, standing: standing, version: version)
    }
}

private let henan = "河南各县2023-2024年做法（邓州、洛宁，豫政〔2018〕40号）；济源自己的标准未找到"
private let newShandong = "《山东省残疾儿童康复救助办法》2026-01-01至2030-12-31（大众日报2025-12-26报道，正式文本未见）"
private let oldShandong = "山东2025年底以前集中康复训练每人每年15000元（同一报道所引）"

private let standardRules: [PolicyRule<StandardPolicy>] =
    standards(
        trained, .centralised, jiyuan, from: day(2024, 1, 1),
        [.init(ages: 0...6, annualFen: yuan(16_000)), .init(ages: 7...14, annualFen: yuan(12_000))],
        source: henan, .assumption, "jiyuan-standard-fixture-2024")
    + standards(
        [.vision], .centralised, jiyuan, from: day(2024, 1, 1), [.init(ages: 0...14, annualFen: yuan(1_000))],
        source: henan, .assumption, "jiyuan-standard-vision-fixture-2024")
    + standards(
        trained, .centralised, shandong, from: day(2018, 10, 1), to: day(2025, 12, 31), [.init(ages: 0...17, annualFen: yuan(15_000))],
        source: oldShandong, .assumption, "shandong-standard-2018")
    + standards(
        [.vision], .centralised, shandong, from: day(2018, 10, 1), to: day(2025, 12, 31), [.init(ages: 0...17, annualFen: yuan(6_000))],
        source: "2025年底以前的视力标准未找到，暂用2026年办法的6000元", .assumption, "shandong-standard-vision-2018")
    + standards(
        six, .community, shandong, from: day(2018, 10, 1), to: day(2025, 12, 31), [.init(ages: 0...17, annualFen: yuan(5_000))],
        source: "2025年底以前的社区康复标准未找到，暂用2026年办法“机构+社区+家庭”的5000元", .assumption, "shandong-standard-community-2018")
    + standards(
        trained, .centralised, shandong, from: day(2026, 1, 1), to: day(2030, 12, 31),
        [.init(ages: 0...6, annualFen: yuan(20_000)), .init(ages: 7...17, annualFen: yuan(15_000))],
        source: newShandong, .assumption, "shandong-standard-2026")
    + standards(
        [.vision], .centralised, shandong, from: day(2026, 1, 1), to: day(2030, 12, 31), [.init(ages: 0...17, annualFen: yuan(6_000))],
        source: newShandong, .assumption, "shandong-standard-vision-2026")
    + standards(
        six, .community, shandong, from: day(2026, 1, 1), to: day(2030, 12, 31), [.init(ages: 0...17, annualFen: yuan(5_000))],
        source: newShandong, .assumption, "shandong-standard-community-2026")

private let monthsRules: [PolicyRule<MonthsPolicy>] =
    six.map { category in
        PolicyRule(
            code: AssistancePolicies.monthsCode(category), region: nil, validFrom: day(2018, 10, 1), value: MonthsPolicy(months: 10),
            source: category == .vision
                ? "视力不在济残联〔2024〕9号的10个月之列，没有找到规定，暂用10个月" : "济残联〔2024〕9号的10个月用于其他地区和年度；当地规定未找到",
            standing: .assumption, version: category == .vision ? "cn-months-vision-10" : "cn-months-10")
    }
    + trained.map { category in
        PolicyRule(
            code: AssistancePolicies.monthsCode(category), region: jiyuan, validFrom: day(2024, 6, 4), validTo: day(2024, 12, 31),
            value: MonthsPolicy(months: 10), source: "济残联〔2024〕9号：听力、言语、肢体、智力残疾儿童和孤独症儿童康复训练时间为10个月", standing: .seed,
            version: "jiyuan-months-2024")
    }

private let countingRules: [PolicyRule<CountingPolicy>] = [
    PolicyRule(
        code: AssistancePolicies.countingCode, region: nil, validFrom: day(2018, 10, 1),
        value: CountingPolicy(capMode: .cumulative, minServiceDaysPerMonth: 20),
        source: """
            没有文件说明训练月如何计算：20天取自邓州“每疗程不少于20天”，当月工作日不足20天的按当月工作日（2026年2月只有16天）；\
            另一可选为10天。累计限额（累计训练月数×月均标准）为推定
            """, standing: .assumption, version: "cn-counting-20d-cumulative")
]

private let reviewRules: [PolicyRule<ReviewPolicy>] = [
    PolicyRule(
        code: AssistancePolicies.reviewCode, region: nil, validFrom: day(2018, 10, 1), value: ReviewPolicy(workingDays: 5),
        source: "国发〔2018〕20号只说“及时”；暂用济残联〔2024〕9号的5个工作日", standing: .assumption, version: "cn-review-5wd"),
    PolicyRule(
        code: AssistancePolicies.reviewCode, region: jiyuan, validFrom: day(2024, 6, 4), value: ReviewPolicy(workingDays: 5),
        source: "济残联〔2024〕9号：在申请材料齐备情况下，5个工作日内完成审核", standing: .seed, version: "jiyuan-review-2024"),
]
