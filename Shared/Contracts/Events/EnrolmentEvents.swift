import Vocabulary

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
