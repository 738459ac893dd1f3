import Contracts
import ServiceRuntime
import Vocabulary

/// Training in rehabilitation was completed → a job seeker, when the person is of working age. A child is not one, and nothing is said.
///
/// Waits for the person's file: one person, one file, and the file's facts are the ones that count.
enum RegisterFromRehabilitation {
    static let subscription = Subscription.on(EnrolmentCompleted.self, "RegisterFromRehabilitation") { event, _, work in
        switch event.outcome {
        case .droppedOut, .transferred: return
        case .completed: break
        }
        guard try EmploymentPolicies.isOfWorkingAge(event.facts, on: event.endedOn) else { return }
        guard let facts = try KnownPersons.facts(event.facts.person, in: work.tx) else {
            throw Hold(subject: FollowPersons.subject(event.facts.person))
        }
        let jobSeeker = try JobSeekerTable.id(ofEveryIDOf: facts.person, in: work)
        try work.execute(
            .register(
                JobSeekerRules.Registration(
                    jobSeeker: jobSeeker, facts: facts, origin: .rehabilitation, consentToShare: false,
                    ofWorkingAge: try EmploymentPolicies.isOfWorkingAge(facts, on: event.endedOn))),
            JobSeekerTable.self, jobSeeker)
    }
}
