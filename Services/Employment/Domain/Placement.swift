import Contracts
import ServiceRuntime
import Vocabulary

/// One job of one job seeker (就业安置), from the contract to its end.
struct Placement: Hashable, Sendable {
    enum Status: String, CaseIterable, Sendable {
        case employed
        /// Completed months reached the retention policy's number.
        case stable
        case ended
    }

    /// Why a job ended. Codes only: a free sentence would carry a person's story into the log.
    enum EndReason: String, CaseIterable, Codable, Sendable {
        case contractEnded, resigned, dismissed, employerClosed, health, moved, other
    }

    struct Details: Hashable, Sendable {
        var jobSeeker: JobSeekerID
        var facts: PersonFacts
        var employer: OrganisationID
        var form: EmploymentForm
        var startedOn: LocalDate
        var contractUntil: LocalDate
        var monthlyWageFen: Fen
        /// First day of the chain of jobs this one belongs to; months count from here.
        var chainBegan: LocalDate
    }

    struct Awaited: Hashable, Sendable {
        var month: Int
        var dueOn: LocalDate
    }

    /// When a job is to be confirmed, as policy has it on the day it is reported.
    struct Schedule: Hashable, Sendable {
        /// Months at which a confirmation is taken.
        var months: [Int]
        /// Days after a month is completed in which its confirmation is expected.
        var graceDays: Int

        /// What `details`, reported on `today`, is to be confirmed at. Months that were over before the job began are its predecessor's; for
        /// those that were over before it was reported the days count from the report.
        func awaited(_ details: Details, reportedOn today: LocalDate) -> [Awaited] {
            months.sorted().compactMap { month in
                let completed = details.chainBegan.adding(months: month)
                return completed < details.startedOn ? nil : Awaited(month: month, dueOn: max(completed, today).adding(days: graceDays))
            }
        }
    }

    var status: Status
    var details: Details
    /// Under a year and proportional: a placement all the same, but not one of the quota (财税〔2015〕72号).
    var contractTooShort: Bool
    var confirmedMonths: [Int] = []
    /// Confirmations still to come, and by when; none once the job has ended.
    var awaited: [Awaited] = []
    /// Months whose confirmation did not come in time, made good since or not.
    var missedMonths: [Int] = []
    var stableOn: LocalDate?
    var endedOn: LocalDate?

    /// The last month that was confirmed, and the day on which it was completed.
    var lastConfirmed: (month: Int, on: LocalDate)? {
        confirmedMonths.max().map { ($0, details.chainBegan.adding(months: $0)) }
    }

    /// Missed and still to be confirmed.
    var overdueMonths: [Int] { status == .ended ? [] : missedMonths.filter { !confirmedMonths.contains($0) } }
}

/// The rules of a placement: minimum wage at the start, evidence at the months the policy names, stable after its number of months.
enum PlacementRules: Decider {
    typealias State = Placement
    typealias Refused = PlacementRefusal

    struct Record: Hashable, Sendable {
        var details: Placement.Details
        var today: LocalDate
        var employerKnown: Bool
        var minimumWageFen: Fen
        var schedule: Placement.Schedule
    }

    struct Confirmation: Hashable, Sendable {
        var month: Int
        var today: LocalDate
        /// Months at which a confirmation is taken.
        var months: [Int]
        /// Completed months that make employment stable.
        var stableMonths: Int
    }

    enum Command: Hashable, Sendable {
        case record(Record)
        case confirm(Confirmation)
        /// The time for the confirmation of a month has passed.
        case missConfirmation(month: Int, due: LocalDate)
        case end(on: LocalDate, reason: Placement.EndReason, today: LocalDate)
    }

    enum Event: Hashable, Sendable {
        case recorded(Placement.Details, contractTooShort: Bool, awaited: [Placement.Awaited])
        case confirmed(month: Int)
        case confirmationMissed(Placement.Awaited)
        case stableReached(on: LocalDate)
        case ended(on: LocalDate, reason: Placement.EndReason)
    }

    static func decide(_ command: Command, given placement: Placement?) throws(PlacementRefusal) -> [Event] {
        switch (command, placement?.status) {
        case (.record(let record), nil):
            let details = record.details
            guard record.employerKnown else { throw .employerUnknown }
            guard details.startedOn <= record.today else { throw .occurredInFuture }
            guard details.contractUntil > details.startedOn else { throw .contractDates }
            guard details.monthlyWageFen >= record.minimumWageFen else { throw .wageBelowMinimum }
            return [recorded(details, record.schedule, reportedOn: record.today)]
        // The id is made from the request's key: a retry. A key that comes back for another job is not.
        case (.record(let record), .employed), (.record(let record), .stable), (.record(let record), .ended):
            guard placement?.details.jobSeeker == record.details.jobSeeker, placement?.details.employer == record.details.employer
            else { throw .keyReused }
            return []

        case (.confirm(let confirmation), .employed), (.confirm(let confirmation), .stable):
            return try confirm(confirmation, of: placement)
        case (.confirm(let confirmation), .ended):
            if placement?.confirmedMonths.contains(confirmation.month) == true { return [] }
            throw .employmentEnded
        case (.confirm, nil): throw .placementUnknown

        // Checked again here: it may have been confirmed while the timer woke. It escalates and decides nothing.
        case (.missConfirmation(let month, let due), .employed), (.missConfirmation(let month, let due), .stable):
            let missed = Placement.Awaited(month: month, dueOn: due)
            return placement?.awaited.contains(missed) == true ? [.confirmationMissed(missed)] : []
        case (.missConfirmation, .ended), (.missConfirmation, nil): return []

        case (.end(let day, let reason, let today), .employed), (.end(let day, let reason, let today), .stable):
            guard day <= today else { throw .occurredInFuture }
            guard let started = placement?.details.startedOn, day >= started else { throw .endBeforeStart }
            // Somebody showed by payroll or visit that the job stood on that day, and figures rest on it.
            if let confirmed = placement?.lastConfirmed, day < confirmed.on { throw .endBeforeConfirmed }
            return [.ended(on: day, reason: reason)]
        case (.end(let day, _, _), .ended):
            guard placement?.endedOn == day else { throw .employmentEnded }
            return []
        case (.end, nil): throw .placementUnknown
        }
    }

    /// What follows from the job itself and the day it was reported on.
    static func recorded(_ details: Placement.Details, _ schedule: Placement.Schedule, reportedOn today: LocalDate) -> Event {
        let underOneYear = details.contractUntil < details.startedOn.adding(months: 12).adding(days: -1)
        return .recorded(
            details, contractTooShort: details.form == .proportional && underOneYear,
            awaited: schedule.awaited(details, reportedOn: today))
    }

    private static func confirm(_ confirmation: Confirmation, of placement: Placement?) throws(PlacementRefusal) -> [Event] {
        guard let placement else { throw .placementUnknown }
        if placement.confirmedMonths.contains(confirmation.month) { return [] }
        guard confirmation.months.contains(confirmation.month) else { throw .monthNotConfirmable }
        let due = placement.details.chainBegan.adding(months: confirmation.month)
        // Over before this job began: its predecessor's to confirm, and nobody can show for it what this employer never saw.
        guard due >= placement.details.startedOn else { throw .monthNotConfirmable }
        guard confirmation.today >= due else { throw .monthNotDue }
        let confirmed = Event.confirmed(month: confirmation.month)
        return confirmation.month >= confirmation.stableMonths && placement.stableOn == nil
            ? [confirmed, .stableReached(on: due)] : [confirmed]
    }

    static func evolve(_ placement: Placement?, with event: Event) -> Placement {
        if case .recorded(let details, let contractTooShort, let awaited) = event {
            return Placement(status: .employed, details: details, contractTooShort: contractTooShort, awaited: awaited)
        }
        guard var placement else { preconditionFailure("a placement starts with its record") }
        switch event {
        case .recorded: break
        case .confirmed(let month):
            placement.confirmedMonths.append(month)
            placement.awaited.removeAll { $0.month == month }
        case .confirmationMissed(let missed):
            placement.awaited.removeAll { $0 == missed }
            placement.missedMonths.append(missed.month)
        case .stableReached(let day):
            placement.status = .stable
            placement.stableOn = day
        case .ended(let day, _):
            placement.status = .ended
            placement.endedOn = day
            placement.awaited = []
        }
        return placement
    }
}
