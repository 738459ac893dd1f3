import Contracts
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Bench = RehabilitationBench

/// The store itself holds that one month of a child counts once, whatever the rules think; what an earlier build let pass stays.
struct CountedOnceTests {
    private static let second = EnrolmentID(trusted: "enrolment-second")
    private struct Undone: Error {}

    /// A training that is over, with one month that counts.
    private static func over(_ month: String, person: PersonID = Sample.person) throws -> Enrolment {
        var state = Enrolment(details: Sample.details(), status: .inTraining, lines: [])
        state.details.facts = Sample.facts(person)
        let report = Sample.report(month, line: "\(second)-\(month)")
        let said = try EnrolmentRules.decide(.recordMonth(report, requiredDays: 20, on: Sample.date("2024-12-31")), given: state)
        for event in said { state = EnrolmentRules.evolve(state, with: event) }
        return EnrolmentRules.evolve(state, with: .ended(.droppedOut, on: Sample.date("2024-08-31"), monthsCounted: 1))
    }

    /// Enrolled on 5 June 2024, with July counted, and ended.
    private func trained() throws -> Bench {
        let bench = try Bench()
        try bench.agree()
        let enrolment = try bench.enrol(try bench.approvedApplication())
        try bench.passDay("2024-08-01")
        try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month("2024-07"), as: Bench.centre())
        try bench.ask(.post, "/enrolments/\(enrolment)/end", #"{"outcome":"droppedOut"}"#, as: Bench.centre())
        return bench
    }

    @Test func `past the rules, a second counted line of a child and month trips over an index`() throws {
        let bench = try trained()
        for person in [Sample.person, PersonID(trusted: "person-alias")] {
            for month in ["2024-07", "2024-08"] {
                // Two ids that were merged later are two persons to the index: both go on and are paid.
                let trips = month == "2024-07" && person == Sample.person
                let state = try Self.over(month, person: person)
                #expect("\(person) \(month)") {
                    try bench.service.database.write { tx in
                        try EnrolmentTable.insert(Self.second, state, in: tx)
                        throw Undone()
                    }
                } throws: { error in trips ? (error as? DatabaseError)?.kind == .constraint : error is Undone }
            }
        }
    }

    @Test func `a store in which a month counted twice is upgraded as it is, and none counts twice from then on`() throws {
        let store = try TemporaryStore()
        try store.database.migrate(Array(RehabilitationSchema.migrations.prefix { $0.name != "rehabilitation-4-a-month-counts-once" }))
        func insert(_ enrolment: String, _ month: String, _ line: String, counted: Int = 1) throws {
            try store.database.write { tx in
                try tx.run(
                    SQL(
                        """
                        INSERT INTO lines (line, enrolment, position, institution, month, ordinal, service_days, counted, gross_fen,
                            basic_insurance_fen, serious_illness_fen, medical_relief_fen, other_insurance_fen, self_pay_fen, subsidy_fen,
                            parents_fen, policy_version)
                        VALUES (?, ?, 0, 'centre-a', ?, 1, 20, ?, 1, 0, 0, 0, 0, 1, 1, 0, 'test-1')
                        """), [.text(line), .text(enrolment), .text(month), .int(counted)])
            }
        }
        for (enrolment, person) in [("e-1", "p-1"), ("e-2", "p-1"), ("e-3", "p-2")] {
            try store.database.write { tx in
                try tx.run(
                    SQL(
                        """
                        INSERT INTO enrolments (enrolment, application, person, sex, birth_month, region, category, institution, band, mode,
                            standard_fen, months, cap_mode, min_service_days, review_working_days, policy_version, policy_standing,
                            started_on, status, outcome, ended_on, version)
                        VALUES (?, 'a', ?, 'female', '2020-03', '419001001', 'hearing', 'centre-a', '0-6', 'centralised', 1, 10,
                            'cumulative', 20, 5, 'test-1', 'assumption', '2024-01-01', 'ended', 'completed', '2024-12-31', 1)
                        """), [.text(enrolment), .text(person)])
            }
        }
        try insert("e-1", "2024-07", "l-1")
        try insert("e-2", "2024-07", "l-2")
        try insert("e-3", "2024-07", "l-3")
        try insert("e-2", "2024-08", "l-4", counted: 0)
        try store.database.migrate(RehabilitationSchema.migrations)
        let persons = try store.database.read { tx in
            try tx.rows(SQL("SELECT line, person, counted FROM lines ORDER BY line")) { row in
                "\(row.text(0)) \(row.textOrNil(1) ?? "-") \(row.int(2))"
            }
        }
        #expect(persons == ["l-1 p-1 1", "l-2 - 1", "l-3 p-2 1", "l-4 p-1 0"])
        // Its training goes on being saved, as when another of its months is recorded.
        try store.database.write { tx in
            let key = EnrolmentID(trusted: "e-2")
            let stored = try #require(try EnrolmentTable.load(key, in: tx))
            #expect(Set(stored.state.lines.map(\.line.text)) == ["l-2", "l-4"])
            #expect(try EnrolmentTable.update(key, stored.state, expecting: stored.version, in: tx))
        }
        #expect(throws: DatabaseError.self) {
            try store.database.write { try $0.run(SQL("UPDATE lines SET person = 'p-1' WHERE line = 'l-2'")) }
        }
    }

    @Test(.enabled(if: Store.chosen == .sqlite, "a backup here is a copy of SQLite's file"))
    func `a month that an earlier build counted twice comes back from the log`() throws {
        let bench = try trained()
        let backup = try bench.service.backUp()
        let state = try Self.over("2024-07")
        let application = try #require(try bench.service.said(Enrolled.self).first).application
        let line = try #require(state.lines.first)
        _ = try bench.service.engine.perform(
            Cause(id: "earlier-build", recorded: bench.service.clock.now, actor: Bench.centre(), channel: "WINDOW")
        ) { work in
            let details = state.details
            work.publish(
                Enrolled(
                    enrolment: Self.second, application: application, facts: details.facts, category: details.category,
                    institution: details.institution, mode: details.terms.mode, startedOn: details.startedOn, policyVersion: "test-1"))
            work.publish(
                TrainingMonthRecorded(
                    enrolment: Self.second, application: application, facts: details.facts, category: details.category,
                    institution: details.institution, line: line))
        }
        try bench.service.settle()
        let restored = try bench.service.started(from: backup)
        #expect(try restored.engine.restore().notRebuilt.isEmpty)
        let counted = try restored.database.read { tx in
            try tx.rows(SQL("SELECT line FROM lines WHERE month = '2024-07' AND counted = 1")) { $0.text(0) }
        }
        #expect(counted.count == 2 && counted.contains(line.line.text))
    }
}
