import Contracts
import Foundation
import Persistence
import ServiceRuntime
import TestSupport
import Vocabulary

@testable import Reporting

func day(_ text: String) -> LocalDate { try! LocalDate(text) }
func month(_ text: String) -> YearMonth { try! YearMonth(text) }
func region(_ text: String) -> RegionCode { RegionCode(trusted: text) }

let lixia = region("370102001")
let shizhong = region("370103001")

func child(_ name: String, in place: RegionCode = lixia, sex: Sex = .female, born: String = "2021-03") -> PersonFacts {
    PersonFacts(person: PersonID(trusted: name), sex: sex, birthMonth: month(born), region: place)
}

func result(
    _ facts: PersonFacts, _ stage: ScreeningStage, _ outcome: ScreeningOutcome, on date: String = "2024-06-03",
    topic: ScreeningTopic = .hearing
) -> ResultFacts {
    ResultFacts(facts: facts, topic: topic, stage: stage, outcome: outcome, takenOn: day(date), roundMonths: 36)
}

func caseID(_ facts: PersonFacts, _ topic: ScreeningTopic = .hearing) -> CaseID {
    CaseID(trusted: "case-\(facts.person.text)-\(topic.rawValue)")
}

func accepted(_ result: ResultFacts, id: String? = nil) -> ResultAccepted {
    ResultAccepted(
        caseID: caseID(result.facts, result.topic), result: result, bureau: OrganisationID(trusted: "bureau-1"),
        resultID: id ?? "\(result.facts.person.text)-\(result.stage.rawValue)-\(result.takenOn)", revision: 1)
}

func approved(_ child: PersonFacts) -> AssistanceApproved {
    AssistanceApproved(
        application: ApplicationID(trusted: "app-\(child.person)"), facts: child, category: .hearing, mode: .centralised,
        standardFen: Fen(1_600_000), months: 10, policyVersion: "test-1", policyStanding: .assumption, onTime: true)
}

func enrolled(_ child: PersonFacts) -> Enrolled {
    Enrolled(
        enrolment: EnrolmentID(trusted: "en-\(child.person)"), application: ApplicationID(trusted: "app-\(child.person)"), facts: child,
        category: .hearing, institution: OrganisationID(trusted: "rc-1"), mode: .centralised, startedOn: day("2024-06-03"),
        policyVersion: "test-1")
}

/// One recorded month.
func served(_ child: PersonFacts, _ month: String, days: Int) -> TrainingMonthRecorded {
    TrainingMonthRecorded(
        enrolment: EnrolmentID(trusted: "en-\(child.person)"), application: ApplicationID(trusted: "app-\(child.person)"), facts: child,
        category: .hearing, institution: OrganisationID(trusted: "centre-1"),
        line: SettlementLine(
            line: LineID(trusted: "l-\(child.person)-\(month)"), month: try! YearMonth(month), ordinal: 1, serviceDays: days,
            counted: days >= 20, grossFen: Fen(300_000), basicInsuranceFen: Fen(110_000), seriousIllnessFen: .zero,
            medicalReliefFen: .zero, otherInsuranceFen: .zero, selfPayFen: Fen(190_000), subsidyFen: Fen(160_000),
            parentsFen: Fen(30_000), policyVersion: "v1"))
}

/// Exact readers of Shandong.
let dashboard = Actor(organisation: OrganisationID(trusted: "dpf-37"), role: .dashboard, user: "u1", region: region("37"))
/// Whose region is all that is published here.
let reviewer = Actor(organisation: OrganisationID(trusted: "dpf-37"), role: .reviewer, user: "u2", region: region("37"))

extension TestService {
    static func reporting(_ today: String = "2024-06-03") throws -> TestService {
        try TestService(ReportingService.definition, today: day(today))
    }

    /// The totals of a region by measure, from the fine figures.
    func totals(_ place: String = "37") throws -> Figures {
        try database.read { tx in try FigureRoutes.sum(FigureQueries.Filter(regions: [region(place)]), in: tx) }
    }

    /// The same from the county totals.
    func countyTotals() throws -> Figures {
        try database.read { tx in try CountyTotalTable.all(in: tx).reduce(into: Figures()) { $0[$1.measure, default: 0] += $1.value } }
    }
}

extension Dictionary where Key == Measure, Value == Int64 {
    var withoutZeroes: Figures { filter { $0.value != 0 } }
}

struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init() {
        seed = ProcessInfo.processInfo.environment["CARELOOP_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 1...1_000_000)
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
