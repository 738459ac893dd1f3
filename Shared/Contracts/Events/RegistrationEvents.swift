import Vocabulary

/// An organisation entered the directory.
public struct OrganisationRegistered: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.registration.organisation-registered.v1"
    public static let topic = "careloop.registration.organisations.v1"
    public var key: String { organisation.text }

    public var organisation: OrganisationID
    public var kind: OrganisationKind
    /// Public name.
    public var name: String
    public var creditCode: CreditCode?
    public var region: RegionCode
    public var validFrom: LocalDate

    public init(
        organisation: OrganisationID,
        kind: OrganisationKind,
        name: String,
        creditCode: CreditCode? = nil,
        region: RegionCode,
        validFrom: LocalDate
    ) {
        self.organisation = organisation
        self.kind = kind
        self.name = name
        self.creditCode = creditCode
        self.region = region
        self.validFrom = validFrom
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension OrganisationRegistered: SchemaCoded {
    init(schema m: Careloop_V1_OrganisationRegistered) throws(ContractError) {
        self.init(
            organisation: try parsed("organisation", m.organisation) { text throws(InvalidValue) in try OrganisationID(text) },
            kind: try OrganisationKind(schema: m.kind, field: "kind"),
            name: m.name,
            creditCode: m.hasCreditCode
                ? try parsed("credit_code", m.creditCode) { text throws(InvalidValue) in try CreditCode(text) } : nil,
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            validFrom: try parsed("valid_from", m.validFrom) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_OrganisationRegistered {
        var m = Careloop_V1_OrganisationRegistered()
        m.organisation = organisation.text
        m.kind = kind.schema
        m.name = name
        if let creditCode { m.creditCode = creditCode.text }
        m.region = region.text
        m.validFrom = validFrom.text
        return m
    }
}

/// A person file (一人一档) was opened.
public struct PersonRegistered: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.registration.person-registered.v1"
    public static let topic = "careloop.registration.persons.v1"
    public var key: String { facts.person.text }

    public var facts: PersonFacts
    /// True until an identity document is attached and checked.
    public var provisional: Bool
    public var origin: PersonOrigin
    /// Somebody stands for the person.
    public var hasGuardian: Bool?
    /// Which document the person is known by.
    public var document: DocumentKind?

    public init(
        facts: PersonFacts,
        provisional: Bool,
        origin: PersonOrigin,
        hasGuardian: Bool? = nil,
        document: DocumentKind? = nil
    ) {
        self.facts = facts
        self.provisional = provisional
        self.origin = origin
        self.hasGuardian = hasGuardian
        self.document = document
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension PersonRegistered: SchemaCoded {
    init(schema m: Careloop_V1_PersonRegistered) throws(ContractError) {
        self.init(
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            provisional: m.provisional,
            origin: try PersonOrigin(schema: m.origin, field: "origin"),
            hasGuardian: m.hasHasGuardian_p ? m.hasGuardian_p : nil,
            document: m.hasDocument ? try DocumentKind(schema: m.document, field: "document") : nil)
    }

    var schema: Careloop_V1_PersonRegistered {
        var m = Careloop_V1_PersonRegistered()
        m.facts = facts.schema
        m.provisional = provisional
        m.origin = origin.schema
        if let hasGuardian { m.hasGuardian_p = hasGuardian }
        if let document { m.document = document.schema }
        return m
    }
}

/// An identity document was attached to a provisional file.
public struct IdentityAttached: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.registration.identity-attached.v1"
    public static let topic = "careloop.registration.persons.v1"
    public var key: String { person.text }

    public var person: PersonID
    public var documentKind: DocumentKind

    public init(
        person: PersonID,
        documentKind: DocumentKind
    ) {
        self.person = person
        self.documentKind = documentKind
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension IdentityAttached: SchemaCoded {
    init(schema m: Careloop_V1_IdentityAttached) throws(ContractError) {
        self.init(
            person: try parsed("person", m.person) { text throws(InvalidValue) in try PersonID(text) },
            documentKind: try DocumentKind(schema: m.documentKind, field: "document_kind"))
    }

    var schema: Careloop_V1_IdentityAttached {
        var m = Careloop_V1_IdentityAttached()
        m.person = person.text
        m.documentKind = documentKind.schema
        return m
    }
}

/// Two files turned out to be one person; `merged` is an alias of `kept` from now on.
public struct PersonsMerged: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.registration.persons-merged.v1"
    public static let topic = "careloop.registration.persons.v1"
    public var key: String { kept.text }

    public var kept: PersonID
    public var merged: PersonID

    public init(
        kept: PersonID,
        merged: PersonID
    ) {
        self.kept = kept
        self.merged = merged
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension PersonsMerged: SchemaCoded {
    init(schema m: Careloop_V1_PersonsMerged) throws(ContractError) {
        self.init(
            kept: try parsed("kept", m.kept) { text throws(InvalidValue) in try PersonID(text) },
            merged: try parsed("merged", m.merged) { text throws(InvalidValue) in try PersonID(text) })
    }

    var schema: Careloop_V1_PersonsMerged {
        var m = Careloop_V1_PersonsMerged()
        m.kept = kept.text
        m.merged = merged.text
        return m
    }
}

/// A merge was wrong; the alias is gone.
public struct PersonsUnmerged: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.registration.persons-unmerged.v1"
    public static let topic = "careloop.registration.persons.v1"
    public var key: String { kept.text }

    public var kept: PersonID
    public var merged: PersonID

    public init(
        kept: PersonID,
        merged: PersonID
    ) {
        self.kept = kept
        self.merged = merged
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension PersonsUnmerged: SchemaCoded {
    init(schema m: Careloop_V1_PersonsUnmerged) throws(ContractError) {
        self.init(
            kept: try parsed("kept", m.kept) { text throws(InvalidValue) in try PersonID(text) },
            merged: try parsed("merged", m.merged) { text throws(InvalidValue) in try PersonID(text) })
    }

    var schema: Careloop_V1_PersonsUnmerged {
        var m = Careloop_V1_PersonsUnmerged()
        m.kept = kept.text
        m.merged = merged.text
        return m
    }
}

/// A disability certificate (残疾人证) was issued; its number stays in Registration.
public struct CertificateIssued: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.registration.certificate-issued.v1"
    public static let topic = "careloop.registration.persons.v1"
    public var key: String { facts.person.text }

    public var certificate: CertificateID
    public var facts: PersonFacts
    public var category: CertificateCategory
    public var grade: DisabilityGrade
    public var validFrom: LocalDate
    public var validTo: LocalDate

    public init(
        certificate: CertificateID,
        facts: PersonFacts,
        category: CertificateCategory,
        grade: DisabilityGrade,
        validFrom: LocalDate,
        validTo: LocalDate
    ) {
        self.certificate = certificate
        self.facts = facts
        self.category = category
        self.grade = grade
        self.validFrom = validFrom
        self.validTo = validTo
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension CertificateIssued: SchemaCoded {
    init(schema m: Careloop_V1_CertificateIssued) throws(ContractError) {
        self.init(
            certificate: try parsed("certificate", m.certificate) { text throws(InvalidValue) in try CertificateID(text) },
            facts: try PersonFacts(schema: try required("facts", m.hasFacts, m.facts)),
            category: try CertificateCategory(schema: m.category, field: "category"),
            grade: try DisabilityGrade(schema: m.grade, field: "grade"),
            validFrom: try parsed("valid_from", m.validFrom) { text throws(InvalidValue) in try LocalDate(text) },
            validTo: try parsed("valid_to", m.validTo) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_CertificateIssued {
        var m = Careloop_V1_CertificateIssued()
        m.certificate = certificate.text
        m.facts = facts.schema
        m.category = category.schema
        m.grade = grade.schema
        m.validFrom = validFrom.text
        m.validTo = validTo.text
        return m
    }
}
