import Contracts
import Vocabulary

extension Samples {
    static let partner: [Sample] = [
        Sample(
            "full",
            ResultReceipt(
                organisation: OrganisationID(trusted: "org-7"), resultID: "r-2024-000017", revision: 60, outcome: .repeated,
                caseID: CaseID(trusted: "case-3"), code: "ID_CHECKSUM_INVALID", field: "child.document_number",
                rule: "the eighteenth character holds", source: "GB 11643-1999", messageZh: "身份证号校验位不符",
                messageEn: "The check digit does not hold.")),
        Sample("least", ResultReceipt(organisation: OrganisationID(trusted: "org-7"), resultID: "", revision: 0, outcome: .accepted)),
        Sample(
            "full",
            ReferralNotice(
                organisation: OrganisationID(trusted: "org-7"), referral: ReferralID(trusted: "referral-9"), attempt: 71,
                status: .confirmed, person: PersonID(trusted: "person-1a2b"), category: .hearing, region: RegionCode(trusted: "370102001"),
                respondBy: LocalDate(year: 2024, month: 7, day: 26)!, explanation: "同县 · 2 places free")),
        Sample(
            "least",
            ReferralNotice(
                organisation: OrganisationID(trusted: "org-7"), referral: ReferralID(trusted: "referral-9"), attempt: 0, status: .issued,
                person: PersonID(trusted: "person-1a2b"), category: .vision, region: RegionCode(trusted: "370102001"),
                respondBy: LocalDate(year: 2024, month: 7, day: 26)!, explanation: "")),
        Sample(
            "full",
            AnswerReceipt(
                organisation: OrganisationID(trusted: "org-7"), referral: "referral-9", attempt: 2, outcome: .refused, offset: 41,
                code: "CAPACITY_EXCEEDED", field: "answer", rule: "The institution has no free place.", source: "济残联〔2024〕9号",
                messageZh: "机构已无空余名额。",
                messageEn: "The institution has no free place.")),
        Sample(
            "least",
            AnswerReceipt(organisation: OrganisationID(trusted: "org-7"), referral: "", attempt: 0, outcome: .accepted, offset: 0)),
    ]
}
