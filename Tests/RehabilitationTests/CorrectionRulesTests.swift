import Contracts
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Rules = EnrolmentRules
private let later = Sample.date("2026-12-31")

private func recorded(_ reports: [MonthReport], _ terms: AssistanceTerms = Sample.terms()) throws -> Enrolment {
    var state = Enrolment(details: Sample.details(terms: terms), status: .inTraining, lines: [])
    for report in reports {
        let events = try Rules.decide(.recordMonth(report, requiredDays: 20, on: later), given: state)
        for event in events { state = Rules.evolve(state, with: event) }
    }
    return state
}

private func correct(_ report: MonthReport, reason: String = "补录一次训练", settled: [String] = []) -> Rules.Command {
    let months = (0..<24).map { (Sample.month("2024-01").adding($0), 20) }
    return .correctMonth(
        MonthCorrection(
            report: report, reason: reason, requiredDays: Dictionary(uniqueKeysWithValues: months),
            settled: Set(settled.map { LineID(trusted: "line-\($0)") })), on: later)
}

/// What a centre reported, what it should have, and in which mode.
private let sequences: [(wrong: [MonthReport], right: MonthReport)] = [
    // Domain.md 3.7: 1,600 then 1,400.
    (
        [
            Sample.report("2024-07", gross: "9000", insurance: .paid(basic: "1100")),
            Sample.report("2024-08", gross: "2000", insurance: .paid(basic: "900")),
        ], Sample.report("2024-07", gross: "3000", insurance: .paid(basic: "1100"))
    ),
    // S15: the twentieth day came in late, and the month counts.
    ([Sample.report("2024-07", days: 19), Sample.report("2024-08", gross: "1000")], Sample.report("2024-07", days: 20)),
    // A month that never should have counted; the later ones move up.
    ([Sample.report("2024-07"), Sample.report("2024-08"), Sample.report("2024-09", gross: "900")], Sample.report("2024-08", days: 3)),
    // Recorded late: money accumulates in the order of recording.
    (
        [Sample.report("2024-09", gross: "1000"), Sample.report("2024-07", gross: "5000"), Sample.report("2024-08")],
        Sample.report("2024-07", gross: "1000")
    ),
    ([Sample.report("2024-07", gross: "0"), Sample.report("2024-08", gross: "4000")], Sample.report("2024-08", gross: "2400")),
]

@Test(arguments: sequences.indices, CapMode.allCases)
func `a corrected month leaves the lines that would stand had it been reported so`(index: Int, mode: CapMode) throws {
    let (wrong, right) = sequences[index]
    var state = try recorded(wrong, Sample.terms(mode: mode))
    let before = state.lines
    let events = try Rules.decide(correct(right), given: state)
    for event in events { state = Rules.evolve(state, with: event) }
    let expected = try recorded(wrong.map { $0.month == right.month ? right : $0 }, Sample.terms(mode: mode)).lines
    #expect(state.lines == expected && before != expected)
    // Said is what changed, and only that; each says which month was corrected.
    #expect(events.count == zip(before, expected).count { $0 != $1 })
    for line in state.lines {
        let changed = before.first { $0.line == line.line } != line
        #expect(state.corrections[line.line]?.revision == (changed ? 2 : nil), "\(line.month)")
        #expect(state.corrections[line.line]?.month == (changed ? right.month : nil), "\(line.month)")
    }
    #expect(outcome(Rules.self, correct(right), state) == "-")
}

@Test(arguments: [
    (Sample.report("2024-09"), "x", [], "MONTH_NOT_RECORDED"),
    (Sample.report("2024-07", gross: "1"), " ", [], "REASON_REQUIRED"),
    (Sample.report("2024-07", days: 32), "x", [], "SERVICE_DAYS_INVALID"),
    (Sample.report("2024-07", insurance: nil), "x", [], "INSURANCE_FIRST"),
    (Sample.report("2024-07", gross: "10", insurance: .paid(basic: "11")), "x", [], "AMOUNT_NEGATIVE"),
    (Sample.report("2024-07", gross: "1"), "x", ["2024-07"], "LINE_SETTLED"),
    // The later month's subsidy would move.
    (Sample.report("2024-07", gross: "1"), "x", ["2024-08"], "LINE_SETTLED"),
    // Nothing that is settled moves: an earlier month, and a cost beyond the cap.
    (Sample.report("2024-08", gross: "1"), "x", ["2024-07"], "monthCorrected"),
    (Sample.report("2024-07", gross: "9000"), "x", [], "monthCorrected"),
    (Sample.report("2024-07", days: 21), "x", ["2024-08"], "monthCorrected"),
    (Sample.report("2024-07"), "x", ["2024-07", "2024-08"], "-"),
])
func `what stands in a correction's way is named`(report: MonthReport, reason: String, settled: [String], expected: String) throws {
    let state = try recorded([Sample.report("2024-07"), Sample.report("2024-08")])
    #expect(outcome(Rules.self, correct(report, reason: reason, settled: settled), state) == expected)
    #expect(outcome(Rules.self, correct(report), nil) == "ENROLMENT_NOT_FOUND")
}

@Test func `a correction stays within the training, and where the month was counted elsewhere it does not count here`() throws {
    let ended = Rules.evolve(
        try recorded([Sample.report("2024-07", days: 3)]), with: .ended(.droppedOut, on: Sample.date("2024-07-22"), monthsCounted: 0))
    #expect(outcome(Rules.self, correct(Sample.report("2024-07", days: 23)), ended) == "OUT_OF_PERIOD")
    let other = OtherTraining(
        enrolment: EnrolmentID(trusted: "other"), person: Sample.person, startedOn: Sample.date("2024-07-23"), endedOn: nil,
        countedMonths: [Sample.month("2024-07")])
    guard case .correctMonth(let correction, _, _) = correct(Sample.report("2024-07", days: 22)) else { return }
    for (others, counts) in [([], true), ([other], false)] {
        let said = try Rules.decide(.correctMonth(correction, others: others, on: later), given: ended)
        guard case .monthCorrected(_, let line, _) = said.first else {
            Issue.record("nothing was corrected")
            continue
        }
        #expect(line.counted == counts)
    }
}

@Test func `a correction that fills the programme ends the training, and one that empties it does not begin it again`() throws {
    let months = (0..<10).map { Sample.report(Sample.month("2024-07").adding($0).text, days: $0 == 3 ? 19 : 20) }
    var state = try recorded(months)
    #expect(state.status == .inTraining)
    let events = try Rules.decide(correct(Sample.report("2024-10", days: 20)), given: state)
    #expect(events.last == .ended(.completed, on: Sample.date("2025-04-30"), monthsCounted: 10))
    for event in events { state = Rules.evolve(state, with: event) }
    for event in try Rules.decide(correct(Sample.report("2024-10", days: 1)), given: state) { state = Rules.evolve(state, with: event) }
    #expect(state.status == .ended && state.monthsCounted == 9)
    #expect(state.corrections[LineID(trusted: "line-2024-10")]?.revision == 3)
}
