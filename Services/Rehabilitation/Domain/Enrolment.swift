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
    /// The newest of each line that has one.
    var corrections: [LineID: Correction] = [:]

    /// Why a line is not what was recorded first.
    struct Correction: Hashable, Sendable {
        /// 2 for the first.
        var revision: Int
        /// The month that was corrected: the line's own, or another one that it follows from.
        var month: YearMonth
        var on: LocalDate
        var reason: String
    }

    var monthsCounted: Int { lines.count { $0.counted } }

    /// Days of `month` from the first day of the training to its last.
    func days(in month: YearMonth) -> Int {
        let first = max(month.first, details.startedOn)
        let last = min(month.last, endedOn ?? month.last)
        return max(0, first.distance(to: last) + 1)
    }

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

/// Another training of the same child, under this id or another one of the child's.
struct OtherTraining: Hashable, Sendable {
    var enrolment: EnrolmentID
    var person: PersonID
    var startedOn: LocalDate
    /// Nil while it goes on.
    var endedOn: LocalDate?
    var countedMonths: Set<YearMonth>

    /// True when it goes on at `date` or later; its last day is one of its days.
    func reaches(_ date: LocalDate) -> Bool { endedOn.map { $0 >= date } ?? true }

    /// True when it counted `month`, so that `enrolment` cannot. Of two trainings at once under two ids that were merged later each counts its
    /// own months: what becomes of them is a question to the authority.
    func counts(_ month: YearMonth, insteadOf enrolment: Enrolment) -> Bool {
        guard countedMonths.contains(month) else { return false }
        let atOnce = reaches(enrolment.details.startedOn) && enrolment.endedOn.map { startedOn <= $0 } ?? true
        return !atOnce || person == enrolment.details.facts.person
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

/// A recorded month as it should have been reported.
struct MonthCorrection: Hashable, Sendable {
    var report: MonthReport
    var reason: String
    /// Service days that make each recorded month count (policy and working calendar).
    var requiredDays: [YearMonth: Int]
    /// Lines that a settlement holds, sent back ones apart.
    var settled: Set<LineID>
}

/// The rules of an enrolment: which months count, and what each costs whom.
enum EnrolmentRules: Decider {
    typealias State = Enrolment

    enum Command: Hashable, Sendable {
        /// `others`, here and below: the child's other trainings, aliases resolved.
        case enrol(Enrolment.Details, others: [OtherTraining] = [], on: LocalDate)
        /// `requiredDays`: service days that make this month count (policy and working calendar).
        case recordMonth(MonthReport, requiredDays: Int, others: [OtherTraining] = [], on: LocalDate)
        /// The month's line is worked out anew, and those recorded after it, whose cap it moves.
        case correctMonth(MonthCorrection, others: [OtherTraining] = [], on: LocalDate)
        case end(EnrolmentOutcome, endedOn: LocalDate, on: LocalDate)
    }

    enum Event: Hashable, Sendable {
        case enrolled(Enrolment.Details)
        case monthRecorded(SettlementLine)
        case monthCorrected(from: SettlementLine, to: SettlementLine, Enrolment.Correction)
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
        case notRecorded = "MONTH_NOT_RECORDED"
        case settled = "LINE_SETTLED"
        case reasonRequired = "REASON_REQUIRED"
        case ended = "ENROLMENT_ENDED"
        case keyReused = "IDEMPOTENCY_KEY_REUSED"
    }

    static func decide(_ command: Command, given enrolment: Enrolment?) throws(Refused) -> [Event] {
        switch (command, enrolment?.status) {
        case (.enrol(let details, let others, let today), nil):
            guard !others.contains(where: { $0.reaches(details.startedOn) }) else { throw .alreadyEnrolled }
            guard details.startedOn <= today else { throw .inFuture }
            return [.enrolled(details)]
        // Asked again. A key that comes back for another application would take this training for that one's.
        case (.enrol(let details, _, _), .inTraining), (.enrol(let details, _, _), .ended):
            guard enrolment?.details.application == details.application else { throw .keyReused }
            return []

        case (.recordMonth, nil), (.correctMonth, nil), (.end, nil): throw .notFound
        case (.recordMonth(let report, let requiredDays, let others, let today), .inTraining):
            return try recorded(report, requiredDays, others, today, enrolment!)
        // The month a training ended in is reported when it is over.
        case (.recordMonth(let report, let requiredDays, let others, let today), .ended):
            return try recorded(report, requiredDays, others, today, enrolment!)

        case (.correctMonth(let correction, let others, let today), .inTraining):
            return try corrected(correction, others, today, enrolment!)
        case (.correctMonth(let correction, let others, let today), .ended):
            return try corrected(correction, others, today, enrolment!)

        case (.end(let outcome, let endedOn, let today), .inTraining):
            guard endedOn <= today else { throw .inFuture }
            guard let enrolment, endedOn >= enrolment.details.startedOn else { throw .outOfPeriod }
            guard enrolment.lines.allSatisfy({ $0.month <= endedOn.month }) else { throw .outOfPeriod }
            var shorter = enrolment
            shorter.endedOn = endedOn
            let last = enrolment.lines.first { $0.month == endedOn.month }
            guard last.map({ $0.serviceDays <= shorter.days(in: $0.month) }) ?? true else { throw .outOfPeriod }
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
        case .monthCorrected(_, let line, let correction):
            if let index = enrolment.lines.firstIndex(where: { $0.line == line.line }) { enrolment.lines[index] = line }
            enrolment.corrections[line.line] = correction
        case .ended(let outcome, let date, _):
            enrolment.status = .ended
            enrolment.outcome = outcome
            enrolment.endedOn = date
        }
        return enrolment
    }

    private static func recorded(
        _ report: MonthReport, _ requiredDays: Int, _ others: [OtherTraining], _ today: LocalDate, _ enrolment: Enrolment
    ) throws(Refused) -> [Event] {
        guard enrolment.days(in: report.month) > 0 else { throw .outOfPeriod }
        guard report.month.last < today else { throw .monthOpen }
        guard !enrolment.lines.contains(where: { $0.month == report.month }) else { throw .duplicateMonth }
        let reported = try checked(report, in: enrolment)
        let line = line(reported, requiredDays, others, after: enrolment)
        var after = enrolment
        after.lines.append(line)
        return [.monthRecorded(line)] + completed(after)
    }

    /// Money accumulates in the order of recording, so a line moves those behind it. What a settlement holds moves no more.
    private static func corrected(
        _ correction: MonthCorrection, _ others: [OtherTraining], _ today: LocalDate, _ enrolment: Enrolment
    ) throws(Refused) -> [Event] {
        let month = correction.report.month
        guard let first = enrolment.lines.firstIndex(where: { $0.month == month }) else { throw .notRecorded }
        guard correction.reason.contains(where: { !$0.isWhitespace }) else { throw .reasonRequired }
        let right = try checked(correction.report, in: enrolment)
        var after = enrolment
        after.lines.removeSubrange(first...)
        for old in enrolment.lines[first...] {
            var reported = old.month == month ? right : Reported(old)
            reported.line = old.line
            let required = correction.requiredDays[old.month] ?? enrolment.details.terms.minServiceDays
            after.lines.append(line(reported, required, others, after: after))
        }
        var events: [Event] = []
        for (old, new) in zip(enrolment.lines, after.lines) where old != new {
            guard !correction.settled.contains(old.line) else { throw .settled }
            let revision = (enrolment.corrections[old.line]?.revision ?? 1) + 1
            let why = Enrolment.Correction(revision: revision, month: month, on: today, reason: correction.reason)
            events.append(.monthCorrected(from: old, to: new, why))
        }
        return events + completed(after)
    }

    private static func checked(_ report: MonthReport, in enrolment: Enrolment) throws(Refused) -> Reported {
        guard (0...report.month.length).contains(report.serviceDays) else { throw .daysInvalid }
        guard report.serviceDays <= enrolment.days(in: report.month) else { throw .outOfPeriod }
        guard let insurance = report.insurance else { throw .insuranceFirst }
        let reported = Reported(
            line: report.line, month: report.month, serviceDays: report.serviceDays, grossFen: report.grossFen, insurance: insurance)
        guard report.grossFen >= .zero, !insurance.hasNegative, reported.selfPayFen >= .zero else { throw .negative }
        return reported
    }

    /// What a month costs whom behind the lines that `enrolment` has.
    private static func line(
        _ reported: Reported, _ requiredDays: Int, _ others: [OtherTraining], after enrolment: Enrolment
    ) -> SettlementLine {
        let terms = enrolment.details.terms
        let insurance = reported.insurance
        // A child's month is paid once: where another training counted it, here the family bears it.
        let isCounted = others.contains { $0.counts(reported.month, insteadOf: enrolment) }
        let money = SettlementArithmetic.line(
            selfPayFen: reported.selfPayFen, qualifies: reported.serviceDays >= requiredDays && !isCounted, before: enrolment.before,
            standardFen: terms.standardFen, months: terms.months, mode: terms.capMode)
        return SettlementLine(
            line: reported.line, month: reported.month, ordinal: money.ordinal, serviceDays: reported.serviceDays,
            counted: money.ordinal > 0, grossFen: reported.grossFen, basicInsuranceFen: insurance.basicFen,
            seriousIllnessFen: insurance.seriousIllnessFen, medicalReliefFen: insurance.medicalReliefFen,
            otherInsuranceFen: insurance.otherFen, selfPayFen: reported.selfPayFen, subsidyFen: money.subsidyFen,
            parentsFen: money.parentsFen, policyVersion: terms.policyVersion)
    }

    /// The programme is full: the training ends. A month recorded late may lie before others; it went on to the last month recorded.
    private static func completed(_ enrolment: Enrolment) -> [Event] {
        guard enrolment.status == .inTraining, enrolment.monthsCounted == enrolment.details.terms.months,
            let last = enrolment.lines.map(\.month).max()
        else { return [] }
        return [.ended(.completed, on: last.last, monthsCounted: enrolment.monthsCounted)]
    }
}

/// A month as it was reported, with what the insurances left of it.
private struct Reported {
    var line: LineID
    var month: YearMonth
    var serviceDays: Int
    var grossFen: Fen
    var insurance: SettlementArithmetic.Insurance
    var selfPayFen: Fen { grossFen - insurance.totalFen }
}

extension Reported {
    init(_ line: SettlementLine) {
        self.init(
            line: line.line, month: line.month, serviceDays: line.serviceDays, grossFen: line.grossFen,
            insurance: SettlementArithmetic.Insurance(
                basicFen: line.basicInsuranceFen, seriousIllnessFen: line.seriousIllnessFen, medicalReliefFen: line.medicalReliefFen,
                otherFen: line.otherInsuranceFen))
    }
}
