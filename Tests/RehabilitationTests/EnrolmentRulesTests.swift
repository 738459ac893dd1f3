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

private func other(
    _ startedOn: String, _ endedOn: String?, counted: [String] = [], person: PersonID = Sample.person
) -> OtherTraining {
    OtherTraining(
        enrolment: EnrolmentID(trusted: "other"), person: person, startedOn: Sample.date(startedOn), endedOn: endedOn.map(Sample.date),
        countedMonths: Set(counted.map(Sample.month)))
}

@Test func `enrolling is refused on a day to come`() {
    #expect(outcome(Rules.self, .enrol(Sample.details(), on: later), nil) == "enrolled")
    #expect(outcome(Rules.self, .enrol(Sample.details(), on: Sample.date("2024-06-30")), nil) == "OCCURRED_IN_FUTURE")
    #expect(outcome(Rules.self, .enrol(Sample.details(), on: later), inTraining()) == "-")
}

@Test(arguments: [
    ("2024-01-08", "2024-06-30", "enrolled"),
    ("2024-01-08", "2024-07-01", "ALREADY_ENROLLED"),
    ("2024-01-08", "2024-12-31", "ALREADY_ENROLLED"),
    ("2024-01-08", nil, "ALREADY_ENROLLED"),
    ("2024-09-02", "2024-12-31", "ALREADY_ENROLLED"),
    ("2024-09-02", nil, "ALREADY_ENROLLED"),
])
func `a training from 1 July on meets no day of another one of the child`(startedOn: String, endedOn: String?, expected: String) {
    for person in [Sample.person, PersonID(trusted: "person-alias")] {
        let others = [other("2022-01-03", "2022-10-31"), other(startedOn, endedOn, person: person)]
        #expect(outcome(Rules.self, .enrol(Sample.details(), others: others, on: later), nil) == expected)
    }
}

@Test(arguments: [
    ("2024-06-28", nil, "2024-06", 3, "monthRecorded"),
    ("2024-06-28", nil, "2024-06", 4, "OUT_OF_PERIOD"),
    ("2024-06-28", nil, "2024-06", 31, "SERVICE_DAYS_INVALID"),
    ("2024-06-28", nil, "2024-07", 31, "monthRecorded"),
    ("2024-06-28", "2024-08-05", "2024-08", 5, "monthRecorded"),
    ("2024-06-28", "2024-08-05", "2024-08", 6, "OUT_OF_PERIOD"),
    ("2024-06-10", "2024-06-12", "2024-06", 3, "monthRecorded"),
    ("2024-06-10", "2024-06-12", "2024-06", 4, "OUT_OF_PERIOD"),
])
func `service days are days of the training`(startedOn: String, endedOn: String?, month: String, days: Int, expected: String) {
    var state = inTraining(startedOn: startedOn)
    if let endedOn { state = Rules.evolve(state, with: .ended(.droppedOut, on: Sample.date(endedOn), monthsCounted: 0)) }
    let report = Sample.report(month, days: days)
    #expect(outcome(Rules.self, .recordMonth(report, requiredDays: 20, on: later), state) == expected)
}

@Test func `a training does not end before the days of service that its last month has`() throws {
    let (state, _) = try run([Sample.report("2024-07", days: 22)], on: inTraining())
    #expect(outcome(Rules.self, .end(.droppedOut, endedOn: Sample.date("2024-07-21"), on: later), state) == "OUT_OF_PERIOD")
    #expect(outcome(Rules.self, .end(.droppedOut, endedOn: Sample.date("2024-07-22"), on: later), state) == "ended")
}

@Test(arguments: [
    // Both trainings lie in the month: it counts in the one that was recorded first.
    (other("2024-01-08", "2024-06-20", counted: ["2024-05", "2024-06"]), "2024-06-21", false),
    (other("2024-01-08", "2024-06-20", counted: ["2024-05"]), "2024-06-21", true),
    (other("2024-01-08", "2024-06-20", counted: ["2024-06"], person: PersonID(trusted: "person-alias")), "2024-06-21", false),
    // An earlier build let one child train twice at once.
    (other("2024-01-08", "2024-12-31", counted: ["2024-06"]), "2024-06-01", false),
    // Two ids that were merged while both trained: a question to the authority, until when both are paid.
    (other("2024-01-08", nil, counted: ["2024-06"], person: PersonID(trusted: "person-alias")), "2024-06-01", true),
    (other("2024-01-08", "2024-06-20", counted: ["2024-06"], person: PersonID(trusted: "person-alias")), "2024-06-01", true),
])
func `a child's month counts once`(other: OtherTraining, startedOn: String, counts: Bool) throws {
    let report = Sample.report("2024-06", days: 10)
    let said = try Rules.decide(
        .recordMonth(report, requiredDays: 10, others: [other], on: later), given: inTraining(startedOn: startedOn))
    guard case .monthRecorded(let line) = said.first else { throw SampleError.notSaid }
    #expect(line.counted == counts && line.subsidyFen == (counts ? Sample.yuan("1600") : .zero))
    #expect(line.subsidyFen + line.parentsFen == Sample.yuan("2000"))
    let steps = Explanation.steps(of: line, terms: Sample.terms(minServiceDays: 10), before: .nothing, workingDays: 20)
    #expect(steps.contains { $0.chinese.contains("另一次训练") && $0.english.contains("another training") } == !counts)
}

private enum SampleError: Error { case notSaid }

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
