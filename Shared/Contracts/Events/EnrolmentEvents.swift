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

/// A recorded month was corrected, or is worked out anew because another one was.
public struct TrainingMonthCorrected: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.training-month-corrected.v1"
    public static let topic = "careloop.rehabilitation.assistance.v1"
    public var key: String { facts.person.text }

    public var enrolment: EnrolmentID
    public var application: ApplicationID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID
    /// What counted until then.
    public var before: SettlementLine
    public var after: SettlementLine
    /// Of this month's line; 2 for its first correction.
    public var revision: Int
    /// The month that was corrected, this one or an earlier one.
    public var correctedMonth: YearMonth
    public var reason: String

    public init(
        enrolment: EnrolmentID,
        application: ApplicationID,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID,
        before: SettlementLine,
        after: SettlementLine,
        revision: Int,
        correctedMonth: YearMonth,
        reason: String
    ) {
        self.enrolment = enrolment
        self.application = application
        self.facts = facts
        self.category = category
        self.institution = institution
        self.before = before
        self.after = after
        self.revision = revision
        self.correctedMonth = correctedMonth
        self.reason = reason
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension TrainingMonthCorrected: SchemaCoded {
    init(schema m: Careloop_V1_TrainingMonthCorrected) throws(ContractError) {
        self.init(
            enrolment: try parsed("enrolment", m.enrolment) { text throws(InvalidValue) in try EnrolmentID(text) },
            application: try parsed("application", m.application) { text throws(InvalidValue) in try ApplicationID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            before: try SettlementLine(schema: try required("before", m.hasBefore, m.before)),
            after: try SettlementLine(schema: try required("after", m.hasAfter, m.after)),
            revision: Int(m.revision),
            correctedMonth: try parsed("corrected_month", m.correctedMonth) { text throws(InvalidValue) in try YearMonth(text) },
            reason: m.reason)
    }

    var schema: Careloop_V1_TrainingMonthCorrected {
        var m = Careloop_V1_TrainingMonthCorrected()
        m.enrolment = enrolment.text
        m.application = application.text
        m.facts = facts.schema
        m.category = category.schema
        m.institution = institution.text
        m.before = before.schema
        m.after = after.schema
        m.revision = Int64(revision)
        m.correctedMonth = correctedMonth.text
        m.reason = reason
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
