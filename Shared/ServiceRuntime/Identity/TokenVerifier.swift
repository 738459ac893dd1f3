import Synchronization

/// Turns a bearer token into an actor, or refuses it: JWT (RFC 7519) as a compact JWS with ES256 and nothing else, by RFC 8725.
///
/// Every check is against elapsed time: moving the business date neither revives nor ends a token.
public final class TokenVerifier: Sendable {
    /// Bytes a token may have.
    public static let maximumTokenBytes = 4096
    /// How far the clocks of two machines may differ.
    public static let clockSkewSeconds: Int64 = 60
    /// The longest life a token may be given.
    public static let maximumLifetimeSeconds: Int64 = 400 * 86_400
    static let cachedTokens = 4096

    private struct Known {
        let claims: TokenClaims
        let generation: Int
    }

    private let keys: @Sendable () -> (keys: TokenKeySet, generation: Int)
    private let elapsed: any ElapsedTime
    // A signature costs a tenth of a millisecond; a token that was good is remembered until the keys change or the table is full.
    private let known = Mutex<[String: Known]>([:])

    public init(_ file: TokenKeyFile, elapsed: any ElapsedTime = SystemTime()) {
        keys = {
            let (keys, generation) = file.current
            return (keys, generation)
        }
        self.elapsed = elapsed
    }

    public init(_ keys: TokenKeySet, elapsed: any ElapsedTime = SystemTime()) {
        self.keys = { (keys, 0) }
        self.elapsed = elapsed
    }

    /// The claims of a good bearer token.
    public func verify(_ token: String) throws(TokenRefused) -> TokenClaims {
        let claims = try good(token)
        guard claims.audience == .bearer else { throw .malformed("aud") }
        return claims
    }

    /// The claims of a good one-time link, whose life is a link's. Whether it was used is not told here.
    public func verify(link: String) throws(TokenRefused) -> TokenClaims {
        let claims = try good(link)
        guard claims.audience == .link else { throw .malformed("aud") }
        guard claims.expires - claims.issuedAt <= Sessions.linkSeconds else { throw .lifetime }
        return claims
    }

    /// What is kept of a good link once it is used. Throws `unknownKey` when its key was dropped in this very moment.
    func used(link: String) throws(TokenRefused) -> UsedLink {
        let jws = try CompactJWS(link)
        guard let id = jws.header["kid"]?.text, let key = keys().keys.keys[id] else { throw .unknownKey }
        return UsedLink(id: try TokenClaims(json: jws.claims).id, key: key.thumbprint)
    }

    /// Whether a link that was good when it was used still has its key and was not revoked since. Its times are over and not looked at.
    func stands(_ link: UsedLink) -> Bool {
        let keys = keys().keys
        return !keys.revoked.contains(link.id) && keys.keys.values.contains { $0.thumbprint == link.key }
    }

    private func good(_ token: String) throws(TokenRefused) -> TokenClaims {
        guard token.utf8.count <= Self.maximumTokenBytes else { throw .malformed("length") }
        let (keys, generation) = keys()
        if let known = known.withLock({ $0[token] }), known.generation == generation {
            try checkTimes(known.claims)
            return known.claims
        }
        let claims = try Self.read(token, keys)
        guard !keys.revoked.contains(claims.id) else { throw .revoked }
        try checkTimes(claims)
        remember(token, claims, generation)
        return claims
    }

    private func remember(_ token: String, _ claims: TokenClaims, _ generation: Int) {
        known.withLock {
            if $0.count >= Self.cachedTokens { $0.removeAll(keepingCapacity: true) }
            $0[token] = Known(claims: claims, generation: generation)
        }
    }

    private static func read(_ token: String, _ keys: TokenKeySet) throws(TokenRefused) -> TokenClaims {
        let jws = try CompactJWS(token)
        // Nothing a header can point at (jku, jwk, x5c …) is ever followed, and a critical extension is one we do not know.
        guard jws.headerNames.allSatisfy({ ["alg", "typ", "kid"].contains($0) }) else { throw .malformed("header") }
        guard jws.header["alg"]?.text == "ES256" else { throw .algorithm }
        guard jws.header["typ"]?.text == "JWT" else { throw .malformed("typ") }
        guard let id = jws.header["kid"]?.text, let key = keys.keys[id] else { throw .unknownKey }
        guard jws.isSigned(by: key) else { throw .signature }
        return try TokenClaims(json: jws.claims)
    }

    private func checkTimes(_ claims: TokenClaims) throws(TokenRefused) {
        let now = elapsed.wallMilliseconds / 1000
        guard claims.expires > claims.notBefore, claims.expires - claims.issuedAt <= Self.maximumLifetimeSeconds else { throw .lifetime }
        guard now < claims.expires + Self.clockSkewSeconds else { throw .expired }
        guard now >= claims.notBefore - Self.clockSkewSeconds, now >= claims.issuedAt - Self.clockSkewSeconds else { throw .notYetValid }
    }
}

/// What is left of a link that opened a session: enough to see whether it was revoked or its key dropped, and not enough to open another
/// service with it, as the link itself could for minutes.
struct UsedLink: Codable, Equatable, Sendable {
    let id: String
    /// Thumbprint of the key that signed it: another key under the same name is another key.
    let key: String
}
