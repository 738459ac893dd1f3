import Contracts
import Testing
import Vocabulary

@testable import Employment

struct EmploymentPolicyTests {
    static func facts(_ sex: Sex, _ year: Int, _ month: Int) -> PersonFacts {
        PersonFacts(
            person: PersonID(trusted: "aa01"), sex: sex, birthMonth: YearMonth(year: year, month: month),
            region: RegionCode(trusted: "419001"))
    }

    @Test(arguments: [
        (Sex.male, 2009, 6, false), (.male, 2009, 5, true), (.female, 2009, 5, true), (.male, 2018, 1, false),
        (.female, 1970, 6, true), (.female, 1970, 5, false), (.male, 1970, 5, true), (.male, 1965, 5, false), (.unspecified, 1966, 1, true),
    ])
    func `working age runs from sixteen to the limit of the person's sex, counted from the month's last day`(
        sex: Sex, year: Int, month: Int, expected: Bool
    ) throws {
        #expect(
            try EmploymentPolicies.isOfWorkingAge(Self.facts(sex, year, month), on: LocalDate(year: 2025, month: 6, day: 1)!) == expected)
    }

    @Test func `the month that makes employment stable is one of the months that are confirmed`() throws {
        let today = LocalDate(year: 2025, month: 6, day: 1)!
        let months = try EmploymentPolicies.confirmationMonths.lookup("retention.confirmation-months", region: nil, on: today).value
        #expect(months.contains(try EmploymentPolicies.number("retention.stable-months", region: nil, on: today)))
    }

    @Test func `a region without a minimum wage on file is a refusal, never a default`() {
        #expect(throws: PolicyMissing.self) {
            try EmploymentPolicies.minimumWages.lookup(
                "minimum-wage.monthly-fen", region: RegionCode(trusted: "110101"), on: LocalDate(year: 2025, month: 6, day: 1)!)
        }
    }

    @Test func `every rule names its source and how firmly it rests on it`() {
        #expect(EmploymentPolicies.numbers.rules.allSatisfy { !$0.source.isEmpty && !$0.version.isEmpty })
        #expect(EmploymentPolicies.minimumWages.rules.allSatisfy { $0.standing == .assumption })
    }
}
