import ServiceRuntime

/// Why Reporting says no.
enum ReportingRefusal: String, Refusal {
    case monthNotEnded = "MONTH_NOT_ENDED"
    case nothingCounted = "NOTHING_COUNTED"
    case regionTooSmall = "REGION_TOO_SMALL"
    case periodInvalid = "PERIOD_INVALID"
    case measureUnknown = "MEASURE_UNKNOWN"
}

enum ReportingRefusals {
    /// Every type whose cases a caller can meet; a test holds the catalogue complete against it.
    static let types: [any Refusal.Type] = [ReportingRefusal.self]

    static let catalogue = RefusalCatalogue([
        .init("MONTH_NOT_ENDED", 409, zh: "该月尚未结束，不能发布。", en: "A month is released after it has ended."),
        .init("NOTHING_COUNTED", 409, zh: "该月没有可发布的数据。", en: "Nothing was counted in that month."),
        .init("REGION_TOO_SMALL", 422, zh: "指标计算到县级为止。", en: "Indicators go down to counties."),
        .init("PERIOD_INVALID", 422, zh: "期间应写为 to-date、YYYY、YYYY-Qn 或 YYYY-MM。", en: "A period is to-date, YYYY, YYYY-Qn or YYYY-MM."),
        .init("MEASURE_UNKNOWN", 422, zh: "没有该统计项。", en: "There is no such measure."),
    ])
}
