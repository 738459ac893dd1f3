import Contracts
import Persistence
import Vocabulary

/// Reporting's figures counted again from the log, by place and month, by somebody who never saw how Reporting counts.
struct FigureOracle {
    /// One figure: what is counted, in which township or higher place, in which month.
    private struct Spot: Hashable, CustomStringConvertible {
        let measure: String
        let place: String
        let month: YearMonth
        var description: String { "\(measure) of \(place) in \(month)" }
    }

    private let world: World
    private var figures: [Spot: Int64] = [:]
    /// Agreements that were told before.
    private var agreements: Set<String> = []
    /// Where and when each job began.
    private var jobs: [String: (RegionCode, LocalDate)] = [:]

    init(_ world: World, _ facts: [Fact], _ results: ResultOracle) throws {
        self.world = world
        for fact in facts where fact.meta.type == PlacementRecorded.type {
            let event = try PlacementRecorded(protobuf: fact.data)
            jobs[event.placement.text] = (event.facts.region, event.startedOn)
        }
        for fact in facts { try count(fact) }
        countCases(results)
        try countChildren(facts, results)
    }

    private mutating func add(_ measure: String, _ amount: Int64 = 1, at region: RegionCode, in month: YearMonth) {
        figures[Spot(measure: measure, place: String(region.text.prefix(9)), month: month), default: 0] += amount
    }

    private mutating func add(_ measure: String, of facts: PersonFacts, on date: LocalDate) {
        add(measure, at: facts.region, in: date.month)
    }

    private mutating func add(_ result: ResultFacts, _ sign: Int64) {
        let outcome = result.outcome.rawValue
        add(
            result.stage.rawValue + outcome.prefix(1).uppercased() + outcome.dropFirst(), sign, at: result.facts.region,
            in: result.takenOn.month)
    }

    private mutating func count(_ fact: Fact) throws {
        let today = fact.meta.recorded.date
        switch fact.meta.type {
        case ResultAccepted.type: add(try ResultAccepted(protobuf: fact.data).result, 1)
        case ResultCorrected.type:
            let event = try ResultCorrected(protobuf: fact.data)
            add(event.before, -1)
            add(event.after, 1)
        case ResultWithdrawn.type: add(try ResultWithdrawn(protobuf: fact.data).result, -1)
        case ScreeningDeadlineMissed.type:
            let event = try ScreeningDeadlineMissed(protobuf: fact.data)
            add("screeningDeadlinesMissed", of: event.facts, on: event.dueOn)
        case ReferralProposed.type: add("referralsProposed", of: try ReferralProposed(protobuf: fact.data).facts, on: today)
        case ReferralIssued.type: add("referralsIssued", of: try ReferralIssued(protobuf: fact.data).facts, on: today)
        case ReferralConfirmed.type: add("referralsAccepted", of: try ReferralConfirmed(protobuf: fact.data).facts, on: today)
        case ReferralDeclined.type: add("referralsDeclined", of: try ReferralDeclined(protobuf: fact.data).facts, on: today)
        case ReferralExpired.type: add("referralsExpired", of: try ReferralExpired(protobuf: fact.data).facts, on: today)
        case ReferralWithdrawn.type:
            let event = try ReferralWithdrawn(protobuf: fact.data)
            add(event.institution == nil ? "referralsWithdrawnUnissued" : "referralsWithdrawn", of: event.facts, on: today)
        case ReferralUnplaced.type: add("referralsUnplaced", of: try ReferralUnplaced(protobuf: fact.data).facts, on: today)
        case AssistanceApplied.type: add("applied", of: try AssistanceApplied(protobuf: fact.data).facts, on: today)
        case MaterialsCompleted.type: add("materialsComplete", of: try MaterialsCompleted(protobuf: fact.data).facts, on: today)
        case AssistanceApproved.type:
            let event = try AssistanceApproved(protobuf: fact.data)
            decided("approved", of: event.facts, on: today, inTime: event.onTime)
        case AssistanceRejected.type:
            let event = try AssistanceRejected(protobuf: fact.data)
            decided("rejected", of: event.facts, on: today, inTime: event.onTime)
        case AssistanceWithdrawn.type: add("applicationsWithdrawn", of: try AssistanceWithdrawn(protobuf: fact.data).facts, on: today)
        case ReviewDeadlineMissed.type: add("reviewsMissed", of: try ReviewDeadlineMissed(protobuf: fact.data).facts, on: today)
        case InstitutionConfirmed.type: add("institutionsConfirmed", of: try InstitutionConfirmed(protobuf: fact.data).facts, on: today)
        case Enrolled.type:
            let event = try Enrolled(protobuf: fact.data)
            add("enrolled", of: event.facts, on: event.startedOn)
        case EnrolmentCompleted.type:
            let event = try EnrolmentCompleted(protobuf: fact.data)
            add(event.outcome.rawValue, of: event.facts, on: event.endedOn)
        case TrainingMonthRecorded.type:
            let event = try TrainingMonthRecorded(protobuf: fact.data)
            count(event.line, at: event.facts.region)
        case TrainingMonthCorrected.type:
            let event = try TrainingMonthCorrected(protobuf: fact.data)
            count(event.before, -1, at: event.facts.region)
            count(event.after, at: event.facts.region)
        case AgreementActivated.type:
            let event = try AgreementActivated(protobuf: fact.data)
            if agreements.insert("\(event.institution) from \(event.validFrom)").inserted {
                add("agreements", at: event.region, in: event.validFrom.month)
            }
        case SettlementSubmitted.type:
            let event = try SettlementSubmitted(protobuf: fact.data)
            settled("Submitted", event.totalFen, at: event.region, in: today.month)
        case SettlementApproved.type:
            let event = try SettlementApproved(protobuf: fact.data)
            settled("Approved", event.totalFen, at: event.region, in: today.month)
        case SettlementRejected.type:
            let event = try SettlementRejected(protobuf: fact.data)
            settled("Rejected", event.totalFen, at: event.region, in: today.month)
        case SettlementPaid.type:
            let event = try SettlementPaid(protobuf: fact.data)
            settled("Paid", event.totalFen, at: event.region, in: event.paidOn.month)
            add("settlementLinesPaid", Int64(event.lines), at: event.region, in: event.paidOn.month)
        case PersonRegistered.type:
            let event = try PersonRegistered(protobuf: fact.data)
            add(event.provisional ? "personsProvisional" : "personsRegistered", of: event.facts, on: today)
        default: try countWork(fact, today)
        }
    }

    private mutating func countWork(_ fact: Fact, _ today: LocalDate) throws {
        switch fact.meta.type {
        case EmployerRegistered.type: add("employers", at: try EmployerRegistered(protobuf: fact.data).region, in: today.month)
        case JobSeekerRegistered.type:
            let event = try JobSeekerRegistered(protobuf: fact.data)
            add("jobSeekers", of: event.facts, on: today)
            if event.consentToShare { add("consentsGiven", of: event.facts, on: today) }
        case ConsentChanged.type:
            let event = try ConsentChanged(protobuf: fact.data)
            add(event.consentToShare ? "consentsGiven" : "consentsWithdrawn", of: event.facts, on: today)
        case ConfirmationMissed.type:
            let event = try ConfirmationMissed(protobuf: fact.data)
            add("confirmationsMissed", of: event.facts, on: event.dueOn)
        case TrainingCompleted.type: add("trained", of: try TrainingCompleted(protobuf: fact.data).facts, on: today)
        case PlacementRecorded.type:
            let event = try PlacementRecorded(protobuf: fact.data)
            add("placements", of: event.facts, on: event.startedOn)
        case EmploymentConfirmed.type: add("employmentConfirmations", of: try EmploymentConfirmed(protobuf: fact.data).facts, on: today)
        case StableEmploymentReached.type:
            let event = try StableEmploymentReached(protobuf: fact.data)
            add("stableEmployments", of: event.facts, on: event.reachedOn)
            guard let job = jobs[event.placement.text] else { throw Broken("\(event.placement) became stable and never began") }
            add("placementsStable", at: job.0, in: job.1.month)
        case EmploymentEnded.type:
            let event = try EmploymentEnded(protobuf: fact.data)
            add("employmentsEnded", of: event.facts, on: event.endedOn)
        default: break
        }
    }

    private mutating func decided(_ measure: String, of facts: PersonFacts, on date: LocalDate, inTime: Bool) {
        add(measure, of: facts, on: date)
        add("decided", of: facts, on: date)
        if inTime { add("decidedOnTime", of: facts, on: date) }
    }

    private mutating func settled(_ what: String, _ amount: Fen, at region: RegionCode, in month: YearMonth) {
        add("settlements\(what)", at: region, in: month)
        add("settlement\(what)Fen", amount.value, at: region, in: month)
    }

    private mutating func count(_ line: SettlementLine, _ sign: Int64 = 1, at region: RegionCode) {
        let insurance = [line.basicInsuranceFen, line.seriousIllnessFen, line.medicalReliefFen, line.otherInsuranceFen]
        for (measure, amount) in [
            (line.counted ? "trainingMonths" : "trainingMonthsNotCounted", 1), ("grossFen", line.grossFen.value),
            ("insuranceFen", insurance.reduce(0) { $0 + $1.value }), ("selfPayFen", line.selfPayFen.value),
            ("subsidyFen", line.subsidyFen.value), ("parentsFen", line.parentsFen.value),
        ] { add(measure, sign * amount, at: region, in: line.month) }
    }

    /// Where a case counts: where the earliest result that stands was taken, and when; of one day, the one of the earlier stage.
    private static func first(_ entries: [ResultFacts]) -> ResultFacts {
        func order(_ result: ResultFacts) -> (LocalDate, Int, String) {
            (result.takenOn, [.initial, .rescreen, .diagnosis].firstIndex(of: result.stage)!, result.facts.region.text)
        }
        return entries.min { order($0) < order($1) }!
    }

    /// How far each case has come: a step counts when the one before it does. All of them count where the case does.
    private mutating func countCases(_ results: ResultOracle) {
        for (id, entries) in results.cases {
            func has(_ stage: ScreeningStage, _ outcomes: ScreeningOutcome...) -> Bool {
                entries.contains { $0.stage == stage && (outcomes.isEmpty || outcomes.contains($0.outcome)) }
            }
            var steps: [String] = []
            if has(.initial) { steps.append("casesScreened") }
            if has(.initial, .positive) {
                steps.append("casesSuspected")
                if has(.rescreen, .positive, .negative) { steps.append("casesRescreened") }
                if has(.rescreen, .positive) {
                    steps.append("casesStillSuspected")
                    if has(.diagnosis, .positive, .negative) { steps.append("casesDiagnosed") }
                }
            }
            if has(.diagnosis, .positive) {
                steps.append("casesConfirmed")
                if let sharing = results.shared[id], sharing.isShared {
                    steps.append("casesShared")
                    if sharing.inTime { steps.append("casesSharedInTime") }
                }
            }
            let first = Self.first(entries)
            for step in steps { add(step, of: first.facts, on: first.takenOn) }
        }
    }

    /// A confirmed child counts where the first of its confirmed cases does; an assisted one in each year in which it was served, where and
    /// when that was first.
    private mutating func countChildren(_ facts: [Fact], _ results: ResultOracle) throws {
        let approved = Set(
            try facts.filter { $0.meta.type == AssistanceApproved.type }.map { try AssistanceApproved(protobuf: $0.data).facts.person })
        var served: [PersonID: [(YearMonth, RegionCode)]] = [:]
        var lines: [LineID: (PersonFacts, SettlementLine)] = [:]
        for fact in facts {
            if fact.meta.type == TrainingMonthRecorded.type {
                let event = try TrainingMonthRecorded(protobuf: fact.data)
                lines[event.line.line] = (event.facts, event.line)
            } else if fact.meta.type == TrainingMonthCorrected.type {
                let event = try TrainingMonthCorrected(protobuf: fact.data)
                lines[event.after.line] = (event.facts, event.after)
            }
        }
        for (child, line) in lines.values where line.serviceDays > 0 && approved.contains(child.person) {
            served[child.person, default: []].append((line.month, child.region))
        }
        for months in served.values {
            for (_, ofYear) in Dictionary(grouping: months, by: { $0.0.year }) {
                let first = ofYear.min { ($0.0, $0.1.text) < ($1.0, $1.1.text) }!
                add("childrenAssisted", at: first.1, in: first.0)
            }
        }
        let confirmed = results.cases.values.filter { $0.contains { $0.stage == .diagnosis && $0.outcome == .positive } }.map(Self.first)
        for (person, cases) in Dictionary(grouping: confirmed, by: \.facts.person) {
            let first = cases.min { ($0.takenOn.month, $0.facts.region.text) < ($1.takenOn.month, $1.facts.region.text) }!
            add("childrenConfirmed", of: first.facts, on: first.takenOn)
            if served[person] != nil { add("childrenServed", of: first.facts, on: first.takenOn) }
        }
    }

    /// Followed from one person's event to the next; the other oracles hold their parts.
    private static let notRecounted: Set = ["jobSeekersTrained", "jobSeekersTrainedPlaced"]

    func check() throws {
        var shown: [Spot: Int64] = [:]
        for (cell, measure, value) in try world.look(at: .reporting, Self.fine, { ($0.int(0), $0.text(1), $0.int(2)) })
        where !Self.notRecounted.contains(measure) {
            shown[Self.spot(cell, measure), default: 0] += value
        }
        for spot in Set(shown.keys).union(figures.keys).sorted(by: { "\($0)" < "\($1)" }) where shown[spot] ?? 0 != figures[spot] ?? 0 {
            throw Broken("figures: \(spot) is \(shown[spot] ?? 0), the log says \(figures[spot] ?? 0)")
        }
        let expected = figures.reduce(into: [String: Int64]()) { sums, figure in
            sums["\(figure.key.measure) of \(figure.key.place.prefix(6))", default: 0] += figure.value
        }
        let counties = Dictionary(
            uniqueKeysWithValues: try world.look(at: .reporting, Self.counties) { ($0.text(0), $0.text(1), $0.int(2)) }
                .filter { !Self.notRecounted.contains($0.0) }.map { ("\($0.0) of \($0.1)", $0.2) })
        for total in Set(counties.keys).union(expected.keys).sorted() where counties[total] ?? 0 != expected[total] ?? 0 {
            throw Broken("county totals: \(total) is \(counties[total] ?? 0), the log says \(expected[total] ?? 0)")
        }
    }

    /// A stored cell: nine digits of a place, how many of them are its own, a month; who is meant and in which share does not matter here.
    private static func spot(_ cell: Int64, _ measure: String) -> Spot {
        let digits = [2, 4, 6, 9][Int(cell / (1 << 29) % 4)]
        return Spot(
            measure: measure, place: String("\(cell / (1 << 31))".prefix(digits)),
            month: YearMonth(months: Int32(cell / (1 << 12) % (1 << 17))))
    }

    private static let fine = SQL("SELECT cell, measure, value FROM figures")
    private static let counties = SQL("SELECT measure, county, sum(value) FROM county_totals GROUP BY measure, county")
}
