import Foundation
import Persistence

/// An organisation's OpenID Connect provider, as the authorization code flow with PKCE needs it. What it says of itself and its keys are read
/// when they are first needed, so that a service starts whether the provider is there or not.
public final class OpenIDProvider: Sendable {
    /// What its discovery document says (OpenID Connect Discovery, 3).
    private struct Metadata: Sendable {
        let authorization: String
        let token: URL
        let keys: URL
        /// Where the client's secret goes: the body, or the header that every provider must take when it names no other.
        let secretInBody: Bool
    }

    private let settings: OpenIDSettings
    private let elapsed: any ElapsedTime
    private let secret: WatchedFile<String>
    private let mapping: WatchedFile<OpenIDMapping>
    private let client: BoundedClient
    private let metadata: KeptDocument<Metadata>
    private let keys: KeptDocument<[String: ProviderKey]>

    /// Throws a `ConfigurationError` when the secret or the mapping cannot be read; asks the provider nothing yet.
    init(_ settings: OpenIDSettings, elapsed: any ElapsedTime, client: BoundedClient = BoundedClient(), log: ServiceLog) throws {
        self.settings = settings
        self.elapsed = elapsed
        self.client = client
        func watched<Content>(_ key: String, _ path: String, _ read: @escaping @Sendable (String) throws -> Content) throws
            -> WatchedFile<Content>
        {
            do {
                return try WatchedFile(path, read: read, elapsed: elapsed) {
                    log.error("a file of OpenID Connect cannot be read again; what it said last stands", .code("key", key), .error($0))
                }
            } catch { throw ConfigurationError(faults: ["\(key): \(error)"]) }
        }
        secret = try watched("CARELOOP_OPENID_CLIENT_SECRET_FILE", settings.secretFile, Self.secret)
        mapping = try watched("CARELOOP_OPENID_MAPPING", settings.mappingFile, OpenIDMapping.read)
        let metadata = KeptDocument(lifetimeSeconds: OpenIDLimits.discoverySeconds, elapsed: elapsed) {
            try await Self.discover(settings.issuer, client)
        }
        self.metadata = metadata
        keys = KeptDocument(lifetimeSeconds: OpenIDLimits.keysSeconds, elapsed: elapsed) {
            try ProviderKey.keys(try await Self.document("keys", client, metadata.value().keys))
        }
    }

    /// Where a browser is sent to sign in.
    func authorization(_ signIn: PendingSignIns.SignIn, redirect: String) async throws -> String {
        let endpoint = try await metadata.value().authorization
        let query = [
            ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", redirect), ("scope", settings.scopes),
            ("state", signIn.state), ("nonce", signIn.nonce), ("code_challenge", signIn.challenge), ("code_challenge_method", "S256"),
        ].map { "\($0.0)=\(PercentCoding.encode($0.1))" }.joined(separator: "&")
        return endpoint + (endpoint.contains("?") ? "&" : "?") + query
    }

    /// True when `issuer`, which a provider may add to its answer (RFC 9207), is ours or not there.
    func isIssuer(_ issuer: String?) -> Bool { issuer.map { $0 == settings.issuer } ?? true }

    /// Who the account that `code` stands for is here. Throws an `OpenIDRefused`.
    func actor(code: String, _ signIn: PendingSignIns.SignIn, redirect: String) async throws -> Actor {
        let token = try await exchange(code, signIn, redirect)
        let mapping = try await Blocking.queries.run { [mapping] in mapping.current.content }
        let expected = IDToken.Expected(
            issuer: settings.issuer, clientID: settings.clientID, nonce: signIn.nonce, groupClaim: mapping.groupClaim,
            now: elapsed.wallMilliseconds / 1000)
        let known: IDToken
        do {
            known = try IDToken(token, keys: try await keys.value(), expected)
        } catch TokenRefused.unknownKey {
            // It may have changed its keys since; looked for at a bounded rate, because a token can name any.
            let fresh = try await keys.value(atMost: OpenIDLimits.keysAgainSeconds)
            do { known = try IDToken(token, keys: fresh, expected) } catch { throw OpenIDRefused.token(error) }
        } catch let refused as TokenRefused {
            throw OpenIDRefused.token(refused)
        }
        guard let actor = mapping.actor(of: known, issuer: settings.issuer) else { throw OpenIDRefused.unmapped }
        return actor
    }

    /// The ID token for a code (RFC 6749, 4.1.3; RFC 7636, 4.5).
    private func exchange(_ code: String, _ signIn: PendingSignIns.SignIn, _ redirect: String) async throws -> String {
        let metadata = try await metadata.value()
        let secret = try await Blocking.queries.run { [secret] in secret.current.content }
        var form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirect), ("code_verifier", signIn.verifier),
        ]
        var authorization: String?
        if metadata.secretInBody {
            form += [("client_id", settings.clientID), ("client_secret", secret)]
        } else {
            let pair = "\(PercentCoding.encode(settings.clientID)):\(PercentCoding.encode(secret))"
            authorization = "Basic \(Data(pair.utf8).base64EncodedString())"
        }
        let bytes = try await Self.document("token", client, metadata.token, form: form, authorization: authorization)
        // One word says it: the answer holds tokens.
        guard let token = (try? JSONParser.parse(bytes))?["id_token"]?.text else { throw OpenIDRefused.provider("no ID token") }
        return token
    }

    private static func discover(_ issuer: String, _ client: BoundedClient) async throws -> Metadata {
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        guard let url = URL(string: base + "/.well-known/openid-configuration") else { throw OpenIDRefused.provider("its address") }
        let bytes = try await document("discovery", client, url)
        // One word says it: where it is no JSON is the provider's affair.
        guard let json = try? JSONParser.parse(bytes) else {
            throw OpenIDRefused.provider("its description cannot be read")
        }
        guard json["issuer"]?.text == issuer else { throw OpenIDRefused.provider("it says it is another") }
        /// Over TLS as the issuer itself; plain only where the issuer is, which production refuses.
        func endpoint(_ name: String) throws -> URL {
            guard let text = json[name]?.text, let url = URL(string: text), url.host?.isEmpty == false, url.fragment == nil,
                url.scheme == "https" || url.scheme == "http" && issuer.hasPrefix("http://")
            else { throw OpenIDRefused.provider("its \(name)") }
            return url
        }
        var methods: [String] = []
        if case .array(let items)? = json["token_endpoint_auth_methods_supported"] { methods = items.compactMap(\.text) }
        return Metadata(
            authorization: try endpoint("authorization_endpoint").absoluteString, token: try endpoint("token_endpoint"),
            keys: try endpoint("jwks_uri"),
            secretInBody: !methods.contains("client_secret_basic") && methods.contains("client_secret_post"))
    }

    /// The body of an answer with status 200; everything else is told by what was asked for.
    private static func document(
        _ what: String, _ client: BoundedClient, _ url: URL, form: [(String, String)]? = nil, authorization: String? = nil
    ) async throws -> [UInt8] {
        let answer: BoundedClient.Answer
        do { answer = try await client.ask(url, form: form, authorization: authorization) } catch {
            throw OpenIDRefused.provider("\(what) \(error.rawValue)")
        }
        guard answer.status == 200 else { throw OpenIDRefused.provider("\(what) answered with \(answer.status)") }
        return answer.body
    }

    private static func secret(_ path: String) throws -> String {
        let text = try KeyFile.text(at: path)?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard !text.isEmpty else { throw KeyFileError("\(path) holds no secret") }
        return text
    }
}
