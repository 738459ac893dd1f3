import Testing
import Vocabulary

@testable import Rehabilitation

private func answer(_ status: ReferralAnswer.Status?) -> ReferralAnswer? {
    status.map { ReferralAnswer(question: Sample.question, status: $0) }
}

private let statuses: [ReferralAnswer.Status?] = [nil, .open, .claimed, .confirmed, .declined, .superseded, .expired, .withdrawn]

/// One row a command, one column a status in the order above.
private let table: [(ReferralAnswerRules.Command, [String])] = [
    (.ask(Sample.question), ["asked", "-", "-", "-", "-", "-", "-", "-"]),
    (
        .accept(by: Sample.institution),
        [
            "REFERRAL_NOT_FOUND", "claimed", "-", "-", "REFERRAL_ALREADY_ANSWERED", "REFERRAL_NOT_OPEN", "REFERRAL_NOT_OPEN",
            "REFERRAL_NOT_OPEN",
        ]
    ),
    (
        .decline(by: Sample.institution, reason: "没有听力师"),
        [
            "REFERRAL_NOT_FOUND", "declined", "REFERRAL_ALREADY_ANSWERED", "REFERRAL_ALREADY_ANSWERED", "-", "REFERRAL_NOT_OPEN",
            "REFERRAL_NOT_OPEN", "REFERRAL_NOT_OPEN",
        ]
    ),
    (
        .confirm,
        [
            "REFERRAL_CONTRADICTION", "REFERRAL_CONTRADICTION", "confirmed", "-", "REFERRAL_CONTRADICTION", "REFERRAL_CONTRADICTION",
            "REFERRAL_CONTRADICTION", "REFERRAL_CONTRADICTION",
        ]
    ),
    (.supersede, ["REFERRAL_CONTRADICTION", "superseded", "superseded", "REFERRAL_CONTRADICTION", "-", "-", "-", "-"]),
    (.expire, ["REFERRAL_CONTRADICTION", "expired", "expired", "REFERRAL_CONTRADICTION", "-", "-", "-", "-"]),
    (.moveDeadline(to: Sample.date("2024-06-21")), ["-", "deadlineMoved", "-", "-", "-", "-", "-", "-"]),
    (.moveDeadline(to: Sample.question.respondBy), ["-", "-", "-", "-", "-", "-", "-", "-"]),
    (.withdraw(reason: "家长撤回"), ["-", "withdrawn", "withdrawn", "withdrawn", "-", "-", "-", "-"]),
]

@Test(arguments: table.indices)
func `every command on every status of an answer ends as the table says`(row: Int) {
    let (command, expected) = table[row]
    for (status, word) in zip(statuses, expected) {
        #expect(outcome(ReferralAnswerRules.self, command, answer(status)) == word, "\(command) on \(String(describing: status))")
    }
}

@Test(arguments: statuses)
func `an institution that was not asked is told the same as for an unknown referral`(status: ReferralAnswer.Status?) {
    #expect(outcome(ReferralAnswerRules.self, .accept(by: Sample.otherInstitution), answer(status)) == "REFERRAL_NOT_FOUND")
    #expect(outcome(ReferralAnswerRules.self, .decline(by: Sample.otherInstitution, reason: "x"), answer(status)) == "REFERRAL_NOT_FOUND")
}

@Test(arguments: ["", "  ", "\u{3000}\n"])
func `a decline without a reason is refused`(reason: String) {
    #expect(outcome(ReferralAnswerRules.self, .decline(by: Sample.institution, reason: reason), answer(.open)) == "REASON_REQUIRED")
}

@Test(arguments: [
    (ReferralAnswerRules.Command.supersede, ReferralAnswerRules.Event.superseded(placeHeld: true)), (.expire, .expired(placeHeld: true)),
    (.withdraw(reason: "r"), .withdrawn(reason: "r", placeHeld: true)),
])
func `a claim that does not stand lets its place go`(command: ReferralAnswerRules.Command, event: ReferralAnswerRules.Event) throws {
    #expect(try ReferralAnswerRules.decide(command, given: answer(.claimed)) == [event])
}

@Test func `an open attempt that ends holds no place`() throws {
    #expect(try ReferralAnswerRules.decide(.expire, given: answer(.open)) == [.expired(placeHeld: false)])
    #expect(try ReferralAnswerRules.decide(.supersede, given: answer(.open)) == [.superseded(placeHeld: false)])
}
