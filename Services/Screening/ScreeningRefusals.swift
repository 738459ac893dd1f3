import ServiceRuntime

/// Every code Screening answers with that is not everybody's, in both languages, with its source.
enum ScreeningRefusals {
    /// With the codes of the chassis and the vocabulary.
    static let complete = catalogue.withChassis

    static let catalogue = RefusalCatalogue(decisions + referrals + records + files + fields)

    /// What a code means; nil for one that is not in the catalogue.
    static func message(_ code: String) -> UploadReport.Message? {
        complete[code].map { UploadReport.Message(zh: $0.chinese, en: $0.english) }
    }

    private typealias Entry = RefusalCatalogue.Entry

    private static let decisions = [
        Entry(
            "TOPIC_UNKNOWN", 422, zh: "该地区不筛查此项内容。", en: "The region does not screen for this topic.",
            source: "残联厅发〔2013〕8号; region's topic list"),
        Entry(
            "AGE_OUT_OF_RANGE", 422, zh: "筛查当日儿童已满7周岁。", en: "The child had its seventh birthday before the examination.",
            source: "seed S1 三(二)1: 0-6 岁"),
        Entry("TAKEN_BEFORE_BIRTH", 422, zh: "筛查日期早于出生日期。", en: "The examination was before the child's birth."),
        Entry("OCCURRED_IN_FUTURE", 422, zh: "筛查日期在今天之后。", en: "The examination lies in the future.", source: "domain.md 3.0"),
        Entry(
            "ROUND_DUPLICATE", 409, zh: "该轮该阶段已有另一份结果。", en: "Another result of this stage and round is on file.", source: "domain.md 3.2"),
        Entry(
            "CASE_ALREADY_DIAGNOSED", 409, zh: "该儿童此项内容已经确诊，不再接收其后的结果。",
            en: "The child is diagnosed on this topic; later results are not taken.", source: "domain.md 3.2"),
        Entry(
            "CHILD_REQUIRED", 422, zh: "撤回后个案需要共享，请同时报送儿童信息。",
            en: "This withdrawal makes the case one to share; send who the child is with it."),
    ]

    private static let referrals = [
        Entry(
            "CASE_NOT_SHARED", 409, zh: "个案未到共享阶段，没有转介。", en: "The case has not come to be shared; it has no referral.",
            source: "domain.md 3.2"),
        Entry("REFERRAL_UNKNOWN", 404, zh: "没有此转介。", en: "There is no such referral."),
        Entry("INSTITUTION_NOT_A_CANDIDATE", 422, zh: "该机构不在可选名单中。", en: "The institution is not on the list.", source: "国发〔2018〕20号"),
        Entry("INSTITUTION_HAS_NO_ROOM", 409, zh: "该机构现无空余名额或协议不在有效期内。", en: "The institution has no room now, or no agreement in force."),
        Entry("REFERRAL_ALREADY_ISSUED", 409, zh: "转介已发往另一机构，正等待答复。", en: "Another institution is being asked; its answer is awaited."),
        Entry(
            "REFERRAL_ALREADY_CONFIRMED", 409, zh: "机构已接收，转介不能再改。", en: "An institution owns the child's next step already.",
            source: "domain.md 3.3"),
        Entry("REFERRAL_WITHDRAWN", 409, zh: "转介已撤回。", en: "The referral was withdrawn."),
        Entry("REASON_REQUIRED", 422, zh: "必须说明原因。", en: "A reason is needed.", source: "domain.md 3.3"),
    ]

    private static let records = [
        Entry(
            "RESULT_CONFLICT", 409, zh: "同一结果编号和版本的内容不同，保留先到的一份。",
            en: "The same result and revision came with other content; the first stands."),
        Entry("ORGANISATION_NOT_A_BUREAU", 403, zh: "该机构不是卫生健康部门。", en: "The organisation is not a health bureau."),
        Entry("UNKNOWN_FIELD", 422, zh: "含有本版本没有的字段。", en: "A field that this schema version does not have."),
        Entry("TYPE_UNKNOWN", 422, zh: "事件类型不属于此通道。", en: "The event type is not this topic's."),
        Entry("CLAIM_MISMATCH", 403, zh: "声明的机构与通道所属机构不一致。", en: "The claimed organisation is not the topic's."),
        Entry("CONTENT_TYPE_UNKNOWN", 422, zh: "不支持的内容类型。", en: "The content type is not one of those published."),
        Entry("RECORD_TOO_LARGE", 413, zh: "记录过大。", en: "The record is too large."),
    ]

    private static let files = [
        Entry("CSV_QUOTE_UNCLOSED", 422, zh: "引号没有闭合。", en: "A quoted field is never closed.", source: "RFC 4180"),
        Entry("CSV_QUOTE_STRAY", 422, zh: "引号位置不符合规范。", en: "A quotation mark stands where none may be.", source: "RFC 4180"),
        Entry("CSV_RECORD_TOO_LONG", 422, zh: "记录过长。", en: "The record is longer than 64 KiB."),
        Entry("CSV_FIELD_COUNT", 422, zh: "列数与表头不符。", en: "The row has another number of fields than the header.", source: "RFC 4180"),
        Entry("CSV_HEADER_MISSING", 400, zh: "文件没有表头。", en: "The file has no header line.", source: "RFC 4180"),
        Entry("CSV_COLUMN_MISSING", 400, zh: "缺少必需的列。", en: "A column that is needed is missing."),
        Entry("CSV_COLUMN_TWICE", 400, zh: "同一列出现两次。", en: "A column stands twice."),
        Entry(
            "TEXT_UNDECODABLE", 422, zh: "文字既不是 UTF-8 也不是 GB 18030。", en: "The text is neither UTF-8 nor GB 18030.", source: "GB 18030-2022"
        ),
        Entry("UPLOAD_NOT_A_LIST", 400, zh: "JSON 文件应为结果对象的数组。", en: "A JSON upload is an array of result objects."),
        Entry(
            "UPLOAD_FORMAT_UNKNOWN", 415,
            zh: "只接受 CSV（text/csv）或 JSON（application/json）文件；电子表格（.xlsx、.xls、.et）请先在表格软件中另存为 CSV。",
            en: "Uploads are CSV (text/csv) or JSON (application/json); save a workbook (.xlsx, .xls, .et) as CSV in the spreadsheet first."
        ),
        Entry("UPLOAD_EXPIRED", 410, zh: "退回行已过保留期。", en: "The refused rows are past their retention."),
    ]

    /// Rules of single fields; the vocabulary's stand in the chassis.
    private static let fields =
        ResultRule.allCases.map { Entry($0.rawValue, $0 == .outOfScope ? 403 : 422, zh: $0.zh, en: $0.text, source: $0.source) } + [
            Entry(
                "ID_CHARACTER_INVALID", 422, zh: "身份号码应为17位数字加1位数字或X。", en: "A citizen ID is 17 digits and a digit or X.",
                source: "GB 11643-1999"),
            Entry("CATEGORY_UNKNOWN", 422, zh: "没有这一类别。", en: "There is no such category.", source: "残联厅发〔2013〕8号"),
            Entry(
                "CATEGORY_CODE_SHIFTED", 422, zh: "类别代码错位一位：健康档案代码等于残疾类别代码加一。",
                en: "The code is shifted by one: health-record codes are the certificate's plus one.", source: "domain.md 2.1.3"),
            Entry(
                "CATEGORY_MISMATCH", 422, zh: "类别代码与名称不一致。", en: "The code and the name of the category disagree.",
                source: "domain.md 2.1.3"),
            Entry(
                "CODE_SYSTEM_UNKNOWN", 422, zh: "没有注明代码表，或代码表未知。", en: "The list a code is from is missing or unknown.",
                source: "domain.md 2.1.3"),
            Entry("STAGE_UNKNOWN", 422, zh: "阶段只能是初筛、复筛或诊断。", en: "The stage is initial, rescreen or diagnosis.", source: "残联厅发〔2013〕8号"),
            Entry(
                "OUTCOME_UNKNOWN", 422, zh: "结果只能是阴性、阳性或未能检查。", en: "The outcome is negative, positive or unable.", source: "残联厅发〔2013〕8号"),
            Entry("SEX_INVALID", 422, zh: "性别只能是0、1、2、9或男、女。", en: "Sex is 0, 1, 2, 9 or 男, 女, male, female.", source: "GB/T 2261.1-2003"),
            Entry(
                "DOCUMENT_KIND_UNKNOWN", 422, zh: "证件类型只能是居民身份证、出生医学证明或监护人证件。",
                en: "The document is a citizen ID, a birth certificate or a guardian's."),
        ]
}
