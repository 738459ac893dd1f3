import Vocabulary

/// One training month of one child in money; the unit of settlement. All amounts in fen.
public struct SettlementLine: Hashable, Sendable {
    public var line: LineID
    public var month: YearMonth
    /// 1 to 10 among counted months; 0 when the month does not count.
    public var ordinal: Int
    public var serviceDays: Int
    public var counted: Bool
    public var grossFen: Fen
    public var basicInsuranceFen: Fen
    public var seriousIllnessFen: Fen
    public var medicalReliefFen: Fen
    public var otherInsuranceFen: Fen
    /// gross less the four insurances.
    public var selfPayFen: Fen
    public var subsidyFen: Fen
    /// self-pay less subsidy; negative when an earlier over-payment comes back.
    public var parentsFen: Fen
    public var policyVersion: String

    public init(
        line: LineID,
        month: YearMonth,
        ordinal: Int,
        serviceDays: Int,
        counted: Bool,
        grossFen: Fen,
        basicInsuranceFen: Fen,
        seriousIllnessFen: Fen,
        medicalReliefFen: Fen,
        otherInsuranceFen: Fen,
        selfPayFen: Fen,
        subsidyFen: Fen,
        parentsFen: Fen,
        policyVersion: String
    ) {
        self.line = line
        self.month = month
        self.ordinal = ordinal
        self.serviceDays = serviceDays
        self.counted = counted
        self.grossFen = grossFen
        self.basicInsuranceFen = basicInsuranceFen
        self.seriousIllnessFen = seriousIllnessFen
        self.medicalReliefFen = medicalReliefFen
        self.otherInsuranceFen = otherInsuranceFen
        self.selfPayFen = selfPayFen
        self.subsidyFen = subsidyFen
        self.parentsFen = parentsFen
        self.policyVersion = policyVersion
    }
}

extension SettlementLine: SchemaCoded {
    init(schema m: Careloop_V1_SettlementLine) throws(ContractError) {
        self.init(
            line: try parsed("line", m.line) { text throws(InvalidValue) in try LineID(text) },
            month: try parsed("month", m.month) { text throws(InvalidValue) in try YearMonth(text) },
            ordinal: Int(m.ordinal),
            serviceDays: Int(m.serviceDays),
            counted: m.counted,
            grossFen: Fen(m.grossFen),
            basicInsuranceFen: Fen(m.basicInsuranceFen),
            seriousIllnessFen: Fen(m.seriousIllnessFen),
            medicalReliefFen: Fen(m.medicalReliefFen),
            otherInsuranceFen: Fen(m.otherInsuranceFen),
            selfPayFen: Fen(m.selfPayFen),
            subsidyFen: Fen(m.subsidyFen),
            parentsFen: Fen(m.parentsFen),
            policyVersion: m.policyVersion)
    }

    var schema: Careloop_V1_SettlementLine {
        var m = Careloop_V1_SettlementLine()
        m.line = line.text
        m.month = month.text
        m.ordinal = Int64(ordinal)
        m.serviceDays = Int64(serviceDays)
        m.counted = counted
        m.grossFen = grossFen.value
        m.basicInsuranceFen = basicInsuranceFen.value
        m.seriousIllnessFen = seriousIllnessFen.value
        m.medicalReliefFen = medicalReliefFen.value
        m.otherInsuranceFen = otherInsuranceFen.value
        m.selfPayFen = selfPayFen.value
        m.subsidyFen = subsidyFen.value
        m.parentsFen = parentsFen.value
        m.policyVersion = policyVersion
        return m
    }
}

/// Lines of an institution up to a quarter's end were put together (结算).
public struct SettlementSubmitted: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.settlement-submitted.v1"
    public static let topic = "careloop.rehabilitation.settlements.v1"
    public var key: String { institution.text }

    public var settlement: SettlementID
    public var institution: OrganisationID
    public var region: RegionCode
    public var quarter: Quarter
    public var lines: Int
    public var totalFen: Fen
    /// Which lines, by month.
    public var lineIDs: [LineID]
    /// What is asked for each of them, in the same order; none in what an earlier build said.
    public var lineFen: [Fen]

    public init(
        settlement: SettlementID,
        institution: OrganisationID,
        region: RegionCode,
        quarter: Quarter,
        lines: Int,
        totalFen: Fen,
        lineIDs: [LineID] = [],
        lineFen: [Fen] = []
    ) {
        self.settlement = settlement
        self.institution = institution
        self.region = region
        self.quarter = quarter
        self.lines = lines
        self.totalFen = totalFen
        self.lineIDs = lineIDs
        self.lineFen = lineFen
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension SettlementSubmitted: SchemaCoded {
    init(schema m: Careloop_V1_SettlementSubmitted) throws(ContractError) {
        self.init(
            settlement: try parsed("settlement", m.settlement) { text throws(InvalidValue) in try SettlementID(text) },
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            quarter: try parsed("quarter", m.quarter) { text throws(InvalidValue) in try Quarter(text) },
            lines: Int(m.lines),
            totalFen: Fen(m.totalFen),
            lineIDs: try m.lineIds.map { id throws(ContractError) in
                try parsed("line_ids", id) { text throws(InvalidValue) in try LineID(text) }
            },
            lineFen: m.lineFen.map { Fen($0) })
    }

    var schema: Careloop_V1_SettlementSubmitted {
        var m = Careloop_V1_SettlementSubmitted()
        m.settlement = settlement.text
        m.institution = institution.text
        m.region = region.text
        m.quarter = quarter.text
        m.lines = Int64(lines)
        m.totalFen = totalFen.value
        m.lineIds = lineIDs.map(\.text)
        m.lineFen = lineFen.map(\.value)
        return m
    }
}

/// A second person approved a settlement.
public struct SettlementApproved: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.settlement-approved.v1"
    public static let topic = "careloop.rehabilitation.settlements.v1"
    public var key: String { institution.text }

    public var settlement: SettlementID
    public var institution: OrganisationID
    public var region: RegionCode
    public var quarter: Quarter
    public var lines: Int
    public var totalFen: Fen

    public init(
        settlement: SettlementID,
        institution: OrganisationID,
        region: RegionCode,
        quarter: Quarter,
        lines: Int,
        totalFen: Fen
    ) {
        self.settlement = settlement
        self.institution = institution
        self.region = region
        self.quarter = quarter
        self.lines = lines
        self.totalFen = totalFen
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension SettlementApproved: SchemaCoded {
    init(schema m: Careloop_V1_SettlementApproved) throws(ContractError) {
        self.init(
            settlement: try parsed("settlement", m.settlement) { text throws(InvalidValue) in try SettlementID(text) },
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            quarter: try parsed("quarter", m.quarter) { text throws(InvalidValue) in try Quarter(text) },
            lines: Int(m.lines),
            totalFen: Fen(m.totalFen))
    }

    var schema: Careloop_V1_SettlementApproved {
        var m = Careloop_V1_SettlementApproved()
        m.settlement = settlement.text
        m.institution = institution.text
        m.region = region.text
        m.quarter = quarter.text
        m.lines = Int64(lines)
        m.totalFen = totalFen.value
        return m
    }
}

/// Finance paid the institution directly.
public struct SettlementPaid: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.settlement-paid.v1"
    public static let topic = "careloop.rehabilitation.settlements.v1"
    public var key: String { institution.text }

    public var settlement: SettlementID
    public var institution: OrganisationID
    public var region: RegionCode
    public var quarter: Quarter
    public var lines: Int
    public var totalFen: Fen
    public var paidOn: LocalDate

    public init(
        settlement: SettlementID,
        institution: OrganisationID,
        region: RegionCode,
        quarter: Quarter,
        lines: Int,
        totalFen: Fen,
        paidOn: LocalDate
    ) {
        self.settlement = settlement
        self.institution = institution
        self.region = region
        self.quarter = quarter
        self.lines = lines
        self.totalFen = totalFen
        self.paidOn = paidOn
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension SettlementPaid: SchemaCoded {
    init(schema m: Careloop_V1_SettlementPaid) throws(ContractError) {
        self.init(
            settlement: try parsed("settlement", m.settlement) { text throws(InvalidValue) in try SettlementID(text) },
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            quarter: try parsed("quarter", m.quarter) { text throws(InvalidValue) in try Quarter(text) },
            lines: Int(m.lines),
            totalFen: Fen(m.totalFen),
            paidOn: try parsed("paid_on", m.paidOn) { text throws(InvalidValue) in try LocalDate(text) })
    }

    var schema: Careloop_V1_SettlementPaid {
        var m = Careloop_V1_SettlementPaid()
        m.settlement = settlement.text
        m.institution = institution.text
        m.region = region.text
        m.quarter = quarter.text
        m.lines = Int64(lines)
        m.totalFen = totalFen.value
        m.paidOn = paidOn.text
        return m
    }
}

/// A second person sent a settlement back; its lines are free for another settlement.
public struct SettlementRejected: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.rehabilitation.settlement-rejected.v1"
    public static let topic = "careloop.rehabilitation.settlements.v1"
    public var key: String { institution.text }

    public var settlement: SettlementID
    public var institution: OrganisationID
    public var region: RegionCode
    public var quarter: Quarter
    public var lines: Int
    public var totalFen: Fen
    public var reason: String

    public init(
        settlement: SettlementID,
        institution: OrganisationID,
        region: RegionCode,
        quarter: Quarter,
        lines: Int,
        totalFen: Fen,
        reason: String
    ) {
        self.settlement = settlement
        self.institution = institution
        self.region = region
        self.quarter = quarter
        self.lines = lines
        self.totalFen = totalFen
        self.reason = reason
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension SettlementRejected: SchemaCoded {
    init(schema m: Careloop_V1_SettlementRejected) throws(ContractError) {
        self.init(
            settlement: try parsed("settlement", m.settlement) { text throws(InvalidValue) in try SettlementID(text) },
            institution: try parsed("institution", m.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            quarter: try parsed("quarter", m.quarter) { text throws(InvalidValue) in try Quarter(text) },
            lines: Int(m.lines),
            totalFen: Fen(m.totalFen),
            reason: m.reason)
    }

    var schema: Careloop_V1_SettlementRejected {
        var m = Careloop_V1_SettlementRejected()
        m.settlement = settlement.text
        m.institution = institution.text
        m.region = region.text
        m.quarter = quarter.text
        m.lines = Int64(lines)
        m.totalFen = totalFen.value
        m.reason = reason
        return m
    }
}
