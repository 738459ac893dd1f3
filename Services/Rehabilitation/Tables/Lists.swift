import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Whose rows a caller sees: a region subtree, or one institution's own.
struct Scope: Hashable, Sendable {
    var region: RegionCode?
    var institution: OrganisationID?

    /// Codes from `first` up to, not including, `beyond` are the subtree: every digit sorts before a colon.
    fileprivate var first: Value { .text(region?.text ?? "") }
    fileprivate var beyond: Value { .text((region?.text ?? "") + ":") }
    fileprivate var own: Value { .text(institution?.text ?? "") }
}

/// Lists for people and partners: keyset pages over primary keys, each within its caller's scope. An empty text means no filter.
enum Lists {
    static func institutions(_ scope: Scope, category: AssistanceCategory?, _ page: Page, in tx: any Transaction) throws
        -> [InstitutionView]
    {
        let like: Value = .text(category?.rawValue ?? "")
        return try tx.rows(
            institutions, [.text(page.after ?? ""), scope.first, scope.beyond, scope.own, scope.own, like, like, .int(page.fetchLimit)]
        ) { row in
            let capacity = Int(row.int(4))
            let taken = Int(row.int(5))
            return InstitutionView(
                institution: row.id(0), name: row.textOrNil(1), region: row.region(2), categories: try row.categories(3),
                capacity: capacity,
                taken: taken, free: max(0, capacity - taken), validFrom: try row.date(6), validTo: try row.date(7))
        }
    }

    /// `unapplied`: only referrals that no application follows, or none but such as came to nothing.
    static func referrals(
        _ scope: Scope, status: ReferralAnswer.Status?, unapplied: Bool, _ page: Page, in tx: any Transaction
    ) throws -> [ReferralView] {
        let wanted: Value = .text(status?.rawValue ?? "")
        return try tx.rows(
            referrals,
            [
                .text(page.after ?? ""), scope.first, scope.beyond, scope.own, scope.own, wanted, wanted, .bool(unapplied),
                .int(page.fetchLimit),
            ]
        ) { try view($0) }
    }

    /// A referral as this scope was last asked; nil when it never was.
    static func referral(_ referral: ReferralID, _ scope: Scope, in tx: any Transaction) throws -> ReferralView? {
        try tx.first(lastAttempt, [.text(referral.text), scope.first, scope.beyond, scope.own, scope.own]) { try view($0) }
    }

    private static func view(_ row: borrowing Row) throws -> ReferralView {
        ReferralView(
            referral: row.id(0), attempt: Int(row.int(1)), status: row.text(2), institution: row.id(3), person: row.id(4),
            category: try row.word(5), region: row.region(6), birthMonth: try row.month(7), respondBy: try row.date(8),
            reason: row.textOrNil(9))
    }

    /// `overdue`: only applications whose review deadline was missed and that still wait.
    static func applications(
        _ scope: Scope, status: Application.Status?, referral: ReferralID?, overdue: Bool, _ page: Page, in tx: any Transaction
    ) throws -> [ApplicationView] {
        let wanted: Value = .text(status?.rawValue ?? "")
        let following: Value = .text(referral?.text ?? "")
        return try tx.rows(
            applications,
            [
                .text(page.after ?? ""), scope.first, scope.beyond, scope.own, scope.own, wanted, wanted, following, following,
                .bool(overdue), .int(page.fetchLimit),
            ]
        ) { row in
            ApplicationView(
                application: row.id(0), status: row.text(1), person: row.id(2), category: try row.word(3), region: row.region(4),
                referral: row.idOrNil(5), planYear: Int(row.int(6)), residenceBasis: try row.word(7), submittedOn: try row.date(8),
                completeOn: try row.dateOrNil(9), decideBy: try row.dateOrNil(10), reviewMissed: row.bool(11),
                decidedOn: try row.dateOrNil(12), onTime: row.intOrNil(13).map { $0 != 0 }, reason: row.textOrNil(14),
                institution: row.idOrNil(15), enrolment: row.idOrNil(16), band: row.text(17), mode: try row.word(18),
                standardFen: row.int(19), months: Int(row.int(20)), policyVersion: row.text(21), policyStanding: try row.word(22))
        }
    }

    /// `missing`: only trainings that ran in this month and have no line for it.
    static func enrolments(
        _ scope: Scope, status: Enrolment.Status?, missing month: YearMonth?, _ page: Page, in tx: any Transaction
    ) throws -> [EnrolmentView] {
        let wanted: Value = .text(status?.rawValue ?? "")
        let missing: Value = .text(month?.text ?? "")
        let last: Value = .text(month?.last.text ?? "")
        let first: Value = .text(month?.first.text ?? "")
        return try tx.rows(
            enrolments,
            [
                .text(page.after ?? ""), scope.first, scope.beyond, scope.own, scope.own, wanted, wanted, missing, last, first, missing,
                .int(page.fetchLimit),
            ]
        ) { row in
            EnrolmentView(
                enrolment: row.id(0), application: row.id(1), status: row.text(2), person: row.id(3), category: try row.word(4),
                region: row.region(5), institution: row.id(6), mode: try row.word(7), startedOn: try row.date(8),
                endedOn: try row.dateOrNil(9), outcome: try row.wordOrNil(10), standardFen: row.int(11), months: Int(row.int(12)),
                monthsRecorded: Int(row.int(13)), monthsCounted: Int(row.int(14)),
                lastMonth: try row.textOrNil(15).map { text throws in try YearMonth(text) }, subsidyFen: row.int(16),
                policyVersion: row.text(17), policyStanding: try row.word(18))
        }
    }

    static func settlements(
        _ scope: Scope, status: Settlement.Status?, quarter: Quarter?, _ page: Page, in tx: any Transaction
    ) throws -> [SettlementView] {
        let wanted: Value = .text(status?.rawValue ?? "")
        let period: Value = .text(quarter?.text ?? "")
        return try tx.rows(
            settlements,
            [
                .text(page.after ?? ""), scope.first, scope.beyond, scope.own, scope.own, wanted, wanted, period, period,
                .int(page.fetchLimit),
            ]
        ) { row in
            SettlementView(
                settlement: row.id(0), institution: row.id(1), region: row.region(2), quarter: try Quarter(row.text(3)),
                status: row.text(4), lines: Int(row.int(5)), totalFen: row.int(6), submittedOn: try row.date(7),
                approvedOn: try row.dateOrNil(8), paidOn: try row.dateOrNil(9), submittedBy: row.text(10), approvedBy: row.textOrNil(11),
                paidBy: row.textOrNil(12), rejectedOn: try row.dateOrNil(13), rejectedBy: row.textOrNil(14), reason: row.textOrNil(15))
        }
    }

    /// Institutions with counted lines up to `month` that no settlement holds: the clerk's settlement list.
    static func unsettled(_ scope: Scope, upTo month: YearMonth, _ page: Page, in tx: any Transaction) throws -> [UnsettledView] {
        try tx.rows(
            unsettled,
            [.text(page.after ?? ""), scope.first, scope.beyond, scope.own, scope.own, .text(month.text), .int(page.fetchLimit)]
        ) { row in
            UnsettledView(
                institution: row.id(0), region: row.region(1), lines: Int(row.int(2)), subsidyFen: row.int(3), firstMonth: try row.month(4))
        }
    }

    /// Applications that go on, up to the end of their training, although Screening took back the referral they rest on: the diagnosis behind
    /// it no longer stands.
    static func withoutDiagnosis(_ scope: Scope, _ page: Page, in tx: any Transaction) throws -> [WithdrawnDiagnosisView] {
        try tx.rows(
            withoutDiagnosis, [.text(page.after ?? ""), scope.first, scope.beyond, scope.own, scope.own, .int(page.fetchLimit)]
        ) { row in
            WithdrawnDiagnosisView(
                application: row.id(0), status: row.text(1), enrolment: row.idOrNil(2), person: row.id(3), category: try row.word(4),
                region: row.region(5), institution: row.idOrNil(6), startedOn: try row.dateOrNil(7), referral: row.id(8),
                reason: row.textOrNil(9), monthsRecorded: Int(row.int(10)), subsidyFen: row.int(11), referredAgain: row.int(12) > 0)
        }
    }

    /// Trainings that run at once under two ids of one child, each with the other: a merge joined them after both had begun.
    static func trainedTwice(_ scope: Scope, _ page: Page, in tx: any Transaction) throws -> [MergedTrainingView] {
        func training(_ row: borrowing Row, from first: Int) throws -> MergedTrainingView.Training {
            MergedTrainingView.Training(
                enrolment: row.id(first), application: row.id(first + 1), person: row.id(first + 2), category: try row.word(first + 3),
                region: row.region(first + 4), institution: row.id(first + 5), startedOn: try row.date(first + 6),
                subsidyFen: row.int(first + 7))
        }
        return try tx.rows(
            trainedTwice, [.text(page.after ?? ""), scope.first, scope.beyond, scope.own, scope.own, .int(page.fetchLimit)]
        ) { MergedTrainingView(training: try training($0, from: 0), other: try training($0, from: 8)) }
    }

    /// The months in a settlement, oldest first, with what was asked for them; of one that was sent back, those it had held.
    static func lines(of settlement: SettlementID, in tx: any Transaction) throws -> [SettledLineView] {
        try tx.rows(linesOfSettlement, [.text(settlement.text), .text(settlement.text)]) { row in
            SettledLineView(line: row.id(0), enrolment: row.id(1), month: try row.month(2), subsidyFen: row.int(3))
        }
    }

    /// Which settlement holds each settled line of an enrolment.
    static func settlements(ofLinesOf enrolment: EnrolmentID, in tx: any Transaction) throws -> [LineID: SettlementID] {
        let pairs = try tx.rows(settlementOfLine, [.text(enrolment.text)]) { row in
            (LineID(trusted: row.text(0)), SettlementID(trusted: row.text(1)))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    /// Where the settlements lie that hold a line of an enrolment.
    static func settlingRegions(of enrolment: EnrolmentID, in tx: any Transaction) throws -> [RegionCode] {
        try tx.rows(settlingRegions, [.text(enrolment.text)]) { $0.region(0) }
    }

    private static let institutions = SQL(
        """
        SELECT i.institution, o.name, i.region, i.categories, i.capacity, i.taken, i.valid_from, i.valid_to
        FROM institutions i LEFT JOIN organisations o ON o.organisation = i.institution
        WHERE i.institution > ? AND i.region >= ? AND i.region < ? AND (? = '' OR i.institution = ?)
            AND (? = '' OR ',' || i.categories || ',' LIKE '%,' || ? || ',%')
        ORDER BY i.institution LIMIT ?
        """)
    private static let referrals = SQL(
        """
        SELECT r.referral, r.attempt, r.status, r.institution, r.person, r.category, r.region, r.birth_month, r.respond_by, r.reason
        FROM referral_answers r
        WHERE r.attempt_key > ? AND r.region >= ? AND r.region < ? AND (? = '' OR r.institution = ?) AND (? = '' OR r.status = ?)
            AND (? = 0 OR NOT EXISTS (SELECT 1 FROM applications a WHERE a.referral = r.referral
                AND a.status NOT IN (\(ApplicationTable.notBlocking))))
        ORDER BY r.attempt_key LIMIT ?
        """)
    private static let lastAttempt = SQL(
        """
        SELECT r.referral, r.attempt, r.status, r.institution, r.person, r.category, r.region, r.birth_month, r.respond_by, r.reason
        FROM referral_answers r
        WHERE r.referral = ? AND r.region >= ? AND r.region < ? AND (? = '' OR r.institution = ?) ORDER BY r.attempt DESC LIMIT 1
        """)
    private static let applications = SQL(
        """
        SELECT application, status, person, category, region, referral, plan_year, residence_basis, submitted_on, complete_on, decide_by,
            review_missed, decided_on, on_time, reason, institution, enrolment, band, mode, standard_fen, months, policy_version,
            policy_standing
        FROM applications
        WHERE application > ? AND region >= ? AND region < ? AND (? = '' OR institution = ?) AND (? = '' OR status = ?)
            AND (? = '' OR referral = ?) AND (? = 0 OR (review_missed = 1 AND status = 'underReview'))
        ORDER BY application LIMIT ?
        """)
    private static let enrolments = SQL(
        """
        SELECT e.enrolment, e.application, e.status, e.person, e.category, e.region, e.institution, e.mode, e.started_on, e.ended_on,
            e.outcome, e.standard_fen, e.months, count(l.line), coalesce(sum(l.counted), 0), max(l.month), coalesce(sum(l.subsidy_fen), 0),
            e.policy_version, e.policy_standing
        FROM enrolments e LEFT JOIN lines l ON l.enrolment = e.enrolment
        WHERE e.enrolment > ? AND e.region >= ? AND e.region < ? AND (? = '' OR e.institution = ?) AND (? = '' OR e.status = ?)
            AND (? = '' OR (e.started_on <= ? AND (e.ended_on IS NULL OR e.ended_on >= ?)
                AND NOT EXISTS (SELECT 1 FROM lines m WHERE m.enrolment = e.enrolment AND m.month = ?)))
        GROUP BY e.enrolment
        ORDER BY e.enrolment LIMIT ?
        """)
    private static let settlements = SQL(
        """
        SELECT settlement, institution, region, quarter, status, lines, total_fen, submitted_on, approved_on, paid_on, submitted_by,
            approved_by, paid_by, rejected_on, rejected_by, reason
        FROM settlements
        WHERE settlement > ? AND region >= ? AND region < ? AND (? = '' OR institution = ?) AND (? = '' OR status = ?)
            AND (? = '' OR quarter = ?)
        ORDER BY settlement LIMIT ?
        """)
    private static let unsettled = SQL(
        """
        SELECT l.institution, i.region, count(*), sum(l.subsidy_fen), min(l.month)
        FROM lines l JOIN institutions i ON i.institution = l.institution
        WHERE l.institution > ? AND i.region >= ? AND i.region < ? AND (? = '' OR l.institution = ?) AND l.month <= ?
            AND l.counted = 1
            AND NOT EXISTS (SELECT 1 FROM settlement_lines s WHERE s.line = l.line)
        GROUP BY l.institution, i.region ORDER BY l.institution LIMIT ?
        """)
    private static let withoutDiagnosis = SQL(
        """
        SELECT a.application, a.status, a.enrolment, a.person, a.category, a.region, a.institution, e.started_on, r.referral, r.reason,
            (SELECT count(*) FROM lines l WHERE l.enrolment = a.enrolment),
            (SELECT coalesce(sum(l.subsidy_fen), 0) FROM lines l WHERE l.enrolment = a.enrolment),
            (SELECT count(*) FROM referral_answers n WHERE n.case_id = r.case_id AND n.referral <> r.referral
                AND n.status IN ('open', 'claimed', 'confirmed'))
        FROM applications a JOIN referral_answers r ON r.referral = a.referral AND r.attempt = a.attempt
            LEFT JOIN enrolments e ON e.enrolment = a.enrolment
        WHERE a.application > ? AND a.region >= ? AND a.region < ? AND (? = '' OR a.institution = ?)
            AND a.status IN ('submitted', 'underReview', 'approved', 'placed', 'enrolled') AND r.status = 'withdrawn'
        ORDER BY a.application LIMIT ?
        """)
    // From everybody who trains and has another id, along merges in either direction, to whoever of these ids trains as well.
    private static let trainedTwice: SQL = {
        func training(_ alias: String) -> String {
            """
            \(alias).enrolment, \(alias).application, \(alias).person, \(alias).category, \(alias).region, \(alias).institution, \(alias).started_on,
                (SELECT coalesce(sum(l.subsidy_fen), 0) FROM lines l WHERE l.enrolment = \(alias).enrolment)
            """
        }
        return SQL(
            """
            WITH RECURSIVE same (trains, person) AS (
                SELECT person, person FROM enrolments WHERE status = 'inTraining'
                    AND EXISTS (SELECT 1 FROM merged_persons m WHERE m.merged = enrolments.person OR m.kept = enrolments.person)
                UNION
                SELECT s.trains, CASE WHEN m.merged = s.person THEN m.kept ELSE m.merged END
                FROM same s JOIN merged_persons m ON m.merged = s.person OR m.kept = s.person)
            SELECT \(training("e")), \(training("o"))
            FROM same s JOIN enrolments e ON e.person = s.trains AND e.status = 'inTraining'
                JOIN enrolments o ON o.person = s.person AND o.status = 'inTraining' AND o.enrolment <> e.enrolment
            WHERE e.enrolment || ' ' || o.enrolment > ? AND e.region >= ? AND e.region < ? AND (? = '' OR e.institution = ?)
            ORDER BY e.enrolment, o.enrolment LIMIT ?
            """)
    }()
    private static let linesOfSettlement = SQL(
        """
        SELECT l.line, l.enrolment, l.month, s.subsidy_fen FROM (
            SELECT line, subsidy_fen FROM settlement_lines WHERE settlement = ?
            UNION ALL SELECT line, subsidy_fen FROM rejected_settlement_lines WHERE settlement = ?) s JOIN lines l ON l.line = s.line
        ORDER BY l.month, l.line
        """)
    private static let settlingRegions = SQL(
        """
        SELECT DISTINCT t.region FROM lines l JOIN settlement_lines s ON s.line = l.line JOIN settlements t ON t.settlement = s.settlement
        WHERE l.enrolment = ?
        """)
    private static let settlementOfLine = SQL(
        "SELECT s.line, s.settlement FROM settlement_lines s JOIN lines l ON l.line = s.line WHERE l.enrolment = ?")
}

/// A recount of this service's own store, from its tables and nothing else.
enum Recount {
    static func account(in tx: any Transaction) throws -> AccountView {
        func counts(_ sql: SQL) throws -> [String: Int] {
            Dictionary(uniqueKeysWithValues: try tx.rows(sql) { ($0.text(0), Int($0.int(1))) })
        }
        func number(_ sql: SQL) throws -> Int64 { try tx.first(sql) { $0.int(0) } ?? 0 }
        return AccountView(
            institutions: Int(try number(institutions)), placesTaken: Int(try number(places)), referralAttempts: try counts(referrals),
            applications: try counts(applications), reviewsMissed: Int(try number(missed)), enrolments: try counts(enrolments),
            lines: Int(try number(lines)), linesCounted: Int(try number(counted)), subsidyFen: try number(subsidy),
            settledSubsidyFen: try number(settled), settlements: try counts(settlements),
            settlementsFen: Dictionary(uniqueKeysWithValues: try tx.rows(settlementsFen) { ($0.text(0), $0.int(1)) }))
    }

    private static let institutions = SQL("SELECT count(*) FROM institutions")
    private static let places = SQL("SELECT coalesce(sum(taken), 0) FROM institutions")
    private static let referrals = SQL("SELECT status, count(*) FROM referral_answers GROUP BY status")
    private static let applications = SQL("SELECT status, count(*) FROM applications GROUP BY status")
    private static let missed = SQL("SELECT count(*) FROM applications WHERE review_missed = 1")
    private static let enrolments = SQL("SELECT status, count(*) FROM enrolments GROUP BY status")
    private static let lines = SQL("SELECT count(*) FROM lines")
    private static let counted = SQL("SELECT count(*) FROM lines WHERE counted = 1")
    private static let subsidy = SQL("SELECT coalesce(sum(subsidy_fen), 0) FROM lines")
    private static let settled = SQL("SELECT coalesce(sum(subsidy_fen), 0) FROM settlement_lines")
    private static let settlements = SQL("SELECT status, count(*) FROM settlements GROUP BY status")
    private static let settlementsFen = SQL("SELECT status, sum(total_fen) FROM settlements GROUP BY status")
}
