import Persistence
import ServiceRuntime
import Vocabulary

/// The highest revision known of every result, for ever: what makes a repeat a repeat after years.
///
/// Written at once, not at the batch's end, so that the next row of the same batch sees it.
enum ResultTable {
    static func known(_ organisation: OrganisationID, _ resultID: String, in tx: any Transaction) throws -> KnownRevision? {
        try tx.first(select, [.text(organisation.text), .text(resultID)]) { row in
            KnownRevision(revision: Int(row.int(0)), fingerprint: row.blob(1), caseID: row.textOrNil(2).map { CaseID(trusted: $0) })
        }
    }

    /// Throws `VersionConflict` when another instance has kept a revision since `old` was read: what was decided rests on the wrong one. The
    /// case's own version does not show it, because a withdrawal that comes before its result touches no case.
    static func keep(
        _ known: KnownRevision, replacing old: KnownRevision?, _ organisation: OrganisationID, _ resultID: String, in tx: any Transaction
    ) throws {
        let content: [Value] = [.int(known.revision), .blob(known.fingerprint), .text(known.caseID?.text)]
        if let old {
            let changed = try tx.run(update, content + [.text(organisation.text), .text(resultID), .int(old.revision)])
            guard changed == 1 else { throw VersionConflict() }
        } else {
            try tx.run(insert, [.text(organisation.text), .text(resultID)] + content)
        }
    }

    private static let select = SQL("SELECT revision, fingerprint, case_id FROM screening_results WHERE organisation = ? AND result_id = ?")
    private static let insert = SQL(
        "INSERT INTO screening_results (organisation, result_id, revision, fingerprint, case_id) VALUES (?, ?, ?, ?, ?)")
    private static let update = SQL(
        "UPDATE screening_results SET revision = ?, fingerprint = ?, case_id = ? WHERE organisation = ? AND result_id = ? AND revision = ?")
}
