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

/// The institution said no, with a reason.
public struct ReferralDeclined: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-declined.v1"
    public static let topic = "careloop.screening.referrals.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    public var attempt: Int
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID
    public var reason: String

    public init(
        referral: ReferralID,
        attempt: Int,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID,
        reason: String
    ) {
        self.referral = referral
        self.attempt = attempt
        self.facts = facts
        self.category = category
        self.institution = institution
        self.reason = reason
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralDeclined: SchemaCoded {
    init(schema m: Careloop_V1_ReferralDeclined) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            reason: m.reason)
    }

    var schema: Careloop_V1_ReferralDeclined {
        var m = Careloop_V1_ReferralDeclined()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.facts = facts.schema
        m.category = category.schema
        m.institution = institution.text
        m.reason = reason
        return m
    }
}

/// No answer in time; the referral is back with its sender and escalated.
public struct ReferralExpired: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-expired.v1"
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

extension ReferralExpired: SchemaCoded {
    init(schema m: Careloop_V1_ReferralExpired) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) })
    }

    var schema: Careloop_V1_ReferralExpired {
        var m = Careloop_V1_ReferralExpired()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.facts = facts.schema
        m.category = category.schema
        m.institution = institution.text
        return m
    }
}

/// A deadline counted into a year whose holidays were not known yet fell on another day once they were.
public struct ReferralDeadlineMoved: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-deadline-moved.v1"
    public static let topic = "careloop.screening.referrals.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    /// 0: the guardian's choice; else the attempt whose institution is to answer.
    public var attempt: Int
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID?
    public var dueOn: LocalDate

    public init(
        referral: ReferralID,
        attempt: Int,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID? = nil,
        dueOn: LocalDate
    ) {
        self.referral = referral
        self.attempt = attempt
        self.facts = facts
        self.category = category
        self.institution = institution
        self.dueOn = dueOn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralDeadlineMoved: SchemaCoded {
    init(schema m: Careloop_V1_ReferralDeadlineMoved) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: m.hasInstitution
                ? try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) } : nil,
            dueOn: try parsed("due_on", m.dueOn) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_ReferralDeadlineMoved {
        var m = Careloop_V1_ReferralDeadlineMoved()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.facts = facts.schema
        m.category = category.schema
        if let institution { m.institution = institution.text }
        m.dueOn = dueOn.text
        return m
    }
}

/// The sender took the referral back.
public struct ReferralWithdrawn: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-withdrawn.v1"
    public static let topic = "careloop.screening.referrals.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    /// 0 when no institution had been asked.
    public var attempt: Int
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var institution: OrganisationID?
    public var reason: String

    public init(
        referral: ReferralID,
        attempt: Int,
        facts: PersonFacts,
        category: AssistanceCategory,
        institution: OrganisationID? = nil,
        reason: String
    ) {
        self.referral = referral
        self.attempt = attempt
        self.facts = facts
        self.category = category
        self.institution = institution
        self.reason = reason
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralWithdrawn: SchemaCoded {
    init(schema m: Careloop_V1_ReferralWithdrawn) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            attempt: Int(m.attempt),
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            institution: m.hasInstitution
                ? try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) } : nil,
            reason: m.reason)
    }

    var schema: Careloop_V1_ReferralWithdrawn {
        var m = Careloop_V1_ReferralWithdrawn()
        m.referral = referral.text
        m.attempt = Int64(attempt)
        m.facts = facts.schema
        m.category = category.schema
        if let institution { m.institution = institution.text }
        m.reason = reason
        return m
    }
}

/// No institution serves this child now; on the clerk's list.
public struct ReferralUnplaced: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.screening.referral-unplaced.v1"
    public static let topic = "careloop.screening.referrals.v1"
    public var key: String { referral.text }

    public var referral: ReferralID
    public var facts: PersonFacts
    public var category: AssistanceCategory
    public var attempts: Int

    public init(
        referral: ReferralID,
        facts: PersonFacts,
        category: AssistanceCategory,
        attempts: Int
    ) {
        self.referral = referral
        self.facts = facts
        self.category = category
        self.attempts = attempts
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ReferralUnplaced: SchemaCoded {
    init(schema m: Careloop_V1_ReferralUnplaced) throws(ContractError) {
        self.init(
            referral: try parsed("referral", m.referral) { text throws(InvalidValue) in try ReferralID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try AssistanceCategory(schema: m.category, field: "category"),
            attempts: Int(m.attempts))
    }

    var schema: Careloop_V1_ReferralUnplaced {
        var m = Careloop_V1_ReferralUnplaced()
        m.referral = referral.text
        m.facts = facts.schema
        m.category = category.schema
        m.attempts = Int64(attempts)
        return m
    }
}
