import Vocabulary

/// What one screening result says, without who the child is.
public struct ResultFacts: Hashable, Sendable {
    public var facts: PersonFacts
    public var topic: ScreeningTopic
    public var stage: ScreeningStage
    public var outcome: ScreeningOutcome
    /// Day of the examination, Asia/Shanghai.
    public var takenOn: LocalDate
    /// Check-up round, age in months.
    public var roundMonths: Int

    public init(
        facts: PersonFacts,
        topic: ScreeningTopic,
        stage: ScreeningStage,
        outcome: ScreeningOutcome,
        takenOn: LocalDate,
        roundMonths: Int
    ) {
        self.facts = facts
        self.topic = topic
        self.stage = stage
        self.outcome = outcome
        self.takenOn = takenOn
        self.roundMonths = roundMonths
    }
}

extension ResultFacts: SchemaCoded {
    init(schema m: Careloop_V1_ResultFacts) throws(ContractError) {
        self.init(
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            topic: try ScreeningTopic(schema: m.topic, field: "topic"),
            stage: try ScreeningStage(schema: m.stage, field: "stage"),
            outcome: try ScreeningOutcome(schema: m.outcome, field: "outcome"),
            takenOn: try parsed("taken_on", m.takenOn) { text throws(InvalidValue) in try LocalDate(text) },
            roundMonths: Int(m.roundMonths))
    }

    var schema: Careloop_V1_ResultFacts {
        var m = Careloop_V1_ResultFacts()
        m.facts = facts.schema
        m.topic = topic.schema
        m.stage = stage.schema
        m.outcome = outcome.schema
        m.takenOn = takenOn.text
        m.roundMonths = Int64(roundMonths)
        return m
    }
}

/// A bureau's result entered a case for the first time.
public struct ResultAccepted: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.result-accepted.v1"
    public static let topic = "careloop.screening.cases.v1"
    public var key: String { result.facts.person.text }

    public var caseID: CaseID
    public var result: ResultFacts
    public var bureau: OrganisationID
    public var resultID: String
    public var revision: Int

    public init(
        caseID: CaseID,
        result: ResultFacts,
        bureau: OrganisationID,
        resultID: String,
        revision: Int
    ) {
        self.caseID = caseID
        self.result = result
        self.bureau = bureau
        self.resultID = resultID
        self.revision = revision
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ResultAccepted: SchemaCoded {
    init(schema m: Careloop_V1_ResultAccepted) throws(ContractError) {
        self.init(
            caseID: try parsed("case_id", m.caseID) { text throws(InvalidValue) in try CaseID(text) },
            result: try ResultFacts(schema: try required("result", m.hasResult, m.result)),
            bureau: try parsed("bureau", m.bureau) { text throws(InvalidValue) in try OrganisationID(text) },
            resultID: m.resultID,
            revision: Int(m.revision))
    }

    var schema: Careloop_V1_ResultAccepted {
        var m = Careloop_V1_ResultAccepted()
        m.caseID = caseID.text
        m.result = result.schema
        m.bureau = bureau.text
        m.resultID = resultID
        m.revision = Int64(revision)
        return m
    }
}

/// A higher revision replaced a result.
public struct ResultCorrected: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.result-corrected.v1"
    public static let topic = "careloop.screening.cases.v1"
    public var key: String { after.facts.person.text }

    public var caseID: CaseID
    public var before: ResultFacts
    public var after: ResultFacts
    public var bureau: OrganisationID
    public var resultID: String
    public var revision: Int

    public init(
        caseID: CaseID,
        before: ResultFacts,
        after: ResultFacts,
        bureau: OrganisationID,
        resultID: String,
        revision: Int
    ) {
        self.caseID = caseID
        self.before = before
        self.after = after
        self.bureau = bureau
        self.resultID = resultID
        self.revision = revision
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ResultCorrected: SchemaCoded {
    init(schema m: Careloop_V1_ResultCorrected) throws(ContractError) {
        self.init(
            caseID: try parsed("case_id", m.caseID) { text throws(InvalidValue) in try CaseID(text) },
            before: try ResultFacts(schema: try required("before", m.hasBefore, m.before)),
            after: try ResultFacts(schema: try required("after", m.hasAfter, m.after)),
            bureau: try parsed("bureau", m.bureau) { text throws(InvalidValue) in try OrganisationID(text) },
            resultID: m.resultID,
            revision: Int(m.revision))
    }

    var schema: Careloop_V1_ResultCorrected {
        var m = Careloop_V1_ResultCorrected()
        m.caseID = caseID.text
        m.before = before.schema
        m.after = after.schema
        m.bureau = bureau.text
        m.resultID = resultID
        m.revision = Int64(revision)
        return m
    }
}

/// A bureau took a result back; `result` is what had counted.
public struct ResultWithdrawn: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.result-withdrawn.v1"
    public static let topic = "careloop.screening.cases.v1"
    public var key: String { result.facts.person.text }

    public var caseID: CaseID
    public var result: ResultFacts
    public var bureau: OrganisationID
    public var resultID: String
    public var revision: Int

    public init(
        caseID: CaseID,
        result: ResultFacts,
        bureau: OrganisationID,
        resultID: String,
        revision: Int
    ) {
        self.caseID = caseID
        self.result = result
        self.bureau = bureau
        self.resultID = resultID
        self.revision = revision
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ResultWithdrawn: SchemaCoded {
    init(schema m: Careloop_V1_ResultWithdrawn) throws(ContractError) {
        self.init(
            caseID: try parsed("case_id", m.caseID) { text throws(InvalidValue) in try CaseID(text) },
            result: try ResultFacts(schema: try required("result", m.hasResult, m.result)),
            bureau: try parsed("bureau", m.bureau) { text throws(InvalidValue) in try OrganisationID(text) },
            resultID: m.resultID,
            revision: Int(m.revision))
    }

    var schema: Careloop_V1_ResultWithdrawn {
        var m = Careloop_V1_ResultWithdrawn()
        m.caseID = caseID.text
        m.result = result.schema
        m.bureau = bureau.text
        m.resultID = resultID
        m.revision = Int64(revision)
        return m
    }
}
