import Contracts
import Vocabulary

// What callers see. Amounts are fen; names of fields are the contract's.

struct InstitutionView: Codable, Sendable {
    var institution: OrganisationID
    var name: String?
    var region: RegionCode
    var categories: [AssistanceCategory]
    var capacity: Int
    var taken: Int
    var free: Int
    var validFrom: LocalDate
    var validTo: LocalDate
}

struct ReferralView: Codable, Sendable {
    var referral: ReferralID
    var attempt: Int
    var status: String
    var institution: OrganisationID
    var person: PersonID
    var category: AssistanceCategory
    var region: RegionCode
    var birthMonth: YearMonth
    var respondBy: LocalDate
    var reason: String?
    /// Why the child was referred here, step by step; only in the single view.
    var explanation: [Explanation.Step]?

    var cursor: String { "\(referral)/\(attempt)" }
}

struct ApplicationView: Codable, Sendable {
    var application: ApplicationID
    var status: String
    var person: PersonID
    var category: AssistanceCategory
    var region: RegionCode
    var referral: ReferralID?
    var planYear: Int
    var residenceBasis: ResidenceBasis
    var submittedOn: LocalDate
    var completeOn: LocalDate?
    var decideBy: LocalDate?
    var reviewMissed: Bool
    var decidedOn: LocalDate?
    var onTime: Bool?
    var reason: String?
    var institution: OrganisationID?
    var enrolment: EnrolmentID?
    var band: String
    var mode: AssistanceMode
    var standardFen: Int64
    var months: Int
    var policyVersion: String
    /// How firmly the weakest rule behind the terms rests: seed, standard or assumption.
    var policyStanding: PolicyStanding
    /// Who did what, pseudonymously; only in the single view.
    var submittedBy: String?
    var acceptedBy: String?
    var decidedBy: String?
    /// Screening took back the diagnosis and the referral it follows; only in the single view.
    var diagnosisWithdrawn: Bool?
    /// Why it stands as it does, step by step; only in the single view.
    var explanation: [Explanation.Step]?
}

struct EnrolmentView: Codable, Sendable {
    var enrolment: EnrolmentID
    var application: ApplicationID
    var status: String
    var person: PersonID
    var category: AssistanceCategory
    var region: RegionCode
    var institution: OrganisationID
    var mode: AssistanceMode
    var startedOn: LocalDate
    var endedOn: LocalDate?
    var outcome: EnrolmentOutcome?
    var standardFen: Int64
    var months: Int
    var monthsRecorded: Int
    var monthsCounted: Int
    /// The last month recorded, if any.
    var lastMonth: YearMonth?
    var subsidyFen: Int64
    var policyVersion: String
    var policyStanding: PolicyStanding
}

struct LineView: Codable, Sendable {
    var line: LineID
    var month: YearMonth
    var ordinal: Int
    var serviceDays: Int
    var counted: Bool
    var grossFen: Int64
    var basicInsuranceFen: Int64
    var seriousIllnessFen: Int64
    var medicalReliefFen: Int64
    var otherInsuranceFen: Int64
    var selfPayFen: Int64
    var subsidyFen: Int64
    var parentsFen: Int64
    var policyVersion: String
    /// 1 as it was recorded; each correction, of this month or of one that it follows from, is one more.
    var revision: Int
    var settlement: SettlementID?
    /// Why this amount, step by step.
    var explanation: [Explanation.Step]

    init(_ line: SettlementLine, revision: Int = 1, settlement: SettlementID?, explanation: [Explanation.Step]) {
        self.line = line.line
        month = line.month
        ordinal = line.ordinal
        serviceDays = line.serviceDays
        counted = line.counted
        grossFen = line.grossFen.value
        basicInsuranceFen = line.basicInsuranceFen.value
        seriousIllnessFen = line.seriousIllnessFen.value
        medicalReliefFen = line.medicalReliefFen.value
        otherInsuranceFen = line.otherInsuranceFen.value
        selfPayFen = line.selfPayFen.value
        subsidyFen = line.subsidyFen.value
        parentsFen = line.parentsFen.value
        policyVersion = line.policyVersion
        self.revision = revision
        self.settlement = settlement
        self.explanation = explanation
    }
}

struct LinesView: Codable, Sendable {
    var enrolment: EnrolmentID
    var application: ApplicationID
    var policyVersion: String
    var policyStanding: PolicyStanding
    var items: [LineView]
    var subsidyFen: Int64
    var parentsFen: Int64
}

struct SettlementView: Codable, Sendable {
    var settlement: SettlementID
    var institution: OrganisationID
    var region: RegionCode
    var quarter: Quarter
    var status: String
    var lines: Int
    var totalFen: Int64
    var submittedOn: LocalDate
    var approvedOn: LocalDate?
    var paidOn: LocalDate?
    var submittedBy: String
    var approvedBy: String?
    var paidBy: String?
    var rejectedOn: LocalDate?
    var rejectedBy: String?
    /// Of a rejection.
    var reason: String?
}

/// One training month of a settlement; its enrolment tells why this amount.
struct SettledLineView: Codable, Sendable {
    var line: LineID
    var enrolment: EnrolmentID
    var month: YearMonth
    var subsidyFen: Int64
}

/// An institution with counted lines that no settlement holds.
struct UnsettledView: Codable, Sendable {
    var institution: OrganisationID
    var region: RegionCode
    var lines: Int
    var subsidyFen: Int64
    var firstMonth: YearMonth
}

/// An application under way, up to the end of its training, although the diagnosis behind it was taken back. Whether it should stop is the
/// authority's to decide.
struct WithdrawnDiagnosisView: Codable, Sendable {
    var application: ApplicationID
    /// The application's.
    var status: String
    /// Absent before the training.
    var enrolment: EnrolmentID?
    var person: PersonID
    var category: AssistanceCategory
    var region: RegionCode
    /// Absent before it is confirmed.
    var institution: OrganisationID?
    var startedOn: LocalDate?
    var referral: ReferralID
    /// Why the referral was withdrawn, in Screening's words.
    var reason: String?
    var monthsRecorded: Int
    /// Subsidy of the months so far.
    var subsidyFen: Int64
    /// The same case has been referred again meanwhile: the child was diagnosed once more.
    var referredAgain: Bool
}

/// A training of a child whose other file turned out to be the same child's, where both train: one of a pair, each stands under either. The
/// months of both are paid; which of them goes on is the authority's to decide, and its centre ends the other.
struct MergedTrainingView: Codable, Sendable {
    struct Training: Codable, Sendable {
        var enrolment: EnrolmentID
        var application: ApplicationID
        var person: PersonID
        var category: AssistanceCategory
        var region: RegionCode
        var institution: OrganisationID
        var startedOn: LocalDate
        /// Subsidy of the months so far.
        var subsidyFen: Int64
    }

    var training: Training
    /// Under the child's other id; it may lie in another region.
    var other: Training
}

struct PolicyView: Codable, Sendable {
    var code: String
    /// Absent: the whole nation.
    var region: RegionCode?
    var validFrom: LocalDate
    var validTo: LocalDate?
    var version: String
    var standing: PolicyStanding
    var source: String
    /// The rule in words.
    var chinese: String
    var english: String
}

/// A count of everything this service owns, for the account; amounts in fen.
struct AccountView: Codable, Sendable {
    var institutions: Int
    var placesTaken: Int
    var referralAttempts: [String: Int]
    var applications: [String: Int]
    var reviewsMissed: Int
    var enrolments: [String: Int]
    var lines: Int
    var linesCounted: Int
    var subsidyFen: Int64
    var settledSubsidyFen: Int64
    var settlements: [String: Int]
    var settlementsFen: [String: Int64]
}
