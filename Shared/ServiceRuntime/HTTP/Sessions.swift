import Crypto
import Foundation
import Persistence
import Vocabulary

/// Browser sessions of pages, each an HttpOnly, SameSite cookie. Kept in the service's own store, so that any instance answers any browser and a
/// sign-out at one is one at all; what becomes of them when an instance starts stands at `SessionUpkeep`.
///
/// A session alone never writes: a write from a browser comes through the form door, with a token that only a page of this session holds.
/// Grants to read figures add up in one browser, so that one page shows several regions; anybody else who signs in takes the session over.
public final class Sessions: Sendable {
    /// How long a link can be opened.
    public static let linkSeconds: Int64 = 600
    /// How long a session lives.
    static let sessionSeconds: Int64 = 12 * 3600
    /// How long the page with the sign-in button may lie open.
    static let doorSeconds: Int64 = linkSeconds
    /// Sessions of one store at a time; the oldest goes first. Over it for a moment by as many as sign in at the same moment.
    static let maximum = 1024
    /// Grants one session gathers; the oldest goes first.
    static let grantsEach = 8
    /// Cookies of one name that are looked at; a browser sends one.
    static let cookiesEach = 4

    /// A session as a request finds it.
    struct Living: Sendable {
        /// What it may do, in the order of its sign-ins; never empty.
        let actors: [Actor]
        /// What every form of a page in this session carries.
        let formToken: String

        /// Whether `token` belongs to this session.
        func isOurs(_ token: String) -> Bool { Sessions.isSame(formToken, token) }
    }

    /// Who signed in, as it is kept.
    private struct Grant: Codable {
        let role: Role
        let organisation: String?
        let user: String
        let region: String?
        /// By which link, if by one: when that is revoked or its key dropped, what it opened ends with it.
        let link: UsedLink?

        init(_ actor: Actor, _ link: UsedLink?) {
            role = actor.role
            organisation = actor.organisation?.text
            user = actor.user
            region = actor.region?.text
            self.link = link
        }

        var actor: Actor {
            Actor(
                organisation: organisation.map { OrganisationID(trusted: $0) }, role: role, user: user,
                region: region.map { RegionCode(trusted: $0) })
        }
    }

    /// Named after the service: browsers send cookies to every port of a host.
    let cookieName: String
    /// Of a browser that is about to sign in.
    let doorName: String
    /// Of a browser that was sent to the organisation's provider.
    let openIDName: String
    private let database: any Database
    private let elapsed: any ElapsedTime
    /// True where pages are only reached over TLS.
    private let secureCookie: Bool
    private let stands: @Sendable (_ link: UsedLink) -> Bool

    /// `stands`: whether a link that was good once was neither revoked since nor lost its key.
    init(
        service: String, database: any Database, elapsed: any ElapsedTime, secureCookie: Bool,
        stands: @escaping @Sendable (UsedLink) -> Bool = { _ in true }
    ) {
        self.database = database
        self.stands = stands
        let prefix = secureCookie ? "__Host-" : ""
        cookieName = "\(prefix)careloop_\(service)"
        doorName = "\(prefix)careloop_\(service)_door"
        openIDName = "\(prefix)careloop_\(service)_openid"
        self.elapsed = elapsed
        self.secureCookie = secureCookie
    }

    /// One transaction over sessions and sign-ins, begun again when another writer stood in its way. Blocks.
    func write<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        var attempt = 1
        while true {
            do { return try database.write(body) } catch let error as DatabaseError
                where error.wasOvertaken && attempt < CoreLimits.conflictRetries
            {
                OvertakenPause.wait(attempt)
                attempt += 1
            }
        }
    }

    /// A new session of `actor`, opened by `link` if by one: its `Set-Cookie` value. What the session in `header`, a `Cookie` header, held goes
    /// on only where both merely look at figures.
    func open(_ actor: Actor, by link: UsedLink? = nil, cookie header: String? = nil, in tx: any Transaction) throws -> String {
        let secret = Self.secret()
        let now = elapsed.wallMilliseconds
        var grants = [Grant(actor, link)]
        for key in keys(in: header) {
            let earlier = try self.grants(of: key, in: tx)
            try BrowserSessions.end(key, in: tx)
            let adds = actor.role == .dashboard && !earlier.isEmpty && earlier.allSatisfy { $0.role == .dashboard }
            if adds { grants = earlier.filter { $0.actor != actor } + grants }
        }
        let kept = try JSONEncoder().encode(Array(grants.suffix(Self.grantsEach)))
        try BrowserSessions.open(
            Self.key(secret), grants: String(decoding: kept, as: UTF8.self), expiresMs: now + Self.sessionSeconds * 1000, in: tx)
        try BrowserSessions.leave(atMost: Self.maximum, in: tx)
        try SessionUpkeep.look(now: now, in: tx)
        return setCookie(cookieName, secret, seconds: Self.sessionSeconds)
    }

    /// Ends the session in a `Cookie` header, at every instance; the `Set-Cookie` value that takes it from the browser too.
    func end(cookie header: String?, in tx: any Transaction) throws -> String {
        for key in keys(in: header) { try BrowserSessions.end(key, in: tx) }
        return setCookie(cookieName, "", seconds: 0)
    }

    /// True when a `Cookie` header shows something that may be a session, so that it is worth a look into the store.
    func isShown(cookie header: String?) -> Bool { !shown(in: header).isEmpty }

    /// The living session in a `Cookie` header, by one read of its row. Blocks.
    func living(cookie header: String?) throws -> Living? {
        let secrets = shown(in: header)
        guard !secrets.isEmpty else { return nil }
        return try database.read { tx in
            for secret in secrets {
                let actors = try grants(of: Self.key(secret), in: tx).filter { $0.link.map(stands) ?? true }.map(\.actor)
                if !actors.isEmpty { return Living(actors: actors, formToken: Self.token(secret)) }
            }
            return nil
        }
    }

    private func grants(of key: String, in tx: any Transaction) throws -> [Grant] {
        guard let kept = try BrowserSessions.grants(of: key, nowMs: elapsed.wallMilliseconds, in: tx) else { return [] }
        // What another build wrote otherwise, and this one cannot read, opens nothing: its browser signs in again.
        return (try? JSONDecoder().decode([Grant].self, from: Data(kept.utf8))) ?? []
    }

    /// What of a `Cookie` header has the form of a session's secret; nothing else is looked up.
    private func shown(in header: String?) -> [String] {
        Array(secrets(in: header, cookieName).filter { $0.utf8.count == Self.secretCharacters }.prefix(Self.cookiesEach))
    }

    private func keys(in header: String?) -> [String] { shown(in: header).map(Self.key) }

    /// A secret for a browser that has no session yet, so that its sign-in form has something to be bound to.
    func openDoor() -> (setCookie: String, token: String) {
        let secret = Self.secret()
        return (setCookie(doorName, secret, seconds: Self.doorSeconds), Self.token(secret))
    }

    /// Whether `token` belongs to the sign-in page that this browser was shown.
    func isDoor(_ token: String, cookie header: String?) -> Bool {
        secrets(in: header, doorName).contains { Self.isSame(Self.token($0), token) }
    }

    func secrets(in header: String?, _ name: String) -> [String] { Self.cookies(header).filter { $0.name == name }.map(\.value) }

    /// Pairs of a `Cookie` header.
    static func cookies(_ header: String?) -> [(name: String, value: String)] {
        (header ?? "").split(separator: ";").compactMap { pair in
            let parts = pair.trimmed.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
    }

    func setCookie(_ name: String, _ value: String, seconds: Int64, sameSite: String = "Strict") -> String {
        "\(name)=\(value); HttpOnly; SameSite=\(sameSite); Path=/; Max-Age=\(seconds)" + (secureCookie ? "; Secure" : "")
    }

    // Looked up by hash, so the time a look-up takes tells nothing about a secret.
    static func key(_ secret: String) -> String { Base64URL.encode(SHA256.hash(data: Array(secret.utf8))) }
    private static func token(_ secret: String) -> String { Base64URL.encode(SHA256.hash(data: Array("form \(secret)".utf8))) }
    static func secret() -> String { Base64URL.encode((0..<32).map { _ in UInt8.random(in: .min ... .max) }) }
    /// 32 bytes in base64url.
    private static let secretCharacters = 43

    /// Takes as long for a wrong guess as for the right one.
    private static func isSame(_ a: String, _ b: String) -> Bool {
        SHA256.hash(data: Array(a.utf8)) == SHA256.hash(data: Array(b.utf8))
    }
}
