import Persistence
import Vocabulary

/// Which institution owns which referral now, as Screening's events tell it: the one thing that opens a person's contact to anybody.
///
/// Each statement names the attempt it speaks of, so an event about an old attempt never touches the owner of a newer one.
enum ReferralOwners {
    /// An institution is asked: it owns the referral until it is told otherwise.
    static func begin(
        _ referral: ReferralID, attempt: Int, institution: OrganisationID, person: PersonID, in tx: any Transaction
    ) throws {
        try tx.run(
            Statements.begin, [.text(referral.text), .int(attempt), .text(institution.text), .text(person.text)])
    }

    /// The attempt is over. Kept too where its beginning is not here yet: a record that was set aside and is replayed later opens nothing.
    static func end(
        _ referral: ReferralID, attempt: Int, institution: OrganisationID, person: PersonID, in tx: any Transaction
    ) throws {
        try tx.run(Statements.end, [.text(referral.text), .int(attempt), .text(institution.text), .text(person.text)])
    }

    /// A claim of this institution came too late; whoever else holds the attempt keeps it.
    static func supersede(_ referral: ReferralID, attempt: Int, institution: OrganisationID, in tx: any Transaction) throws {
        try tx.run(Statements.endOf, [.text(referral.text), .int(attempt), .text(institution.text)])
    }

    /// Remembers which referral an application rests on, so that what ends the application ends the access too.
    static func link(_ application: ApplicationID, to referral: ReferralID, in tx: any Transaction) throws {
        try tx.run(Statements.link, [.text(application.text), .text(referral.text)])
    }

    /// The application led to nothing, or the training it led to is over: the place is free, and with it goes the reason to read. May come
    /// before anything else is known of the application. A new application on the same referral opens the contact again.
    static func finish(_ application: ApplicationID, in tx: any Transaction) throws {
        try tx.run(Statements.finish, [.text(application.text)])
    }

    /// The person whose contact `institution` may read by this referral; nil when it does not own it now.
    static func person(of referral: String, ownedBy institution: OrganisationID, in tx: any Transaction) throws -> PersonID? {
        try tx.first(Statements.owned, [.text(referral), .text(institution.text)]) { PersonID(trusted: $0.text(0)) }
    }

    private enum Statements {
        static let begin = SQL(
            """
            INSERT INTO referral_owners (referral, attempt, institution, person, holds) VALUES (?, ?, ?, ?, 1)
            ON CONFLICT (referral) DO UPDATE SET attempt = excluded.attempt, institution = excluded.institution,
              person = excluded.person, holds = 1 WHERE referral_owners.attempt < excluded.attempt
            """)
        static let end = SQL(
            """
            INSERT INTO referral_owners (referral, attempt, institution, person, holds) VALUES (?, ?, ?, ?, 0)
            ON CONFLICT (referral) DO UPDATE SET attempt = excluded.attempt, institution = excluded.institution,
              person = excluded.person, holds = 0 WHERE referral_owners.attempt <= excluded.attempt
            """)
        static let endOf = SQL("UPDATE referral_owners SET holds = 0 WHERE referral = ? AND attempt = ? AND institution = ?")
        static let link = SQL(
            "INSERT INTO application_referrals (application, referral) VALUES (?, ?) ON CONFLICT (application) DO NOTHING")
        static let finish = SQL("INSERT INTO ended_applications (application) VALUES (?) ON CONFLICT (application) DO NOTHING")
        static let owned = SQL(
            """
            SELECT person FROM referral_owners WHERE referral = ? AND institution = ? AND holds = 1
              AND (NOT EXISTS (SELECT 1 FROM application_referrals a WHERE a.referral = referral_owners.referral)
                   OR EXISTS (SELECT 1 FROM application_referrals a WHERE a.referral = referral_owners.referral
                              AND NOT EXISTS (SELECT 1 FROM ended_applications e WHERE e.application = a.application)))
            """)
    }
}
