/// Sessions of browsers, so that any instance over this store answers any browser. A session's id is a hash of what its browser shows, and a
/// grant is a text that only its writer reads: a copy of the table opens nothing.
public enum BrowserSessions {
    /// What the session may do; nil when there is none that lives longer than `nowMs` (wall milliseconds).
    public static func grants(of id: String, nowMs: Int64, in tx: any Transaction) throws -> String? {
        try tx.first(select, [.text(id), .int(nowMs)]) { $0.text(0) }
    }

    public static func open(_ id: String, grants: String, expiresMs: Int64, in tx: any Transaction) throws {
        try tx.run(insert, [.text(id), .text(grants), .int(expiresMs)])
    }

    /// Does nothing when it has ended before.
    public static func end(_ id: String, in tx: any Transaction) throws { try tx.run(delete, [.text(id)]) }

    /// Sessions kept, ended ones included.
    public static func count(in tx: any Transaction) throws -> Int { try tx.first(countAll) { Int($0.int(0)) } ?? 0 }

    /// Leaves at most `maximum`; those that end first go first.
    public static func leave(atMost maximum: Int, in tx: any Transaction) throws {
        let over = try count(in: tx) - maximum
        if over > 0 { try tx.run(deleteFirst, [.int(over)]) }
    }

    /// Deletes up to `limit` that have ended; returns how many.
    public static func deleteEnded(nowMs: Int64, limit: Int, in tx: any Transaction) throws -> Int {
        try tx.run(deleteEnded, [.int(nowMs), .int(limit)])
    }

    private static let select = SQL("SELECT grants FROM browser_sessions WHERE id = ? AND expires_ms > ?")
    private static let insert = SQL("INSERT INTO browser_sessions (id, grants, expires_ms) VALUES (?, ?, ?)")
    private static let delete = SQL("DELETE FROM browser_sessions WHERE id = ?")
    private static let countAll = SQL("SELECT count(*) FROM browser_sessions")
    private static let deleteFirst = SQL(
        "DELETE FROM browser_sessions WHERE id IN (SELECT id FROM browser_sessions ORDER BY expires_ms, id LIMIT ?)")
    private static let deleteEnded = SQL(
        "DELETE FROM browser_sessions WHERE id IN (SELECT id FROM browser_sessions WHERE expires_ms <= ? ORDER BY expires_ms, id LIMIT ?)")
}

/// People who are at an OpenID Connect provider just now, so that whoever begins at one instance may come back to another.
public enum SignInsUnderWay {
    /// What a browser was sent away with. `browser` is a hash of what that browser shows when it comes back.
    public struct SignIn: Sendable {
        public let browser: String
        public let nonce: String
        public let verifier: String
        public let expiresMs: Int64

        public init(browser: String, nonce: String, verifier: String, expiresMs: Int64) {
            self.browser = browser
            self.nonce = nonce
            self.verifier = verifier
            self.expiresMs = expiresMs
        }
    }

    /// `state` is the hash of the one that travels.
    public static func begin(_ state: String, _ signIn: SignIn, in tx: any Transaction) throws {
        try tx.run(
            insert, [.text(state), .text(signIn.browser), .text(signIn.nonce), .text(signIn.verifier), .int(signIn.expiresMs)])
    }

    /// Late ones included, as long as they are kept.
    public static func signIn(_ state: String, in tx: any Transaction) throws -> SignIn? {
        try tx.first(select, [.text(state)]) {
            SignIn(browser: $0.text(0), nonce: $0.text(1), verifier: $0.text(2), expiresMs: $0.int(3))
        }
    }

    /// Takes it away: true for one caller, whoever else asks at the same moment.
    public static func take(_ state: String, in tx: any Transaction) throws -> Bool { try tx.run(delete, [.text(state)]) == 1 }

    /// Sign-ins kept, late ones included.
    public static func count(in tx: any Transaction) throws -> Int { try tx.first(countAll) { Int($0.int(0)) } ?? 0 }

    /// Leaves at most `maximum`; the oldest go first.
    public static func leave(atMost maximum: Int, in tx: any Transaction) throws {
        let over = try count(in: tx) - maximum
        if over > 0 { try tx.run(deleteFirst, [.int(over)]) }
    }

    /// Deletes up to `limit` that are late; returns how many.
    public static func deleteLate(nowMs: Int64, limit: Int, in tx: any Transaction) throws -> Int {
        try tx.run(deleteLate, [.int(nowMs), .int(limit)])
    }

    private static let insert = SQL("INSERT INTO sign_ins (state, browser, nonce, verifier, expires_ms) VALUES (?, ?, ?, ?, ?)")
    private static let select = SQL("SELECT browser, nonce, verifier, expires_ms FROM sign_ins WHERE state = ?")
    private static let delete = SQL("DELETE FROM sign_ins WHERE state = ?")
    private static let countAll = SQL("SELECT count(*) FROM sign_ins")
    private static let deleteFirst = SQL(
        "DELETE FROM sign_ins WHERE state IN (SELECT state FROM sign_ins ORDER BY expires_ms, state LIMIT ?)")
    private static let deleteLate = SQL(
        "DELETE FROM sign_ins WHERE state IN (SELECT state FROM sign_ins WHERE expires_ms <= ? ORDER BY expires_ms, state LIMIT ?)")
}

/// When an instance was last seen to keep this store's sessions: what tells a store that others serve from one that comes out of a backup.
public enum SessionWatch {
    /// True when there is a session or a sign-in under way, ended ones included.
    public static func isNeeded(in tx: any Transaction) throws -> Bool { try tx.first(any) { $0.int(0) } == 1 }

    /// True when any of them is over at `nowMs`.
    public static func isAnyOver(nowMs: Int64, in tx: any Transaction) throws -> Bool {
        try tx.first(over, [.int(nowMs), .int(nowMs)]) { $0.int(0) } == 1
    }

    /// Wall milliseconds of the last look; 0 before the first.
    public static func lastMs(in tx: any Transaction) throws -> Int64 { try tx.first(last) { $0.int(0) } ?? 0 }

    /// Says that an instance serves these sessions at `nowMs`, where nobody has said so since `sinceMs`.
    public static func look(nowMs: Int64, since sinceMs: Int64, in tx: any Transaction) throws {
        try tx.run(look, [.int(nowMs), .int(sinceMs)])
    }

    /// Ends all sessions and all sign-ins under way.
    public static func endAll(in tx: any Transaction) throws {
        try tx.run(endSessions)
        try tx.run(endSignIns)
    }

    private static let any = SQL(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM browser_sessions) OR EXISTS (SELECT 1 FROM sign_ins) THEN 1 ELSE 0 END")
    private static let over = SQL(
        """
        SELECT CASE WHEN EXISTS (SELECT 1 FROM browser_sessions WHERE expires_ms <= ?)
          OR EXISTS (SELECT 1 FROM sign_ins WHERE expires_ms <= ?) THEN 1 ELSE 0 END
        """)
    private static let last = SQL("SELECT seen_ms FROM session_watch WHERE one = 1")
    private static let look = SQL("UPDATE session_watch SET seen_ms = ? WHERE one = 1 AND seen_ms <= ?")
    private static let endSessions = SQL("DELETE FROM browser_sessions")
    private static let endSignIns = SQL("DELETE FROM sign_ins")
}
