import Persistence

/// Registration's schema, append-only. Nothing that identifies a person stands in a plain column.
enum RegistrationSchema {
    static let migrations = [
        Migration(
            "registration-1-persons",
            [
                """
                CREATE TABLE persons (
                  person TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL, sex TEXT NOT NULL,
                  birth_month TEXT NOT NULL, region TEXT NOT NULL, origin TEXT NOT NULL, document TEXT NOT NULL,
                  has_guardian INTEGER NOT NULL, identity_checked INTEGER NOT NULL, merge_into TEXT, merge_requested_by TEXT,
                  merged_into TEXT, absorbed INTEGER NOT NULL)
                """,
                "CREATE INDEX persons_by_region ON persons (region, person)",
                "CREATE INDEX persons_by_merge ON persons (merged_into)",
                "CREATE TABLE person_aliases (alias TEXT NOT NULL PRIMARY KEY, person TEXT NOT NULL)",
                "CREATE INDEX person_aliases_by_person ON person_aliases (person)",
                """
                CREATE TABLE person_secrets (
                  person TEXT NOT NULL PRIMARY KEY, key_id TEXT NOT NULL, key_version INTEGER NOT NULL, algorithm TEXT NOT NULL,
                  ciphertext BLOB NOT NULL)
                """,
            ]),
        Migration(
            "registration-2-directory",
            [
                """
                CREATE TABLE organisations (
                  organisation TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
                  credit_code TEXT, region TEXT NOT NULL, valid_from TEXT NOT NULL)
                """,
                "CREATE UNIQUE INDEX organisations_by_credit_code ON organisations (credit_code)",
                "CREATE INDEX organisations_by_region ON organisations (region, organisation)",
            ]),
        Migration(
            "registration-3-certificates",
            [
                """
                CREATE TABLE certificates (
                  person TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, certificate TEXT NOT NULL, status TEXT NOT NULL,
                  category TEXT NOT NULL, grade TEXT NOT NULL, components TEXT NOT NULL, assessed_by TEXT NOT NULL,
                  assessed_on TEXT NOT NULL, applied_by TEXT NOT NULL, applied_on TEXT NOT NULL, valid_from TEXT, valid_to TEXT)
                """,
                "CREATE UNIQUE INDEX certificates_by_certificate ON certificates (certificate)",
                """
                CREATE TABLE certificate_numbers (
                  certificate TEXT NOT NULL PRIMARY KEY, person TEXT NOT NULL, key_id TEXT NOT NULL, key_version INTEGER NOT NULL,
                  algorithm TEXT NOT NULL, ciphertext BLOB NOT NULL)
                """,
            ]),
        Migration(
            "registration-4-owners",
            [
                """
                CREATE TABLE referral_owners (
                  referral TEXT NOT NULL PRIMARY KEY, attempt INTEGER NOT NULL, institution TEXT NOT NULL, person TEXT NOT NULL,
                  holds INTEGER NOT NULL)
                """,
                "CREATE INDEX referral_owners_by_person ON referral_owners (person)",
                "CREATE TABLE application_referrals (application TEXT NOT NULL PRIMARY KEY, referral TEXT NOT NULL)",
                "CREATE TABLE ended_applications (application TEXT NOT NULL PRIMARY KEY)",
            ]),
        Migration(
            "registration-5-timeline",
            [
                """
                CREATE TABLE timeline (
                  entry TEXT NOT NULL PRIMARY KEY, person TEXT, referral TEXT, happened_on TEXT NOT NULL, fact TEXT NOT NULL,
                  detail TEXT NOT NULL, organisation TEXT)
                """,
                "CREATE INDEX timeline_by_person ON timeline (person, happened_on)",
                "CREATE INDEX timeline_by_referral ON timeline (referral, happened_on)",
            ]),
        Migration(
            "registration-6-audit",
            [
                """
                CREATE TABLE audit (
                  number INTEGER NOT NULL PRIMARY KEY, recorded TEXT NOT NULL, organisation TEXT, role TEXT NOT NULL, actor TEXT NOT NULL,
                  action TEXT NOT NULL, subject TEXT NOT NULL, purpose TEXT NOT NULL, outcome TEXT NOT NULL, previous TEXT NOT NULL,
                  hash TEXT NOT NULL)
                """
            ]),
        Migration(
            "registration-7-claimed-ids",
            [
                """
                INSERT INTO person_aliases (alias, person) SELECT person, person FROM persons
                WHERE NOT EXISTS (SELECT 1 FROM person_aliases a WHERE a.alias = persons.person)
                """
            ]),
        // An entry's id is a hash, and an index of hashes is written all over at every batch. Whether an entry is there already is seen among
        // the few of its person's day.
        Migration(
            "registration-8-timeline-in-order",
            [
                """
                CREATE TABLE timeline_entries (
                  number INTEGER NOT NULL PRIMARY KEY, entry TEXT NOT NULL, person TEXT, referral TEXT, happened_on TEXT NOT NULL,
                  fact TEXT NOT NULL, detail TEXT NOT NULL, organisation TEXT)
                """,
                """
                INSERT INTO timeline_entries (entry, person, referral, happened_on, fact, detail, organisation)
                SELECT entry, person, referral, happened_on, fact, detail, organisation FROM timeline ORDER BY happened_on, entry
                """,
                "DROP TABLE timeline",
                "ALTER TABLE timeline_entries RENAME TO timeline",
                "CREATE INDEX timeline_by_person ON timeline (person, happened_on) WHERE person IS NOT NULL",
                "CREATE INDEX timeline_by_referral ON timeline (referral, happened_on) WHERE referral IS NOT NULL",
            ]),
        Migration("registration-9-erasures-by-two", ["ALTER TABLE persons ADD COLUMN erasure_requested_by TEXT"]),
    ]

    /// The store of keys, a database of its own: its backups are short, so that destroying a key is soon true of every copy.
    static let keyMigrations = [
        Migration(
            "registration-keys-1",
            ["CREATE TABLE person_keys (key_id TEXT NOT NULL PRIMARY KEY, key_bytes BLOB NOT NULL)"])
    ]
}
