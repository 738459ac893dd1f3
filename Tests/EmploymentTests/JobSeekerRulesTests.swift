import Contracts
import Testing
import Vocabulary

@testable import Employment

/// What a decision came to, as one word a table can hold.
enum Outcome<Refused: Hashable & Sendable>: Hashable, Sendable {
    case events(Int)
    case refused(Refused)
}

struct JobSeekerRulesTests {
    static let facts = PersonFacts(
        person: PersonID(trusted: "aa01"), sex: .male, birthMonth: YearMonth(year: 2000, month: 5), region: RegionCode(trusted: "370102001")
    )
    static let id = JobSeekerID(trusted: "js1")
    static let first = PlacementID(trusted: "p1")
    static let second = PlacementID(trusted: "p2")
    static let day = LocalDate(year: 2025, month: 1, day: 10)!

    static func seeker(_ status: JobSeeker.Status?, consent: Bool = true) -> JobSeeker? {
        guard let status else { return nil }
        var seeker = JobSeeker(status: status, jobSeeker: id, facts: facts, origin: .registration, consentToShare: consent)
        seeker.trainings = ["t1"]
        switch status {
        case .seeking: seeker.chain = JobSeeker.Chain(placement: first, began: day, endedOn: day.adding(days: 40))
        case .placed: seeker.chain = JobSeeker.Chain(placement: first, began: day)
        }
        return seeker
    }

    static func registration(_ origin: JobSeekerOrigin, ofWorkingAge: Bool = true) -> JobSeekerRules.Command {
        .register(
            JobSeekerRules.Registration(jobSeeker: id, facts: facts, origin: origin, consentToShare: true, ofWorkingAge: ofWorkingAge))
    }

    static func training(_ id: String, hours: Int = 40) -> JobSeekerRules.Command {
        .completeTraining(JobSeekerRules.Training(id: id, kind: .skill, hours: hours))
    }

    static func start(_ placement: PlacementID, on date: LocalDate = day.adding(days: 60), ofWorkingAge: Bool = true)
        -> JobSeekerRules.Command
    {
        .start(JobSeekerRules.Start(placement: placement, startedOn: date, longestGapDays: 15, ofWorkingAge: ofWorkingAge))
    }

    /// Rows: nil, seeking, placed.
    static let matrix: [(JobSeekerRules.Command, [Outcome<JobSeekerRefusal>])] = [
        (registration(.registration), [.events(1), .refused(.duplicate), .refused(.duplicate)]),
        (registration(.registration, ofWorkingAge: false), [.refused(.notWorkingAge), .refused(.duplicate), .refused(.duplicate)]),
        (registration(.rehabilitation), [.events(1), .events(0), .events(0)]),
        (registration(.rehabilitation, ofWorkingAge: false), [.events(0), .events(0), .events(0)]),
        (.setConsent(false), [.refused(.notRegistered), .events(1), .events(1)]),
        (.setConsent(true), [.refused(.notRegistered), .events(0), .events(0)]),
        (training("t1"), [.refused(.notRegistered), .events(0), .events(0)]),
        (training("t2"), [.refused(.notRegistered), .events(1), .events(1)]),
        (training("t2", hours: 0), [.refused(.notRegistered), .refused(.hoursInvalid), .refused(.hoursInvalid)]),
        (start(first), [.refused(.notRegistered), .events(1), .events(0)]),
        (start(second), [.refused(.notRegistered), .events(1), .refused(.alreadyPlaced)]),
        (start(second, ofWorkingAge: false), [.refused(.notRegistered), .refused(.notWorkingAge), .refused(.alreadyPlaced)]),
        (.leave(first, endedOn: day), [.refused(.notRegistered), .events(0), .events(1)]),
        (.leave(second, endedOn: day), [.refused(.notRegistered), .refused(.notPlaced), .refused(.notPlaced)]),
    ]

    @Test(arguments: matrix.indices)
    func `every command is decided in every status`(row: Int) {
        let (command, expected) = Self.matrix[row]
        let statuses: [JobSeeker.Status?] = [nil] + JobSeeker.Status.allCases
        #expect(expected.count == statuses.count)
        for (status, outcome) in zip(statuses, expected) {
            #expect(Self.outcome(command, Self.seeker(status)) == outcome, "\(command) in \(status.map(\.rawValue) ?? "none")")
        }
    }

    @Test func `nobody is placed without consent to be shown to employers`() {
        #expect(Self.outcome(Self.start(Self.second), Self.seeker(.seeking, consent: false)) == .refused(.consentRequired))
    }

    /// Days without a job between the end of the last and the start of the next, and whether the chain holds.
    @Test(arguments: [(0, true), (1, true), (15, true), (16, false), (200, false)])
    func `a break of at most fifteen days keeps the chain of jobs`(daysWithoutJob: Int, holds: Bool) throws {
        let ended = Self.day.adding(days: 40)
        let start = ended.adding(days: daysWithoutJob + 1)
        let events = try JobSeekerRules.decide(Self.start(Self.second, on: start), given: Self.seeker(.seeking))
        #expect(events == [.started(Self.second, on: start, chainBegan: holds ? Self.day : start)])
    }

    @Test func `evolve follows a person through training, a job, its end and the next job`() throws {
        var seeker: JobSeeker?
        func run(_ command: JobSeekerRules.Command) throws {
            for event in try JobSeekerRules.decide(command, given: seeker) { seeker = JobSeekerRules.evolve(seeker, with: event) }
        }
        try run(Self.registration(.registration))
        try run(Self.training("t1"))
        try run(Self.start(Self.first, on: Self.day))
        #expect(seeker?.status == .placed && seeker?.chain?.began == Self.day)
        try run(.leave(Self.first, endedOn: Self.day.adding(days: 30)))
        #expect(seeker?.status == .seeking && seeker?.chain?.endedOn == Self.day.adding(days: 30))
        try run(Self.start(Self.second, on: Self.day.adding(days: 40)))
        #expect(seeker?.chain?.placement == Self.second && seeker?.chain?.began == Self.day && seeker?.chain?.endedOn == nil)
    }

    static func outcome(_ command: JobSeekerRules.Command, _ seeker: JobSeeker?) -> Outcome<JobSeekerRefusal> {
        do { return .events(try JobSeekerRules.decide(command, given: seeker).count) } catch { return .refused(error) }
    }
}
