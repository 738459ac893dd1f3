import Vocabulary

/// A case reached the region's sharing stage; the federation serves it proactively.
public struct CaseShared: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.case-shared.v1"
    public static let topic = "careloop.screening.cases.v1"
    public var key: String { facts.person.text }

    public var caseID: CaseID
    public var facts: PersonFacts
    public var topic: ScreeningTopic
    public var category: AssistanceCategory
    public var diagnosedOn: LocalDate

    public init(
        caseID: CaseID,
        facts: PersonFacts,
        topic: ScreeningTopic,
        category: AssistanceCategory,
        diagnosedOn: LocalDate
    ) {
        self.caseID = caseID
        self.facts = facts
        self.topic = topic
        self.category = category
        self.diagnosedOn = diagnosedOn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension CaseShared: SchemaCoded {
    init(schema m: Careloop_V1_CaseShared) throws(ContractError) {
        self.init(
            caseID: try parsed("case_id", m.caseID) { text throws(InvalidValue) in try CaseID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            topic: try ScreeningTopic(schema: m.topic, field: "topic"),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            diagnosedOn: try parsed("diagnosed_on", m.diagnosedOn) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_CaseShared {
        var m = Careloop_V1_CaseShared()
        m.caseID = caseID.text
        m.facts = facts.schema
        m.topic = topic.schema
        m.category = category.schema
        m.diagnosedOn = diagnosedOn.text
        return m
    }
}

/// A correction took a shared case below the sharing stage.
public struct CaseShareRevoked: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.case-share-revoked.v1"
    public static let topic = "careloop.screening.cases.v1"
    public var key: String { facts.person.text }

    public var caseID: CaseID
    public var facts: PersonFacts
    public var topic: ScreeningTopic
    public var reason: String

    public init(
        caseID: CaseID,
        facts: PersonFacts,
        topic: ScreeningTopic,
        reason: String
    ) {
        self.caseID = caseID
        self.facts = facts
        self.topic = topic
        self.reason = reason
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension CaseShareRevoked: SchemaCoded {
    init(schema m: Careloop_V1_CaseShareRevoked) throws(ContractError) {
        self.init(
            caseID: try parsed("case_id", m.caseID) { text throws(InvalidValue) in try CaseID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            topic: try ScreeningTopic(schema: m.topic, field: "topic"),
            reason: m.reason)
    }

    var schema: Careloop_V1_CaseShareRevoked {
        var m = Careloop_V1_CaseShareRevoked()
        m.caseID = caseID.text
        m.facts = facts.schema
        m.topic = topic.schema
        m.reason = reason
        return m
    }
}

/// A step was not done in time; it escalates and decides nothing.
public struct ScreeningDeadlineMissed: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.screening-deadline-missed.v1"
    public static let topic = "careloop.screening.cases.v1"
    public var key: String { facts.person.text }

    public var caseID: CaseID
    public var facts: PersonFacts
    public var topic: ScreeningTopic
    public var step: ScreeningStage
    public var dueOn: LocalDate

    public init(
        caseID: CaseID,
        facts: PersonFacts,
        topic: ScreeningTopic,
        step: ScreeningStage,
        dueOn: LocalDate
    ) {
        self.caseID = caseID
        self.facts = facts
        self.topic = topic
        self.step = step
        self.dueOn = dueOn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ScreeningDeadlineMissed: SchemaCoded {
    init(schema m: Careloop_V1_ScreeningDeadlineMissed) throws(ContractError) {
        self.init(
            caseID: try parsed("case_id", m.caseID) { text throws(InvalidValue) in try CaseID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            topic: try ScreeningTopic(schema: m.topic, field: "topic"),
            step: try ScreeningStage(schema: m.step, field: "step"),
            dueOn: try parsed("due_on", m.dueOn) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_ScreeningDeadlineMissed {
        var m = Careloop_V1_ScreeningDeadlineMissed()
        m.caseID = caseID.text
        m.facts = facts.schema
        m.topic = topic.schema
        m.step = step.schema
        m.dueOn = dueOn.text
        return m
    }
}

/// Who a shared case is. Short retention, read by Registration alone.
public struct IdentityShared: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.identity-shared.v1"
    public static let topic = "careloop.screening.identities.v1"
    public var key: String { person.text }

    public var person: PersonID
    public var caseID: CaseID
    public var documentKind: DocumentKind
    public var documentNumber: String
    public var name: String
    public var sex: Sex
    public var birthDate: LocalDate
    public var birthOrder: Int
    public var guardianName: String
    public var guardianTelephone: String
    public var residence: RegionCode

    public init(
        person: PersonID,
        caseID: CaseID,
        documentKind: DocumentKind,
        documentNumber: String,
        name: String,
        sex: Sex,
        birthDate: LocalDate,
        birthOrder: Int,
        guardianName: String,
        guardianTelephone: String,
        residence: RegionCode
    ) {
        self.person = person
        self.caseID = caseID
        self.documentKind = documentKind
        self.documentNumber = documentNumber
        self.name = name
        self.sex = sex
        self.birthDate = birthDate
        self.birthOrder = birthOrder
        self.guardianName = guardianName
        self.guardianTelephone = guardianTelephone
        self.residence = residence
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension IdentityShared: SchemaCoded {
    init(schema m: Careloop_V1_IdentityShared) throws(ContractError) {
        self.init(
            person: try parsed("person", m.person) { text throws(InvalidValue) in try PersonID(text) },
            caseID: try parsed("case_id", m.caseID) { text throws(InvalidValue) in try CaseID(text) },
            documentKind: try DocumentKind(schema: m.documentKind, field: "document_kind"),
            documentNumber: m.documentNumber,
            name: m.name,
            sex: try Sex(schema: m.sex, field: "sex"),
            birthDate: try parsed("birth_date", m.birthDate) { text throws(InvalidValue) in try LocalDate(text) },
            birthOrder: Int(m.birthOrder),
            guardianName: m.guardianName,
            guardianTelephone: m.guardianTelephone,
            residence: try parsed("residence", m.residence) { text throws(InvalidValue) in try RegionCode(text) })
    }

    var schema: Careloop_V1_IdentityShared {
        var m = Careloop_V1_IdentityShared()
        m.person = person.text
        m.caseID = caseID.text
        m.documentKind = documentKind.schema
        m.documentNumber = documentNumber
        m.name = name
        m.sex = sex.schema
        m.birthDate = birthDate.text
        m.birthOrder = Int64(birthOrder)
        m.guardianName = guardianName
        m.guardianTelephone = guardianTelephone
        m.residence = residence.text
        return m
    }
}
