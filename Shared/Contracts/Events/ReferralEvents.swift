import Vocabulary

/// One institution that could take a referral, and why it stands where it does.
public struct Candidate: Hashable, Sendable {
    public var institution: OrganisationID
    /// 1 is first.
    public var rank: Int
    /// How far up the region tree child and institution meet.
    public var distance: RegionDistance
    /// Referrals issued or confirmed there and not yet ended.
    public var openLoad: Int
    /// Screening's copy; Rehabilitation decides.
    public var freePlaces: Int

    public init(
        institution: OrganisationID,
        rank: Int,
        distance: RegionDistance,
        openLoad: Int,
        freePlaces: Int
    ) {
        self.institution = institution
        self.rank = rank
        self.distance = distance
        self.openLoad = openLoad
        self.freePlaces = freePlaces
    }
}

extension Candidate: SchemaCoded {
    init(schema m: Careloop_V1_Candidate) throws(ContractError) {
        self.init(
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            rank: Int(m.rank),
            distance: try RegionDistance(schema: m.distance, field: "distance"),
            openLoad: Int(m.openLoad),
            freePlaces: Int(m.freePlaces))
    }

    var schema: Careloop_V1_Candidate {
        var m = Careloop_V1_Candidate()
        m.institution = institution.text
        m.rank = Int64(rank)
        m.distance = distance.schema
        m.openLoad = Int64(openLoad)
        m.freePlaces = Int64(freePlaces)
        return m
    }
}

/// An ordered, explained list of institutions waits for the guardian's choice.
public struct ReferralProposed: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-proposed.v1"
    public static let topic = "careloop.screening.referrals.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    public var caseID: CaseID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var candidates: [Candidate]
    public var chooseBy: LocalDate

    public init(
        referral: ReferralID,
        caseID: CaseID,
        facts: PersonFacts,
        category: AssistanceCategory,
        candidates: [Candidate],
        chooseBy: LocalDate
    ) {
        self.referral = referral
        self.caseID = caseID
        self.facts = facts
        self.category = category
        self.candidates = candidates
        self.chooseBy = chooseBy
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralProposed: SchemaCoded {
    init(schema m: Careloop_V1_ReferralProposed) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            caseID: try parsed("case_id", m.caseID) { text throws(InvalidValue) in try CaseID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            candidates: try m.candidates.map { element throws(ContractError) in try Candidate(schema: element) },
            chooseBy: try parsed("choose_by", m.chooseBy) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_ReferralProposed {
        var m = Careloop_V1_ReferralProposed()
        m.referral = referral.text
        m.caseID = caseID.text
        m.facts = facts.schema
        m.category = category.schema
        m.candidates = candidates.map { $0.schema }
        m.chooseBy = chooseBy.text
        return m
    }
}

/// One institution is asked (转介); each attempt has a number.
public struct ReferralIssued: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-issued.v1"
    public static let topic = "careloop.screening.referrals.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    public var attempt: Int
    public var caseID: CaseID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID
    public var chosenBy: ChoiceMaker
    public var respondBy: LocalDate

    public init(
        referral: ReferralID,
        attempt: Int,
        caseID: CaseID,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID,
        chosenBy: ChoiceMaker,
        respondBy: LocalDate
    ) {
        self.referral = referral
        self.attempt = attempt
        self.caseID = caseID
        self.facts = facts
        self.category = category
        self.institution = institution
        self.chosenBy = chosenBy
        self.respondBy = respondBy
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralIssued: SchemaCoded {
    init(schema m: Careloop_V1_ReferralIssued) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            caseID: try parsed("case_id", m.caseID) { text throws(InvalidValue) in try CaseID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            chosenBy: try ChoiceMaker(schema: m.chosenBy, field: "chosen_by"),
            respondBy: try parsed("respond_by", m.respondBy) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_ReferralIssued {
        var m = Careloop_V1_ReferralIssued()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.caseID = caseID.text
        m.facts = facts.schema
        m.category = category.schema
        m.institution = institution.text
        m.chosenBy = chosenBy.schema
        m.respondBy = respondBy.text
        return m
    }
}

/// The claim of this attempt won: the institution owns the child's next step.
public struct ReferralConfirmed: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-confirmed.v1"
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

extension ReferralConfirmed: SchemaCoded {
    init(schema m: Careloop_V1_ReferralConfirmed) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) })
    }

    var schema: Careloop_V1_ReferralConfirmed {
        var m = Careloop_V1_ReferralConfirmed()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.facts = facts.schema
        m.category = category.schema
        m.institution = institution.text
        return m
    }
}

/// A claim came too late; the reserved place is free again.
public struct ReferralSuperseded: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-superseded.v1"
    public static let topic = "careloop.screening.referrals.v1"
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

extension ReferralSuperseded: SchemaCoded {
    init(schema m: Careloop_V1_ReferralSuperseded) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) })
    }

    var schema: Careloop_V1_ReferralSuperseded {
        var m = Careloop_V1_ReferralSuperseded()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.institution = institution.text
        return m
    }
}
