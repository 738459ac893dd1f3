import Contracts
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Reporting

struct CountingTests {
    let ann = child("ann")
    let ben = child("ben", in: shizhong, sex: .male)

    @Test func `accepted, corrected and withdrawn results leave exactly what stands`() throws {
        let service = try TestService.reporting()
        let first = result(ann, .initial, .positive)
        try service.deliver(accepted(first, id: "r1"))
        try service.deliver(accepted(result(ben, .initial, .positive), id: "r2"))
        let corrected = result(ann, .initial, .negative)
        try service.deliver(
            ResultCorrected(
                caseID: caseID(ann), before: first, after: corrected, bureau: OrganisationID(trusted: "bureau-1"), resultID: "r1",
                revision: 2))
        #expect(
            try service.totals().withoutZeroes == [
                .initialNegative: 1, .initialPositive: 1, .casesScreened: 2, .casesSuspected: 1,
            ])
        try service.deliver(
            ResultWithdrawn(
                caseID: caseID(ann), result: corrected, bureau: OrganisationID(trusted: "bureau-1"), resultID: "r1", revision: 3))
        #expect(try service.totals().withoutZeroes == [.initialPositive: 1, .casesScreened: 1, .casesSuspected: 1])
        #expect(try service.totals().withoutZeroes == service.countyTotals().withoutZeroes)
    }

    @Test func `a correction that moves a confirmed case moves the child with it`() throws {
        let service = try TestService.reporting()
        let before = result(ann, .initial, .positive)
        try service.deliver(accepted(before, id: "r1"))
        try service.deliver(accepted(result(ann, .diagnosis, .positive), id: "r2"))
        let moved = child("ann", in: shizhong)
        try service.deliver(
            ResultCorrected(
                caseID: caseID(ann), before: before, after: result(moved, .initial, .positive), bureau: OrganisationID(trusted: "bureau-1"),
                resultID: "r1", revision: 2))
        for measure in [Measure.casesConfirmed, .childrenConfirmed] {
            #expect(try service.totals("370102")[measure, default: 0] == 0, "\(measure)")
            #expect(try service.totals("370103")[measure] == 1, "\(measure)")
        }
    }

    @Test func `a child whose first diagnosis was withdrawn counts where the next one does`() throws {
        let service = try TestService.reporting()
        let hearing = result(ann, .diagnosis, .positive, on: "2024-01-10")
        let autism = result(child("ann", in: shizhong), .diagnosis, .positive, on: "2024-03-10", topic: .autism)
        func places() throws -> [String: Int64] {
            try service.database.read { tx in
                Dictionary(
                    uniqueKeysWithValues: try FigureQueries.sums(.init(), by: .month, in: tx)
                        .filter { $0.measure == .childrenConfirmed && $0.value != 0 }.map { ($0.group, $0.value) })
            }
        }
        try service.deliver(accepted(autism, id: "b"))
        try service.deliver(accepted(hearing, id: "a"))
        #expect(try places() == ["2024-01": 1], "the earlier one, whichever came first")
        try service.deliver(
            ResultWithdrawn(
                caseID: caseID(ann), result: hearing, bureau: OrganisationID(trusted: "bureau-1"), resultID: "a", revision: 2))
        #expect(try places() == ["2024-03": 1])
        #expect(try service.totals("370102")[.childrenConfirmed, default: 0] == 0)
        #expect(try service.totals("370103")[.childrenConfirmed] == 1)
    }

    /// The diagnosis of a Monday; its fifth working day, over the holiday on the tenth of June, is the eleventh.
    @Test(arguments: [("2024-06-03", Int64(1)), ("2024-06-11", 1), ("2024-06-12", 0)])
    func `a case is shared in time up to the fifth working day after its diagnosis`(date: String, inTime: Int64) throws {
        let service = try TestService.reporting(date)
        try service.deliver(accepted(result(ann, .diagnosis, .positive, on: "2024-06-03")))
        try service.deliver(
            CaseShared(caseID: caseID(ann), facts: ann, topic: .hearing, category: .hearing, diagnosedOn: day("2024-06-03")))
        let totals = try service.totals()
        #expect(totals[.casesShared] == 1 && totals[.casesSharedInTime, default: 0] == inTime)
        let value = try service.database.read {
            try Standing.toDate(on: day(date), in: $0).value(IndicatorCatalogue["21"]!, region("370102"))
        }
        #expect(value.numerator == inTime && value.denominator == 1)
        try service.deliver(CaseShareRevoked(caseID: caseID(ann), facts: ann, topic: .hearing, reason: "corrected"))
        #expect(try service.totals()[.casesSharedInTime, default: 0] == 0)
    }

    @Test func `a quarter counts as settled when money was paid in it, whatever the settlement is named after`() throws {
        let service = try TestService.reporting()
        let centre = OrganisationID(trusted: "centre-1")
        for number in 1...4 {
            try service.deliver(served(ann, "2024-\(number < 4 ? "0" : "")\(number * 3)", days: 20))
            try service.deliver(
                SettlementPaid(
                    settlement: SettlementID(trusted: "s\(number)"), institution: centre, region: region("370102"),
                    quarter: Quarter(year: 2024, number: number), lines: 1, totalFen: Fen(160_000), paidOn: day("2024-12-20")))
        }
        func value(_ period: String) throws -> IndicatorValue {
            try service.database.read {
                try Standing.of(Period(period), on: day("2025-01-10"), in: $0).value(IndicatorCatalogue["14"]!, region("370102"))
            }
        }
        #expect(try value("2024") == IndicatorValue(rate: 1, of: 4))
        #expect(try value("2024-Q1") == IndicatorValue(rate: 0, of: 1))
        #expect(try value("2024-Q4") == IndicatorValue(rate: 1, of: 1))
    }

    @Test func `a child is assisted in each year in which it was served, not because it was enrolled`() throws {
        let service = try TestService.reporting()
        func children(_ period: String) throws -> Int64? {
            try service.database.read {
                try Standing.of(Period(period), on: day("2026-01-10"), in: $0).value(IndicatorCatalogue["12"]!, region("370102")).numerator
            }
        }
        try service.deliver(approved(ann))
        try service.deliver(enrolled(ann))
        try service.deliver(served(ann, "2024-06", days: 0))
        #expect(try children("2024") == 0)
        for month in ["2024-08", "2024-07", "2025-01", "2025-02"] { try service.deliver(served(ann, month, days: 3)) }
        #expect(try children("2024") == 1 && children("2025") == 1 && children("2026") == 0)
        #expect(try children("2024-07") == 1 && children("2024-08") == 0)
    }

    @Test func `an agreement counts once, however often it is told`() throws {
        let service = try TestService.reporting()
        func tell(_ name: String, places: Int, from date: String) throws {
            try service.deliver(
                AgreementActivated(
                    institution: OrganisationID(trusted: name), region: region("370102"), categories: [.hearing], capacity: places,
                    validFrom: day(date), validTo: day("2026-12-31")))
        }
        try tell("centre-1", places: 5, from: "2024-01-01")
        try tell("centre-1", places: 9, from: "2024-01-01")
        #expect(try service.totals()[.agreements] == 1)
        try tell("centre-1", places: 9, from: "2025-01-01")
        try tell("centre-2", places: 5, from: "2024-01-01")
        #expect(try service.totals()[.agreements] == 3)
    }

    @Test func `a repeated record is counted once`() throws {
        let service = try TestService.reporting()
        let event = accepted(result(ann, .initial, .positive))
        let number = try service.deliver(event)
        try service.deliver(event, number: number)
        #expect(try service.totals()[.initialPositive] == 1)
    }

    @Test func `every step of one child's way is counted`() throws {
        let service = try TestService.reporting()
        try service.deliverWholeWay(of: ann)
        let totals = try service.totals().withoutZeroes
        let ones: [Measure] = [
            .casesScreened, .casesSuspected, .casesRescreened, .casesStillSuspected, .casesDiagnosed, .casesConfirmed, .casesShared,
            .casesSharedInTime, .referralsProposed, .referralsIssued, .referralsAccepted, .applied, .materialsComplete, .approved, .decided,
            .decidedOnTime,
            .institutionsConfirmed, .enrolled, .childrenConfirmed, .childrenServed, .childrenAssisted, .trainingMonths, .completed,
            .settlementsSubmitted, .settlementsApproved, .settlementsPaid, .settlementLinesPaid, .agreements, .personsProvisional,
            .certificates, .jobSeekers, .trained, .jobSeekersTrained, .jobSeekersTrainedPlaced, .placements, .placementsStable,
            .stableEmployments, .employmentConfirmations,
        ]
        for measure in ones { #expect(totals[measure] == 1, "\(measure)") }
        #expect(totals[.grossFen] == 300_000 && totals[.insuranceFen] == 110_000 && totals[.selfPayFen] == 190_000)
        #expect(totals[.subsidyFen] == 160_000 && totals[.parentsFen] == 30_000 && totals[.settlementPaidFen] == 160_000)
        #expect(try service.countyTotals().withoutZeroes == totals)
    }

    @Test func `a corrected training month leaves exactly what stands`() throws {
        let facts = ann
        func line(_ gross: Int64, counted: Bool) -> SettlementLine {
            SettlementLine(
                line: LineID(trusted: "l1"), month: month("2024-06"), ordinal: counted ? 1 : 0, serviceDays: counted ? 20 : 3,
                counted: counted, grossFen: Fen(gross), basicInsuranceFen: Fen(100), seriousIllnessFen: .zero, medicalReliefFen: .zero,
                otherInsuranceFen: Fen(50), selfPayFen: Fen(gross - 150), subsidyFen: counted ? Fen(gross - 200) : .zero,
                parentsFen: counted ? Fen(50) : Fen(gross - 150), policyVersion: "v1")
        }
        func totals(_ lines: [SettlementLine]) throws -> [Measure: Int64] {
            let service = try TestService.reporting()
            let ids = (EnrolmentID(trusted: "e1"), ApplicationID(trusted: "a1"), OrganisationID(trusted: "centre"))
            try service.deliver(
                TrainingMonthRecorded(
                    enrolment: ids.0, application: ids.1, facts: facts, category: .hearing, institution: ids.2, line: lines[0]))
            for (index, pair) in zip(lines, lines.dropFirst()).enumerated() {
                try service.deliver(
                    TrainingMonthCorrected(
                        enrolment: ids.0, application: ids.1, facts: facts, category: .hearing, institution: ids.2, before: pair.0,
                        after: pair.1, revision: index + 2, correctedMonth: month("2024-06"), reason: "late"))
            }
            #expect(try service.countyTotals().withoutZeroes == service.totals().withoutZeroes)
            return try service.totals().withoutZeroes
        }
        let (wrong, uncounted, right) = (line(900_000, counted: true), line(200_000, counted: false), line(300_000, counted: true))
        #expect(try totals([wrong, uncounted]) == totals([uncounted]))
        #expect(try totals([wrong, uncounted, right]) == totals([right]))
    }

    @Test func `figures come out by month, topic, sex, age band and region`() throws {
        let service = try TestService.reporting()
        try service.deliver(accepted(result(ann, .initial, .positive, on: "2024-05-31")))
        try service.deliver(accepted(result(ben, .initial, .positive, on: "2024-06-01", topic: .autism)))
        func groups(_ dimension: FigureQueries.Dimension) throws -> [String: Int64] {
            try service.database.read { tx in
                Dictionary(
                    uniqueKeysWithValues: try FigureQueries.sums(.init(regions: [region("37")]), by: dimension, in: tx)
                        .filter { $0.measure == .casesSuspected }.map { ($0.group, $0.value) })
            }
        }
        #expect(try groups(.month) == ["2024-05": 1, "2024-06": 1])
        #expect(try groups(.topic) == ["hearing": 1, "autism": 1])
        #expect(try groups(.sex) == ["female": 1, "male": 1])
        #expect(try groups(.ageBand) == ["0-6": 2])
        #expect(try groups(.region) == ["370102001": 1, "370103001": 1])
    }

    @Test func `the indicators of one child's way are whole`() throws {
        let service = try TestService.reporting()
        try service.deliverWholeWay(of: ann)
        let basis = try service.database.read { try Standing.toDate(on: day("2025-06-30"), in: $0) }
        func value(_ id: String) -> IndicatorValue { basis.value(IndicatorCatalogue[id]!, region("370102")) }
        for id in ["13", "14", "16", "18", "19", "21", "28", "29"] { #expect(value(id).basisPoints == 10_000, "\(id)") }
        #expect(value("15").basisPoints == 1_000)
        #expect(value("9").numerator == 1 && value("12").numerator == 1)
    }

    @Test func `a job that began less than six months ago does not count for stability yet`() throws {
        let service = try TestService.reporting()
        try service.deliver(
            PlacementRecorded(
                placement: PlacementID(trusted: "p1"), jobSeeker: JobSeekerID(trusted: "j1"), facts: child("cai", born: "2000-01"),
                employer: OrganisationID(trusted: "e1"), form: .proportional, startedOn: day("2024-06-03"),
                contractUntil: day("2025-06-02"),
                monthlyWageFen: Fen(250_000)))
        func denominator(_ date: String) throws -> Int64? {
            try service.database.read {
                try Standing.toDate(on: day(date), in: $0).value(IndicatorCatalogue["29"]!, region("37")).denominator
            }
        }
        #expect(try denominator("2024-12-31") == 0)
        #expect(try denominator("2025-01-01") == 1)
    }
}

extension TestService {
    /// All facts of a child that is screened, diagnosed, referred, assisted, trained and, as it were at once, employed.
    func deliverWholeWay(of facts: PersonFacts) throws {
        let centre = OrganisationID(trusted: "centre-1")
        let referral = ReferralID(trusted: "r1")
        let application = ApplicationID(trusted: "a1")
        let enrolment = EnrolmentID(trusted: "e1")
        let id = caseID(facts)
        let adult = PersonFacts(person: facts.person, sex: facts.sex, birthMonth: month("2000-01"), region: facts.region)
        try deliver(
            AgreementActivated(
                institution: centre, region: region("370102"), categories: [.hearing], capacity: 5, validFrom: day("2024-01-01"),
                validTo: day("2026-12-31")))
        try deliver(accepted(result(facts, .initial, .positive)))
        try deliver(accepted(result(facts, .rescreen, .positive)))
        try deliver(accepted(result(facts, .diagnosis, .positive)))
        try deliver(CaseShared(caseID: id, facts: facts, topic: .hearing, category: .hearing, diagnosedOn: day("2024-06-03")))
        try deliver(PersonRegistered(facts: facts, provisional: true, origin: .screeningCase))
        try deliver(
            ReferralProposed(referral: referral, caseID: id, facts: facts, category: .hearing, candidates: [], chooseBy: day("2024-06-11")))
        try deliver(
            ReferralIssued(
                referral: referral, attempt: 1, caseID: id, facts: facts, category: .hearing, institution: centre, chosenBy: .guardian,
                respondBy: day("2024-06-18")))
        try deliver(ReferralConfirmed(referral: referral, attempt: 1, facts: facts, category: .hearing, institution: centre))
        try deliver(
            AssistanceApplied(
                application: application, facts: facts, category: .hearing, referral: referral, planYear: 2024, residenceBasis: .hukou))
        try deliver(MaterialsCompleted(application: application, facts: facts, category: .hearing, decideBy: day("2024-06-12")))
        try deliver(
            AssistanceApproved(
                application: application, facts: facts, category: .hearing, mode: .centralised, standardFen: Fen(1_600_000), months: 10,
                policyVersion: "v1", policyStanding: .assumption, onTime: true))
        try deliver(InstitutionConfirmed(application: application, facts: facts, institution: centre))
        try deliver(
            Enrolled(
                enrolment: enrolment, application: application, facts: facts, category: .hearing, institution: centre, mode: .centralised,
                startedOn: day("2024-06-03"), policyVersion: "v1"))
        try deliver(
            TrainingMonthRecorded(
                enrolment: enrolment, application: application, facts: facts, category: .hearing, institution: centre,
                line: SettlementLine(
                    line: LineID(trusted: "l1"), month: month("2024-06"), ordinal: 1, serviceDays: 20, counted: true,
                    grossFen: Fen(300_000),
                    basicInsuranceFen: Fen(110_000), seriousIllnessFen: .zero, medicalReliefFen: .zero, otherInsuranceFen: .zero,
                    selfPayFen: Fen(190_000), subsidyFen: Fen(160_000), parentsFen: Fen(30_000), policyVersion: "v1")))
        try deliver(
            EnrolmentCompleted(
                enrolment: enrolment, application: application, facts: facts, category: .hearing, institution: centre, outcome: .completed,
                monthsCounted: 10, endedOn: day("2024-06-30")))
        let settlement = SettlementID(trusted: "s1")
        let quarter = Quarter(year: 2024, number: 2)
        try deliver(
            SettlementSubmitted(
                settlement: settlement, institution: centre, region: region("370102"), quarter: quarter, lines: 1, totalFen: Fen(160_000)))
        try deliver(
            SettlementApproved(
                settlement: settlement, institution: centre, region: region("370102"), quarter: quarter, lines: 1, totalFen: Fen(160_000)))
        try deliver(
            SettlementPaid(
                settlement: settlement, institution: centre, region: region("370102"), quarter: quarter, lines: 1, totalFen: Fen(160_000),
                paidOn: day("2024-06-30")))
        try deliver(
            CertificateIssued(
                certificate: CertificateID(trusted: "c1"), facts: facts, category: .hearing, grade: .two, validFrom: day("2024-06-03"),
                validTo: day("2034-06-02")))
        let seeker = JobSeekerID(trusted: "j1")
        let job = PlacementID(trusted: "p1")
        let employer = OrganisationID(trusted: "emp-1")
        try deliver(JobSeekerRegistered(jobSeeker: seeker, facts: adult, origin: .rehabilitation, consentToShare: true))
        try deliver(TrainingCompleted(jobSeeker: seeker, facts: adult, kind: .skill, hours: 80))
        try deliver(
            PlacementRecorded(
                placement: job, jobSeeker: seeker, facts: adult, employer: employer, form: .proportional, startedOn: day("2024-06-10"),
                contractUntil: day("2025-06-09"), monthlyWageFen: Fen(250_000)))
        try deliver(EmploymentConfirmed(placement: job, jobSeeker: seeker, facts: adult, employer: employer, month: 6))
        try deliver(
            StableEmploymentReached(placement: job, jobSeeker: seeker, facts: adult, employer: employer, reachedOn: day("2024-12-10")))
    }
}
