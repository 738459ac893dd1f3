import ServiceRuntime

/// What each of Registration's codes means.
enum RegistrationRefusals {
    /// Every type whose cases a caller can meet; a test holds the catalogue complete against it.
    static let types: [any Refusal.Type] = [
        PersonRefusal.self, OrganisationRefusal.self, CertificateRefusal.self, AccessRefusal.self,
    ]

    static let catalogue = RefusalCatalogue(persons + organisations + certificates + values + RefusalCatalogue.tableFiles)

    /// With the codes of the chassis and the vocabulary.
    static let complete = catalogue.withChassis

    private static let persons: [RefusalCatalogue.Entry] = [
        .init("PERSON_DUPLICATE", 409, zh: "该证件号码已有档案。", en: "A file under this document exists already.", source: "domain 3.1"),
        .init("PERSON_UNKNOWN", 404, zh: "没有该人员档案。", en: "There is no such person file.", source: "domain 3.1"),
        .init("PERSON_MERGED", 409, zh: "该档案已并入另一档案。", en: "The file has been merged into another one.", source: "domain 3.1"),
        .init("PERSON_ERASED", 409, zh: "该人员的个人信息已删除。", en: "The person's data has been erased.", source: "个人信息保护法 art. 47"),
        .init(
            "GUARDIAN_REQUIRED", 422, zh: "未成年人或智力、精神残疾人须登记监护人。",
            en: "A minor, or a person with an intellectual or mental disability, needs a guardian on file.", source: "残疾人证管理办法 art. 9(1)"),
        .init(
            "IDENTITY_MISMATCH", 422, zh: "证件上的性别、出生日期或号码与档案不符。",
            en: "Sex, birth date or number on the document differ from the file.", source: "domain 3.1"),
        .init("MERGE_SELF", 422, zh: "档案不能与自身合并。", en: "A file cannot be merged into itself.", source: "domain 3.1"),
        .init(
            "MERGE_MISMATCH", 422, zh: "两份档案的性别或出生日期不同，不能合并。",
            en: "Sex or birth date of the two files differ; they are not one person.", source: "domain 3.1"),
        .init("MERGE_PENDING", 409, zh: "该档案已有待确认的合并申请。", en: "Another merge of this file waits for confirmation.", source: "domain 3.1"),
        .init("MERGE_NOT_REQUESTED", 409, zh: "没有待确认的合并申请。", en: "No such merge has been asked for.", source: "domain 3.1"),
        .init(
            "ERASURE_NOT_REQUESTED", 409, zh: "没有待确认的删除申请。", en: "Nobody has asked for this erasure.", source: "reliability B11"),
        .init("NOT_MERGED", 409, zh: "两份档案并未合并。", en: "The two files are not merged.", source: "domain 3.1"),
        .init(
            "FOUR_EYES", 403, zh: "申请人与审核人不得为同一人。", en: "The person who asked may not be the one who decides.", source: "domain 3.1, 3.8"),
        .init(
            "PURPOSE_REQUIRED", 422, zh: "查阅个人信息须说明目的（仅限文字）。",
            en: "Reading personal data needs a purpose: 3 to 80 letters, spaces and hyphens.", source: "个人信息保护法 art. 6"),
    ]

    private static let organisations: [RefusalCatalogue.Entry] = [
        .init("ORGANISATION_EXISTS", 409, zh: "该机构已登记，内容不同。", en: "The organisation is in the directory with other details."),
        .init(
            "CREDIT_CODE_TAKEN", 409, zh: "该统一社会信用代码已属于另一机构。", en: "Another organisation holds this credit code.",
            source: "GB 32100-2015"),
    ]

    private static let certificates: [RefusalCatalogue.Entry] = [
        .init(
            "CERTIFICATE_EXISTS", 409, zh: "已持有有效残疾人证或已有申请。", en: "A valid certificate, or an application for one, exists.",
            source: "domain 3.8"),
        .init("CERTIFICATE_UNKNOWN", 404, zh: "没有该残疾人证申请。", en: "There is no such certificate or application.", source: "domain 3.8"),
        .init(
            "CERT_NUMBER_INVALID", 422, zh: "残疾人证号码不符合编码规则。", en: "The certificate number breaks its rules.",
            source: "残疾人证管理办法 art. 5"),
        .init(
            "ID_REQUIRED", 422, zh: "须先登记并核验公民身份号码。", en: "A checked citizen ID number must be on file first.",
            source: "残疾人证管理办法 art. 5"),
        .init(
            "ASSESSOR_NOT_DESIGNATED", 422, zh: "评定机构不在指定名录中。", en: "The assessing body is not in the directory of designated bodies.",
            source: "残疾人证管理办法 art. 6"),
        .init(
            "MULTIPLE_GRADE_RULE", 422, zh: "多重残疾须有两类以上残疾，且等级与最重者一致。",
            en: "A multiple disability has two or more components and the grade of the worst.", source: "残疾人证管理办法 art. 13"),
    ]

    private static let values: [RefusalCatalogue.Entry] = [
        .init("TEXT_INVALID", 422, zh: "文字为空或过长。", en: "The text is empty or too long."),
        .init("TELEPHONE_INVALID", 422, zh: "电话号码格式不符。", en: "A telephone number is 5 to 20 digits, spaces, + and hyphens."),
        .init("ID_BIRTHDATE_MISMATCH", 422, zh: "出生日期与身份证号码不符。", en: "The birth date contradicts the ID number.", source: "GB 11643-1999"),
        .init("OCCURRED_IN_FUTURE", 422, zh: "日期在今天之后。", en: "The date lies after today.", source: "domain 3.0"),
    ]
}
