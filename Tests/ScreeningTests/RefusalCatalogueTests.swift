import Messaging
import ServiceRuntime
import Testing
import Vocabulary

@testable import Screening

struct RefusalCatalogueTests {
    @Test func `every refusal has a sentence in both languages, a status and a source`() {
        #expect(ScreeningRefusals.catalogue.missing(for: [CaseRules.Refused.self, ReferralRules.Refused.self]).isEmpty)
        let codes =
            ResultRule.allCases.map(\.rawValue) + CSVProblem.allCases.map(\.rawValue)
            + ["CSV_COLUMN_MISSING", "CSV_COLUMN_TWICE", "UPLOAD_NOT_A_LIST", "RECORD_TOO_LARGE", "RESULT_CONFLICT", "POLICY_MISSING"]
        for code in codes {
            let entry = ScreeningRefusals.complete[code]
            #expect(entry != nil, "\(code)")
            #expect((400...599).contains(entry?.status ?? 0))
            #expect(entry?.chinese.unicodeScalars.contains { $0.value >= 0x4E00 } == true, "\(code)")
            #expect(entry?.english.isEmpty == false && entry?.source.isEmpty == false)
        }
    }

    @Test func `a policy holds in every county of the nation from 2013 on, and none is invented before`() throws {
        for region in ["370303001", "419001001", "110101", "659001"] {
            let policy = try ScreeningPolicies.shared.policy(in: RegionCode(trusted: region), on: Sample.today)
            #expect(policy.ageLimitYears == 7 && policy.rescreenDays == 30 && policy.diagnosisDays == 90)
        }
        #expect(try ScreeningPolicies.shared.policy(in: RegionCode(trusted: "370303001"), on: Sample.today).topics.contains(.speech))
        #expect(try !ScreeningPolicies.shared.policy(in: RegionCode(trusted: "419001001"), on: Sample.today).topics.contains(.speech))
        #expect(throws: PolicyMissing.self) { try ScreeningPolicies.shared.policy(in: RegionCode(trusted: "37"), on: day("2012-12-31")) }
    }

    @Test func `the memory of policies answers as the book does`() throws {
        let memory = PolicyMemory(.shared)
        for region in ["370303001", "419001001", "370303001"] {
            let place = RegionCode(trusted: region)
            #expect(try memory.policy(in: place, on: Sample.today) == ScreeningPolicies.shared.policy(in: place, on: Sample.today))
        }
    }

    @Test func `every rule quotes its source and every assumption says so`() {
        for rule in ScreeningPolicies.rules {
            #expect(!rule.source.isEmpty && !rule.version.isEmpty)
            #expect((rule.standing == .assumption) == rule.source.contains("[assumption]"))
        }
    }
}
