import ServiceRuntime
import Vocabulary

/// A settlement (结算): the lines of one institution up to a quarter's end that no settlement held before.
struct Settlement: Hashable, Sendable {
    enum Status: String, CaseIterable, Sendable { case submitted, approved, rejected, paid }

    struct Line: Hashable, Sendable {
        var line: LineID
        var month: YearMonth
        var subsidyFen: Fen
    }

    struct Submission: Hashable, Sendable {
        var institution: OrganisationID
        var region: RegionCode
        var quarter: Quarter
        var lines: [Line]
        var submittedBy: String
        var submittedOn: LocalDate
    }

    var submission: Submission
    var status: Status
    var approvedBy: String?
    var approvedOn: LocalDate?
    var paidBy: String?
    var paidOn: LocalDate?
    /// Of a rejection, with who rejected it and when.
    var rejection: Rejection?

    struct Rejection: Hashable, Sendable {
        var by: String
        var on: LocalDate
        var reason: String
    }

    var totalFen: Fen { submission.lines.reduce(.zero) { $0 + $1.subsidyFen } }
}

/// The rules of a settlement: submitted, approved or sent back by a second person, paid by finance (财政直接支付机构, 国发〔2018〕20号).
enum SettlementRules: Decider {
    typealias State = Settlement

    enum Command: Hashable, Sendable {
        case submit(Settlement.Submission)
        case approve(by: String, on: LocalDate)
        case reject(by: String, on: LocalDate, reason: String)
        case pay(by: String, on: LocalDate)
    }

    enum Event: Hashable, Sendable {
        case submitted(Settlement.Submission)
        case approved(by: String, on: LocalDate)
        /// Its lines are free for another settlement.
        case rejected(Settlement.Rejection)
        case paid(by: String, on: LocalDate)
    }

    enum Refused: String, Refusal {
        case notFound = "SETTLEMENT_NOT_FOUND"
        case keyReused = "IDEMPOTENCY_KEY_REUSED"
        case nothing = "NOTHING_TO_SETTLE"
        case quarterOpen = "QUARTER_OPEN"
        case duplicateLine = "LINE_DUPLICATE"
        case fourEyes = "FOUR_EYES"
        case notApproved = "NOT_APPROVED"
        case reasonRequired = "REASON_REQUIRED"
        case alreadyDecided = "ALREADY_DECIDED"
    }

    static func decide(_ command: Command, given settlement: Settlement?) throws(Refused) -> [Event] {
        switch (command, settlement?.status) {
        case (.submit(let submission), nil):
            guard submission.quarter.first <= submission.submittedOn else { throw .quarterOpen }
            guard !submission.lines.isEmpty else { throw .nothing }
            guard Set(submission.lines.map(\.line)).count == submission.lines.count else { throw .duplicateLine }
            guard submission.lines.allSatisfy({ $0.month.last <= submission.quarter.last }) else { throw .quarterOpen }
            return [.submitted(submission)]
        // Asked again. A key that comes back for another institution or quarter is answered with nobody's settlement.
        case (.submit(let submission), .submitted), (.submit(let submission), .approved), (.submit(let submission), .rejected),
            (.submit(let submission), .paid):
            guard settlement?.submission.institution == submission.institution, settlement?.submission.quarter == submission.quarter
            else { throw .keyReused }
            return []

        case (.approve, nil), (.reject, nil), (.pay, nil): throw .notFound
        case (.approve(let user, let date), .submitted):
            guard user != settlement?.submission.submittedBy else { throw .fourEyes }
            return [.approved(by: user, on: date)]
        case (.approve, .approved), (.approve, .paid): return []
        case (.approve, .rejected): throw .alreadyDecided

        case (.reject(let user, let date, let reason), .submitted):
            guard user != settlement?.submission.submittedBy else { throw .fourEyes }
            guard reason.contains(where: { !$0.isWhitespace }) else { throw .reasonRequired }
            return [.rejected(Settlement.Rejection(by: user, on: date, reason: reason))]
        case (.reject, .rejected): return []
        case (.reject, .approved), (.reject, .paid): throw .alreadyDecided

        case (.pay, .submitted), (.pay, .rejected): throw .notApproved
        case (.pay(let user, let date), .approved):
            guard user != settlement?.approvedBy, user != settlement?.submission.submittedBy else { throw .fourEyes }
            return [.paid(by: user, on: date)]
        case (.pay, .paid): return []
        }
    }

    static func evolve(_ settlement: Settlement?, with event: Event) -> Settlement {
        if case .submitted(let submission) = event { return Settlement(submission: submission, status: .submitted) }
        guard var settlement else { preconditionFailure("a settlement's first event is its submission") }
        switch event {
        case .submitted: break
        case .approved(let user, let date):
            settlement.status = .approved
            settlement.approvedBy = user
            settlement.approvedOn = date
        case .rejected(let rejection):
            settlement.status = .rejected
            settlement.rejection = rejection
        case .paid(let user, let date):
            settlement.status = .paid
            settlement.paidBy = user
            settlement.paidOn = date
        }
        return settlement
    }
}
