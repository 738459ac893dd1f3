import Vocabulary

// Vocabulary words to and from their schema enums. An unstated or unknown number is an error of the field that holds it.

extension Sex {
    init(schema: Careloop_V1_Sex, field: StaticString) throws(ContractError) {
        switch schema {
        case .unknown: self = .unknown
        case .male: self = .male
        case .female: self = .female
        case .unspecified: self = .unspecified
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_Sex {
        switch self {
        case .unknown: .unknown
        case .male: .male
        case .female: .female
        case .unspecified: .unspecified
        }
    }
}

extension DocumentKind {
    init(schema: Careloop_V1_DocumentKind, field: StaticString) throws(ContractError) {
        switch schema {
        case .citizenID: self = .citizenID
        case .birthCertificate: self = .birthCertificate
        case .guardianDocument: self = .guardianDocument
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_DocumentKind {
        switch self {
        case .citizenID: .citizenID
        case .birthCertificate: .birthCertificate
        case .guardianDocument: .guardianDocument
        }
    }
}

extension ScreeningTopic {
    init(schema: Careloop_V1_ScreeningTopic, field: StaticString) throws(ContractError) {
        switch schema {
        case .vision: self = .vision
        case .hearing: self = .hearing
        case .speech: self = .speech
        case .physical: self = .physical
        case .intellectual: self = .intellectual
        case .autism: self = .autism
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_ScreeningTopic {
        switch self {
        case .vision: .vision
        case .hearing: .hearing
        case .speech: .speech
        case .physical: .physical
        case .intellectual: .intellectual
        case .autism: .autism
        }
    }
}

extension AssistanceCategory {
    init(schema: Careloop_V1_AssistanceCategory, field: StaticString) throws(ContractError) {
        switch schema {
        case .vision: self = .vision
        case .hearing: self = .hearing
        case .speech: self = .speech
        case .physical: self = .physical
        case .intellectual: self = .intellectual
        case .autism: self = .autism
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_AssistanceCategory {
        switch self {
        case .vision: .vision
        case .hearing: .hearing
        case .speech: .speech
        case .physical: .physical
        case .intellectual: .intellectual
        case .autism: .autism
        }
    }
}

extension CertificateCategory {
    init(schema: Careloop_V1_CertificateCategory, field: StaticString) throws(ContractError) {
        switch schema {
        case .visual: self = .visual
        case .hearing: self = .hearing
        case .speech: self = .speech
        case .physical: self = .physical
        case .intellectual: self = .intellectual
        case .mental: self = .mental
        case .multiple: self = .multiple
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_CertificateCategory {
        switch self {
        case .visual: .visual
        case .hearing: .hearing
        case .speech: .speech
        case .physical: .physical
        case .intellectual: .intellectual
        case .mental: .mental
        case .multiple: .multiple
        }
    }
}

extension ScreeningStage {
    init(schema: Careloop_V1_ScreeningStage, field: StaticString) throws(ContractError) {
        switch schema {
        case .initial: self = .initial
        case .rescreen: self = .rescreen
        case .diagnosis: self = .diagnosis
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_ScreeningStage {
        switch self {
        case .initial: .initial
        case .rescreen: .rescreen
        case .diagnosis: .diagnosis
        }
    }
}

extension ScreeningOutcome {
    init(schema: Careloop_V1_ScreeningOutcome, field: StaticString) throws(ContractError) {
        switch schema {
        case .negative: self = .negative
        case .positive: self = .positive
        case .unable: self = .unable
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_ScreeningOutcome {
        switch self {
        case .negative: .negative
        case .positive: .positive
        case .unable: .unable
        }
    }
}

extension RegionDistance {
    init(schema: Careloop_V1_RegionDistance, field: StaticString) throws(ContractError) {
        switch schema {
        case .sameTownship: self = .sameTownship
        case .sameCounty: self = .sameCounty
        case .samePrefecture: self = .samePrefecture
        case .sameProvince: self = .sameProvince
        case .elsewhere: self = .elsewhere
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_RegionDistance {
        switch self {
        case .sameTownship: .sameTownship
        case .sameCounty: .sameCounty
        case .samePrefecture: .samePrefecture
        case .sameProvince: .sameProvince
        case .elsewhere: .elsewhere
        }
    }
}

extension ChoiceMaker {
    init(schema: Careloop_V1_ChoiceMaker, field: StaticString) throws(ContractError) {
        switch schema {
        case .guardian: self = .guardian
        case .asProposed: self = .asProposed
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_ChoiceMaker {
        switch self {
        case .guardian: .guardian
        case .asProposed: .asProposed
        }
    }
}

extension OrganisationKind {
    init(schema: Careloop_V1_OrganisationKind, field: StaticString) throws(ContractError) {
        switch schema {
        case .healthBureau: self = .healthBureau
        case .disabledPersonsFederation: self = .disabledPersonsFederation
        case .rehabilitationCentre: self = .rehabilitationCentre
        case .employer: self = .employer
        case .financeBureau: self = .financeBureau
        case .trainingBase: self = .trainingBase
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_OrganisationKind {
        switch self {
        case .healthBureau: .healthBureau
        case .disabledPersonsFederation: .disabledPersonsFederation
        case .rehabilitationCentre: .rehabilitationCentre
        case .employer: .employer
        case .financeBureau: .financeBureau
        case .trainingBase: .trainingBase
        }
    }
}

extension PersonOrigin {
    init(schema: Careloop_V1_PersonOrigin, field: StaticString) throws(ContractError) {
        switch schema {
        case .screeningCase: self = .screeningCase
        case .window: self = .window
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_PersonOrigin {
        switch self {
        case .screeningCase: .screeningCase
        case .window: .window
        }
    }
}

extension ResidenceBasis {
    init(schema: Careloop_V1_ResidenceBasis, field: StaticString) throws(ContractError) {
        switch schema {
        case .hukou: self = .hukou
        case .residencePermit: self = .residencePermit
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_ResidenceBasis {
        switch self {
        case .hukou: .hukou
        case .residencePermit: .residencePermit
        }
    }
}

extension AssistanceMode {
    init(schema: Careloop_V1_AssistanceMode, field: StaticString) throws(ContractError) {
        switch schema {
        case .centralised: self = .centralised
        case .community: self = .community
        case .home: self = .home
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_AssistanceMode {
        switch self {
        case .centralised: .centralised
        case .community: .community
        case .home: .home
        }
    }
}

extension PolicyStanding {
    init(schema: Careloop_V1_PolicyStanding, field: StaticString) throws(ContractError) {
        switch schema {
        case .seed: self = .seed
        case .standard: self = .standard
        case .assumption: self = .assumption
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_PolicyStanding {
        switch self {
        case .seed: .seed
        case .standard: .standard
        case .assumption: .assumption
        }
    }
}

extension EnrolmentOutcome {
    init(schema: Careloop_V1_EnrolmentOutcome, field: StaticString) throws(ContractError) {
        switch schema {
        case .completed: self = .completed
        case .droppedOut: self = .droppedOut
        case .transferred: self = .transferred
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_EnrolmentOutcome {
        switch self {
        case .completed: .completed
        case .droppedOut: .droppedOut
        case .transferred: .transferred
        }
    }
}

extension JobSeekerOrigin {
    init(schema: Careloop_V1_JobSeekerOrigin, field: StaticString) throws(ContractError) {
        switch schema {
        case .rehabilitation: self = .rehabilitation
        case .registration: self = .registration
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_JobSeekerOrigin {
        switch self {
        case .rehabilitation: .rehabilitation
        case .registration: .registration
        }
    }
}

extension TrainingKind {
    init(schema: Careloop_V1_TrainingKind, field: StaticString) throws(ContractError) {
        switch schema {
        case .skill: self = .skill
        case .upgrade: self = .upgrade
        case .entrepreneur: self = .entrepreneur
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_TrainingKind {
        switch self {
        case .skill: .skill
        case .upgrade: .upgrade
        case .entrepreneur: .entrepreneur
        }
    }
}

extension EmploymentForm {
    init(schema: Careloop_V1_EmploymentForm, field: StaticString) throws(ContractError) {
        switch schema {
        case .proportional: self = .proportional
        case .concentrated: self = .concentrated
        case .assistive: self = .assistive
        case .publicWelfare: self = .publicWelfare
        case .selfEmployed: self = .selfEmployed
        case .flexible: self = .flexible
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_EmploymentForm {
        switch self {
        case .proportional: .proportional
        case .concentrated: .concentrated
        case .assistive: .assistive
        case .publicWelfare: .publicWelfare
        case .selfEmployed: .selfEmployed
        case .flexible: .flexible
        }
    }
}

extension ReceiptOutcome {
    init(schema: Careloop_V1_ReceiptOutcome, field: StaticString) throws(ContractError) {
        switch schema {
        case .accepted: self = .accepted
        case .repeated: self = .repeated
        case .refused: self = .refused
        case .conflict: self = .conflict
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_ReceiptOutcome {
        switch self {
        case .accepted: .accepted
        case .repeated: .repeated
        case .refused: .refused
        case .conflict: .conflict
        }
    }
}

extension ReferralNoticeStatus {
    init(schema: Careloop_V1_ReferralNoticeStatus, field: StaticString) throws(ContractError) {
        switch schema {
        case .issued: self = .issued
        case .confirmed: self = .confirmed
        case .superseded: self = .superseded
        case .declined: self = .declined
        case .expired: self = .expired
        case .withdrawn: self = .withdrawn
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_ReferralNoticeStatus {
        switch self {
        case .issued: .issued
        case .confirmed: .confirmed
        case .superseded: .superseded
        case .declined: .declined
        case .expired: .expired
        case .withdrawn: .withdrawn
        }
    }
}

extension DisabilityGrade {
    init(schema: Careloop_V1_DisabilityGrade, field: StaticString) throws(ContractError) {
        switch schema {
        case .one: self = .one
        case .two: self = .two
        case .three: self = .three
        case .four: self = .four
        case .unstated: throw .missing(field: "\(field)")
        case .UNRECOGNIZED(let number): throw .unknownValue(field: "\(field)", number: number)
        }
    }

    var schema: Careloop_V1_DisabilityGrade {
        switch self {
        case .one: .one
        case .two: .two
        case .three: .three
        case .four: .four
        }
    }
}
