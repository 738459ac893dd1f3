import Persistence
import ServiceRuntime
import Vocabulary

/// Uploads and the rows of them that did not get in.
enum UploadTable {
    /// Where an upload stands.
    enum State: String, CaseIterable, Sendable {
        case running, done
        /// The body ended early or grew beyond the limit, or the process ended; what had come before it counts.
        case cut
    }

    struct Counts: Hashable, Sendable, Codable {
        var rows = 0
        /// Everything that got in, corrections and withdrawals included.
        var accepted = 0
        var corrected = 0
        var withdrawn = 0
        var repeated = 0
        var conflicts = 0
        var refused = 0
    }

    struct Stored: Hashable, Sendable {
        var organisation: OrganisationID
        var businessDate: LocalDate
        var format: UploadFormat
        var state: State
        /// Header fields of a CSV file, CSV-encoded.
        var header: String
        /// Columns of the sender's own, which were not read.
        var ignored: [String]
        /// Business time at which it began; empty where an older build took it.
        var openedAt: String
        var counts: Counts
    }

    /// An upload under way is kept batch by batch, and a connection that says nothing for a minute is closed: after ten, whoever wrote it is
    /// gone, whichever instance that was.
    static let silentMilliseconds: Int64 = 600_000

    private static let columnSeparator = "\u{1f}"

    /// A row as it stood in the file, sealed, and what is wrong with it.
    struct Refusal: Hashable, Sendable {
        var line: Int
        var rules: [RuleBroken]
        var sealed: ShortLivedKeys.Sealed
    }

    static func open(_ id: String, _ upload: Stored, region: RegionCode?, at nowMs: Int64, in tx: any Transaction) throws {
        try tx.run(
            insert,
            [
                .text(id), .text(upload.organisation.text), .text(region?.text), .text(upload.businessDate.text),
                .text(upload.format.rawValue),
                .text(upload.state.rawValue), .text(upload.header), .text(upload.ignored.joined(separator: columnSeparator)),
                .text(upload.openedAt), .int(nowMs),
            ])
    }

    static func keep(_ id: String, _ counts: Counts, _ state: State, at nowMs: Int64, in tx: any Transaction) throws {
        try tx.run(
            update,
            [
                .text(state.rawValue), .int(counts.rows), .int(counts.accepted), .int(counts.corrected), .int(counts.withdrawn),
                .int(counts.repeated), .int(counts.conflicts), .int(counts.refused), .int(nowMs), .text(id),
            ])
    }

    static func find(_ id: String, at nowMs: Int64, in tx: any Transaction) throws -> Stored? {
        try tx.first(select, [.int(nowMs - silentMilliseconds), .text(id)]) { row in try stored(row) }
    }

    /// Where a page of uploads begins: behind the one with this day, time and id.
    struct Place: Hashable, Sendable {
        var day: String
        var openedAt: String
        var id: String

        /// Before the first: later than every day there is.
        static let first = Place(day: "~", openedAt: "", id: "")
    }

    /// A bureau's uploads in one state, or in any, with their ids, the newest first.
    static func list(
        _ organisation: OrganisationID, _ state: State?, after last: Place, limit: Int, at nowMs: Int64, in tx: any Transaction
    ) throws -> [(id: String, stored: Stored)] {
        let silent = Value.int(nowMs - silentMilliseconds)
        let wanted = Value.text(state?.rawValue ?? "")
        let place: [Value] = [.text(last.day), .text(last.day), .text(last.openedAt), .text(last.openedAt), .text(last.id)]
        return try tx.rows(selectOwn, [silent, .text(organisation.text), wanted, silent, wanted] + place + [.int(limit)]) {
            row in (row.text(14), try stored(row))
        }
    }

    private static func stored(_ row: borrowing Row) throws -> Stored {
        Stored(
            organisation: OrganisationID(trusted: row.text(0)), businessDate: try LocalDate(row.text(1)), format: try row.word(2),
            state: try row.word(3), header: row.text(4), ignored: row.text(12).split(separator: columnSeparator).map(String.init),
            openedAt: row.text(13),
            counts: Counts(
                rows: Int(row.int(5)), accepted: Int(row.int(6)), corrected: Int(row.int(7)), withdrawn: Int(row.int(8)),
                repeated: Int(row.int(9)), conflicts: Int(row.int(10)), refused: Int(row.int(11))))
    }

    static func refuse(_ id: String, _ refusal: Refusal, in tx: any Transaction) throws {
        func joined(_ part: (RuleBroken) -> String) -> Value { .text(refusal.rules.map(part).joined(separator: "; ")) }
        try tx.run(
            insertRefusal,
            [
                .text(id), .int(refusal.line), .text(refusal.rules[0].code), joined(\.field), joined(\.code), joined(\.rule),
                joined(\.source),
                .text(refusal.sealed.key), .blob(refusal.sealed.bytes),
            ])
    }

    /// How many rows each first code refused.
    static func codes(_ id: String, in tx: any Transaction) throws -> [String: Int] {
        Dictionary(uniqueKeysWithValues: try tx.rows(countCodes, [.text(id)]) { ($0.text(0), Int($0.int(1))) })
    }

    /// One refused row as stored; the lists are joined with semicolons.
    struct RefusedRow: Hashable, Sendable {
        var line: Int
        var fields: String
        var codes: String
        var rules: String
        var sources: String
        var sealed: ShortLivedKeys.Sealed
    }

    static func refused(_ id: String, after line: Int, limit: Int, in tx: any Transaction) throws -> [RefusedRow] {
        try tx.rows(selectRefusals, [.text(id), .int(line), .int(limit)]) { row in
            RefusedRow(
                line: Int(row.int(0)), fields: row.text(1), codes: row.text(2), rules: row.text(3), sources: row.text(4),
                sealed: ShortLivedKeys.Sealed(key: row.text(5), bytes: row.blob(6)))
        }
    }

    /// The line behind which each file of at most `size` refused rows begins; none when what there was is past its days.
    static func files(_ id: String, of size: Int, since oldestKey: String, in tx: any Transaction) throws -> [Int] {
        guard try tx.first(selectLegible, [.text(id), .text(oldestKey)], { $0.int(0) }) != nil else { return [] }
        var start = 0
        var starts = [start]
        while true {
            // The last line of this file, and whether there is another.
            let ends = try tx.rows(selectEnds, [.text(id), .int(start), .int(size - 1)]) { Int($0.int(0)) }
            guard ends.count == 2 else { return starts }
            start = ends[0]
            starts.append(start)
        }
    }

    /// Deletes rows whose key is past its days.
    static func prune(before oldestKey: String, in tx: any Transaction) throws { try tx.run(deleteOld, [.text(oldestKey)]) }

    private static let insert = SQL(
        """
        INSERT INTO uploads (id, organisation, region, business_date, format, state, header, rows, accepted, corrected, withdrawn, repeated,
          conflicts, refused, ignored, opened_at, touched_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, ?, ?, ?)
        """)
    private static let update = SQL(
        """
        UPDATE uploads SET state = ?, rows = ?, accepted = ?, corrected = ?, withdrawn = ?, repeated = ?, conflicts = ?, refused = ?,
          touched_ms = ?
        WHERE id = ?
        """)
    private static let stateNow = "CASE WHEN state = 'running' AND touched_ms < ? THEN 'cut' ELSE state END"
    private static let columns =
        """
        organisation, business_date, format, \(stateNow), header, rows, accepted, corrected, withdrawn, repeated, conflicts, refused,
          ignored, opened_at
        """
    private static let select = SQL("SELECT \(columns) FROM uploads WHERE id = ?")
    private static let selectOwn = SQL(
        """
        SELECT \(columns), id FROM uploads
        WHERE organisation = ? AND (? = '' OR \(stateNow) = ?)
          AND (business_date < ? OR (business_date = ? AND (opened_at < ? OR (opened_at = ? AND id > ?))))
        ORDER BY business_date DESC, opened_at DESC, id LIMIT ?
        """)
    private static let insertRefusal = SQL(
        """
        INSERT INTO upload_refusals (upload, line, code, fields, codes, rules, sources, sealed_key, sealed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    private static let countCodes = SQL("SELECT code, count(*) FROM upload_refusals WHERE upload = ? GROUP BY code ORDER BY code")
    private static let selectRefusals = SQL(
        """
        SELECT line, fields, codes, rules, sources, sealed_key, sealed FROM upload_refusals
        WHERE upload = ? AND line > ? ORDER BY line LIMIT ?
        """)
    private static let selectLegible = SQL("SELECT line FROM upload_refusals WHERE upload = ? AND sealed_key >= ? LIMIT 1")
    private static let selectEnds = SQL("SELECT line FROM upload_refusals WHERE upload = ? AND line > ? ORDER BY line LIMIT 2 OFFSET ?")
    private static let deleteOld = SQL("DELETE FROM upload_refusals WHERE sealed_key < ?")
}
