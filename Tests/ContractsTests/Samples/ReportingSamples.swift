import Contracts
import Vocabulary

extension Samples {
    static let reporting: [Sample] = [
        Sample(
            "full",
            Indicator(
                cell: "screening-rate/37/2024", indicator: "screening-rate", nameZh: "筛查率", nameEn: "Screening rate",
                region: RegionCode(trusted: "370102001"), period: "2024", topic: .autism, category: .hearing, sex: .female, ageBand: "0-6",
                numerator: 73, denominator: 92, valueBasisPoints: 37, noValueReason: "DENOMINATOR_ZERO", suppressedCount: 79,
                asOf: LocalDate(year: 2024, month: 2, day: 28)!, watermark: "cases:12,referrals:3", policyVersion: "sd-2024-1",
                planPeriod: "2021-2025", release: "live", version: 36)),
        Sample(
            "least",
            Indicator(
                cell: "", indicator: "", nameZh: "", nameEn: "", region: RegionCode(trusted: "370102001"), period: "", suppressedCount: 0,
                asOf: LocalDate(year: 2024, month: 2, day: 28)!, watermark: "", policyVersion: "", planPeriod: "", release: "", version: 0)),
    ]
}
