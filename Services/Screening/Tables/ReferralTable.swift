import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Referrals, one row each, and everything that follows from their events: facts for everybody, notices to the institution, deadlines, and
/// how many referrals wait at an institution.
enum ReferralTable: AggregateTable {
    typealias Rules = ReferralRules
    typealias Key = ReferralID

    /// Deadline kinds; the subject is the referral.
    static let choiceDeadline = "referral-choice"
    static let answerDeadline = "referral-answer"
    /// Not missed by anybody: when to look again for room.
    static let unplacedLook = "referral-unplaced"

    /// The referral of a case's nth sharing; `renewal` counts those that a clerk proposed after one was withdrawn.
    static func id(_ caseID: CaseID, share ordinal: Int, renewal: Int = 0) -> ReferralID {
        let type = renewal == 0 ? "referral" : "referral/\(renewal)"
        return ReferralID(trusted: EventID.derive(cause: caseID.text, handler: "screening", ordinal: ordinal, type: type))
    }

    /// The one referral of a case's nth sharing that is not withdrawn; where there is none, the id of the next to propose.
    static func standing(
        _ caseID: CaseID, share ordinal: Int, _ find: (ReferralID) throws -> Referral?
    ) rethrows -> (id: ReferralID, referral: Referral?) {
        var renewal = 0
        while true {
            let id = id(caseID, share: ordinal, renewal: renewal)
            let referral = try find(id)
            guard referral?.status == .withdrawn else { return (id, referral) }
            renewal += 1
        }
    }

    static func load(_ key: ReferralID, in tx: any Transaction) throws -> Stored<Referral>? {
        try tx.first(select, [.text(key.text)]) { row in Stored(try referral(row, from: 0), version: row.int(12)) }
    }

    /// Reads `columnNames` beginning at `first`.
    static func referral(_ row: borrowing Row, from first: Int) throws -> Referral {
        let facts = PersonFacts(
            person: PersonID(trusted: row.text(first + 1)), sex: try row.word(first + 2),
            birthMonth: try YearMonth(row.text(first + 3)),
            region: RegionCode(trusted: row.text(first + 4)))
        return Referral(
            subject: Referral.Subject(caseID: CaseID(trusted: row.text(first)), facts: facts, category: try row.word(first + 5)),
            status: try row.word(first + 6), candidates: try ListText.candidates(row.text(first + 7)),
            chooseBy: try LocalDate(row.text(first + 8)), attempts: try ListText.attempts(row.text(first + 9)), reason: row.text(first + 10)
        )
    }

    static func insert(_ key: ReferralID, _ state: Referral, in tx: any Transaction) throws {
        let subject = state.subject
        try tx.run(
            insertOne,
            [
                .text(key.text), .text(subject.caseID.text), .text(subject.facts.person.text), .text(subject.facts.sex.rawValue),
                .text(subject.facts.birthMonth.text), .text(subject.facts.region.text), .text(subject.category.rawValue),
            ] + columns(state))
    }

    static func update(_ key: ReferralID, _ state: Referral, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(updateOne, columns(state) + [.text(key.text), .int(version)]) == 1
    }

    private static func columns(_ state: Referral) -> [Value] {
        [
            .text(state.status.rawValue), .text(ListText.encode(state.candidates)), .text(state.chooseBy.text),
            .text(ListText.encode(state.attempts)), .text(state.reason), .text(state.current?.institution.text),
        ]
    }

    static func publish(_ event: ReferralRules.Event, _ key: ReferralID, state: Referral, in work: UnitOfWork) throws {
        let facts = state.subject.facts
        let category = state.subject.category
        func notify(_ attempt: Int, _ institution: OrganisationID, _ status: ReferralNoticeStatus) {
            work.publish(state.notice(key, attempt, institution, status), to: institution)
        }
        func endWait(_ institution: OrganisationID) throws {
            try work.cancelDeadline(answerDeadline, subject: key.text)
            try InstitutionTable.changeLoad(institution, by: -1, in: work.tx)
        }
        switch event {
        case .proposed(_, let candidates, let chooseBy):
            work.publish(
                ReferralProposed(
                    referral: key, caseID: state.subject.caseID, facts: facts, category: category, candidates: candidates,
                    chooseBy: chooseBy))
            if !candidates.isEmpty {
                try work.schedule(choiceDeadline, subject: key.text, due: chooseBy)
                try RecountDeadlines.plan(.choice, key, due: chooseBy, in: work)
            }
        case .issued(let attempt):
            work.publish(
                ReferralIssued(
                    referral: key, attempt: attempt.number, caseID: state.subject.caseID, facts: facts, category: category,
                    institution: attempt.institution, chosenBy: attempt.chosenBy, respondBy: attempt.respondBy))
            try work.cancelDeadline(choiceDeadline, subject: key.text)
            try work.schedule(answerDeadline, subject: key.text, due: attempt.respondBy)
            try RecountDeadlines.plan(.answer(attempt.number), key, due: attempt.respondBy, in: work)
            try InstitutionTable.changeLoad(attempt.institution, by: 1, in: work.tx)
            notify(attempt.number, attempt.institution, .issued)
        case .confirmed(let attempt):
            work.publish(
                ReferralConfirmed(
                    referral: key, attempt: attempt.number, facts: facts, category: category, institution: attempt.institution))
            try endWait(attempt.institution)
            notify(attempt.number, attempt.institution, .confirmed)
        case .superseded(let attempt, let institution):
            work.publish(ReferralSuperseded(referral: key, attempt: attempt, institution: institution))
            notify(attempt, institution, .superseded)
        case .declined(let attempt, let reason):
            work.publish(
                ReferralDeclined(
                    referral: key, attempt: attempt.number, facts: facts, category: category, institution: attempt.institution,
                    reason: reason))
            try endWait(attempt.institution)
            notify(attempt.number, attempt.institution, .declined)
        case .expired(let attempt):
            work.publish(
                ReferralExpired(
                    referral: key, attempt: attempt.number, facts: facts, category: category, institution: attempt.institution))
            try endWait(attempt.institution)
            notify(attempt.number, attempt.institution, .expired)
        case .choiceMoved(let due):
            work.publish(ReferralDeadlineMoved(referral: key, attempt: 0, facts: facts, category: category, institution: nil, dueOn: due))
            try work.schedule(choiceDeadline, subject: key.text, due: due)
        case .answerMoved(let attempt):
            work.publish(
                ReferralDeadlineMoved(
                    referral: key, attempt: attempt.number, facts: facts, category: category, institution: attempt.institution,
                    dueOn: attempt.respondBy))
            try work.schedule(answerDeadline, subject: key.text, due: attempt.respondBy)
            notify(attempt.number, attempt.institution, .issued)
        case .withdrawn(let attempt, let from, let reason):
            work.publish(
                ReferralWithdrawn(
                    referral: key, attempt: attempt?.number ?? 0, facts: facts, category: category, institution: attempt?.institution,
                    reason: reason))
            try work.cancelDeadline(choiceDeadline, subject: key.text)
            if let attempt {
                if from == .issued { try endWait(attempt.institution) }
                notify(attempt.number, attempt.institution, .withdrawn)
            }
        case .unplaced:
            work.publish(ReferralUnplaced(referral: key, facts: facts, category: category, attempts: state.attempts.count))
            try work.cancelDeadline(choiceDeadline, subject: key.text)
            try work.schedule(unplacedLook, subject: key.text, due: work.cause.today)
        }
    }

    static let columnNames =
        "case_id, person, sex, birth_month, region, category, status, candidates, choose_by, attempts, reason, institution"
    private static let select = SQL("SELECT \(columnNames), version FROM referrals WHERE id = ?")
    private static let insertOne = SQL(
        "INSERT INTO referrals (id, \(columnNames), version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)")
    private static let updateOne = SQL(
        """
        UPDATE referrals SET status = ?, candidates = ?, choose_by = ?, attempts = ?, reason = ?, institution = ?, version = version + 1
        WHERE id = ? AND version = ?
        """)
}

extension Referral {
    /// What the institution is told. Names nobody: the child's contact is read at Registration, by the owner of the referral.
    func notice(_ key: ReferralID, _ attempt: Int, _ institution: OrganisationID, _ status: ReferralNoticeStatus) -> ReferralNotice {
        let asked = attempts.first { $0.number == attempt }
        let explanation = candidates.first { $0.institution == institution }?.explanation
        return ReferralNotice(
            organisation: institution, referral: key, attempt: attempt, status: status, person: subject.facts.person,
            category: subject.category, region: subject.facts.region, respondBy: asked?.respondBy ?? chooseBy,
            explanation: explanation.map { "\($0.zh) / \($0.en)" } ?? "")
    }
}

/// Lists inside a referral's row: a line each, fields between tabs.
enum ListText {
    static func encode(_ candidates: [Candidate]) -> String {
        candidates.map { "\($0.institution)\t\($0.distance.rawValue)\t\($0.openLoad)\t\($0.freePlaces)" }.joined(separator: "\n")
    }

    static func candidates(_ text: String) throws -> [Candidate] {
        try lines(text, fields: 4).enumerated().map { index, fields in
            Candidate(
                institution: OrganisationID(trusted: fields[0]), rank: index + 1, distance: try .init(stored: fields[1]),
                openLoad: try number(fields[2]),
                freePlaces: try number(fields[3]))
        }
    }

    static func encode(_ attempts: [Referral.Attempt]) -> String {
        attempts.map { "\($0.institution)\t\($0.chosenBy.rawValue)\t\($0.respondBy)" }.joined(separator: "\n")
    }

    static func attempts(_ text: String) throws -> [Referral.Attempt] {
        try lines(text, fields: 3).enumerated().map { index, fields in
            Referral.Attempt(
                number: index + 1, institution: OrganisationID(trusted: fields[0]), chosenBy: try .init(stored: fields[1]),
                respondBy: try LocalDate(fields[2]))
        }
    }

    private static func lines(_ text: String, fields count: Int) throws -> [[String]] {
        try text.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == count else { throw DatabaseError.unknownShape("a stored list has \(fields.count) fields for \(count)") }
            return fields
        }
    }

    private static func number(_ text: String) throws -> Int {
        guard let number = Int(text) else { throw DatabaseError.unknownShape("a stored number is none") }
        return number
    }
}
