import Contracts
import ServiceRuntime
import Vocabulary

/// A deadline in working days that reaches into a year without a loaded calendar is provisional. It is looked at every day until a build has
/// the year, and then counted again from the day it was set.
enum RecountDeadlines {
    static let kind = "referral-recount"

    /// Which deadline of a referral.
    enum Awaited: Hashable, Sendable {
        case choice
        case answer(Int)

        var word: String {
            switch self {
            case .choice: "choice"
            case .answer(let attempt): String(attempt)
            }
        }
    }

    /// Remembers a deadline set today, when its day is provisional.
    static func plan(_ awaited: Awaited, _ id: ReferralID, due: LocalDate, in work: UnitOfWork) throws {
        guard due.year > WorkingCalendar.shared.years.upperBound else { return }
        try work.schedule(kind, subject: "\(id)/\(awaited.word)/\(work.cause.today)", due: work.cause.today)
    }

    static func handler(_ context: ScreeningContext) -> DeadlineHandler {
        DeadlineHandler(kind) { subject, _, work in
            let parts = subject.split(separator: "/").map(String.init)
            guard parts.count == 3 else { preconditionFailure("a recount names referral, deadline and first day") }
            let (id, from) = (ReferralID(trusted: parts[0]), try LocalDate(parts[2]))
            guard let referral = try work.state(ReferralTable.self, id) else { return }
            let policy = try context.policies.policy(in: referral.subject.facts.region, on: from)
            let awaited = Int(parts[1]).map { Awaited.answer($0) } ?? .choice
            let days = awaited == .choice ? policy.chooseWorkingDays : policy.respondWorkingDays
            let due = context.calendar.dueDate(workingDays: days, from: from)
            guard !due.provisional else { return try work.schedule(kind, subject: subject, due: work.cause.today) }
            switch awaited {
            case .choice: try work.execute(.moveChoice(to: due.date), ReferralTable.self, id)
            case .answer(let attempt): try work.execute(.moveAnswer(attempt: attempt, to: due.date), ReferralTable.self, id)
            }
        }
    }
}
