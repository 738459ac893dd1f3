import Crypto
import Foundation

/// Public keys by key id, and which tokens were revoked: the file `CARELOOP_TOKEN_KEYS` names. Holds nothing secret.
public struct TokenKeySet: Sendable {
    public private(set) var keys: [String: P256.Signing.PublicKey]
    /// `jti` of tokens that must not be accepted any more.
    public private(set) var revoked: Set<String>

    public init(keys: [String: P256.Signing.PublicKey] = [:], revoked: Set<String> = []) {
        self.keys = keys
        self.revoked = revoked
    }

    public mutating func add(_ key: P256.Signing.PublicKey, id: String) { keys[id] = key }
    public mutating func revoke(_ tokenID: String) { revoked.insert(tokenID) }

    /// Reads a JWK set (RFC 7517) of P-256 keys, with `revoked` beside it. Any other key in it is refused, not skipped.
    public init(json bytes: [UInt8]) throws {
        let json: JSONValue
        do { json = try JSONParser.parse(bytes) } catch { throw KeyFileError("not JSON: \(error.reason), at byte \(error.position)") }
        guard case .array(let entries)? = json["keys"] else { throw KeyFileError("has no list of keys") }
        var keys: [String: P256.Signing.PublicKey] = [:]
        for entry in entries {
            guard let id = entry["kid"]?.text, !id.isEmpty, keys[id] == nil else { throw KeyFileError("a key has no id of its own (kid)") }
            keys[id] = try JWK.publicKey(entry)
        }
        var revoked: Set<String> = []
        if let listed = json["revoked"] {
            guard case .array(let items) = listed else { throw KeyFileError("revoked is no list") }
            for item in items {
                guard let id = item.text else { throw KeyFileError("revoked holds something that is no text") }
                revoked.insert(id)
            }
        }
        self.init(keys: keys, revoked: revoked)
    }

    public var json: [UInt8] {
        JSONValue.object([
            ("keys", .array(keys.sorted { $0.key < $1.key }.map { JWK.json($0.value, id: $0.key) })),
            ("revoked", .array(revoked.sorted().map { .string($0) })),
        ]).bytes
    }

    public static func read(_ path: String) throws -> TokenKeySet {
        guard let data = FileManager.default.contents(atPath: path) else { throw KeyFileError("\(path) cannot be read") }
        do { return try TokenKeySet(json: [UInt8](data)) } catch let error as KeyFileError {
            throw KeyFileError("\(path): \(error.message)")
        }
    }

    /// Replaces the file in one step, so that a service that reloads never sees half of it.
    public func write(_ path: String) throws { try Data(json).write(to: URL(fileURLWithPath: path), options: .atomic) }
}

/// What is wrong with a key file; names the file, never its content.
public struct KeyFileError: Error, Sendable, CustomStringConvertible {
    public let message: String
    init(_ message: String) { self.message = message }
    public var description: String { message }
}

/// JSON Web Keys of the one kind in use: EC, P-256.
enum JWK {
    static func json(_ key: P256.Signing.PublicKey, id: String) -> JSONValue {
        let raw = Array(key.rawRepresentation)
        return .object([
            ("kty", .string("EC")), ("crv", .string("P-256")), ("use", .string("sig")), ("alg", .string("ES256")), ("kid", .string(id)),
            ("x", .string(Base64URL.encode(raw[..<32]))), ("y", .string(Base64URL.encode(raw[32...]))),
        ])
    }

    static func publicKey(_ json: JSONValue) throws -> P256.Signing.PublicKey {
        guard json["kty"]?.text == "EC", json["crv"]?.text == "P-256" else { throw KeyFileError("a key is not of kind EC, P-256") }
        guard let x = json["x"]?.text.flatMap({ Base64URL.decode($0) }), x.count == 32,
            let y = json["y"]?.text.flatMap({ Base64URL.decode($0) }), y.count == 32
        else { throw KeyFileError("a key has no x and y of 32 bytes") }
        do { return try P256.Signing.PublicKey(rawRepresentation: x + y) } catch { throw KeyFileError("a key is no point of P-256") }
    }
}

extension P256.Signing.PublicKey {
    /// Stands for the key itself, whatever it is called.
    var thumbprint: String { Base64URL.encode(SHA256.hash(data: rawRepresentation)) }
}

/// Signs tokens. Belongs to the tool; no service holds one.
public struct TokenSigner: Sendable {
    public let keyID: String
    private let key: P256.Signing.PrivateKey

    /// A new key pair with an id of its own.
    public init() {
        key = P256.Signing.PrivateKey()
        keyID = String(key.publicKey.thumbprint.prefix(16))
    }

    public var publicKey: P256.Signing.PublicKey { key.publicKey }

    /// A compact JWS (RFC 7515) with ES256.
    public func sign(_ claims: TokenClaims) throws -> String {
        let header = JSONValue.object([("alg", .string("ES256")), ("typ", .string("JWT")), ("kid", .string(keyID))])
        return try sign(header: header.bytes, payload: claims.json.bytes)
    }

    func sign(header: [UInt8], payload: [UInt8]) throws -> String {
        let signed = Base64URL.encode(header) + "." + Base64URL.encode(payload)
        let signature = try key.signature(for: Data(signed.utf8))
        return signed + "." + Base64URL.encode(signature.rawRepresentation)
    }

    /// Reads a private key file. Refuses one that others than its owner may read.
    public static func read(_ path: String) throws -> TokenSigner {
        let mode = (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue ?? 0o777
        guard mode & 0o077 == 0 else { throw KeyFileError("\(path) may be read by others; chmod 600 it and make a new key") }
        guard let data = FileManager.default.contents(atPath: path) else { throw KeyFileError("\(path) cannot be read") }
        guard let json = try? JSONParser.parse([UInt8](data)), let id = json["kid"]?.text,
            let secret = json["d"]?.text.flatMap({ Base64URL.decode($0) }),
            let key = try? P256.Signing.PrivateKey(rawRepresentation: secret)
        else { throw KeyFileError("\(path) holds no P-256 private key") }
        return TokenSigner(keyID: id, key: key)
    }

    private init(keyID: String, key: P256.Signing.PrivateKey) {
        self.keyID = keyID
        self.key = key
    }

    /// Writes the private key to a new file only its owner may read; never over an existing one.
    public func write(_ path: String) throws {
        let json = JSONValue.object([
            ("kty", .string("EC")), ("crv", .string("P-256")), ("kid", .string(keyID)),
            ("d", .string(Base64URL.encode(key.rawRepresentation))),
        ])
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw KeyFileError("\(path) exists already or cannot be made") }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data(json.bytes))
        try handle.synchronize()
    }
}

/// The key set file as it is now.
public typealias TokenKeyFile = WatchedFile<TokenKeySet>

extension WatchedFile where Content == TokenKeySet {
    /// Throws when the file cannot be read now.
    public convenience init(
        _ path: String, elapsed: any ElapsedTime = SystemTime(), onFailure: @escaping @Sendable (any Error) -> Void = { _ in }
    ) throws {
        try self.init(path, read: TokenKeySet.read, elapsed: elapsed, onFailure: onFailure)
    }
}
