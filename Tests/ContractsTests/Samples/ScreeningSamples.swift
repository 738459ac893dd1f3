import Contracts
import Vocabulary

extension Samples {
    static let screening: [Sample] = [
        Sample(
            "full",
            ResultAccepted(
                caseID: CaseID(trusted: "case-3"),
                result: ResultFacts(
                    facts: PersonFacts(
                        person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                        region: RegionCode(trusted: "370102001")), topic: .physical, stage: .diagnosis, outcome: .positive,
                    takenOn: LocalDate(year: 2024, month: 8, day: 12)!, roundMonths: 19), bureau: OrganisationID(trusted: "org-7"),
                resultID: "r-2024-000017", revision: 15)),
        Sample(
            "least",
            ResultAccepted(
                caseID: CaseID(trusted: "case-3"),
                result: ResultFacts(
                    facts: PersonFacts(
                        person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                        region: RegionCode(trusted: "370102001")), topic: .vision, stage: .initial, outcome: .negative,
                    takenOn: LocalDate(year: 2024, month: 8, day: 12)!, roundMonths: 0), bureau: OrganisationID(trusted: "org-7"),
                resultID: "", revision: 0)),
        Sample(
            "full",
            ResultCorrected(
                caseID: CaseID(trusted: "case-3"),
                before: ResultFacts(
                    facts: PersonFacts(
                        person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                        region: RegionCode(trusted: "370102001")), topic: .physical, stage: .diagnosis, outcome: .positive,
                    takenOn: LocalDate(year: 2024, month: 8, day: 12)!, roundMonths: 19),
                after: ResultFacts(
                    facts: PersonFacts(
                        person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                        region: RegionCode(trusted: "370102001")), topic: .physical, stage: .diagnosis, outcome: .positive,
                    takenOn: LocalDate(year: 2024, month: 8, day: 12)!, roundMonths: 19), bureau: OrganisationID(trusted: "org-7"),
                resultID: "r-2024-000017", revision: 51)),
        Sample(
            "least",
            ResultCorrected(
                caseID: CaseID(trusted: "case-3"),
                before: ResultFacts(
                    facts: PersonFacts(
                        person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                        region: RegionCode(trusted: "370102001")), topic: .vision, stage: .initial, outcome: .negative,
                    takenOn: LocalDate(year: 2024, month: 8, day: 12)!, roundMonths: 0),
                after: ResultFacts(
                    facts: PersonFacts(
                        person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                        region: RegionCode(trusted: "370102001")), topic: .vision, stage: .initial, outcome: .negative,
                    takenOn: LocalDate(year: 2024, month: 8, day: 12)!, roundMonths: 0), bureau: OrganisationID(trusted: "org-7"),
                resultID: "", revision: 0)),
        Sample(
            "full",
            ResultWithdrawn(
                caseID: CaseID(trusted: "case-3"),
                result: ResultFacts(
                    facts: PersonFacts(
                        person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                        region: RegionCode(trusted: "370102001")), topic: .physical, stage: .diagnosis, outcome: .positive,
                    takenOn: LocalDate(year: 2024, month: 8, day: 12)!, roundMonths: 19), bureau: OrganisationID(trusted: "org-7"),
                resultID: "r-2024-000017", revision: 76)),
        Sample(
            "least",
            ResultWithdrawn(
                caseID: CaseID(trusted: "case-3"),
                result: ResultFacts(
                    facts: PersonFacts(
                        person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                        region: RegionCode(trusted: "370102001")), topic: .vision, stage: .initial, outcome: .negative,
                    takenOn: LocalDate(year: 2024, month: 8, day: 12)!, roundMonths: 0), bureau: OrganisationID(trusted: "org-7"),
                resultID: "", revision: 0)),
        Sample(
            "full",
            CaseShared(
                caseID: CaseID(trusted: "case-3"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), topic: .hearing, category: .hearing,
                diagnosedOn: LocalDate(year: 2024, month: 6, day: 10)!)),
        Sample(
            "least",
            CaseShared(
                caseID: CaseID(trusted: "case-3"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), topic: .vision, category: .vision,
                diagnosedOn: LocalDate(year: 2024, month: 6, day: 10)!)),
        Sample(
            "full",
            CaseShareRevoked(
                caseID: CaseID(trusted: "case-3"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), topic: .hearing, reason: "转回 “原因”: a/b")),
        Sample(
            "least",
            CaseShareRevoked(
                caseID: CaseID(trusted: "case-3"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), topic: .vision, reason: "")),
        Sample(
            "full",
            ScreeningDeadlineMissed(
                caseID: CaseID(trusted: "case-3"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), topic: .intellectual, step: .diagnosis,
                dueOn: LocalDate(year: 2024, month: 9, day: 20)!)),
        Sample(
            "least",
            ScreeningDeadlineMissed(
                caseID: CaseID(trusted: "case-3"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), topic: .vision, step: .initial,
                dueOn: LocalDate(year: 2024, month: 9, day: 20)!)),
        Sample(
            "full",
            IdentityShared(
                person: PersonID(trusted: "person-1a2b"), caseID: CaseID(trusted: "case-3"), documentKind: .birthCertificate,
                documentNumber: "379999202003057000", name: "测试 一号", sex: .female, birthDate: LocalDate(year: 2024, month: 4, day: 17)!,
                birthOrder: 8, guardianName: "测试 监护人", guardianTelephone: "00000000000", residence: RegionCode(trusted: "370102001"))),
        Sample(
            "least",
            IdentityShared(
                person: PersonID(trusted: "person-1a2b"), caseID: CaseID(trusted: "case-3"), documentKind: .citizenID, documentNumber: "",
                name: "", sex: .unknown, birthDate: LocalDate(year: 2024, month: 4, day: 17)!, birthOrder: 0, guardianName: "",
                guardianTelephone: "", residence: RegionCode(trusted: "370102001"))),
        Sample(
            "full",
            ReferralProposed(
                referral: ReferralID(trusted: "referral-9"), caseID: CaseID(trusted: "case-3"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .physical,
                candidates: [
                    Candidate(
                        institution: OrganisationID(trusted: "org-7"), rank: 13, distance: .sameProvince, openLoad: 14, freePlaces: 76),
                    Candidate(
                        institution: OrganisationID(trusted: "org-7"), rank: 13, distance: .sameProvince, openLoad: 14, freePlaces: 76),
                ], chooseBy: LocalDate(year: 2024, month: 2, day: 1)!)),
        Sample(
            "least",
            ReferralProposed(
                referral: ReferralID(trusted: "referral-9"), caseID: CaseID(trusted: "case-3"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, candidates: [],
                chooseBy: LocalDate(year: 2024, month: 2, day: 1)!)),
        Sample(
            "full",
            ReferralIssued(
                referral: ReferralID(trusted: "referral-9"), attempt: 92, caseID: CaseID(trusted: "case-3"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .speech, institution: OrganisationID(trusted: "org-7"),
                chosenBy: .guardian, respondBy: LocalDate(year: 2024, month: 12, day: 11)!)),
        Sample(
            "least",
            ReferralIssued(
                referral: ReferralID(trusted: "referral-9"), attempt: 0, caseID: CaseID(trusted: "case-3"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, institution: OrganisationID(trusted: "org-7"),
                chosenBy: .guardian, respondBy: LocalDate(year: 2024, month: 12, day: 11)!)),
        Sample(
            "full",
            ReferralConfirmed(
                referral: ReferralID(trusted: "referral-9"), attempt: 43,
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .physical, institution: OrganisationID(trusted: "org-7"))),
        Sample(
            "least",
            ReferralConfirmed(
                referral: ReferralID(trusted: "referral-9"), attempt: 0,
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, institution: OrganisationID(trusted: "org-7"))),
        Sample(
            "full",
            ReferralSuperseded(referral: ReferralID(trusted: "referral-9"), attempt: 21, institution: OrganisationID(trusted: "org-7"))),
        Sample(
            "least",
            ReferralSuperseded(referral: ReferralID(trusted: "referral-9"), attempt: 0, institution: OrganisationID(trusted: "org-7"))),
        Sample(
            "full",
            ReferralDeclined(
                referral: ReferralID(trusted: "referral-9"), attempt: 59,
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, institution: OrganisationID(trusted: "org-7"),
                reason: "转回 “原因”: a/b")),
        Sample(
            "least",
            ReferralDeclined(
                referral: ReferralID(trusted: "referral-9"), attempt: 0,
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, institution: OrganisationID(trusted: "org-7"), reason: "")
        ),
        Sample(
            "full",
            ReferralExpired(
                referral: ReferralID(trusted: "referral-9"), attempt: 90,
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .speech, institution: OrganisationID(trusted: "org-7"))),
        Sample(
            "least",
            ReferralExpired(
                referral: ReferralID(trusted: "referral-9"), attempt: 0,
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, institution: OrganisationID(trusted: "org-7"))),
        Sample(
            "full",
            ReferralWithdrawn(
                referral: ReferralID(trusted: "referral-9"), attempt: 38,
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .hearing, institution: OrganisationID(trusted: "org-7"),
                reason: "转回 “原因”: a/b")),
        Sample(
            "least",
            ReferralWithdrawn(
                referral: ReferralID(trusted: "referral-9"), attempt: 0,
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, reason: "")),
        Sample(
            "full",
            ReferralUnplaced(
                referral: ReferralID(trusted: "referral-9"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .speech, attempts: 33)),
        Sample(
            "least",
            ReferralUnplaced(
                referral: ReferralID(trusted: "referral-9"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, attempts: 0)),
        Sample(
            "full",
            ReferralDeadlineMoved(
                referral: ReferralID(trusted: "referral-9"), attempt: 2,
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .physical, institution: OrganisationID(trusted: "org-7"),
                dueOn: LocalDate(year: 2027, month: 1, day: 12)!)),
        Sample(
            "least",
            ReferralDeadlineMoved(
                referral: ReferralID(trusted: "referral-9"), attempt: 0,
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, dueOn: LocalDate(year: 2027, month: 1, day: 12)!)),
    ]
}
