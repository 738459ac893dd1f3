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
