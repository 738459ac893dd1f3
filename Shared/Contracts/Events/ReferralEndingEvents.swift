import Vocabulary

/// The institution said no, with a reason.
public struct ReferralDeclined: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-declined.v1"
    public static let topic = "careloop.screening.referrals.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    public var attempt: Int
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID
    public var reason: String

    public init(
        referral: ReferralID,
        attempt: Int,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID,
        reason: String
    ) {
        self.referral = referral
        self.attempt = attempt
        self.facts = facts
        self.category = category
        self.institution = institution
        self.reason = reason
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralDeclined: SchemaCoded {
    init(schema m: Careloop_V1_ReferralDeclined) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            reason: m.reason)
    }

    var schema: Careloop_V1_ReferralDeclined {
        var m = Careloop_V1_ReferralDeclined()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.facts = facts.schema
        m.category = category.schema
        m.institution = institution.text
        m.reason = reason
        return m
    }
}

/// No answer in time; the referral is back with its sender and escalated.
public struct ReferralExpired: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-expired.v1"
    public static let topic = "careloop.screening.referrals.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    public var attempt: Int
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID

    public init(
        referral: ReferralID,
        attempt: Int,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID
    ) {
        self.referral = referral
        self.attempt = attempt
        self.facts = facts
        self.category = category
        self.institution = institution
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralExpired: SchemaCoded {
    init(schema m: Careloop_V1_ReferralExpired) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) })
    }

    var schema: Careloop_V1_ReferralExpired {
        var m = Careloop_V1_ReferralExpired()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.facts = facts.schema
        m.category = category.schema
        m.institution = institution.text
        return m
    }
}

/// A deadline counted into a year whose holidays were not known yet fell on another day once they were.
public struct ReferralDeadlineMoved: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-deadline-moved.v1"
    public static let topic = "careloop.screening.referrals.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    /// 0: the guardian's choice; else the attempt whose institution is to answer.
    public var attempt: Int
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID?
    public var dueOn: LocalDate

    public init(
        referral: ReferralID,
        attempt: Int,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID? = nil,
        dueOn: LocalDate
    ) {
        self.referral = referral
        self.attempt = attempt
        self.facts = facts
        self.category = category
        self.institution = institution
        self.dueOn = dueOn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralDeadlineMoved: SchemaCoded {
    init(schema m: Careloop_V1_ReferralDeadlineMoved) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: m.hasInstitution
                ? try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) } : nil,
            dueOn: try parsed("due_on", m.dueOn) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_ReferralDeadlineMoved {
        var m = Careloop_V1_ReferralDeadlineMoved()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.facts = facts.schema
        m.category = category.schema
        if let institution { m.institution = institution.text }
        m.dueOn = dueOn.text
        return m
    }
}

/// The sender took the referral back.
public struct ReferralWithdrawn: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-withdrawn.v1"
    public static let topic = "careloop.screening.referrals.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    /// 0 when no institution had been asked.
    public var attempt: Int
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID?
    public var reason: String

    public init(
        referral: ReferralID,
        attempt: Int,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID? = nil,
        reason: String
    ) {
        self.referral = referral
        self.attempt = attempt
        self.facts = facts
        self.category = category
        self.institution = institution
        self.reason = reason
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralWithdrawn: SchemaCoded {
    init(schema m: Careloop_V1_ReferralWithdrawn) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: m.hasInstitution
                ? try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) } : nil,
            reason: m.reason)
    }

    var schema: Careloop_V1_ReferralWithdrawn {
        var m = Careloop_V1_ReferralWithdrawn()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.facts = facts.schema
        m.category = category.schema
        if let institution { m.institution = institution.text }
        m.reason = reason
        return m
    }
}

/// No institution serves this child now; on the clerk's list.
public struct ReferralUnplaced: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-unplaced.v1"
    public static let topic = "careloop.screening.referrals.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var attempts: Int

    public init(
        referral: ReferralID,
        facts: PersonFacts,
        category: AssistanceCategory,
        attempts: Int
    ) {
        self.referral = referral
        self.facts = facts
        self.category = category
        self.attempts = attempts
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralUnplaced: SchemaCoded {
    init(schema m: Careloop_V1_ReferralUnplaced) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            attempts: Int(m.attempts))
    }

    var schema: Careloop_V1_ReferralUnplaced {
        var m = Careloop_V1_ReferralUnplaced()
        m.referral = referral.text
        m.facts = facts.schema
        m.category = category.schema
        m.attempts = Int64(attempts)
        return m
    }
}
