import Crypto
import Foundation
import Vocabulary

/// Which of the provider's people are who here: the file `CARELOOP_OPENID_MAPPING` names.
///
/// A subject that is listed has its own grant; anybody else the first listed group that the provider says they are in. Whoever comes by a
/// group gets a pseudonym made of issuer and subject, so that one person stays one user whatever the group.
struct OpenIDMapping: Sendable {
    private struct File: Decodable {
        struct Entry: Decodable {
            var subject: String?
            var group: String?
            let role: Role
            let organisation: OrganisationID?
            let region: RegionCode
            let user: String?
        }

        let groupClaim: String?
        let subjects: [Entry]?
        let groups: [Entry]?
    }

    /// The claim of an ID token that lists a person's groups.
    let groupClaim: String
    private let subjects: [String: Actor]
    private let groups: [(name: String, grant: @Sendable (_ user: String) -> Actor)]

    /// Throws a `KeyFileError` that names the place of the fault and none of the people.
    init(json bytes: [UInt8]) throws {
        let file: File
        do throws(Problem) { file = try BodyDecoder.decode(File.self, from: bytes) } catch {
            throw KeyFileError([error.code, error.field, error.rule].compactMap { $0 }.joined(separator: " "))
        }
        groupClaim = file.groupClaim ?? "groups"
        var subjects: [String: Actor] = [:]
        for (index, entry) in (file.subjects ?? []).enumerated() {
            let place = "subjects[\(index)]"
            guard let subject = entry.subject, entry.group == nil else { throw KeyFileError("\(place) needs a subject and no group") }
            guard let user = entry.user, Actor.isUser(user) else {
                throw KeyFileError("\(place).user must be 1 to 64 visible ASCII characters")
            }
            try Self.check(entry, place)
            guard subjects.updateValue(Self.grant(entry)(user), forKey: subject) == nil else {
                throw KeyFileError("\(place).subject stands twice")
            }
        }
        self.subjects = subjects
        var groups: [(String, @Sendable (String) -> Actor)] = []
        for (index, entry) in (file.groups ?? []).enumerated() {
            let place = "groups[\(index)]"
            guard let group = entry.group, entry.subject == nil else { throw KeyFileError("\(place) needs a group and no subject") }
            guard entry.user == nil else { throw KeyFileError("\(place).user: a group is many people, each gets a user of their own") }
            try Self.check(entry, place)
            groups.append((group, Self.grant(entry)))
        }
        self.groups = groups.map { (name: $0.0, grant: $0.1) }
        guard !subjects.isEmpty || !groups.isEmpty else { throw KeyFileError("lists nobody") }
    }

    static func read(_ path: String) throws -> OpenIDMapping {
        guard let data = FileManager.default.contents(atPath: path) else { throw KeyFileError("\(path) cannot be read") }
        do { return try OpenIDMapping(json: [UInt8](data)) } catch let error as KeyFileError {
            throw KeyFileError("\(path): \(error.message)")
        }
    }

    /// Who `token`'s bearer is here; nil for somebody nobody has listed.
    func actor(of token: IDToken, issuer: String) -> Actor? {
        if let listed = subjects[token.subject] { return listed }
        guard let group = groups.first(where: { token.groups.contains($0.name) }) else { return nil }
        let digest = SHA256.hash(data: Array("\(issuer)\n\(token.subject)".utf8))
        return group.grant("openid-" + Base64URL.encode(digest).prefix(22))
    }

    private static func check(_ entry: File.Entry, _ place: String) throws {
        guard Role.grantable.contains(entry.role) else { throw KeyFileError("\(place).role is nobody's to give") }
        guard entry.organisation != nil || entry.role == .operator else { throw KeyFileError("\(place).organisation is missing") }
    }

    private static func grant(_ entry: File.Entry) -> @Sendable (String) -> Actor {
        let (organisation, role, region) = (entry.organisation, entry.role, entry.region)
        return { Actor(organisation: organisation, role: role, user: $0, region: region) }
    }
}
