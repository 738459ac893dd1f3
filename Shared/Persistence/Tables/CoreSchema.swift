/// The tables every service's store has beside its own: outbox, positions, what is held, dead letters, deadlines, idempotency,
/// browsers' sessions.
public enum CoreSchema {
    public static let migrations = [
        Migration(
            "core-1",
            [
                // A stream is one (topic, partition) this service produces. `next_number` is the number the next row gets,
                // `acknowledged` the last number the log has confirmed.
                """
                CREATE TABLE streams (
                    id INTEGER NOT NULL PRIMARY KEY, topic TEXT NOT NULL, partition_no INTEGER NOT NULL, epoch INTEGER NOT NULL,
                    next_number INTEGER NOT NULL, acknowledged INTEGER NOT NULL, UNIQUE (topic, partition_no))
                """,
                // The journal: rows stay after they are sent. `id` follows commit order.
                """
                CREATE TABLE outbox (
                    id INTEGER NOT NULL PRIMARY KEY, stream INTEGER NOT NULL, number INTEGER NOT NULL, record_key TEXT NOT NULL,
                    headers BLOB NOT NULL, body BLOB, recorded_ms INTEGER NOT NULL)
                """,
                // Every outbox row with an id up to `sent_through` is acknowledged, or belongs to a stream that is `behind`.
                "CREATE TABLE relay (one INTEGER NOT NULL PRIMARY KEY, sent_through INTEGER NOT NULL)",
                "INSERT INTO relay (one, sent_through) VALUES (1, 0)",
                """
                CREATE TABLE positions (
                    topic TEXT NOT NULL, partition_no INTEGER NOT NULL, next_offset INTEGER NOT NULL,
                    last_epoch INTEGER NOT NULL, last_number INTEGER NOT NULL, PRIMARY KEY (topic, partition_no))
                """,
                """
                CREATE TABLE gaps (
                    topic TEXT NOT NULL, partition_no INTEGER NOT NULL, expected INTEGER NOT NULL, seen INTEGER NOT NULL,
                    since_ms INTEGER NOT NULL, PRIMARY KEY (topic, partition_no))
                """,
                """
                CREATE TABLE held (
                    id INTEGER NOT NULL PRIMARY KEY, subject TEXT NOT NULL, topic TEXT NOT NULL, partition_no INTEGER NOT NULL,
                    record_offset INTEGER NOT NULL, record_key TEXT NOT NULL, headers BLOB NOT NULL, body BLOB, held_ms INTEGER NOT NULL)
                """,
                "CREATE INDEX held_subject ON held (subject, id)",
                """
                CREATE TABLE dead_letters (
                    id INTEGER NOT NULL PRIMARY KEY, topic TEXT NOT NULL, partition_no INTEGER NOT NULL, record_offset INTEGER NOT NULL,
                    record_key TEXT NOT NULL, headers BLOB NOT NULL, body BLOB, reason TEXT NOT NULL, field TEXT,
                    recorded_ms INTEGER NOT NULL, attempts INTEGER NOT NULL, replayed INTEGER NOT NULL)
                """,
                """
                CREATE TABLE deadlines (
                    kind TEXT NOT NULL, subject TEXT NOT NULL, due TEXT NOT NULL, PRIMARY KEY (kind, subject))
                """,
                "CREATE INDEX deadlines_due ON deadlines (due, kind, subject)",
                """
                CREATE TABLE idempotency (
                    principal TEXT NOT NULL, route TEXT NOT NULL, idempotency_key TEXT NOT NULL, body_hash BLOB NOT NULL,
                    status INTEGER NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL, recorded_ms INTEGER NOT NULL,
                    PRIMARY KEY (principal, route, idempotency_key))
                """,
                "CREATE TABLE counters (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL)",
            ]),
        // Which short-lived key a dead letter's bytes are sealed under.
        Migration("core-2", ["ALTER TABLE dead_letters ADD COLUMN sealed_with TEXT"]),
        Migration(
            "core-3",
            [
                // What waits for its number, in stores where writers lock single rows. `id` is given when the row is inserted.
                """
                CREATE TABLE outbox_new (
                    id INTEGER NOT NULL PRIMARY KEY, topic TEXT NOT NULL, partition_no INTEGER NOT NULL, record_key TEXT NOT NULL,
                    headers BLOB NOT NULL, body BLOB NOT NULL, recorded_ms INTEGER NOT NULL)
                """,
                // Not null: the row was encoded before it had a number, and gets this epoch and its number on the way out.
                "ALTER TABLE outbox ADD COLUMN epoch INTEGER",
                // Which row of `outbox_new` it was.
                "ALTER TABLE outbox ADD COLUMN came_from INTEGER",
                // Who may do what only one may do. `term` grows with every holder, `beat` with every sign of life.
                """
                CREATE TABLE leases (
                    name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, term INTEGER NOT NULL, beat INTEGER NOT NULL)
                """,
            ]),
        // Not null: the stream waits apart from the others; all its rows in the outbox with an id up to `behind` are acknowledged.
        Migration("core-4", ["ALTER TABLE streams ADD COLUMN behind INTEGER"]),
        Migration(
            "core-5",
            [
                // What the record before `next_offset` was, so that another log under the same name is noticed; how often an operator moved
                // the position; up to which offset bad records do not count against their source.
                "ALTER TABLE positions ADD COLUMN last_identity INTEGER",
                "ALTER TABLE positions ADD COLUMN generation INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE positions ADD COLUMN spared_below INTEGER NOT NULL DEFAULT 0",
                // Topics whose every partition has a position from its first reading on.
                "CREATE TABLE read_topics (topic TEXT NOT NULL PRIMARY KEY)",
                // Partition -1 is the topic as a whole.
                """
                CREATE TABLE source_stops (
                    topic TEXT NOT NULL, partition_no INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
                    from_offset INTEGER NOT NULL, to_offset INTEGER NOT NULL, since_ms INTEGER NOT NULL,
                    PRIMARY KEY (topic, partition_no))
                """,
                "ALTER TABLE held ADD COLUMN sealed_with TEXT",
                "ALTER TABLE held ADD COLUMN generation INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE dead_letters ADD COLUMN generation INTEGER NOT NULL DEFAULT 0",
            ]),
        // What was read back from the log after a restore; `applied` when the state it stands for was rebuilt from it.
        Migration(
            "core-6",
            [
                "CREATE TABLE restored (event TEXT NOT NULL PRIMARY KEY, cause TEXT NOT NULL, applied INTEGER NOT NULL)",
                "CREATE INDEX restored_cause ON restored (cause)",
            ]),
        Migration(
            "core-7",
            [
                """
                CREATE TABLE archives (
                    last_row INTEGER NOT NULL PRIMARY KEY, first_row INTEGER NOT NULL, row_count INTEGER NOT NULL, file TEXT NOT NULL,
                    digest TEXT NOT NULL)
                """
            ]),
        Migration(
            "core-8-store-clock",
            [
                // See `StoreClock`.
                "CREATE TABLE store_clock (one INTEGER NOT NULL PRIMARY KEY, elapsed_ms INTEGER NOT NULL)",
                "INSERT INTO store_clock (one, elapsed_ms) VALUES (1, 0)",
                // What that clock showed when the record was held; what an older build held waits from the upgrade on.
                "ALTER TABLE held ADD COLUMN held_at INTEGER NOT NULL DEFAULT 0",
            ]),
        Migration(
            "core-9-bounded-answers",
            [
                // Which key `body_hash` was made with; null where it needs none, and for what older builds kept, until its days are over.
                "ALTER TABLE idempotency ADD COLUMN hashed_with TEXT",
                "CREATE INDEX idempotency_recorded ON idempotency (recorded_ms)",
            ]),
        Migration(
            "core-10-shared-sessions",
            [
                // See `BrowserSessions`, `SignInsUnderWay` and `SessionWatch`.
                "CREATE TABLE browser_sessions (id TEXT NOT NULL PRIMARY KEY, grants TEXT NOT NULL, expires_ms INTEGER NOT NULL)",
                "CREATE INDEX browser_sessions_expires ON browser_sessions (expires_ms, id)",
                """
                CREATE TABLE sign_ins (
                    state TEXT NOT NULL PRIMARY KEY, browser TEXT NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL,
                    expires_ms INTEGER NOT NULL)
                """,
                "CREATE INDEX sign_ins_expires ON sign_ins (expires_ms, state)",
                "CREATE TABLE session_watch (one INTEGER NOT NULL PRIMARY KEY, seen_ms INTEGER NOT NULL)",
                "INSERT INTO session_watch (one, seen_ms) VALUES (1, 0)",
            ]),
    ]
}
