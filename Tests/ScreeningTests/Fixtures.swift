import Contracts
import Foundation
import ServiceRuntime
import TestSupport
import Vocabulary

@testable import Screening

func day(_ text: String) -> LocalDate { try! LocalDate(text) }

enum Sample {
    static let today = day("2024-06-03")
    static let township = RegionCode(trusted: "370303001")
    static let bureau = OrganisationID(trusted: "hb-370303")
    static let person = PersonID(trusted: "p1-0123456789abcdef0123456789abcdef")
    static let near = OrganisationID(trusted: "rc-near")
    static let far = OrganisationID(trusted: "rc-far")

    static let policy = ScreeningPolicy(
        version: "test-1", topics: Set(ScreeningTopic.allCases), ageLimitYears: 7, rescreenDays: 30, diagnosisDays: 90,
        sharingStage: .diagnosed, chooseWorkingDays: 5, respondWorkingDays: 10, reach: .sameProvince)

    static let child = ChildIdentity(
        documentKind: .citizenID, documentNumber: "379999202001010017", name: "测试儿童", sex: .male, birthDate: day("2020-01-01"),
        birthOrder: 1,
        guardianName: "测试监护人", guardianTelephone: "000-12345678", residence: township)

    static let facts = PersonFacts(person: person, sex: .male, birthMonth: YearMonth(year: 2020, month: 1), region: township)

    static func entry(
        _ id: String, _ stage: ScreeningStage, _ outcome: ScreeningOutcome, on date: String = "2024-06-03", round: Int = 48,
        revision: Int = 1
    ) -> ResultEntry {
        ResultEntry(
            bureau: bureau, resultID: id, revision: revision,
            result: ResultFacts(facts: facts, topic: .hearing, stage: stage, outcome: outcome, takenOn: day(date), roundMonths: round))
    }

    static func submission(_ entry: ResultEntry, today: LocalDate = day("2026-01-01"), policy: ScreeningPolicy = policy)
        -> CaseRules.Submission
    {
        CaseRules.Submission(entry: entry, birthDate: child.birthDate, identity: child, today: today, policy: policy)
    }

    static func withdrawal(_ id: String, revision: Int = 2) -> CaseRules.Command {
        .withdraw(CaseRules.Withdrawal(bureau: bureau, resultID: id, revision: revision, reason: "entered by mistake", policy: policy))
    }

    /// A valid citizen ID of an unassigned region.
    static func citizenID(_ birth: String, sequence: Int) -> String {
        CitizenID.make(prefix: 379_999, birth: day(birth), sequence: sequence).text
    }

    /// A row that breaks no rule.
    static func row(_ change: (inout ResultRow) -> Void = { _ in }) -> ResultRow {
        var row = ResultRow()
        row[.resultID] = "r-1"
        row[.revision] = "1"
        row[.stage] = "initial"
        row[.topic] = "hearing"
        row[.outcome] = "negative"
        row[.takenOn] = "2024-06-03"
        row[.roundMonths] = "48"
        row[.documentKind] = "citizen-id"
        row[.documentNumber] = citizenID("2020-01-01", sequence: 1)
        row[.name] = "测试儿童"
        row[.sex] = "男"
        row[.birthDate] = "2020-01-01"
        row[.birthOrder] = "1"
        row[.guardianName] = "测试监护人"
        row[.guardianTelephone] = "000-12345678"
        row[.residence] = "370303001"
        change(&row)
        return row
    }

    /// The same as the published schema's value.
    static func raw(
        _ id: String, _ stage: String, _ outcome: String, on date: String = "2024-06-03", revision: Int = 1, sequence: Int = 1,
        round: Int = 48
    ) -> RawScreeningResult {
        var raw = RawScreeningResult()
        raw.resultID = id
        raw.revision = revision
        raw.stage = stage
        raw.topic = "hearing"
        raw.outcome = outcome
        raw.takenOn = date
        raw.roundMonths = round
        var child = RawResultChild()
        child.documentKind = "citizen-id"
        child.documentNumber = citizenID("2020-01-01", sequence: sequence)
        child.name = "测试儿童"
        child.sex = sequence % 2 == 1 ? "1" : "2"
        child.birthDate = "2020-01-01"
        child.guardianName = "测试监护人"
        child.guardianTelephone = "000-12345678"
        child.residence = "370303001"
        raw.child = child
        return raw
    }

    static func context(
        keys: ShortLivedKeys = ShortLivedKeys(directory: nil, keptDays: 7), policies: ScreeningPolicies = .shared
    ) throws -> ScreeningContext {
        ScreeningContext(
            personKey: try PersonKey(file: "1 " + String(repeating: "0f", count: 32)), rowKeys: keys, policies: policies)
    }

    static let clerk = Actor(
        organisation: OrganisationID(trusted: "dpf-370303"), role: .clerk, user: "c1", region: RegionCode(trusted: "3703"))
    static let bureauUser = Actor(organisation: bureau, role: .healthBureau, user: "b1", region: RegionCode(trusted: "3703"))
}

/// Screening on a real store, with the HTTP interface beside it.
final class Bench {
    let service: TestService
    let interface: ServiceInterface

    convenience init(_ context: ScreeningContext? = nil, today: LocalDate = Sample.today) throws {
        self.init(try TestService(ScreeningService.definition(try context ?? Sample.context()), today: today))
    }

    init(_ service: TestService) {
        self.service = service
        interface = ServiceInterface(
            engine: service.engine, endpoints: service.definition.endpoints, refusals: service.definition.refusals, tokens: nil)
    }

    /// A bureau's record on its topic, as JSON.
    func send(_ raw: RawScreeningResult, from bureau: OrganisationID = Sample.bureau) throws {
        try service.deliver(
            partner: RawScreeningResult.topic, organisation: bureau, key: raw.resultID, value: Array(raw.json().utf8), headers: [])
    }

    /// An institution with an agreement for hearing from the start of 2024 to the end of 2026.
    func open(_ institution: OrganisationID, at region: String, capacity: Int = 5, taken: Int = 0) throws {
        try service.deliver(
            AgreementActivated(
                institution: institution, region: RegionCode(trusted: region), categories: [.hearing], capacity: capacity,
                validFrom: day("2024-01-01"), validTo: day("2026-12-31")))
        try service.deliver(PlacesChanged(institution: institution, capacity: capacity, taken: taken))
    }

    /// Initial screen, re-screen and diagnosis of one child, all positive.
    func diagnose(sequence: Int = 1) throws {
        try send(Sample.raw("i-\(sequence)", "initial", "positive", on: "2024-05-06", sequence: sequence))
        try send(Sample.raw("r-\(sequence)", "rescreen", "positive", on: "2024-05-20", sequence: sequence))
        try send(Sample.raw("d-\(sequence)", "diagnosis", "positive", on: "2024-06-03", sequence: sequence))
    }

    func claim(_ issued: ReferralIssued) throws {
        try service.deliver(ReferralClaimed(referral: issued.referral, attempt: issued.attempt, institution: issued.institution))
    }

    func decline(_ issued: ReferralIssued, reason: String = "no therapist") throws {
        try service.deliver(
            ReferralRefused(referral: issued.referral, attempt: issued.attempt, institution: issued.institution, reason: reason))
    }

    func choose(_ institution: OrganisationID, for referral: ReferralID) -> Reply {
        let reply = interface.handle(
            .post, "/referrals/\(referral)/choice", body: Array("{\"institution\":\"\(institution)\"}".utf8), as: Sample.clerk)
        return reply
    }

    func said<Event: ContractEvent>(_ type: Event.Type) throws -> [Event] { try service.said(type) }
}
