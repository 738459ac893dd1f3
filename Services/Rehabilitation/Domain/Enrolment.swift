import Contracts
import ServiceRuntime
import Vocabulary

/// A child in training at an institution (入训) under one approved application.
struct Enrolment: Hashable, Sendable {
    enum Status: String, CaseIterable, Sendable { case inTraining, ended }

    struct Details: Hashable, Sendable {
        var application: ApplicationID
        var facts: PersonFacts
        var category: AssistanceCategory
        var institution: OrganisationID
        var terms: AssistanceTerms
        var startedOn: LocalDate
    }

    var details: Details
    var status: Status
    /// One for each recorded month, in the order they were recorded; money accumulates in that order.
    var lines: [SettlementLine]
    var outcome: EnrolmentOutcome?
    var endedOn: LocalDate?

    var monthsCounted: Int { lines.count { $0.counted } }

    /// Counted months so far, which the next month's line builds on.
    var before: SettlementArithmetic.Before {
        lines.reduce(into: .nothing) { sum, line in
            guard line.counted else { return }
            sum.months += 1
            sum.selfPayFen += line.selfPayFen
            sum.subsidyFen += line.subsidyFen
        }
    }
}

/// What a centre reports about one month.
struct MonthReport: Hashable, Sendable {
    var line: LineID
    var month: YearMonth
    var serviceDays: Int
    var grossFen: Fen
    /// Nil until the insurances have decided; an uninsured child has four zeros.
    var insurance: SettlementArithmetic.Insurance?
}

/// The rules of an enrolment: which months count, and what each costs whom.
enum EnrolmentRules: Decider {
    typealias State = Enrolment

    enum Command: Hashable, Sendable {
        /// `elsewhere`: another running enrolment of the same person, aliases resolved.
        case enrol(Enrolment.Details, elsewhere: EnrolmentID?, on: LocalDate)
        /// `requiredDays`: service days that make this month count (policy and working calendar).
        case recordMonth(MonthReport, requiredDays: Int, on: LocalDate)
        case end(EnrolmentOutcome, endedOn: LocalDate, on: LocalDate)
    }

    enum Event: Hashable, Sendable {
        case enrolled(Enrolment.Details)
        case monthRecorded(SettlementLine)
        case ended(EnrolmentOutcome, on: LocalDate, monthsCounted: Int)
    }

    enum Refused: String, Refusal {
        case notFound = "ENROLMENT_NOT_FOUND"
        case alreadyEnrolled = "ALREADY_ENROLLED"
        case inFuture = "OCCURRED_IN_FUTURE"
        case duplicateMonth = "MONTH_DUPLICATE"
        case monthOpen = "MONTH_OPEN"
        case outOfPeriod = "OUT_OF_PERIOD"
        case negative = "AMOUNT_NEGATIVE"
        case daysInvalid = "SERVICE_DAYS_INVALID"
        case insuranceFirst = "INSURANCE_FIRST"
        case ended = "ENROLMENT_ENDED"
        case keyReused = "IDEMPOTENCY_KEY_REUSED"
    }

    static func decide(_ command: Command, given enrolment: Enrolment?) throws(Refused) -> [Event] {
        switch (command, enrolment?.status) {
        case (.enrol(let details, let elsewhere, let today), nil):
            guard elsewhere == nil else { throw .alreadyEnrolled }
            guard details.startedOn <= today else { throw .inFuture }
            return [.enrolled(details)]
        // Asked again. A key that comes back for another application would take this training for that one's.
        case (.enrol(let details, _, _), .inTraining), (.enrol(let details, _, _), .ended):
            guard enrolment?.details.application == details.application else { throw .keyReused }
            return []

        case (.recordMonth, nil), (.end, nil): throw .notFound
        case (.recordMonth(let report, let requiredDays, let today), .inTraining):
            return try recorded(report, requiredDays, today, enrolment!)
        // The month a training ended in is reported when it is over.
        case (.recordMonth(let report, let requiredDays, let today), .ended):
            return try recorded(report, requiredDays, today, enrolment!)

        case (.end(let outcome, let endedOn, let today), .inTraining):
            guard endedOn <= today else { throw .inFuture }
            guard let enrolment, endedOn >= enrolment.details.startedOn else { throw .outOfPeriod }
            guard enrolment.lines.allSatisfy({ $0.month <= endedOn.month }) else { throw .outOfPeriod }
            return [.ended(outcome, on: endedOn, monthsCounted: enrolment.monthsCounted)]
        case (.end(let outcome, let endedOn, _), .ended):
            if enrolment?.outcome == outcome, enrolment?.endedOn == endedOn { return [] }
            throw .ended
        }
    }

    static func evolve(_ enrolment: Enrolment?, with event: Event) -> Enrolment {
        if case .enrolled(let details) = event { return Enrolment(details: details, status: .inTraining, lines: []) }
        guard var enrolment else { preconditionFailure("an enrolment's first event is its start") }
        switch event {
        case .enrolled: break
        case .monthRecorded(let line): enrolment.lines.append(line)
        case .ended(let outcome, let date, _):
            enrolment.status = .ended
            enrolment.outcome = outcome
            enrolment.endedOn = date
        }
        return enrolment
    }

    private static func recorded(
        _ report: MonthReport, _ requiredDays: Int, _ today: LocalDate, _ enrolment: Enrolment
    ) throws(Refused) -> [Event] {
        let details = enrolment.details
        guard report.month >= details.startedOn.month, enrolment.endedOn.map({ report.month <= $0.month }) ?? true else {
            throw .outOfPeriod
        }
        guard report.month.last < today else { throw .monthOpen }
        guard !enrolment.lines.contains(where: { $0.month == report.month }) else { throw .duplicateMonth }
        guard (0...report.month.length).contains(report.serviceDays) else { throw .daysInvalid }
        guard let insurance = report.insurance else { throw .insuranceFirst }
        let selfPayFen = report.grossFen - insurance.totalFen
        guard report.grossFen >= .zero, !insurance.hasNegative, selfPayFen >= .zero else { throw .negative }

        let terms = details.terms
        let before = enrolment.before
        let share = SettlementArithmetic.line(
            selfPayFen: selfPayFen, qualifies: report.serviceDays >= requiredDays, before: before,
            standardFen: terms.standardFen, months: terms.months, mode: terms.capMode)
        let line = SettlementLine(
            line: report.line, month: report.month, ordinal: share.ordinal, serviceDays: report.serviceDays, counted: share.ordinal > 0,
            grossFen: report.grossFen, basicInsuranceFen: insurance.basicFen, seriousIllnessFen: insurance.seriousIllnessFen,
            medicalReliefFen: insurance.medicalReliefFen, otherInsuranceFen: insurance.otherFen, selfPayFen: selfPayFen,
            subsidyFen: share.subsidyFen, parentsFen: share.parentsFen, policyVersion: terms.policyVersion)
        let isLast = enrolment.status == .inTraining && share.ordinal == terms.months
        // A month recorded late may lie before others; the training went on to the last month recorded.
        let lastMonth = enrolment.lines.reduce(report.month) { max($0, $1.month) }
        return [.monthRecorded(line)] + (isLast ? [.ended(.completed, on: lastMonth.last, monthsCounted: share.ordinal)] : [])
    }
}
