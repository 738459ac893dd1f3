import Persistence

/// Employment's schema, append-only. Persons stand in it as pseudonyms.
enum EmploymentSchema {
    static let migrations = [
        Migration(
            "employment-1-persons",
            [
                """
                CREATE TABLE known_persons (
                  person TEXT NOT NULL PRIMARY KEY, sex TEXT NOT NULL, birth_month TEXT NOT NULL, region TEXT NOT NULL)
                """,
                "CREATE TABLE person_merges (merged TEXT NOT NULL PRIMARY KEY, kept TEXT NOT NULL)",
            ]),
        Migration(
            "employment-2-job-seekers",
            [
                """
                CREATE TABLE job_seekers (
                  job_seeker TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, person TEXT NOT NULL, status TEXT NOT NULL,
                  sex TEXT NOT NULL, birth_month TEXT NOT NULL, region TEXT NOT NULL, origin TEXT NOT NULL, consent INTEGER NOT NULL,
                  trainings TEXT NOT NULL, chain_placement TEXT, chain_began TEXT, chain_ended TEXT)
                """,
                "CREATE UNIQUE INDEX job_seekers_by_person ON job_seekers (person)",
                "CREATE INDEX job_seekers_by_region ON job_seekers (region, job_seeker)",
            ]),
        Migration(
            "employment-3-placements",
            [
                """
                CREATE TABLE employers (employer TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, region TEXT NOT NULL)
                """,
                """
                CREATE TABLE placements (
                  placement TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL, job_seeker TEXT NOT NULL,
                  person TEXT NOT NULL, sex TEXT NOT NULL, birth_month TEXT NOT NULL, region TEXT NOT NULL, employer TEXT NOT NULL,
                  form TEXT NOT NULL, started_on TEXT NOT NULL, contract_until TEXT NOT NULL, wage_fen INTEGER NOT NULL,
                  chain_began TEXT NOT NULL, contract_too_short INTEGER NOT NULL, confirmed_months TEXT NOT NULL, stable_on TEXT,
                  ended_on TEXT)
                """,
                "CREATE INDEX placements_by_employer ON placements (employer, placement)",
                "CREATE INDEX placements_by_job_seeker ON placements (job_seeker, placement)",
            ]),
        Migration(
            "employment-4-confirmations",
            [
                "ALTER TABLE placements ADD COLUMN awaited TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE placements ADD COLUMN missed_months TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE placements ADD COLUMN overdue_months INTEGER NOT NULL DEFAULT 0",
            ]),
        Migration(
            "employment-5-merges-as-pairs",
            [
                // Merges of one id into different files come over different partitions, in any order: each is a row of its own. The table
                // before this one stays for instances of the last build.
                "CREATE TABLE merged_persons (merged TEXT NOT NULL, kept TEXT NOT NULL, PRIMARY KEY (merged, kept))",
                "INSERT INTO merged_persons (merged, kept) SELECT merged, kept FROM person_merges",
            ]),
    ]
}
