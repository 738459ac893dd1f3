import Vocabulary

/// A job began.
public struct PlacementRecorded: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.employment.placement-recorded.v1"
    public static let topic = "careloop.employment.job-seekers.v1"
    public var key: String { facts.person.text }

    public var placement: PlacementID
    public var jobSeeker: JobSeekerID
    public var facts: PersonFacts
    public var employer: OrganisationID
    public var form: EmploymentForm
    public var startedOn: LocalDate
    public var contractUntil: LocalDate
    public var monthlyWageFen: Fen

    public init(
        placement: PlacementID,
        jobSeeker: JobSeekerID,
        facts: PersonFacts,
        employer: OrganisationID,
        form: EmploymentForm,
        startedOn: LocalDate,
        contractUntil: LocalDate,
        monthlyWageFen: Fen
    ) {
        self.placement = placement
        self.jobSeeker = jobSeeker
        self.facts = facts
        self.employer = employer
        self.form = form
        self.startedOn = startedOn
        self.contractUntil = contractUntil
        self.monthlyWageFen = monthlyWageFen
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension PlacementRecorded: SchemaCoded {
    init(schema m: Careloop_V1_PlacementRecorded) throws(ContractError) {
        self.init(
            placement: try parsed("placement", m.placement) { text throws(InvalidValue) in try PlacementID(text) },
            jobSeeker: try parsed("job_seeker", m.jobSeeker) { text throws(InvalidValue) in try JobSeekerID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            employer: try parsed("employer", m.employer) { text throws(InvalidValue) in try OrganisationID(text) },
            form: try EmploymentForm(schema: m.form, field: "form"),
            startedOn: try parsed("started_on", m.startedOn) { text throws(InvalidValue) in try LocalDate(text) },
            contractUntil: try parsed("contract_until", m.contractUntil) { text throws(InvalidValue) in try LocalDate(text) },
            monthlyWageFen: Fen(m.monthlyWageFen))
    }

    var schema: Careloop_V1_PlacementRecorded {
        var m = Careloop_V1_PlacementRecorded()
        m.placement = placement.text
        m.jobSeeker = jobSeeker.text
        m.facts = facts.schema
        m.employer = employer.text
        m.form = form.schema
        m.startedOn = startedOn.text
        m.contractUntil = contractUntil.text
        m.monthlyWageFen = monthlyWageFen.value
        return m
    }
}

/// The job still stood at month 1, 3 or 6.
public struct EmploymentConfirmed: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.employment.employment-confirmed.v1"
    public static let topic = "careloop.employment.job-seekers.v1"
    public var key: String { facts.person.text }

    public var placement: PlacementID
    public var jobSeeker: JobSeekerID
    public var facts: PersonFacts
    public var employer: OrganisationID
    public var month: Int

    public init(
        placement: PlacementID,
        jobSeeker: JobSeekerID,
        facts: PersonFacts,
        employer: OrganisationID,
        month: Int
    ) {
        self.placement = placement
        self.jobSeeker = jobSeeker
        self.facts = facts
        self.employer = employer
        self.month = month
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension EmploymentConfirmed: SchemaCoded {
    init(schema m: Careloop_V1_EmploymentConfirmed) throws(ContractError) {
        self.init(
            placement: try parsed("placement", m.placement) { text throws(InvalidValue) in try PlacementID(text) },
            jobSeeker: try parsed("job_seeker", m.jobSeeker) { text throws(InvalidValue) in try JobSeekerID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            employer: try parsed("employer", m.employer) { text throws(InvalidValue) in try OrganisationID(text) },
            month: Int(m.month))
    }

    var schema: Careloop_V1_EmploymentConfirmed {
        var m = Careloop_V1_EmploymentConfirmed()
        m.placement = placement.text
        m.jobSeeker = jobSeeker.text
        m.facts = facts.schema
        m.employer = employer.text
        m.month = Int64(month)
        return m
    }
}

/// Nobody confirmed the job at month 1, 3 or 6 in time; escalated, nothing is decided by it.
public struct ConfirmationMissed: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.employment.confirmation-missed.v1"
    public static let topic = "careloop.employment.job-seekers.v1"
    public var key: String { facts.person.text }

    public var placement: PlacementID
    public var jobSeeker: JobSeekerID
    public var facts: PersonFacts
    public var employer: OrganisationID
    public var month: Int
    public var dueOn: LocalDate

    public init(
        placement: PlacementID,
        jobSeeker: JobSeekerID,
        facts: PersonFacts,
        employer: OrganisationID,
        month: Int,
        dueOn: LocalDate
    ) {
        self.placement = placement
        self.jobSeeker = jobSeeker
        self.facts = facts
        self.employer = employer
        self.month = month
        self.dueOn = dueOn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension ConfirmationMissed: SchemaCoded {
    init(schema m: Careloop_V1_ConfirmationMissed) throws(ContractError) {
        self.init(
            placement: try parsed("placement", m.placement) { text throws(InvalidValue) in try PlacementID(text) },
            jobSeeker: try parsed("job_seeker", m.jobSeeker) { text throws(InvalidValue) in try JobSeekerID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            employer: try parsed("employer", m.employer) { text throws(InvalidValue) in try OrganisationID(text) },
            month: Int(m.month),
            dueOn: try parsed("due_on", m.dueOn) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_ConfirmationMissed {
        var m = Careloop_V1_ConfirmationMissed()
        m.placement = placement.text
        m.jobSeeker = jobSeeker.text
        m.facts = facts.schema
        m.employer = employer.text
        m.month = Int64(month)
        m.dueOn = dueOn.text
        return m
    }
}

/// Six completed months in the job.
public struct StableEmploymentReached: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.employment.stable-employment-reached.v1"
    public static let topic = "careloop.employment.job-seekers.v1"
    public var key: String { facts.person.text }

    public var placement: PlacementID
    public var jobSeeker: JobSeekerID
    public var facts: PersonFacts
    public var employer: OrganisationID
    public var reachedOn: LocalDate

    public init(
        placement: PlacementID,
        jobSeeker: JobSeekerID,
        facts: PersonFacts,
        employer: OrganisationID,
        reachedOn: LocalDate
    ) {
        self.placement = placement
        self.jobSeeker = jobSeeker
        self.facts = facts
        self.employer = employer
        self.reachedOn = reachedOn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension StableEmploymentReached: SchemaCoded {
    init(schema m: Careloop_V1_StableEmploymentReached) throws(ContractError) {
        self.init(
            placement: try parsed("placement", m.placement) { text throws(InvalidValue) in try PlacementID(text) },
            jobSeeker: try parsed("job_seeker", m.jobSeeker) { text throws(InvalidValue) in try JobSeekerID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            employer: try parsed("employer", m.employer) { text throws(InvalidValue) in try OrganisationID(text) },
            reachedOn: try parsed("reached_on", m.reachedOn) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_StableEmploymentReached {
        var m = Careloop_V1_StableEmploymentReached()
        m.placement = placement.text
        m.jobSeeker = jobSeeker.text
        m.facts = facts.schema
        m.employer = employer.text
        m.reachedOn = reachedOn.text
        return m
    }
}

/// A job ended.
public struct EmploymentEnded: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.employment.employment-ended.v1"
    public static let topic = "careloop.employment.job-seekers.v1"
    public var key: String { facts.person.text }

    public var placement: PlacementID
    public var jobSeeker: JobSeekerID
    public var facts: PersonFacts
    public var employer: OrganisationID
    public var endedOn: LocalDate
    public var reason: String

    public init(
        placement: PlacementID,
        jobSeeker: JobSeekerID,
        facts: PersonFacts,
        employer: OrganisationID,
        endedOn: LocalDate,
        reason: String
    ) {
        self.placement = placement
        self.jobSeeker = jobSeeker
        self.facts = facts
        self.employer = employer
        self.endedOn = endedOn
        self.reason = reason
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension EmploymentEnded: SchemaCoded {
    init(schema m: Careloop_V1_EmploymentEnded) throws(ContractError) {
        self.init(
            placement: try parsed("placement", m.placement) { text throws(InvalidValue) in try PlacementID(text) },
            jobSeeker: try parsed("job_seeker", m.jobSeeker) { text throws(InvalidValue) in try JobSeekerID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            employer: try parsed("employer", m.employer) { text throws(InvalidValue) in try OrganisationID(text) },
            endedOn: try parsed("ended_on", m.endedOn) { text throws(InvalidValue) in try LocalDate(text) },
            reason: m.reason)
    }

    var schema: Careloop_V1_EmploymentEnded {
        var m = Careloop_V1_EmploymentEnded()
        m.placement = placement.text
        m.jobSeeker = jobSeeker.text
        m.facts = facts.schema
        m.employer = employer.text
        m.endedOn = endedOn.text
        m.reason = reason
        return m
    }
}
