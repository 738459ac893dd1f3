import Contracts
import Vocabulary

extension Samples {
    static let employment: [Sample] = [
        Sample("full", EmployerRegistered(employer: OrganisationID(trusted: "org-7"), region: RegionCode(trusted: "370102001"))),
        Sample("least", EmployerRegistered(employer: OrganisationID(trusted: "org-7"), region: RegionCode(trusted: "370102001"))),
        Sample(
            "full",
            JobSeekerRegistered(
                jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), origin: .rehabilitation, consentToShare: true)),
        Sample(
            "least",
            JobSeekerRegistered(
                jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), origin: .rehabilitation, consentToShare: false)),
        Sample(
            "full",
            TrainingCompleted(
                jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), kind: .skill, hours: 87)),
        Sample(
            "least",
            TrainingCompleted(
                jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), kind: .skill, hours: 0)),
        Sample(
            "full",
            PlacementRecorded(
                placement: PlacementID(trusted: "placement-12"), jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), employer: OrganisationID(trusted: "org-7"), form: .selfEmployed,
                startedOn: LocalDate(year: 2024, month: 2, day: 18)!, contractUntil: LocalDate(year: 2024, month: 6, day: 28)!,
                monthlyWageFen: Fen(20_707))),
        Sample(
            "least",
            PlacementRecorded(
                placement: PlacementID(trusted: "placement-12"), jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), employer: OrganisationID(trusted: "org-7"), form: .proportional,
                startedOn: LocalDate(year: 2024, month: 2, day: 18)!, contractUntil: LocalDate(year: 2024, month: 6, day: 28)!,
                monthlyWageFen: Fen(0))),
        Sample(
            "full",
            EmploymentConfirmed(
                placement: PlacementID(trusted: "placement-12"), jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), employer: OrganisationID(trusted: "org-7"), month: 95)),
        Sample(
            "least",
            EmploymentConfirmed(
                placement: PlacementID(trusted: "placement-12"), jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), employer: OrganisationID(trusted: "org-7"), month: 0)),
        Sample(
            "full",
            StableEmploymentReached(
                placement: PlacementID(trusted: "placement-12"), jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), employer: OrganisationID(trusted: "org-7"),
                reachedOn: LocalDate(year: 2024, month: 12, day: 14)!)),
        Sample(
            "least",
            StableEmploymentReached(
                placement: PlacementID(trusted: "placement-12"), jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), employer: OrganisationID(trusted: "org-7"),
                reachedOn: LocalDate(year: 2024, month: 12, day: 14)!)),
        Sample(
            "full",
            EmploymentEnded(
                placement: PlacementID(trusted: "placement-12"), jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), employer: OrganisationID(trusted: "org-7"),
                endedOn: LocalDate(year: 2024, month: 9, day: 10)!, reason: "转回 “原因”: a/b")),
        Sample(
            "least",
            EmploymentEnded(
                placement: PlacementID(trusted: "placement-12"), jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), employer: OrganisationID(trusted: "org-7"),
                endedOn: LocalDate(year: 2024, month: 9, day: 10)!, reason: "")),
        Sample(
            "full",
            ConsentChanged(
                jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), consentToShare: true)),
        Sample(
            "least",
            ConsentChanged(
                jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), consentToShare: false)),
        Sample(
            "full",
            ConfirmationMissed(
                placement: PlacementID(trusted: "placement-12"), jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .female, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), employer: OrganisationID(trusted: "org-7"), month: 3,
                dueOn: LocalDate(year: 2024, month: 9, day: 10)!)),
        Sample(
            "least",
            ConfirmationMissed(
                placement: PlacementID(trusted: "placement-12"), jobSeeker: JobSeekerID(trusted: "seeker-11"),
                facts: PersonFacts(
                    person: PersonID(trusted: "person-1a2b"), sex: .unknown, birthMonth: YearMonth(year: 2021, month: 3),
                    region: RegionCode(trusted: "370102001")), employer: OrganisationID(trusted: "org-7"), month: 0,
                dueOn: LocalDate(year: 2024, month: 9, day: 10)!)),
    ]
}
