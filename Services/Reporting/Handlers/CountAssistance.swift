import Contracts
import ServiceRuntime
import Vocabulary

/// Rehabilitation's facts → figures: applications, training, money.
enum CountAssistance {
    static let subscriptions: [Subscription] = [
        Counter.counting(AssistanceApplied.self, "CountApplication") { try $1.count(.applied, $0.facts, $0.category) },
        Counter.counting(MaterialsCompleted.self, "CountMaterials") { try $1.count(.materialsComplete, $0.facts, $0.category) },
        Counter.counting(AssistanceApproved.self, "CountApproval") { event, counter in
            try counter.count(.approved, event.facts, event.category)
            try counter.decided(event.facts, event.category, onTime: event.onTime)
            try ChildTallyTable.count(.approved, (), of: event.facts.person, in: counter.work)
        },
        Counter.counting(AssistanceRejected.self, "CountRejection") { event, counter in
            try counter.count(.rejected, event.facts, event.category)
            try counter.decided(event.facts, event.category, onTime: event.onTime)
        },
        Counter.counting(AssistanceWithdrawn.self, "CountWithdrawnApplication") {
            try $1.count(.applicationsWithdrawn, $0.facts, $0.category)
        },
        Counter.counting(ReviewDeadlineMissed.self, "CountMissedReview") { try $1.count(.reviewsMissed, $0.facts, $0.category) },
        Counter.counting(InstitutionConfirmed.self, "CountInstitutionConfirmed") { try $1.count(.institutionsConfirmed, $0.facts) },
        Counter.counting(Enrolled.self, "CountEnrolment") { event, counter in
            try counter.add(.enrolled, 1, Cell(event.facts, on: event.startedOn, subject: event.category.screeningTopic))
        },
        Counter.counting(TrainingMonthRecorded.self, "CountTrainingMonth") { event, counter in
            try counter.month(event.line, 1, event.facts, event.category)
            if event.line.counted {
                try InstitutionQuarters.trained(event.institution, event.line.month.quarter, in: counter.work.tx)
            }
        },
        // Subtracts exactly what was added.
        Counter.counting(TrainingMonthCorrected.self, "CountCorrectedMonth") { event, counter in
            try counter.month(event.before, -1, event.facts, event.category)
            try counter.month(event.after, 1, event.facts, event.category)
            if event.after.counted {
                try InstitutionQuarters.trained(event.institution, event.after.month.quarter, in: counter.work.tx)
            }
        },
        Counter.counting(EnrolmentCompleted.self, "CountTrainingEnd") { event, counter in
            let measure: Measure =
                switch event.outcome {
                case .completed: .completed
                case .droppedOut: .droppedOut
                case .transferred: .transferred
                }
            try counter.add(measure, 1, Cell(event.facts, on: event.endedOn, subject: event.category.screeningTopic))
        },
        Counter.counting(AgreementActivated.self, "CountAgreement") { event, counter in
            try InstitutionQuarters.place(event.institution, event.region, in: counter.work.tx)
            // Told again when its categories or places change: the same agreement.
            guard try InstitutionQuarters.begins(event.institution, event.validFrom, in: counter.work.tx) else { return }
            try counter.add(.agreements, 1, Cell(region: event.region, month: event.validFrom.month))
        },
        Counter.counting(SettlementSubmitted.self, "CountSettlement") { event, counter in
            let cell = Cell(region: event.region, month: counter.today.month)
            try counter.add(.settlementsSubmitted, 1, cell)
            try counter.add(.settlementSubmittedFen, event.totalFen.value, cell)
        },
        Counter.counting(SettlementApproved.self, "CountSettlementApproval") { event, counter in
            let cell = Cell(region: event.region, month: counter.today.month)
            try counter.add(.settlementsApproved, 1, cell)
            try counter.add(.settlementApprovedFen, event.totalFen.value, cell)
        },
        Counter.counting(SettlementRejected.self, "CountSettlementRejection") { event, counter in
            let cell = Cell(region: event.region, month: counter.today.month)
            try counter.add(.settlementsRejected, 1, cell)
            try counter.add(.settlementRejectedFen, event.totalFen.value, cell)
        },
        Counter.counting(SettlementPaid.self, "CountPayment") { event, counter in
            let cell = Cell(region: event.region, month: event.paidOn.month)
            try counter.add(.settlementsPaid, 1, cell)
            try counter.add(.settlementLinesPaid, Int64(event.lines), cell)
            try counter.add(.settlementPaidFen, event.totalFen.value, cell)
            try InstitutionQuarters.place(event.institution, event.region, in: counter.work.tx)
            try InstitutionQuarters.paid(event.institution, event.paidOn.month.quarter, in: counter.work.tx)
        },
    ]
}

extension Counter {
    fileprivate func month(_ line: SettlementLine, _ sign: Int64, _ facts: PersonFacts, _ category: AssistanceCategory) throws {
        let cell = Cell(facts, on: line.month.first, subject: category.screeningTopic)
        try add(line.counted ? .trainingMonths : .trainingMonthsNotCounted, sign, cell)
        let insurance = line.basicInsuranceFen + line.seriousIllnessFen + line.medicalReliefFen + line.otherInsuranceFen
        try add(.grossFen, sign * line.grossFen.value, cell)
        try add(.insuranceFen, sign * insurance.value, cell)
        try add(.selfPayFen, sign * line.selfPayFen.value, cell)
        try add(.subsidyFen, sign * line.subsidyFen.value, cell)
        try add(.parentsFen, sign * line.parentsFen.value, cell)
        guard line.serviceDays > 0 else { return }
        try ChildTallyTable.count(sign > 0 ? .served(cell) : .unserved(cell), (), of: facts.person, in: work)
    }

    fileprivate func decided(_ facts: PersonFacts, _ category: AssistanceCategory, onTime: Bool) throws {
        try count(.decided, facts, category)
        if onTime { try count(.decidedOnTime, facts, category) }
    }
}
