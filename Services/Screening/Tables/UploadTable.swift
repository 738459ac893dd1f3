import Persistence
import ServiceRuntime
import Vocabulary

/// Uploads and the rows of them that did not get in.
enum UploadTable {
    /// Where an upload stands.
    enum State: String, CaseIterable, Sendable {
        case running, done
        /// The body ended early or grew beyond the limit; what had come before it counts.
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
        var counts: Counts
    }

    /// A row as it stood in the file, sealed, and what is wrong with it.
    struct Refusal: Hashable, Sendable {
        var line: Int
        var rules: [RuleBroken]
        var sealed: ShortLivedKeys.Sealed
    }

    static func open(_ id: String, _ upload: Stored, region: RegionCode?, in tx: any Transaction) throws {
        try tx.run(
            insert,
            [
                .text(id), .text(upload.organisation.text), .text(region?.text), .text(upload.businessDate.text),
                .text(upload.format.rawValue),
                .text(upload.state.rawValue), .text(upload.header),
            ])
    }

    static func keep(_ id: String, _ counts: Counts, _ state: State, in tx: any Transaction) throws {
        try tx.run(
            update,
            [
                .text(state.rawValue), .int(counts.rows), .int(counts.accepted), .int(counts.corrected), .int(counts.withdrawn),
                .int(counts.repeated), .int(counts.conflicts), .int(counts.refused), .text(id),
            ])
    }

    static func find(_ id: String, in tx: any Transaction) throws -> Stored? {
        try tx.first(select, [.text(id)]) { row in try stored(row) }
    }

    /// A bureau's uploads in one state, or in any, with their ids: the newest day first, those of a day in order of their ids.
    static func list(
        _ organisation: OrganisationID, _ state: State?, after last: (day: String, id: String)?, limit: Int, in tx: any Transaction
    ) throws -> [(id: String, stored: Stored)] {
        // Later than every day there is.
        let day = last?.day ?? "~"
        let wanted = Value.text(state?.rawValue ?? "")
        return try tx.rows(
            selectOwn, [.text(organisation.text), wanted, wanted, .text(day), .text(day), .text(last?.id ?? ""), .int(limit)]
        ) {
            row in (row.text(12), try stored(row))
        }
    }

    private static func stored(_ row: borrowing Row) throws -> Stored {
        Stored(
            organisation: OrganisationID(trusted: row.text(0)), businessDate: try LocalDate(row.text(1)), format: try row.word(2),
            state: try row.word(3), header: row.text(4),
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

    /// Deletes rows whose key is past its days.
    static func prune(before oldestKey: String, in tx: any Transaction) throws { try tx.run(deleteOld, [.text(oldestKey)]) }

    private static let insert = SQL(
        """
        INSERT INTO uploads (id, organisation, region, business_date, format, state, header, rows, accepted, corrected, withdrawn, repeated,
          conflicts, refused)
        VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0)
        """)
    private static let update = SQL(
        """
        UPDATE uploads SET state = ?, rows = ?, accepted = ?, corrected = ?, withdrawn = ?, repeated = ?, conflicts = ?, refused = ?
        WHERE id = ?
        """)
    private static let select = SQL(
        """
        SELECT organisation, business_date, format, state, header, rows, accepted, corrected, withdrawn, repeated, conflicts, refused
        FROM uploads WHERE id = ?
        """)
    private static let selectOwn = SQL(
        """
        SELECT organisation, business_date, format, state, header, rows, accepted, corrected, withdrawn, repeated, conflicts, refused, id
        FROM uploads WHERE organisation = ? AND (? = '' OR state = ?) AND (business_date < ? OR (business_date = ? AND id > ?))
        ORDER BY business_date DESC, id LIMIT ?
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
    private static let deleteOld = SQL("DELETE FROM upload_refusals WHERE sealed_key < ?")
}
