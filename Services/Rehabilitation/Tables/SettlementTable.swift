import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Settlements. A line's own id is the key of `settlement_lines`: no line is ever in two settlements, whatever the rules think. The lines of a
/// settlement that was sent back move to `rejected_settlement_lines`, where any number of settlements may have held them.
enum SettlementTable: AggregateTable {
    typealias Rules = SettlementRules

    static func load(_ key: SettlementID, in tx: any Transaction) throws -> Stored<Settlement>? {
        // The row before its lines, as with enrolments: what changes in between is met by the version.
        var stored = try tx.first(select, [.text(key.text)]) { row in
            let submission = Settlement.Submission(
                institution: row.id(0), region: row.region(1), quarter: try Quarter(row.text(2)), lines: [], submittedBy: row.text(3),
                submittedOn: try row.date(4))
            var rejection: Settlement.Rejection?
            if let user = row.textOrNil(10), let date = try row.dateOrNil(11) {
                rejection = Settlement.Rejection(by: user, on: date, reason: row.text(12))
            }
            let settlement = Settlement(
                submission: submission, status: try row.word(5), approvedBy: row.textOrNil(6), approvedOn: try row.dateOrNil(7),
                paidBy: row.textOrNil(8), paidOn: try row.dateOrNil(9), rejection: rejection)
            return (settlement: settlement, version: row.int(13))
        }
        stored?.settlement.submission.lines = try tx.rows(selectLines, [.text(key.text), .text(key.text)]) { row in
            Settlement.Line(line: row.id(0), month: try row.month(1), subsidyFen: row.fen(2))
        }
        return stored.map { Stored($0.settlement, version: $0.version) }
    }

    static func insert(_ key: SettlementID, _ state: Settlement, in tx: any Transaction) throws {
        let submission = state.submission
        var values: [Value] = [.text(key.text), .text(submission.institution.text), .text(submission.region.text)]
        values += [.text(submission.quarter.text), .text(submission.submittedBy), .text(submission.submittedOn.text)]
        values += [.int(submission.lines.count), .int(state.totalFen.value)] + progress(state)
        try tx.run(insert, values)
        for line in submission.lines {
            try tx.run(insertLine, [.text(line.line.text), .text(key.text), .text(line.month.text), .int(line.subsidyFen.value)])
        }
    }

    static func update(_ key: SettlementID, _ state: Settlement, expecting version: Int64, in tx: any Transaction) throws -> Bool {
        guard try tx.run(update, progress(state) + [.text(key.text), .int(version)]) == 1 else { return false }
        if state.status == .rejected {
            try tx.run(keepRejected, [.text(key.text)])
            try tx.run(freeLines, [.text(key.text)])
        }
        return true
    }

    static func publish(_ event: SettlementRules.Event, _ key: SettlementID, state: Settlement, in work: UnitOfWork) throws {
        let submission = state.submission
        switch event {
        case .submitted:
            work.publish(
                SettlementSubmitted(
                    settlement: key, institution: submission.institution, region: submission.region, quarter: submission.quarter,
                    lines: submission.lines.count, totalFen: state.totalFen, lineIDs: submission.lines.map(\.line),
                    lineFen: submission.lines.map(\.subsidyFen)))
        case .approved:
            work.publish(
                SettlementApproved(
                    settlement: key, institution: submission.institution, region: submission.region, quarter: submission.quarter,
                    lines: submission.lines.count, totalFen: state.totalFen))
        case .rejected(let rejection):
            work.publish(
                SettlementRejected(
                    settlement: key, institution: submission.institution, region: submission.region, quarter: submission.quarter,
                    lines: submission.lines.count, totalFen: state.totalFen, reason: rejection.reason))
        case .paid(_, let date):
            work.publish(
                SettlementPaid(
                    settlement: key, institution: submission.institution, region: submission.region, quarter: submission.quarter,
                    lines: submission.lines.count, totalFen: state.totalFen, paidOn: date))
        }
    }

    /// Counted lines of `institution` up to `month` that no settlement holds, in order of month and id.
    static func unsettled(_ institution: OrganisationID, upTo month: YearMonth, in tx: any Transaction) throws -> [Settlement.Line] {
        // A correction under way in another instance is waited for, and none comes in between: see `EnrolmentTable.lockLines`.
        if tx.locksRows { try tx.run(lockUnsettled, [.text(institution.text), .text(month.text)]) }
        return try tx.rows(unsettled, [.text(institution.text), .text(month.text)]) { row in
            Settlement.Line(line: row.id(0), month: try row.month(1), subsidyFen: row.fen(2))
        }
    }

    /// A line as a settlement holds it.
    static func line(_ id: LineID, in tx: any Transaction) throws -> Settlement.Line? {
        try tx.first(selectLine, [.text(id.text)]) { row in
            Settlement.Line(line: row.id(0), month: try row.month(1), subsidyFen: row.fen(2))
        }
    }

    private static func progress(_ state: Settlement) -> [Value] {
        [
            .text(state.status.rawValue), .text(state.approvedBy), .text(state.approvedOn?.text), .text(state.paidBy),
            .text(state.paidOn?.text), .text(state.rejection?.by), .text(state.rejection?.on.text), .text(state.rejection?.reason),
        ]
    }

    private static let select = SQL(
        """
        SELECT institution, region, quarter, submitted_by, submitted_on, status, approved_by, approved_on, paid_by, paid_on, rejected_by,
            rejected_on, reason, version
        FROM settlements WHERE settlement = ?
        """)
    private static let selectLines = SQL(
        """
        SELECT line, month, subsidy_fen FROM settlement_lines WHERE settlement = ?
        UNION ALL SELECT line, month, subsidy_fen FROM rejected_settlement_lines WHERE settlement = ?
        ORDER BY 2, 1
        """)
    private static let selectLine = SQL("SELECT line, month, subsidy_fen FROM lines WHERE line = ?")
    private static let keepRejected = SQL(
        """
        INSERT INTO rejected_settlement_lines (settlement, line, month, subsidy_fen)
        SELECT settlement, line, month, subsidy_fen FROM settlement_lines WHERE settlement = ?
        """)
    private static let freeLines = SQL("DELETE FROM settlement_lines WHERE settlement = ?")
    private static let insert = SQL(
        """
        INSERT INTO settlements (settlement, institution, region, quarter, submitted_by, submitted_on, lines, total_fen, status, approved_by,
            approved_on, paid_by, paid_on, rejected_by, rejected_on, reason, version)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
        """)
    private static let insertLine = SQL("INSERT INTO settlement_lines (line, settlement, month, subsidy_fen) VALUES (?, ?, ?, ?)")
    private static let update = SQL(
        """
        UPDATE settlements SET status = ?, approved_by = ?, approved_on = ?, paid_by = ?, paid_on = ?, rejected_by = ?, rejected_on = ?,
            reason = ?, version = version + 1
        WHERE settlement = ? AND version = ?
        """)
    private static let lockUnsettled = SQL(
        """
        UPDATE lines SET position = position
        WHERE institution = ? AND month <= ? AND counted = 1 AND NOT EXISTS (SELECT 1 FROM settlement_lines s WHERE s.line = lines.line)
        """)
    private static let unsettled = SQL(
        """
        SELECT l.line, l.month, l.subsidy_fen FROM lines l
        WHERE l.institution = ? AND l.month <= ? AND l.counted = 1
            AND NOT EXISTS (SELECT 1 FROM settlement_lines s WHERE s.line = l.line)
        ORDER BY l.month, l.line
        """)
}
