import Contracts
import ServiceRuntime
import Vocabulary

/// What a person holds or has asked for of the disability certificate (残疾人证). One at a time, so this is kept per person.
struct CertificateRecord: Hashable, Sendable {
    enum Status: String, CaseIterable, Sendable {
        case applied, issued
        /// The application was turned down or taken back: another one may be put in.
        case refused
    }

    var status: Status
    var certificate: CertificateID
    var assessment: Assessment
    /// Who put the application in, as `Actor.signature` has it.
    var appliedBy: String
    var appliedOn: LocalDate
    var validFrom: LocalDate?
    var validTo: LocalDate?

    /// An application, or a certificate in force: another one cannot be applied for.
    func isHeld(on today: LocalDate) -> Bool {
        switch status {
        case .applied: true
        case .issued: validTo.map { $0 >= today } ?? true
        case .refused: false
        }
    }
}

/// What a designated institution's doctors found (残疾评定). The system never computes a grade.
struct Assessment: Hashable, Sendable {
    struct Component: Hashable, Sendable {
        var category: CertificateCategory
        var grade: DisabilityGrade
    }

    var category: CertificateCategory
    var grade: DisabilityGrade
    /// The single disabilities of a multiple one; empty otherwise.
    var components: [Component]
    var assessedBy: OrganisationID
    var assessedOn: LocalDate

    /// 办法 art. 13: a multiple disability has at least two different components and takes the grade of the worst.
    var followsMultipleRule: Bool {
        guard category == .multiple else { return components.isEmpty }
        let categories = Set(components.map(\.category))
        return categories.count >= 2 && categories.count == components.count && !categories.contains(.multiple)
            && components.map(\.grade.number).min() == grade.number
    }
}

/// The rules of issuing a certificate: applied for by one person, issued by another, one valid certificate at a time.
enum CertificateRules: Decider {
    typealias State = CertificateRecord
    typealias Refused = CertificateRefusal

    struct Application: Hashable, Sendable {
        var certificate: CertificateID
        var assessment: Assessment
        var by: String
        var today: LocalDate
        /// A checked citizen ID is on file: the certificate's number is made from it.
        var hasCitizenID: Bool
        var assessorDesignated: Bool
        /// A minor, or an intellectual or mental disability: somebody has to stand for the applicant.
        var needsGuardian: Bool
        var hasGuardian: Bool
        /// A certificate in force, or an application, under another id of the same person, whose files were merged.
        var heldUnderAnotherID = false
    }

    struct Issue: Hashable, Sendable {
        var certificate: CertificateID
        var by: String
        var today: LocalDate
        /// The number made from citizen ID, category and grade passes its own rules.
        var numberValid: Bool
        var validityYears: Int
    }

    enum Command: Hashable, Sendable {
        case apply(Application)
        case issue(Issue)
        case refuse(CertificateID)
    }

    enum Event: Hashable, Sendable {
        case applied(CertificateID, Assessment, by: String, on: LocalDate)
        case issued(validFrom: LocalDate, validTo: LocalDate)
        case refused
    }

    static func decide(_ command: Command, given record: CertificateRecord?) throws(CertificateRefusal) -> [Event] {
        switch (command, record?.status) {
        case (.apply(let application), nil), (.apply(let application), .refused):
            return try accept(application)
        case (.apply(let application), .applied):
            guard record?.certificate == application.certificate else { throw .certificateExists }
            return []
        case (.apply(let application), .issued):
            if let validTo = record?.validTo, validTo >= application.today { throw .certificateExists }
            return try accept(application)

        case (.issue(let issue), .applied):
            guard record?.certificate == issue.certificate else { throw .certificateUnknown }
            guard record.map({ !Actor.isSame($0.appliedBy, as: issue.by) }) ?? true else { throw .fourEyes }
            guard issue.numberValid else { throw .numberInvalid }
            return [.issued(validFrom: issue.today, validTo: issue.today.adding(months: 12 * issue.validityYears))]
        case (.issue(let issue), .issued):
            guard record?.certificate == issue.certificate else { throw .certificateUnknown }
            return []
        case (.issue, nil), (.issue, .refused): throw .certificateUnknown

        case (.refuse(let certificate), .applied):
            guard record?.certificate == certificate else { throw .certificateUnknown }
            return [.refused]
        case (.refuse(let certificate), .refused):
            guard record?.certificate == certificate else { throw .certificateUnknown }
            return []
        case (.refuse, .issued): throw .certificateExists
        case (.refuse, nil): throw .certificateUnknown
        }
    }

    private static func accept(_ application: Application) throws(CertificateRefusal) -> [Event] {
        guard !application.heldUnderAnotherID else { throw .certificateExists }
        guard application.hasCitizenID else { throw .idRequired }
        guard application.hasGuardian || !application.needsGuardian else { throw .guardianRequired }
        guard application.assessorDesignated else { throw .assessorNotDesignated }
        guard application.assessment.followsMultipleRule else { throw .multipleGradeRule }
        return [.applied(application.certificate, application.assessment, by: application.by, on: application.today)]
    }

    static func evolve(_ record: CertificateRecord?, with event: Event) -> CertificateRecord {
        switch event {
        case .applied(let certificate, let assessment, let user, let day):
            return CertificateRecord(status: .applied, certificate: certificate, assessment: assessment, appliedBy: user, appliedOn: day)
        case .issued(let from, let to):
            guard var record else { preconditionFailure("a certificate is issued on an application") }
            record.status = .issued
            record.validFrom = from
            record.validTo = to
            return record
        case .refused:
            guard var record else { preconditionFailure("an application is refused") }
            record.status = .refused
            return record
        }
    }
}
