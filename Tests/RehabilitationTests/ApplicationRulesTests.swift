import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Rules = ApplicationRules
private let enrolment = EnrolmentID(trusted: "enrolment-1")

private func rules(_ region: String = "419001001", _ category: AssistanceCategory = .hearing, on date: String = "2024-06-05")
    -> AssistanceRules?
{
    AssistancePolicies.current.rules(for: category, in: RegionCode(trusted: region), on: Sample.date(date))
}

private func application(_ status: Application.Status?) -> Application? {
    guard let status else { return nil }
    var application = Application(submission: Sample.submission(), residenceBasis: .hukou, terms: Sample.terms(), status: status)
    application.acceptedBy = "clerk-2"
    application.completeOn = Sample.date("2024-06-05")
    application.decideBy = Sample.date("2024-06-13")
    application.decidedOn = Sample.date("2024-06-12")
    if [.placed, .enrolled, .ended].contains(status) { application.institution = Sample.institution }
    if [.enrolled, .ended].contains(status) { application.enrolment = enrolment }
    return application
}

private let statuses: [Application.Status?] = [nil, .submitted, .underReview, .approved, .rejected, .placed, .enrolled, .ended, .withdrawn]
private let today = Sample.date("2024-06-12")
private let unknown = "APPLICATION_NOT_FOUND"

private let another = ApplicationID(trusted: "application-2")

/// A request's key that comes back, years later, for another child.
private var someoneElses: Application.Submission {
    var submission = Sample.submission()
    submission.facts.person = PersonID(trusted: "person-2")
    return submission
}

private let table: [(Rules.Command, [String])] = [
    (
        .apply(someoneElses, rules: rules(), duplicate: nil),
        ["applied"] + Array(repeating: "IDEMPOTENCY_KEY_REUSED", count: 8)
    ),
    (
        .approve(by: "reviewer", on: today, duplicate: another),
        [unknown, "MATERIAL_INCOMPLETE", "DUPLICATE_ACTIVE_CASE", "-", "ALREADY_DECIDED", "-", "-", "-", "APPLICATION_CLOSED"]
    ),
    (
        .enrol(enrolment, at: Sample.institution, ground: .unreferred, startedOn: today, duplicate: another),
        [
            unknown, "NOT_APPROVED", "NOT_APPROVED", "INSTITUTION_NOT_CONFIRMED", "NOT_APPROVED", "DUPLICATE_ACTIVE_CASE", "-", "-",
            "APPLICATION_CLOSED",
        ]
    ),
    (.apply(Sample.submission(), rules: rules(), duplicate: nil), ["applied", "-", "-", "-", "-", "-", "-", "-", "-"]),
    (
        .completeMaterials(by: "clerk-2", on: today, decideBy: today),
        [unknown, "materialsCompleted", "-", "-", "APPLICATION_CLOSED", "-", "-", "-", "APPLICATION_CLOSED"]
    ),
    (
        .approve(by: "reviewer", on: today),
        [unknown, "MATERIAL_INCOMPLETE", "approved", "-", "ALREADY_DECIDED", "-", "-", "-", "APPLICATION_CLOSED"]
    ),
    (
        .reject(by: "reviewer", on: today, reason: "材料不实"),
        [
            unknown, "MATERIAL_INCOMPLETE", "rejected", "ALREADY_DECIDED", "-", "ALREADY_DECIDED", "ALREADY_DECIDED", "ALREADY_DECIDED",
            "APPLICATION_CLOSED",
        ]
    ),
    (.missReview(due: Sample.date("2024-06-13")), [unknown, "-", "reviewMissed", "-", "-", "-", "-", "-", "-"]),
    (.moveReview(to: Sample.date("2024-06-14")), [unknown, "-", "reviewMoved", "-", "-", "-", "-", "-", "-"]),
    (.moveReview(to: Sample.date("2024-06-13")), [unknown, "-", "-", "-", "-", "-", "-", "-", "-"]),
    (
        .confirmInstitution(Sample.institution, agreement: Sample.agreement(), ground: .unreferred, on: today),
        [
            unknown, "NOT_APPROVED", "NOT_APPROVED", "institutionConfirmed", "NOT_APPROVED", "-", "ALREADY_ENROLLED", "ALREADY_ENROLLED",
            "APPLICATION_CLOSED",
        ]
    ),
    (
        .enrol(enrolment, at: Sample.institution, ground: .unreferred, startedOn: today),
        [
            unknown, "NOT_APPROVED", "NOT_APPROVED", "INSTITUTION_NOT_CONFIRMED", "NOT_APPROVED", "enrolled", "-", "-",
            "APPLICATION_CLOSED",
        ]
    ),
    (.end, [unknown, "NOT_APPROVED", "NOT_APPROVED", "NOT_APPROVED", "NOT_APPROVED", "NOT_APPROVED", "ended", "-", "NOT_APPROVED"]),
    (
        .withdraw(reason: "搬家"),
        [unknown, "withdrawn", "withdrawn", "withdrawn", "APPLICATION_CLOSED", "withdrawn", "ALREADY_ENROLLED", "ALREADY_ENROLLED", "-"]
    ),
]

@Test(arguments: table.indices)
func `every command on every status of an application ends as the table says`(row: Int) {
    let (command, expected) = table[row]
    for (status, word) in zip(statuses, expected) {
        #expect(outcome(Rules.self, command, application(status)) == word, "\(command) on \(String(describing: status))")
    }
}

@Test(arguments: [
    // S08: a four-year-old of Jiyuan with household registration.
    ("2020-03", "419001001", "2024-06-05", "applied"),
    // S11: seven years old where the policy says 0-6, and where it says 0-9.
    ("2017-05", "370102001", "2024-07-05", "AGE_OUT_OF_RANGE"),
    ("2017-05", "370303001", "2024-07-05", "applied"),
    // Turns seven this month: not certainly seven before the month is over.
    ("2017-07", "370102001", "2024-07-05", "applied"),
    ("2017-07", "370102001", "2024-07-31", "AGE_OUT_OF_RANGE"),
    ("2006-05", "370303001", "2024-07-05", "AGE_OUT_OF_RANGE"),
    ("2024-08", "370303001", "2024-07-05", "AGE_OUT_OF_RANGE"),
    // The province's rule of 2026 helps up to 17.
    ("2012-05", "370102001", "2026-03-02", "applied"),
    // No standard is known for another province, no rule at all before October 2018.
    ("2020-03", "110101001", "2024-06-05", "POLICY_MISSING"),
    ("2016-03", "419001001", "2018-06-05", "POLICY_MISSING"),
])
func `age is judged by the region's policy of the day`(born: String, region: String, on: String, expected: String) {
    let year = Sample.date(on).year
    let submission = Sample.submission(born: born, region: region, on: on, planYear: year)
    #expect(outcome(Rules.self, .apply(submission, rules: rules(region, on: on), duplicate: nil), nil) == expected)
}

@Test func `a ten-year-old of Zhangdian is helped in the community and a seven-year-old in the institution`() throws {
    func terms(_ born: String) throws -> AssistanceTerms? {
        let submission = Sample.submission(born: born, region: "370303001", on: "2024-06-05")
        let events = try Rules.decide(.apply(submission, rules: rules("370303001"), duplicate: nil), given: nil)
        guard case .applied(_, _, let terms) = events.first else { return nil }
        return terms
    }
    let ten = try terms("2014-01")
    #expect(ten?.mode == .community && ten?.standardFen == Sample.yuan("5000"))
    let seven = try terms("2017-01")
    #expect(seven?.mode == .centralised && seven?.standardFen == Sample.yuan("15000"))
    #expect(seven?.policyVersion.contains("zhangdian-eligibility-2022") == true)
}

@Test(arguments: [
    (Sample.submission(basis: nil), "RESIDENCE_NOT_ELIGIBLE"), (Sample.submission(basis: .residencePermit), "applied"),
    (Sample.submission(planYear: 2023), "PLAN_YEAR_INVALID"), (Sample.submission(planYear: 2026), "PLAN_YEAR_INVALID"),
    (Sample.submission(planYear: 2025), "applied"),
])
func `what an application lacks is named`(submission: Application.Submission, expected: String) {
    #expect(outcome(Rules.self, .apply(submission, rules: rules(), duplicate: nil), nil) == expected)
}

@Test func `a category outside the policy is refused`() throws {
    var narrow = rules()
    let onlyVision = PolicyRule(
        code: "test", region: nil, validFrom: Sample.date("2018-10-01"),
        value: EligibilityPolicy(bands: narrow?.eligibility.value.bands ?? [], categories: [.vision], residenceBases: [.hukou]),
        source: "test", standing: .assumption, version: "test")
    narrow?.eligibility = try PolicyBook([onlyVision]).lookup("test", region: nil, on: Sample.date("2024-06-05"))
    #expect(outcome(Rules.self, .apply(Sample.submission(), rules: narrow, duplicate: nil), nil) == "CATEGORY_NOT_COVERED")
}

@Test func `a second open application of the same child, category and year is refused`() {
    let command = Rules.Command.apply(Sample.submission(), rules: rules(), duplicate: ApplicationID(trusted: "other"))
    #expect(outcome(Rules.self, command, nil) == "DUPLICATE_ACTIVE_CASE")
}

@Test(arguments: ["clerk-1", "clerk-2"])
func `neither who entered nor who accepted an application decides it`(user: String) {
    #expect(outcome(Rules.self, .approve(by: user, on: today), application(.underReview)) == "FOUR_EYES")
    #expect(outcome(Rules.self, .reject(by: user, on: today, reason: "x"), application(.underReview)) == "FOUR_EYES")
}

@Test func `a rejection without a reason is refused`() {
    #expect(outcome(Rules.self, .reject(by: "reviewer", on: today, reason: " "), application(.underReview)) == "REASON_REQUIRED")
    #expect(outcome(Rules.self, .withdraw(reason: ""), application(.approved)) == "REASON_REQUIRED")
}

@Test(arguments: [("2024-06-12", true), ("2024-06-13", true), ("2024-06-14", false)])
func `a decision is on time up to and on its last day`(on: String, onTime: Bool) throws {
    let events = try Rules.decide(.approve(by: "reviewer", on: Sample.date(on)), given: application(.underReview))
    #expect(events == [.approved(by: "reviewer", on: Sample.date(on), onTime: onTime)])
}

@Test func `a missed review is said once and for the day that was set`() {
    #expect(outcome(Rules.self, .missReview(due: Sample.date("2024-06-12")), application(.underReview)) == "-")
    var late = application(.underReview)
    late?.reviewMissed = true
    #expect(outcome(Rules.self, .missReview(due: Sample.date("2024-06-13")), late) == "-")
    #expect(outcome(Rules.self, .moveReview(to: Sample.date("2024-06-14")), late) == "-")
    #expect(outcome(Rules.self, .approve(by: "reviewer", on: Sample.date("2024-07-01")), late) == "approved")
}

@Test(arguments: [
    (Sample.agreement() as Agreement?, Application.Ground.unreferred, "institutionConfirmed"),
    (nil, .unreferred, "INSTITUTION_NOT_DESIGNATED"),
    (Sample.agreement(to: "2024-06-11"), .unreferred, "INSTITUTION_NOT_DESIGNATED"),
    (Sample.agreement(categories: [.vision]), .unreferred, "CATEGORY_NOT_COVERED"),
    (Sample.agreement(), .confirmed(at: Sample.otherInstitution), "REFERRED_ELSEWHERE"),
    (Sample.agreement(), .confirmed(at: Sample.institution), "institutionConfirmed"),
    (Sample.agreement(), .withdrawn(reason: nil), "REFERRAL_WITHDRAWN"),
])
func `an institution is confirmed only with an agreement that covers the child, and where the referral went`(
    agreement: Agreement?, ground: Application.Ground, expected: String
) {
    let command = Rules.Command.confirmInstitution(Sample.institution, agreement: agreement, ground: ground, on: today)
    #expect(outcome(Rules.self, command, application(.approved)) == expected)
}

@Test func `training cannot start at another institution or before the approval`() {
    #expect(
        outcome(Rules.self, .enrol(enrolment, at: Sample.otherInstitution, ground: .unreferred, startedOn: today), application(.placed))
            == "INSTITUTION_NOT_CONFIRMED")
    #expect(
        outcome(
            Rules.self, .enrol(enrolment, at: Sample.institution, ground: .unreferred, startedOn: Sample.date("2024-06-11")),
            application(.placed))
            == "OUT_OF_PERIOD")
    var nextYear = application(.placed)
    nextYear?.submission.planYear = 2025
    func start(_ day: String) -> String {
        outcome(Rules.self, .enrol(enrolment, at: Sample.institution, ground: .unreferred, startedOn: Sample.date(day)), nextYear)
    }
    #expect(start("2024-12-31") == "BEFORE_PLAN_YEAR" && start("2025-01-01") == "enrolled")
    let withdrawn = Rules.Command.enrol(enrolment, at: Sample.institution, ground: .withdrawn(reason: nil), startedOn: today)
    #expect(outcome(Rules.self, withdrawn, application(.placed)) == "REFERRAL_WITHDRAWN")
    // What began before goes on.
    #expect(outcome(Rules.self, withdrawn, application(.enrolled)) == "-")
    let other = Rules.Command.enrol(EnrolmentID(trusted: "other"), at: Sample.institution, ground: .unreferred, startedOn: today)
    #expect(outcome(Rules.self, other, application(.enrolled)) == "ALREADY_ENROLLED")
}
