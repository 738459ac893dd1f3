import Testing
import Vocabulary

@testable import Rehabilitation

private let today = Sample.date("2024-06-03")
private func child(_ number: Int) -> PlaceHolder { .referral(ReferralID(trusted: "r\(number)"), attempt: 1) }

private func institution(capacity: Int = 2, held: Int = 0) -> Institution {
    Institution(agreement: Sample.agreement(capacity: capacity), places: (0..<held).map(child))
}

@Test func `places are given out up to the capacity and never beyond`() {
    var state = institution(capacity: 3)
    var answers: [String] = []
    for number in 0..<5 {
        let command = InstitutionRules.Command.reservePlace(child(number), category: .hearing, on: today)
        answers.append(outcome(InstitutionRules.self, command, state))
        do throws(InstitutionRules.Refused) {
            for event in try InstitutionRules.decide(command, given: state) { state = InstitutionRules.evolve(state, with: event) }
        } catch {
            #expect(error == .full)
        }
    }
    #expect(answers == ["placeReserved", "placeReserved", "placeReserved", "CAPACITY_EXCEEDED", "CAPACITY_EXCEEDED"])
    #expect(state.taken == 3)
}

@Test func `asking twice for the same child takes one place and releasing twice frees one`() {
    let state = institution(held: 1)
    #expect(outcome(InstitutionRules.self, .reservePlace(child(0), category: .hearing, on: today), state) == "-")
    let released = InstitutionRules.evolve(state, with: .placeReleased(child(0), taken: 0))
    #expect(released.taken == 0)
    #expect(outcome(InstitutionRules.self, .releasePlace(child(0)), released) == "-")
}

private let full = Sample.agreement(capacity: 1)

@Test(
    arguments: [
        (
            "no agreement", InstitutionRules.Command.reservePlace(child(9), category: .hearing, on: today), 0, "INSTITUTION_NOT_DESIGNATED",
            true
        ),
        ("before it starts", .reservePlace(child(9), category: .hearing, on: Sample.date("2023-12-31")), 0, "AGREEMENT_NOT_ACTIVE", false),
        ("after it ends", .reservePlace(child(9), category: .hearing, on: Sample.date("2027-01-01")), 0, "AGREEMENT_NOT_ACTIVE", false),
        ("on its last day", .reservePlace(child(9), category: .hearing, on: Sample.date("2026-12-31")), 0, "placeReserved", false),
        ("another category", .reservePlace(child(9), category: .physical, on: today), 0, "CATEGORY_NOT_COVERED", false),
        (
            "take over a place held",
            .takeOverPlace(from: child(0), to: .enrolment(EnrolmentID(trusted: "e")), category: .hearing, on: today), 1, "placeTakenOver",
            false
        ),
        (
            "take over a place that is gone",
            .takeOverPlace(from: child(5), to: .enrolment(EnrolmentID(trusted: "e")), category: .hearing, on: today), 1, "PLACE_NOT_HELD",
            false
        ),
        (
            "take over without an agreement", .takeOverPlace(from: child(0), to: child(1), category: .hearing, on: today), 0,
            "INSTITUTION_NOT_DESIGNATED", true
        ),
        ("release without an agreement", .releasePlace(child(0)), 0, "-", true),
        (
            "scope without an agreement", .changeScope(categories: [.hearing], capacity: 1, validTo: today), 0,
            "INSTITUTION_NOT_DESIGNATED", true
        ),
        ("fewer places than children", .changeScope(categories: [.hearing], capacity: 1, validTo: today), 2, "CAPACITY_BELOW_TAKEN", false),
        ("no category left", .changeScope(categories: [], capacity: 2, validTo: today), 0, "CATEGORIES_EMPTY", false),
        ("no places", .changeScope(categories: [.hearing], capacity: 0, validTo: today), 0, "CAPACITY_INVALID", false),
        (
            "ends before it starts", .changeScope(categories: [.hearing], capacity: 2, validTo: Sample.date("2023-01-01")), 0,
            "AGREEMENT_PERIOD_INVALID", false
        ),
        (
            "a wider scope", .changeScope(categories: [.hearing, .autism, .speech], capacity: 5, validTo: today), 2, "agreementActivated",
            false
        ),
        ("the same scope", .changeScope(categories: [.autism, .hearing], capacity: 2, validTo: Sample.date("2026-12-31")), 0, "-", false),
        ("the first agreement", .activateAgreement(full), 0, "agreementActivated", true),
        ("the same agreement", .activateAgreement(Sample.agreement()), 0, "-", false),
        ("a smaller agreement than children", .activateAgreement(full), 2, "CAPACITY_BELOW_TAKEN", false),
    ] as [(String, InstitutionRules.Command, Int, String, Bool)])
func `an institution's command ends as the table says`(
    _ what: String, _ command: InstitutionRules.Command, _ held: Int, _ expected: String, _ missing: Bool
) {
    #expect(outcome(InstitutionRules.self, command, missing ? nil : institution(held: held)) == expected, "\(what)")
}

@Test func `a place that became an enrolment's is not lost when its referral lets go`() {
    let enrolment = PlaceHolder.enrolment(EnrolmentID(trusted: "e1"))
    let state = InstitutionRules.evolve(institution(held: 1), with: .placeTakenOver(from: child(0), to: enrolment))
    #expect(state.places == [enrolment])
    #expect(outcome(InstitutionRules.self, .releasePlace(child(0)), state) == "-")
    #expect(outcome(InstitutionRules.self, .releasePlace(enrolment), state) == "placeReleased")
}

@Test func `a place holder reads back from what is stored`() {
    for holder in [child(3), .enrolment(EnrolmentID(trusted: "0af3"))] { #expect(PlaceHolder(stored: holder.text) == holder) }
    #expect(PlaceHolder(stored: "somebody/else") == nil)
}
