import Crypto
import Synchronization

/// Browser sessions of pages: a one-time link becomes an HttpOnly cookie. Kept in memory; a restart ends them all.
///
/// A session reads only: writes take a bearer token, so no other site can make a browser write. Whoever opens a second link in the same
/// browser holds both grants in one session.
public final class Sessions: Sendable {
    public static let cookieName = "careloop_session"
    /// How long a link can be opened.
    public static let linkSeconds: Int64 = 600
    /// How long a session lives.
    static let sessionSeconds: Int64 = 12 * 3600
    /// Links, and sessions, at a time; the oldest goes first.
    static let maximum = 1024
    /// Grants one session gathers; the oldest goes first.
    static let grantsEach = 8

    private struct Entry {
        let actors: [Actor]
        let expires: Int64
    }

    private struct State {
        var links: [String: Entry] = [:]
        var sessions: [String: Entry] = [:]
    }

    private let state = Mutex(State())
    private let elapsed: any ElapsedTime
    /// True where the page is only reached over TLS.
    private let secureCookie: Bool

    public init(elapsed: any ElapsedTime, secureCookie: Bool) {
        self.elapsed = elapsed
        self.secureCookie = secureCookie
    }

    /// A path that gives whoever opens it first a session with `actor`'s rights.
    public func issueLink(for actor: Actor) -> String {
        let secret = Self.secret()
        let entry = Entry(actors: [actor], expires: nowSeconds + Self.linkSeconds)
        state.withLock { Self.add(entry, Self.key(secret), to: &$0.links, nowSeconds) }
        return "/session?link=\(secret)"
    }

    /// Uses the link up. The `Set-Cookie` value of the new session, or nil when the link is not good any more. The session goes on with what
    /// the one in `header`, a `Cookie` header, held.
    func open(_ link: String, cookie header: String? = nil) -> String? {
        let secret = Self.secret()
        let now = nowSeconds
        let before = Self.secrets(in: header).map(Self.key)
        let opened = state.withLock { state in
            guard let entry = state.links.removeValue(forKey: Self.key(link)), entry.expires > now else { return false }
            var actors = entry.actors
            for key in before {
                guard let earlier = state.sessions.removeValue(forKey: key), earlier.expires > now else { continue }
                actors = earlier.actors.filter { !actors.contains($0) } + actors
            }
            Self.add(
                Entry(actors: actors.suffix(Self.grantsEach), expires: now + Self.sessionSeconds), Self.key(secret), to: &state.sessions,
                now)
            return true
        }
        guard opened else { return nil }
        return "\(Self.cookieName)=\(secret); HttpOnly; SameSite=Strict; Path=/; Max-Age=\(Self.sessionSeconds)"
            + (secureCookie ? "; Secure" : "")
    }

    /// What the session in a `Cookie` header may do, in the order of its links; empty when it holds no living session.
    public func actors(cookie header: String?) -> [Actor] {
        let now = nowSeconds
        for key in Self.secrets(in: header).map(Self.key) {
            if let entry = state.withLock({ $0.sessions[key] }), entry.expires > now { return entry.actors }
        }
        return []
    }

    private static func secrets(in header: String?) -> [String] {
        (header ?? "").split(separator: ";").compactMap { pair in
            let parts = pair.trimmed.split(separator: "=", maxSplits: 1)
            return parts.count == 2 && parts[0] == cookieName ? String(parts[1]) : nil
        }
    }

    /// Links not yet opened, expired ones included.
    var openLinks: Int { state.withLock { $0.links.count } }

    private var nowSeconds: Int64 { elapsed.wallMilliseconds / 1000 }

    // Looked up by hash, so the time a look-up takes tells nothing about a secret.
    private static func key(_ secret: String) -> String { Base64URL.encode(SHA256.hash(data: Array(secret.utf8))) }

    private static func secret() -> String { Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max) }) }

    private static func add(_ entry: Entry, _ key: String, to table: inout [String: Entry], _ now: Int64) {
        if table.count >= maximum {
            table = table.filter { $0.value.expires > now }
            if table.count >= maximum, let oldest = table.min(by: { $0.value.expires < $1.value.expires })?.key { table[oldest] = nil }
        }
        table[key] = entry
    }
}
