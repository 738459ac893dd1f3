import Contracts
import Crypto
import Foundation
import Persistence
import Synchronization
import Vocabulary

/// Bytes sealed under one person's key, with everything needed to open them but the key.
struct SealedBytes: Hashable, Sendable {
    var keyID: String
    var keyVersion: Int64
    var algorithm: String
    var ciphertext: [UInt8]
}

/// Seals and opens what identifies a person, each under a key of that person's own, kept in a store beside the service's.
///
/// A key is durable before anything is sealed with it. Destroying it makes every copy of what it sealed unreadable, backups included.
/// Blocking and thread-safe.
final class PersonVault: Sendable {
    enum Failure: Error, Sendable {
        /// The key is destroyed: the person asked to be forgotten.
        case erased
        /// The bytes are not what was sealed for this person.
        case tampered
    }

    static let algorithm = "AES-256-GCM"
    /// Keys made ahead in one transaction, so that a person costs no fsync of their own.
    private static let poolSize = 256

    private let keys: any Database
    private let pool = Mutex<[Key]>([])

    private struct Key: Sendable {
        let id: String
        let bytes: [UInt8]
    }

    /// Brings the key store's schema up to date.
    init(keys: any Database) throws {
        self.keys = keys
        try keys.migrate(RegistrationSchema.keyMigrations)
    }

    /// Seals `bytes` for `person`, under the key `keyID` names or, without one, under a key nobody has used.
    func seal(_ bytes: [UInt8], for person: PersonID, keyID: String?) throws -> SealedBytes {
        let key = try keyID.map { try self.key($0) } ?? freshKey()
        let box = try AES.GCM.seal(bytes, using: SymmetricKey(data: key.bytes), authenticating: context(person, version: 1))
        guard let combined = box.combined else { preconditionFailure("a 12-byte nonce always has a combined form") }
        return SealedBytes(keyID: key.id, keyVersion: 1, algorithm: Self.algorithm, ciphertext: [UInt8](combined))
    }

    /// Opens what was sealed for `person`. Throws `erased` when the key is gone, `tampered` when the bytes belong to somebody else.
    func open(_ sealed: SealedBytes, for person: PersonID) throws -> [UInt8] {
        guard sealed.algorithm == Self.algorithm else { throw Failure.tampered }
        let key = try key(sealed.keyID)
        do {
            let box = try AES.GCM.SealedBox(combined: sealed.ciphertext)
            return [UInt8](
                try AES.GCM.open(box, using: SymmetricKey(data: key.bytes), authenticating: context(person, version: sealed.keyVersion)))
        } catch { throw Failure.tampered }
    }

    /// Destroys a key; doing it twice is fine.
    func destroy(keyID: String) throws { _ = try keys.write { try $0.run(Statements.delete, [.text(keyID)]) } }

    private func key(_ id: String) throws -> Key {
        guard let bytes = try keys.read({ try $0.first(Statements.key, [.text(id)]) { $0.blob(0) } }) else { throw Failure.erased }
        return Key(id: id, bytes: bytes)
    }

    private func freshKey() throws -> Key {
        try pool.withLock { pool in
            if let key = pool.popLast() { return key }
            let made = (0..<Self.poolSize).map { _ in
                Key(id: Self.random(16).map { String(format: "%02x", $0) }.joined(), bytes: Self.random(32))
            }
            try keys.write { tx in
                for key in made { try tx.run(Statements.insert, [.text(key.id), .blob(key.bytes)]) }
            }
            pool = Array(made.dropLast())
            return made[made.count - 1]
        }
    }

    private static func random(_ count: Int) -> [UInt8] {
        SymmetricKey(size: SymmetricKeySize(bitCount: count * 8)).withUnsafeBytes { [UInt8]($0) }
    }

    /// Bound into the seal, so that one person's bytes cannot stand in another's row.
    private func context(_ person: PersonID, version: Int64) -> [UInt8] { Array("\(person.text)/\(version)".utf8) }

    private enum Statements {
        static let key = SQL("SELECT key_bytes FROM person_keys WHERE key_id = ?")
        static let insert = SQL("INSERT INTO person_keys (key_id, key_bytes) VALUES (?, ?)")
        static let delete = SQL("DELETE FROM person_keys WHERE key_id = ?")
    }
}

extension PersonVault {
    func seal(_ secrets: PersonSecrets, for person: PersonID, keyID: String?) throws -> SealedBytes {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return try seal([UInt8](try encoder.encode(secrets)), for: person, keyID: keyID)
    }

    func openSecrets(_ sealed: SealedBytes, for person: PersonID) throws -> PersonSecrets {
        try JSONDecoder().decode(PersonSecrets.self, from: Data(try open(sealed, for: person)))
    }
}
