extension Sex: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .unknown: BilingualName(zh: "未知的性别", en: "unknown")
        case .male: BilingualName(zh: "男", en: "male")
        case .female: BilingualName(zh: "女", en: "female")
        case .unspecified: BilingualName(zh: "未说明的性别", en: "unspecified")
        }
    }

    /// GB/T 2261.1-2003: 0 unknown, 1 male, 2 female, 9 not stated.
    public var code: Int {
        switch self {
        case .unknown: 0
        case .male: 1
        case .female: 2
        case .unspecified: 9
        }
    }

    public init?(code: Int) {
        guard let sex = Sex.allCases.first(where: { $0.code == code }) else { return nil }
        self = sex
    }

    public var spellings: [String] {
        switch self {
        case .unknown: ["0", "未知"]
        case .male: ["1", "男性", "m"]
        case .female: ["2", "女性", "f"]
        case .unspecified: ["9", "未说明"]
        }
    }

    public static let unknownCode = "SEX_INVALID"
    public static let source = "GB/T 2261.1-2003"
}

extension DocumentKind: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .citizenID: BilingualName(zh: "居民身份证", en: "citizen ID")
        case .birthCertificate: BilingualName(zh: "出生医学证明", en: "birth certificate")
        case .guardianDocument: BilingualName(zh: "监护人证件", en: "guardian's document")
        }
    }

    public var spellings: [String] {
        switch self {
        case .citizenID: ["citizen-id", "身份证", "id"]
        case .birthCertificate: ["birth-certificate", "出生证"]
        case .guardianDocument: ["guardian-document", "监护人身份证"]
        }
    }

    public static let unknownCode = "DOCUMENT_KIND_UNKNOWN"
}

extension ScreeningStage: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .initial: BilingualName(zh: "初筛", en: "initial screen")
        case .rescreen: BilingualName(zh: "复筛", en: "re-screen")
        case .diagnosis: BilingualName(zh: "诊断", en: "diagnosis")
        }
    }

    public var spellings: [String] {
        switch self {
        case .initial: ["初次筛查", "screen", "1"]
        case .rescreen: ["复查", "re-screening", "2"]
        case .diagnosis: ["确诊", "3"]
        }
    }

    public static let unknownCode = "STAGE_UNKNOWN"
    public static let source = "0～6岁儿童残疾筛查工作规范(试行)"
}

extension ScreeningOutcome: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .negative: BilingualName(zh: "阴性", en: "negative")
        case .positive: BilingualName(zh: "阳性", en: "positive")
        case .unable: BilingualName(zh: "未能检查", en: "not examined")
        }
    }

    public var spellings: [String] {
        switch self {
        case .negative: ["neg", "-", "未见异常", "排除", "通过", "not confirmed"]
        case .positive: ["pos", "+", "异常", "确诊", "未通过", "confirmed"]
        case .unable: ["无法检查", "不能配合", "unable to examine"]
        }
    }

    public static let unknownCode = "OUTCOME_UNKNOWN"
    public static let source = "0～6岁儿童残疾筛查工作规范(试行)"
}

extension RegionDistance: BilingualWord, Comparable {
    public var name: BilingualName {
        switch self {
        case .sameTownship: BilingualName(zh: "同乡镇街道", en: "same township")
        case .sameCounty: BilingualName(zh: "同县(市、区)", en: "same county")
        case .samePrefecture: BilingualName(zh: "同市", en: "same prefecture")
        case .sameProvince: BilingualName(zh: "同省", en: "same province")
        case .elsewhere: BilingualName(zh: "外省", en: "another province")
        }
    }

    /// 0 is nearest.
    public var steps: Int {
        switch self {
        case .sameTownship: 0
        case .sameCounty: 1
        case .samePrefecture: 2
        case .sameProvince: 3
        case .elsewhere: 4
        }
    }

    public static func < (a: Self, b: Self) -> Bool { a.steps < b.steps }
    public static let unknownCode = "DISTANCE_UNKNOWN"
}

extension ChoiceMaker: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .guardian: BilingualName(zh: "监护人选择", en: "chosen by the guardian")
        case .asProposed: BilingualName(zh: "按建议", en: "as proposed")
        }
    }

    public static let unknownCode = "CHOICE_MAKER_UNKNOWN"
}

extension OrganisationKind: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .healthBureau: BilingualName(zh: "卫生健康部门", en: "health bureau")
        case .disabledPersonsFederation: BilingualName(zh: "残疾人联合会", en: "disabled persons' federation")
        case .rehabilitationCentre: BilingualName(zh: "康复机构", en: "rehabilitation centre")
        case .employer: BilingualName(zh: "用人单位", en: "employer")
        case .financeBureau: BilingualName(zh: "财政部门", en: "finance bureau")
        case .trainingBase: BilingualName(zh: "培训基地", en: "training base")
        }
    }

    public var spellings: [String] { self == .disabledPersonsFederation ? ["残联"] : [] }

    public static let unknownCode = "ORGANISATION_KIND_UNKNOWN"
}

extension PersonOrigin: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .screeningCase: BilingualName(zh: "筛查个案", en: "screening case")
        case .window: BilingualName(zh: "窗口登记", en: "window")
        }
    }

    public static let unknownCode = "ORIGIN_UNKNOWN"
}
