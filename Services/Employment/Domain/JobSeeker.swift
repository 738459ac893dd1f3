import Contracts
import ServiceRuntime
import Vocabulary

/// A person who looks for work (求职者), and the chain of jobs that counts towards stable employment.
struct JobSeeker: Hashable, Sendable {
    enum Status: String, CaseIterable, Sendable {
        case seeking, placed
    }

    /// The chain of jobs so far: a new job soon enough after the last keeps the day the chain began.
    struct Chain: Hashable, Sendable {
        var placement: PlacementID
        var began: LocalDate
        /// Nil while the job stands.
        var endedOn: LocalDate?
    }

    var status: Status
    var jobSeeker: JobSeekerID
    var facts: PersonFacts
    var origin: JobSeekerOrigin
    /// Separate consent to be shown to employers (PIPL art. 23).
    var consentToShare: Bool
    var trainings: [String] = []
    var chain: Chain?
}

/// The rules of a job seeker: need, training and job are one file, and nobody is shown to an employer without consent.
enum JobSeekerRules: Decider {
    typealias State = JobSeeker
    typealias Refused = JobSeekerRefusal

    struct Registration: Hashable, Sendable {
        var jobSeeker: JobSeekerID
        var facts: PersonFacts
        var origin: JobSeekerOrigin
        var consentToShare: Bool
        /// Decided by policy for the person's sex, region and the day.
        var ofWorkingAge: Bool
    }

    struct Training: Hashable, Sendable {
        /// Made from the request, so that a retry is the same training.
        var id: String
        var kind: TrainingKind
        var hours: Int
    }

    struct Start: Hashable, Sendable {
        var placement: PlacementID
        var startedOn: LocalDate
        /// Longest break that keeps a chain of jobs whole, in days.
        var longestGapDays: Int
        var ofWorkingAge: Bool
    }

    enum Command: Hashable, Sendable {
        case register(Registration)
        case setConsent(Bool)
        case completeTraining(Training)
        case start(Start)
        case leave(PlacementID, endedOn: LocalDate)
    }

    enum Event: Hashable, Sendable {
        case registered(JobSeekerID, PersonFacts, JobSeekerOrigin, consentToShare: Bool)
        case consentSet(Bool)
        case trainingCompleted(Training)
        /// `chainBegan` is the day from which completed months count.
        case started(PlacementID, on: LocalDate, chainBegan: LocalDate)
        case left(PlacementID, endedOn: LocalDate)
    }

    static func decide(_ command: Command, given seeker: JobSeeker?) throws(JobSeekerRefusal) -> [Event] {
        switch (command, seeker?.status) {
        case (.register(let person), nil):
            switch (person.ofWorkingAge, person.origin) {
            case (true, _): return [.registered(person.jobSeeker, person.facts, person.origin, consentToShare: person.consentToShare)]
            // A child who finishes training is not a job seeker yet; nobody asked, so nobody is refused.
            case (false, .rehabilitation): return []
            case (false, .registration): throw .notWorkingAge
            }
        case (.register(let person), .seeking), (.register(let person), .placed):
            switch person.origin {
            case .rehabilitation: return []  // On file already, whichever way it came about.
            case .registration: throw .duplicate
            }

        case (.setConsent(let consent), .seeking), (.setConsent(let consent), .placed):
            return seeker?.consentToShare == consent ? [] : [.consentSet(consent)]
        case (.setConsent, nil): throw .notRegistered

        case (.completeTraining(let training), .seeking), (.completeTraining(let training), .placed):
            guard seeker?.trainings.contains(training.id) != true else { return [] }
            guard (1...5_000).contains(training.hours) else { throw .hoursInvalid }
            return [.trainingCompleted(training)]
        case (.completeTraining, nil): throw .notRegistered

        case (.start(let job), .seeking):
            guard seeker?.consentToShare == true else { throw .consentRequired }
            guard job.ofWorkingAge else { throw .notWorkingAge }
            return [.started(job.placement, on: job.startedOn, chainBegan: chainStart(of: job, after: seeker?.chain))]
        case (.start(let job), .placed):
            guard seeker?.chain?.placement == job.placement else { throw .alreadyPlaced }
            return []
        case (.start, nil): throw .notRegistered

        case (.leave(let placement, let day), .placed):
            guard seeker?.chain?.placement == placement else { throw .notPlaced }
            return [.left(placement, endedOn: day)]
        case (.leave(let placement, _), .seeking):
            guard seeker?.chain?.placement == placement else { throw .notPlaced }
            return []
        case (.leave, nil): throw .notRegistered
        }
    }

    /// The day from which months count: the old chain's when the break was at most `longestGapDays` days without a job.
    static func chainStart(of job: Start, after chain: JobSeeker.Chain?) -> LocalDate {
        guard let chain, let endedOn = chain.endedOn, job.startedOn >= chain.began else { return job.startedOn }
        let daysWithoutJob = endedOn.distance(to: job.startedOn) - 1
        return daysWithoutJob <= job.longestGapDays ? chain.began : job.startedOn
    }

    static func evolve(_ seeker: JobSeeker?, with event: Event) -> JobSeeker {
        if case .registered(let id, let facts, let origin, let consent) = event {
            return JobSeeker(status: .seeking, jobSeeker: id, facts: facts, origin: origin, consentToShare: consent)
        }
        guard var seeker else { preconditionFailure("a job seeker's file starts with its registration") }
        switch event {
        case .registered: break
        case .consentSet(let consent): seeker.consentToShare = consent
        case .trainingCompleted(let training): seeker.trainings.append(training.id)
        case .started(let placement, _, let began):
            seeker.status = .placed
            seeker.chain = JobSeeker.Chain(placement: placement, began: began)
        case .left(_, let day):
            seeker.status = .seeking
            seeker.chain?.endedOn = day
        }
        return seeker
    }
}
