/// First outcomes of writes that came with an `Idempotency-Key`, repeated to whoever asks again with the same body.
public enum IdempotencyKeys {
    /// An answer as it was first given, and a digest of the request it was given to.
    public struct Outcome: Sendable, Equatable {
        public let bodyHash: [UInt8]
        /// Name of the key, which lies elsewhere, that the digest was made with; nil for a plain hash.
        public let hashedWith: String?
        public let status: Int
        /// Content type of the body.
        public let contentType: String
        public let body: [UInt8]

        public init(bodyHash: [UInt8], hashedWith: String? = nil, status: Int, contentType: String, body: [UInt8]) {
            self.bodyHash = bodyHash
            self.hashedWith = hashedWith
            self.status = status
            self.contentType = contentType
            self.body = body
        }
    }

    /// The outcome kept at `since` (wall milliseconds) or later; an older one counts as gone.
    public static func outcome(
        principal: String, route: String, key: String, since: Int64 = 0, in tx: any Transaction
    ) throws -> Outcome? {
        try tx.first(select, [.text(principal), .text(route), .text(key), .int(since)]) {
            Outcome(
                bodyHash: $0.blob(0), hashedWith: $0.textOrNil(1), status: Int($0.int(2)), contentType: $0.text(3), body: $0.blob(4))
        }
    }

    /// Keeps the first outcome; false when one is there already that was kept at `since` or later.
    public static func keep(
        _ outcome: Outcome, principal: String, route: String, key: String, nowMs: Int64, since: Int64 = 0, in tx: any Transaction
    ) throws -> Bool {
        try tx.run(
            insert,
            [
                .text(principal), .text(route), .text(key), .blob(outcome.bodyHash), .int(outcome.status), .text(outcome.contentType),
                .blob(outcome.body), .int(nowMs), .text(outcome.hashedWith), .int(since),
            ]) == 1
    }

    /// When the oldest was kept; nil when there is none.
    public static func oldestMs(in tx: any Transaction) throws -> Int64? { try tx.first(oldest) { $0.int(0) } }

    /// Deletes up to `limit` outcomes kept before `ms`, oldest first; returns how many.
    public static func delete(before ms: Int64, limit: Int, in tx: any Transaction) throws -> Int {
        try tx.run(deleteOld, [.int(ms), .int(limit)])
    }

    private static let select = SQL(
        """
        SELECT body_hash, hashed_with, status, headers, body FROM idempotency
        WHERE principal = ? AND route = ? AND idempotency_key = ? AND recorded_ms >= ?
        """)
    private static let insert = SQL(
        """
        INSERT INTO idempotency (principal, route, idempotency_key, body_hash, status, headers, body, recorded_ms, hashed_with)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (principal, route, idempotency_key) DO UPDATE SET
          body_hash = excluded.body_hash, status = excluded.status, headers = excluded.headers, body = excluded.body,
          recorded_ms = excluded.recorded_ms, hashed_with = excluded.hashed_with
        WHERE idempotency.recorded_ms < ?
        """)
    private static let oldest = SQL("SELECT recorded_ms FROM idempotency ORDER BY recorded_ms LIMIT 1")
    private static let deleteOld = SQL(
        """
        DELETE FROM idempotency WHERE (principal, route, idempotency_key) IN
          (SELECT principal, route, idempotency_key FROM idempotency WHERE recorded_ms < ? ORDER BY recorded_ms LIMIT ?)
        """)
}

/// Running totals a service keeps in its store, for the account and for metrics that survive a restart.
public enum Counters {
    public static func add(_ amount: Int, to name: String, in tx: any Transaction) throws {
        try tx.run(upsert, [.text(name), .int(amount)])
    }

    public static func all(in tx: any Transaction) throws -> [String: Int] {
        Dictionary(uniqueKeysWithValues: try tx.rows(select) { ($0.text(0), Int($0.int(1))) })
    }

    private static let upsert = SQL(
        "INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value")
    private static let select = SQL("SELECT name, value FROM counters")
}
