import Contracts
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Bench = RehabilitationBench

/// What two instances over one store must not do to each other: the other one commits between this one's reads.
struct TwoInstancesTests {
    let bench: RehabilitationBench
    let enrolment: EnrolmentID

    init() throws {
        bench = try Bench()
        try bench.agree()
        enrolment = try bench.enrol(try bench.approvedApplication())
        try bench.passDay("2024-10-08")
        try bench.ask(.post, "/enrolments/\(enrolment)/months", RehabilitationBench.month("2024-07"), as: Bench.centre())
    }

    @Test func `a month recorded in another instance between two reads of an enrolment is met by its version`() throws {
        let saved = try bench.service.database.write { tx in
            let overtaken = OvertakenTransaction(tx) { tx in
                let current = try #require(try EnrolmentTable.load(enrolment, in: tx))
                var other = current.state
                let more = try EnrolmentRules.decide(
                    .recordMonth(Sample.report("2024-08"), requiredDays: 20, on: Sample.date("2024-10-08")), given: other)
                for event in more { other = EnrolmentRules.evolve(other, with: event) }
                #expect(try EnrolmentTable.update(enrolment, other, expecting: current.version, in: tx))
            }
            let mine = try #require(try EnrolmentTable.load(enrolment, in: overtaken))
            return try EnrolmentTable.update(enrolment, mine.state, expecting: mine.version, in: tx)
        }
        #expect(!saved, "what was read before the other's month must not be saved after it")
    }

    @Test func `a settlement sent back in another instance between two reads is met by its version`() throws {
        let submit = #"{"institution":"centre-a","quarter":"2024-Q3"}"#
        let id = try bench.ask(.post, "/settlements", submit, as: Bench.clerk).decode(SettlementView.self).settlement
        let saved = try bench.service.database.write { tx in
            let overtaken = OvertakenTransaction(tx) { tx in
                let current = try #require(try SettlementTable.load(id, in: tx))
                var other = current.state
                other.status = .rejected
                other.rejection = Settlement.Rejection(by: "reviewer", on: Sample.date("2024-10-08"), reason: "缺少票据")
                #expect(try SettlementTable.update(id, other, expecting: current.version, in: tx))
            }
            var mine = try #require(try SettlementTable.load(id, in: overtaken))
            var approved = mine.state
            approved.status = .approved
            mine = Stored(approved, version: mine.version)
            return try SettlementTable.update(id, mine.state, expecting: mine.version, in: tx)
        }
        #expect(!saved)
    }
}
