import Vocabulary

/// Who a result is about, as the bureau wrote it. Nothing is validated yet.
public struct RawResultChild: Hashable, Sendable {
    public var documentKind = ""
    public var documentNumber = ""
    public var name = ""
    public var sex = ""
    public var birthDate = ""
    public var birthOrder = 0
    public var guardianName = ""
    public var guardianTelephone = ""
    public var residence = ""

    public init() {}
}

/// One result as a bureau sends it: everything is text as written, and Screening validates it.
public struct RawScreeningResult: Hashable, Sendable {
    public static let type = "careloop.partner.screening-result.v1"
    public static let topic = "careloop.partner.{organisation}.screening-results.v1"

    public var resultID = ""
    public var revision = 0
    public var withdrawn = false
    public var organisation: String?
    public var stage = ""
    public var topic = ""
    public var categoryCode: String?
    public var codeSystem: String?
    public var outcome = ""
    public var takenOn = ""
    public var roundMonths = 0
    public var tool: String?
    public var child: RawResultChild?
    public var reason: String?

    public init() {}
}

/// A centre's answer as it sends it.
public struct RawReferralAnswer: Hashable, Sendable {
    public static let type = "careloop.partner.referral-answer.v1"
    public static let topic = "careloop.partner.{organisation}.referral-answers.v1"

    public var referral = ""
    public var attempt = 0
    /// accept or decline.
    public var answer = ""
    public var reason: String?
    public var organisation: String?

    public init() {}
}

extension Catalogue {
    /// What a record that partners send may hold, by the names of the values it is read into, a dot before what lies inside; empty for every
    /// other type.
    public static func rawFields(of type: String) -> Set<String> {
        switch type {
        case RawScreeningResult.type:
            names(RawScreeningResult()).subtracting(["child"]).union(names(RawResultChild()).map { "child.\($0)" })
        case RawReferralAnswer.type: names(RawReferralAnswer())
        default: []
        }
    }

    private static func names(_ value: Any) -> Set<String> { Set(Mirror(reflecting: value).children.compactMap(\.label)) }
}

extension RawResultChild {
    init(schema m: Careloop_V1_ResultChild) {
        documentKind = m.documentKind
        documentNumber = m.documentNumber
        name = m.name
        sex = m.sex
        birthDate = m.birthDate
        birthOrder = Int(m.birthOrder)
        guardianName = m.guardianName
        guardianTelephone = m.guardianTelephone
        residence = m.residence
    }

    var schema: Careloop_V1_ResultChild {
        var m = Careloop_V1_ResultChild()
        m.documentKind = documentKind
        m.documentNumber = documentNumber
        m.name = name
        m.sex = sex
        m.birthDate = birthDate
        m.birthOrder = Int64(birthOrder)
        m.guardianName = guardianName
        m.guardianTelephone = guardianTelephone
        m.residence = residence
        return m
    }
}

extension RawScreeningResult: IngressValue {
    init(schema m: Careloop_V1_ScreeningResult) {
        resultID = m.resultID
        revision = Int(clamping: m.revision)
        withdrawn = m.withdrawn
        organisation = m.hasOrganisation ? m.organisation : nil
        stage = m.stage
        topic = m.topic
        categoryCode = m.hasCategoryCode ? m.categoryCode : nil
        codeSystem = m.hasCodeSystem ? m.codeSystem : nil
        outcome = m.outcome
        takenOn = m.takenOn
        roundMonths = Int(clamping: m.roundMonths)
        tool = m.hasTool ? m.tool : nil
        child = m.hasChild ? RawResultChild(schema: m.child) : nil
        reason = m.hasReason ? m.reason : nil
    }

    var schema: Careloop_V1_ScreeningResult {
        var m = Careloop_V1_ScreeningResult()
        m.resultID = resultID
        m.revision = Int64(revision)
        m.withdrawn = withdrawn
        if let organisation { m.organisation = organisation }
        m.stage = stage
        m.topic = topic
        if let categoryCode { m.categoryCode = categoryCode }
        if let codeSystem { m.codeSystem = codeSystem }
        m.outcome = outcome
        m.takenOn = takenOn
        m.roundMonths = Int64(roundMonths)
        if let tool { m.tool = tool }
        if let child { m.child = child.schema }
        if let reason { m.reason = reason }
        return m
    }

    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
    public var claim: String? { organisation }
}

extension RawReferralAnswer: IngressValue {
    init(schema m: Careloop_V1_ReferralAnswer) {
        referral = m.referral
        attempt = Int(clamping: m.attempt)
        answer = m.answer
        reason = m.hasReason ? m.reason : nil
        organisation = m.hasOrganisation ? m.organisation : nil
    }

    var schema: Careloop_V1_ReferralAnswer {
        var m = Careloop_V1_ReferralAnswer()
        m.referral = referral
        m.attempt = Int64(attempt)
        m.answer = answer
        if let reason { m.reason = reason }
        if let organisation { m.organisation = organisation }
        return m
    }

    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
    public var claim: String? { organisation }
}
