/// A business date in Asia/Shanghai, without a time of day. Proleptic Gregorian.
public struct LocalDate: Hashable, Comparable, Sendable, CustomStringConvertible, Strideable {
    /// Days since 1970-01-01.
    public let days: Int32

    public init(days: Int32) { self.days = days }

    /// Nil when no such day exists (month 13, 30 February).
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= YearMonth(year: year, month: month).length else {
            return nil
        }
        self.days = Self.count(year, month, day)
    }

    /// `YYYY-MM-DD`. Throws `DATE_INVALID`.
    public init(_ text: String) throws(InvalidValue) {
        var digits: (Int, Int, Int) = (0, 0, 0)
        var index = 0
        // The length first: a longer row of digits would overflow.
        var wellFormed = text.utf8.count == 10
        for byte in text.utf8 where wellFormed {
            if index == 4 || index == 7 {
                wellFormed = byte == 45
            } else {
                wellFormed = (48...57).contains(byte)
                let digit = Int(byte) - 48
                if index < 4 {
                    digits.0 = digits.0 * 10 + digit
                } else if index < 7 {
                    digits.1 = digits.1 * 10 + digit
                } else {
                    digits.2 = digits.2 * 10 + digit
                }
            }
            index += 1
        }
        guard wellFormed, let date = LocalDate(year: digits.0, month: digits.1, day: digits.2) else {
            throw InvalidValue(code: "DATE_INVALID", rule: "a day of the Gregorian calendar, written YYYY-MM-DD", source: "GB/T 7408-2005")
        }
        self = date
    }

    // Days from a civil date by counting years from 1 March, so that the leap day is the last of its year.
    private static func count(_ year: Int, _ month: Int, _ day: Int) -> Int32 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return Int32(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
    }

    public var parts: (year: Int, month: Int, day: Int) {
        let z = Int(days) + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    public var year: Int { parts.year }
    public var month: YearMonth {
        let (year, month, _) = parts
        return YearMonth(year: year, month: month)
    }
    /// 1 is Monday, 7 is Sunday.
    public var weekday: Int { Int(((days % 7) + 10) % 7) + 1 }

    public func adding(days count: Int) -> LocalDate { LocalDate(days: days + Int32(count)) }

    /// The same day `count` months later; the month's last day where that day does not exist.
    public func adding(months count: Int) -> LocalDate {
        let target = month.adding(count)
        return LocalDate(days: target.first.days + Int32(min(parts.day, target.length) - 1))
    }

    /// Completed years on `date` of somebody born on this day; negative before birth.
    public func completedYears(on date: LocalDate) -> Int {
        let birth = parts
        let then = date.parts
        return then.year - birth.year - ((then.month, then.day) < (birth.month, birth.day) ? 1 : 0)
    }

    /// `YYYY-MM-DD`.
    public var text: String {
        let (year, month, day) = parts
        return String(unsafeUninitializedCapacity: 10) { buffer in
            func put(_ value: Int, at start: Int, width: Int) {
                var rest = value
                for offset in stride(from: width - 1, through: 0, by: -1) {
                    buffer[start + offset] = UInt8(48 + rest % 10)
                    rest /= 10
                }
            }
            put(year, at: 0, width: 4)
            put(month, at: 5, width: 2)
            put(day, at: 8, width: 2)
            buffer[4] = 45
            buffer[7] = 45
            return 10
        }
    }

    public var description: String { text }
    public static func < (a: Self, b: Self) -> Bool { a.days < b.days }
    public func distance(to other: Self) -> Int { Int(other.days - days) }
    public func advanced(by count: Int) -> Self { adding(days: count) }
}

/// A business month in Asia/Shanghai.
public struct YearMonth: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Months since year 0.
    public let months: Int32

    public init(year: Int, month: Int) { months = Int32(year * 12 + month - 1) }
    public init(months: Int32) { self.months = months }

    /// `YYYY-MM`. Throws `MONTH_INVALID`.
    public init(_ text: String) throws(InvalidValue) {
        guard text.utf8.count == 7, let date = try? LocalDate(text + "-01") else {
            throw InvalidValue(code: "MONTH_INVALID", rule: "a month, written YYYY-MM", source: "GB/T 7408-2005")
        }
        self = date.month
    }

    public var year: Int { Int(months) / 12 }
    /// 1 to 12.
    public var monthOfYear: Int { Int(months) % 12 + 1 }
    public var first: LocalDate { LocalDate(year: year, month: monthOfYear, day: 1)! }
    public var last: LocalDate { first.adding(days: length - 1) }
    public var quarter: Quarter { Quarter(year: year, number: (monthOfYear + 2) / 3) }

    public var length: Int {
        switch monthOfYear {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    public func adding(_ count: Int) -> YearMonth { YearMonth(months: months + Int32(count)) }

    /// `YYYY-MM`.
    public var text: String {
        let number = monthOfYear
        let y = String(year)
        return String(repeating: "0", count: max(0, 4 - y.utf8.count)) + y + (number < 10 ? "-0" : "-") + String(number)
    }

    public var description: String { text }
    public static func < (a: Self, b: Self) -> Bool { a.months < b.months }
}

/// A calendar quarter, written `2024-Q3`.
public struct Quarter: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let year: Int
    /// 1 to 4.
    public let number: Int

    public init(year: Int, number: Int) {
        self.year = year
        self.number = number
    }

    /// `YYYY-Qn`. Throws `QUARTER_INVALID`.
    public init(_ text: String) throws(InvalidValue) {
        let parts = text.split(separator: "-Q", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 4, parts[0].utf8.allSatisfy({ (48...57).contains($0) }), let year = Int(parts[0]),
            parts[1].utf8.count == 1, let number = Int(parts[1]), (1...4).contains(number)
        else {
            throw InvalidValue(
                code: "QUARTER_INVALID", rule: "a quarter, written YYYY-Qn with n from 1 to 4", source: "CareLoop design, section 3")
        }
        self.init(year: year, number: number)
    }

    public var first: LocalDate { YearMonth(year: year, month: number * 3 - 2).first }
    public var last: LocalDate { YearMonth(year: year, month: number * 3).last }
    public var text: String { "\(YearMonth(year: year, month: 1).text.prefix(4))-Q\(number)" }
    public var description: String { text }
    public static func < (a: Self, b: Self) -> Bool { (a.year, a.number) < (b.year, b.number) }
}

/// A point in elapsed time: milliseconds since 1970-01-01 UTC. What happened on which business day is a `LocalDate`.
public struct Instant: Hashable, Comparable, Sendable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// 00:00 in Asia/Shanghai (UTC+8, without summer time since 1992) of `date`.
    public init(startOf date: LocalDate) { milliseconds = Int64(date.days) * 86_400_000 - 28_800_000 }

    /// The business date in Asia/Shanghai.
    public var date: LocalDate {
        let shifted = milliseconds + 28_800_000
        return LocalDate(days: Int32(shifted >= 0 ? shifted / 86_400_000 : (shifted - 86_399_999) / 86_400_000))
    }

    /// RFC 3339 with the offset `+08:00`, to the millisecond.
    public var text: String {
        let inDay = Int(milliseconds + 28_800_000 - Int64(date.days) * 86_400_000)
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let fraction = inDay % 1000
        let padded = fraction < 10 ? "00\(fraction)" : fraction < 100 ? "0\(fraction)" : "\(fraction)"
        return "\(date.text)T\(two(inDay / 3_600_000)):\(two(inDay / 60_000 % 60)):\(two(inDay / 1000 % 60)).\(padded)+08:00"
    }

    public func adding(milliseconds count: Int64) -> Instant { Instant(milliseconds: milliseconds + count) }
    public static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }
}
