import Contracts
import Testing
import Vocabulary

@testable import Registration

struct CertificateRulesTests {
    static let today = LocalDate(year: 2025, month: 3, day: 3)!
    static let certificate = CertificateID(trusted: "cert-1")
    static let assessment = Assessment(
        category: .hearing, grade: .one, components: [], assessedBy: OrganisationID(trusted: "hospital-1"), assessedOn: today)

    static func application(
        _ id: CertificateID = certificate, _ change: (inout CertificateRules.Application) -> Void = { _ in }
    ) -> CertificateRules.Command {
        var application = CertificateRules.Application(
            certificate: id, assessment: assessment, by: "clerk-1", today: today, hasCitizenID: true, assessorDesignated: true,
            needsGuardian: false, hasGuardian: false)
        change(&application)
        return .apply(application)
    }

    static func issue(_ id: CertificateID = certificate, by user: String = "reviewer-1", numberValid: Bool = true)
        -> CertificateRules.Command
    {
        .issue(CertificateRules.Issue(certificate: id, by: user, today: today, numberValid: numberValid, validityYears: 10))
    }

    static func record(_ status: CertificateRecord.Status?, validTo: LocalDate? = nil) -> CertificateRecord? {
        guard let status else { return nil }
        return CertificateRecord(
            status: status, certificate: certificate, assessment: assessment, appliedBy: "clerk-1", appliedOn: today,
            validFrom: status == .issued ? today : nil, validTo: status == .issued ? validTo ?? today.adding(months: 120) : nil)
    }

    static let next = CertificateID(trusted: "cert-2")

    /// Rows: nil, applied, issued, refused.
    static let matrix: [(CertificateRules.Command, [Outcome<CertificateRefusal>])] = [
        (application(), [.events(1), .events(0), .refused(.certificateExists), .events(1)]),
        (application(next), [.events(1), .refused(.certificateExists), .refused(.certificateExists), .events(1)]),
        (issue(), [.refused(.certificateUnknown), .events(1), .events(0), .refused(.certificateUnknown)]),
        (
            issue(next),
            [
                .refused(.certificateUnknown), .refused(.certificateUnknown), .refused(.certificateUnknown), .refused(.certificateUnknown),
            ]
        ),
        (.refuse(certificate), [.refused(.certificateUnknown), .events(1), .refused(.certificateExists), .events(0)]),
        (
            .refuse(next),
            [.refused(.certificateUnknown), .refused(.certificateUnknown), .refused(.certificateExists), .refused(.certificateUnknown)]
        ),
    ]

    @Test(arguments: matrix.indices)
    func `every command is decided in every status`(row: Int) {
        let (command, expected) = Self.matrix[row]
        let statuses: [CertificateRecord.Status?] = [nil] + CertificateRecord.Status.allCases
        #expect(expected.count == statuses.count)
        for (status, outcome) in zip(statuses, expected) {
            #expect(Self.outcome(command, Self.record(status)) == outcome, "\(command) in \(status.map(\.rawValue) ?? "none")")
        }
    }

    @Test func `the one who applied does not issue, and a wrong number is not issued`() {
        #expect(Self.outcome(Self.issue(by: "clerk-1"), Self.record(.applied)) == .refused(.fourEyes))
        #expect(Self.outcome(Self.issue(numberValid: false), Self.record(.applied)) == .refused(.numberInvalid))
    }

    @Test func `a certificate is valid ten years, and after that another one may be applied for`() throws {
        let events = try CertificateRules.decide(Self.issue(), given: Self.record(.applied))
        #expect(events == [.issued(validFrom: Self.today, validTo: LocalDate(year: 2035, month: 3, day: 3)!)])
        let expired = Self.record(.issued, validTo: Self.today.adding(days: -1))
        #expect(Self.outcome(Self.application(Self.next), expired) == .events(1))
        #expect(Self.outcome(Self.application(Self.next), Self.record(.issued, validTo: Self.today)) == .refused(.certificateExists))
    }

    @Test func `an application needs a checked ID, a designated assessor and a guardian where one must stand in`() {
        #expect(Self.outcome(Self.application { $0.hasCitizenID = false }, nil) == .refused(.idRequired))
        #expect(Self.outcome(Self.application { $0.assessorDesignated = false }, nil) == .refused(.assessorNotDesignated))
        #expect(Self.outcome(Self.application { $0.heldUnderAnotherID = true }, nil) == .refused(.certificateExists))
        #expect(Self.outcome(Self.application { $0.needsGuardian = true }, nil) == .refused(.guardianRequired))
    }

    @Test(arguments: [
        (CertificateCategory.hearing, DisabilityGrade.two, [(CertificateCategory, DisabilityGrade)](), true),
        (.hearing, .two, [(.hearing, .two)], false),
        (.multiple, .one, [(.hearing, .two), (.physical, .one)], true),
        (.multiple, .two, [(.hearing, .two), (.physical, .one)], false),
        (.multiple, .one, [(.physical, .one)], false),
        (.multiple, .one, [(.physical, .one), (.physical, .two)], false),
        (.multiple, .one, [(.multiple, .one), (.physical, .one)], false),
    ])
    func `a multiple disability takes the grade of its worst component`(
        category: CertificateCategory, grade: DisabilityGrade, components: [(CertificateCategory, DisabilityGrade)], holds: Bool
    ) {
        var assessment = Self.assessment
        assessment.category = category
        assessment.grade = grade
        assessment.components = components.map { Assessment.Component(category: $0.0, grade: $0.1) }
        #expect(assessment.followsMultipleRule == holds)
        #expect(Self.outcome(Self.application { $0.assessment = assessment }, nil) == (holds ? .events(1) : .refused(.multipleGradeRule)))
    }

    static func outcome(_ command: CertificateRules.Command, _ record: CertificateRecord?) -> Outcome<CertificateRefusal> {
        do { return .events(try CertificateRules.decide(command, given: record).count) } catch { return .refused(error) }
    }
}
