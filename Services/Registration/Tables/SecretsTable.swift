import Persistence
import Vocabulary

/// Sealed personal data, one row a person, and sealed certificate numbers.
enum SecretsTable {
    static func sealed(_ person: PersonID, in tx: any Transaction) throws -> SealedBytes? {
        try tx.first(Statements.load, [.text(person.text)], sealed(row:))
    }

    /// What identifies `person`; nil when there is nothing on file or the person is erased.
    static func open(_ person: PersonID, with vault: PersonVault, in tx: any Transaction) throws -> PersonSecrets? {
        guard let bytes = try sealed(person, in: tx) else { return nil }
        do { return try vault.openSecrets(bytes, for: person) } catch PersonVault.Failure.erased { return nil }
    }

    /// Keeps `secrets` under the key the person already has, or a first one.
    static func keep(_ secrets: PersonSecrets, of person: PersonID, with vault: PersonVault, in tx: any Transaction) throws {
        let known = try sealed(person, in: tx)
        let sealed = try vault.seal(secrets, for: person, keyID: known?.keyID)
        try tx.run(
            Statements.save,
            [.text(person.text), .text(sealed.keyID), .int(sealed.keyVersion), .text(sealed.algorithm), .blob(sealed.ciphertext)])
    }

    /// Removes the sealed bytes and destroys their key. The key goes first: a crash in between leaves the person unreadable, never readable.
    static func erase(_ person: PersonID, with vault: PersonVault, in tx: any Transaction) throws {
        // Whatever was sealed for the person under whichever key: a number may have one that the file does not know.
        let known = try sealed(person, in: tx).map { [$0.keyID] } ?? []
        let keys = try Set(known + tx.rows(Statements.numberKeys, [.text(person.text)]) { $0.text(0) })
        for key in keys.sorted() { try vault.destroy(keyID: key) }
        try tx.run(Statements.deleteNumbers, [.text(person.text)])
        try tx.run(Statements.delete, [.text(person.text)])
    }

    /// Throws `personErased` when nothing is sealed for the person any more: a number begins with what an erasure made unreadable.
    static func keepNumber(
        _ number: String, of certificate: CertificateID, _ person: PersonID, with vault: PersonVault, in tx: any Transaction
    ) throws {
        guard let known = try sealed(person, in: tx) else { throw PersonRefusal.personErased }
        let sealed = try vault.seal(Array(number.utf8), for: person, keyID: known.keyID)
        try tx.run(
            Statements.saveNumber,
            [
                .text(certificate.text), .text(person.text), .text(sealed.keyID), .int(sealed.keyVersion), .text(sealed.algorithm),
                .blob(sealed.ciphertext),
            ])
    }

    static func number(
        of certificate: CertificateID, _ person: PersonID, with vault: PersonVault, in tx: any Transaction
    ) throws -> String? {
        guard let sealed = try tx.first(Statements.number, [.text(certificate.text)], sealed(row:)) else { return nil }
        do {
            return String(decoding: try vault.open(sealed, for: person), as: UTF8.self)
        } catch PersonVault.Failure.erased { return nil }
    }

    private static func sealed(row: borrowing Row) -> SealedBytes {
        SealedBytes(keyID: row.text(0), keyVersion: row.int(1), algorithm: row.text(2), ciphertext: row.blob(3))
    }

    private enum Statements {
        static let load = SQL("SELECT key_id, key_version, algorithm, ciphertext FROM person_secrets WHERE person = ?")
        static let save = SQL(
            """
            INSERT INTO person_secrets (person, key_id, key_version, algorithm, ciphertext) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (person) DO UPDATE SET key_id = excluded.key_id, key_version = excluded.key_version,
              algorithm = excluded.algorithm, ciphertext = excluded.ciphertext
            """)
        static let delete = SQL("DELETE FROM person_secrets WHERE person = ?")
        static let saveNumber = SQL(
            """
            INSERT INTO certificate_numbers (certificate, person, key_id, key_version, algorithm, ciphertext) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (certificate) DO UPDATE SET ciphertext = excluded.ciphertext
            """)
        static let number = SQL("SELECT key_id, key_version, algorithm, ciphertext FROM certificate_numbers WHERE certificate = ?")
        static let numberKeys = SQL("SELECT key_id FROM certificate_numbers WHERE person = ?")
        static let deleteNumbers = SQL("DELETE FROM certificate_numbers WHERE person = ?")
    }
}
