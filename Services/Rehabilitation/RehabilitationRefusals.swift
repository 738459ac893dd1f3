import ServiceRuntime

/// Every way this service says no, in two languages, with its status and where the rule is from.
enum RehabilitationRefusals {
    static let catalogue = RefusalCatalogue(
        institutions + referrals + records + applications + enrolments + settlements + RefusalCatalogue.tableFiles)

    /// With the codes of the chassis and the vocabulary.
    static let complete = catalogue.withChassis

    /// The refusals of this service's rules; a test holds the catalogue complete for them.
    static let rules: [any Refusal.Type] = [
        InstitutionRules.Refused.self, ReferralAnswerRules.Refused.self, ApplicationRules.Refused.self, EnrolmentRules.Refused.self,
        SettlementRules.Refused.self,
    ]

    private typealias Entry = RefusalCatalogue.Entry
    private static let agreements = "济残联〔2024〕9号，三(四)：定点服务机构协议管理"
    private static let national = "国发〔2018〕20号"
    private static let jiyuan = "济残联〔2024〕9号"

    private static let institutions: [Entry] = [
        Entry("INSTITUTION_NOT_DESIGNATED", 409, zh: "该机构没有有效的定点协议。", en: "The institution has no agreement in force.", source: national),
        Entry(
            "INSTITUTION_KIND", 422, zh: "该组织登记的不是康复机构。",
            en: "The directory knows this organisation as something other than a rehabilitation centre."),
        Entry("AGREEMENT_NOT_ACTIVE", 409, zh: "协议在该日期不在有效期内。", en: "The agreement is not in force on that day.", source: agreements),
        Entry("CATEGORY_NOT_COVERED", 422, zh: "该类别不在范围内。", en: "The category is not covered here.", source: jiyuan),
        Entry("CAPACITY_EXCEEDED", 409, zh: "机构已无空余名额。", en: "The institution has no free place.", source: agreements),
        Entry("CAPACITY_INVALID", 422, zh: "名额应为1至10000的整数。", en: "Capacity is a whole number from 1 to 10000."),
        Entry("CAPACITY_BELOW_TAKEN", 409, zh: "名额不能少于已占用的。", en: "Capacity cannot fall below the places taken."),
        Entry("CATEGORIES_EMPTY", 422, zh: "协议至少要有一个类别。", en: "An agreement covers at least one category."),
        Entry("AGREEMENT_PERIOD_INVALID", 422, zh: "协议结束日期不能早于开始日期。", en: "An agreement cannot end before it starts."),
        Entry("PLACE_NOT_HELD", 409, zh: "没有为其保留的名额。", en: "No place is held for it."),
    ]

    private static let referrals: [Entry] = [
        Entry("REFERRAL_NOT_FOUND", 404, zh: "没有找到该转介。", en: "There is no such referral."),
        Entry(
            "REFERRAL_NOT_OPEN", 409, zh: "转介已过期、撤回或被取代，不能再答复。",
            en: "The referral has expired, was withdrawn or superseded; it takes no answer."),
        Entry("REFERRAL_ALREADY_ANSWERED", 409, zh: "该转介已答复。", en: "The referral has been answered already."),
        Entry("REFERRAL_CONTRADICTION", 409, zh: "转介状态与已知事实矛盾。", en: "What was said about the referral contradicts what is known."),
        Entry("REFERRAL_NOT_CONFIRMED", 409, zh: "没有已确认的转介。", en: "There is no confirmed referral of that number."),
        Entry("REFERRAL_MISMATCH", 422, zh: "人员或类别与转介不符。", en: "Person or category differ from the referral's."),
        Entry("REASON_REQUIRED", 422, zh: "须说明理由。", en: "A reason is required.", source: "\(national)：须告知原因"),
        Entry("TEXT_TOO_LONG", 422, zh: "文字过长（最多500字）。", en: "The text is longer than 500 characters."), .keyReused,
    ]

    private static let records: [Entry] = [
        Entry("UNKNOWN_FIELD", 422, zh: "含有本版本没有的字段。", en: "A field that this schema version does not have."),
        Entry("TYPE_UNKNOWN", 422, zh: "事件类型不属于此通道。", en: "The event type is not this topic's."),
        Entry("CLAIM_MISMATCH", 403, zh: "声明的机构与通道所属机构不一致。", en: "The claimed organisation is not the topic's."),
        Entry("CONTENT_TYPE_UNKNOWN", 422, zh: "不支持的内容类型。", en: "The content type is not one of those published."),
        Entry(
            "SUBJECT_NEVER_CAME", 404, zh: "等待已久，始终没有这一转介。", en: "The answer waited long for its referral; there is none of that number."),
        Entry(
            "REFERRAL_AWAITED", 409, zh: "本中心尚未收到这一转介的派发，答复已保留等待。",
            en: "This referral has not been issued to the centre here yet; the answer is kept and waits."),
        Entry("RECORD_TOO_LARGE", 413, zh: "记录过大。", en: "The record is too large."),
    ]

    private static let applications: [Entry] = [
        Entry("APPLICATION_NOT_FOUND", 404, zh: "没有找到该申请。", en: "There is no such application."),
        Entry("POLICY_MISSING", 422, zh: "该地区该日期没有可用的政策数据。", en: "No policy is in force for this region, date, age or category."),
        Entry(
            "AGE_OUT_OF_RANGE", 422, zh: "年龄不在该地区政策范围内。", en: "The child's age is outside the region's policy.",
            source: "\(national)及各地办法（见 /policies）"),
        Entry(
            "RESIDENCE_NOT_ELIGIBLE", 422, zh: "须有户籍或居住证。", en: "Household registration or a residence permit is required.", source: jiyuan),
        Entry("PLAN_YEAR_INVALID", 422, zh: "救助年度应为今年或明年。", en: "The plan year is this year or the next."),
        Entry("DUPLICATE_ACTIVE_CASE", 409, zh: "该儿童同一年度同一类别已有申请。", en: "This child already has an application for the category and year."),
        Entry("MATERIAL_INCOMPLETE", 409, zh: "材料尚未齐备。", en: "The materials are not complete yet.", source: jiyuan),
        Entry("FOUR_EYES", 403, zh: "须由另一人办理。", en: "A second person has to do this.", source: "内部控制：经办与审核分离"),
        Entry("ALREADY_DECIDED", 409, zh: "已作出决定，不能改作相反的决定。", en: "It has been decided already, and the other way."),
        Entry("NOT_APPROVED", 409, zh: "尚未获得批准。", en: "It has not been approved.", source: national),
        Entry(
            "REFERRED_ELSEWHERE", 409, zh: "转介已确认由另一机构承接：请确认该机构，或撤回申请后不依转介重新申请。",
            en: """
                The confirmed referral is with another institution: confirm that one, or withdraw the application and apply anew without \
                the referral.
                """),
        Entry(
            "BEFORE_PLAN_YEAR", 422, zh: "训练不能早于所批准的救助年度开始。", en: "Training cannot start before the plan year that was approved.",
            source: "救助标准按年度确定（见 /policies）"),
        Entry(
            "REFERRAL_WITHDRAWN", 409, zh: "所依据的诊断和转介已撤回：撤回申请后，可凭新的转介或不依转介重新申请。",
            en:
                "The diagnosis and referral behind it were withdrawn: withdraw the application; another may be made on another referral or without."
        ),
        Entry("INSTITUTION_NOT_CONFIRMED", 409, zh: "机构尚未确认或不是本机构。", en: "The institution is not confirmed, or is another one."),
        Entry("APPLICATION_CLOSED", 409, zh: "申请已结束。", en: "The application is closed."),
    ]

    private static let enrolments: [Entry] = [
        Entry("ENROLMENT_NOT_FOUND", 404, zh: "没有找到该入训记录。", en: "There is no such enrolment."),
        Entry(
            "ALREADY_ENROLLED", 409, zh: "该儿童当天已在训，或所填日期在以前的训练结束之前。",
            en: "The child is in training already, or that day is not behind the last day of an earlier training."),
        Entry("OCCURRED_IN_FUTURE", 422, zh: "日期不能晚于今天。", en: "The date lies in the future."),
        Entry("MONTH_DUPLICATE", 409, zh: "该月已登记。", en: "The month has been recorded already."),
        Entry("MONTH_NOT_RECORDED", 409, zh: "该月尚未登记，无可更正。", en: "The month was not recorded; there is nothing to correct."),
        Entry(
            "LINE_SETTLED", 409, zh: "该月或金额由它推算的后续月份已列入结算：待审核人退回结算后才能更正，已批准或已支付的不能更正。",
            en: """
                The month, or a later one whose amount follows from it, is in a settlement: it can be corrected once the settlement was sent \
                back, and no more once it was approved.
                """),
        Entry("MONTH_OPEN", 409, zh: "当月尚未结束。", en: "The month is not over yet."),
        Entry(
            "OUT_OF_PERIOD", 422, zh: "不在批准或训练期间内（服务天数只算训练期间的天数）。",
            en: "It lies outside the approved or the training period; service days are days within the training."),
        Entry(
            "AMOUNT_NEGATIVE", 422, zh: "金额不能为负，医保支付不能超过总费用。", en: "No amount is negative, and the insurances pay no more than the cost.",
            source: jiyuan),
        Entry("SERVICE_DAYS_INVALID", 422, zh: "服务天数不在当月天数之内。", en: "Service days are between 0 and the days of the month."),
        Entry(
            "INSURANCE_FIRST", 422, zh: "须先有医保结算结果（未参保填四个0）。", en: "The insurances settle first; an uninsured child has four zeros.",
            source: "\(jiyuan)，三(二)"),
        Entry("ENROLMENT_ENDED", 409, zh: "训练已以其他结果结束。", en: "The training has ended with another outcome."),
    ]

    private static let settlements: [Entry] = [
        Entry("SETTLEMENT_NOT_FOUND", 404, zh: "没有找到该结算。", en: "There is no such settlement."),
        Entry("NOTHING_TO_SETTLE", 409, zh: "没有未结算的训练月。", en: "No counted month waits to be settled."),
        Entry("QUARTER_OPEN", 422, zh: "该季度尚未开始，或含有季度之后的月份。", en: "The quarter has not begun, or a month lies after it."),
        Entry("LINE_DUPLICATE", 409, zh: "同一训练月不能结算两次。", en: "No month is settled twice."),
    ]
}
