import Contracts
import Foundation
import ServiceRuntime
import Vocabulary

/// The keys of one installation: a directory only its owner may read. `token-signing.key` signs tokens and stays with the operator; the
/// services get `token-keys.json` (public), and Registration and Screening `person.key`.
struct KeyStore: Sendable {
    let directory: String
    private let signer: TokenSigner

    var signingFile: String { "\(directory)/token-signing.key" }
    var publicFile: String { "\(directory)/token-keys.json" }
    var personFile: String { "\(directory)/person.key" }

    /// Makes new keys in a directory that has none; an existing one is never overwritten.
    ///
    /// `simulationSeed` makes the person key from a seed, so that a simulation of synthetic people gives them the same ids every time. Such a
    /// key protects nobody and is for runs of this tool alone.
    static func make(in directory: String, simulationSeed: UInt64? = nil) throws -> KeyStore {
        try Files.makeDirectory(directory, mode: 0o700)
        let store = KeyStore(directory: directory, signer: TokenSigner())
        do {
            try store.signer.write(store.signingFile)
            var keys = TokenKeySet()
            keys.add(store.signer.publicKey, id: store.signer.keyID)
            try keys.write(store.publicFile)
            try KeyFile.save(simulationSeed.map(seededPersonKey) ?? PersonKey.makeFile(), to: store.personFile)
        } catch {
            throw FileTrouble(path: directory, reason: "\(error)")
        }
        return store
    }

    private static func seededPersonKey(_ seed: UInt64) -> String {
        var random = SplitMix64(seed: seed, stream: "person key of a simulation")
        let hex = (0..<4).map { _ in
            let word = String(random.next(), radix: 16)
            return String(repeating: "0", count: 16 - word.utf8.count) + word
        }.joined()
        return "# Made from a simulation's seed: protects nobody.\n1 \(hex)\n"
    }

    static func load(_ directory: String) throws -> KeyStore {
        do {
            return KeyStore(directory: directory, signer: try TokenSigner.read("\(directory)/token-signing.key"))
        } catch {
            throw FileTrouble(path: directory, reason: "\(error)")
        }
    }

    /// A signed token, to send with requests or, as a link, to sign in at a page. `lifetime` counts elapsed time, never business time.
    func issue(_ grant: Grant, lifetime: Duration = .seconds(86_400), isLink: Bool = false) throws -> String {
        guard let role = Role(rawValue: grant.role.rawValue) else { preconditionFailure("\(grant.role) is no role of the services") }
        var generator = SystemRandomNumberGenerator()
        let id = String(generator.next() as UInt64, radix: 36) + String(generator.next() as UInt64, radix: 36)
        return try signer.sign(
            TokenClaims(
                subject: grant.user, role: role, organisation: grant.organisation, region: grant.region,
                issuedAt: SystemInstant.now().milliseconds / 1000, lifetimeSeconds: lifetime.components.seconds, id: id,
                audience: isLink ? .link : .bearer))
    }
}

extension KeyStore {
    /// Adds a token's id to what the services refuse.
    func revoke(_ tokenID: String) throws {
        do {
            var keys = try TokenKeySet.read(publicFile)
            keys.revoke(tokenID)
            try keys.write(publicFile)
        } catch { throw FileTrouble(path: publicFile, reason: "\(error)") }
    }

    /// Replaces the signing key of a directory and gives its id. The public file comes first: no token is signed that nobody can verify yet.
    /// With `dropOld` every token of older keys is refused from then on; without, they run out by themselves.
    static func rotate(_ directory: String, dropOld: Bool) throws -> String {
        let old = try load(directory)
        let signer = TokenSigner()
        do {
            let known = try TokenKeySet.read(old.publicFile)
            var keys = TokenKeySet(keys: dropOld ? [:] : known.keys, revoked: known.revoked)
            keys.add(signer.publicKey, id: signer.keyID)
            let fresh = "\(old.signingFile).\(signer.keyID)"
            try signer.write(fresh)
            try keys.write(old.publicFile)
            guard rename(fresh, old.signingFile) == 0 else {
                throw FileTrouble(path: old.signingFile, reason: String(cString: strerror(errno)))
            }
        } catch let error as FileTrouble { throw error } catch { throw FileTrouble(path: directory, reason: "\(error)") }
        return signer.keyID
    }

    /// The id of a token's own text, or the id itself.
    static func tokenID(_ text: String) -> String? {
        guard text.contains(".") else { return (1...64).contains(text.utf8.count) ? text : nil }
        return TokenClaims.tokenID(in: text)
    }
}

/// Who a token makes its bearer.
struct Grant: Hashable, Sendable {
    /// The roles a token may carry, as the services spell them.
    enum Kind: String, CaseIterable, Sendable {
        case healthBureau, clerk, reviewer, rehabilitationCentre, employer, finance, auditor, dashboard
        case `operator`
    }

    var role: Kind
    /// Nil for operators only.
    var organisation: OrganisationID?
    var region: RegionCode
    /// A pseudonym.
    var user: String

    static let systemOperator = Grant(role: .operator, organisation: nil, region: RegionCode(trusted: "37"), user: "operator")
    /// Whoever looks into the audit trail and into leaks, where no token is given.
    static let auditor = Grant(
        role: .auditor, organisation: OrganisationID(trusted: "operations"), region: RegionCode(trusted: "37"), user: "operator")
}
