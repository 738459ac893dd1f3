import Contracts
import Foundation
import Persistence
import ServiceRuntime
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Bench = RehabilitationBench

/// A recorded month that was wrong, through HTTP, at the desk and in the store.
struct CorrectionTests {
    let bench: RehabilitationBench
    let enrolment: EnrolmentID

    /// In training since 5 June 2024; July cost too much and August was right. No time passes within a day: nothing tells what came first
    /// in different topics.
    init() throws {
        bench = try Bench(elapsed: ManualTime(Instant(milliseconds: 0)))
        try bench.agree()
        enrolment = try bench.enrol(try bench.approvedApplication())
        try bench.passDay("2024-10-08")
        for (month, gross) in [("2024-07", Int64(900_000)), ("2024-08", 200_000)] {
            try bench.ask(.post, "/enrolments/\(enrolment)/months", Bench.month(month, gross: gross), as: Bench.centre())
        }
    }

    private func correct(
        _ month: String = "2024-07", days: Int = 22, gross: Int64, reason: String = "发票录错", as actor: Actor = Bench.centre()
    ) throws -> String {
        let body = """
            {"serviceDays":\(days),"grossFen":\(gross),"basicInsuranceFen":0,"seriousIllnessFen":0,"medicalReliefFen":0,
             "otherInsuranceFen":0,"reason":"\(reason)"}
            """
        return try bench.outcome(.post, "/enrolments/\(enrolment)/months/\(month)/correction", body, as: actor)
    }

    private func settle() throws -> SettlementView {
        try bench.ask(.post, "/settlements", #"{"institution":"centre-a","quarter":"2024-Q3"}"#, as: Bench.clerk)
            .decode(SettlementView.self)
    }

    private func lines() throws -> [LineView] {
        try bench.ask(.get, "/enrolments/\(enrolment)/lines", as: Bench.auditor).decode(LinesView.self).items
    }

    @Test func `a wrong month is corrected with those behind it, said, and explained`() throws {
        #expect(try lines().map(\.subsidyFen) == [160_000, 160_000])
        #expect(try correct(gross: 100_000) == "200")
        let after = try lines()
        #expect(after.map(\.subsidyFen) == [100_000, 200_000] && after.map(\.parentsFen) == [0, 0] && after.map(\.revision) == [2, 2])
        #expect(after[0].explanation[0].chinese.contains("2024-10-08更正") && after[0].explanation[0].english.contains("Corrected on"))
        #expect(after[0].explanation.contains { $0.chinese.contains("发票录错") })
        #expect(after[1].explanation[0].chinese.contains("2024-07于2024-10-08更正"))
        #expect(after[1].explanation[0].english.contains("because 2024-07 was corrected"))

        let said = try bench.service.said(TrainingMonthCorrected.self)
        #expect(said.map(\.after.month.text) == ["2024-07", "2024-08"] && said.map(\.revision) == [2, 2])
        #expect(said.map(\.before.subsidyFen.value) == [160_000, 160_000] && said.map(\.after.subsidyFen.value) == [100_000, 200_000])
        #expect(said.allSatisfy { $0.correctedMonth.text == "2024-07" && $0.reason == "发票录错" })
        let account = try bench.ask(.get, "/account", as: Bench.auditor).decode(AccountView.self)
        #expect(account.lines == 2 && account.linesCounted == 2 && account.subsidyFen == 300_000)

        // As it stands already: nothing is said twice.
        #expect(try correct(gross: 100_000) == "200")
        #expect(try bench.service.said(TrainingMonthCorrected.self).count == 2)
        #expect(try correct(days: 3, gross: 100_000) == "200")
        #expect(try lines().map(\.counted) == [false, true])
        #expect(try lines().map(\.revision) == [3, 3])
        #expect(try correct("2024-09", gross: 1) == "MONTH_NOT_RECORDED")
        #expect(try correct(gross: 1, reason: " ") == "REASON_REQUIRED")
        #expect(try correct(gross: 1, as: Bench.centre(Sample.otherInstitution)) == "ENROLMENT_NOT_FOUND")
        #expect(try correct(gross: 1, as: Bench.clerk) == "ROLE_NOT_ALLOWED")
    }

    @Test func `a settlement keeps its months as they are until it was sent back, and the next one asks for what is right`() throws {
        let first = try settle()
        #expect(first.totalFen == 320_000)
        #expect(try correct(gross: 100_000) == "LINE_SETTLED")
        try bench.ask(.post, "/settlements/\(first.settlement)/rejection", #"{"reason":"金额不符"}"#, as: Bench.reviewer)
        #expect(try correct(gross: 100_000) == "200")
        #expect(try correct("2024-08", gross: 150_000) == "200")
        let next = try settle()
        #expect(next.totalFen == 250_000)
        // What was asked for at first stays on record.
        let old = try bench.ask(.get, "/settlements/\(first.settlement)/lines", as: Bench.auditor).decode([SettledLineView].self)
        #expect(old.map(\.subsidyFen) == [160_000, 160_000])
        for step in ["approval", "payment"] {
            #expect(try correct(gross: 100_000) == "200", "as it stands already")
            #expect(try correct(gross: 1) == "LINE_SETTLED")
            #expect(try correct("2024-08", gross: 1) == "LINE_SETTLED")
            let who = step == "approval" ? Bench.reviewer : Bench.finance
            #expect(try bench.outcome(.post, "/settlements/\(next.settlement)/\(step)", as: who) == "200")
        }
        #expect(try correct(gross: 1) == "LINE_SETTLED")
        #expect(try bench.service.said(SettlementPaid.self).map(\.totalFen.value) == [250_000])
    }

    @Test func `at the desk the form holds the month as it stands, and a settled month has none`() async throws {
        let page = "/desk/enrolments/\(enrolment)"
        let centre = try await TestBrowser(bench.service, as: Bench.centre())
        for (language, words) in [("zh-CN", ["更正 2024-07", "更正的理由"]), ("en", ["Correct 2024-07", "Reason for the correction"])] {
            centre.language = language
            let text = centre.get(page).text
            for word in words { #expect(text.contains(word), "\(word)") }
            #expect(text.contains("value=\"9000.00\"") && !text.contains("已更正") && !text.contains("corrected</"))
        }
        centre.language = "zh-CN"
        let answers = [
            "serviceDays": "22", "grossFen": "1000", "basicInsuranceFen": "0", "seriousIllnessFen": "0", "medicalReliefFen": "0",
            "otherInsuranceFen": "0", "reason": "发票录错",
        ]
        #expect(try await centre.send("correct-2024-07", on: centre.get(page), answers).status == 303)
        let text = centre.get(page).text
        #expect(text.contains("已更正") && text.contains("理由：发票录错"))
        #expect(try lines().map(\.subsidyFen) == [100_000, 200_000])
        let auditor = try await TestBrowser(bench.service, as: Bench.auditor)
        #expect(!auditor.get(page).text.contains("id=\"correct-"))
        _ = try settle()
        #expect(!centre.get(page).text.contains("id=\"correct-"))
    }

    @Test func `a refused month names the field that is at fault`() throws {
        struct Refusal: Decodable {
            var code: String
            var field: String?
        }
        func refused(_ month: String, _ changed: [String: Int64] = [:], correcting: Bool = false) throws -> String {
            var fields: [String: Int64] = [
                "serviceDays": 20, "grossFen": 200_000, "basicInsuranceFen": 0, "seriousIllnessFen": 0, "medicalReliefFen": 0,
                "otherInsuranceFen": 0,
            ]
            fields.merge(changed) { $1 }
            let members = fields.map { "\"\($0)\":\($1)" }.joined(separator: ",")
            let path = "/enrolments/\(enrolment)/months" + (correcting ? "/\(month)/correction" : "")
            let body = correcting ? #"{\#(members),"reason":"x"}"# : #"{\#(members),"month":"\#(month)"}"#
            let refusal = try bench.ask(.post, path, body, as: Bench.centre()).decode(Refusal.self)
            return "\(refusal.code) \(refusal.field ?? "-")"
        }
        #expect(try refused("2024-07") == "MONTH_DUPLICATE month")
        #expect(try refused("2024-10") == "MONTH_OPEN month")
        #expect(try refused("2024-05") == "OUT_OF_PERIOD month")
        #expect(try refused("2024-06", ["serviceDays": 27]) == "OUT_OF_PERIOD serviceDays")
        for correcting in [false, true] {
            let month = correcting ? "2024-07" : "2024-09"
            #expect(try refused(month, ["serviceDays": 32], correcting: correcting) == "SERVICE_DAYS_INVALID serviceDays")
            #expect(try refused(month, ["grossFen": -1], correcting: correcting) == "AMOUNT_NEGATIVE grossFen")
            #expect(try refused(month, ["basicInsuranceFen": 200_001], correcting: correcting) == "AMOUNT_NEGATIVE grossFen")
            #expect(try refused(month, ["medicalReliefFen": -1], correcting: correcting) == "AMOUNT_NEGATIVE medicalReliefFen")
            let amount = ["otherInsuranceFen": Int64(100_000_000_001)]
            #expect(try refused(month, amount, correcting: correcting) == "AMOUNT_INVALID otherInsuranceFen")
        }
        for (quarter, code) in [("2025-Q1", "QUARTER_OPEN"), ("2024-Q2", "NOTHING_TO_SETTLE")] {
            let body = #"{"institution":"centre-a","quarter":"\#(quarter)"}"#
            let refusal = try bench.ask(.post, "/settlements", body, as: Bench.clerk).decode(Refusal.self)
            #expect(refusal.code == code && refusal.field == "quarter")
        }
    }

    @Test(.enabled(if: Store.chosen == .sqlite, "a backup here is a copy of SQLite's file"))
    func `an older backup comes back with what was corrected, and with what a settlement asked for before`() throws {
        let backup = try bench.service.backUp()
        let first = try settle()
        try bench.ask(.post, "/settlements/\(first.settlement)/rejection", #"{"reason":"金额不符"}"#, as: Bench.reviewer)
        #expect(try correct(gross: 100_000) == "200")
        _ = try settle()
        let before = try bench.service.rows()
        let service = try bench.service.started(from: backup)
        #expect(try service.engine.restore().notRebuilt.isEmpty)
        try service.settle()
        #expect(try service.rows() == before)
    }

    @Test(.enabled(if: Store.chosen == .postgres, "SQLite has one writer"), arguments: [true, false])
    func `of a correction and a settlement in two instances the second waits for the first`(correctionFirst: Bool) throws {
        let database = bench.service.database
        let id = enrolment
        let seen = Mutex<[Int64]>([])
        let (begun, read, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        Thread.detachNewThread {
            // A failure here shows in what the other one sees.
            try? database.write { tx in
                if correctionFirst {
                    try EnrolmentTable.lockLines(of: id, in: tx)
                } else {
                    _ = try SettlementTable.unsettled(Sample.institution, upTo: Sample.month("2024-09"), in: tx)
                }
                begun.signal()
                // The other one's answer, if it does not wait.
                _ = read.wait(timeout: .now() + 0.5)
                if correctionFirst {
                    try tx.run(SQL("UPDATE lines SET subsidy_fen = 1 WHERE month = '2024-07'"))
                } else {
                    try tx.run(
                        SQL("INSERT INTO settlement_lines (line, settlement, month, subsidy_fen) SELECT line, 's', month, 7 FROM lines"))
                }
            }
            ended.signal()
        }
        begun.wait()
        try database.write { tx in
            let found: [Int64]
            if correctionFirst {
                found = try SettlementTable.unsettled(Sample.institution, upTo: Sample.month("2024-09"), in: tx).map(\.subsidyFen.value)
            } else {
                try EnrolmentTable.lockLines(of: id, in: tx)
                found = try Lists.settlements(ofLinesOf: id, in: tx).map { _ in 7 }
            }
            read.signal()
            seen.withLock { $0 = found }
        }
        ended.wait()
        #expect(seen.withLock { $0 } == (correctionFirst ? [1, 160_000] : [7, 7]))
    }
}
