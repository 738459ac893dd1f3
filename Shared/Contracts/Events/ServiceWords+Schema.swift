import Vocabulary

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
        case .waiting: self = .waiting
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
        case .waiting: .waiting
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
