import Persistence
import Vocabulary

/// The range of codes of a region and everything below it. A colon is the character after 9.
struct RegionRange {
    let first: Value
    let end: Value

    init(_ region: RegionCode) {
        first = .text(region.text)
        end = .text(region.text + ":")
    }
}

/// Pages of referrals, oldest choice day first.
enum ReferralList {
    static func page(
        status: Referral.Status?, in region: RegionCode, after: (day: String, id: String), limit: Int, _ tx: any Transaction
    ) throws -> [(id: ReferralID, referral: Referral)] {
        let range = RegionRange(region)
        let place: [Value] = [range.first, range.end, .text(after.day), .text(after.day), .text(after.id), .int(limit)]
        if let status { return try tx.rows(byStatus, [.text(status.rawValue)] + place, read) }
        return try tx.rows(all, place, read)
    }

    /// The referrals of one case, within a region; a few at most.
    static func ofCase(_ id: CaseID, in region: RegionCode, _ tx: any Transaction) throws -> [(id: ReferralID, referral: Referral)] {
        let range = RegionRange(region)
        return try tx.rows(byCase, [.text(id.text), range.first, range.end], read)
    }

    private static func read(_ row: borrowing Row) throws -> (id: ReferralID, referral: Referral) {
        (ReferralID(trusted: row.text(0)), try ReferralTable.referral(row, from: 1))
    }

    private static let all = SQL(
        """
        SELECT id, \(ReferralTable.columnNames) FROM referrals
        WHERE region >= ? AND region < ? AND (choose_by > ? OR (choose_by = ? AND id > ?)) ORDER BY choose_by, id LIMIT ?
        """)
    private static let byCase = SQL(
        "SELECT id, \(ReferralTable.columnNames) FROM referrals WHERE case_id = ? AND region >= ? AND region < ? ORDER BY choose_by, id")
    private static let byStatus = SQL(
        """
        SELECT id, \(ReferralTable.columnNames) FROM referrals
        WHERE status = ? AND region >= ? AND region < ? AND (choose_by > ? OR (choose_by = ? AND id > ?)) ORDER BY choose_by, id LIMIT ?
        """)
}

/// What waits for a person, longest waiting first.
enum Worklist {
    static func overdue(in region: RegionCode, after: (day: String, id: String), limit: Int, _ tx: any Transaction) throws -> [WorkItem] {
        let range = RegionRange(region)
        return try tx.rows(overdueCases, [range.first, range.end, .text(after.day), .text(after.day), .text(after.id), .int(limit)]) {
            row in
            WorkItem(
                kind: .overdue, subject: row.text(0), person: PersonID(trusted: row.text(1)), region: RegionCode(trusted: row.text(2)),
                category: row.text(3), step: row.text(4), due: try LocalDate(row.text(5)))
        }
    }

    static func referrals(
        _ status: Referral.Status, _ kind: WorkItem.Kind, in region: RegionCode, after: (day: String, id: String), limit: Int,
        _ tx: any Transaction
    ) throws -> [WorkItem] {
        try ReferralList.page(status: status, in: region, after: after, limit: limit, tx).map { id, referral in
            WorkItem(
                kind: kind, subject: id.text, person: referral.subject.facts.person, region: referral.subject.facts.region,
                category: referral.subject.category.rawValue, step: nil, due: referral.chooseBy)
        }
    }

    /// Referrals back with their sender and nobody asked next: what else came of the answer was never said.
    static func returned(in region: RegionCode, after: (day: String, id: String), limit: Int, _ tx: any Transaction) throws -> [WorkItem] {
        let items = try [Referral.Status.declined, .expired].flatMap {
            try referrals($0, .returned, in: region, after: after, limit: limit, tx)
        }
        return Array(items.sorted { ($0.due, $0.subject) < ($1.due, $1.subject) }.prefix(limit))
    }

    /// Shared cases that lack their referral, by id: it was withdrawn, or the store was put back from a copy.
    static func unreferred(in region: RegionCode, after id: String, limit: Int, _ tx: any Transaction) throws -> [WorkItem] {
        let range = RegionRange(region)
        var items: [WorkItem] = []
        try tx.each(fewReferrals, [range.first, range.end, .text(id)]) { row in
            let (key, person) = (CaseID(trusted: row.text(0)), PersonID(trusted: row.text(1)))
            let results = try EntryText.decode(row.text(4), person, row.word(3))
            let item = WorkItem(
                kind: .unreferred, subject: key.text, person: person, region: RegionCode(trusted: row.text(2)), category: row.text(3),
                step: nil, due: results.map(\.result.takenOn).max() ?? LocalDate(days: 0))
            if try lacksReferral(key, isShared: true, shares: Int(row.int(5)), tx) { items.append(item) }
            return items.count < limit
        }
        return items
    }

    /// True for a shared case without a referral of its last sharing that stands; an earlier one that is missing waits for nobody.
    static func lacksReferral(_ id: CaseID, isShared: Bool, shares: Int, _ tx: any Transaction) throws -> Bool {
        try isShared && ReferralTable.standing(id, share: shares) { try ReferralTable.load($0, in: tx)?.state }.referral == nil
    }

    private static let fewReferrals = SQL(
        """
        SELECT c.id, c.person, c.region, c.topic, c.entries, c.shares FROM screening_cases c
        WHERE c.shares > 0 AND c.shared = 1 AND c.region >= ? AND c.region < ? AND c.id > ?
            AND ((SELECT count(*) FROM referrals r WHERE r.case_id = c.id) < c.shares
              OR NOT EXISTS (SELECT 1 FROM referrals r WHERE r.case_id = c.id AND r.status <> 'withdrawn'))
        ORDER BY c.id
        """)
    private static let overdueCases = SQL(
        """
        SELECT id, person, region, topic, overdue_stage, overdue_due FROM screening_cases
        WHERE overdue_due IS NOT NULL AND region >= ? AND region < ? AND (overdue_due > ? OR (overdue_due = ? AND id > ?))
        ORDER BY overdue_due, id LIMIT ?
        """)
}

/// Unplaced referrals in the order in which they wait.
enum UnplacedQueue {
    /// Referrals looked at beyond the room there is: some have had their turn at this very institution.
    static let lookahead = 50

    static func waiting(_ institution: InstitutionCopy, limit: Int, in tx: any Transaction) throws -> [ReferralID] {
        let province = String(institution.region.text.prefix(2))
        let categories = "," + institution.categories.map(\.rawValue).joined(separator: ",") + ","
        return try tx.rows(inProvince, [.text(province), .text(province + ":"), .text(categories), .int(limit)]) {
            ReferralID(trusted: $0.text(0))
        }
    }

    // A colon is the character after 9: the range holds every code that begins with the province's.
    private static let inProvince = SQL(
        """
        SELECT id FROM referrals
        WHERE status = 'unplaced' AND region >= ? AND region < ? AND ? LIKE '%,' || category || ',%'
        ORDER BY choose_by, id LIMIT ?
        """)
}
