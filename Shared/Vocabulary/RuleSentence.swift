/// What the code of an `InvalidValue` means, for a person: a sentence in each language. The rule, its source and the allowed words come with
/// the value itself.
public struct RuleSentence: Sendable {
    public let code: String
    public let chinese: String
    public let english: String
    /// Standard, law or document the rule is from.
    public let source: String

    init(_ code: String, zh chinese: String, en english: String, source: String = "CareLoop vocabulary") {
        self.code = code
        self.chinese = chinese
        self.english = english
        self.source = source
    }

    /// One for every code that a type of the vocabulary refuses with.
    public static let all: [RuleSentence] = basics + identities + categories + lists

    private static let basics: [RuleSentence] = [
        RuleSentence("IDENTIFIER_INVALID", zh: "标识符格式不符。", en: "An identifier is 1 to 64 characters of a-z, 0-9 and hyphen."),
        RuleSentence(
            "DATE_INVALID", zh: "日期不存在或格式不符。", en: "A date is a day of the calendar, written YYYY-MM-DD.", source: "GB/T 7408-2005"),
        RuleSentence("MONTH_INVALID", zh: "月份格式不符。", en: "A month is written YYYY-MM.", source: "GB/T 7408-2005"),
        RuleSentence("QUARTER_INVALID", zh: "季度格式不符。", en: "A quarter is written YYYY-Qn."),
        RuleSentence("REGION_CODE_INVALID", zh: "区划代码格式不符。", en: "A region code has 2, 4, 6, 9 or 12 digits.", source: "GB/T 2260"),
        RuleSentence("REGION_UNKNOWN", zh: "没有该行政区划。", en: "There is no such region on that date.", source: "GB/T 2260"),
        RuleSentence("AMOUNT_INVALID", zh: "金额格式不符。", en: "The amount of money is not valid."),
        RuleSentence("ID_LENGTH_INVALID", zh: "身份证号码应为 18 位。", en: "A citizen ID number has 18 characters.", source: "GB 11643-1999"),
        RuleSentence(
            "ID_BIRTHDATE_INVALID", zh: "身份证号码中的出生日期无效。", en: "The birth date inside the ID number does not exist.",
            source: "GB 11643-1999"),
        RuleSentence(
            "ID_CHECKSUM_INVALID", zh: "身份证号码校验位不符。", en: "The check character of the ID number is wrong.", source: "GB 11643-1999"),
        RuleSentence("ID_SEX_MISMATCH", zh: "性别与身份证号码不符。", en: "The sex contradicts the ID number.", source: "GB 11643-1999"),
        RuleSentence(
            "USCC_CHECKSUM_INVALID", zh: "统一社会信用代码校验位不符。", en: "The check character of the credit code is wrong.",
            source: "GB 32100-2015"),
    ]

    private static let identities: [RuleSentence] = [
        RuleSentence(
            "ID_CHARACTER_INVALID", zh: "身份证号码含有不允许的字符。", en: "A citizen ID number is 17 digits and a digit or X.",
            source: "GB 11643-1999"),
        RuleSentence("USCC_LENGTH_INVALID", zh: "统一社会信用代码应为 18 位。", en: "A credit code has 18 characters.", source: "GB 32100-2015"),
        RuleSentence(
            "USCC_CHARACTER_INVALID", zh: "统一社会信用代码含有不允许的字符。", en: "The credit code holds a character that is not allowed.",
            source: "GB 32100-2015"),
        RuleSentence("CERT_NUMBER_INVALID", zh: "残疾人证号不符合规则。", en: "The certificate number breaks its rule.", source: "残疾人证管理办法 art. 5"),
    ]

    private static let categories: [RuleSentence] = [
        RuleSentence("CATEGORY_UNKNOWN", zh: "没有该类别。", en: "There is no such category.", source: "GB/T 26341-2010"),
        RuleSentence(
            "CATEGORY_CODE_SHIFTED", zh: "类别代码像是居民健康档案代码（比残疾类别大 1），请注明代码表。",
            en: "The code looks like a health-record code, which is the certificate's plus one; name the code list.",
            source: "GB/T 26341-2010"),
        RuleSentence("CATEGORY_MISMATCH", zh: "类别名称与代码不一致。", en: "The category's name and code disagree.", source: "GB/T 26341-2010"),
        RuleSentence("CODE_SYSTEM_UNKNOWN", zh: "未注明或不认识的代码表。", en: "The code list is not named or not known.", source: "GB/T 26341-2010"),
    ]

    private static let lists: [RuleSentence] = [
        unknown("SEX_INVALID", "性别应为 0、1、2、9 或 男、女。", "The sex is 0, 1, 2, 9 or a word for it.", "GB/T 2261.1-2003"),
        unknown("GRADE_INVALID", "残疾等级为一至四级。", "A grade is 1 to 4.", "GB/T 26341-2010"),
        unknown("STAGE_UNKNOWN", "筛查阶段应为初筛、复筛或诊断。", "The stage is initial, rescreen or diagnosis."),
        unknown("OUTCOME_UNKNOWN", "结果应为阴性、阳性或未能检查。", "The outcome is negative, positive or unable."),
        unknown("DOCUMENT_KIND_UNKNOWN", "没有该证件类型。", "There is no such kind of document."),
        unknown("ORGANISATION_KIND_UNKNOWN", "没有该机构类型。", "There is no such kind of organisation."),
        unknown("RESIDENCE_BASIS_UNKNOWN", "应为户籍或居住证。", "The basis is household registration or residence permit."),
        unknown("MODE_UNKNOWN", "没有该服务方式。", "There is no such mode of service."),
        unknown("ORIGIN_UNKNOWN", "没有该来源。", "There is no such origin."),
        unknown("CHOICE_MAKER_UNKNOWN", "没有该选择方式。", "There is no such way of choosing."),
        unknown("DISTANCE_UNKNOWN", "没有该距离级别。", "There is no such distance."),
        unknown("STANDING_UNKNOWN", "没有该依据级别。", "There is no such standing."),
        unknown("ENROLMENT_OUTCOME_UNKNOWN", "没有该结束方式。", "There is no such end of a training."),
        unknown("TRAINING_KIND_UNKNOWN", "没有该培训类型。", "There is no such kind of training."),
        unknown("EMPLOYMENT_FORM_UNKNOWN", "没有该就业形式。", "There is no such form of employment."),
        unknown("RECEIPT_OUTCOME_UNKNOWN", "没有该回执结果。", "There is no such outcome of a receipt."),
        unknown("REFERRAL_STATUS_UNKNOWN", "没有该转介状态。", "There is no such state of a referral."),
        unknown("AGE_BAND_UNKNOWN", "没有该年龄段。", "There is no such age band."),
    ]

    private static func unknown(_ code: String, _ chinese: String, _ english: String, _ source: String = "CareLoop vocabulary")
        -> RuleSentence
    {
        RuleSentence(code, zh: chinese, en: english, source: source)
    }
}
