import ServiceRuntime

/// What each of Employment's codes means.
enum EmploymentRefusals {
    /// Every type whose cases a caller can meet; a test holds the catalogue complete against it.
    static let types: [any Refusal.Type] = [JobSeekerRefusal.self, PlacementRefusal.self, EmployerRefusal.self]

    static let catalogue = RefusalCatalogue(jobSeekers + placements + [.keyReused])

    private static let jobSeekers: [RefusalCatalogue.Entry] = [
        .init("JOB_SEEKER_DUPLICATE", 409, zh: "该人员已登记求职。", en: "The person is registered as a job seeker already.", source: "domain 3.10"),
        .init("NOT_REGISTERED", 404, zh: "没有该求职登记。", en: "There is no such job seeker.", source: "domain 3.10"),
        .init(
            "NOT_WORKING_AGE", 422, zh: "不在法定劳动年龄内。", en: "The person is not of working age.",
            source: "local notice: 男16–59, 女16–54 (domain 2.8)"),
        .init(
            "CONSENT_REQUIRED", 422, zh: "本人未同意向用人单位提供信息。", en: "The person has not agreed to be shown to employers.",
            source: "个人信息保护法 art. 23"),
        .init("ALREADY_PLACED", 409, zh: "该求职者已在岗。", en: "The job seeker has a job already.", source: "domain 3.10"),
        .init("NOT_PLACED", 409, zh: "该求职者不在此岗位。", en: "The job seeker is not in this job.", source: "domain 3.10"),
        .init("HOURS_INVALID", 422, zh: "培训学时应为 1 至 5000。", en: "Training hours are 1 to 5000.", source: "CareLoop assumption"),
        .init("PERSON_UNKNOWN", 422, zh: "没有该人员档案。", en: "No file of this person is known here.", source: "domain 3.1"),
    ]

    private static let placements: [RefusalCatalogue.Entry] = [
        .init("EMPLOYER_UNKNOWN", 422, zh: "没有该用人单位。", en: "The employer is not registered.", source: "domain 3.10"),
        .init("EMPLOYER_EXISTS", 409, zh: "该用人单位已登记，内容不同。", en: "The employer is registered with another region.", source: "domain 3.10"),
        .init(
            "WAGE_BELOW_MINIMUM", 422, zh: "工资低于当地最低工资标准。", en: "The wage is below the local minimum wage.",
            source: "残疾人就业条例; 财税〔2015〕72号"),
        .init("CONTRACT_DATES_INVALID", 422, zh: "合同期限不成立。", en: "The contract must end after it starts.", source: "domain 3.10"),
        .init(
            "CONTRACT_TOO_SHORT", 422, zh: "合同不足一年，不计入按比例就业。", en: "A contract under a year does not count for the quota.",
            source: "财税〔2015〕72号"),
        .init("OCCURRED_IN_FUTURE", 422, zh: "日期在今天之后。", en: "The date lies after today.", source: "domain 3.0"),
        .init("PLACEMENT_UNKNOWN", 404, zh: "没有该就业记录。", en: "There is no such placement.", source: "domain 3.10"),
        .init(
            "MONTH_NOT_CONFIRMABLE", 422, zh: "只在规定月份确认在岗。", en: "Confirmations are taken at the months the policy names.",
            source: "domain 3.10"),
        .init("MONTH_NOT_DUE", 422, zh: "尚未满该月份。", en: "That many months are not completed yet.", source: "domain 3.10"),
        .init("EMPLOYMENT_ENDED", 409, zh: "该就业已结束。", en: "The job has ended.", source: "domain 3.10"),
        .init("END_BEFORE_START", 422, zh: "离职日期早于入职日期。", en: "The job cannot end before it starts.", source: "domain 3.10"),
        .init(
            "END_BEFORE_CONFIRMED", 422, zh: "离职日期早于已确认在岗的月份。",
            en: "The job cannot end before a month that was confirmed was completed.", source: "domain 3.10"),
    ]
}
