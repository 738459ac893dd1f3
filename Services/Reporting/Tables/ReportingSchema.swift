import Persistence
import Vocabulary

/// Reporting's own tables; everything in them can be rebuilt from the log.
enum ReportingSchema {
    static let migrations = [
        Migration(
            "reporting-1-figures",
            [
                """
                CREATE TABLE figures (
                    region TEXT NOT NULL, month TEXT NOT NULL, measure TEXT NOT NULL, subject TEXT NOT NULL, sex TEXT NOT NULL,
                    age_band TEXT NOT NULL, shard INTEGER NOT NULL, value BIGINT NOT NULL,
                    PRIMARY KEY (region, month, measure, subject, sex, age_band, shard))
                """,
                "CREATE INDEX figures_by_month ON figures (month, measure)",
                """
                CREATE TABLE county_totals (
                    county TEXT NOT NULL, measure TEXT NOT NULL, shard INTEGER NOT NULL, value BIGINT NOT NULL,
                    PRIMARY KEY (county, measure, shard))
                """,
                """
                CREATE TABLE freshness (
                    shard INTEGER NOT NULL PRIMARY KEY, events BIGINT NOT NULL, day TEXT NOT NULL, recorded_ms BIGINT NOT NULL,
                    version BIGINT NOT NULL)
                """,
            ]),
        Migration(
            "reporting-2-tallies",
            [
                """
                CREATE TABLE case_tallies (
                    case_id TEXT NOT NULL PRIMARY KEY, region TEXT NOT NULL, month TEXT NOT NULL, subject TEXT, sex TEXT, age_band TEXT,
                    origin TEXT NOT NULL, counts TEXT NOT NULL, shared INTEGER NOT NULL, version BIGINT NOT NULL)
                """,
                """
                CREATE TABLE child_tallies (
                    person TEXT NOT NULL PRIMARY KEY, confirmed INTEGER NOT NULL, confirmed_cell TEXT, approved INTEGER NOT NULL,
                    enrolled INTEGER NOT NULL, assisted_cell TEXT, version BIGINT NOT NULL)
                """,
                """
                CREATE TABLE job_seeker_tallies (
                    person TEXT NOT NULL PRIMARY KEY, trained_on TEXT, trained_cell TEXT, placed_on TEXT NOT NULL, version BIGINT NOT NULL)
                """,
                """
                CREATE TABLE placement_tallies (
                    placement TEXT NOT NULL PRIMARY KEY, cell TEXT, stable INTEGER NOT NULL, version BIGINT NOT NULL)
                """,
                "CREATE TABLE institutions (institution TEXT NOT NULL PRIMARY KEY, region TEXT NOT NULL)",
                """
                CREATE TABLE institution_quarters (
                    institution TEXT NOT NULL, quarter TEXT NOT NULL, trained INTEGER NOT NULL, paid INTEGER NOT NULL,
                    PRIMARY KEY (institution, quarter))
                """,
            ]),
        Migration(
            "reporting-3-releases",
            [
                """
                CREATE TABLE releases (
                    id TEXT NOT NULL PRIMARY KEY, month TEXT NOT NULL, revision INTEGER NOT NULL, as_of TEXT NOT NULL, watermark TEXT NOT NULL,
                    made_by TEXT NOT NULL, policy_version TEXT NOT NULL, plan_period TEXT NOT NULL)
                """,
                "CREATE UNIQUE INDEX releases_by_month ON releases (month, revision)",
                """
                CREATE TABLE released_figures (
                    release TEXT NOT NULL, region TEXT NOT NULL, indicator TEXT NOT NULL, numerator BIGINT, denominator BIGINT,
                    basis_points INTEGER, reason TEXT, suppressed INTEGER NOT NULL, PRIMARY KEY (release, region, indicator))
                """,
                """
                CREATE TABLE hidden_cells (
                    month TEXT NOT NULL, measure TEXT NOT NULL, region TEXT NOT NULL, PRIMARY KEY (month, measure, region))
                """,
                """
                CREATE TABLE told_indicators (
                    cell TEXT NOT NULL PRIMARY KEY, numerator BIGINT, denominator BIGINT, version INTEGER NOT NULL)
                """,
            ]),
        Migration(
            "reporting-4-merged-persons",
            ["child_tallies", "job_seeker_tallies"].flatMap { table in
                [
                    "ALTER TABLE \(table) ADD COLUMN held_by TEXT",
                    "ALTER TABLE \(table) ADD COLUMN others TEXT NOT NULL DEFAULT ''",
                    "ALTER TABLE \(table) ADD COLUMN aliases TEXT NOT NULL DEFAULT ''",
                ]
            }),
        // A figure is its key and one number: one tree, in the key's order, instead of rows and their index.
        Migration(
            "reporting-5-figures-in-order",
            [
                """
                CREATE TABLE figures_in_order (
                    region TEXT NOT NULL, month TEXT NOT NULL, measure TEXT NOT NULL, subject TEXT NOT NULL, sex TEXT NOT NULL,
                    age_band TEXT NOT NULL, shard INTEGER NOT NULL, value BIGINT NOT NULL,
                    PRIMARY KEY (region, month, measure, subject, sex, age_band, shard)) WITHOUT ROWID
                """,
                """
                INSERT INTO figures_in_order (region, month, measure, subject, sex, age_band, shard, value)
                SELECT region, month, measure, subject, sex, age_band, shard, value FROM figures
                """,
                "DROP TABLE figures",
                "ALTER TABLE figures_in_order RENAME TO figures",
                "CREATE INDEX figures_by_month ON figures (month, measure)",
            ]),
        // Every result adds to two or three figures and to its child's tally, so nothing weighs more than one row of these: the cell as one number
        // (`CellKey`), one tree each, no index but for the few figures that are read across all regions.
        Migration(
            "reporting-6-cells-as-numbers",
            [
                """
                CREATE TABLE figures_by_cell (
                    cell BIGINT NOT NULL, measure TEXT NOT NULL, value BIGINT NOT NULL, PRIMARY KEY (cell, measure)) WITHOUT ROWID
                """,
                "INSERT INTO figures_by_cell (cell, measure, value) SELECT \(cell) << 3 | shard, measure, value FROM figures",
                "DROP TABLE figures",
                "ALTER TABLE figures_by_cell RENAME TO figures",
                """
                CREATE INDEX figures_of_placements ON figures (measure, cell, value)
                WHERE measure IN ('placements', 'placementsStable')
                """,
                """
                CREATE TABLE case_tallies_by_cell (
                    case_id TEXT NOT NULL PRIMARY KEY, cell BIGINT NOT NULL, origin TEXT NOT NULL, counts TEXT NOT NULL,
                    shared INTEGER NOT NULL, version BIGINT NOT NULL) WITHOUT ROWID
                """,
                """
                INSERT INTO case_tallies_by_cell (case_id, cell, origin, counts, shared, version)
                SELECT case_id, \(cell) << 3, origin, counts, shared, version FROM case_tallies
                """,
                "DROP TABLE case_tallies",
                "ALTER TABLE case_tallies_by_cell RENAME TO case_tallies",
            ]),
        Migration(
            "reporting-7-agreements",
            [
                """
                CREATE TABLE agreement_starts (
                    institution TEXT NOT NULL, valid_from TEXT NOT NULL, PRIMARY KEY (institution, valid_from))
                """
            ]),
        // A case keeps its results with their days, a child all its confirmed cases and the years in which it was served. What was counted stays
        // where it is: its results have no day, its sharing was in time, its enrolment was a service.
        Migration(
            "reporting-8-dated-results",
            [
                """
                CREATE TABLE case_tallies_dated (
                    case_id TEXT NOT NULL PRIMARY KEY, topic INTEGER NOT NULL, results TEXT NOT NULL, shared INTEGER NOT NULL,
                    version BIGINT NOT NULL) WITHOUT ROWID
                """,
                """
                INSERT INTO case_tallies_dated (case_id, topic, results, shared, version)
                SELECT case_id, (cell >> 9) & 7, '#' || cell || ' ' || counts, shared * 2, version FROM case_tallies
                """,
                "DROP TABLE case_tallies",
                "ALTER TABLE case_tallies_dated RENAME TO case_tallies",
                """
                CREATE TABLE child_tallies_by_year (
                    person TEXT NOT NULL PRIMARY KEY, confirmed_cells TEXT NOT NULL, approved INTEGER NOT NULL, served_cells TEXT NOT NULL,
                    held_by TEXT, others TEXT NOT NULL, aliases TEXT NOT NULL, version BIGINT NOT NULL)
                """,
                """
                INSERT INTO child_tallies_by_year (person, confirmed_cells, approved, served_cells, held_by, others, aliases, version)
                SELECT person,
                    CASE WHEN confirmed > 0
                        THEN replace(substr('................', 1, CAST(confirmed AS SMALLINT)), '.', coalesce(confirmed_cell, '') || ';')
                        ELSE '' END,
                    approved, CASE WHEN enrolled > 0 THEN coalesce(assisted_cell, '') ELSE '' END, held_by, others, aliases, version
                FROM child_tallies
                """,
                "DROP TABLE child_tallies",
                "ALTER TABLE child_tallies_by_year RENAME TO child_tallies",
                "INSERT INTO figures (cell, measure, value) SELECT cell, 'casesSharedInTime', value FROM figures WHERE measure = 'casesShared'",
                """
                INSERT INTO county_totals (county, measure, shard, value)
                SELECT county, 'casesSharedInTime', shard, value FROM county_totals WHERE measure = 'casesShared'
                """,
            ]),
    ]

    // A cell as `CellKey` packs it, without its share, from the columns it had.
    private static let cell =
        """
        (((((CAST(substr(region || '0000000', 1, 9) AS BIGINT) << 2
            | CASE length(region) WHEN 2 THEN 0 WHEN 4 THEN 1 WHEN 6 THEN 2 ELSE 3 END)
            << 17 | (CAST(substr(month, 1, 4) AS BIGINT) * 12 + CAST(substr(month, 6, 2) AS BIGINT) - 1))
            << 3 | CASE subject \(ranks(ScreeningTopic.self)) ELSE 0 END)
            << 3 | CASE sex \(ranks(Sex.self)) ELSE 0 END)
            << 3 | CASE age_band \(ranks(AgeBand.self)) ELSE 0 END)
        """

    // `WHEN 'word' THEN place` for every word, as `CellKey.rank` counts them.
    private static func ranks<Word: CaseIterable & RawRepresentable & Equatable>(_: Word.Type) -> String where Word.RawValue == String {
        Word.allCases.map { "WHEN '\($0.rawValue)' THEN \(CellKey.rank($0))" }.joined(separator: " ")
    }
}
