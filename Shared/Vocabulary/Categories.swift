/// 残疾类别 on the certificate, GB/T 26341-2010 as fixed by 残疾人证管理办法 article 5. Web pages swap 1 and 2; the rule says 1 视力, 2 听力.
extension CertificateCategory: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .visual: BilingualName(zh: "视力", en: "visual")
        case .hearing: BilingualName(zh: "听力", en: "hearing")
        case .speech: BilingualName(zh: "言语", en: "speech")
        case .physical: BilingualName(zh: "肢体", en: "physical")
        case .intellectual: BilingualName(zh: "智力", en: "intellectual")
        case .mental: BilingualName(zh: "精神", en: "mental")
        case .multiple: BilingualName(zh: "多重", en: "multiple")
        }
    }

    /// 1 to 7.
    public var code: Int {
        switch self {
        case .visual: 1
        case .hearing: 2
        case .speech: 3
        case .physical: 4
        case .intellectual: 5
        case .mental: 6
        case .multiple: 7
        }
    }

    public init?(code: Int) {
        guard let category = CertificateCategory.allCases.first(where: { $0.code == code }) else { return nil }
        self = category
    }

    public var spellings: [String] { [name.zh + "残疾"] + (self == .visual ? ["vision"] : []) }
    public static let unknownCode = "CATEGORY_UNKNOWN"
    public static let source = "GB/T 26341-2010"

    /// Code in GB/T 2261.3 (健康状况), 61 to 67.
    public var healthStatusCode: Int { code + 60 }
    /// Code in the resident health record (残疾情况): the certificate's plus one, because 1 means no disability there.
    public var healthRecordCode: Int { code + 1 }

    /// What is screened for when this is suspected; none for multiple.
    public var screeningTopic: ScreeningTopic? { ScreeningTopic.allCases.first { $0.certificateCategory == self } }
    /// What assistance covers it; none for multiple, whose holder chooses one a year.
    public var assistanceCategory: AssistanceCategory? { screeningTopic?.assistanceCategory }
}

/// 筛查内容 of ages 0 to 6.
extension ScreeningTopic: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .vision: BilingualName(zh: "视力", en: "vision")
        case .hearing: BilingualName(zh: "听力", en: "hearing")
        case .speech: BilingualName(zh: "言语", en: "speech")
        case .physical: BilingualName(zh: "肢体", en: "physical")
        case .intellectual: BilingualName(zh: "智力", en: "intellectual")
        case .autism: BilingualName(zh: "孤独症", en: "autism")
        }
    }

    public var spellings: [String] {
        [name.zh + "残疾"] + (self == .autism ? ["自闭症", "孤独症谱系障碍", "asd"] : self == .vision ? ["visual"] : [])
    }

    public static let unknownCode = "CATEGORY_UNKNOWN"
    public static let source = "0～6岁儿童残疾筛查工作规范(试行)"

    /// The one mapping between the lists; autism is certificated as mental.
    public var certificateCategory: CertificateCategory {
        switch self {
        case .vision: .visual
        case .hearing: .hearing
        case .speech: .speech
        case .physical: .physical
        case .intellectual: .intellectual
        case .autism: .mental
        }
    }

    public var assistanceCategory: AssistanceCategory {
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

/// 康复救助类别: what 济残联〔2024〕9号 assists.
extension AssistanceCategory: BilingualWord {
    public var name: BilingualName { screeningTopic.name }
    public var spellings: [String] { screeningTopic.spellings + (self == .physical ? ["脑瘫", "cerebral palsy"] : []) }
    public static let unknownCode = "CATEGORY_UNKNOWN"
    public static let source = "济残联〔2024〕9号, 二"

    public var screeningTopic: ScreeningTopic {
        switch self {
        case .vision: .vision
        case .hearing: .hearing
        case .speech: .speech
        case .physical: .physical
        case .intellectual: .intellectual
        case .autism: .autism
        }
    }

    public var certificateCategory: CertificateCategory { screeningTopic.certificateCategory }
}

/// Which list a category code is from. A code without its list is never guessed.
public enum CategoryCodeSystem: String, CaseIterable, Hashable, Sendable {
    /// 残疾类别, 1 to 7.
    case certificate = "certificate"
    /// 健康状况, GB/T 2261.3, 61 to 67.
    case healthStatus = "health-status"
    /// 残疾情况 of the resident health record, 2 to 7 and 8; the certificate's code plus one.
    case healthRecord = "health-record"

    /// Throws `CODE_SYSTEM_UNKNOWN`.
    public static func parse(_ text: String) throws(InvalidValue) -> CategoryCodeSystem {
        switch text.plain {
        case "certificate", "残疾类别", "残疾人证", "gb/t 26341": return .certificate
        case "health-status", "healthstatus", "健康状况", "gb/t 2261.3": return .healthStatus
        case "health-record", "healthrecord", "残疾情况", "居民健康档案": return .healthRecord
        default: throw CategoryFault.system
        }
    }

    /// The category a code of this list stands for; nil for codes that name none (no disability, other).
    public func category(of code: Int) -> CertificateCategory? {
        switch self {
        case .certificate: CertificateCategory(code: code)
        case .healthStatus: (61...67).contains(code) ? CertificateCategory(code: code - 60) : nil
        case .healthRecord: (2...7).contains(code) ? CertificateCategory(code: code - 1) : nil
        }
    }
}

extension ScreeningTopic {
    /// The topic that a name, a code or both stand for; empty texts count as absent.
    ///
    /// Throws `CATEGORY_UNKNOWN` (neither given, or no such word or code), `CODE_SYSTEM_UNKNOWN` (a code whose list is not named or not
    /// known and that no name confirms), `CATEGORY_CODE_SHIFTED` (the name agrees with the code less one: health-record codes given as
    /// certificate codes) and `CATEGORY_MISMATCH` (name and code disagree).
    public static func parse(name: String?, code: String?, system: String?) throws(InvalidValue) -> ScreeningTopic {
        let codeText = (code ?? "").plain
        let systemText = system ?? ""
        let named: ScreeningTopic? =
            if let name, !name.isEmpty {
                try ScreeningTopic.parse(name)
            } else { nil }
        let list: CategoryCodeSystem? = systemText.plain.isEmpty ? nil : try CategoryCodeSystem.parse(systemText)
        guard !codeText.isEmpty else {
            guard let named else { throw CategoryFault.unknown }
            return named
        }
        guard list != nil || named != nil else { throw CategoryFault.system }
        guard codeText.utf8.count <= 4, let number = Int(codeText) else { throw CategoryFault.unknown }
        let coded = (list ?? .certificate).category(of: number)?.screeningTopic
        guard let named else {
            guard let coded else { throw CategoryFault.unknown }
            return coded
        }
        if coded == named { return named }
        if (list ?? .certificate) == .certificate, number == named.certificateCategory.healthRecordCode { throw CategoryFault.shifted }
        throw coded == nil ? CategoryFault.unknown : CategoryFault.mismatch
    }
}

extension AssistanceCategory {
    /// As `ScreeningTopic.parse(name:code:system:)`; the two lists have the same six members.
    public static func parse(name: String?, code: String?, system: String?) throws(InvalidValue) -> AssistanceCategory {
        if let name, !name.isEmpty, let category = try? parse(name) {  // Spellings that screening does not know, such as 脑瘫.
            return try ScreeningTopic.parse(name: category.name.zh, code: code, system: system).assistanceCategory
        }
        return try ScreeningTopic.parse(name: name, code: code, system: system).assistanceCategory
    }
}

enum CategoryFault {
    static let unknown = InvalidValue(
        code: "CATEGORY_UNKNOWN", rule: "vision, hearing, speech, physical, intellectual or autism, by name or by code",
        source: "0～6岁儿童残疾筛查工作规范(试行)")
    static let shifted = InvalidValue(
        code: "CATEGORY_CODE_SHIFTED",
        rule: "the code is the certificate's code plus one: it is from the resident health record, so say code system health-record",
        source: "GB/T 26341-2010, 居民健康档案残疾情况代码")
    static let mismatch = InvalidValue(
        code: "CATEGORY_MISMATCH", rule: "the name and the code of a category agree", source: "GB/T 26341-2010")
    static let system = InvalidValue(
        code: "CODE_SYSTEM_UNKNOWN", rule: "a code comes with its list: certificate, health-status or health-record",
        source: "GB/T 26341-2010, GB/T 2261.3, 居民健康档案残疾情况代码")
}
