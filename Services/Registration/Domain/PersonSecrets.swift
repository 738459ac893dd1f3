import Vocabulary

/// Everything that says who a person is. Exists only inside Registration, in memory while it is needed, and sealed under the person's own
/// key everywhere else. Not `CustomStringConvertible` by accident: what is printed is a placeholder.
struct PersonSecrets: Codable, Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var name: String
    var documentKind: DocumentKind
    var documentNumber: String
    /// `YYYY-MM-DD`; the month alone leaves this service.
    var birthDate: String
    var birthOrder: Int?
    var telephone: String?
    var address: String?
    var guardianName: String?
    var guardianTelephone: String?
    /// Citizen ID checked at a window, where the file was opened under another document.
    var citizenID: String?

    /// The citizen ID on file, whichever way it came.
    var knownCitizenID: String? { citizenID ?? (documentKind == .citizenID ? documentNumber : nil) }

    var description: String { "PersonSecrets(withheld)" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
