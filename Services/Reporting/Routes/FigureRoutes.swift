import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Exact figures over HTTP, within the region of the caller.
enum FigureRoutes {
    struct FunnelReply: Codable, Sendable {
        let region: RegionReply
        let asOf: AsOfReply
        let stages: [MeasureReply]
    }

    struct RegionTreeReply: Codable, Sendable {
        struct Child: Codable, Sendable {
            let region: RegionReply
            let figures: [MeasureReply]
        }

        let region: RegionReply
        let asOf: AsOfReply
        let figures: [MeasureReply]
        let children: [Child]
    }

    struct FiguresReply: Codable, Sendable {
        struct Group: Codable, Sendable {
            let key: String
            let nameZh: String
            let nameEn: String
            let figures: [MeasureReply]
        }

        let region: RegionReply
        let asOf: AsOfReply
        let by: String
        let groups: [Group]
    }

    /// What `filter` reads besides the region.
    private static let narrowing: [QueryParameter] = ["from", "to", "topic", "sex", "ageBand"]

    static let endpoints: [Endpoint] = [
        .query(
            .get, "/funnel", roles: Scope.readers, summary: "漏斗：从初筛到稳定就业 / The funnel, from first screen to stable job",
            query: ["region"] + narrowing,
            returns: FunnelReply.self
        ) { request, tx in
            let region = try Scope.region(request)
            let sums = try sum(filter(request, region), in: tx)
            return .json(
                FunnelReply(
                    region: RegionReply(region), asOf: try AsOfReply(FreshnessTable.overall(in: tx), today: request.today),
                    stages: Funnel.stages.map { MeasureReply($0, sums[$0] ?? 0) }))
        },
        .query(
            .get, "/regions/{code}", roles: Scope.readers, summary: "一个地区及其下级的统计 / A region and those directly below it", query: narrowing,
            returns: RegionTreeReply.self
        ) { request, tx in
            let region = try Scope.region(request.path("code"), request)
            let sums = try sum(filter(request, region), in: tx)
            let below = try children(of: region, filter(request, region), on: request.today, in: tx)
            return .json(
                RegionTreeReply(
                    region: RegionReply(region), asOf: try AsOfReply(FreshnessTable.overall(in: tx), today: request.today),
                    figures: replies(sums), children: below.map { .init(region: RegionReply($0.region), figures: replies($0.figures)) }))
        },
        .query(
            .get, "/figures", roles: Scope.readers, summary: "按地区、月份、类别、性别或年龄段统计 / Figures by region, month, topic, sex or age band",
            query: [.oneOf("by", FigureQueries.Dimension.self), "region", "measures"] + narrowing,
            returns: FiguresReply.self
        ) { request, tx in
            let region = try Scope.region(request)
            let dimension = try request.query("by", oneOf: FigureQueries.Dimension.self) ?? .month
            let wanted = try measures(request)
            let all = try filter(request, region)
            let groups: [FiguresReply.Group]
            if dimension == .region {
                groups = try children(of: region, all, on: request.today, in: tx).map { child in
                    let name = RegionTable.shared.name(of: child.region) ?? child.region.text
                    return .init(key: child.region.text, nameZh: name, nameEn: name, figures: replies(child.figures, wanted))
                }
            } else {
                let sums = Dictionary(grouping: try FigureQueries.sums(all, by: dimension, in: tx), by: \.group)
                groups = sums.sorted { $0.key < $1.key }.map { key, rows in
                    let figures = rows.reduce(into: Figures()) { $0[$1.measure, default: 0] += $1.value }
                    let name = name(of: key, dimension)
                    return .init(key: key, nameZh: name.zh, nameEn: name.en, figures: replies(figures, wanted))
                }
            }
            return .json(
                FiguresReply(
                    region: RegionReply(region), asOf: try AsOfReply(FreshnessTable.overall(in: tx), today: request.today),
                    by: dimension.rawValue, groups: groups))
        },
    ]

    /// Sums of a region and below, over its former codes too.
    static func sum(_ filter: FigureQueries.Filter, in tx: any Transaction) throws -> Figures {
        try FigureQueries.sums(filter, by: .none, in: tx).reduce(into: Figures()) { $0[$1.measure, default: 0] += $1.value }
    }

    /// Figures of the regions directly below, in code order; what was counted at the region's own level stands under its own code.
    static func children(
        of region: RegionCode, _ filter: FigureQueries.Filter, on date: LocalDate, in tx: any Transaction
    ) throws -> [(region: RegionCode, figures: Figures)] {
        let table = RegionTable.shared
        var sums: [RegionCode: Figures] = [:]
        for row in try FigureQueries.sums(filter, by: .region, in: tx) {
            var place = table.current(RegionCode(trusted: row.group), on: date)
            while place != region, let above = table.parent(of: place), above != region, region.contains(above) { place = above }
            sums[place, default: [:]][row.measure, default: 0] += row.value
        }
        return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Region and the query's month, topic, sex and age band.
    static func filter(_ request: EndpointRequest, _ region: RegionCode) throws -> FigureQueries.Filter {
        FigureQueries.Filter(
            regions: [region] + RegionTable.shared.formerCodes(countedIn: region, on: request.today),
            from: try request.query("from", as: YearMonth.self), to: try request.query("to", as: YearMonth.self),
            subject: try word("topic", request), sex: try word("sex", request), band: try word("ageBand", request))
    }

    private static func word<Word: BilingualWord>(_ name: String, _ request: EndpointRequest) throws -> Word? {
        guard let text = request.query(name), !text.isEmpty else { return nil }
        return try field(name) { () throws(InvalidValue) in try Word.parse(text) }
    }

    private static func measures(_ request: EndpointRequest) throws -> [Measure] {
        guard let text = request.query("measures"), !text.isEmpty else { return Measure.allCases }
        return try text.split(separator: ",").map { word in
            guard let measure = Measure(rawValue: String(word)) else { throw Problem.invalid(field: "measures", "MEASURE_UNKNOWN") }
            return measure
        }
    }

    private static func replies(_ figures: Figures, _ wanted: [Measure] = Measure.allCases) -> [MeasureReply] {
        wanted.compactMap { measure in figures[measure].map { MeasureReply(measure, $0) } }
    }

    private static func name(of key: String, _ dimension: FigureQueries.Dimension) -> BilingualName {
        let name: BilingualName? =
            switch dimension {
            case .none, .region, .month: nil
            case .topic: ScreeningTopic(rawValue: key)?.name
            case .sex: Sex(rawValue: key)?.name
            case .ageBand: AgeBand(rawValue: key)?.name
            }
        return name ?? BilingualName(zh: key.isEmpty ? "不适用" : key, en: key.isEmpty ? "does not apply" : key)
    }
}
