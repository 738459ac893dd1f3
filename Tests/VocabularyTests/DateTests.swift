import Testing
import Vocabulary

struct DateTests {
    @Test func `every day from 1900 to 2100 reads back as it was written`() throws {
        let first = LocalDate(year: 1900, month: 1, day: 1)!
        let last = LocalDate(year: 2100, month: 12, day: 31)!
        var previous: String?
        for day in first...last {
            let text = day.text
            let back = try LocalDate(text)
            if back != day || previous ?? "" >= text { Issue.record("\(text) is read as \(back)") }
            previous = text
        }
        #expect(last.days - first.days == 73_413)
    }

    @Test(arguments: [
        "1900-02-29", "2100-02-29", "2019-02-29", "2019-13-01", "2019-00-10", "2019-04-31", "2019-1-01", "2019/01/01", "20190101", "",
        "2019-01-01T", "２０１９-01-01", "0000-01-01",
    ])
    func `what is no day of the calendar is refused`(text: String) {
        do {
            _ = try LocalDate(text)
            Issue.record("\(text) was taken")
        } catch { #expect(error.code == "DATE_INVALID") }
    }

    @Test func `leap years follow the four hundred years`() {
        #expect(YearMonth(year: 1900, month: 2).length == 28)
        #expect(YearMonth(year: 2000, month: 2).length == 29)
        #expect(YearMonth(year: 2024, month: 2).length == 29)
        #expect(YearMonth(year: 2026, month: 2).length == 28)
    }

    @Test func `weekdays are right before and after 1970`() throws {
        #expect(try LocalDate("1970-01-01").weekday == 4)
        #expect(try LocalDate("1969-12-28").weekday == 7)
        #expect(try LocalDate("2024-06-10").weekday == 1)
        #expect(try LocalDate("1900-01-01").weekday == 1)
    }

    @Test func `a month later than the 31st is the month's last day`() throws {
        #expect(try LocalDate("2024-01-31").adding(months: 1).text == "2024-02-29")
        #expect(try LocalDate("2024-03-31").adding(months: -1).text == "2024-02-29")
        #expect(try LocalDate("2024-11-30").adding(months: 3).text == "2025-02-28")
    }

    @Test func `a child turns one on the birthday, a leap-day child on the first of March`() throws {
        let birth = try LocalDate("2020-02-29")
        #expect(try birth.completedYears(on: LocalDate("2021-02-28")) == 0)
        #expect(try birth.completedYears(on: LocalDate("2021-03-01")) == 1)
        #expect(try birth.completedYears(on: LocalDate("2024-02-29")) == 4)
    }

    @Test func `months and quarters read back`() throws {
        for months in 1900 * 12..<2100 * 12 {
            let month = YearMonth(months: Int32(months))
            #expect(try YearMonth(month.text) == month)
        }
        #expect(try YearMonth("2024-11").quarter.text == "2024-Q4")
        #expect(try Quarter("2024-Q1").last.text == "2024-03-31")
        for text in ["2024-Q5", "2024-Q0", "24-Q1", "2024Q1", "2024-Q1-Q1"] { #expect(throws: InvalidValue.self) { try Quarter(text) } }
        for text in ["2024-13", "2024-1", "2024-01-01"] { #expect(throws: InvalidValue.self) { try YearMonth(text) } }
    }

    @Test func `a day begins at midnight in Shanghai`() throws {
        let date = try LocalDate("2024-06-01")
        #expect(Instant(startOf: date).text == "2024-06-01T00:00:00.000+08:00")
        #expect(Instant(startOf: date).date == date)
        #expect(Instant(startOf: date).adding(milliseconds: -1).date == date.adding(days: -1))
        #expect(Instant(milliseconds: -28_800_001).date.text == "1969-12-31")
    }

    @Test func `age bands change at 7, 10, 18 and 60`() throws {
        let birth = YearMonth(year: 2000, month: 6)
        let band = { (year: Int, month: Int) in AgeBand(birthMonth: birth, on: LocalDate(year: year, month: month, day: 1)!) }
        #expect(band(1999, 1) == .to6)
        #expect(band(2007, 5) == .to6)
        #expect(band(2007, 6) == .to9)
        #expect(band(2010, 5) == .to9)
        #expect(band(2010, 6) == .to17)
        #expect(band(2018, 5) == .to17)
        #expect(band(2018, 6) == .to59)
        #expect(band(2060, 5) == .to59)
        #expect(band(2060, 6) == .over)
    }
}

struct MoneyTests {
    @Test(arguments: [("12345.67", 1_234_567), ("0", 0), ("0.5", 50), ("-3.05", -305), ("16000.00", 1_600_000)])
    func `yuan become fen without rounding`(text: String, fen: Int64) throws { #expect(try Fen(yuan: text).value == fen) }

    @Test(arguments: ["", ".5", "1.", "1.234", "1e3", "１", "1,000", "--1", "NaN", "9999999999999999999"])
    func `what is no amount is refused`(text: String) { #expect(throws: InvalidValue.self) { try Fen(yuan: text) } }

    @Test func `the caps of the settlement vectors are shares rounded half up`() throws {
        for row in try vectors("settlement") {
            let standard = try Fen(yuan: row["standard_yuan"]!)
            let cap = standard.prorated(Int(row["months_trained"]!)!, of: Int(row["programme_months"]!)!)
            let paid = try Fen(yuan: row["self_pay_total_yuan"]!)
            #expect(try min(cap, paid) == Fen(yuan: row["subsidy_yuan"]!))
            #expect(try paid - min(cap, paid) == Fen(yuan: row["parents_yuan"]!))
        }
        #expect(Fen(5).prorated(1, of: 10).value == 1)
        #expect(Fen(-5).prorated(1, of: 10).value == 0)
        #expect(Fen(-6).prorated(1, of: 10).value == -1)
    }

    @Test func `amounts read back`() throws {
        for value in [Int64](-1001...1001) + [123_456_789_012] { #expect(try Fen(yuan: Fen(value).yuan).value == value) }
    }
}
