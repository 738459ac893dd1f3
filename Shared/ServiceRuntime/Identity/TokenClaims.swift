import Vocabulary

/// What a bearer token says. Times are seconds of elapsed time since 1970, never business time.
public struct TokenClaims: Sendable, Equatable {
    public static let issuer = "careloop"
    /// What a token is for: one that opens a page is no bearer token, nor the other way round.
    public enum Audience: String, Sendable, CaseIterable {
        case bearer = "careloop"
        /// Signs its holder in at a page, once in each service.
        case link = "careloop-link"
    }

    public var audience = Audience.bearer

    /// The pseudonymous user.
    public var subject: String
    public var role: Role
    /// The organisation the user acts for; nil for operators only.
    public var organisation: OrganisationID?
    /// Root of the region subtree.
    public var region: RegionCode
    public var issuedAt: Int64
    public var notBefore: Int64
    public var expires: Int64
    /// Identifies the token, so that it can be revoked.
    public var id: String

    public init(
        subject: String, role: Role, organisation: OrganisationID?, region: RegionCode, issuedAt: Int64, lifetimeSeconds: Int64, id: String,
        audience: Audience = .bearer
    ) {
        self.audience = audience
        self.subject = subject
        self.role = role
        self.organisation = organisation
        self.region = region
        self.issuedAt = issuedAt
        notBefore = issuedAt
        expires = issuedAt + lifetimeSeconds
        self.id = id
    }

    /// The id a token says it has, whether it is good or not: for revoking it. Nil when it is none.
    public static func tokenID(in token: String) -> String? {
        // What is wrong with it does not matter to whoever wants it refused.
        (try? CompactJWS(token).claims)?["jti"]?.text
    }

    /// Who the token makes its bearer.
    public var actor: Actor { Actor(organisation: organisation, role: role, user: subject, region: region) }

    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("iss", .string(Self.issuer)), ("aud", .string(audience.rawValue)), ("sub", .string(subject)), ("role", .string(role.rawValue)),
        ]
        if let organisation { members.append(("org", .string(organisation.text))) }
        members += [
            ("region", .string(region.text)), ("iat", .number(String(issuedAt))), ("nbf", .number(String(notBefore))),
            ("exp", .number(String(expires))), ("jti", .string(id)),
        ]
        return .object(members)
    }

    /// Reads a payload; every claim must be there, of its type, and no other. Times are checked by the verifier.
    init(json: JSONValue) throws(TokenRefused) {
        guard case .object(let members) = json else { throw .malformed("payload") }
        let known: Set<String> = ["iss", "aud", "sub", "role", "org", "region", "iat", "nbf", "exp", "jti"]
        guard members.allSatisfy({ known.contains($0.0) }) else { throw .malformed("unknown claim") }
        guard json["iss"]?.text == Self.issuer else { throw .malformed("iss") }
        guard let audience = json["aud"]?.text.flatMap(Audience.init(rawValue:)) else { throw .malformed("aud") }
        guard let subject = json["sub"]?.text, Actor.isUser(subject) else { throw .malformed("sub") }
        guard let role = json["role"]?.text.flatMap(Role.init(rawValue:)), Role.grantable.contains(role) else { throw .malformed("role") }
        guard let regionText = json["region"]?.text, let region = try? RegionCode(regionText) else { throw .malformed("region") }
        guard let id = json["jti"]?.text, (1...64).contains(id.utf8.count) else { throw .malformed("jti") }
        guard let issuedAt = json["iat"]?.int, let notBefore = json["nbf"]?.int, let expires = json["exp"]?.int,
            [issuedAt, notBefore, expires].allSatisfy({ (0...253_402_300_799).contains($0) })
        else { throw .malformed("times") }
        var organisation: OrganisationID?
        if let claim = json["org"] {
            guard let text = claim.text, let parsed = try? OrganisationID(text) else { throw .malformed("org") }
            organisation = parsed
        }
        guard organisation != nil || role == .operator else { throw .malformed("org") }
        self.audience = audience
        self.subject = subject
        self.role = role
        self.organisation = organisation
        self.region = region
        self.issuedAt = issuedAt
        self.notBefore = notBefore
        self.expires = expires
        self.id = id
    }
}

/// Why a token is not accepted. Told to logs and metrics as a word; the bearer hears only `TOKEN_INVALID` or `TOKEN_EXPIRED`.
public enum TokenRefused: Error, Sendable, Equatable {
    case malformed(String)
    case algorithm
    case unknownKey
    case signature
    case revoked
    case expired
    case notYetValid
    case lifetime

    /// What the bearer is told.
    public var problem: Problem {
        switch self {
        case .expired, .notYetValid: .unauthenticated("TOKEN_EXPIRED")
        case .malformed, .algorithm, .unknownKey, .signature, .revoked, .lifetime: .unauthenticated("TOKEN_INVALID")
        }
    }
}
