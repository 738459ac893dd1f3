import Vocabulary

/// What a centre had been asked: with it, the answer alone tells the whole of an attempt.
public struct ReferralQuestion: Hashable, Sendable {
    public var caseID: CaseID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var respondBy: LocalDate

    public init(caseID: CaseID, facts: PersonFacts, category: AssistanceCategory, respondBy: LocalDate) {
        self.caseID = caseID
        self.facts = facts
        self.category = category
        self.respondBy = respondBy
    }
}

extension ReferralQuestion: SchemaCoded {
    init(schema m: Careloop_V1_ReferralQuestion) throws(ContractError) {
        self.init(
            caseID: try parsed("case_id", m.caseID) { text throws(InvalidValue) in try CaseID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            respondBy: try parsed("respond_by", m.respondBy) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_ReferralQuestion {
        var m = Careloop_V1_ReferralQuestion()
        m.caseID = caseID.text
        m.facts = facts.schema
        m.category = category.schema
        m.respondBy = respondBy.text
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
    public var question: ReferralQuestion?

    public init(
        referral: ReferralID,
        attempt: Int,
        institution: OrganisationID,
        question: ReferralQuestion? = nil
    ) {
        self.referral = referral
        self.attempt = attempt
        self.institution = institution
        self.question = question
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
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            question: m.hasQuestion ? try ReferralQuestion(schema: m.question) : nil)
    }

    var schema: Careloop_V1_ReferralClaimed {
        var m = Careloop_V1_ReferralClaimed()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.institution = institution.text
        if let question { m.question = question.schema }
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
    public var question: ReferralQuestion?

    public init(
        referral: ReferralID,
        attempt: Int,
        institution: OrganisationID,
        reason: String,
        question: ReferralQuestion? = nil
    ) {
        self.referral = referral
        self.attempt = attempt
        self.institution = institution
        self.reason = reason
        self.question = question
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
            reason: m.reason,
            question: m.hasQuestion ? try ReferralQuestion(schema: m.question) : nil)
    }

    var schema: Careloop_V1_ReferralRefused {
        var m = Careloop_V1_ReferralRefused()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.institution = institution.text
        m.reason = reason
        if let question { m.question = question.schema }
        return m
    }
}
