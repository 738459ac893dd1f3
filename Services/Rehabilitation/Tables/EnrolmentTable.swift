import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Enrolments with their lines; a line is written once, and again with each correction.
enum EnrolmentTable: AggregateTable {
    typealias Rules = EnrolmentRules

    static func load(_ key: EnrolmentID, in tx: any Transaction) throws -> Stored<Enrolment>? {
        // The row before its lines: a month that another instance records in between belongs to a later version, and the save meets it. The
        // other way round a stale sum of months would be saved under the newest version.
        let found = try tx.first(select, [.text(key.text)]) { row in
            let after = 7 + TermsColumns.count
            let details = Enrolment.Details(
                application: row.id(0), facts: try row.facts(1), category: try row.word(5), institution: row.id(6), terms: try row.terms(7),
                startedOn: try row.date(after))
            let enrolment = Enrolment(
                details: details, status: try row.word(after + 1), lines: [], outcome: try row.wordOrNil(after + 2),
                endedOn: try row.dateOrNil(after + 3))
            return (enrolment: enrolment, version: row.int(after + 4))
        }
        guard var stored = found else { return nil }
        for (line, correction) in try lines(of: key, in: tx) {
            stored.enrolment.lines.append(line)
            stored.enrolment.corrections[line.line] = correction
        }
        return Stored(stored.enrolment, version: stored.version)
    }

    static func insert(_ key: EnrolmentID, _ state: Enrolment, in tx: any Transaction) throws {
        let details = state.details
        var values: [Value] = [.text(key.text), .text(details.application.text)] + FactsColumns.values(details.facts)
        values += [.text(details.category.rawValue), .text(details.institution.text)] + TermsColumns.values(details.terms)
        values += [.text(details.startedOn.text)] + progress(state)
        try tx.run(insert, values)
        try insertLines(key, state, in: tx)
    }

    static func update(_ key: EnrolmentID, _ state: Enrolment, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        guard try tx.run(update, progress(state) + [.text(key.text), .int(version)]) == 1 else { return false }
        try insertLines(key, state, in: tx)
        return true
    }

    static func publish(_ event: EnrolmentRules.Event, _ key: EnrolmentID, state: Enrolment, in work: UnitOfWork) throws {
        let details = state.details
        let version = details.terms.policyVersion
        switch event {
        case .enrolled:
            work.publish(
                Enrolled(
                    enrolment: key, application: details.application, facts: details.facts, category: details.category,
                    institution: details.institution, mode: details.terms.mode, startedOn: details.startedOn, policyVersion: version),
                policyVersion: version)
        case .monthRecorded(let line):
            work.publish(
                TrainingMonthRecorded(
                    enrolment: key, application: details.application, facts: details.facts, category: details.category,
                    institution: details.institution, line: line), policyVersion: version)
        case .monthCorrected(let before, let after, let correction):
            work.publish(
                TrainingMonthCorrected(
                    enrolment: key, application: details.application, facts: details.facts, category: details.category,
                    institution: details.institution, before: before, after: after, revision: correction.revision,
                    correctedMonth: correction.month, reason: correction.reason), policyVersion: version)
        case .ended(let outcome, let date, let months):
            work.publish(
                EnrolmentCompleted(
                    enrolment: key, application: details.application, facts: details.facts, category: details.category,
                    institution: details.institution, outcome: outcome, monthsCounted: months, endedOn: date), policyVersion: version)
        }
    }

    /// Lines of one enrolment in the order they were recorded.
    private static func lines(
        of key: EnrolmentID, in tx: any Transaction
    ) throws -> [(line: SettlementLine, correction: Enrolment.Correction?)] {
        try tx.rows(selectLines, [.text(key.text)]) { row in
            let line = SettlementLine(
                line: row.id(0), month: try row.month(1), ordinal: Int(row.int(2)), serviceDays: Int(row.int(3)), counted: row.bool(4),
                grossFen: row.fen(5), basicInsuranceFen: row.fen(6), seriousIllnessFen: row.fen(7), medicalReliefFen: row.fen(8),
                otherInsuranceFen: row.fen(9), selfPayFen: row.fen(10), subsidyFen: row.fen(11), parentsFen: row.fen(12),
                policyVersion: row.text(13))
            guard let date = try row.dateOrNil(16) else { return (line, nil) }
            return (line, Enrolment.Correction(revision: Int(row.int(14)), month: try row.month(15), on: date, reason: row.text(17)))
        }
    }

    /// Before it is asked which of these lines a settlement holds: on a store that locks rows one that is being put together in another
    /// instance is waited for, and waits for what is corrected here.
    static func lockLines(of key: EnrolmentID, in tx: any Transaction) throws {
        if tx.locksRows { try tx.run(lockLines, [.text(key.text)]) }
    }

    /// Every training of any of these persons, `own` apart.
    static func others(of persons: [PersonID], but own: EnrolmentID, in tx: any Transaction) throws -> [OtherTraining] {
        var all: [OtherTraining] = []
        for person in persons {
            all += try tx.rows(ofPerson, [.text(person.text), .text(own.text)]) { row in
                OtherTraining(
                    enrolment: row.id(0), person: person, startedOn: try row.date(1), endedOn: try row.dateOrNil(2), countedMonths: [])
            }
        }
        for index in all.indices {
            all[index].countedMonths = Set(try tx.rows(countedMonths, [.text(all[index].enrolment.text)]) { try $0.month(0) })
        }
        return all
    }

    /// A restore applies what is on the log, and an earlier build counted one month of a child twice: what stood for the month no longer stands
    /// in the newer line's way.
    static func giveWay(to line: SettlementLine, of person: PersonID, in tx: any Transaction) throws {
        guard line.counted else { return }
        try tx.run(giveWay, [.text(person.text), .text(line.month.text), .text(line.line.text)])
    }

    private static func insertLines(_ key: EnrolmentID, _ state: Enrolment, in tx: any Transaction) throws {
        for (position, line) in state.lines.enumerated() {
            var values: [Value] = [.text(line.line.text), .text(key.text), .int(position), .text(state.details.institution.text)]
            values += [.text(line.month.text), .int(line.ordinal), .int(line.serviceDays), .bool(line.counted)]
            let amounts = [
                line.grossFen, line.basicInsuranceFen, line.seriousIllnessFen, line.medicalReliefFen, line.otherInsuranceFen,
                line.selfPayFen, line.subsidyFen, line.parentsFen,
            ]
            values += amounts.map { .int($0.value) } + [.text(line.policyVersion), .text(state.details.facts.person.text)]
            let correction = state.corrections[line.line]
            values += [
                .int(correction?.revision ?? 1), .text(correction?.month.text), .text(correction?.on.text), .text(correction?.reason),
            ]
            try tx.run(insertLine, values)
        }
    }

    private static func progress(_ state: Enrolment) -> [Value] {
        [.text(state.status.rawValue), .text(state.outcome?.rawValue), .text(state.endedOn?.text)]
    }

    private static let select = SQL(
        """
        SELECT application, \(FactsColumns.names), category, institution, \(TermsColumns.names), started_on, status, outcome, ended_on, version
        FROM enrolments WHERE enrolment = ?
        """)
    private static let insert = SQL(
        """
        INSERT INTO enrolments (enrolment, application, \(FactsColumns.names), category, institution, \(TermsColumns.names), started_on,
            status, outcome, ended_on, version)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
        """)
    private static let update = SQL(
        "UPDATE enrolments SET status = ?, outcome = ?, ended_on = ?, version = version + 1 WHERE enrolment = ? AND version = ?")
    private static let selectLines = SQL(
        """
        SELECT line, month, ordinal, service_days, counted, gross_fen, basic_insurance_fen, serious_illness_fen, medical_relief_fen,
            other_insurance_fen, self_pay_fen, subsidy_fen, parents_fen, policy_version, revision, corrected_month, corrected_on,
            correction_reason
        FROM lines WHERE enrolment = ? ORDER BY position
        """)
    // Lines that are there already stay as they are until they are corrected; a second line for the same month still trips over its own
    // index, and a second counted one of the same child over another.
    private static let insertLine = SQL(
        """
        INSERT INTO lines (line, enrolment, position, institution, month, ordinal, service_days, counted, gross_fen, basic_insurance_fen,
            serious_illness_fen, medical_relief_fen, other_insurance_fen, self_pay_fen, subsidy_fen, parents_fen, policy_version, person,
            revision, corrected_month, corrected_on, correction_reason)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (line) DO UPDATE SET \(corrected.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
        WHERE lines.revision < excluded.revision
        """)
    private static let corrected = [
        "ordinal", "service_days", "counted", "gross_fen", "basic_insurance_fen", "serious_illness_fen", "medical_relief_fen",
        "other_insurance_fen", "self_pay_fen", "subsidy_fen", "parents_fen", "revision", "corrected_month", "corrected_on",
        "correction_reason",
    ]
    private static let lockLines = SQL("UPDATE lines SET position = position WHERE enrolment = ?")
    private static let ofPerson = SQL("SELECT enrolment, started_on, ended_on FROM enrolments WHERE person = ? AND enrolment <> ?")
    private static let countedMonths = SQL("SELECT month FROM lines WHERE enrolment = ? AND counted = 1")
    private static let giveWay = SQL("UPDATE lines SET person = NULL WHERE person = ? AND month = ? AND counted = 1 AND line <> ?")
}
