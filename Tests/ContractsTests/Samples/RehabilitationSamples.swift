import Contracts
import Vocabulary

extension Samples {
    private static let question = ReferralQuestion(
        caseID: CaseID(trusted: "case-5"),
        facts: PersonFacts(
            person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
            region: RegionCode(trusted: "370102001")), category: .vision, respondBy: LocalDate(year: 2024, month: 6, day: 18)!)

    static let rehabilitation: [Sample] = [
        Sample(
            "full",
            AgreementActivated(
                institution: OrganisationID(trusted: "org-7"), region: RegionCode(trusted: "370102001"), categories: [.vision, .autism],
                capacity: 56, validFrom: LocalDate(year: 2024, month: 10, day: 28)!, validTo: LocalDate(year: 2024, month: 1, day: 3)!)),
        Sample(
            "least",
            AgreementActivated(
                institution: OrganisationID(trusted: "org-7"), region: RegionCode(trusted: "370102001"), categories: [], capacity: 0,
                validFrom: LocalDate(year: 2024, month: 10, day: 28)!, validTo: LocalDate(year: 2024, month: 1, day: 3)!)),
        Sample(
            "full",
            PlacesChanged(
                institution: OrganisationID(trusted: "org-7"), capacity: 36, taken: 23, holder: "enrolment/enrolment-6",
                insteadOf: "referral/referral-9/1")),
        Sample("least", PlacesChanged(institution: OrganisationID(trusted: "org-7"), capacity: 0, taken: 0)),
        Sample(
            "full",
            ReferralClaimed(
                referral: ReferralID(trusted: "referral-9"), attempt: 15, institution: OrganisationID(trusted: "org-7"), question: question)
        ),
        Sample(
            "least", ReferralClaimed(referral: ReferralID(trusted: "referral-9"), attempt: 0, institution: OrganisationID(trusted: "org-7"))
        ),
        Sample(
            "full",
            ReferralRefused(
                referral: ReferralID(trusted: "referral-9"), attempt: 62, institution: OrganisationID(trusted: "org-7"),
                reason: "转回 “原因”: a/b", question: question)),
        Sample(
            "least",
            ReferralRefused(
                referral: ReferralID(trusted: "referral-9"), attempt: 0, institution: OrganisationID(trusted: "org-7"), reason: "")),
        Sample(
            "full",
            AssistanceApplied(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, referral: ReferralID(trusted: "referral-9"), planYear: 56,
                residenceBasis: .residencePermit, attempt: 3)),
        Sample(
            "least",
            AssistanceApplied(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, planYear: 0, residenceBasis: .hukou)),
        Sample(
            "full",
            MaterialsCompleted(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, decideBy: LocalDate(year: 2024, month: 6, day: 18)!)),
        Sample(
            "least",
            MaterialsCompleted(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, decideBy: LocalDate(year: 2024, month: 6, day: 18)!)),
        Sample(
            "full",
            AssistanceApproved(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .autism, mode: .centralised, standardFen: Fen(193_899), months: 30,
                policyVersion: "sd-2024-1", policyStanding: .seed, onTime: true)),
        Sample(
            "least",
            AssistanceApproved(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, mode: .centralised, standardFen: Fen(0), months: 0,
                policyVersion: "", policyStanding: .seed, onTime: false)),
        Sample(
            "full",
            AssistanceRejected(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .physical, reason: "转回 “原因”: a/b", onTime: true)),
        Sample(
            "least",
            AssistanceRejected(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, reason: "", onTime: false)),
        Sample(
            "full",
            ReviewDeadlineMissed(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .physical, dueOn: LocalDate(year: 2024, month: 1, day: 7)!)),
        Sample(
            "least",
            ReviewDeadlineMissed(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, dueOn: LocalDate(year: 2024, month: 1, day: 7)!)),
        Sample(
            "full",
            InstitutionConfirmed(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), institution: OrganisationID(trusted: "org-7"))),
        Sample(
            "least",
            InstitutionConfirmed(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), institution: OrganisationID(trusted: "org-7"))),
        Sample(
            "full",
            Enrolled(
                enrolment: EnrolmentID(trusted: "enrolment-5"), application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .hearing, institution: OrganisationID(trusted: "org-7"),
                mode: .community, startedOn: LocalDate(year: 2024, month: 6, day: 3)!, policyVersion: "sd-2024-1")),
        Sample(
            "least",
            Enrolled(
                enrolment: EnrolmentID(trusted: "enrolment-5"), application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, institution: OrganisationID(trusted: "org-7"),
                mode: .centralised, startedOn: LocalDate(year: 2024, month: 6, day: 3)!, policyVersion: "")),
        Sample(
            "full",
            TrainingMonthRecorded(
                enrolment: EnrolmentID(trusted: "enrolment-5"), application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, institution: OrganisationID(trusted: "org-7"),
                line: SettlementLine(
                    line: LineID(trusted: "line-6"), month: YearMonth(year: 2021, month: 2), ordinal: 22, serviceDays: 15, counted: true,
                    grossFen: Fen(39_499), basicInsuranceFen: Fen(34_386), seriousIllnessFen: Fen(77_336), medicalReliefFen: Fen(35_864),
                    otherInsuranceFen: Fen(59_211), selfPayFen: Fen(113_285), subsidyFen: Fen(21_434), parentsFen: Fen(-1_234),
                    policyVersion: "sd-2024-1"))),
        Sample(
            "least",
            TrainingMonthRecorded(
                enrolment: EnrolmentID(trusted: "enrolment-5"), application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, institution: OrganisationID(trusted: "org-7"),
                line: SettlementLine(
                    line: LineID(trusted: "line-6"), month: YearMonth(year: 2021, month: 2), ordinal: 0, serviceDays: 0, counted: false,
                    grossFen: Fen(0), basicInsuranceFen: Fen(0), seriousIllnessFen: Fen(0), medicalReliefFen: Fen(0),
                    otherInsuranceFen: Fen(0), selfPayFen: Fen(0), subsidyFen: Fen(0), parentsFen: Fen(0), policyVersion: ""))),
        Sample(
            "full",
            TrainingMonthCorrected(
                enrolment: EnrolmentID(trusted: "enrolment-5"), application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, institution: OrganisationID(trusted: "org-7"),
                before: SettlementLine(
                    line: LineID(trusted: "line-6"), month: YearMonth(year: 2021, month: 2), ordinal: 22, serviceDays: 15, counted: true,
                    grossFen: Fen(39_499), basicInsuranceFen: Fen(34_386), seriousIllnessFen: Fen(77_336), medicalReliefFen: Fen(35_864),
                    otherInsuranceFen: Fen(59_211), selfPayFen: Fen(113_285), subsidyFen: Fen(21_434), parentsFen: Fen(-1_234),
                    policyVersion: "sd-2024-1"),
                after: SettlementLine(
                    line: LineID(trusted: "line-6"), month: YearMonth(year: 2021, month: 2), ordinal: 21, serviceDays: 16, counted: true,
                    grossFen: Fen(40_000), basicInsuranceFen: Fen(1), seriousIllnessFen: Fen(2), medicalReliefFen: Fen(3),
                    otherInsuranceFen: Fen(4), selfPayFen: Fen(39_990), subsidyFen: Fen(30_000), parentsFen: Fen(9_990),
                    policyVersion: "sd-2024-1"),
                revision: 2, correctedMonth: YearMonth(year: 2021, month: 1), reason: "转回 “原因”: a/b")),
        Sample(
            "least",
            TrainingMonthCorrected(
                enrolment: EnrolmentID(trusted: "enrolment-5"), application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, institution: OrganisationID(trusted: "org-7"),
                before: SettlementLine(
                    line: LineID(trusted: "line-6"), month: YearMonth(year: 2021, month: 2), ordinal: 0, serviceDays: 0, counted: false,
                    grossFen: Fen(0), basicInsuranceFen: Fen(0), seriousIllnessFen: Fen(0), medicalReliefFen: Fen(0),
                    otherInsuranceFen: Fen(0), selfPayFen: Fen(0), subsidyFen: Fen(0), parentsFen: Fen(0), policyVersion: ""),
                after: SettlementLine(
                    line: LineID(trusted: "line-6"), month: YearMonth(year: 2021, month: 2), ordinal: 0, serviceDays: 0, counted: false,
                    grossFen: Fen(0), basicInsuranceFen: Fen(0), seriousIllnessFen: Fen(0), medicalReliefFen: Fen(0),
                    otherInsuranceFen: Fen(0), selfPayFen: Fen(0), subsidyFen: Fen(0), parentsFen: Fen(0), policyVersion: ""),
                revision: 0, correctedMonth: YearMonth(year: 2021, month: 2), reason: "")),
        Sample(
            "full",
            EnrolmentCompleted(
                enrolment: EnrolmentID(trusted: "enrolment-5"), application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .physical, institution: OrganisationID(trusted: "org-7"),
                outcome: .droppedOut, monthsCounted: 2, endedOn: LocalDate(year: 2024, month: 4, day: 6)!)),
        Sample(
            "least",
            EnrolmentCompleted(
                enrolment: EnrolmentID(trusted: "enrolment-5"), application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, institution: OrganisationID(trusted: "org-7"),
                outcome: .completed, monthsCounted: 0, endedOn: LocalDate(year: 2024, month: 4, day: 6)!)),
        Sample(
            "full",
            SettlementSubmitted(
                settlement: SettlementID(trusted: "settlement-8"), institution: OrganisationID(trusted: "org-7"),
                region: RegionCode(trusted: "370102001"), quarter: Quarter(year: 2024, number: 3), lines: 49, totalFen: Fen(31_906),
                lineIDs: [LineID(trusted: "enrolment-6-2024-07"), LineID(trusted: "enrolment-6-2024-08")],
                lineFen: [Fen(16_000), Fen(15_906)])),
        Sample(
            "least",
            SettlementSubmitted(
                settlement: SettlementID(trusted: "settlement-8"), institution: OrganisationID(trusted: "org-7"),
                region: RegionCode(trusted: "370102001"), quarter: Quarter(year: 2024, number: 3), lines: 0, totalFen: Fen(0))),
        Sample(
            "full",
            SettlementApproved(
                settlement: SettlementID(trusted: "settlement-8"), institution: OrganisationID(trusted: "org-7"),
                region: RegionCode(trusted: "370102001"), quarter: Quarter(year: 2024, number: 3), lines: 79, totalFen: Fen(113_500))),
        Sample(
            "least",
            SettlementApproved(
                settlement: SettlementID(trusted: "settlement-8"), institution: OrganisationID(trusted: "org-7"),
                region: RegionCode(trusted: "370102001"), quarter: Quarter(year: 2024, number: 3), lines: 0, totalFen: Fen(0))),
        Sample(
            "full",
            SettlementPaid(
                settlement: SettlementID(trusted: "settlement-8"), institution: OrganisationID(trusted: "org-7"),
                region: RegionCode(trusted: "370102001"), quarter: Quarter(year: 2024, number: 3), lines: 97, totalFen: Fen(82_780),
                paidOn: LocalDate(year: 2024, month: 2, day: 21)!)),
        Sample(
            "least",
            SettlementPaid(
                settlement: SettlementID(trusted: "settlement-8"), institution: OrganisationID(trusted: "org-7"),
                region: RegionCode(trusted: "370102001"), quarter: Quarter(year: 2024, number: 3), lines: 0, totalFen: Fen(0),
                paidOn: LocalDate(year: 2024, month: 2, day: 21)!)),
        Sample(
            "full",
            AssistanceWithdrawn(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .physical, reason: "转回 “原因”: a/b")),
        Sample(
            "least",
            AssistanceWithdrawn(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, reason: "")),
        Sample(
            "full",
            SettlementRejected(
                settlement: SettlementID(trusted: "settlement-6"), institution: OrganisationID(trusted: "org-7"),
                region: RegionCode(trusted: "370102001"), quarter: Quarter(year: 2024, number: 3), lines: 12, totalFen: Fen(160_050),
                reason: "缺少票据")),
        Sample(
            "least",
            SettlementRejected(
                settlement: SettlementID(trusted: "settlement-6"), institution: OrganisationID(trusted: "org-7"),
                region: RegionCode(trusted: "370102001"), quarter: Quarter(year: 2024, number: 3), lines: 0, totalFen: Fen(0), reason: "")),
        Sample(
            "full",
            ReviewDeadlineMoved(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .physical, decideBy: LocalDate(year: 2027, month: 1, day: 12)!)),
        Sample(
            "least",
            ReviewDeadlineMoved(
                application: ApplicationID(trusted: "application-4"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), category: .vision, decideBy: LocalDate(year: 2027, month: 1, day: 12)!)),
    ]
}
