import Vocabulary

/// What became of one result.
public struct ResultReceipt: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.partner.result-receipt.v1"
    public static let topic = "careloop.partner.{organisation}.receipts.v1"
    public var key: String { resultID }

    public var organisation: OrganisationID
    public var resultID: String
    public var revision: Int
    public var outcome: ReceiptOutcome
    public var caseID: CaseID?
    public var code: String?
    public var field: String?
    public var rule: String?
    public var source: String?
    public var messageZh: String?
    public var messageEn: String?

    public init(
        organisation: OrganisationID,
        resultID: String,
        revision: Int,
        outcome: ReceiptOutcome,
        caseID: CaseID? = nil,
        code: String? = nil,
        field: String? = nil,
        rule: String? = nil,
        source: String? = nil,
        messageZh: String? = nil,
        messageEn: String? = nil
    ) {
        self.organisation = organisation
        self.resultID = resultID
        self.revision = revision
        self.outcome = outcome
        self.caseID = caseID
        self.code = code
        self.field = field
        self.rule = rule
        self.source = source
        self.messageZh = messageZh
        self.messageEn = messageEn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ResultReceipt: SchemaCoded {
    init(schema m: Careloop_V1_ResultReceipt) throws(ContractError) {
        self.init(
            organisation: try parsed("organisation", m.organisation) { text throws(InvalidValue) in try OrganisationID(text) },
            resultID: m.resultID,
            revision: Int(m.revision),
            outcome: try ReceiptOutcome(schema: m.outcome, field: "outcome"),
            caseID: m.hasCaseID ? try parsed("case_id", m.caseID) { text throws(InvalidValue) in try CaseID(text) } : nil,
            code: m.hasCode ? m.code : nil,
            field: m.hasField ? m.field : nil,
            rule: m.hasRule ? m.rule : nil,
            source: m.hasSource ? m.source : nil,
            messageZh: m.hasMessageZh ? m.messageZh : nil,
            messageEn: m.hasMessageEn ? m.messageEn : nil)
    }

    var schema: Careloop_V1_ResultReceipt {
        var m = Careloop_V1_ResultReceipt()
        m.organisation = organisation.text
        m.resultID = resultID
        m.revision = Int64(revision)
        m.outcome = outcome.schema
        if let caseID { m.caseID = caseID.text }
        if let code { m.code = code }
        if let field { m.field = field }
        if let rule { m.rule = rule }
        if let source { m.source = source }
        if let messageZh { m.messageZh = messageZh }
        if let messageEn { m.messageEn = messageEn }
        return m
    }
}

/// What a centre must know of a referral: issued, confirmed, superseded, expired or withdrawn.
public struct ReferralNotice: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.partner.referral-notice.v1"
    public static let topic = "careloop.partner.{organisation}.referrals.v1"
    public var key: String { referral.text }

    public var organisation: OrganisationID
    public var referral: ReferralID
    public var attempt: Int
    public var status: ReferralNoticeStatus
    public var person: PersonID
    public var category: AssistanceCategory
    public var region: RegionCode
    public var respondBy: LocalDate
    public var explanation: String

    public init(
        organisation: OrganisationID,
        referral: ReferralID,
        attempt: Int,
        status: ReferralNoticeStatus,
        person: PersonID,
        category: AssistanceCategory,
        region: RegionCode,
        respondBy: LocalDate,
        explanation: String
    ) {
        self.organisation = organisation
        self.referral = referral
        self.attempt = attempt
        self.status = status
        self.person = person
        self.category = category
        self.region = region
        self.respondBy = respondBy
        self.explanation = explanation
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralNotice: SchemaCoded {
    init(schema m: Careloop_V1_ReferralNotice) throws(ContractError) {
        self.init(
            organisation: try parsed("organisation", m.organisation) { text throws(InvalidValue) in try OrganisationID(text) },
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            status: try ReferralNoticeStatus(schema: m.status, field: "status"),
            person: try parsed("person", m.person) { text throws(InvalidValue) in try PersonID(text) },
            category: try AssistanceCategory(schema: m.category, field: "category"),
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            respondBy: try parsed("respond_by", m.respondBy) { text throws(InvalidValue) in try LocalDate(text) },
            explanation: m.explanation)
    }

    var schema: Careloop_V1_ReferralNotice {
        var m = Careloop_V1_ReferralNotice()
        m.organisation = organisation.text
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.status = status.schema
        m.person = person.text
        m.category = category.schema
        m.region = region.text
        m.respondBy = respondBy.text
        m.explanation = explanation
        return m
    }
}

/// What became of one answer that a centre wrote to its topic. A claim that was accepted is not ownership yet: Screening's notice says so.
public struct AnswerReceipt: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.partner.answer-receipt.v1"
    public static let topic = "careloop.partner.{organisation}.answer-receipts.v1"
    public var key: String { referral }

    public var organisation: OrganisationID
    /// As the answer named it; the record's key where the answer could not be read.
    public var referral: String
    public var attempt: Int
    public var outcome: ReceiptOutcome
    /// Where the answer stands on the centre's topic, which has one partition.
    public var offset: Int
    public var code: String?
    public var field: String?
    public var rule: String?
    public var source: String?
    public var messageZh: String?
    public var messageEn: String?

    public init(
        organisation: OrganisationID,
        referral: String,
        attempt: Int,
        outcome: ReceiptOutcome,
        offset: Int,
        code: String? = nil,
        field: String? = nil,
        rule: String? = nil,
        source: String? = nil,
        messageZh: String? = nil,
        messageEn: String? = nil
    ) {
        self.organisation = organisation
        self.referral = referral
        self.attempt = attempt
        self.outcome = outcome
        self.offset = offset
        self.code = code
        self.field = field
        self.rule = rule
        self.source = source
        self.messageZh = messageZh
        self.messageEn = messageEn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension AnswerReceipt: SchemaCoded {
    init(schema m: Careloop_V1_AnswerReceipt) throws(ContractError) {
        self.init(
            organisation: try parsed("organisation", m.organisation) { text throws(InvalidValue) in try OrganisationID(text) },
            referral: m.referral,
            attempt: Int(m.attempt),
            outcome: try ReceiptOutcome(schema: m.outcome, field: "outcome"),
            offset: Int(m.offset),
            code: m.hasCode ? m.code : nil,
            field: m.hasField ? m.field : nil,
            rule: m.hasRule ? m.rule : nil,
            source: m.hasSource ? m.source : nil,
            messageZh: m.hasMessageZh ? m.messageZh : nil,
            messageEn: m.hasMessageEn ? m.messageEn : nil)
    }

    var schema: Careloop_V1_AnswerReceipt {
        var m = Careloop_V1_AnswerReceipt()
        m.organisation = organisation.text
        m.referral = referral
        m.attempt = Int64(attempt)
        m.outcome = outcome.schema
        m.offset = Int64(offset)
        if let code { m.code = code }
        if let field { m.field = field }
        if let rule { m.rule = rule }
        if let source { m.source = source }
        if let messageZh { m.messageZh = messageZh }
        if let messageEn { m.messageEn = messageEn }
        return m
    }
}
