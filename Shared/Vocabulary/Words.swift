/// 性别, GB/T 2261.1-2003; the number is the standard's code.
public enum Sex: String, CaseIterable, Codable, Hashable, Sendable {
    case unknown, male, female, unspecified
}

/// Which document a person is known by (证件类型).
public enum DocumentKind: String, CaseIterable, Codable, Hashable, Sendable {
    case citizenID, birthCertificate, guardianDocument
}

/// What children aged 0-6 are screened for (筛查内容). The national norm names five, Shandong's text adds speech; which apply is policy.
public enum ScreeningTopic: String, CaseIterable, Codable, Hashable, Sendable {
    case vision, hearing, speech, physical, intellectual, autism
}

/// Category of child rehabilitation assistance (康复救助类别), six.
public enum AssistanceCategory: String, CaseIterable, Codable, Hashable, Sendable {
    case vision, hearing, speech, physical, intellectual, autism
}

/// Category on the disability certificate (残疾类别), 1-7.
public enum CertificateCategory: String, CaseIterable, Codable, Hashable, Sendable {
    case visual, hearing, speech, physical, intellectual, mental, multiple
}

/// Initial screen (初筛), re-screen (复筛), diagnosis (诊断).
public enum ScreeningStage: String, CaseIterable, Codable, Hashable, Sendable {
    case initial, rescreen, diagnosis
}

/// Result of one stage; for a diagnosis positive means confirmed.
public enum ScreeningOutcome: String, CaseIterable, Codable, Hashable, Sendable {
    case negative, positive, unable
}

/// How far up the region tree two places meet.
public enum RegionDistance: String, CaseIterable, Codable, Hashable, Sendable {
    case sameTownship, sameCounty, samePrefecture, sameProvince, elsewhere
}

/// Who chose the institution of a referral.
public enum ChoiceMaker: String, CaseIterable, Codable, Hashable, Sendable {
    case guardian, asProposed
}

/// What an organisation is in the directory.
public enum OrganisationKind: String, CaseIterable, Codable, Hashable, Sendable {
    case healthBureau, disabledPersonsFederation, rehabilitationCentre, employer, financeBureau, trainingBase
}

/// How a person came into the registry.
public enum PersonOrigin: String, CaseIterable, Codable, Hashable, Sendable {
    case screeningCase, window
}

/// Why a region serves an applicant: household registration (户籍) or residence permit (居住证).
public enum ResidenceBasis: String, CaseIterable, Codable, Hashable, Sendable {
    case hukou, residencePermit
}

/// How training is given: in the institution, in the community, at home.
public enum AssistanceMode: String, CaseIterable, Codable, Hashable, Sendable {
    case centralised, community, home
}

/// How firmly a policy fact rests: in a seed document, in a rule or standard, or assumed.
public enum PolicyStanding: String, CaseIterable, Codable, Hashable, Sendable {
    case seed, standard, assumption
}

/// How a training ended.
public enum EnrolmentOutcome: String, CaseIterable, Codable, Hashable, Sendable {
    case completed, droppedOut, transferred
}

/// How a job seeker came.
public enum JobSeekerOrigin: String, CaseIterable, Codable, Hashable, Sendable {
    case rehabilitation, registration
}

/// Kind of vocational training.
public enum TrainingKind: String, CaseIterable, Codable, Hashable, Sendable {
    case skill, upgrade, entrepreneur
}

/// Form of employment (就业形式).
public enum EmploymentForm: String, CaseIterable, Codable, Hashable, Sendable {
    case proportional, concentrated, assistive, publicWelfare, selfEmployed, flexible
}

/// What became of a result.
public enum ReceiptOutcome: String, CaseIterable, Codable, Hashable, Sendable {
    case accepted, repeated, refused, conflict
    /// Nothing is decided yet: what it speaks of is not known here. Another receipt of the same record follows.
    case waiting
}

/// State of a referral as its institution sees it.
public enum ReferralNoticeStatus: String, CaseIterable, Codable, Hashable, Sendable {
    case issued, confirmed, superseded, declined, expired, withdrawn
}

/// Grade of disability (残疾等级), 1 the most severe; only a designated institution's doctor decides it.
public enum DisabilityGrade: String, CaseIterable, Codable, Hashable, Sendable {
    case one, two, three, four
}
