/// Knowing whether a COMMIT happened whose answer never came.
///
/// The message that commits also inserts a token, unique among all commits. Whoever inserts a token first decides: when the connection is lost,
/// a new one inserts the same token itself, marked as denied. It finds the token there unmarked: committed. It does not: the transaction did not
/// commit, and never will, since its message, should it still reach the server, now breaks the token's uniqueness before it comes to COMMIT. The
/// verdict stands in the row, so whoever asks again after the asker was lost too reads the same. While the old session is in the middle of it,
/// PostgreSQL lets the second insert wait for the first. Transaction ids (`pg_xact_status`) would not do: an id whose commit never reached the
/// disk may be given to another transaction after a crash.
enum CommitOutcome {
    /// What a new schema needs, and the tokens of long ago away. Instances that start together wait for each other, however long one migrates.
    static func preparation(schema: String, lock: Int) -> String {
        let name = PostgresConnection.identifier(schema)
        // Whoever may not create schemas may still use one that is there, so it is looked for first.
        return """
            BEGIN;
            SET LOCAL lock_timeout = 0;
            SET LOCAL statement_timeout = 0;
            SELECT pg_advisory_xact_lock(\(lock), hashtext(\(PostgresConnection.literal(schema))));
            DO $$ BEGIN
              IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = \(PostgresConnection.literal(schema))) THEN CREATE SCHEMA \(name); END IF;
            END $$;
            CREATE TABLE IF NOT EXISTS commit_tokens (
              token TEXT COLLATE "C" NOT NULL PRIMARY KEY, at TIMESTAMPTZ NOT NULL DEFAULT now());
            ALTER TABLE commit_tokens ADD COLUMN IF NOT EXISTS denied BOOLEAN NOT NULL DEFAULT false;
            DELETE FROM commit_tokens WHERE at < now() - interval '\(PostgresLimits.tokenDays) days';
            COMMIT
            """
    }

    /// Commits what was begun on `connection`, which is replaced when it is lost. Returns when the transaction is known to be committed; throws
    /// when it is known not to be, or `unknown` when nobody could be asked for `PostgresLimits.outcomePatience`.
    static func commit(_ connection: inout PostgresConnection, hasChanged: Bool, _ pool: PostgresPool) throws {
        guard hasChanged else {
            // Nothing to lose: whether it is committed makes no difference.
            try finished(try connection.execute("COMMIT"))
            return
        }
        let token = connection.nextToken()
        let last = PostgresConnection.literal(connection.lastToken ?? "")
        do {
            let result = try connection.execute(
                """
                WITH last AS (DELETE FROM commit_tokens WHERE token = \(last))
                INSERT INTO commit_tokens (token) VALUES (\(PostgresConnection.literal(token))); COMMIT
                """)
            try finished(result)
            connection.lastToken = token
        } catch {
            guard !connection.isAlive else {
                // The server said no. A rollback that fails breaks the connection, which is noticed.
                _ = try? connection.execute("ROLLBACK")
                throw error
            }
            guard try happened(token, &connection, pool) else {
                throw DatabaseError(kind: .transient, message: "the connection was lost before the transaction was committed")
            }
        }
    }

    private static func finished(_ result: PostgresResult) throws {
        guard result.command == "COMMIT" else {
            throw DatabaseError(kind: .other, message: "the server answered COMMIT with \(result.command)")
        }
    }

    private static func happened(_ token: String, _ connection: inout PostgresConnection, _ pool: PostgresPool) throws -> Bool {
        let until = ContinuousClock.now + PostgresLimits.outcomePatience
        var pause = PostgresLimits.backoffFirst
        while true {
            do {
                // Waiting for the old session goes on as long as the lock limit; a failure is asked again.
                let asker = try pool.connect(within: PostgresLimits.connectPatience)
                try asker.execute(deny, [.text(token)])
                let isCommitted = try asker.execute(committed, [.text(token)]).rows == 1
                // The old session may hold locks until the server notices that nobody is there.
                try asker.execute(end, [.text(connection.name)])
                connection = asker
                if isCommitted { asker.lastToken = token }
                return isCommitted
            } catch {
                guard ContinuousClock.now + pause < until, !pool.isClosing else {
                    throw DatabaseError(
                        kind: .unknown, message: "nobody could be asked whether a transaction was committed; last answer: \(error)")
                }
            }
            pool.wait(pause)
            pause = min(pause * 2, PostgresLimits.backoffLargest)
        }
    }

    private static let deny = SQL("INSERT INTO commit_tokens (token, denied) VALUES (?, true) ON CONFLICT (token) DO NOTHING")
    private static let committed = SQL("SELECT token FROM commit_tokens WHERE token = ? AND NOT denied")
    private static let end = SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?")
}
