import Crypto
import Foundation
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
        keys = { file.current }
        self.elapsed = elapsed
    }

    public init(_ keys: TokenKeySet, elapsed: any ElapsedTime = SystemTime()) {
        self.keys = { (keys, 0) }
        self.elapsed = elapsed
    }

    /// The claims of a good token.
    public func verify(_ token: String) throws(TokenRefused) -> TokenClaims {
        guard token.utf8.count <= Self.maximumTokenBytes else { throw .malformed("length") }
        let (keys, generation) = keys()
        if let known = known.withLock({ $0[token] }), known.generation == generation {
            try checkTimes(known.claims)
            return known.claims
        }
        let claims = try Self.read(token, keys)
        guard !keys.revoked.contains(claims.id) else { throw .revoked }
        try checkTimes(claims)
        known.withLock {
            if $0.count >= Self.cachedTokens { $0.removeAll(keepingCapacity: true) }
            $0[token] = Known(claims: claims, generation: generation)
        }
        return claims
    }

    private static func read(_ token: String, _ keys: TokenKeySet) throws(TokenRefused) -> TokenClaims {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed("parts") }
        guard let headerBytes = Base64URL.decode(parts[0]), let payloadBytes = Base64URL.decode(parts[1]),
            let signatureBytes = Base64URL.decode(parts[2])
        else { throw .malformed("base64url") }
        guard let header = try? JSONParser.parse(headerBytes), case .object(let members) = header else { throw .malformed("header") }
        // Nothing a header can point at (jku, jwk, x5c …) is ever followed, and a critical extension is one we do not know.
        guard members.allSatisfy({ ["alg", "typ", "kid"].contains($0.0) }) else { throw .malformed("header") }
        guard header["alg"]?.text == "ES256" else { throw .algorithm }
        guard header["typ"]?.text == "JWT" else { throw .malformed("typ") }
        guard let id = header["kid"]?.text, let key = keys.keys[id] else { throw .unknownKey }
        guard signatureBytes.count == 64, let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signatureBytes),
            key.isValidSignature(signature, for: Data("\(parts[0]).\(parts[1])".utf8))
        else { throw .signature }
        guard let payload = try? JSONParser.parse(payloadBytes) else { throw .malformed("payload") }
        return try TokenClaims(json: payload)
    }

    private func checkTimes(_ claims: TokenClaims) throws(TokenRefused) {
        let now = elapsed.wallMilliseconds / 1000
        guard claims.expires > claims.notBefore, claims.expires - claims.issuedAt <= Self.maximumLifetimeSeconds else { throw .lifetime }
        guard now < claims.expires + Self.clockSkewSeconds else { throw .expired }
        guard now >= claims.notBefore - Self.clockSkewSeconds, now >= claims.issuedAt - Self.clockSkewSeconds else { throw .notYetValid }
    }
}
