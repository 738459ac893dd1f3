import Vocabulary

/// What somebody may be (角色). Each token names exactly one.
public enum Role: String, CaseIterable, Codable, Hashable, Sendable {
    /// A health bureau (卫健部门): publishes screening results, reads its receipts.
    case healthBureau
    /// A window clerk of the disabled persons' federation (残联经办人).
    case clerk
    /// The second person who approves (审核人); never the clerk of the same matter.
    case reviewer
    /// A rehabilitation centre (康复机构).
    case rehabilitationCentre
    /// An employer (用人单位).
    case employer
    /// Pays settlements (财务).
    case finance
    /// Reads everything within the region, writes nothing (审计).
    case auditor
    /// Reads figures (看板).
    case dashboard
    /// A CareLoop service acting on an event or a deadline. Never in a token.
    case service
    /// Somebody without a token (公众), where a page or a figure is for everyone. Never in a token.
    case visitor
    /// Runs the system: clock, dead letters, status. Sees no person.
    case `operator`

    /// Roles a token may carry.
    public static let grantable: [Role] = allCases.filter { $0 != .service && $0 != .visitor }
}

/// Who does something: a pseudonymous user of an organisation in one role, within one region and everything below it.
public struct Actor: Hashable, Sendable {
    /// Nil for services and operators, who belong to no organisation of the directory.
    public let organisation: OrganisationID?
    public let role: Role
    /// A pseudonym; never a name or a number that identifies anybody.
    public let user: String
    /// The root of the region subtree this actor may act in; nil for services and visitors.
    public let region: RegionCode?

    public init(organisation: OrganisationID?, role: Role, user: String, region: RegionCode?) {
        self.organisation = organisation
        self.role = role
        self.user = user
        self.region = region
    }

    /// A service acting by itself.
    public static func service(_ name: String) -> Actor { Actor(organisation: nil, role: .service, user: name, region: nil) }

    /// Somebody without a token: covers no region.
    public static let visitor = Actor(organisation: nil, role: .visitor, user: "visitor", region: nil)

    /// Whether `text` may name a user: 1 to 64 visible ASCII characters.
    static func isUser(_ text: String) -> Bool { (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (33...126).contains($0) } }

    /// Scopes idempotency keys: two users of one organisation never meet, nor one user in two roles.
    public var principal: String { "\(organisation?.text ?? "-")/\(role.rawValue)/\(user)" }

    /// Who acts, for a rule that wants two people: the user within the organisation, whatever role the token names. One person with two roles
    /// is one, two organisations' users of one name are two.
    public var signature: String { "\(organisation?.text ?? "-")/\(user)" }

    /// True when both signatures are one person's. Older builds kept the bare user: such a one is everybody's of that name.
    public static func isSame(_ kept: String, as signature: String) -> Bool { kept == signature || signature.hasSuffix("/" + kept) }

    /// True when `place` lies in this actor's subtree; a service acts everywhere.
    public func covers(_ place: RegionCode) -> Bool {
        guard let region else { return role == .service }
        return region.contains(place)
    }

    /// Throws 403 `REGION_OUT_OF_SCOPE` when `place` lies outside this actor's subtree.
    public func mayAct(in place: RegionCode) throws(Problem) {
        guard covers(place) else { throw .forbidden("REGION_OUT_OF_SCOPE") }
    }

    /// Throws `unknown` when an object of `place` lies outside this actor's subtree: for whoever may not see it, it does not exist. `unknown`
    /// is the very answer to an id that never was, so that no answer tells the two apart.
    public func mustSee<Unknown: Error>(_ place: RegionCode, orElse unknown: Unknown) throws(Unknown) {
        guard covers(place) else { throw unknown }
    }

    /// Throws 403 `ROLE_NOT_ALLOWED` unless the role is one of `roles`.
    public func must(be roles: [Role]) throws(Problem) {
        guard roles.contains(role) else { throw .forbidden("ROLE_NOT_ALLOWED") }
    }
}

extension Role {
    /// As people say it.
    public var name: BilingualName {
        switch self {
        case .healthBureau: BilingualName(zh: "卫生健康部门", en: "Health bureau")
        case .clerk: BilingualName(zh: "经办人", en: "Clerk")
        case .reviewer: BilingualName(zh: "审核人", en: "Reviewer")
        case .rehabilitationCentre: BilingualName(zh: "康复机构", en: "Rehabilitation centre")
        case .employer: BilingualName(zh: "用人单位", en: "Employer")
        case .finance: BilingualName(zh: "财政", en: "Finance")
        case .auditor: BilingualName(zh: "审计", en: "Auditor")
        case .dashboard: BilingualName(zh: "数据看板", en: "Figures")
        case .service: BilingualName(zh: "服务", en: "Service")
        case .visitor: BilingualName(zh: "公众", en: "Visitor")
        case .operator: BilingualName(zh: "运维", en: "Operator")
        }
    }
}
