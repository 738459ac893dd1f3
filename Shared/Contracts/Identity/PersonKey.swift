import Crypto
import Vocabulary

/// What a person is identified by before there is a `PersonID`: a document, and where the document is a guardian's, which child of hers.
public struct PersonIdentifier: Hashable, Sendable {
    public let kind: DocumentKind
    /// As on the document, upper case.
    public let number: String
    /// Both only with a guardian's document, whose number alone would make siblings one person.
    public let birthDate: LocalDate?
    public let birthOrder: Int?

    /// `birthDate` and `birthOrder` count only for a guardian's document; whatever is passed for the other kinds is left out.
    public init(_ kind: DocumentKind, number: String, birthDate: LocalDate? = nil, birthOrder: Int? = nil) {
        self.kind = kind
        self.number = number.uppercased()
        self.birthDate = kind == .guardianDocument ? birthDate : nil
        self.birthOrder = kind == .guardianDocument ? birthOrder : nil
    }

    fileprivate var canonical: String {
        guard kind == .guardianDocument else { return "\(kind.rawValue)\u{1f}\(number)" }
        return "\(kind.rawValue)\u{1f}\(number)\u{1f}\(birthDate?.text ?? "")\u{1f}\(birthOrder ?? 1)"
    }
}

/// The versioned key that turns documents into `PersonID`s by HMAC-SHA-256. Only Registration and Screening hold it; both give the same
/// person the same id without asking each other.
///
/// Its file has one line per version, `1 <64 hex digits>`; lines that begin with `#` are remarks. The highest version mints; older ones
/// still find the persons they minted. A version is never removed while somebody it minted is on file.
public struct PersonKey: Sendable {
    /// Why a key file is of no use. Never holds key material.
    public struct Unusable: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    private struct Version: Sendable {
        let number: Int
        /// The code keyed and with nothing in it yet: setting the key up costs as much as a short text, so every text starts from a copy.
        let code: HMAC<SHA256>
    }

    /// Newest first; never empty.
    private let versions: [Version]

    /// From the text of a key file.
    public init(file text: String) throws(Unusable) {
        var versions: [Version] = []
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") && line.contains(where: { !$0.isWhitespace }) {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let number = Int(parts[0]), (1...999).contains(number), let key = Hex.bytes(parts[1]),
                key.count == 32
            else {
                throw Unusable(description: "each line of a person key file is a version from 1 to 999, a blank and 64 hex digits")
            }
            guard !versions.contains(where: { $0.number == number }) else {
                throw Unusable(description: "version \(number) stands twice in the person key file")
            }
            versions.append(Version(number: number, code: HMAC<SHA256>(key: SymmetricKey(data: key))))
        }
        guard !versions.isEmpty else { throw Unusable(description: "the person key file holds no key") }
        self.versions = versions.sorted { $0.number > $1.number }
    }

    /// The text of a new key file with one random key as version 1.
    public static func makeFile() -> String {
        let key = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        return "# CareLoop person key: whoever has it can test guesses of identity numbers. Mode 0600.\n1 \(Hex.text(key))\n"
    }

    /// The id that the newest version gives.
    public func person(_ identifier: PersonIdentifier) -> PersonID { Self.person(identifier.canonical, versions[0]) }

    /// Ids the person may be known under, newest version first: look for the later ones before a new one is minted.
    public func people(_ identifier: PersonIdentifier) -> [PersonID] {
        let canonical = identifier.canonical
        return versions.map { Self.person(canonical, $0) }
    }

    /// 16 bytes that are equal for equal text and tell nothing about it without the key: for comparing content that is personal data.
    public func fingerprint(_ text: String) -> [UInt8] {
        // The oldest version, so that a new key does not make a repeat look like a conflict.
        Array(Self.authenticate("fingerprint\u{1f}" + text, versions[versions.count - 1].code).prefix(16))
    }

    private static func person(_ canonical: String, _ version: Version) -> PersonID {
        PersonID(trusted: "p\(version.number)-" + Hex.text(Array(authenticate("person\u{1f}" + canonical, version.code).prefix(16))))
    }

    private static func authenticate(_ text: String, _ keyed: HMAC<SHA256>) -> HMAC<SHA256>.MAC {
        var text = text
        return text.withUTF8 { bytes in
            var code = keyed
            code.update(data: UnsafeRawBufferPointer(bytes))
            return code.finalize()
        }
    }
}
