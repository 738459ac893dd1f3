import Vocabulary

/// A designated institution's agreement (定点协议) is in force.
public struct AgreementActivated: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.agreement-activated.v1"
    public static let topic = "careloop.rehabilitation.institutions.v1"
    public var key: String { institution.text }

    public var institution: OrganisationID
    public var region: RegionCode
    public var categories: [AssistanceCategory]
    public var capacity: Int
    public var validFrom: LocalDate
    public var validTo: LocalDate

    public init(
        institution: OrganisationID,
        region: RegionCode,
        categories: [AssistanceCategory],
        capacity: Int,
        validFrom: LocalDate,
        validTo: LocalDate
    ) {
        self.institution = institution
        self.region = region
        self.categories = categories
        self.capacity = capacity
        self.validFrom = validFrom
        self.validTo = validTo
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension AgreementActivated: SchemaCoded {
    init(schema m: Careloop_V1_AgreementActivated) throws(ContractError) {
        self.init(
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            categories: try m.categories.map { element throws(ContractError) in try AssistanceCategory(schema: element, field: "categories")
            },
            capacity: Int(m.capacity),
            validFrom: try parsed("valid_from", m.validFrom) { text throws(InvalidValue) in try LocalDate(text) },
            validTo: try parsed("valid_to", m.validTo) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_AgreementActivated {
        var m = Careloop_V1_AgreementActivated()
        m.institution = institution.text
        m.region = region.text
        m.categories = categories.map { $0.schema }
        m.capacity = Int64(capacity)
        m.validFrom = validFrom.text
        m.validTo = validTo.text
        return m
    }
}

/// Places taken at an institution, reserved ones included.
public struct PlacesChanged: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.places-changed.v1"
    public static let topic = "careloop.rehabilitation.institutions.v1"
    public var key: String { institution.text }

    public var institution: OrganisationID
    public var capacity: Int
    public var taken: Int
    /// Who took a place or gave one back: `referral/<id>/<attempt>` or `enrolment/<id>`.
    public var holder: String?
    /// Whose place the holder has now; `taken` is what it was.
    public var insteadOf: String?

    public init(
        institution: OrganisationID,
        capacity: Int,
        taken: Int,
        holder: String? = nil,
        insteadOf: String? = nil
    ) {
        self.institution = institution
        self.capacity = capacity
        self.taken = taken
        self.holder = holder
        self.insteadOf = insteadOf
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension PlacesChanged: SchemaCoded {
    init(schema m: Careloop_V1_PlacesChanged) throws(ContractError) {
        self.init(
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            capacity: Int(m.capacity),
            taken: Int(m.taken),
            holder: m.hasHolder ? m.holder : nil,
            insteadOf: m.hasInsteadOf ? m.insteadOf : nil)
    }

    var schema: Careloop_V1_PlacesChanged {
        var m = Careloop_V1_PlacesChanged()
        m.institution = institution.text
        m.capacity = Int64(capacity)
        m.taken = Int64(taken)
        if let holder { m.holder = holder }
        if let insteadOf { m.insteadOf = insteadOf }
        return m
    }
}
