import ServiceRuntime
import Vocabulary

/// A review whose last day lies in a year without a loaded calendar is looked at every day until a build has the year, and its day counted
/// again from the day the papers were complete.
enum RecountReview {
    static let kind = "assistance-review-recount"

    static func deadline(_ calendar: WorkingCalendar) -> DeadlineHandler {
        DeadlineHandler(kind) { subject, _, work in
            let id = ApplicationID(trusted: subject)
            guard let application = try work.state(ApplicationTable.self, id), let completeOn = application.completeOn else { return }
            let due = calendar.dueDate(workingDays: application.terms.reviewWorkingDays, from: completeOn)
            guard !due.provisional else { return try work.schedule(kind, subject: subject, due: work.cause.today) }
            try work.execute(.moveReview(to: due.date), ApplicationTable.self, id)
        }
    }
}
