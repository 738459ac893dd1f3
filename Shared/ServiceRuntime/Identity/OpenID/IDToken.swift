import Crypto
import CryptoExtras
import Foundation

/// A key of the provider's and the one algorithm it is for: a token's header never chooses how it is checked (RFC 8725, 3.1).
enum ProviderKey: Sendable {
    case es256(P256.Signing.PublicKey)
    case rs256(_RSA.Signing.PublicKey)

    var algorithm: String {
        switch self {
        case .es256: "ES256"
        case .rs256: "RS256"
        }
    }

    func signed(_ token: CompactJWS) -> Bool {
        switch self {
        case .es256(let key): token.isSigned(by: key)
        case .rs256(let key):
            // RS256 is PKCS #1 v1.5 by its definition (RFC 7518, 3.3).
            key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: token.signature), for: token.signed, padding: .insecurePKCS1v1_5)
        }
    }

    /// The signing keys of a JWK set, by key id. Keys of other kinds, which a provider may well have, are passed over.
    static func keys(_ bytes: [UInt8]) throws(OpenIDRefused) -> [String: ProviderKey] {
        // One word says it: where it is no JSON is the provider's affair.
        guard let json = try? JSONParser.parse(bytes), case .array(let entries)? = json["keys"], entries.count <= OpenIDLimits.keys else {
            throw .provider("its keys cannot be read")
        }
        var keys: [String: ProviderKey] = [:]
        for entry in entries {
            guard let id = entry["kid"]?.text, entry["use"].map({ $0.text == "sig" }) ?? true, let key = ProviderKey(entry),
                entry["alg"].map({ $0.text == key.algorithm }) ?? true
            else { continue }
            guard keys.updateValue(key, forKey: id) == nil else { throw .provider("two of its keys have one id") }
        }
        return keys
    }

    private init?(_ json: JSONValue) {
        switch json["kty"]?.text {
        case "EC":
            // Another curve, or no point of this one: not a key for us.
            guard let key = try? JWK.publicKey(json) else { return nil }
            self = .es256(key)
        case "RSA":
            guard let n = json["n"]?.text.flatMap({ Base64URL.decode($0) }), let e = json["e"]?.text.flatMap({ Base64URL.decode($0) }),
                OpenIDLimits.modulusBits.contains(n.count * 8),
                // Numbers that make no RSA key make none for us.
                let key = try? _RSA.Signing.PublicKey(n: n, e: e)
            else { return nil }
            self = .rs256(key)
        default: return nil
        }
    }
}

/// What an ID token that is good (OpenID Connect Core, 3.1.3.7) says of a person. Never logged.
struct IDToken: Sendable {
    let subject: String
    let groups: [String]

    /// What a token must match.
    struct Expected {
        let issuer: String
        let clientID: String
        let nonce: String
        let groupClaim: String
        /// Seconds since 1970.
        let now: Int64
    }

    init(_ token: String, keys: [String: ProviderKey], _ expected: Expected) throws(TokenRefused) {
        guard token.utf8.count <= OpenIDLimits.tokenBytes else { throw .malformed("length") }
        let jws = try CompactJWS(token)
        // What a header points at (jku, jwk, x5u …) is never looked at; a critical extension is one we do not know.
        guard jws.header["crit"] == nil else { throw .malformed("header") }
        guard let key = jws.header["kid"]?.text.flatMap({ keys[$0] }) else { throw .unknownKey }
        guard jws.header["alg"]?.text == key.algorithm else { throw .algorithm }
        guard key.signed(jws) else { throw .signature }
        let claims = try jws.claims
        guard claims["iss"]?.text == expected.issuer else { throw .malformed("iss") }
        try Self.checkAudience(claims, expected.clientID)
        guard claims["nonce"]?.text == expected.nonce else { throw .malformed("nonce") }
        try Self.checkTimes(claims, expected.now)
        guard let subject = claims["sub"]?.text, (1...OpenIDLimits.subjectBytes).contains(subject.utf8.count) else {
            throw .malformed("sub")
        }
        self.subject = subject
        groups = Self.texts(claims[expected.groupClaim])
    }

    private static func checkAudience(_ claims: JSONValue, _ clientID: String) throws(TokenRefused) {
        let audience = texts(claims["aud"])
        guard audience.contains(clientID) else { throw .malformed("aud") }
        // Meant for several: then it says who asked for it, and that must be us.
        guard audience.count == 1 || claims["azp"] != nil else { throw .malformed("azp") }
        guard claims["azp"].map({ $0.text == clientID }) ?? true else { throw .malformed("azp") }
    }

    private static func checkTimes(_ claims: JSONValue, _ now: Int64) throws(TokenRefused) {
        let possible: ClosedRange<Int64> = 0...253_402_300_799
        guard let expires = claims["exp"]?.int, let issued = claims["iat"]?.int, possible.contains(expires), possible.contains(issued)
        else {
            throw .malformed("times")
        }
        guard now < expires + OpenIDLimits.clockSkewSeconds else { throw .expired }
        guard issued <= now + OpenIDLimits.clockSkewSeconds else { throw .notYetValid }
        guard now - issued <= OpenIDLimits.tokenAgeSeconds + OpenIDLimits.clockSkewSeconds else { throw .lifetime }
        guard let earliest = claims["nbf"] else { return }
        guard let earliest = earliest.int, earliest <= now + OpenIDLimits.clockSkewSeconds else { throw .notYetValid }
    }

    /// One text or a list of them.
    private static func texts(_ claim: JSONValue?) -> [String] {
        switch claim {
        case .string(let text): [text]
        case .array(let items): items.prefix(OpenIDLimits.groups).compactMap(\.text)
        default: []
        }
    }
}
