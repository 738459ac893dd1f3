import Contracts
import Foundation
import ServiceRuntime
import Vocabulary

/// What a clerk enters for a person at the window.
struct RegisterPersonBody: Decodable, Sendable {
    let citizenID: String
    let name: String
    /// Compared with the ID where given.
    let sex: Sex?
    /// Compared with the ID where given.
    let birthDate: LocalDate?
    /// Residence, township or village.
    let region: RegionCode
    let telephone: String?
    let address: String?
    let guardianName: String?
    let guardianTelephone: String?

    var checkedRegion: RegionCode {
        get throws(Problem) { try field("region") { () throws(InvalidValue) in try RegionTable.shared.validated(region.text) } }
    }

    func document(today: LocalDate) throws(Problem) -> CitizenID {
        let document = try field("citizenID") { () throws(InvalidValue) in try CitizenID(citizenID, today: today) }
        if let sex, sex != document.sex { throw .invalid(field: "sex", "ID_SEX_MISMATCH") }
        if let birthDate, birthDate != document.birthDate { throw .invalid(field: "birthDate", "ID_BIRTHDATE_MISMATCH") }
        return document
    }

    func secrets(_ document: CitizenID) throws(Problem) -> PersonSecrets {
        PersonSecrets(
            name: try PersonalText.name(name, field: "name"), documentKind: .citizenID, documentNumber: document.text,
            birthDate: document.birthDate.text, telephone: try PersonalText.telephone(telephone, field: "telephone"),
            address: try PersonalText.optional(address, field: "address", limit: 200),
            guardianName: try PersonalText.optional(guardianName, field: "guardianName", limit: 100),
            guardianTelephone: try PersonalText.telephone(guardianTelephone, field: "guardianTelephone"),
            citizenID: document.text)
    }
}

struct CitizenIDBody: Decodable, Sendable {
    let citizenID: String
}

struct MergeBody: Decodable, Sendable {
    /// The file that stays.
    let into: PersonID
}

struct ErasureBody: Decodable, Sendable {
    /// Why, in words: it stands in the audit trail.
    let purpose: String
}

struct UnmergeBody: Decodable, Sendable {
    /// The file this one had been merged into.
    let from: PersonID
}

/// A file as everybody inside the federation may see it: pseudonymous.
struct PersonReply: Codable, Sendable {
    var person: PersonID
    var status: String
    var sex: Sex
    var birthMonth: YearMonth
    var region: RegionCode
    var origin: PersonOrigin
    var hasGuardian: Bool
    var mergedInto: PersonID?
    var mergeRequestedInto: PersonID?
    /// Somebody has asked for the person's erasure, and another one has not confirmed it yet.
    var erasureRequested: Bool
    var aliases: [PersonID]?

    init(_ person: PersonID, _ file: PersonFile) {
        self.person = person
        status = file.status.rawValue
        sex = file.facts.sex
        birthMonth = file.facts.birthMonth
        region = file.facts.region
        origin = file.origin
        hasGuardian = file.hasGuardian
        mergedInto = file.mergedInto
        mergeRequestedInto = file.pendingMerge?.into
        erasureRequested = file.erasureRequestedBy != nil
    }
}

/// Texts that identify a person, checked for shape only. What breaks a rule is named by its field, never repeated.
enum PersonalText {
    static func name(_ text: String, field: String) throws(Problem) -> String {
        guard let name = try optional(text, field: field, limit: 100) else { throw .invalid(field: field, "TEXT_INVALID") }
        return name
    }

    static func optional(_ text: String?, field: String, limit: Int) throws(Problem) -> String? {
        guard let text = text?.trimmingCharacters(in: .whitespacesAndNewlines), !text.isEmpty else { return nil }
        guard text.count <= limit, !text.unicodeScalars.contains(where: { CharacterSet.controlCharacters.contains($0) }) else {
            throw .invalid(field: field, "TEXT_INVALID")
        }
        return text
    }

    static func telephone(_ text: String?, field: String) throws(Problem) -> String? {
        guard let text = try optional(text, field: field, limit: 20) else { return nil }
        let allowed = text.utf8.allSatisfy { (48...57).contains($0) || $0 == 43 || $0 == 45 || $0 == 32 }
        guard allowed, text.utf8.filter({ (48...57).contains($0) }).count >= 5 else { throw .invalid(field: field, "TELEPHONE_INVALID") }
        return text
    }

    /// Why somebody reads personal data: words only, so that no number of anybody ends in the audit log. Nil when it is none.
    static func purpose(_ text: String?) -> String? {
        guard let text = text?.trimmingCharacters(in: .whitespacesAndNewlines), (3...80).contains(text.count),
            text.unicodeScalars.allSatisfy({ $0.properties.isAlphabetic || $0 == " " || $0 == "-" })
        else { return nil }
        return text
    }
}
