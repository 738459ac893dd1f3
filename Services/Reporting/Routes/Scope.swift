import ServiceRuntime
import Vocabulary

/// Who may read exact figures, and where.
enum Scope {
    /// Those whose duty the figures are. Centres and employers see their own matters in other services.
    static let readers: Endpoint.Access = [.dashboard, .auditor, .clerk, .reviewer, .finance, .healthBureau, .operator]

    /// The region asked for, or the caller's own. Throws 422 when it does not exist and 403 outside the caller's subtree.
    static func region(_ request: EndpointRequest) throws -> RegionCode {
        guard let text = request.query("region"), !text.isEmpty else {
            guard let own = request.actor.region, own.digits <= 9 else { throw Problem.forbidden("REGION_OUT_OF_SCOPE") }
            return own
        }
        return try region(text, request)
    }

    static func region(_ text: String, _ request: EndpointRequest) throws -> RegionCode {
        let region = try field("region") { () throws(InvalidValue) in try RegionTable.shared.validated(text) }
        // Figures go down to townships: a village is shown by its own, which a village's token does not cover.
        let shown = region.ancestor(digits: 9) ?? region
        try request.actor.mayAct(in: shown)
        return shown
    }
}

/// A region as replies name it.
struct RegionReply: Codable, Sendable {
    let code: String
    let name: String
    let fullName: String

    init(_ region: RegionCode) {
        code = region.text
        name = RegionTable.shared.name(of: region) ?? region.text
        fullName = RegionTable.shared.fullName(of: region) ?? region.text
    }
}

/// One measure of a reply.
struct MeasureReply: Codable, Sendable {
    let measure: String
    let nameZh: String
    let nameEn: String
    let value: Int64

    init(_ measure: Measure, _ value: Int64) {
        self.measure = measure.rawValue
        nameZh = measure.name.zh
        nameEn = measure.name.en
        self.value = value
    }
}

/// What every reply with figures says about them.
struct AsOfReply: Codable, Sendable {
    /// Business date of the latest event counted.
    let asOf: String
    /// Events counted and when the last of them was recorded.
    let watermark: String
    let policyVersion: String
    let planPeriod: String

    init(_ freshness: Freshness?, today: LocalDate) throws {
        let date = freshness?.day ?? today
        asOf = date.text
        watermark = freshness?.watermark ?? "0"
        policyVersion = ReportingPolicies.version
        planPeriod = try ReportingPolicies.planPeriod(on: date)
    }
}
