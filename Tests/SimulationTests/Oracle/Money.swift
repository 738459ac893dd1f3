import Contracts
import Persistence
import Vocabulary

/// Every fen is accounted for: on the line, in the settlement, on the log.
struct MoneyOracle {
    let world: World
    let facts: [Fact]

    func check() throws {
        var told: [String: Int64] = [:]
        var perEnrolment: [String: Int64] = [:]
        var revisions: [String: Int] = [:]
        for fact in facts {
            let line: SettlementLine
            let enrolment: String
            if fact.meta.type == TrainingMonthRecorded.type {
                let event = try TrainingMonthRecorded(protobuf: fact.data)
                (line, enrolment) = (event.line, event.enrolment.text)
                guard revisions.updateValue(1, forKey: line.line.text) == nil else { throw Broken("line \(line.line) was told twice") }
            } else if fact.meta.type == TrainingMonthCorrected.type {
                let event = try TrainingMonthCorrected(protobuf: fact.data)
                (line, enrolment) = (event.after, event.enrolment.text)
                guard revisions.updateValue(event.revision, forKey: line.line.text) == event.revision - 1,
                    told[line.line.text] == event.before.subsidyFen.value
                else { throw Broken("line \(line.line) was corrected from what it was not") }
                perEnrolment[enrolment, default: 0] -= event.before.subsidyFen.value
            } else {
                continue
            }
            told[line.line.text] = line.subsidyFen.value
            let insurance =
                line.basicInsuranceFen.value + line.seriousIllnessFen.value + line.medicalReliefFen.value + line.otherInsuranceFen.value
            guard line.grossFen.value - insurance == line.selfPayFen.value,
                line.selfPayFen.value == line.subsidyFen.value + line.parentsFen.value
            else { throw Broken("line \(line.line) does not add up") }
            perEnrolment[enrolment, default: 0] += line.subsidyFen.value
        }
        let lines = try world.look(at: .rehabilitation, Self.lines) { (line: $0.text(0), fen: $0.int(1)) }
        guard Dictionary(uniqueKeysWithValues: lines.map { ($0.line, $0.fen) }) == told else {
            throw Broken("lines of the store and the log differ")
        }
        for (enrolment, standard) in try world.look(at: .rehabilitation, Self.standards, { ($0.text(0), $0.int(1)) }) {
            guard perEnrolment[enrolment] ?? 0 <= standard else {
                throw Broken("\(enrolment) got \(perEnrolment[enrolment]!) fen of \(standard)")
            }
        }
        try checkPeriods()
        try checkSettlements(told)
    }

    /// As the log tells it: no two trainings of one id share a day, and each month has at most the training's days and counts once.
    private func checkPeriods() throws {
        var trainings: [String: (person: String, first: LocalDate, last: LocalDate?)] = [:]
        for fact in facts {
            if fact.meta.type == Enrolled.type {
                let event = try Enrolled(protobuf: fact.data)
                trainings[event.enrolment.text] = (event.facts.person.text, event.startedOn, nil)
            } else if fact.meta.type == EnrolmentCompleted.type {
                let event = try EnrolmentCompleted(protobuf: fact.data)
                trainings[event.enrolment.text]?.last = event.endedOn
            }
        }
        for (person, all) in Dictionary(grouping: trainings.values, by: \.person) {
            let periods = all.sorted { $0.first < $1.first }
            for (one, next) in zip(periods, periods.dropFirst()) where one.last.map({ $0 >= next.first }) ?? true {
                throw Broken("\(person) trains twice at once from \(next.first) on")
            }
        }
        var lines: [String: (enrolment: String, line: SettlementLine)] = [:]
        for fact in facts {
            if fact.meta.type == TrainingMonthRecorded.type {
                let event = try TrainingMonthRecorded(protobuf: fact.data)
                lines[event.line.line.text] = (event.enrolment.text, event.line)
            } else if fact.meta.type == TrainingMonthCorrected.type {
                let event = try TrainingMonthCorrected(protobuf: fact.data)
                lines[event.after.line.text] = (event.enrolment.text, event.after)
            }
        }
        var counted: Set<String> = []
        for (enrolment, line) in lines.values {
            guard let training = trainings[enrolment] else { throw Broken("\(line.line) belongs to no training") }
            var day = line.month.first
            var days = 0
            while day <= line.month.last {
                if day >= training.first, training.last.map({ day <= $0 }) ?? true { days += 1 }
                day = day.adding(days: 1)
            }
            guard line.serviceDays <= days else { throw Broken("\(line.line): \(line.serviceDays) days of service in \(days) of training") }
            guard !line.counted || counted.insert("\(training.person) \(line.month)").inserted else {
                throw Broken("\(line.month) counts twice for \(training.person)")
            }
        }
    }

    private func checkSettlements(_ lines: [String: Int64]) throws {
        var parts: [String: (count: Int64, fen: Int64)] = [:]
        for (line, settlement, fen) in try world.look(at: .rehabilitation, Self.parts, { ($0.text(0), $0.text(1), $0.int(2)) }) {
            guard lines[line] == fen else { throw Broken("settlement \(settlement) pays \(fen) for line \(line)") }
            parts[settlement, default: (0, 0)].count += 1
            parts[settlement, default: (0, 0)].fen += fen
        }
        var told: [String: (lines: Int64, fen: Int64, status: String)] = [:]
        var claimed = Int64(0)
        func tell(_ id: String, _ lines: Int, _ fen: Int64, _ status: String, after: String?) throws {
            guard told[id]?.status == after else { throw Broken("settlement \(id) is \(status) after \(told[id]?.status ?? "nothing")") }
            if let before = told[id], before.fen != fen || before.lines != Int64(lines) { throw Broken("settlement \(id) changed its sum") }
            told[id] = (Int64(lines), fen, status)
        }
        for fact in facts {
            switch fact.meta.type {
            case SettlementSubmitted.type:
                let event = try SettlementSubmitted(protobuf: fact.data)
                claimed += event.totalFen.value
                try tell(event.settlement.text, event.lines, event.totalFen.value, "submitted", after: nil)
            case SettlementApproved.type:
                let event = try SettlementApproved(protobuf: fact.data)
                try tell(event.settlement.text, event.lines, event.totalFen.value, "approved", after: "submitted")
            case SettlementPaid.type:
                let event = try SettlementPaid(protobuf: fact.data)
                try tell(event.settlement.text, event.lines, event.totalFen.value, "paid", after: "approved")
            default: break
            }
        }
        let rows = try world.look(at: .rehabilitation, Self.settlements) { ($0.text(0), $0.int(1), $0.int(2), $0.text(3)) }
        guard rows.count == told.count else { throw Broken("\(rows.count) settlements in the store, \(told.count) on the log") }
        for (id, count, fen, status) in rows {
            guard let said = told[id], said.lines == count, said.fen == fen, said.status == status else {
                throw Broken(
                    "settlement \(id): \(count) lines, \(fen) fen, \(status) in the store, \(String(describing: told[id])) on the log")
            }
            guard parts[id]?.count == count, parts[id]?.fen == fen else {
                throw Broken("settlement \(id) says \(fen) fen and its lines \(parts[id]?.fen ?? 0)")
            }
        }
        let settled = parts.values.reduce(0) { $0 + $1.fen }
        guard settled == claimed else { throw Broken("\(claimed) fen were submitted, \(settled) stand in settlements") }
        // A line in two settlements would be paid twice; that the store's key forbids it is not taken for granted.
        guard settled <= lines.values.reduce(0, +) else { throw Broken("more was settled than there is") }
    }

    private static let lines = SQL("SELECT line, subsidy_fen FROM lines")
    private static let standards = SQL("SELECT enrolment, standard_fen FROM enrolments")
    private static let parts = SQL("SELECT line, settlement, subsidy_fen FROM settlement_lines")
    private static let settlements = SQL("SELECT settlement, lines, total_fen, status FROM settlements")
}
