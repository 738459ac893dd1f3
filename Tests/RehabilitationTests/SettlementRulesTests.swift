import Testing
import Vocabulary

@testable import Rehabilitation

private typealias Rules = SettlementRules
private let today = Sample.date("2024-10-08")

private func submission(_ months: [String], quarter: Quarter = Quarter(year: 2024, number: 3), on: LocalDate = today)
    -> Settlement.Submission
{
    Settlement.Submission(
        institution: Sample.institution, region: RegionCode(trusted: "419001"), quarter: quarter,
        lines: months.map {
            Settlement.Line(line: LineID(trusted: "line-\($0)"), month: Sample.month($0), subsidyFen: Sample.yuan("1600.01"))
        },
        submittedBy: "clerk", submittedOn: on)
}

private func settlement(_ status: Settlement.Status?) -> Settlement? {
    guard let status else { return nil }
    var settlement = Settlement(submission: submission(["2024-07"]), status: status)
    if status == .approved || status == .paid { settlement.approvedBy = "reviewer" }
    if status == .rejected { settlement.rejection = Settlement.Rejection(by: "reviewer", on: today, reason: "缺少票据") }
    if status == .paid { settlement.paidBy = "finance" }
    return settlement
}

private let statuses: [Settlement.Status?] = [nil, .submitted, .approved, .rejected, .paid]
private let table: [(Rules.Command, [String])] = [
    (.submit(submission(["2024-07"])), ["submitted", "-", "-", "-", "-"]),
    (.approve(by: "reviewer", on: today), ["SETTLEMENT_NOT_FOUND", "approved", "-", "ALREADY_DECIDED", "-"]),
    (
        .reject(by: "reviewer", on: today, reason: "缺少票据"),
        ["SETTLEMENT_NOT_FOUND", "rejected", "ALREADY_DECIDED", "-", "ALREADY_DECIDED"]
    ),
    (.pay(by: "finance", on: today), ["SETTLEMENT_NOT_FOUND", "NOT_APPROVED", "paid", "NOT_APPROVED", "-"]),
]

@Test(arguments: table.indices)
func `every command on every status of a settlement ends as the table says`(row: Int) {
    let (command, expected) = table[row]
    for (status, word) in zip(statuses, expected) {
        #expect(outcome(Rules.self, command, settlement(status)) == word, "\(command) on \(String(describing: status))")
    }
}

@Test func `what cannot be settled is refused`() {
    #expect(outcome(Rules.self, .submit(submission([])), nil) == "NOTHING_TO_SETTLE")
    #expect(outcome(Rules.self, .submit(submission(["2024-07", "2024-07"])), nil) == "LINE_DUPLICATE")
    #expect(outcome(Rules.self, .submit(submission(["2024-10"])), nil) == "QUARTER_OPEN")
    #expect(outcome(Rules.self, .submit(submission(["2024-07"], quarter: Quarter(year: 2025, number: 1))), nil) == "QUARTER_OPEN")
}

@Test func `a late line of an earlier quarter goes into the next settlement`() {
    #expect(outcome(Rules.self, .submit(submission(["2024-05", "2024-07"])), nil) == "submitted")
}

@Test func `three different people submit, approve and pay`() {
    #expect(outcome(Rules.self, .approve(by: "clerk", on: today), settlement(.submitted)) == "FOUR_EYES")
    #expect(outcome(Rules.self, .reject(by: "clerk", on: today, reason: "缺少票据"), settlement(.submitted)) == "FOUR_EYES")
    #expect(outcome(Rules.self, .pay(by: "reviewer", on: today), settlement(.approved)) == "FOUR_EYES")
    #expect(outcome(Rules.self, .pay(by: "clerk", on: today), settlement(.approved)) == "FOUR_EYES")
}

@Test func `a settlement is sent back with a reason`() {
    #expect(outcome(Rules.self, .reject(by: "reviewer", on: today, reason: " "), settlement(.submitted)) == "REASON_REQUIRED")
}

@Test func `the total is the sum of the lines to the fen`() {
    let settlement = Settlement(submission: submission(["2024-07", "2024-08", "2024-09"]), status: .submitted)
    #expect(settlement.totalFen == Sample.yuan("4800.03"))
}
