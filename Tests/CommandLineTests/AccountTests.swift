import Contracts
import Foundation
import Messaging
import SQLiteStatements
import Testing
import Vocabulary

@testable import CareLoopTool

@Suite struct AccountTests {
    private func account(
        partners: [String: Int64], stores: [String: Int64], log: [String: Int64], page: [String: Int64] = [:], equations: [Equation] = []
    ) throws -> Account {
        Account(
            settings: try RunSettings(environment: [:]),
            figures: [Figure(key: "a", name: Text("甲", "a")), Figure(key: "b", name: Text("乙", "b"), log: false)], equations: equations,
            partners: partners, stores: stores, log: log, page: page)
    }

    @Test func `three columns that agree tie out`() throws {
        #expect(try account(partners: ["a": 3, "b": 1], stores: ["a": 3, "b": 1], log: ["a": 3]).tiesOut)
    }

    @Test(arguments: ["partners", "stores", "log", "page"]) func `one figure that differs in one column does not`(_ column: String) throws {
        func values(_ name: String) -> [String: Int64] { ["a": name == column ? 2 : 3, "b": 1] }
        let account = try account(partners: values("partners"), stores: values("stores"), log: values("log"), page: values("page"))
        #expect(!account.tiesOut)
        #expect(account.lines.filter { !$0.ties }.map(\.key) == ["a"])
    }

    @Test func `a column that has to know a figure and has none counts nought`() throws {
        #expect(!(try account(partners: ["a": 3, "b": 1], stores: ["a": 3, "b": 1], log: [:]).tiesOut))
    }

    @Test func `a sum that does not hold breaks the account although all columns agree`() throws {
        let equation = Equation(name: Text("甲=乙", "a=b"), whole: ["a"], parts: ["b"])
        let same: [String: Int64] = ["a": 3, "b": 2]
        let account = try account(partners: same, stores: same, log: same, equations: [equation])
        #expect(!account.tiesOut)
        // The log does not know b, so nothing is claimed about it.
        #expect(account.sums.map(\.column) == ["partners", "stores"])
    }

    @Test func `every figure and equation speaks of known keys`() {
        let keys = Set(Figures.all.map(\.key))
        #expect(keys.count == Figures.all.count)
        for equation in Figures.equations {
            for key in equation.whole + equation.parts { #expect(keys.contains(key)) }
        }
    }

    @Test func `the log column counts each number once and follows what was taken back`() throws {
        let log = try openEventLog("memory:")
        try log.ensure([TopicPlan(name: ResultAccepted.topic, partitions: 1)])
        let producer = try log.producer(named: "test")
        let facts = PersonFacts(
            person: PersonID(trusted: "p1"), sex: .male, birthMonth: YearMonth(year: 2020, month: 1),
            region: RegionCode(trusted: "370303001"))
        let result = ResultFacts(
            facts: facts, topic: .hearing, stage: .initial, outcome: .negative, takenOn: LocalDate(year: 2024, month: 6, day: 3)!,
            roundMonths: 36)
        let bureau = OrganisationID(trusted: "hb-1")
        func accepted(_ id: String, _ caseID: String, _ number: Int64) -> OutgoingRecord {
            let event = ResultAccepted(caseID: CaseID(trusted: caseID), result: result, bureau: bureau, resultID: id, revision: 1)
            return Self.record(event, number)
        }
        let withdrawn = ResultWithdrawn(caseID: CaseID(trusted: "case-2"), result: result, bureau: bureau, resultID: "r2", revision: 2)
        _ = try producer.send([
            accepted("r1", "case-1", 1), accepted("r2", "case-2", 2), accepted("r2", "case-2", 2),
            Self.record(withdrawn, 3),
        ])
        let column = try LogColumn(log: log).count()
        #expect(column["results.new"] == 2)
        #expect(column["results.withdrawn"] == 1)
        #expect(column["results.standing"] == 1)
        #expect(column["cases"] == 1)
        #expect(try LogColumn(log: log).movedStarts().isEmpty)
    }

    private static func record<Event: ContractEvent>(_ event: Event, _ number: Int64) -> OutgoingRecord {
        let now = SystemInstant.now()
        let meta = EventMeta(
            id: "\(number)", source: "/service", type: Event.type, time: now, sequence: EventSequence(epoch: 1, number: number),
            recorded: now,
            correlation: "c", causation: "c", actor: ActorStamp(role: "service", user: "service"), channel: "KAFKA",
            legalBasis: "STATUTORY")
        return OutgoingRecord(
            topic: Event.topic, partition: 0, key: [1], value: Envelope.encode(meta, data: event.protobuf()),
            headers: [LogHeader(name: "content-type", text: Envelope.contentType)], timestamp: now)
    }

    @Test func `the log column counts a corrected month once, as it stands`() throws {
        let log = try openEventLog("memory:")
        try log.ensure([TopicPlan(name: TrainingMonthRecorded.topic, partitions: 1)])
        let facts = PersonFacts(
            person: PersonID(trusted: "p1"), sex: .male, birthMonth: YearMonth(year: 2020, month: 1),
            region: RegionCode(trusted: "370303001"))
        func line(_ subsidy: Int64) -> SettlementLine {
            SettlementLine(
                line: LineID(trusted: "l1"), month: YearMonth(year: 2024, month: 7), ordinal: subsidy > 0 ? 1 : 0, serviceDays: 20,
                counted: subsidy > 0, grossFen: Fen(1_000), basicInsuranceFen: .zero, seriousIllnessFen: .zero, medicalReliefFen: .zero,
                otherInsuranceFen: .zero, selfPayFen: Fen(1_000), subsidyFen: Fen(subsidy), parentsFen: Fen(1_000 - subsidy),
                policyVersion: "v")
        }
        let ids = (EnrolmentID(trusted: "e1"), ApplicationID(trusted: "a1"), OrganisationID(trusted: "rc-1"))
        func corrected(_ before: Int64, _ after: Int64, _ number: Int64) -> OutgoingRecord {
            let event = TrainingMonthCorrected(
                enrolment: ids.0, application: ids.1, facts: facts, category: .hearing, institution: ids.2, before: line(before),
                after: line(after), revision: Int(number), correctedMonth: YearMonth(year: 2024, month: 7), reason: "")
            return Self.record(event, number)
        }
        let recorded = TrainingMonthRecorded(
            enrolment: ids.0, application: ids.1, facts: facts, category: .hearing, institution: ids.2, line: line(900))
        _ = try log.producer(named: "test").send([Self.record(recorded, 1), corrected(900, 0, 2), corrected(0, 700, 3)])
        let column = try LogColumn(log: log).count()
        #expect(column["months"] == 1 && column["months.counted"] == 1 && column["subsidyFen"] == 700)
    }

    @Test func `a terminal's table counts Chinese as two columns`() {
        let table = Table(header: ["名", "n"], rows: [["甲乙", "1"], ["a", "20"]], right: [1])
        #expect(table.text == "名     n\n甲乙   1\na     20")
    }
}
