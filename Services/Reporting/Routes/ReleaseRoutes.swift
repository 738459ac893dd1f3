import Persistence
import ServiceRuntime
import Vocabulary

/// Releases: what everyone may know.
enum ReleaseRoutes {
    struct ReleaseBody: Codable, Sendable {
        /// A month that has ended.
        var month: YearMonth
    }

    struct ReleaseReply: Codable, Sendable {
        let id: String
        let month: String
        let revision: Int
        let asOf: String
        let watermark: String
        let policyVersion: String
        let planPeriod: String

        init(_ release: Release) {
            id = release.id
            month = release.month.text
            revision = release.revision
            asOf = release.asOf.text
            watermark = release.watermark
            policyVersion = release.policyVersion
            planPeriod = release.planPeriod
        }
    }

    struct PublishedFigure: Codable, Sendable {
        let indicator: String
        let nameZh: String
        let nameEn: String
        let numerator: Int64?
        let denominator: Int64?
        let valueBasisPoints: Int?
        let noValueReason: String?
        let suppressedCount: Int

        init(_ figure: ReleasedFigure) {
            indicator = figure.indicator
            nameZh = figure.name.zh
            nameEn = figure.name.en
            numerator = figure.value.numerator
            denominator = figure.value.denominator
            valueBasisPoints = figure.value.basisPoints
            noValueReason = figure.value.noValueReason
            suppressedCount = figure.suppressed
        }
    }

    struct PublishedReply: Codable, Sendable {
        let release: ReleaseReply
        let region: RegionReply
        let figures: [PublishedFigure]
        let children: [RegionReply]
    }

    static let endpoints: [Endpoint] = [
        .command(
            .post, "/releases", roles: [.reviewer, .operator],
            summary:
                "发布某月数据（小单元格抑制；审核人须覆盖所发布的全部地区）/ Release a month's figures, small counts hidden; a reviewer's region must hold all of them",
            body: ReleaseBody.self, returns: ReleaseReply.self
        ) { request, body, work in
            let release = try MonthlyRelease.make(
                body.month, asOf: request.today.adding(days: -1), by: request.actor.user, within: try scope(of: request.actor), work)
            return .json(ReleaseReply(release), status: .created)
        },
        .query(.get, "/releases", roles: .everyone, summary: "已发布的数据 / Releases, newest first", query: .page) { request, tx in
            let page = try request.page
            let rows = try ReleaseTables.list(before: page.after, limit: page.fetchLimit, in: tx)
            return .page(rows.map { ReleaseReply($0) }, page) { $0.id }
        },
        .query(
            .get, "/published", roles: .everyone, summary: "某地区已发布的数据 / What has been released about a region", query: ["month", "region"],
            returns: PublishedReply.self
        ) { request, tx in
            guard let release = try ReleaseTables.latest(month: try request.query("month", as: YearMonth.self), in: tx) else {
                throw Problem.notFound
            }
            let regions = try ReleaseTables.regions(release, in: tx)
            let region: RegionCode
            if let text = request.query("region") {
                region = try field("region") { () throws(InvalidValue) in try RegionTable.shared.validated(text) }
            } else {
                guard let first = regions.min(by: { ($0.digits, $0) < ($1.digits, $1) }) else { throw Problem.notFound }
                region = first
            }
            return .json(
                PublishedReply(
                    release: ReleaseReply(release), region: RegionReply(region),
                    figures: try ReleaseTables.figures(release, [region], in: tx).map { PublishedFigure($0) },
                    children: regions.filter { RegionTable.shared.parent(of: $0) == region }.map { RegionReply($0) }))
        },
    ]
    /// A release tells everyone about every region at once, so whoever makes one answers for all of them: an operator, bound to no region, or
    /// a province's reviewer where there is nothing beyond the province.
    private static func scope(of actor: Actor) throws(Problem) -> RegionCode? {
        guard actor.role != .operator else { return nil }
        guard let region = actor.region, region.digits == 2 else { throw .forbidden("REGION_OUT_OF_SCOPE") }
        return region
    }
}
