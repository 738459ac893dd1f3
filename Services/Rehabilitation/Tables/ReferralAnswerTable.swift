import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// The centre's side of referrals, one row an attempt.
enum ReferralAnswerTable: AggregateTable {
    typealias Rules = ReferralAnswerRules

    static func load(_ key: AttemptKey, in tx: any Transaction) throws -> Stored<ReferralAnswer>? {
        try tx.first(select, [.text(key.stored)]) { row in
            let question = ReferralAnswer.Question(
                key: key, caseID: row.id(0), facts: try row.facts(1), category: try row.word(5), institution: row.id(6),
                respondBy: try row.date(7))
            return Stored(ReferralAnswer(question: question, status: try row.word(8), reason: row.textOrNil(9)), version: row.int(10))
        }
    }

    static func insert(_ key: AttemptKey, _ state: ReferralAnswer, in tx: any Transaction) throws {
        let question = state.question
        var values: [Value] = [.text(key.stored), .text(key.referral.text), .int(key.attempt), .text(question.caseID.text)]
        values += FactsColumns.values(question.facts)
        values += [.text(question.category.rawValue), .text(question.institution.text), .text(question.respondBy.text)]
        values += [.text(state.status.rawValue), .text(state.reason)]
        try tx.run(insert, values)
    }

    /// Of the question only its last day changes.
    static func update(_ key: AttemptKey, _ state: ReferralAnswer, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        try tx.run(
            update,
            [
                .text(state.status.rawValue), .text(state.reason), .text(state.question.respondBy.text), .text(key.stored), .int(version),
            ]) == 1
    }

    static func publish(_ event: ReferralAnswerRules.Event, _ key: AttemptKey, state: ReferralAnswer, in work: UnitOfWork) throws {
        let asked = state.question
        let institution = asked.institution
        let question = ReferralQuestion(caseID: asked.caseID, facts: asked.facts, category: asked.category, respondBy: asked.respondBy)
        switch event {
        case .claimed:
            work.publish(ReferralClaimed(referral: key.referral, attempt: key.attempt, institution: institution, question: question))
        case .declined(let reason):
            work.publish(
                ReferralRefused(
                    referral: key.referral, attempt: key.attempt, institution: institution, reason: reason, question: question))
        // What Screening said is not said again.
        case .asked, .confirmed, .superseded, .expired, .withdrawn, .deadlineMoved: break
        }
    }

    /// What Screening said comes again with what it said.
    static func isTold(_ event: ReferralAnswerRules.Event) -> Bool {
        switch event {
        case .claimed, .declined: true
        case .asked, .confirmed, .superseded, .expired, .withdrawn, .deadlineMoved: false
        }
    }

    /// The attempt of `referral` that Screening confirmed, if any.
    static func confirmedAttempt(of referral: ReferralID, in tx: any Transaction) throws -> AttemptKey? {
        try tx.first(confirmed, [.text(referral.text)]) { AttemptKey(referral: referral, attempt: Int($0.int(0))) }
    }

    /// Attempts that Screening confirmed for any of these persons and the category, the newest first, and the institution each names.
    static func confirmedAttempts(
        for persons: [PersonID], _ category: AssistanceCategory, in tx: any Transaction
    ) throws -> [(key: AttemptKey, institution: OrganisationID)] {
        try persons.flatMap { person in
            try tx.rows(confirmedFor, [.text(person.text), .text(category.rawValue)]) { row in
                (AttemptKey(referral: row.id(0), attempt: Int(row.int(1))), row.id(2))
            }
        }
    }

    /// The newest attempt of `referral` that asked `institution`.
    static func latestAttempt(of referral: ReferralID, asking institution: OrganisationID, in tx: any Transaction) throws -> AttemptKey? {
        try tx.first(latest, [.text(referral.text), .text(institution.text)]) { AttemptKey(referral: referral, attempt: Int($0.int(0))) }
    }

    private static let select = SQL(
        """
        SELECT case_id, \(FactsColumns.names), category, institution, respond_by, status, reason, version
        FROM referral_answers WHERE attempt_key = ?
        """)
    private static let insert = SQL(
        """
        INSERT INTO referral_answers (attempt_key, referral, attempt, case_id, \(FactsColumns.names), category, institution, respond_by,
            status, reason, version)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
        """)
    private static let update = SQL(
        "UPDATE referral_answers SET status = ?, reason = ?, respond_by = ?, version = version + 1 WHERE attempt_key = ? AND version = ?")
    private static let confirmed = SQL(
        "SELECT attempt FROM referral_answers WHERE referral = ? AND status = 'confirmed' ORDER BY attempt DESC LIMIT 1")
    private static let confirmedFor = SQL(
        """
        SELECT referral, attempt, institution FROM referral_answers WHERE person = ? AND category = ? AND status = 'confirmed'
        ORDER BY respond_by DESC, attempt_key DESC
        """)
    private static let latest = SQL(
        "SELECT attempt FROM referral_answers WHERE referral = ? AND institution = ? ORDER BY attempt DESC LIMIT 1")
}

extension AttemptKey {
    /// As stored and as a cursor: `<referral>/<attempt>`.
    var stored: String { "\(referral)/\(attempt)" }
}
