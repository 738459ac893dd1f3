import Contracts
import Foundation
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Registration

/// Everything that can stand on a timeline, written by the handlers themselves and read off the page, in both languages.
struct TimelineWordsTests {
    private let bench: RegistrationBench
    private let person: PersonID
    private let twin = PersonID(trusted: "p1-twin-of-the-canary")
    private let centre = OrganisationID(trusted: "rc-1")
    private let caseID = CaseID(trusted: "case-1")
    private let referral = ReferralID(trusted: "ref-1")
    private let application = ApplicationID(trusted: "app-1")
    private let enrolment = EnrolmentID(trusted: "en-1")
    private let seeker = JobSeekerID(trusted: "js-1")
    private let placement = PlacementID(trusted: "pl-1")
    private let day = RegistrationBench.start
    private var facts: PersonFacts { bench.facts(person) }

    init() throws {
        bench = try RegistrationBench()
        person = bench.canary
    }

    /// Fact, what the page says in Chinese, in English.
    private static let expected: [(fact: String, zh: String, en: String)] = [
        ("PersonRegistered", "筛查个案", "screening case"), ("IdentityAttached", "居民身份证", "citizen ID"),
        ("PersonsMerged", "档案p1-twin-of-t", "file p1-twin-of-t"), ("PersonsUnmerged", "档案p1-twin-of-t", "file p1-twin-of-t"),
        ("CertificateIssued", "视力 · 三级", "visual · grade 3"),
        ("ResultAccepted", "智力 · 初筛 · 阳性", "intellectual · initial screen · positive"),
        ("ResultCorrected", "智力 · 复筛 · 未能检查", "intellectual · re-screen · not examined"),
        ("ResultWithdrawn", "智力 · 诊断 · 阴性", "intellectual · diagnosis · negative"), ("CaseShared", "听力", "hearing"),
        ("CaseShareRevoked", "听力", "hearing"), ("ScreeningDeadlineMissed", "智力 · 诊断", "intellectual · diagnosis"),
        ("ReferralProposed", "肢体 · 1家候选机构", "physical · 1 candidate"), ("ReferralIssued", "听力 · 第3次", "hearing · attempt 3"),
        ("ReferralConfirmed", "听力 · 第3次", "hearing · attempt 3"), ("ReferralClaimed", "第3次", "attempt 3"),
        ("ReferralRefused", "第3次", "attempt 3"), ("ReferralSuperseded", "第3次", "attempt 3"),
        ("ReferralDeclined", "听力 · 第3次", "hearing · attempt 3"), ("ReferralExpired", "听力 · 第3次", "hearing · attempt 3"),
        ("ReferralWithdrawn", "听力 · 第3次", "hearing · attempt 3"), ("ReferralDeadlineMoved", "听力 · 第3次", "hearing · attempt 3"),
        ("ReferralUnplaced", "听力 · 已转介3次", "hearing · after 3 attempts"), ("AssistanceApplied", "言语 · 2025年度", "speech · plan year 2025"),
        ("MaterialsCompleted", "言语", "speech"), ("AssistanceApproved", "孤独症 · 居家康复", "autism · at home"),
        ("AssistanceRejected", "言语", "speech"), ("AssistanceWithdrawn", "言语", "speech"), ("ReviewDeadlineMissed", "言语", "speech"),
        ("ReviewDeadlineMoved", "言语", "speech"), ("InstitutionConfirmed", "", ""), ("Enrolled", "言语", "speech"),
        ("TrainingMonthRecorded", "2025-02 · 不计入", "2025-02 · not counted"),
        ("TrainingMonthCorrected", "2025-02 · 计入", "2025-02 · counted"),
        ("EnrolmentCompleted", "退出 · 计入2个月", "dropped out · 2 months counted"), ("JobSeekerRegistered", "康复结束", "from rehabilitation"),
        ("ConsentChanged", "撤回", "withdrawn"), ("TrainingCompleted", "岗位技能提升", "skill upgrade"),
        ("PlacementRecorded", "公益性岗位", "public-welfare post"), ("EmploymentConfirmed", "第3个月", "month 3"),
        ("ConfirmationMissed", "第6个月", "month 6"), ("StableEmploymentReached", "", ""), ("EmploymentEnded", "", ""),
    ]

    @Test func `every detail that the handlers write is words on the page, in Chinese and in English`() async throws {
        try screened()
        try referred()
        try assisted()
        try employed()
        try registered()
        let told =
            TimelineFacts.ofOthers + ["PersonRegistered", "IdentityAttached", "PersonsMerged", "PersonsUnmerged", "CertificateIssued"]
        #expect(Set(told) == Set(Self.expected.map(\.fact)))
        let auditor = try await TestBrowser(bench.service, as: RegistrationBench.auditor)
        for (language, names) in [("zh-CN", Self.expected.map(\.zh)), ("en", Self.expected.map(\.en))] {
            auditor.language = language
            let rows = Self.rows(auditor.get("/desk/persons/\(person)").text)
            for (fact, detail) in zip(Self.expected.map(\.fact), names) {
                let name = language == "en" ? TimelineWords.name(fact).en : TimelineWords.name(fact).zh
                let found = rows.filter { $0.count > 2 && $0[1] == name }.map { $0[2] }
                #expect(found.contains(detail), "\(fact): \(found) instead of \(detail)")
            }
        }
    }

    @Test func `a word that a newer build wrote is shown as it is`() {
        #expect(TimelineWords.name("Moved").zh == "Moved" && TimelineWords.detail("a/b", of: "Moved").en == "a · b")
        #expect(TimelineWords.detail("taste/initial/positive", of: "ResultAccepted").zh == "taste · 初筛 · 阳性")
    }

    // MARK: What the services say

    private func result(_ stage: ScreeningStage, _ outcome: ScreeningOutcome) -> ResultFacts {
        ResultFacts(facts: facts, topic: .intellectual, stage: stage, outcome: outcome, takenOn: day, roundMonths: 72)
    }

    private func screened() throws {
        let bureau = OrganisationID(trusted: "hb-1")
        try bench.service.deliver(
            ResultAccepted(caseID: caseID, result: result(.initial, .positive), bureau: bureau, resultID: "r1", revision: 1))
        try bench.service.deliver(
            ResultCorrected(
                caseID: caseID, before: result(.rescreen, .positive), after: result(.rescreen, .unable), bureau: bureau, resultID: "r2",
                revision: 2))
        try bench.service.deliver(
            ResultWithdrawn(caseID: caseID, result: result(.diagnosis, .negative), bureau: bureau, resultID: "r3", revision: 3))
        try bench.service.deliver(CaseShared(caseID: caseID, facts: facts, topic: .hearing, category: .hearing, diagnosedOn: day))
        try bench.service.deliver(CaseShareRevoked(caseID: caseID, facts: facts, topic: .hearing, reason: ""))
        try bench.service.deliver(
            ScreeningDeadlineMissed(caseID: caseID, facts: facts, topic: .intellectual, step: .diagnosis, dueOn: day))
    }

    private func referred() throws {
        let candidate = Candidate(institution: centre, rank: 1, distance: .sameCounty, openLoad: 0, freePlaces: 1)
        try bench.service.deliver(
            ReferralProposed(
                referral: referral, caseID: caseID, facts: facts, category: .physical, candidates: [candidate], chooseBy: day))
        try bench.service.deliver(
            ReferralIssued(
                referral: referral, attempt: 3, caseID: caseID, facts: facts, category: .hearing, institution: centre, chosenBy: .guardian,
                respondBy: day))
        try bench.service.deliver(
            ReferralConfirmed(referral: referral, attempt: 3, facts: facts, category: .hearing, institution: centre))
        try bench.service.deliver(ReferralClaimed(referral: referral, attempt: 3, institution: centre))
        try bench.service.deliver(ReferralRefused(referral: referral, attempt: 3, institution: centre, reason: ""))
        try bench.service.deliver(ReferralSuperseded(referral: referral, attempt: 3, institution: centre))
        try bench.service.deliver(
            ReferralDeclined(referral: referral, attempt: 3, facts: facts, category: .hearing, institution: centre, reason: ""))
        try bench.service.deliver(ReferralExpired(referral: referral, attempt: 3, facts: facts, category: .hearing, institution: centre))
        try bench.service.deliver(
            ReferralWithdrawn(referral: referral, attempt: 3, facts: facts, category: .hearing, institution: centre, reason: ""))
        try bench.service.deliver(
            ReferralDeadlineMoved(referral: referral, attempt: 3, facts: facts, category: .hearing, institution: centre, dueOn: day))
        try bench.service.deliver(ReferralUnplaced(referral: referral, facts: facts, category: .hearing, attempts: 3))
    }

    private func assisted() throws {
        try bench.service.deliver(
            AssistanceApplied(
                application: application, facts: facts, category: .speech, referral: referral, planYear: 2025, residenceBasis: .hukou,
                attempt: 3))
        try bench.service.deliver(MaterialsCompleted(application: application, facts: facts, category: .speech, decideBy: day))
        try bench.service.deliver(
            AssistanceApproved(
                application: application, facts: facts, category: .autism, mode: .home, standardFen: Fen(1), months: 10,
                policyVersion: "t", policyStanding: .seed, onTime: true))
        try bench.service.deliver(
            AssistanceRejected(application: application, facts: facts, category: .speech, reason: "", onTime: true))
        try bench.service.deliver(AssistanceWithdrawn(application: application, facts: facts, category: .speech, reason: ""))
        try bench.service.deliver(ReviewDeadlineMissed(application: application, facts: facts, category: .speech, dueOn: day))
        try bench.service.deliver(ReviewDeadlineMoved(application: application, facts: facts, category: .speech, decideBy: day))
        try bench.service.deliver(InstitutionConfirmed(application: application, facts: facts, institution: centre))
        try bench.service.deliver(
            Enrolled(
                enrolment: enrolment, application: application, facts: facts, category: .speech, institution: centre, mode: .home,
                startedOn: day, policyVersion: "t"))
        let nothing = Fen(0)
        let line = SettlementLine(
            line: LineID(trusted: "line-1"), month: YearMonth(year: 2025, month: 2), ordinal: 1, serviceDays: 1, counted: false,
            grossFen: nothing, basicInsuranceFen: nothing, seriousIllnessFen: nothing, medicalReliefFen: nothing,
            otherInsuranceFen: nothing, selfPayFen: nothing, subsidyFen: nothing, parentsFen: nothing, policyVersion: "t")
        try bench.service.deliver(
            TrainingMonthRecorded(
                enrolment: enrolment, application: application, facts: facts, category: .speech, institution: centre, line: line))
        var corrected = line
        corrected.counted = true
        try bench.service.deliver(
            TrainingMonthCorrected(
                enrolment: enrolment, application: application, facts: facts, category: .speech, institution: centre, before: line,
                after: corrected, revision: 2, correctedMonth: line.month, reason: ""))
        try bench.service.deliver(
            EnrolmentCompleted(
                enrolment: enrolment, application: application, facts: facts, category: .speech, institution: centre, outcome: .droppedOut,
                monthsCounted: 2, endedOn: day))
    }

    private func employed() throws {
        let employer = OrganisationID(trusted: "em-1")
        try bench.service.deliver(JobSeekerRegistered(jobSeeker: seeker, facts: facts, origin: .rehabilitation, consentToShare: true))
        try bench.service.deliver(ConsentChanged(jobSeeker: seeker, facts: facts, consentToShare: false))
        try bench.service.deliver(TrainingCompleted(jobSeeker: seeker, facts: facts, kind: .upgrade, hours: 80))
        try bench.service.deliver(
            PlacementRecorded(
                placement: placement, jobSeeker: seeker, facts: facts, employer: employer, form: .publicWelfare, startedOn: day,
                contractUntil: day, monthlyWageFen: Fen(1)))
        try bench.service.deliver(
            EmploymentConfirmed(placement: placement, jobSeeker: seeker, facts: facts, employer: employer, month: 3))
        try bench.service.deliver(
            ConfirmationMissed(placement: placement, jobSeeker: seeker, facts: facts, employer: employer, month: 6, dueOn: day))
        try bench.service.deliver(
            StableEmploymentReached(placement: placement, jobSeeker: seeker, facts: facts, employer: employer, reachedOn: day))
        try bench.service.deliver(
            EmploymentEnded(
                placement: placement, jobSeeker: seeker, facts: facts, employer: employer, endedOn: day, reason: "resigned"))
    }

    private func registered() throws {
        try bench.service.deliver(bench.identity(person))
        try bench.service.deliver(bench.identity(twin))
        try bench.ask(.post, "/persons/\(person)/identity", #"{"citizenID":"\#(RegistrationBench.canaryID)"}"#)
        try bench.ask(.post, "/organisations", #"{"organisation":"hb-1","kind":"healthBureau","name":"测试医院","region":"370102"}"#)
        let applied = try bench.ask(
            .post, "/persons/\(person)/certificates", #"{"category":"visual","grade":3,"assessedBy":"hb-1","assessedOn":"2025-03-01"}"#)
        let certificate = try applied.decode(CertificateRoutes.CertificateReply.self).certificate
        #expect(try bench.ask(.post, "/certificates/\(certificate)/issue", as: RegistrationBench.reviewer).status == 200)
        try bench.ask(.post, "/persons/\(person)/merges", #"{"into":"\#(twin)"}"#)
        try bench.ask(.post, "/persons/\(person)/merges/confirmation", #"{"into":"\#(twin)"}"#, as: RegistrationBench.reviewer)
        let parted = try bench.ask(.post, "/persons/\(person)/merges/undo", #"{"from":"\#(twin)"}"#, as: RegistrationBench.reviewer)
        #expect(parted.status == 200)
    }

    /// The cells of the page's tables, row by row, without marks.
    private static func rows(_ page: String) -> [[String]] {
        page.components(separatedBy: "<tr role=\"row\">").dropFirst().map { row in
            row.matches(of: /<t[dh][^>]*>(.*?)<\/t[dh]>/.dotMatchesNewlines()).map { cell in
                cell.output.1.replacing(/<[^>]*>/, with: "").trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }
    }
}

/// Every event about a person that the catalogue has another service say: `careloop.screening.referral-issued.v1` is `ReferralIssued`.
enum TimelineFacts {
    static let ofOthers: [String] = Catalogue.topics.filter { topic in
        ["screening.cases", "screening.referrals", "rehabilitation.answers", "rehabilitation.assistance", "employment.job-seekers"]
            .contains { topic.name == "careloop.\($0).v1" }
    }.flatMap(\.types).map { type in
        type.split(separator: ".")[2].split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
