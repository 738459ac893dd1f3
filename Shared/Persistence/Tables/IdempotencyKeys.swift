/// First outcomes of writes that came with an `Idempotency-Key`, repeated to whoever asks again with the same body.
public enum IdempotencyKeys {
    /// An answer as it was first given, and a hash of the body it was given to.
    public struct Outcome: Sendable, Equatable {
        public let bodyHash: [UInt8]
        public let status: Int
        /// Content type of the body.
        public let contentType: String
        public let body: [UInt8]

        public init(bodyHash: [UInt8], status: Int, contentType: String, body: [UInt8]) {
            self.bodyHash = bodyHash
            self.status = status
            self.contentType = contentType
            self.body = body
        }
    }

    public static func outcome(principal: String, route: String, key: String, in tx: any Transaction) throws -> Outcome? {
        try tx.first(select, [.text(principal), .text(route), .text(key)]) {
            Outcome(bodyHash: $0.blob(0), status: Int($0.int(1)), contentType: $0.text(2), body: $0.blob(3))
        }
    }

    /// Keeps the first outcome; false when one is there already.
    public static func keep(
        _ outcome: Outcome, principal: String, route: String, key: String, nowMs: Int64, in tx: any Transaction
    ) throws -> Bool {
        try tx.run(
            insert,
            [
                .text(principal), .text(route), .text(key), .blob(outcome.bodyHash), .int(outcome.status), .text(outcome.contentType),
                .blob(outcome.body), .int(nowMs),
            ]) == 1
    }

    private static let select = SQL(
        "SELECT body_hash, status, headers, body FROM idempotency WHERE principal = ? AND route = ? AND idempotency_key = ?")
    private static let insert = SQL(
        """
        INSERT INTO idempotency (principal, route, idempotency_key, body_hash, status, headers, body, recorded_ms)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (principal, route, idempotency_key) DO NOTHING
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
