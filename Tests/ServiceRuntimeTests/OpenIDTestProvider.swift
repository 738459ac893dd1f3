import Crypto
import CryptoExtras
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// An OpenID Connect provider of the tests' own, on a socket of its own: shares no code with what it is asked by. Signs everybody in who comes
/// with a right request, checks PKCE, the client's secret and that a code comes once, and can be told to misbehave.
final class OpenIDTestProvider: Sendable {
    enum Signing: Sendable { case own, rsa, unsigned, hmacWithPublicKey, foreignKey, unknownKey }

    /// What it does otherwise than it should.
    struct Behaviour: Sendable {
        var signing = Signing.own
        /// Changes the claims of the next ID tokens.
        var claims: @Sendable (inout [String: any Sendable]) -> Void = { _ in }
        /// Changes what goes out at a path: status, head lines and body.
        var answers: [String: @Sendable (inout Answer) -> Void] = [:]
        /// Paths at which it never answers.
        var silent: Set<String> = []
        /// Members of its description that are otherwise.
        var description: [String: any Sendable] = [:]
    }

    struct Answer: Sendable {
        var status = 200
        var headers: [String] = []
        var body: [UInt8] = []
    }

    struct Request {
        let method: String
        let path: String
        let query: [String: String]
        let headers: [String: String]
        let form: [String: String]
    }

    private struct State {
        var behaviour = Behaviour()
        var codes: [String: [String: String]] = [:]
        var asked: [String] = []
        var secrets: Set<String> = []
        var key = P256.Signing.PrivateKey()
        var keyID = "key-1"
    }

    static let clientID = "careloop desks"
    static let clientSecret = "s3cret/+:%"
    static let subject = "8f3c-subject"
    static let canaries = ["jinsique@example.org", "金丝雀"]

    let port: Int
    /// Seconds since 1970, as the service has them.
    private let now: @Sendable () -> Int64
    private let listener: Int32
    private let state = Mutex(State())
    private let rsa: _RSA.Signing.PrivateKey
    private let foreign = P256.Signing.PrivateKey()

    init(now: @escaping @Sendable () -> Int64) throws {
        self.now = now
        rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, wanted) = (listener, size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, wanted) }
        }
        guard bound == 0, listen(listener, 64) == 0 else { throw WireSocket.Failed(call: "listen") }
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread { [weak self] in self?.serve(connection) }.start()
            }
        }.start()
    }

    /// Nobody listens there any more.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    deinit { close(listener) }

    var issuer: String { "http://127.0.0.1:\(port)" }

    func behave(_ change: (inout Behaviour) -> Void) { state.withLock { change(&$0.behaviour) } }
    /// How often a path was asked for.
    func count(_ path: String) -> Int { state.withLock { $0.asked.filter { $0 == path }.count } }
    /// Codes, tokens and verifiers that have gone over the wire.
    var secrets: Set<String> { state.withLock { $0.secrets } }
    /// From now on it signs with another key, and shows no other.
    func rotate(to id: String) { state.withLock { ($0.key, $0.keyID) = (P256.Signing.PrivateKey(), id) } }

    // MARK: HTTP

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            if let request = Self.request(bytes) {
                guard let answer = answer(request) else {
                    // Until the other side has enough of it.
                    _ = recv(connection, &buffer, buffer.count, 0)
                    return
                }
                var head = "HTTP/1.1 \(answer.status) X\r\nContent-Length: \(answer.body.count)\r\nConnection: close\r\n"
                for line in answer.headers { head += line + "\r\n" }
                let out = Array((head + "\r\n").utf8) + answer.body
                var sent = 0
                while sent < out.count {
                    let count = out.withUnsafeBytes { send(connection, $0.baseAddress! + sent, out.count - sent, Int32(MSG_NOSIGNAL)) }
                    guard count > 0 else { return }
                    sent += count
                }
                return
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            bytes += buffer[..<count]
        }
    }

    /// Nil until all of it is there.
    private static func request(_ bytes: [UInt8]) -> Request? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        let body = String(text[end.upperBound...])
        guard body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 else { return nil }
        let words = lines[0].split(separator: " ")
        let parts = words[1].split(separator: "?", maxSplits: 1)
        return Request(
            method: String(words[0]), path: String(parts[0]), query: pairs(parts.count == 2 ? String(parts[1]) : ""), headers: headers,
            form: pairs(body))
    }

    private static func pairs(_ text: String) -> [String: String] {
        var pairs: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            pairs[String(parts[0])] = parts.count == 2 ? String(parts[1]).removingPercentEncoding : ""
        }
        return pairs
    }

    private func answer(_ request: Request) -> Answer? {
        let behaviour = state.withLock { state in
            state.asked.append(request.path)
            return state.behaviour
        }
        guard !behaviour.silent.contains(request.path) else { return nil }
        var answer: Answer
        switch (request.method, request.path) {
        case ("GET", "/.well-known/openid-configuration"):
            let plain: [String: any Sendable] = [
                "issuer": issuer, "authorization_endpoint": "\(issuer)/authorize?tenant=1", "token_endpoint": "\(issuer)/token",
                "jwks_uri": "\(issuer)/keys", "response_types_supported": ["code"], "subject_types_supported": ["public"],
            ]
            answer = json(plain.merging(behaviour.description) { $1 })
        case ("GET", "/authorize"): answer = authorize(request.query)
        case ("POST", "/token"): answer = token(request, behaviour)
        case ("GET", "/keys"): answer = json(["keys": keys])
        default: answer = Answer(status: 404)
        }
        behaviour.answers[request.path]?(&answer)
        return answer
    }

    private func json(_ value: Any, status: Int = 200) -> Answer {
        // Made of texts and numbers; were it ever not, the empty answer fails the test.
        let bytes = (try? JSONSerialization.data(withJSONObject: value)) ?? Data()
        return Answer(status: status, headers: ["Content-Type: application/json"], body: [UInt8](bytes))
    }

    // MARK: The protocol, from the provider's side

    private func authorize(_ query: [String: String]) -> Answer {
        guard query["response_type"] == "code", query["client_id"] == Self.clientID, query["tenant"] == "1",
            query["scope"]?.split(separator: " ").contains("openid") == true, query["code_challenge_method"] == "S256",
            query["code_challenge"]?.count == 43, let redirect = query["redirect_uri"], redirect.hasSuffix("/sign-in/openid/callback"),
            let state = query["state"], state.count >= 22, let nonce = query["nonce"], nonce.count >= 22
        else { return Answer(status: 400) }
        let code = "code-\(UUID().uuidString)"
        self.state.withLock {
            $0.codes[code] = query
            $0.secrets.formUnion([code, state, nonce])
        }
        // More than the standard has, as some providers do.
        return Answer(
            status: 302, headers: ["Location: \(redirect)?code=\(code)&state=\(state)&session_state=x.y&iss=\(Self.encoded(issuer))"])
    }

    private func token(_ request: Request, _ behaviour: Behaviour) -> Answer {
        let pair = "\(Self.encoded(Self.clientID)):\(Self.encoded(Self.clientSecret))"
        let inBody = behaviour.description["token_endpoint_auth_methods_supported"] != nil
        let isClient =
            inBody
            ? request.form["client_id"] == Self.clientID && request.form["client_secret"] == Self.clientSecret
            : request.headers["authorization"] == "Basic \(Data(pair.utf8).base64EncodedString())"
        guard isClient else { return json(["error": "invalid_client"], status: 401) }
        guard request.form["grant_type"] == "authorization_code", let code = request.form["code"],
            let asked = state.withLock({ $0.codes.removeValue(forKey: code) }), request.form["redirect_uri"] == asked["redirect_uri"],
            let verifier = request.form["code_verifier"], (43...128).contains(verifier.count),
            Self.base64URL(Data(SHA256.hash(data: Data(verifier.utf8)))) == asked["code_challenge"]
        else { return json(["error": "invalid_grant"], status: 400) }
        var claims: [String: any Sendable] = [
            "iss": issuer, "sub": Self.subject, "aud": Self.clientID, "nonce": asked["nonce"]!, "iat": now(), "exp": now() + 300,
            "email": Self.canaries[0], "name": Self.canaries[1], "groups": ["everybody"],
        ]
        behaviour.claims(&claims)
        let token = sign(claims, behaviour.signing)
        state.withLock { $0.secrets.formUnion([verifier, token, Self.clientSecret]) }
        return json(["access_token": "a-t", "token_type": "Bearer", "id_token": token])
    }

    private func sign(_ claims: [String: any Sendable], _ signing: Signing) -> String {
        let (key, keyID) = state.withLock { ($0.key, $0.keyID) }
        let names: (alg: String, kid: String) =
            switch signing {
            case .own, .foreignKey: ("ES256", keyID)
            case .rsa: ("RS256", "key-rsa")
            case .unsigned: ("none", keyID)
            case .hmacWithPublicKey: ("HS256", keyID)
            case .unknownKey: ("ES256", "key-nobody-has")
            }
        let signed = "\(Self.text(["alg": names.alg, "kid": names.kid, "typ": "JWT"])).\(Self.text(claims))"
        let bytes = Data(signed.utf8)
        // A signature that could not be made is left out, and the sign-in that should work fails.
        let signature: Data? =
            switch signing {
            case .own, .unknownKey: try? key.signature(for: bytes).rawRepresentation
            case .foreignKey: try? foreign.signature(for: bytes).rawRepresentation
            case .rsa: try? rsa.signature(for: bytes, padding: .insecurePKCS1v1_5).rawRepresentation
            case .hmacWithPublicKey:
                Data(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key.publicKey.rawRepresentation)))
            case .unsigned: Data()
            }
        return "\(signed).\(Self.base64URL(signature ?? Data()))"
    }

    private var keys: [[String: String]] {
        let (key, id) = state.withLock { ($0.key.publicKey.rawRepresentation, $0.keyID) }
        var keys = [
            [
                "kty": "EC", "crv": "P-256", "use": "sig", "kid": id, "x": Self.base64URL(key.prefix(32)),
                "y": Self.base64URL(key.suffix(32)),
            ],
            ["kty": "OKP", "crv": "Ed25519", "kid": "key-of-another-kind", "x": "AAAA"],
        ]
        // Without it the sign-in by RS256 fails.
        if let numbers = try? rsa.publicKey.getKeyPrimitives() {
            keys.append([
                "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "key-rsa", "n": Self.base64URL(numbers.modulus),
                "e": Self.base64URL(numbers.publicExponent),
            ])
        }
        return keys
    }

    private static func text(_ members: [String: any Sendable]) -> String {
        // As above.
        base64URL((try? JSONSerialization.data(withJSONObject: members)) ?? Data())
    }

    private static func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(
            withAllowedCharacters: CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"))!
    }
}
