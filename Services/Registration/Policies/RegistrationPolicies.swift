import Vocabulary

/// What Registration decides by, as data: effective-dated, by region, each with its source and how firmly it rests on it.
enum RegistrationPolicies {
    /// Recorded with every decision that rests on these rules.
    static let version = "registration-2024.1"

    /// Whole numbers of years.
    static let numbers = PolicyBook<Int>([
        number("person.adult-from-years", 18, "民法典 art. 17; domain 3.1: 未满十八周岁须登记监护人", .standard),
        number("certificate.validity-years", 10, "残疾人证管理办法 art. 19", .standard),
    ])

    /// Throws `PolicyMissing`.
    static func number(_ code: String, region: RegionCode?, on date: LocalDate) throws(PolicyMissing) -> Int {
        try numbers.lookup(code, region: region, on: date).value
    }

    private static func number(_ code: String, _ value: Int, _ source: String, _ standing: PolicyStanding) -> PolicyRule<Int> {
        PolicyRule(
            code: code, region: nil, validFrom: LocalDate(year: 2018, month: 1, day: 1)!, value: value, source: source, standing: standing,
            version: version)
    }
}
