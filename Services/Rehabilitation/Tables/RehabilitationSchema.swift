import Persistence

/// The store of rehabilitation: append-only migrations.
enum RehabilitationSchema {
    static let migrations = [
        Migration(
            "rehabilitation-1",
            [
                """
                CREATE TABLE institutions (
                    institution TEXT NOT NULL PRIMARY KEY, region TEXT NOT NULL, categories TEXT NOT NULL, capacity INTEGER NOT NULL,
                    valid_from TEXT NOT NULL, valid_to TEXT NOT NULL, places TEXT NOT NULL, taken INTEGER NOT NULL,
                    version INTEGER NOT NULL, CHECK (taken <= capacity))
                """,
                "CREATE INDEX institutions_by_region ON institutions (region, institution)",
                """
                CREATE TABLE referral_answers (
                    attempt_key TEXT NOT NULL PRIMARY KEY, referral TEXT NOT NULL, attempt INTEGER NOT NULL, case_id TEXT NOT NULL,
                    \(FactsColumns.definition), category TEXT NOT NULL, institution TEXT NOT NULL, respond_by TEXT NOT NULL,
                    status TEXT NOT NULL, reason TEXT, version INTEGER NOT NULL)
                """,
                "CREATE INDEX referral_answers_by_institution ON referral_answers (institution, status, attempt_key)",
                "CREATE INDEX referral_answers_by_referral ON referral_answers (referral, status)",
                "CREATE INDEX referral_answers_by_region ON referral_answers (status, region)",
                """
                CREATE TABLE applications (
                    application TEXT NOT NULL PRIMARY KEY, \(FactsColumns.definition), category TEXT NOT NULL, referral TEXT,
                    attempt INTEGER, plan_year INTEGER NOT NULL, residence_basis TEXT NOT NULL, submitted_by TEXT NOT NULL,
                    submitted_on TEXT NOT NULL, \(TermsColumns.definition), status TEXT NOT NULL, accepted_by TEXT, complete_on TEXT,
                    decide_by TEXT, review_missed INTEGER NOT NULL, decided_by TEXT, decided_on TEXT, on_time INTEGER, reason TEXT,
                    institution TEXT, enrolment TEXT, version INTEGER NOT NULL)
                """,
                "CREATE INDEX applications_by_status ON applications (status, application)",
                "CREATE INDEX applications_by_referral ON applications (referral)",
                """
                CREATE UNIQUE INDEX applications_once_a_year ON applications (person, category, plan_year)
                WHERE status NOT IN ('rejected', 'withdrawn')
                """,
                """
                CREATE TABLE enrolments (
                    enrolment TEXT NOT NULL PRIMARY KEY, application TEXT NOT NULL, \(FactsColumns.definition), category TEXT NOT NULL,
                    institution TEXT NOT NULL, \(TermsColumns.definition), started_on TEXT NOT NULL, status TEXT NOT NULL, outcome TEXT,
                    ended_on TEXT, version INTEGER NOT NULL)
                """,
                "CREATE INDEX enrolments_by_institution ON enrolments (institution, status, enrolment)",
                "CREATE UNIQUE INDEX enrolments_one_at_a_time ON enrolments (person) WHERE status = 'inTraining'",
                """
                CREATE TABLE lines (
                    line TEXT NOT NULL PRIMARY KEY, enrolment TEXT NOT NULL, position INTEGER NOT NULL, institution TEXT NOT NULL,
                    month TEXT NOT NULL, ordinal INTEGER NOT NULL, service_days INTEGER NOT NULL, counted INTEGER NOT NULL,
                    gross_fen INTEGER NOT NULL, basic_insurance_fen INTEGER NOT NULL, serious_illness_fen INTEGER NOT NULL,
                    medical_relief_fen INTEGER NOT NULL, other_insurance_fen INTEGER NOT NULL, self_pay_fen INTEGER NOT NULL,
                    subsidy_fen INTEGER NOT NULL, parents_fen INTEGER NOT NULL, policy_version TEXT NOT NULL)
                """,
                "CREATE UNIQUE INDEX lines_once_a_month ON lines (enrolment, month)",
                "CREATE INDEX lines_by_institution ON lines (institution, month)",
                """
                CREATE TABLE settlements (
                    settlement TEXT NOT NULL PRIMARY KEY, institution TEXT NOT NULL, region TEXT NOT NULL, quarter TEXT NOT NULL,
                    submitted_by TEXT NOT NULL, submitted_on TEXT NOT NULL, lines INTEGER NOT NULL, total_fen INTEGER NOT NULL,
                    status TEXT NOT NULL, approved_by TEXT, approved_on TEXT, paid_by TEXT, paid_on TEXT, version INTEGER NOT NULL)
                """,
                "CREATE INDEX settlements_by_status ON settlements (status, settlement)",
                """
                CREATE TABLE settlement_lines (
                    line TEXT NOT NULL PRIMARY KEY, settlement TEXT NOT NULL, month TEXT NOT NULL, subsidy_fen INTEGER NOT NULL)
                """,
                "CREATE INDEX settlement_lines_by_settlement ON settlement_lines (settlement, line)",
                "CREATE TABLE organisations (organisation TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, region TEXT NOT NULL)",
                "CREATE TABLE persons (\(FactsColumns.definition), PRIMARY KEY (person))",
                "CREATE TABLE person_aliases (merged TEXT NOT NULL PRIMARY KEY, kept TEXT NOT NULL)",
                "CREATE INDEX person_aliases_by_kept ON person_aliases (kept)",
            ]),
        Migration(
            "rehabilitation-2-rejected-settlements",
            [
                "ALTER TABLE settlements ADD COLUMN rejected_by TEXT",
                "ALTER TABLE settlements ADD COLUMN rejected_on TEXT",
                "ALTER TABLE settlements ADD COLUMN reason TEXT",
                """
                CREATE TABLE rejected_settlement_lines (
                    settlement TEXT NOT NULL, line TEXT NOT NULL, month TEXT NOT NULL, subsidy_fen INTEGER NOT NULL,
                    PRIMARY KEY (settlement, line))
                """,
            ]),
        Migration(
            "rehabilitation-3-merges-as-pairs",
            [
                // Merges of one id into different files come over different partitions, in any order: each is a row of its own. The table
                // before this one stays for instances of the last build.
                "CREATE TABLE merged_persons (merged TEXT NOT NULL, kept TEXT NOT NULL, PRIMARY KEY (merged, kept))",
                "CREATE INDEX merged_persons_by_kept ON merged_persons (kept, merged)",
                "INSERT INTO merged_persons (merged, kept) SELECT merged, kept FROM person_aliases",
                "CREATE INDEX referral_answers_by_person ON referral_answers (person, category)",
            ]),
        Migration(
            "rehabilitation-4-a-month-counts-once",
            [
                "CREATE INDEX enrolments_by_person ON enrolments (person, enrolment)",
                // Whose month it is; nobody's of lines that the last build writes beside this one, and of a second one that it counted.
                "ALTER TABLE lines ADD COLUMN person TEXT",
                "UPDATE lines SET person = (SELECT e.person FROM enrolments e WHERE e.enrolment = lines.enrolment)",
                """
                UPDATE lines SET person = NULL WHERE counted = 1 AND EXISTS (
                    SELECT 1 FROM enrolments e JOIN lines l ON l.enrolment = e.enrolment
                    WHERE e.person = lines.person AND l.month = lines.month AND l.counted = 1 AND l.line < lines.line)
                """,
                "CREATE UNIQUE INDEX lines_counted_once ON lines (person, month) WHERE counted = 1",
            ]),
        Migration(
            "rehabilitation-5-corrections",
            [
                // Of the newest correction of a line; revision 1 is what was recorded first.
                "ALTER TABLE lines ADD COLUMN revision INTEGER NOT NULL DEFAULT 1",
                "ALTER TABLE lines ADD COLUMN corrected_month TEXT",
                "ALTER TABLE lines ADD COLUMN corrected_on TEXT",
                "ALTER TABLE lines ADD COLUMN correction_reason TEXT",
            ]),
    ]
}
