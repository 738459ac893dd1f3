extension ResidenceBasis: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .hukou: BilingualName(zh: "户籍", en: "household registration")
        case .residencePermit: BilingualName(zh: "居住证", en: "residence permit")
        }
    }

    public static let unknownCode = "RESIDENCE_BASIS_UNKNOWN"
    public static let source = "济残联〔2024〕9号, 二"
}

extension AssistanceMode: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .centralised: BilingualName(zh: "机构集中", en: "in the institution")
        case .community: BilingualName(zh: "社区康复", en: "in the community")
        case .home: BilingualName(zh: "居家康复", en: "at home")
        }
    }

    public static let unknownCode = "MODE_UNKNOWN"
}

extension PolicyStanding: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .seed: BilingualName(zh: "文件规定", en: "stated in the document")
        case .standard: BilingualName(zh: "法规或标准", en: "rule or standard")
        case .assumption: BilingualName(zh: "假设，待确认", en: "assumption, to be confirmed")
        }
    }

    public static let unknownCode = "STANDING_UNKNOWN"
}

extension EnrolmentOutcome: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .completed: BilingualName(zh: "完成", en: "completed")
        case .droppedOut: BilingualName(zh: "退出", en: "dropped out")
        case .transferred: BilingualName(zh: "转出", en: "transferred")
        }
    }

    public static let unknownCode = "ENROLMENT_OUTCOME_UNKNOWN"
}

extension JobSeekerOrigin: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .rehabilitation: BilingualName(zh: "康复结束", en: "from rehabilitation")
        case .registration: BilingualName(zh: "登记求职", en: "by registration")
        }
    }

    public static let unknownCode = "ORIGIN_UNKNOWN"
}

extension TrainingKind: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .skill: BilingualName(zh: "职业技能培训", en: "vocational skill")
        case .upgrade: BilingualName(zh: "岗位技能提升", en: "skill upgrade")
        case .entrepreneur: BilingualName(zh: "创业培训", en: "entrepreneurship")
        }
    }

    public static let unknownCode = "TRAINING_KIND_UNKNOWN"
}

extension EmploymentForm: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .proportional: BilingualName(zh: "按比例就业", en: "proportional")
        case .concentrated: BilingualName(zh: "集中就业", en: "concentrated")
        case .assistive: BilingualName(zh: "辅助性就业", en: "assistive")
        case .publicWelfare: BilingualName(zh: "公益性岗位", en: "public-welfare post")
        case .selfEmployed: BilingualName(zh: "自主创业", en: "self-employed")
        case .flexible: BilingualName(zh: "灵活就业", en: "flexible")
        }
    }

    public static let unknownCode = "EMPLOYMENT_FORM_UNKNOWN"
}

extension ReceiptOutcome: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .accepted: BilingualName(zh: "已接收", en: "accepted")
        case .repeated: BilingualName(zh: "重复", en: "repeat")
        case .refused: BilingualName(zh: "拒收", en: "refused")
        case .conflict: BilingualName(zh: "冲突", en: "conflict")
        case .waiting: BilingualName(zh: "等待中", en: "waiting")
        }
    }

    public static let unknownCode = "RECEIPT_OUTCOME_UNKNOWN"
}

extension ReferralNoticeStatus: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .issued: BilingualName(zh: "已发出", en: "issued")
        case .confirmed: BilingualName(zh: "已确认", en: "confirmed")
        case .superseded: BilingualName(zh: "已被取代", en: "superseded")
        case .declined: BilingualName(zh: "已谢绝", en: "declined")
        case .expired: BilingualName(zh: "已逾期", en: "expired")
        case .withdrawn: BilingualName(zh: "已撤回", en: "withdrawn")
        }
    }

    public static let unknownCode = "REFERRAL_STATUS_UNKNOWN"
}

extension DisabilityGrade: BilingualWord, Comparable {
    public var name: BilingualName {
        switch self {
        case .one: BilingualName(zh: "一级", en: "grade 1")
        case .two: BilingualName(zh: "二级", en: "grade 2")
        case .three: BilingualName(zh: "三级", en: "grade 3")
        case .four: BilingualName(zh: "四级", en: "grade 4")
        }
    }

    /// 1 (极重度) to 4 (轻度).
    public var number: Int {
        switch self {
        case .one: 1
        case .two: 2
        case .three: 3
        case .four: 4
        }
    }

    public init?(number: Int) {
        guard let grade = DisabilityGrade.allCases.first(where: { $0.number == number }) else { return nil }
        self = grade
    }

    /// 重度残疾人 of the subsidies and of the fund: grades 1 and 2.
    public var isSevere: Bool { number <= 2 }

    public var spellings: [String] { ["\(number)"] }
    /// The more severe grade is the smaller.
    public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
    public static let unknownCode = "GRADE_INVALID"
    public static let source = "GB/T 26341-2010"
}
