import Crypto
import Foundation
import Testing
import Vocabulary

@testable import ServiceRuntime

/// Tokens that must never be accepted, and the few that must.
struct IdentityTokenTests {
    /// One bad token and what is wrong with it.
    struct Bad: CustomTestStringConvertible, Sendable {
        let name: String
        let make: @Sendable (TestKeys) throws -> String
        var testDescription: String { name }

        init(_ name: String, _ make: @escaping @Sendable (TestKeys) throws -> String) {
            self.name = name
            self.make = make
        }
    }

    static func encode(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }

    /// Signed with the good key, payload as given.
    static func payload(_ name: String, _ change: @escaping @Sendable (inout [(String, JSONValue)], Int64) -> Void) -> Bad {
        Bad(name) { keys in
            guard case .object(var members) = keys.claims(.clerk).json else { return "" }
            change(&members, keys.time.wallMilliseconds / 1000)
            let header = #"{"alg":"ES256","typ":"JWT","kid":"\#(keys.signer.keyID)"}"#
            return try keys.signer.sign(header: Array(header.utf8), payload: JSONValue.object(members).bytes)
        }
    }

    static func set(_ claim: String, _ value: JSONValue) -> Bad {
        payload("\(claim) is \(String(decoding: value.bytes.prefix(40), as: UTF8.self))") { members, _ in
            members = members.filter { $0.0 != claim } + [(claim, value)]
        }
    }

    static func without(_ claim: String) -> Bad { payload("without \(claim)") { members, _ in members.removeAll { $0.0 == claim } } }

    static func times(_ name: String, _ change: @escaping @Sendable (Int64) -> (iat: Int64, nbf: Int64, exp: Int64)) -> Bad {
        payload(name) { members, now in
            let (iat, nbf, exp) = change(now)
            members = members.filter { !["iat", "nbf", "exp"].contains($0.0) }
            members += [("iat", .number("\(iat)")), ("nbf", .number("\(nbf)")), ("exp", .number("\(exp)"))]
        }
    }

    /// Signed with the good key, header as given.
    static func header(_ name: String, _ text: @escaping @Sendable (String) -> String) -> Bad {
        Bad(name) { keys in
            try keys.signer.sign(header: Array(text(keys.signer.keyID).utf8), payload: keys.claims(.clerk).json.bytes)
        }
    }

    /// A good token whose text is then changed.
    static func spoiled(_ name: String, _ change: @escaping @Sendable (String) -> String) -> Bad {
        Bad(name) { change(try $0.signer.sign($0.claims(.clerk))) }
    }

    static func parts(_ token: String) -> [String] { token.split(separator: ".", omittingEmptySubsequences: false).map(String.init) }

    static let claims: [Bad] =
        ["iss", "aud", "sub", "role", "org", "region", "iat", "nbf", "exp", "jti"].map(without) + [
            set("iss", .string("other")), set("iss", .number("1")), set("aud", .string("someone-else")),
            set("aud", .array([.string("careloop")])),
            set("sub", .string("")), set("sub", .string("张三")), set("sub", .string(String(repeating: "a", count: 65))), set("sub", .null),
            set("role", .string("service")), set("role", .string("visitor")), set("role", .string("admin")), set("role", .array([])),
            set("org", .string("../etc")), set("org", .null), set("region", .string("3")), set("region", .string("")),
            set("region", .string("37%")),
            set("region", .number("37")), set("exp", .string("9999999999")), set("exp", .number("1e12")), set("exp", .number("-1")),
            set("exp", .number("99999999999999")), set("nbf", .null), set("iat", .bool(true)), set("jti", .string("")),
            set("scope", .string("all")),
            payload("a claim twice") { members, _ in members.append(("role", .string("finance"))) },
        ]

    static let moments: [Bad] = [
        times("expired") { ($0 - 7200, $0 - 7200, $0 - 61) }, times("expired at the edge of the skew") { ($0 - 7200, $0 - 7200, $0 - 60) },
        times("not yet valid") { ($0, $0 + 61, $0 + 7200) }, times("issued in the future") { ($0 + 61, $0, $0 + 7200) },
        times("ends before it begins") { ($0, $0 + 50, $0 + 10) }, times("lives for ever") { ($0, $0, $0 + 401 * 86_400) },
        times("milliseconds instead of seconds") { ($0 * 1000, $0 * 1000, $0 * 1000 + 3_600_000) },
    ]

    static let headers: [Bad] = [
        header("alg none") { #"{"alg":"none","typ":"JWT","kid":"\#($0)"}"# },
        header("alg None") { #"{"alg":"None","typ":"JWT","kid":"\#($0)"}"# },
        header("alg RS256") { #"{"alg":"RS256","typ":"JWT","kid":"\#($0)"}"# },
        header("alg es256") { #"{"alg":"es256","typ":"JWT","kid":"\#($0)"}"# },
        header("alg missing") { #"{"typ":"JWT","kid":"\#($0)"}"# },
        header("alg twice") { #"{"alg":"ES256","alg":"none","typ":"JWT","kid":"\#($0)"}"# },
        header("alg a list") { #"{"alg":["ES256"],"typ":"JWT","kid":"\#($0)"}"# },
        header("typ missing") { #"{"alg":"ES256","kid":"\#($0)"}"# },
        header("typ JOSE") { #"{"alg":"ES256","typ":"JOSE","kid":"\#($0)"}"# },
        header("kid missing") { _ in #"{"alg":"ES256","typ":"JWT"}"# },
        header("kid unknown") { _ in #"{"alg":"ES256","typ":"JWT","kid":"other"}"# },
        header("kid a path") { _ in #"{"alg":"ES256","typ":"JWT","kid":"../../dev/null"}"# },
        header("kid an injection") { _ in #"{"alg":"ES256","typ":"JWT","kid":"' OR 1=1 --"}"# },
        header("crit") { #"{"alg":"ES256","typ":"JWT","kid":"\#($0)","crit":["exp"]}"# },
        header("jku") { #"{"alg":"ES256","typ":"JWT","kid":"\#($0)","jku":"https://evil.example/keys"}"# },
        header("jwk") { #"{"alg":"ES256","typ":"JWT","kid":"\#($0)","jwk":{"kty":"EC"}}"# },
        header("b64 false") { #"{"alg":"ES256","typ":"JWT","kid":"\#($0)","b64":false}"# },
        header("no object") { _ in "[]" }, header("no JSON") { _ in "{" },
    ]

    static let spellings: [Bad] = [
        spoiled("empty") { _ in "" }, spoiled("two dots only") { _ in ".." },
        spoiled("no signature") { parts($0)[0] + "." + parts($0)[1] + "." },
        spoiled("two parts") { parts($0)[0] + "." + parts($0)[1] }, spoiled("four parts") { $0 + ".AAAA" },
        spoiled("five parts") { $0 + ".A.A" },
        spoiled("padding") { $0 + "==" }, spoiled("a trailing space") { $0 + " " }, spoiled("a line break") { $0 + "\n" },
        spoiled("standard base64") { $0.replacingOccurrences(of: ".", with: "+") },
        spoiled("too long") { $0 + String(repeating: "A", count: 4096) },
        spoiled("a signature of zeros") { parts($0)[0] + "." + parts($0)[1] + "." + Base64URL.encode([UInt8](repeating: 0, count: 64)) },
        spoiled("a short signature") { parts($0)[0] + "." + parts($0)[1] + "." + Base64URL.encode([UInt8](repeating: 1, count: 63)) },
        spoiled("a flipped bit in the payload") { token in
            var payload = Base64URL.decode(parts(token)[1])!
            payload[20] ^= 1
            return parts(token)[0] + "." + Base64URL.encode(payload) + "." + parts(token)[2]
        },
        spoiled("a flipped bit in the signature") { token in
            var signature = Base64URL.decode(parts(token)[2])!
            signature[40] ^= 1
            return parts(token)[0] + "." + parts(token)[1] + "." + Base64URL.encode(signature)
        },
        Bad("a foreign key under the good key's id") { keys in
            let header = #"{"alg":"ES256","typ":"JWT","kid":"\#(keys.signer.keyID)"}"#
            return try TokenSigner().sign(header: Array(header.utf8), payload: keys.claims(.clerk).json.bytes)
        },
        Bad("a foreign key under its own id") { try TokenSigner().sign($0.claims(.clerk)) },
        Bad("HS256 with the public key as the secret") { keys in
            let signed =
                encode(#"{"alg":"HS256","typ":"JWT","kid":"\#(keys.signer.keyID)"}"#) + "."
                + Base64URL.encode(keys.claims(.clerk).json.bytes)
            let secret = SymmetricKey(data: keys.signer.publicKey.rawRepresentation)
            return signed + "." + Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: secret))
        },
        Bad("a DER signature") { keys in
            let token = parts(try keys.signer.sign(keys.claims(.clerk)))
            let raw = try P256.Signing.ECDSASignature(rawRepresentation: Base64URL.decode(token[2])!)
            return token[0] + "." + token[1] + "." + Base64URL.encode(raw.derRepresentation)
        },
    ]

    @Test(arguments: claims + moments + headers + spellings)
    func `a bad token is refused as 401`(_ bad: Bad) throws {
        let keys = TestKeys()
        let verifier = TokenVerifier(keys.keySet, elapsed: keys.time)
        let token = try bad.make(keys)
        for _ in 0..<2 {
            let refused = #expect(throws: TokenRefused.self) { try verifier.verify(token) }
            #expect(refused?.problem.status == 401)
        }
    }

    @Test func `the corpus holds at least sixty tokens`() {
        #expect(Self.claims.count + Self.moments.count + Self.headers.count + Self.spellings.count >= 60)
    }

    @Test(arguments: Role.grantable)
    func `a good token makes its bearer who it says`(_ role: Role) throws {
        let keys = TestKeys()
        let verifier = TokenVerifier(keys.keySet, elapsed: keys.time)
        let actor = try verifier.verify(try keys.token(role, region: "370303")).actor
        #expect(
            actor == Actor(organisation: OrganisationID(trusted: "org-1"), role: role, user: "u1", region: RegionCode(trusted: "370303")))
    }

    @Test func `only an operator may come without an organisation`() throws {
        let keys = TestKeys()
        let verifier = TokenVerifier(keys.keySet, elapsed: keys.time)
        #expect(try verifier.verify(keys.signer.sign(keys.claims(.operator, organisation: nil))).actor.organisation == nil)
        #expect(throws: TokenRefused.self) { try verifier.verify(keys.signer.sign(keys.claims(.clerk, organisation: nil))) }
    }

    @Test func `a token remembered as good still expires`() throws {
        let keys = TestKeys()
        let verifier = TokenVerifier(keys.keySet, elapsed: keys.time)
        let token = try keys.token(.clerk)
        _ = try verifier.verify(token)
        keys.time.advance(milliseconds: 3_659_000)
        _ = try verifier.verify(token)
        keys.time.advance(milliseconds: 1000)
        #expect(throws: TokenRefused.expired) { try verifier.verify(token) }
    }

    @Test func `clocks that differ by less than a minute agree`() throws {
        let keys = TestKeys()
        let verifier = TokenVerifier(keys.keySet, elapsed: keys.time)
        let token = try keys.token(.clerk)
        keys.time.advance(milliseconds: -60_000)
        _ = try verifier.verify(token)
        keys.time.advance(milliseconds: -1000)
        #expect(throws: TokenRefused.notYetValid) { try verifier.verify(token) }
    }
}
