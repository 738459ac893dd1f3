import Vocabulary

/// One training month of one child in money; the unit of settlement. All amounts in fen.
public struct SettlementLine: Hashable, Sendable {
    public var line: LineID
    public var month: YearMonth
    /// 1 to 10 among counted months; 0 when the month does not count.
    public var ordinal: Int
    public var serviceDays: Int
    public var counted: Bool
    public var grossFen: Fen
    public var basicInsuranceFen: Fen
    public var seriousIllnessFen: Fen
    public var medicalReliefFen: Fen
    public var otherInsuranceFen: Fen
    /// gross less the four insurances.
    public var selfPayFen: Fen
    public var subsidyFen: Fen
    /// self-pay less subsidy; negative when an earlier over-payment comes back.
    public var parentsFen: Fen
    public var policyVersion: String

    public init(
        line: LineID,
        month: YearMonth,
        ordinal: Int,
        serviceDays: Int,
        counted: Bool,
        grossFen: Fen,
        basicInsuranceFen: Fen,
        seriousIllnessFen: Fen,
        medicalReliefFen: Fen,
        otherInsuranceFen: Fen,
        selfPayFen: Fen,
        subsidyFen: Fen,
        parentsFen: Fen,
        policyVersion: String
    ) {
        self.line = line
        self.month = month
        self.ordinal = ordinal
        self.serviceDays = serviceDays
        self.counted = counted
        self.grossFen = grossFen
        self.basicInsuranceFen = basicInsuranceFen
        self.seriousIllnessFen = seriousIllnessFen
        self.medicalReliefFen = medicalReliefFen
        self.otherInsuranceFen = otherInsuranceFen
        self.selfPayFen = selfPayFen
        self.subsidyFen = subsidyFen
        self.parentsFen = parentsFen
        self.policyVersion = policyVersion
    }
}

extension SettlementLine: SchemaCoded {
    init(schema m: Careloop_V1_SettlementLine) throws(ContractError) {
        self.init(
            line: try parsed("line", m.line) { text throws(InvalidValue) in try LineID(text) },
            month: try parsed("month", m.month) { text throws(InvalidValue) in try YearMonth(text) },
            ordinal: Int(m.ordinal),
            serviceDays: Int(m.serviceDays),
            counted: m.counted,
            grossFen: Fen(m.grossFen),
            basicInsuranceFen: Fen(m.basicInsuranceFen),
            seriousIllnessFen: Fen(m.seriousIllnessFen),
            medicalReliefFen: Fen(m.medicalReliefFen),
            otherInsuranceFen: Fen(m.otherInsuranceFen),
            selfPayFen: Fen(m.selfPayFen),
            subsidyFen: Fen(m.subsidyFen),
            parentsFen: Fen(m.parentsFen),
            policyVersion: m.policyVersion)
    }

    var schema: Careloop_V1_SettlementLine {
        var m = Careloop_V1_SettlementLine()
        m.line = line.text
        m.month = month.text
        m.ordinal = Int64(ordinal)
        m.serviceDays = Int64(serviceDays)
        m.counted = counted
        m.grossFen = grossFen.value
        m.basicInsuranceFen = basicInsuranceFen.value
        m.seriousIllnessFen = seriousIllnessFen.value
        m.medicalReliefFen = medicalReliefFen.value
        m.otherInsuranceFen = otherInsuranceFen.value
        m.selfPayFen = selfPayFen.value
        m.subsidyFen = subsidyFen.value
        m.parentsFen = parentsFen.value
        m.policyVersion = policyVersion
        return m
    }
}

/// A designated institution's agreement (定点协议) is in force.
public struct AgreementActivated: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.agreement-activated.v1"
    public static let topic = "careloop.rehabilitation.institutions.v1"
    public var key: String { institution.text }

    public var institution: OrganisationID
    public var region: RegionCode
    public var categories: [AssistanceCategory]
    public var capacity: Int
    public var validFrom: LocalDate
    public var validTo: LocalDate

    public init(
        institution: OrganisationID,
        region: RegionCode,
        categories: [AssistanceCategory],
        capacity: Int,
        validFrom: LocalDate,
        validTo: LocalDate
    ) {
        self.institution = institution
        self.region = region
        self.categories = categories
        self.capacity = capacity
        self.validFrom = validFrom
        self.validTo = validTo
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension AgreementActivated: SchemaCoded {
    init(schema m: Careloop_V1_AgreementActivated) throws(ContractError) {
        self.init(
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            categories: try m.categories.map { element throws(ContractError) in try AssistanceCategory(schema: element, field: "categories")
            },
            capacity: Int(m.capacity),
            validFrom: try parsed("valid_from", m.validFrom) { text throws(InvalidValue) in try LocalDate(text) },
            validTo: try parsed("valid_to", m.validTo) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_AgreementActivated {
        var m = Careloop_V1_AgreementActivated()
        m.institution = institution.text
        m.region = region.text
        m.categories = categories.map { $0.schema }
        m.capacity = Int64(capacity)
        m.validFrom = validFrom.text
        m.validTo = validTo.text
        return m
    }
}

/// Places taken at an institution, reserved ones included.
public struct PlacesChanged: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.places-changed.v1"
    public static let topic = "careloop.rehabilitation.institutions.v1"
    public var key: String { institution.text }

    public var institution: OrganisationID
    public var capacity: Int
    public var taken: Int

    public init(
        institution: OrganisationID,
        capacity: Int,
        taken: Int
    ) {
        self.institution = institution
        self.capacity = capacity
        self.taken = taken
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension PlacesChanged: SchemaCoded {
    init(schema m: Careloop_V1_PlacesChanged) throws(ContractError) {
        self.init(
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            capacity: Int(m.capacity),
            taken: Int(m.taken))
    }

    var schema: Careloop_V1_PlacesChanged {
        var m = Careloop_V1_PlacesChanged()
        m.institution = institution.text
        m.capacity = Int64(capacity)
        m.taken = Int64(taken)
        return m
    }
}

/// A centre accepted and a place is reserved; Screening decides.
public struct ReferralClaimed: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.referral-claimed.v1"
    public static let topic = "careloop.rehabilitation.answers.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    public var attempt: Int
    public var institution: OrganisationID

    public init(
        referral: ReferralID,
        attempt: Int,
        institution: OrganisationID
    ) {
        self.referral = referral
        self.attempt = attempt
        self.institution = institution
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralClaimed: SchemaCoded {
    init(schema m: Careloop_V1_ReferralClaimed) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) })
    }

    var schema: Careloop_V1_ReferralClaimed {
        var m = Careloop_V1_ReferralClaimed()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.institution = institution.text
        return m
    }
}

/// A centre declined.
public struct ReferralRefused: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.referral-refused.v1"
    public static let topic = "careloop.rehabilitation.answers.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    public var attempt: Int
    public var institution: OrganisationID
    public var reason: String

    public init(
        referral: ReferralID,
        attempt: Int,
        institution: OrganisationID,
        reason: String
    ) {
        self.referral = referral
        self.attempt = attempt
        self.institution = institution
        self.reason = reason
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralRefused: SchemaCoded {
    init(schema m: Careloop_V1_ReferralRefused) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            reason: m.reason)
    }

    var schema: Careloop_V1_ReferralRefused {
        var m = Careloop_V1_ReferralRefused()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.institution = institution.text
        m.reason = reason
        return m
    }
}

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

    public init(
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        referral: ReferralID? = nil,
        planYear: Int,
        residenceBasis: ResidenceBasis
    ) {
        self.application = application
        self.facts = facts
        self.category = category
        self.referral = referral
        self.planYear = planYear
        self.residenceBasis = residenceBasis
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
            residenceBasis: try ResidenceBasis(schema: m.residenceBasis, field: "residence_basis"))
    }

    var schema: Careloop_V1_AssistanceApplied {
        var m = Careloop_V1_AssistanceApplied()
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        if let referral { m.referral = referral.text }
        m.planYear = Int64(planYear)
        m.residenceBasis = residenceBasis.schema
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

/// The guardian's institution for an approved application is fixed.
public struct InstitutionConfirmed: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.institution-confirmed.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var application: ApplicationID
    public var facts: PersonFacts
    public var institution: OrganisationID

    public init(
        application: ApplicationID,
        facts: PersonFacts,
        institution: OrganisationID
    ) {
        self.application = application
        self.facts = facts
        self.institution = institution
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension InstitutionConfirmed: SchemaCoded {
    init(schema m: Careloop_V1_InstitutionConfirmed) throws(ContractError) {
        self.init(
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) })
    }

    var schema: Careloop_V1_InstitutionConfirmed {
        var m = Careloop_V1_InstitutionConfirmed()
        m.application = application.text
        m.facts = facts.schema
        m.institution = institution.text
        return m
    }
}

/// Training began (入训).
public struct Enrolled: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.enrolled.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var enrolment: EnrolmentID
    public var application: ApplicationID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID
    public var mode: AssistanceMode
    public var startedOn: LocalDate
    public var policyVersion: String

    public init(
        enrolment: EnrolmentID,
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID,
        mode: AssistanceMode,
        startedOn: LocalDate,
        policyVersion: String
    ) {
        self.enrolment = enrolment
        self.application = application
        self.facts = facts
        self.category = category
        self.institution = institution
        self.mode = mode
        self.startedOn = startedOn
        self.policyVersion = policyVersion
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension Enrolled: SchemaCoded {
    init(schema m: Careloop_V1_Enrolled) throws(ContractError) {
        self.init(
            enrolment: try parsed("enrolment", m.enrolment) { text throws(InvalidValue) in try EnrolmentID(text) },
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            mode: try AssistanceMode(schema: m.mode, field: "mode"),
            startedOn: try parsed("started_on", m.startedOn) { text throws(InvalidValue) in try LocalDate(text) },
            policyVersion: m.policyVersion)
    }

    var schema: Careloop_V1_Enrolled {
        var m = Careloop_V1_Enrolled()
        m.enrolment = enrolment.text
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        m.institution = institution.text
        m.mode = mode.schema
        m.startedOn = startedOn.text
        m.policyVersion = policyVersion
        return m
    }
}

/// One month of training with its line of money.
public struct TrainingMonthRecorded: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.training-month-recorded.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var enrolment: EnrolmentID
    public var application: ApplicationID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID
    public var line: SettlementLine

    public init(
        enrolment: EnrolmentID,
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID,
        line: SettlementLine
    ) {
        self.enrolment = enrolment
        self.application = application
        self.facts = facts
        self.category = category
        self.institution = institution
        self.line = line
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension TrainingMonthRecorded: SchemaCoded {
    init(schema m: Careloop_V1_TrainingMonthRecorded) throws(ContractError) {
        self.init(
            enrolment: try parsed("enrolment", m.enrolment) { text throws(InvalidValue) in try EnrolmentID(text) },
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            line: try SettlementLine(schema: try required("line", m.hasLine, m.line)))
    }

    var schema: Careloop_V1_TrainingMonthRecorded {
        var m = Careloop_V1_TrainingMonthRecorded()
        m.enrolment = enrolment.text
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        m.institution = institution.text
        m.line = line.schema
        return m
    }
}

/// Training ended.
public struct EnrolmentCompleted: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.enrolment-completed.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var enrolment: EnrolmentID
    public var application: ApplicationID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID
    public var outcome: EnrolmentOutcome
    public var monthsCounted: Int
    public var endedOn: LocalDate

    public init(
        enrolment: EnrolmentID,
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID,
        outcome: EnrolmentOutcome,
        monthsCounted: Int,
        endedOn: LocalDate
    ) {
        self.enrolment = enrolment
        self.application = application
        self.facts = facts
        self.category = category
        self.institution = institution
        self.outcome = outcome
        self.monthsCounted = monthsCounted
        self.endedOn = endedOn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension EnrolmentCompleted: SchemaCoded {
    init(schema m: Careloop_V1_EnrolmentCompleted) throws(ContractError) {
        self.init(
            enrolment: try parsed("enrolment", m.enrolment) { text throws(InvalidValue) in try EnrolmentID(text) },
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            outcome: try EnrolmentOutcome(schema: m.outcome, field: "outcome"),
            monthsCounted: Int(m.monthsCounted),
            endedOn: try parsed("ended_on", m.endedOn) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_EnrolmentCompleted {
        var m = Careloop_V1_EnrolmentCompleted()
        m.enrolment = enrolment.text
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        m.institution = institution.text
        m.outcome = outcome.schema
        m.monthsCounted = Int64(monthsCounted)
        m.endedOn = endedOn.text
        return m
    }
}

/// Lines of an institution up to a quarter's end were put together (结算).
public struct SettlementSubmitted: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.settlement-submitted.v1"
    public static let topic = "careloop.rehabilitation.settlements.v1"
    public var key: String { institution.text }

    public var settlement: SettlementID
    public var institution: OrganisationID
    public var region: RegionCode
    public var quarter: Quarter
    public var lines: Int
    public var totalFen: Fen

    public init(
        settlement: SettlementID,
        institution: OrganisationID,
        region: RegionCode,
        quarter: Quarter,
        lines: Int,
        totalFen: Fen
    ) {
        self.settlement = settlement
        self.institution = institution
        self.region = region
        self.quarter = quarter
        self.lines = lines
        self.totalFen = totalFen
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension SettlementSubmitted: SchemaCoded {
    init(schema m: Careloop_V1_SettlementSubmitted) throws(ContractError) {
        self.init(
            settlement: try parsed("settlement", m.settlement) { text throws(InvalidValue) in try SettlementID(text) },
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            quarter: try parsed("quarter", m.quarter) { text throws(InvalidValue) in try Quarter(text) },
            lines: Int(m.lines),
            totalFen: Fen(m.totalFen))
    }

    var schema: Careloop_V1_SettlementSubmitted {
        var m = Careloop_V1_SettlementSubmitted()
        m.settlement = settlement.text
        m.institution = institution.text
        m.region = region.text
        m.quarter = quarter.text
        m.lines = Int64(lines)
        m.totalFen = totalFen.value
        return m
    }
}

/// A second person approved a settlement.
public struct SettlementApproved: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.settlement-approved.v1"
    public static let topic = "careloop.rehabilitation.settlements.v1"
    public var key: String { institution.text }

    public var settlement: SettlementID
    public var institution: OrganisationID
    public var region: RegionCode
    public var quarter: Quarter
    public var lines: Int
    public var totalFen: Fen

    public init(
        settlement: SettlementID,
        institution: OrganisationID,
        region: RegionCode,
        quarter: Quarter,
        lines: Int,
        totalFen: Fen
    ) {
        self.settlement = settlement
        self.institution = institution
        self.region = region
        self.quarter = quarter
        self.lines = lines
        self.totalFen = totalFen
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension SettlementApproved: SchemaCoded {
    init(schema m: Careloop_V1_SettlementApproved) throws(ContractError) {
        self.init(
            settlement: try parsed("settlement", m.settlement) { text throws(InvalidValue) in try SettlementID(text) },
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            quarter: try parsed("quarter", m.quarter) { text throws(InvalidValue) in try Quarter(text) },
            lines: Int(m.lines),
            totalFen: Fen(m.totalFen))
    }

    var schema: Careloop_V1_SettlementApproved {
        var m = Careloop_V1_SettlementApproved()
        m.settlement = settlement.text
        m.institution = institution.text
        m.region = region.text
        m.quarter = quarter.text
        m.lines = Int64(lines)
        m.totalFen = totalFen.value
        return m
    }
}

/// Finance paid the institution directly.
public struct SettlementPaid: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.settlement-paid.v1"
    public static let topic = "careloop.rehabilitation.settlements.v1"
    public var key: String { institution.text }

    public var settlement: SettlementID
    public var institution: OrganisationID
    public var region: RegionCode
    public var quarter: Quarter
    public var lines: Int
    public var totalFen: Fen
    public var paidOn: LocalDate

    public init(
        settlement: SettlementID,
        institution: OrganisationID,
        region: RegionCode,
        quarter: Quarter,
        lines: Int,
        totalFen: Fen,
        paidOn: LocalDate
    ) {
        self.settlement = settlement
        self.institution = institution
        self.region = region
        self.quarter = quarter
        self.lines = lines
        self.totalFen = totalFen
        self.paidOn = paidOn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension SettlementPaid: SchemaCoded {
    init(schema m: Careloop_V1_SettlementPaid) throws(ContractError) {
        self.init(
            settlement: try parsed("settlement", m.settlement) { text throws(InvalidValue) in try SettlementID(text) },
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            quarter: try parsed("quarter", m.quarter) { text throws(InvalidValue) in try Quarter(text) },
            lines: Int(m.lines),
            totalFen: Fen(m.totalFen),
            paidOn: try parsed("paid_on", m.paidOn) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_SettlementPaid {
        var m = Careloop_V1_SettlementPaid()
        m.settlement = settlement.text
        m.institution = institution.text
        m.region = region.text
        m.quarter = quarter.text
        m.lines = Int64(lines)
        m.totalFen = totalFen.value
        m.paidOn = paidOn.text
        return m
    }
}

/// A second person sent a settlement back; its lines are free for another settlement.
public struct SettlementRejected: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.settlement-rejected.v1"
    public static let topic = "careloop.rehabilitation.settlements.v1"
    public var key: String { institution.text }

    public var settlement: SettlementID
    public var institution: OrganisationID
    public var region: RegionCode
    public var quarter: Quarter
    public var lines: Int
    public var totalFen: Fen
    public var reason: String

    public init(
        settlement: SettlementID,
        institution: OrganisationID,
        region: RegionCode,
        quarter: Quarter,
        lines: Int,
        totalFen: Fen,
        reason: String
    ) {
        self.settlement = settlement
        self.institution = institution
        self.region = region
        self.quarter = quarter
        self.lines = lines
        self.totalFen = totalFen
        self.reason = reason
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension SettlementRejected: SchemaCoded {
    init(schema m: Careloop_V1_SettlementRejected) throws(ContractError) {
        self.init(
            settlement: try parsed("settlement", m.settlement) { text throws(InvalidValue) in try SettlementID(text) },
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            quarter: try parsed("quarter", m.quarter) { text throws(InvalidValue) in try Quarter(text) },
            lines: Int(m.lines),
            totalFen: Fen(m.totalFen),
            reason: m.reason)
    }

    var schema: Careloop_V1_SettlementRejected {
        var m = Careloop_V1_SettlementRejected()
        m.settlement = settlement.text
        m.institution = institution.text
        m.region = region.text
        m.quarter = quarter.text
        m.lines = Int64(lines)
        m.totalFen = totalFen.value
        m.reason = reason
        return m
    }
}
