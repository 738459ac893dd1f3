import Crypto
import Persistence

/// People who are at the provider just now: what each browser was sent away with, until it comes back, once, within minutes, to whichever
/// instance. Kept in the service's store, as sessions are; of state and browser only hashes. Nonce and verifier stand there as they are,
/// because they have to be shown again: they are worth nothing without the browser's cookie, the provider's code and the client's secret,
/// and go when the browser comes back.
final class PendingSignIns: Sendable {
    /// One browser's way there and back.
    struct SignIn: Sendable {
        /// Comes back in the address.
        let state: String
        /// Comes back in the ID token.
        let nonce: String
        /// Shows the provider's token endpoint that who asks is who sent the browser (RFC 7636).
        let verifier: String

        /// What the provider hears of the verifier before.
        var challenge: String { Base64URL.encode(SHA256.hash(data: Array(verifier.utf8))) }
    }

    private let sessions: Sessions
    private let database: any Database
    private let elapsed: any ElapsedTime

    init(sessions: Sessions, database: any Database, elapsed: any ElapsedTime) {
        self.sessions = sessions
        self.database = database
        self.elapsed = elapsed
    }

    /// A sign-in that nobody knows of yet.
    static func new() -> SignIn { SignIn(state: Sessions.secret(), nonce: Sessions.secret(), verifier: Sessions.secret()) }

    /// Keeps a new sign-in: the `Set-Cookie` value that binds it to the browser. Lax, because the way back comes from the provider's site.
    func begin(_ signIn: SignIn, in tx: any Transaction) throws -> String {
        let secret = Sessions.secret()
        let now = elapsed.wallMilliseconds
        try SignInsUnderWay.begin(
            Sessions.key(signIn.state),
            SignInsUnderWay.SignIn(
                browser: Sessions.key(secret), nonce: signIn.nonce, verifier: signIn.verifier,
                expiresMs: now + OpenIDLimits.signInSeconds * 1000),
            in: tx)
        try SignInsUnderWay.leave(atMost: OpenIDLimits.signIns, in: tx)
        try SessionUpkeep.look(now: now, in: tx)
        return sessions.setCookie(sessions.openIDName, secret, seconds: OpenIDLimits.signInSeconds, sameSite: "Lax")
    }

    /// The sign-in that `state` belongs to, once and for the browser it was begun in only. Blocks. Throws an `OpenIDRefused`.
    func take(state: String, cookie header: String?) throws -> SignIn {
        let browsers = sessions.secrets(in: header, sessions.openIDName).map(Sessions.key)
        let key = Sessions.key(state)
        // Anybody can come with a state of their own making, and that is nothing the one writer has to wait for.
        guard let kept = try database.read({ try SignInsUnderWay.signIn(key, in: $0) }), browsers.contains(kept.browser) else {
            throw OpenIDRefused.state("not this browser's")
        }
        guard elapsed.wallMilliseconds < kept.expiresMs else { throw OpenIDRefused.state("late") }
        // Two that come back at the same moment have both read it; one takes it.
        guard try sessions.write({ try SignInsUnderWay.take(key, in: $0) }) else { throw OpenIDRefused.state("used") }
        return SignIn(state: state, nonce: kept.nonce, verifier: kept.verifier)
    }

    /// Takes the cookie from the browser.
    var endCookie: String { sessions.setCookie(sessions.openIDName, "", seconds: 0, sameSite: "Lax") }
}
