import Contracts
import Persistence
import Vocabulary

/// What the operator sees and does about records that wait and sources that stand still. Shows no bytes: they may be a child's.
enum SourceEndpoints {
    struct HeldView: Codable, Sendable {
        let id: Int64
        let subject: String
        let topic: String
        /// Elapsed time since it was held.
        let ageSeconds: Int64
    }

    struct StopView: Codable, Sendable {
        /// Missing where the whole topic is stopped.
        let partition: Int?
        let reason: String
        let detail: String
        let fromOffset: Int64
        let toOffset: Int64
        let ageSeconds: Int64
        let advice: String

        init(_ stop: SourceStops.Stop, nowMs: Int64, _ language: Language) {
            partition = stop.partition == SourceStops.Stop.wholeTopic ? nil : Int(stop.partition)
            reason = stop.reason.rawValue
            detail = stop.detail
            fromOffset = stop.fromOffset
            toOffset = stop.toOffset
            ageSeconds = max(0, nowMs - stop.sinceMs) / 1000
            advice = language == .chinese ? stop.reason.advice.chinese : stop.reason.advice.english
        }
    }

    struct SourceView: Codable, Sendable {
        let topic: String
        let partitions: Int
        /// `stopped`, `paused` while a partition waits for room in the hold, else `reading`.
        let state: String
        let held: Int
        let paused: [Int]
        let stops: [StopView]
    }

    struct Sources: Codable, Sendable {
        let items: [SourceView]
    }

    /// Body of `POST /sources/resume`.
    struct Resume: Codable, Sendable {
        let topic: String
        /// All of the topic's stops otherwise.
        var partition: Int?
        let from: Engine.Resumption
    }

    private static let audit = ServiceLog("careloop.audit")

    static func all(_ engine: Engine) -> [Endpoint] {
        [
            .query(
                .get, "/held", roles: [.operator, .auditor], summary: "等待对象的记录 / Records that wait for their subject", query: .page
            ) { request, tx in
                let page = try request.page
                let nowMs = engine.clock.elapsed.wallMilliseconds
                let waiting = try HeldRecords.list(after: page.after.flatMap { Int64($0) } ?? 0, limit: page.fetchLimit, in: tx)
                return Reply.page(
                    waiting.map {
                        HeldView(id: $0.id, subject: $0.subject, topic: $0.topic, ageSeconds: max(0, nowMs - $0.heldMs) / 1000)
                    }, page
                ) { String($0.id) }
            },
            .stream(
                .get, "/sources", roles: [.operator, .auditor], summary: "数据来源及其状态 / Topics this service reads, and what stands still",
                returns: Sources.self
            ) { request, _ in
                let sources = try await Blocking.queries.run { try engine.sources() }
                let nowMs = engine.clock.elapsed.wallMilliseconds
                return .json(Sources(items: sources.map { view($0, nowMs, request.language) }))
            },
            .stream(
                .post, "/sources/resume", roles: [.operator], summary: "恢复停止的来源 / Read a stopped source again",
                consumes: ["application/json"], returns: Sources.self
            ) { request, context in
                let body = try await context.body.json(Resume.self)
                let partition = body.partition.map { Int32(clamping: $0) }
                let lifted = try await engine.commands.run { try engine.resume(body.topic, partition: partition, body.from) }
                for stop in lifted {
                    audit.warning(
                        "a stopped source was resumed", .code("topic", stop.topic), .count("partition", Int(stop.partition)),
                        .code("reason", stop.reason.rawValue), .code("detail", stop.detail), .code("from", body.from.rawValue),
                        .id("by", request.actor.principal))
                }
                let nowMs = engine.clock.elapsed.wallMilliseconds
                let sources = try await Blocking.queries.run { try engine.sources() }
                return .json(
                    Sources(items: sources.filter { $0.topic == body.topic }.map { view($0, nowMs, request.language) }), status: .accepted)
            },
        ]
    }

    private static func view(_ source: Engine.SourceStatus, _ nowMs: Int64, _ language: Language) -> SourceView {
        SourceView(
            topic: source.topic, partitions: source.partitions,
            state: source.stops.isEmpty ? (source.paused.isEmpty ? "reading" : "paused") : "stopped", held: source.held,
            paused: source.paused.map { Int($0) }, stops: source.stops.map { StopView($0, nowMs: nowMs, language) })
    }

    static let refusals = RefusalCatalogue([
        .init("SOURCE_NOT_STOPPED", 409, zh: "该来源没有停止。", en: "That source is not stopped."),
        .init(
            "SOURCE_RESUME_UNSUITABLE", 409, zh: "因坏记录停止的来源不能从头读取。",
            en: "A source stopped for bad records is resumed where it stands, not from its start."),
        .init("HOLD_FULL", 503, zh: "挂起的记录已达上限，请稍后重试。", en: "No more records can be held now; try again later."),
    ])
}
