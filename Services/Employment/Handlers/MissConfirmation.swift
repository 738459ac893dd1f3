import ServiceRuntime
import Vocabulary

/// Nobody confirmed a job in time: it escalates and decides nothing. Whether employment is stable still rests on a confirmation.
enum MissConfirmation {
    static let deadline = DeadlineHandler(PlacementTable.confirmationDeadline) { subject, due, work in
        let parts = subject.split(separator: "/")
        guard parts.count == 2, let month = Int(parts[1]) else {
            preconditionFailure("a confirmation's deadline names placement and month")
        }
        try work.execute(.missConfirmation(month: month, due: due), PlacementTable.self, PlacementID(trusted: String(parts[0])))
    }
}
