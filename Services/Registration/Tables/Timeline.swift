import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// One person, one file: what every service said of a person, in order of the day it happened. Holds codes, never a name or a number.
///
/// Entries may come before the file is opened, and under an id that later turns out to be an alias: they are joined when they are read.
enum Timeline {
    /// Registration's own facts; those of other services are named by their event type.
    enum OwnFact: String {
        case personRegistered = "PersonRegistered"
        case identityAttached = "IdentityAttached"
        case personsMerged = "PersonsMerged"
        case personsUnmerged = "PersonsUnmerged"
        case certificateIssued = "CertificateIssued"
    }

    struct Entry: Codable, Hashable, Sendable {
        var id: String
        var date: String
        /// Name of the fact, for instance `ReferralIssued`.
        var fact: String
        /// Codes that say which: topic, stage and outcome of a result, category of an application.
        var detail: String
        var organisation: String?
    }

    static func add(
        _ fact: OwnFact, _ person: PersonID, detail: String, organisation: OrganisationID? = nil, in work: UnitOfWork
    ) throws {
        try add(
            id: work.derivedID("timeline"), fact: fact.rawValue, person: person, referral: nil, on: work.cause.today, detail: detail,
            organisation: organisation ?? work.cause.actor.organisation, in: work.tx)
    }

    /// An entry for a fact of another service. `id` is the event's own, so the same fact is one entry for ever.
    static func add(
        id: String, fact: String, person: PersonID?, referral: ReferralID?, on date: LocalDate, detail: String,
        organisation: OrganisationID?, in tx: any Transaction
    ) throws {
        // The same fact has the same subject and day.
        guard let (insert, subject) = person.map({ (Statements.ofPerson, $0.text) }) ?? referral.map({ (Statements.ofReferral, $0.text) })
        else { preconditionFailure("an entry is of a person or of a referral") }
        try tx.run(
            insert,
            [
                .text(id), .text(person?.text), .text(referral?.text), .text(date.text), .text(fact), .text(detail),
                .text(organisation?.text), .text(subject), .text(date.text), .text(id),
            ])
    }

    /// Entries of all ids that mean one person, oldest first, after the cursor (date and id of the last entry seen).
    static func entries(
        of identities: [PersonID], after: (date: String, id: String)?, limit: Int, in tx: any Transaction
    ) throws -> [Entry] {
        var found: [Entry] = []
        for person in identities {
            found += try tx.rows(
                Statements.list,
                [
                    .text(person.text), .text(person.text), .text(after?.date ?? ""), .text(after?.date ?? ""), .text(after?.id ?? ""),
                    .int(limit),
                ]
            ) { Entry(id: $0.text(0), date: $0.text(1), fact: $0.text(2), detail: $0.text(3), organisation: $0.textOrNil(4)) }
        }
        return Array(found.sorted { ($0.date, $0.id) < ($1.date, $1.id) }.prefix(limit))
    }

    private enum Statements {
        static let ofPerson = insert(unlessKnownBy: "person")
        static let ofReferral = insert(unlessKnownBy: "referral")

        private static func insert(unlessKnownBy subject: String) -> SQL {
            SQL(
                """
                INSERT INTO timeline (entry, person, referral, happened_on, fact, detail, organisation) SELECT ?, ?, ?, ?, ?, ?, ?
                WHERE NOT EXISTS (SELECT 1 FROM timeline WHERE \(subject) = ? AND happened_on = ? AND entry = ?)
                """)
        }

        static let list = SQL(
            """
            SELECT entry, happened_on, fact, detail, organisation FROM timeline
            WHERE (person = ? OR referral IN (SELECT referral FROM referral_owners WHERE person = ?))
              AND (happened_on > ? OR (happened_on = ? AND entry > ?))
            ORDER BY happened_on, entry LIMIT ?
            """)
    }
}
