import Synchronization
import Vocabulary

/// The rules Screening rests on, as data: per region, from a day, with the source quoted and its standing.
struct ScreeningPolicies: Sendable {
    /// What a rule can say.
    enum Term: Hashable, Sendable {
        case topics(Set<ScreeningTopic>)
        case years(Int)
        case days(Int)
        case workingDays(Int)
        case stage(SharingStage)
        case distance(RegionDistance)
    }

    /// The codes every region must have a rule for.
    enum Code: String, CaseIterable, Sendable {
        case topics = "screening.topics"
        case ageLimit = "screening.age-limit"
        case rescreen = "screening.rescreen"
        case diagnosis = "screening.diagnosis"
        case sharingStage = "screening.sharing-stage"
        case choose = "referral.choose"
        case respond = "referral.respond"
        case reach = "referral.reach"
    }

    let book: PolicyBook<Term>

    init(_ rules: [PolicyRule<Term>]) { book = PolicyBook(rules) }

    /// What holds in `region` on `date`. Throws `PolicyMissing`: there is no default.
    func policy(in region: RegionCode, on date: LocalDate) throws(PolicyMissing) -> ScreeningPolicy {
        var versions: [String] = []
        func term(_ code: Code) throws(PolicyMissing) -> Term {
            let found = try book.lookup(code.rawValue, region: region, on: date)
            if !versions.contains(found.version) { versions.append(found.version) }
            return found.value
        }
        guard case .topics(let topics) = try term(.topics), case .years(let years) = try term(.ageLimit),
            case .days(let rescreen) = try term(.rescreen), case .days(let diagnosis) = try term(.diagnosis),
            case .stage(let stage) = try term(.sharingStage), case .workingDays(let choose) = try term(.choose),
            case .workingDays(let respond) = try term(.respond), case .distance(let reach) = try term(.reach)
        else { preconditionFailure("a screening policy says something of another kind than its code asks for") }
        return ScreeningPolicy(
            version: versions.joined(separator: "+"), topics: topics, ageLimitYears: years, rescreenDays: rescreen,
            diagnosisDays: diagnosis, sharingStage: stage, chooseWorkingDays: choose, respondWorkingDays: respond,
            reach: reach)
    }

    /// The rules in force as this build knows them.
    static let shared = ScreeningPolicies(rules)

    private static func rule(
        _ code: Code, _ value: Term, region: RegionCode? = nil, from: LocalDate, _ standing: PolicyStanding, _ version: String,
        _ source: String
    ) -> PolicyRule<Term> {
        PolicyRule(code: code.rawValue, region: region, validFrom: from, value: value, source: source, standing: standing, version: version)
    }

    private static let norm = LocalDate(year: 2013, month: 1, day: 1)!
    private static let shandong = RegionCode(trusted: "37")

    static let rules: [PolicyRule<Term>] = [
        rule(
            .topics, .topics([.vision, .hearing, .physical, .intellectual, .autism]), from: norm, .standard, "screening-nation-1",
            "残联厅发〔2013〕8号《0～6岁儿童残疾筛查工作规范（试行）》: 视力、听力、肢体、智力、孤独症"),
        // P-SD19: Shandong's provincial text screens for speech as well.
        rule(
            .topics, .topics(Set(ScreeningTopic.allCases)), region: shandong, from: LocalDate(year: 2019, month: 1, day: 1)!, .standard,
            "screening-shandong-1", "山东省2019年0～6岁儿童残疾筛查文本 (domain.md P-SD19): 加言语"),
        rule(
            .ageLimit, .years(7), from: norm, .seed, "screening-nation-1", "建立０－６岁儿童残疾筛查诊断机制 (seed S1 三(二)1): before the seventh birthday"),
        rule(
            .rescreen, .days(30), from: norm, .assumption, "screening-nation-1",
            "及时, no number in any source (domain.md 2.9); 30 days [assumption]"),
        rule(
            .diagnosis, .days(90), from: norm, .assumption, "screening-nation-1",
            "及时, no number in any source (domain.md 2.9); 90 days [assumption]"),
        rule(
            .sharingStage, .stage(.diagnosed), from: norm, .assumption, "screening-nation-1",
            "残疾预防和残疾人康复条例 articles 13, 14: shared promptly; from the diagnosis on [assumption]"),
        rule(
            .choose, .workingDays(5), from: norm, .assumption, "screening-nation-1", "5 working days for the guardian's choice [assumption]"
        ),
        rule(
            .respond, .workingDays(10), from: norm, .assumption, "screening-nation-1",
            "10 working days without an answer (domain.md 3.3) [assumption]"),
        rule(
            .reach, .distance(.sameProvince), from: norm, .assumption, "screening-nation-1",
            "another province needs the county's consent (domain.md 2.10); none is proposed [assumption]"),
    ]
}

/// `ScreeningPolicies` for a stream of results: the same few answers over and over, looked up once per region with rules of its own and
/// day.
final class PolicyMemory: Sendable {
    private struct Key: Hashable {
        let region: RegionCode?
        let date: LocalDate
    }

    private let policies: ScreeningPolicies
    private let places: Set<RegionCode>
    private let known = Mutex<[Key: ScreeningPolicy]>([:])
    private static let most = 20_000

    init(_ policies: ScreeningPolicies) {
        self.policies = policies
        places = Set(policies.book.rules.compactMap(\.region))
    }

    func policy(in region: RegionCode, on date: LocalDate) throws(PolicyMissing) -> ScreeningPolicy {
        var place: RegionCode? = region
        while let here = place, !places.contains(here) { place = here.parent }
        let key = Key(region: place, date: date)
        if let found = known.withLock({ $0[key] }) { return found }
        let found = try policies.policy(in: region, on: date)
        known.withLock { memory in
            if memory.count >= Self.most { memory = [:] }
            memory[key] = found
        }
        return found
    }
}
