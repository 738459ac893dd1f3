import Vocabulary

/// One figure; the published copy goes to careloop.reporting.indicators-published.v1. Compacted by `cell`.
public struct Indicator: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.reporting.indicator.v1"
    public static let topic = "careloop.reporting.indicators-internal.v1"
    public var key: String { cell }

    public var cell: String
    public var indicator: String
    public var nameZh: String
    public var nameEn: String
    public var region: RegionCode
    public var period: String
    public var topic: ScreeningTopic?
    public var category: AssistanceCategory?
    public var sex: Sex?
    public var ageBand: String?
    public var numerator: Int?
    public var denominator: Int?
    /// Rate times 10 000, rounded half up.
    public var valueBasisPoints: Int?
    public var noValueReason: String?
    public var suppressedCount: Int
    public var asOf: LocalDate
    public var watermark: String
    public var policyVersion: String
    public var planPeriod: String
    public var release: String
    public var version: Int

    public init(
        cell: String,
        indicator: String,
        nameZh: String,
        nameEn: String,
        region: RegionCode,
        period: String,
        topic: ScreeningTopic? = nil,
        category: AssistanceCategory? = nil,
        sex: Sex? = nil,
        ageBand: String? = nil,
        numerator: Int? = nil,
        denominator: Int? = nil,
        valueBasisPoints: Int? = nil,
        noValueReason: String? = nil,
        suppressedCount: Int,
        asOf: LocalDate,
        watermark: String,
        policyVersion: String,
        planPeriod: String,
        release: String,
        version: Int
    ) {
        self.cell = cell
        self.indicator = indicator
        self.nameZh = nameZh
        self.nameEn = nameEn
        self.region = region
        self.period = period
        self.topic = topic
        self.category = category
        self.sex = sex
        self.ageBand = ageBand
        self.numerator = numerator
        self.denominator = denominator
        self.valueBasisPoints = valueBasisPoints
        self.noValueReason = noValueReason
        self.suppressedCount = suppressedCount
        self.asOf = asOf
        self.watermark = watermark
        self.policyVersion = policyVersion
        self.planPeriod = planPeriod
        self.release = release
        self.version = version
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }
}

extension Indicator: SchemaCoded {
    init(schema m: Careloop_V1_Indicator) throws(ContractError) {
        self.init(
            cell: m.cell,
            indicator: m.indicator,
            nameZh: m.nameZh,
            nameEn: m.nameEn,
            region: try parsed("region", m.region) { text throws(InvalidValue) in try RegionCode(text) },
            period: m.period,
            topic: m.hasTopic ? try ScreeningTopic(schema: m.topic, field: "topic") : nil,
            category: m.hasCategory ? try AssistanceCategory(schema: m.category, field: "category") : nil,
            sex: m.hasSex ? try Sex(schema: m.sex, field: "sex") : nil,
            ageBand: m.hasAgeBand ? m.ageBand : nil,
            numerator: m.hasNumerator ? Int(m.numerator) : nil,
            denominator: m.hasDenominator ? Int(m.denominator) : nil,
            valueBasisPoints: m.hasValueBasisPoints ? Int(m.valueBasisPoints) : nil,
            noValueReason: m.hasNoValueReason ? m.noValueReason : nil,
            suppressedCount: Int(m.suppressedCount),
            asOf: try parsed("as_of", m.asOf) { text throws(InvalidValue) in try LocalDate(text) },
            watermark: m.watermark,
            policyVersion: m.policyVersion,
            planPeriod: m.planPeriod,
            release: m.release,
            version: Int(m.version))
    }

    var schema: Careloop_V1_Indicator {
        var m = Careloop_V1_Indicator()
        m.cell = cell
        m.indicator = indicator
        m.nameZh = nameZh
        m.nameEn = nameEn
        m.region = region.text
        m.period = period
        if let topic { m.topic = topic.schema }
        if let category { m.category = category.schema }
        if let sex { m.sex = sex.schema }
        if let ageBand { m.ageBand = ageBand }
        if let numerator { m.numerator = Int64(numerator) }
        if let denominator { m.denominator = Int64(denominator) }
        if let valueBasisPoints { m.valueBasisPoints = Int64(valueBasisPoints) }
        if let noValueReason { m.noValueReason = noValueReason }
        m.suppressedCount = Int64(suppressedCount)
        m.asOf = asOf.text
        m.watermark = watermark
        m.policyVersion = policyVersion
        m.planPeriod = planPeriod
        m.release = release
        m.version = Int64(version)
        return m
    }
}
