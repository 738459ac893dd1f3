import Contracts
import Persistence
import Vocabulary

/// Reporting's figures counted again from the log, by somebody who never saw how Reporting counts.
struct FigureOracle {
    let world: World
    private var totals: [String: Int64] = [:]
    /// Agreements that were told before.
    private var agreements: Set<String> = []

    init(_ world: World, _ facts: [Fact], _ results: ResultOracle) throws {
        self.world = world
        for fact in facts { try count(fact) }
        countCases(results)
        try countChildren(facts, results)
    }

    private mutating func add(_ measure: String, _ amount: Int64 = 1) { totals[measure, default: 0] += amount }

    private mutating func add(_ result: ResultFacts, _ sign: Int64) {
        let outcome = result.outcome.rawValue
        add(result.stage.rawValue + outcome.prefix(1).uppercased() + outcome.dropFirst(), sign)
    }

    private mutating func count(_ fact: Fact) throws {
        switch fact.meta.type {
        case ResultAccepted.type: add(try ResultAccepted(protobuf: fact.data).result, 1)
        case ResultCorrected.type:
            let event = try ResultCorrected(protobuf: fact.data)
            add(event.before, -1)
            add(event.after, 1)
        case ResultWithdrawn.type: add(try ResultWithdrawn(protobuf: fact.data).result, -1)
        case ScreeningDeadlineMissed.type: add("screeningDeadlinesMissed")
        case ReferralProposed.type: add("referralsProposed")
        case ReferralIssued.type: add("referralsIssued")
        case ReferralConfirmed.type: add("referralsAccepted")
        case ReferralDeclined.type: add("referralsDeclined")
        case ReferralExpired.type: add("referralsExpired")
        case ReferralWithdrawn.type:
            add(try ReferralWithdrawn(protobuf: fact.data).institution == nil ? "referralsWithdrawnUnissued" : "referralsWithdrawn")
        case ReferralUnplaced.type: add("referralsUnplaced")
        case AssistanceApplied.type: add("applied")
        case MaterialsCompleted.type: add("materialsComplete")
        case AssistanceApproved.type: decided("approved", onTime: try AssistanceApproved(protobuf: fact.data).onTime)
        case AssistanceRejected.type: decided("rejected", onTime: try AssistanceRejected(protobuf: fact.data).onTime)
        case ReviewDeadlineMissed.type: add("reviewsMissed")
        case InstitutionConfirmed.type: add("institutionsConfirmed")
        case Enrolled.type: add("enrolled")
        case EnrolmentCompleted.type: add(try EnrolmentCompleted(protobuf: fact.data).outcome.rawValue)
        case TrainingMonthRecorded.type: count(try TrainingMonthRecorded(protobuf: fact.data).line)
        case AgreementActivated.type:
            let event = try AgreementActivated(protobuf: fact.data)
            if agreements.insert("\(event.institution) from \(event.validFrom)").inserted { add("agreements") }
        case SettlementSubmitted.type:
            add("settlementsSubmitted")
            add("settlementSubmittedFen", try SettlementSubmitted(protobuf: fact.data).totalFen.value)
        case SettlementApproved.type:
            add("settlementsApproved")
            add("settlementApprovedFen", try SettlementApproved(protobuf: fact.data).totalFen.value)
        case SettlementPaid.type:
            let event = try SettlementPaid(protobuf: fact.data)
            add("settlementsPaid")
            add("settlementLinesPaid", Int64(event.lines))
            add("settlementPaidFen", event.totalFen.value)
        case PersonRegistered.type:
            add(try PersonRegistered(protobuf: fact.data).provisional ? "personsProvisional" : "personsRegistered")
        case EmployerRegistered.type: add("employers")
        case JobSeekerRegistered.type:
            add("jobSeekers")
            if try JobSeekerRegistered(protobuf: fact.data).consentToShare { add("consentsGiven") }
        case ConsentChanged.type: add(try ConsentChanged(protobuf: fact.data).consentToShare ? "consentsGiven" : "consentsWithdrawn")
        case ConfirmationMissed.type: add("confirmationsMissed")
        case AssistanceWithdrawn.type: add("applicationsWithdrawn")
        case SettlementRejected.type:
            add("settlementsRejected")
            add("settlementRejectedFen", try SettlementRejected(protobuf: fact.data).totalFen.value)
        case TrainingCompleted.type: add("trained")
        case PlacementRecorded.type: add("placements")
        case EmploymentConfirmed.type: add("employmentConfirmations")
        case StableEmploymentReached.type:
            add("stableEmployments")
            add("placementsStable")
        case EmploymentEnded.type: add("employmentsEnded")
        default: break
        }
    }

    private mutating func decided(_ measure: String, onTime: Bool) {
        add(measure)
        add("decided")
        if onTime { add("decidedOnTime") }
    }

    private mutating func count(_ line: SettlementLine) {
        add(line.counted ? "trainingMonths" : "trainingMonthsNotCounted")
        add("grossFen", line.grossFen.value)
        add(
            "insuranceFen",
            line.basicInsuranceFen.value + line.seriousIllnessFen.value + line.medicalReliefFen.value + line.otherInsuranceFen.value)
        add("selfPayFen", line.selfPayFen.value)
        add("subsidyFen", line.subsidyFen.value)
        add("parentsFen", line.parentsFen.value)
    }

    /// How far each case has come: a step counts when the one before it does.
    private mutating func countCases(_ results: ResultOracle) {
        for (id, entries) in results.cases {
            func has(_ stage: ScreeningStage, _ outcomes: ScreeningOutcome...) -> Bool {
                entries.contains { $0.stage == stage && (outcomes.isEmpty || outcomes.contains($0.outcome)) }
            }
            if has(.initial) { add("casesScreened") }
            if has(.initial, .positive) {
                add("casesSuspected")
                if has(.rescreen) { add("casesRescreened") }
                if has(.rescreen, .positive) {
                    add("casesStillSuspected")
                    if has(.diagnosis, .positive, .negative) { add("casesDiagnosed") }
                }
            }
            if has(.diagnosis, .positive) {
                add("casesConfirmed")
                if results.shared[id]?.isShared == true { add("casesShared") }
            }
        }
    }

    private mutating func countChildren(_ facts: [Fact], _ results: ResultOracle) throws {
        let approved = Set(
            try facts.filter { $0.meta.type == AssistanceApproved.type }.map { try AssistanceApproved(protobuf: $0.data).facts.person })
        let enrolled = Set(try facts.filter { $0.meta.type == Enrolled.type }.map { try Enrolled(protobuf: $0.data).facts.person })
        let assisted = approved.intersection(enrolled)
        let confirmed = Set(
            results.cases.values.filter { $0.contains { $0.stage == .diagnosis && $0.outcome == .positive } }.map { $0[0].facts.person })
        add("childrenConfirmed", Int64(confirmed.count))
        add("childrenAssisted", Int64(assisted.count))
        add("childrenServed", Int64(assisted.intersection(confirmed).count))
    }

    /// Followed from one person's event to the next; the other oracles hold their parts.
    private static let notRecounted: Set = ["jobSeekersTrained", "jobSeekersTrainedPlaced"]

    func check() throws {
        let expected = totals.filter { $0.value != 0 }
        for (what, sql) in [("figures", Self.figures), ("county totals", Self.counties)] {
            let shown = Dictionary(uniqueKeysWithValues: try world.look(at: .reporting, sql) { ($0.text(0), $0.int(1)) })
                .filter { $0.value != 0 && !Self.notRecounted.contains($0.key) }
            for measure in Set(shown.keys).union(expected.keys).sorted() where shown[measure] != expected[measure] {
                throw Broken("\(what): \(measure) is \(shown[measure] ?? 0), the log says \(expected[measure] ?? 0)")
            }
        }
    }

    private static let figures = SQL("SELECT measure, sum(value) FROM figures GROUP BY measure")
    private static let counties = SQL("SELECT measure, sum(value) FROM county_totals GROUP BY measure")
}
