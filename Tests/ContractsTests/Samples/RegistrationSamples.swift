import Contracts
import Vocabulary

extension Samples {
    static let registration: [Sample] = [
        Sample(
            "full",
            OrganisationRegistered(
                organisation: OrganisationID(trusted: "org-7"), kind: .employer, name: "测试 一号",
                creditCode: CreditCode.make(head: "52", region: 379_999, organisation: 1), region: RegionCode(trusted: "370102001"),
                validFrom: LocalDate(year: 2024, month: 3, day: 22)!)),
        Sample(
            "least",
            OrganisationRegistered(
                organisation: OrganisationID(trusted: "org-7"), kind: .healthBureau, name: "", region: RegionCode(trusted: "370102001"),
                validFrom: LocalDate(year: 2024, month: 3, day: 22)!)),
        Sample(
            "full",
            PersonRegistered(
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), provisional: true, origin: .screeningCase, hasGuardian: true,
                document: .birthCertificate)),
        Sample(
            "least",
            PersonRegistered(
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), provisional: false, origin: .screeningCase)),
        Sample("full", IdentityAttached(person: PersonID(trusted: "person-1a2b"), documentKind: .citizenID)),
        Sample("least", IdentityAttached(person: PersonID(trusted: "person-1a2b"), documentKind: .citizenID)),
        Sample("full", PersonsMerged(kept: PersonID(trusted: "person-kept"), merged: PersonID(trusted: "person-merged"))),
        Sample("least", PersonsMerged(kept: PersonID(trusted: "person-kept"), merged: PersonID(trusted: "person-merged"))),
        Sample("full", PersonsUnmerged(kept: PersonID(trusted: "person-kept"), merged: PersonID(trusted: "person-merged"))),
        Sample("least", PersonsUnmerged(kept: PersonID(trusted: "person-kept"), merged: PersonID(trusted: "person-merged"))),
        Sample(
            "full",
            CertificateIssued(
                certificate: CertificateID(trusted: "certificate-2"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .mental, grade: .four,
                validFrom: LocalDate(year: 2024, month: 3, day: 13)!, validTo: LocalDate(year: 2024, month: 10, day: 2)!)),
        Sample(
            "least",
            CertificateIssued(
                certificate: CertificateID(trusted: "certificate-2"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .visual, grade: .one,
                validFrom: LocalDate(year: 2024, month: 3, day: 13)!, validTo: LocalDate(year: 2024, month: 10, day: 2)!)),
    ]
}
