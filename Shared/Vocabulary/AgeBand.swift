/// Age bands (年龄段) that figures are broken down by; 0-6 is screening's, 0-9 and 10-17 are Shandong's two ways of rehabilitation.
public enum AgeBand: String, CaseIterable, Codable, Hashable, Sendable {
    case to6 = "0-6"
    case to9 = "7-9"
    case to17 = "10-17"
    case to59 = "18-59"
    case over = "60+"

    /// The band of somebody born in `birthMonth` on `date`. The day of birth stays in Registration, so everybody of a month grows older on
    /// its first day; before birth counts as 0.
    public init(birthMonth: YearMonth, on date: LocalDate) {
        switch birthMonth.completedYears(on: date) {
        case ..<7: self = .to6
        case 7...9: self = .to9
        case 10...17: self = .to17
        case 18...59: self = .to59
        default: self = .over
        }
    }
}

extension AgeBand: BilingualWord {
    public var name: BilingualName {
        switch self {
        case .to6: BilingualName(zh: "0–6岁", en: "aged 0–6")
        case .to9: BilingualName(zh: "7–9岁", en: "aged 7–9")
        case .to17: BilingualName(zh: "10–17岁", en: "aged 10–17")
        case .to59: BilingualName(zh: "18–59岁", en: "aged 18–59")
        case .over: BilingualName(zh: "60岁及以上", en: "aged 60 and over")
        }
    }

    public static let unknownCode = "AGE_BAND_UNKNOWN"
}

extension YearMonth {
    /// Completed years on `date` of somebody born in this month, taken as born on its first day.
    public func completedYears(on date: LocalDate) -> Int {
        let months = Int(date.month.months - self.months)
        return months >= 0 ? months / 12 : -((11 - months) / 12)
    }
}
