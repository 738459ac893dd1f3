import Vocabulary

/// An employer may report placements.
public struct EmployerRegistered: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.employment.employer-registered.v1"
    public static let topic = "careloop.employment.employers.v1"
    public var key: String { employer.text }

    public var employer: OrganisationID
    public var region: RegionCode

    public init(
        employer: OrganisationID,
        region: RegionCode
    ) {
        self.employer = employer
        self.region = region
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension EmployerRegistered: SchemaCoded {
    init(schema m: Careloop_V1_EmployerRegistered) throws(ContractError) {
        self.init(
            employer: try parsed("employer", m.employer) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) })
    }

    var schema: Careloop_V1_EmployerRegistered {
        var m = Careloop_V1_EmployerRegistered()
        m.employer = employer.text
        m.region = region.text
        return m
    }
}

/// A person looks for work.
public struct JobSeekerRegistered: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.employment.job-seeker-registered.v1"
    public static let topic = "careloop.employment.job-seekers.v1"
    public var key: String { facts.person.text }

    public var jobSeeker: JobSeekerID
    public var facts: PersonFacts
    public var origin: JobSeekerOrigin
    public var consentToShare: Bool

    public init(
        jobSeeker: JobSeekerID,
        facts: PersonFacts,
        origin: JobSeekerOrigin,
        consentToShare: Bool
    ) {
        self.jobSeeker = jobSeeker
        self.facts = facts
        self.origin = origin
        self.consentToShare = consentToShare
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension JobSeekerRegistered: SchemaCoded {
    init(schema m: Careloop_V1_JobSeekerRegistered) throws(ContractError) {
        self.init(
            jobSeeker: try parsed("job_seeker", m.jobSeeker) { text throws(InvalidValue) in try JobSeekerID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            origin: try JobSeekerOrigin(schema: m.origin, field: "origin"),
            consentToShare: m.consentToShare)
    }

    var schema: Careloop_V1_JobSeekerRegistered {
        var m = Careloop_V1_JobSeekerRegistered()
        m.jobSeeker = jobSeeker.text
        m.facts = facts.schema
        m.origin = origin.schema
        m.consentToShare = consentToShare
        return m
    }
}

/// The person gave or withdrew the consent to be shown to employers; the newest of a person stands.
public struct ConsentChanged: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.employment.consent-changed.v1"
    public static let topic = "careloop.employment.job-seekers.v1"
    public var key: String { facts.person.text }

    public var jobSeeker: JobSeekerID
    public var facts: PersonFacts
    public var consentToShare: Bool

    public init(
        jobSeeker: JobSeekerID,
        facts: PersonFacts,
        consentToShare: Bool
    ) {
        self.jobSeeker = jobSeeker
        self.facts = facts
        self.consentToShare = consentToShare
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ConsentChanged: SchemaCoded {
    init(schema m: Careloop_V1_ConsentChanged) throws(ContractError) {
        self.init(
            jobSeeker: try parsed("job_seeker", m.jobSeeker) { text throws(InvalidValue) in try JobSeekerID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            consentToShare: m.consentToShare)
    }

    var schema: Careloop_V1_ConsentChanged {
        var m = Careloop_V1_ConsentChanged()
        m.jobSeeker = jobSeeker.text
        m.facts = facts.schema
        m.consentToShare = consentToShare
        return m
    }
}

/// A vocational training was finished.
public struct TrainingCompleted: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.employment.training-completed.v1"
    public static let topic = "careloop.employment.job-seekers.v1"
    public var key: String { facts.person.text }

    public var jobSeeker: JobSeekerID
    public var facts: PersonFacts
    public var kind: TrainingKind
    public var hours: Int

    public init(
        jobSeeker: JobSeekerID,
        facts: PersonFacts,
        kind: TrainingKind,
        hours: Int
    ) {
        self.jobSeeker = jobSeeker
        self.facts = facts
        self.kind = kind
        self.hours = hours
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension TrainingCompleted: SchemaCoded {
    init(schema m: Careloop_V1_TrainingCompleted) throws(ContractError) {
        self.init(
            jobSeeker: try parsed("job_seeker", m.jobSeeker) { text throws(InvalidValue) in try JobSeekerID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            kind: try TrainingKind(schema: m.kind, field: "kind"),
            hours: Int(m.hours))
    }

    var schema: Careloop_V1_TrainingCompleted {
        var m = Careloop_V1_TrainingCompleted()
        m.jobSeeker = jobSeeker.text
        m.facts = facts.schema
        m.kind = kind.schema
        m.hours = Int64(hours)
        return m
    }
}
