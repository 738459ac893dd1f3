import Crypto
import Foundation
import Persistence
import ServiceRuntime
import Vocabulary

/// Who read or tried to read what, why, and what came of it (审计日志). Append-only, each entry bound to the one before by its hash, written
/// in the transaction of the read it records.
enum AuditTrail {
    struct Entry: Encodable, Hashable, Sendable {
        var number: Int64
        var recorded: String
        var organisation: String?
        var role: String
        /// Pseudonymous user.
        var actor: String
        /// Verb and noun, for instance `read-contact`.
        var action: String
        /// The id asked for, as a pseudonym; never a name or a number.
        var subject: String
        var purpose: String
        var outcome: String
        var previous: String
        var hash: String
    }

    enum Outcome: String, Sendable {
        case granted, refused
    }

    /// First entry that does not follow from the one before, and why.
    struct Break: Encodable, Error, Hashable, Sendable {
        enum Reason: String, Encodable, Sendable {
            /// A number is missing: a row was deleted.
            case gap
            /// The row does not name the hash of the one before: a row was put in, moved or replaced.
            case chain
            /// The row's own hash is not that of its contents: a row was changed.
            case contents
            /// The chain ends before the head that was kept elsewhere: the tail was cut off.
            case truncated
        }
        var number: Int64
        var reason: Reason
    }

    /// The last entry: kept off the machine, it shows a cut tail.
    struct Head: Encodable, Hashable, Sendable {
        var number: Int64
        var hash: String
    }

    static let emptyHead = Head(number: 0, hash: String(repeating: "0", count: 64))

    static func record(
        _ action: String, subject: String, purpose: String, outcome: Outcome, in work: UnitOfWork
    ) throws {
        let cause = work.cause
        // Where several write at once each waits here for the one before it, instead of all but one failing on the number.
        if work.tx.locksRows { try Leases.lock("audit-chain", in: work.tx) }
        let head = try head(in: work.tx)
        var entry = Entry(
            number: head.number + 1, recorded: cause.recorded.text, organisation: cause.actor.organisation?.text,
            role: cause.actor.role.rawValue, actor: cause.actor.user, action: action, subject: subject, purpose: purpose,
            outcome: outcome.rawValue, previous: head.hash, hash: "")
        entry.hash = hash(entry)
        try work.tx.run(
            Statements.insert,
            [
                .int(entry.number), .text(entry.recorded), .text(entry.organisation), .text(entry.role), .text(entry.actor),
                .text(entry.action), .text(entry.subject), .text(entry.purpose), .text(entry.outcome), .text(entry.previous),
                .text(entry.hash),
            ])
    }

    static func head(in tx: any Transaction) throws -> Head {
        try tx.first(Statements.head) { Head(number: $0.int(0), hash: $0.text(1)) } ?? emptyHead
    }

    static func entries(after number: Int64, limit: Int, in tx: any Transaction) throws -> [Entry] {
        try tx.rows(Statements.list, [.int(number), .int(limit)]) { row in
            Entry(
                number: row.int(0), recorded: row.text(1), organisation: row.textOrNil(2), role: row.text(3), actor: row.text(4),
                action: row.text(5), subject: row.text(6), purpose: row.text(7), outcome: row.text(8), previous: row.text(9),
                hash: row.text(10))
        }
    }

    /// Walks the whole chain in pages and names the first entry that is wrong; nil when every entry follows. `kept` is a head noted earlier.
    static func firstBreak(kept: Head? = nil, in tx: any Transaction) throws -> Break? {
        var head = emptyHead
        while true {
            let page = try entries(after: head.number, limit: 1_000, in: tx)
            for entry in page {
                guard entry.number == head.number + 1 else { return Break(number: head.number + 1, reason: .gap) }
                guard entry.previous == head.hash else { return Break(number: entry.number, reason: .chain) }
                guard entry.hash == hash(entry) else { return Break(number: entry.number, reason: .contents) }
                head = Head(number: entry.number, hash: entry.hash)
                if let kept, kept.number == head.number, kept.hash != head.hash { return Break(number: head.number, reason: .chain) }
            }
            if page.isEmpty { break }
        }
        if let kept, kept.number > head.number { return Break(number: head.number + 1, reason: .truncated) }
        return nil
    }

    /// SHA-256 over every field with its length before it, so that no two entries share a text.
    private static func hash(_ entry: Entry) -> String {
        var text = ""
        let fields = [
            String(entry.number), entry.recorded, entry.organisation ?? "", entry.role, entry.actor, entry.action, entry.subject,
            entry.purpose, entry.outcome, entry.previous,
        ]
        for field in fields { text += "\(field.utf8.count):\(field)" }
        return SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
    }

    private enum Statements {
        static let insert = SQL(
            """
            INSERT INTO audit (number, recorded, organisation, role, actor, action, subject, purpose, outcome, previous, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        static let head = SQL("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
        static let list = SQL(
            """
            SELECT number, recorded, organisation, role, actor, action, subject, purpose, outcome, previous, hash
            FROM audit WHERE number > ? ORDER BY number LIMIT ?
            """)
    }
}
