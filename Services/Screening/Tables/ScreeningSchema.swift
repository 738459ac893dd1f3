import Persistence

/// Screening's own tables. Append-only: a released migration is never edited. Nobody can be identified from them: people are `PersonID`s,
/// rows of uploads that hold identities are sealed under a key that lives for days and lies elsewhere.
enum ScreeningSchema {
    static let readDirectoryAgain = [
        "DELETE FROM gaps WHERE topic = 'careloop.registration.organisations.v1'",
        """
        UPDATE positions SET next_offset = 0, last_epoch = 0, last_number = 0, last_identity = NULL, generation = generation + 1
        WHERE topic = 'careloop.registration.organisations.v1'
        """,
    ]

    static let migrations = [
        Migration(
            "screening-1-cases",
            [
                """
                CREATE TABLE screening_cases (
                  id TEXT NOT NULL PRIMARY KEY, person TEXT NOT NULL, topic TEXT NOT NULL, sex TEXT NOT NULL, birth_month TEXT NOT NULL,
                  region TEXT NOT NULL, status TEXT NOT NULL, entries TEXT NOT NULL, awaited_stage TEXT, awaited_due TEXT,
                  overdue_stage TEXT, overdue_due TEXT, shares INTEGER NOT NULL, shared INTEGER NOT NULL, version INTEGER NOT NULL)
                """,
                "CREATE INDEX screening_cases_overdue ON screening_cases (overdue_due, id) WHERE overdue_due IS NOT NULL",
                """
                CREATE TABLE screening_results (
                  organisation TEXT NOT NULL, result_id TEXT NOT NULL, revision INTEGER NOT NULL, fingerprint BLOB NOT NULL, case_id TEXT,
                  PRIMARY KEY (organisation, result_id))
                """,
            ]),
        Migration(
            "screening-2-referrals",
            [
                """
                CREATE TABLE referrals (
                  id TEXT NOT NULL PRIMARY KEY, case_id TEXT NOT NULL, person TEXT NOT NULL, sex TEXT NOT NULL, birth_month TEXT NOT NULL,
                  region TEXT NOT NULL, category TEXT NOT NULL, status TEXT NOT NULL, candidates TEXT NOT NULL, choose_by TEXT NOT NULL,
                  attempts TEXT NOT NULL, reason TEXT NOT NULL, institution TEXT, version INTEGER NOT NULL)
                """,
                "CREATE INDEX referrals_by_status ON referrals (status, choose_by, id)",
                "CREATE INDEX referrals_by_date ON referrals (choose_by, id)",
                "CREATE INDEX referrals_by_case ON referrals (case_id)",
                """
                CREATE TABLE institutions (
                  institution TEXT NOT NULL PRIMARY KEY, region TEXT NOT NULL, categories TEXT NOT NULL, capacity INTEGER NOT NULL,
                  taken INTEGER NOT NULL, open_load INTEGER NOT NULL, valid_from TEXT NOT NULL, valid_to TEXT NOT NULL)
                """,
                """
                CREATE TABLE organisations (
                  organisation TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, region TEXT NOT NULL)
                """,
            ]),
        Migration(
            "screening-3-uploads",
            [
                """
                CREATE TABLE uploads (
                  id TEXT NOT NULL PRIMARY KEY, organisation TEXT NOT NULL, region TEXT, business_date TEXT NOT NULL, format TEXT NOT NULL,
                  state TEXT NOT NULL, header TEXT NOT NULL, rows INTEGER NOT NULL, accepted INTEGER NOT NULL, corrected INTEGER NOT NULL,
                  withdrawn INTEGER NOT NULL, repeated INTEGER NOT NULL, conflicts INTEGER NOT NULL, refused INTEGER NOT NULL)
                """,
                """
                CREATE TABLE upload_refusals (
                  upload TEXT NOT NULL, line INTEGER NOT NULL, code TEXT NOT NULL, fields TEXT NOT NULL, codes TEXT NOT NULL,
                  rules TEXT NOT NULL, sources TEXT NOT NULL, sealed_key TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (upload, line))
                """,
            ]),
        Migration(
            "screening-4-uploads-by-day", ["CREATE INDEX uploads_by_day ON uploads (organisation, business_date DESC, id)"]),
        Migration(
            "screening-5-numbered-copies",
            [
                // The numbers of the events that the copy was last written by.
                "ALTER TABLE institutions ADD COLUMN agreement_number TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE institutions ADD COLUMN places_number TEXT NOT NULL DEFAULT ''",
            ]),
        // A bureau's result ids mostly grow: one tree in their order, instead of rows and their index.
        Migration(
            "screening-6-results-in-order",
            [
                """
                CREATE TABLE screening_results_in_order (
                  organisation TEXT NOT NULL, result_id TEXT NOT NULL, revision INTEGER NOT NULL, fingerprint BLOB NOT NULL, case_id TEXT,
                  PRIMARY KEY (organisation, result_id)) WITHOUT ROWID
                """,
                """
                INSERT INTO screening_results_in_order (organisation, result_id, revision, fingerprint, case_id)
                SELECT organisation, result_id, revision, fingerprint, case_id FROM screening_results
                """,
                "DROP TABLE screening_results",
                "ALTER TABLE screening_results_in_order RENAME TO screening_results",
            ]),
        // Few cases are ever shared; whether each of these has its referrals is asked whenever a desk is opened.
        Migration("screening-7-shared-cases", ["CREATE INDEX screening_cases_shared ON screening_cases (id) WHERE shares > 0"]),
        // Builds before this one let a round that found out nothing hide an earlier one's positive result, and took its deadline away. Such cases
        // are looked at again as if their step were due; where nothing was hidden that changes nothing.
        Migration(
            "screening-8-hidden-positives",
            [
                """
                INSERT INTO deadlines (kind, subject, due)
                SELECT '\(CaseTable.stepDeadline)', id, '\(CaseTable.lookDay)' FROM screening_cases
                WHERE status = 'unable' AND entries LIKE '%positive%'
                ON CONFLICT (kind, subject) DO NOTHING
                """
            ]),
        // An organisation is said once, and its name was passed over: the directory, which is kept for ever, is read from its start once more.
        // Keeping an organisation twice changes nothing. The generation tells whoever reads a partition meanwhile that it was moved.
        Migration(
            "screening-9-names-of-organisations",
            ["ALTER TABLE organisations ADD COLUMN name TEXT NOT NULL DEFAULT ''"] + readDirectoryAgain),
        Migration(
            "screening-10-uploads-by-time",
            [
                // Business time; empty for uploads of older builds.
                "ALTER TABLE uploads ADD COLUMN opened_at TEXT NOT NULL DEFAULT ''",
                // Elapsed time of the last batch: one that is under way and has long been silent has lost its process.
                "ALTER TABLE uploads ADD COLUMN touched_ms BIGINT NOT NULL DEFAULT 0",
                // The sender's own columns, which were not read.
                "ALTER TABLE uploads ADD COLUMN ignored TEXT NOT NULL DEFAULT ''",
                "CREATE INDEX uploads_by_time ON uploads (organisation, business_date DESC, opened_at DESC, id)",
                "DROP INDEX uploads_by_day",
            ]),
    ]
}
