import Contracts
import Vocabulary

/// A referral (转介): which institution owns a child's next step, from the proposal to the outcome. Screening alone writes it.
struct Referral: Hashable, Sendable {
    /// What a referral is about; fixed when it is proposed.
    struct Subject: Hashable, Sendable {
        var caseID: CaseID
        var facts: PersonFacts
        var category: AssistanceCategory
    }

    enum Status: String, CaseIterable, Hashable, Sendable {
        /// The list waits for the guardian's choice.
        case proposed
        /// One institution is asked.
        case issued
        /// The institution owns the next step.
        case confirmed
        /// Back with the sender: the institution said no, or nothing in time.
        case declined, expired
        case withdrawn
        /// No institution has room; on the clerk's list.
        case unplaced
    }

    /// One institution asked, under a number of its own: an answer names it.
    struct Attempt: Hashable, Sendable {
        var number: Int
        var institution: OrganisationID
        var chosenBy: ChoiceMaker
        var respondBy: LocalDate
    }

    var subject: Subject
    var status: Status
    /// As proposed, in order.
    var candidates: [Candidate]
    var chooseBy: LocalDate
    var attempts: [Attempt]
    /// Of the last decline or withdrawal; empty otherwise.
    var reason: String

    /// The attempt that is or was last under way.
    var current: Attempt? { attempts.last }
    /// Institutions that had their turn.
    var tried: Set<OrganisationID> { Set(attempts.map(\.institution)) }

    func isCurrent(_ attempt: Int, _ institution: OrganisationID) -> Bool {
        current?.number == attempt && current?.institution == institution
    }
}
