import Testing
import Vocabulary

struct WorkingCalendarTests {
    let calendar = WorkingCalendar.shared
    func date(_ text: String) throws -> LocalDate { try LocalDate(text) }

    @Test func `every vector gives the day it names`() throws {
        for row in try vectors("working-days") {
            let from = try date(row["complete_on"]!)
            #expect(try calendar.adding(workingDays: Int(row["working_days"]!)!, to: from).text == row["due_on"], "\(from)")
        }
    }

    @Test(arguments: [(2024, 251), (2025, 248), (2026, 248)])
    func `a year has as many working days as were announced`(year: Int, expected: Int) throws {
        let last = try date("\(year - 1)-12-31")
        #expect(try calendar.workingDays(after: last, through: date("\(year)-12-31")) == expected)
    }

    @Test func `the Spring Festival of 2026 is the announced one`() throws {
        for text in ["2026-02-14", "2026-02-28", "2026-01-28", "2026-02-24"] { #expect(try calendar.isWorkingDay(date(text)), "\(text)") }
        for text in ["2026-02-16", "2026-02-23", "2026-02-15", "2026-01-01"] { #expect(try !calendar.isWorkingDay(date(text)), "\(text)") }
    }

    @Test func `February 2026 has sixteen working days`() throws {
        #expect(try calendar.workingDays(after: date("2026-01-31"), through: date("2026-02-28")) == 16)
    }

    @Test func `a year that was not announced is never guessed`() throws {
        #expect(throws: WorkingCalendar.YearNotLoaded(year: 2027)) { try calendar.isWorkingDay(date("2027-01-01")) }
        #expect(throws: WorkingCalendar.YearNotLoaded(year: 2027)) { try calendar.adding(workingDays: 5, to: date("2026-12-28")) }
        #expect(WorkingCalendar.YearNotLoaded.code == "CALENDAR_YEAR_NOT_LOADED")
        #expect(calendar.years == 2018...2026)
    }

    @Test func `a deadline that crosses into such a year is provisional`() throws {
        let due = try calendar.dueDate(workingDays: 5, from: date("2026-12-28"))
        #expect(due.provisional)
        #expect(due.date.text == "2027-01-04")
        #expect(try calendar.dueDate(workingDays: 3, from: date("2026-12-28")) == .init(date: date("2026-12-31"), provisional: false))
    }
}

struct PolicyBookTests {
    func rule(_ region: String?, _ from: String, to: String? = nil, _ value: Int) throws -> PolicyRule<Int> {
        PolicyRule(
            code: "respond", region: region.map { RegionCode(trusted: $0) }, validFrom: try LocalDate(from),
            validTo: try to.map { text in try LocalDate(text) },
            value: value, source: "test", standing: .assumption, version: "v\(value)")
    }

    func book() throws -> PolicyBook<Int> {
        PolicyBook([
            try rule(nil, "2018-10-01", 1), try rule("37", "2019-01-01", to: "2025-12-31", 2), try rule("37", "2026-01-01", 3),
            try rule("370303", "2022-01-01", to: "2024-12-31", 4), try rule("419001", "2024-06-04", 5),
        ])
    }

    @Test(arguments: [
        ("370303001001", "2023-05-01", 4), ("370303", "2021-12-31", 2), ("370303", "2024-12-31", 4), ("370303", "2025-01-01", 2),
        ("370303", "2026-01-01", 3), ("419001", "2024-06-03", 1), ("419001003", "2024-06-04", 5), ("110101", "2024-01-01", 1),
        ("37", "2018-12-31", 1),
    ])
    func `the smallest region with a rule in force decides`(region: String, on: String, expected: Int) throws {
        let found = try book().lookup("respond", region: RegionCode(trusted: region), on: LocalDate(on))
        #expect(found.value == expected && found.version == "v\(expected)" && found.standing == .assumption)
    }

    @Test func `no rule is a refusal and never a default`() throws {
        let book = try book()
        let day = try LocalDate("2018-09-30")
        #expect(throws: PolicyMissing(policy: "respond", region: nil, date: day)) { try book.lookup("respond", region: nil, on: day) }
        #expect(throws: PolicyMissing.self) { try book.lookup("review", region: RegionCode(trusted: "37"), on: LocalDate("2024-01-01")) }
        #expect(PolicyMissing.code == "POLICY_MISSING")
    }
}
