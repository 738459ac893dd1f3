import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Screening cases, one row each; their results ride in the row, because a case is always read and written as a whole.
enum CaseTable: AggregateTable {
    typealias Rules = CaseRules
    typealias Key = CaseID

    /// Deadline kind of the next step; the subject is the case.
    static let stepDeadline = "screening-step"
    /// The due day under which a migration has a case looked at once more; no step was ever due on it.
    static let lookDay = LocalDate(year: 2000, month: 1, day: 1)!

    /// One child and one topic are one case, whoever reports it.
    static func id(_ person: PersonID, _ topic: ScreeningTopic) -> CaseID {
        CaseID(trusted: EventID.derive(cause: person.text, handler: "screening", ordinal: 0, type: "case/\(topic.rawValue)"))
    }

    static func load(_ key: CaseID, in tx: any Transaction) throws -> Stored<ScreeningCase>? {
        try tx.first(select, [.text(key.text)]) { row in
            let facts = PersonFacts(
                person: PersonID(trusted: row.text(0)), sex: try row.word(2), birthMonth: try YearMonth(row.text(3)),
                region: RegionCode(trusted: row.text(4)))
            let topic: ScreeningTopic = try row.word(1)
            let entries = try EntryText.decode(row.text(6), facts.person, topic)
            let kept: CaseStatus = try row.word(5)
            return Stored(
                ScreeningCase(
                    entries: entries, topic: topic, facts: facts,
                    // Older builds let a round that found out nothing hide an earlier one's positive result.
                    status: kept == .unable ? CaseStatus(of: entries) : kept,
                    awaiting: try step(row.textOrNil(7), row.textOrNil(8)), overdue: try step(row.textOrNil(9), row.textOrNil(10)),
                    shares: Int(row.int(11)), isShared: row.bool(12)),
                version: row.int(13))
        }
    }

    static func insert(_ key: CaseID, _ state: ScreeningCase, in tx: any Transaction) throws {
        try tx.run(insertOne, [.text(key.text), .text(state.facts.person.text), .text(state.topic.rawValue)] + columns(state))
    }

    static func update(_ key: CaseID, _ state: ScreeningCase, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(updateOne, columns(state) + [.text(key.text), .int(version)]) == 1
    }

    private static func columns(_ state: ScreeningCase) -> [Value] {
        [
            .text(state.facts.sex.rawValue), .text(state.facts.birthMonth.text), .text(state.facts.region.text),
            .text(state.status.rawValue),
            .text(EntryText.encode(state.entries)), .text(state.awaiting?.stage.rawValue), .text(state.awaiting?.dueOn.text),
            .text(state.overdue?.stage.rawValue), .text(state.overdue?.dueOn.text), .int(state.shares), .bool(state.isShared),
        ]
    }

    private static func step(_ stage: String?, _ due: String?) throws -> AwaitedStep? {
        guard let stage, let due else { return nil }
        return AwaitedStep(stage: try .init(stored: stage), dueOn: try LocalDate(due))
    }

    static func publish(_ event: CaseRules.Event, _ key: CaseID, state: ScreeningCase, in work: UnitOfWork) throws {
        switch event {
        case .recorded(let entry, let policyVersion):
            work.publish(
                ResultAccepted(
                    caseID: key, result: entry.result, bureau: entry.bureau, resultID: entry.resultID, revision: entry.revision),
                policyVersion: policyVersion)
        case .corrected(let before, let after, let policyVersion):
            work.publish(
                ResultCorrected(
                    caseID: key, before: before.result, after: after.result, bureau: after.bureau, resultID: after.resultID,
                    revision: after.revision),
                policyVersion: policyVersion)
        case .withdrawn(let entry, let revision):
            work.publish(
                ResultWithdrawn(caseID: key, result: entry.result, bureau: entry.bureau, resultID: entry.resultID, revision: revision))
        case .stepAwaited(let step): try work.schedule(stepDeadline, subject: key.text, due: step.dueOn)
        case .stepSettled: try work.cancelDeadline(stepDeadline, subject: key.text)
        case .deadlineMissed(let step):
            work.publish(
                ScreeningDeadlineMissed(caseID: key, facts: state.facts, topic: state.topic, step: step.stage, dueOn: step.dueOn))
        case .shared(_, let day, let identity, let policyVersion):
            work.publish(
                CaseShared(
                    caseID: key, facts: state.facts, topic: state.topic, category: state.topic.assistanceCategory, diagnosedOn: day),
                policyVersion: policyVersion)
            if let identity { work.publish(shared(identity, state.facts.person, key), policyVersion: policyVersion) }
        case .identityRenewed(let identity): work.publish(shared(identity, state.facts.person, key))
        case .shareRevoked(_, let reason):
            work.publish(CaseShareRevoked(caseID: key, facts: state.facts, topic: state.topic, reason: reason))
        }
    }

    private static func shared(_ child: ChildIdentity, _ person: PersonID, _ key: CaseID) -> IdentityShared {
        IdentityShared(
            person: person, caseID: key, documentKind: child.documentKind, documentNumber: child.documentNumber, name: child.name,
            sex: child.sex, birthDate: child.birthDate, birthOrder: child.birthOrder, guardianName: child.guardianName,
            guardianTelephone: child.guardianTelephone, residence: child.residence)
    }

    private static let select = SQL(
        """
        SELECT person, topic, sex, birth_month, region, status, entries, awaited_stage, awaited_due, overdue_stage, overdue_due, shares,
          shared, version
        FROM screening_cases WHERE id = ?
        """)
    private static let insertOne = SQL(
        """
        INSERT INTO screening_cases (id, person, topic, sex, birth_month, region, status, entries, awaited_stage, awaited_due,
          overdue_stage, overdue_due, shares, shared, version)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
        """)
    private static let updateOne = SQL(
        """
        UPDATE screening_cases SET sex = ?, birth_month = ?, region = ?, status = ?, entries = ?, awaited_stage = ?, awaited_due = ?,
          overdue_stage = ?, overdue_due = ?, shares = ?, shared = ?, version = version + 1
        WHERE id = ? AND version = ?
        """)
}

/// A case's results as text: a line each, fields between tabs. Result ids hold neither. A tenth of the cost of JSON, and a case is read and
/// written for every result of an import.
enum EntryText {
    static func encode(_ entries: [ResultEntry]) -> String {
        var text = ""
        text.reserveCapacity(entries.count * 112)
        for entry in entries {
            if !text.isEmpty { text += "\n" }
            let result = entry.result
            text += entry.bureau.text
            for field in [
                entry.resultID, String(entry.revision), result.stage.rawValue, result.outcome.rawValue, result.takenOn.text,
                String(result.roundMonths), result.facts.sex.rawValue, result.facts.birthMonth.text, result.facts.region.text,
            ] {
                text += "\t"
                text += field
            }
        }
        return text
    }

    static func decode(_ text: String, _ person: PersonID, _ topic: ScreeningTopic) throws -> [ResultEntry] {
        try text.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 10, let revision = Int(fields[2]), let round = Int(fields[6]) else {
                throw DatabaseError.unknownShape("a stored result does not have ten fields")
            }
            let facts = PersonFacts(
                person: person, sex: try .init(stored: fields[7]), birthMonth: try YearMonth(fields[8]),
                region: RegionCode(trusted: fields[9]))
            return ResultEntry(
                bureau: OrganisationID(trusted: fields[0]), resultID: fields[1], revision: revision,
                result: ResultFacts(
                    facts: facts, topic: topic, stage: try .init(stored: fields[3]), outcome: try .init(stored: fields[4]),
                    takenOn: try LocalDate(fields[5]),
                    roundMonths: round))
        }
    }
}
