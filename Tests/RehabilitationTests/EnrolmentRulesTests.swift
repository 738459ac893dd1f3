import Contracts
import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Rules = EnrolmentRules
private let later = Sample.date("2026-12-31")

private func inTraining(_ terms: AssistanceTerms = Sample.terms(), startedOn: String = "2024-07-01") -> Enrolment {
    Enrolment(details: Sample.details(terms: terms, startedOn: startedOn), status: .inTraining, lines: [])
}

/// Records months one after another and returns the enrolment with what was said.
private func run(_ reports: [MonthReport], on start: Enrolment, required: Int = 20) throws -> (Enrolment, [Rules.Event]) {
    var state = start
    var said: [Rules.Event] = []
    for report in reports {
        let events = try Rules.decide(.recordMonth(report, requiredDays: required, on: later), given: state)
        for event in events { state = Rules.evolve(state, with: event) }
        said += events
    }
    return (state, said)
}

@Test func `enrolling is refused while the child trains elsewhere or on a day to come`() {
    let details = Sample.details()
    let elsewhere = EnrolmentID(trusted: "elsewhere")
    #expect(outcome(Rules.self, .enrol(details, elsewhere: nil, on: later), nil) == "enrolled")
    #expect(outcome(Rules.self, .enrol(details, elsewhere: elsewhere, on: later), nil) == "ALREADY_ENROLLED")
    #expect(outcome(Rules.self, .enrol(details, elsewhere: nil, on: Sample.date("2024-06-30")), nil) == "OCCURRED_IN_FUTURE")
    #expect(outcome(Rules.self, .enrol(details, elsewhere: nil, on: later), inTraining()) == "-")
}

@Test(arguments: [
    (Sample.report("2024-06"), "2026-12-31", "OUT_OF_PERIOD"),
    (Sample.report("2024-07"), "2024-07-31", "MONTH_OPEN"),
    (Sample.report("2024-07"), "2024-08-01", "monthRecorded"),
    (Sample.report("2024-07", days: 32), "2024-08-01", "SERVICE_DAYS_INVALID"),
    (Sample.report("2024-07", days: -1), "2024-08-01", "SERVICE_DAYS_INVALID"),
    (Sample.report("2024-07", insurance: nil), "2024-08-01", "INSURANCE_FIRST"),
    (Sample.report("2024-07", gross: "-1"), "2024-08-01", "AMOUNT_NEGATIVE"),
    (Sample.report("2024-07", gross: "1000", insurance: .paid(basic: "1000.01")), "2024-08-01", "AMOUNT_NEGATIVE"),
    (Sample.report("2024-07", insurance: .paid(basic: "-5")), "2024-08-01", "AMOUNT_NEGATIVE"),
    (Sample.report("2024-07", gross: "1000", insurance: .paid(basic: "1000")), "2024-08-01", "monthRecorded"),
])
func `what is wrong with a month is named`(report: MonthReport, on: String, expected: String) {
    #expect(outcome(Rules.self, .recordMonth(report, requiredDays: 20, on: Sample.date(on)), inTraining()) == expected)
}

@Test func `a month is recorded once`() throws {
    let (state, _) = try run([Sample.report("2024-07")], on: inTraining())
    let again = Rules.Command.recordMonth(Sample.report("2024-07", gross: "1", line: "other"), requiredDays: 20, on: later)
    #expect(outcome(Rules.self, again, state) == "MONTH_DUPLICATE")
}

@Test func `an unknown enrolment takes no month and does not end`() {
    #expect(outcome(Rules.self, .recordMonth(Sample.report("2024-07"), requiredDays: 20, on: later), nil) == "ENROLMENT_NOT_FOUND")
    #expect(outcome(Rules.self, .end(.droppedOut, endedOn: later, on: later), nil) == "ENROLMENT_NOT_FOUND")
}

@Test func `insurance comes off first, then the subsidy, and each line says under which policy`() throws {
    let reports = [
        Sample.report("2024-07", gross: "3000", insurance: .paid(basic: "1100")),
        Sample.report("2024-08", gross: "2000", insurance: .paid(basic: "900")),
    ]
    let (state, _) = try run(reports, on: inTraining())
    #expect(state.lines.map(\.selfPayFen) == [Sample.yuan("1900"), Sample.yuan("1100")])
    #expect(state.lines.map(\.subsidyFen) == [Sample.yuan("1600"), Sample.yuan("1400")])
    #expect(state.lines.allSatisfy { $0.policyVersion == "test-1" })
}

@Test func `a month with 19 of 20 days does not count and does not use up the programme`() throws {
    let (state, _) = try run([Sample.report("2024-07", days: 19), Sample.report("2024-08", days: 20)], on: inTraining())
    #expect(state.lines.map(\.counted) == [false, true])
    #expect(state.lines.map(\.ordinal) == [0, 1])
    #expect(state.lines[0].parentsFen == Sample.yuan("2000"))
}

@Test func `a short month asks for its working days only`() {
    let terms = Sample.terms()
    #expect(terms.requiredDays(workingDaysOfMonth: 16) == 16)
    #expect(terms.requiredDays(workingDaysOfMonth: 23) == 20)
}

@Test func `ten counted months complete the programme and the eleventh is outside it`() throws {
    let months = (0..<10).map { Sample.report(Sample.month("2024-07").adding($0).text, gross: "1850") }
    let (state, said) = try run(months, on: inTraining())
    #expect(said.last == .ended(.completed, on: Sample.date("2025-04-30"), monthsCounted: 10))
    #expect(state.status == .ended && state.outcome == .completed)
    #expect(state.lines.reduce(Fen.zero) { $0 + $1.subsidyFen } == Sample.yuan("16000"))
    #expect(state.lines.reduce(Fen.zero) { $0 + $1.parentsFen } == Sample.yuan("2500"))
    #expect(outcome(Rules.self, .recordMonth(Sample.report("2025-05"), requiredDays: 20, on: later), state) == "OUT_OF_PERIOD")
}

@Test func `a month left out and reported after the programme is full is borne by the family`() throws {
    let months = (0..<11).filter { $0 != 3 }.map { Sample.report(Sample.month("2024-07").adding($0).text) }
    let (full, _) = try run(months, on: inTraining())
    let (state, said) = try run([Sample.report("2024-10")], on: full)
    #expect(said.count == 1)
    #expect(state.lines.last?.counted == false && state.lines.last?.parentsFen == Sample.yuan("2000"))
}

@Test func `the month in which a child drops out is reported after it and may count`() throws {
    let ended = Rules.evolve(inTraining(), with: .ended(.droppedOut, on: Sample.date("2024-08-29"), monthsCounted: 0))
    let (state, said) = try run([Sample.report("2024-07"), Sample.report("2024-08")], on: ended)
    #expect(said.count == 2 && state.monthsCounted == 2)
    #expect(outcome(Rules.self, .recordMonth(Sample.report("2024-09"), requiredDays: 20, on: later), state) == "OUT_OF_PERIOD")
}

@Test func `a training ends once, not in the future and not before what was recorded`() throws {
    let (state, _) = try run([Sample.report("2024-08")], on: inTraining())
    #expect(
        outcome(Rules.self, .end(.droppedOut, endedOn: Sample.date("2024-09-10"), on: Sample.date("2024-09-09")), state)
            == "OCCURRED_IN_FUTURE")
    #expect(outcome(Rules.self, .end(.droppedOut, endedOn: Sample.date("2024-06-30"), on: later), state) == "OUT_OF_PERIOD")
    #expect(outcome(Rules.self, .end(.droppedOut, endedOn: Sample.date("2024-07-30"), on: later), state) == "OUT_OF_PERIOD")
    #expect(outcome(Rules.self, .end(.transferred, endedOn: Sample.date("2024-09-10"), on: later), state) == "ended")
    let ended = Rules.evolve(state, with: .ended(.transferred, on: Sample.date("2024-09-10"), monthsCounted: 1))
    #expect(outcome(Rules.self, .end(.transferred, endedOn: Sample.date("2024-09-10"), on: later), ended) == "-")
    #expect(outcome(Rules.self, .end(.droppedOut, endedOn: Sample.date("2024-09-10"), on: later), ended) == "ENROLMENT_ENDED")
}

@Test func `a per-month cap gives a dear month no more than its share`() throws {
    let reports = [Sample.report("2024-07", gross: "1900"), Sample.report("2024-08", gross: "1100")]
    let (state, _) = try run(reports, on: inTraining(Sample.terms(mode: .perMonth)))
    #expect(state.lines.map(\.subsidyFen) == [Sample.yuan("1600"), Sample.yuan("1100")])
    #expect(state.lines.map(\.parentsFen) == [Sample.yuan("300"), Sample.yuan("0")])
}
