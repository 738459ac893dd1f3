/// The rules a result is checked against before anything is decided. The raw value is the public code.
enum ResultRule: String, CaseIterable, Hashable, Sendable {
    case resultIDRequired = "RESULT_ID_REQUIRED"
    case resultIDInvalid = "RESULT_ID_INVALID"
    case personalNumber = "PERSONAL_NUMBER"
    case revisionInvalid = "REVISION_INVALID"
    case yesNoUnknown = "YES_NO_UNKNOWN"
    case organisationMismatch = "ORGANISATION_MISMATCH"
    case roundInvalid = "ROUND_INVALID"
    case toolAgeMismatch = "TOOL_AGE_MISMATCH"
    case documentRequired = "DOCUMENT_REQUIRED"
    case numberRewritten = "NUMBER_REWRITTEN"
    case birthCertificateInvalid = "BIRTH_CERTIFICATE_INVALID"
    case guardianDocumentInvalid = "GUARDIAN_DOCUMENT_INVALID"
    case birthOrderRequired = "BIRTH_ORDER_REQUIRED"
    case birthOrderInvalid = "BIRTH_ORDER_INVALID"
    case sexMismatch = "ID_SEX_MISMATCH"
    case birthDateMismatch = "ID_BIRTHDATE_MISMATCH"
    case nameRequired = "NAME_REQUIRED"
    case contactRequired = "CONTACT_REQUIRED"
    case telephoneInvalid = "TELEPHONE_INVALID"
    case residenceTooWide = "RESIDENCE_TOO_WIDE"
    case outOfScope = "REGION_OUT_OF_SCOPE"
    case textTooLong = "TEXT_TOO_LONG"
    case controlCharacter = "CONTROL_CHARACTER"

    /// The rule, one English sentence without the offending text.
    var text: String { sentence.en }
    var zh: String { sentence.zh }
    /// Standard, law or document the rule is from.
    var source: String { sentence.source }

    private var sentence: (zh: String, en: String, source: String) {
        switch self {
        case .resultIDRequired: ("必须填写结果编号。", "the bureau's own identifier of the result is needed", Self.contract)
        case .resultIDInvalid: ("结果编号为1至64个可见ASCII字符。", "1 to 64 visible ASCII characters", Self.contract)
        case .personalNumber:
            ("结果编号和理由会长期保留，不得含身份号码。", "kept for ever and read by others: no citizen ID in it", Self.design)
        case .revisionInvalid: ("版本号为1至1000000的整数。", "a whole number from 1 to 1,000,000", Self.contract)
        case .yesNoUnknown: ("只能填写是或否。", "yes or no: 1, 0, true, false, yes, no, 是, 否", Self.contract)
        case .organisationMismatch:
            ("声明的机构与通道所属机构不一致。", "the organisation claimed must be the one the topic or the token belongs to", Self.contract)
        case .roundInvalid: ("月龄为0至83的整数。", "age in months of the check-up round, a whole number from 0 to 83", Self.norm)
        case .toolAgeMismatch: ("该筛查工具不适用于此月龄。", "the instrument is not made for a child of this age", Self.tools)
        case .numberRewritten:
            (
                "电子表格改写了长号码（如 3.71E+17，或末三位变成 000）：请先把该列设为文本格式，再从原始资料重新填写。",
                "a spreadsheet has rewritten a long number (3.71E+17, or its last three digits as 000): format the column as text, then enter the number again from its source",
                Self.contract
            )
        case .documentRequired: ("必须填写证件号码。", "the number of the document is needed", Self.contract)
        case .birthCertificateInvalid: ("出生医学证明编号为1个字母加9位数字。", "a letter and nine digits", Self.assumed)
        case .guardianDocumentInvalid: ("监护人证件号码为18位身份号码或5至20位字母数字。", "a citizen ID, or 5 to 20 letters and digits", Self.assumed)
        case .birthOrderRequired: ("使用监护人证件时必须填写出生次序。", "with a guardian's document the birth order, from 1, is needed", Self.design)
        case .birthOrderInvalid: ("出生次序为1至9的整数。", "a whole number from 1 to 9", Self.design)
        case .sexMismatch: ("性别与身份号码不一致。", "the sex must be the one the seventeenth digit of the ID gives", "GB 11643-1999")
        case .birthDateMismatch: ("出生日期与身份号码不一致。", "the birth date must be the one in the ID", "GB 11643-1999")
        case .nameRequired: ("必须填写儿童姓名。", "the child's name is needed", Self.contract)
        case .contactRequired:
            ("阳性结果必须填写监护人姓名和电话。", "a positive result needs the guardian's name and telephone", "domain.md 3.2 [assumption]")
        case .telephoneInvalid: ("电话号码为5至20位数字、加号、连字符或空格。", "5 to 20 digits, plus signs, hyphens and blanks", Self.contract)
        case .residenceTooWide: ("居住地至少精确到县（6位代码）。", "a county or finer: 6, 9 or 12 digits", Self.contract)
        case .outOfScope: ("居住地不在报送机构的辖区内。", "a bureau reports children who live in its own region", "CareLoop design, section 4")
        case .textTooLong: ("文字过长。", "shorter text", Self.contract)
        case .controlCharacter: ("不得含有控制字符。", "no control characters", Self.contract)
        }
    }

    private static let contract = "CareLoop partner contract v1"
    private static let norm = "残联厅发〔2013〕8号"
    private static let design = "CareLoop design, section 7"
    private static let assumed = "CareLoop [assumption]"
    private static let tools = "国家卫生健康委《0～6岁儿童孤独症筛查干预服务规范（试行）》; M-CHAT [assumption]"
}

/// An instrument with an age range (domain.md 2.9). Others are kept as written and not judged.
struct ScreeningTool: Hashable, Sendable {
    var names: [String]
    /// Check-up rounds it is made for, in months.
    var months: ClosedRange<Int>

    static let all: [ScreeningTool] = [
        ScreeningTool(names: ["warning-signs", "预警征象", "儿童心理行为发育问题预警征象筛查表"], months: 3...72),
        ScreeningTool(names: ["m-chat", "mchat", "改良婴幼儿孤独症量表"], months: 16...36),
    ]

    static func named(_ text: String) -> ScreeningTool? { text.isEmpty ? nil : byName[text.lowercased()] }
    private static let byName = Dictionary(uniqueKeysWithValues: all.flatMap { tool in tool.names.map { ($0, tool) } })
}
