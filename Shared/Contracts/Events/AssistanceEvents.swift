import Vocabulary

/// Rehabilitation assistance was applied for (康复救助申请).
public struct AssistanceApplied: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.assistance-applied.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var application: ApplicationID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var referral: ReferralID?
    public var planYear: Int
    public var residenceBasis: ResidenceBasis
    /// Which attempt of the referral was confirmed.
    public var attempt: Int?

    public init(
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        referral: ReferralID? = nil,
        planYear: Int,
        residenceBasis: ResidenceBasis,
        attempt: Int? = nil
    ) {
        self.application = application
        self.facts = facts
        self.category = category
        self.referral = referral
        self.planYear = planYear
        self.residenceBasis = residenceBasis
        self.attempt = attempt
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension AssistanceApplied: SchemaCoded {
    init(schema m: Careloop_V1_AssistanceApplied) throws(ContractError) {
        self.init(
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            referral: m.hasReferral ? try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) } : nil,
            planYear: Int(m.planYear),
            residenceBasis: try ResidenceBasis(schema: m.residenceBasis, field: "residence_basis"),
            attempt: m.hasAttempt ? Int(m.attempt) : nil)
    }

    var schema: Careloop_V1_AssistanceApplied {
        var m = Careloop_V1_AssistanceApplied()
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        if let referral { m.referral = referral.text }
        m.planYear = Int64(planYear)
        m.residenceBasis = residenceBasis.schema
        if let attempt { m.attempt = Int64(attempt) }
        return m
    }
}

/// The papers are complete; the review clock runs.
public struct MaterialsCompleted: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.materials-completed.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var application: ApplicationID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var decideBy: LocalDate

    public init(
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        decideBy: LocalDate
    ) {
        self.application = application
        self.facts = facts
        self.category = category
        self.decideBy = decideBy
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension MaterialsCompleted: SchemaCoded {
    init(schema m: Careloop_V1_MaterialsCompleted) throws(ContractError) {
        self.init(
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            decideBy: try parsed("decide_by", m.decideBy) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_MaterialsCompleted {
        var m = Careloop_V1_MaterialsCompleted()
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        m.decideBy = decideBy.text
        return m
    }
}

/// A second person approved.
public struct AssistanceApproved: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.assistance-approved.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var application: ApplicationID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var mode: AssistanceMode
    /// Annual standard.
    public var standardFen: Fen
    public var months: Int
    public var policyVersion: String
    public var policyStanding: PolicyStanding
    public var onTime: Bool

    public init(
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        mode: AssistanceMode,
        standardFen: Fen,
        months: Int,
        policyVersion: String,
        policyStanding: PolicyStanding,
        onTime: Bool
    ) {
        self.application = application
        self.facts = facts
        self.category = category
        self.mode = mode
        self.standardFen = standardFen
        self.months = months
        self.policyVersion = policyVersion
        self.policyStanding = policyStanding
        self.onTime = onTime
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension AssistanceApproved: SchemaCoded {
    init(schema m: Careloop_V1_AssistanceApproved) throws(ContractError) {
        self.init(
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            mode: try AssistanceMode(schema: m.mode, field: "mode"),
            standardFen: Fen(m.standardFen),
            months: Int(m.months),
            policyVersion: m.policyVersion,
            policyStanding: try PolicyStanding(schema: m.policyStanding, field: "policy_standing"),
            onTime: m.onTime)
    }

    var schema: Careloop_V1_AssistanceApproved {
        var m = Careloop_V1_AssistanceApproved()
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        m.mode = mode.schema
        m.standardFen = standardFen.value
        m.months = Int64(months)
        m.policyVersion = policyVersion
        m.policyStanding = policyStanding.schema
        m.onTime = onTime
        return m
    }
}

/// A second person rejected, with the reason.
public struct AssistanceRejected: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.assistance-rejected.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var application: ApplicationID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var reason: String
    public var onTime: Bool

    public init(
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        reason: String,
        onTime: Bool
    ) {
        self.application = application
        self.facts = facts
        self.category = category
        self.reason = reason
        self.onTime = onTime
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension AssistanceRejected: SchemaCoded {
    init(schema m: Careloop_V1_AssistanceRejected) throws(ContractError) {
        self.init(
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            reason: m.reason,
            onTime: m.onTime)
    }

    var schema: Careloop_V1_AssistanceRejected {
        var m = Careloop_V1_AssistanceRejected()
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        m.reason = reason
        m.onTime = onTime
        return m
    }
}

/// The application was taken back before training began, with the reason.
public struct AssistanceWithdrawn: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.assistance-withdrawn.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var application: ApplicationID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var reason: String

    public init(
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        reason: String
    ) {
        self.application = application
        self.facts = facts
        self.category = category
        self.reason = reason
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension AssistanceWithdrawn: SchemaCoded {
    init(schema m: Careloop_V1_AssistanceWithdrawn) throws(ContractError) {
        self.init(
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            reason: m.reason)
    }

    var schema: Careloop_V1_AssistanceWithdrawn {
        var m = Careloop_V1_AssistanceWithdrawn()
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        m.reason = reason
        return m
    }
}

/// No decision within the review time; escalated.
public struct ReviewDeadlineMissed: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.review-deadline-missed.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var application: ApplicationID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var dueOn: LocalDate

    public init(
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        dueOn: LocalDate
    ) {
        self.application = application
        self.facts = facts
        self.category = category
        self.dueOn = dueOn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReviewDeadlineMissed: SchemaCoded {
    init(schema m: Careloop_V1_ReviewDeadlineMissed) throws(ContractError) {
        self.init(
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            dueOn: try parsed("due_on", m.dueOn) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_ReviewDeadlineMissed {
        var m = Careloop_V1_ReviewDeadlineMissed()
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        m.dueOn = dueOn.text
        return m
    }
}

/// The review's last day, counted into a year whose holidays were not known yet, fell on another day once they were.
public struct ReviewDeadlineMoved: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.review-deadline-moved.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var application: ApplicationID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var decideBy: LocalDate

    public init(
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        decideBy: LocalDate
    ) {
        self.application = application
        self.facts = facts
        self.category = category
        self.decideBy = decideBy
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReviewDeadlineMoved: SchemaCoded {
    init(schema m: Careloop_V1_ReviewDeadlineMoved) throws(ContractError) {
        self.init(
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            decideBy: try parsed("decide_by", m.decideBy) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_ReviewDeadlineMoved {
        var m = Careloop_V1_ReviewDeadlineMoved()
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        m.decideBy = decideBy.text
        return m
    }
}
