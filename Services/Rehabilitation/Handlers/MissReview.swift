import ServiceRuntime
import Vocabulary

/// The review clock ran out: it escalates and decides nothing.
enum MissReview {
    static let deadline = DeadlineHandler(ApplicationTable.reviewDeadline) { subject, due, work in
        try work.execute(.missReview(due: due), ApplicationTable.self, ApplicationID(trusted: subject))
    }
}
