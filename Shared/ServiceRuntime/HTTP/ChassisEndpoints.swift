import Persistence
import Vocabulary

/// The addresses every service has: health, figures about itself, its own description, the clock and sessions.
enum ChassisEndpoints {
    /// Body of `POST /clock`.
    struct NewDate: Codable, Sendable {
        let date: LocalDate
    }

    /// Answer to `GET` and `POST /clock`.
    struct ClockStands: Codable, Sendable {
        let today: LocalDate
        let simulated: Bool
    }

    /// The chassis' endpoints with `own`'s description among them.
    static func all(own: [Endpoint], engine: Engine, probe: StatusProbe, metrics: Metrics, refusals: RefusalCatalogue)
        -> [Endpoint]
    {
        let chassis =
            health(probe, metrics) + clock(engine.clock) + SessionPages.endpoints + DeadLetterEndpoints.all(engine)
            + JournalEndpoints.all(engine)
            + SourceEndpoints.all(engine) + TraceEndpoints.all(engine) + LeakEndpoints.all(engine)
        let summary: Endpoint.Summary = "本服务接口的 OpenAPI 描述 / This interface in OpenAPI 3.1"
        let itself = Endpoint.stream(.get, "/openapi.json", roles: .everyone, summary: summary) { _, _ in .reply(Reply.noContent) }
        let document = OpenAPI.document(service: engine.name, endpoints: own + chassis + [itself], catalogue: refusals.withChassis).bytes
        let description = Endpoint.stream(.get, "/openapi.json", roles: .everyone, summary: summary) { _, _ in
            .reply(Reply(status: 200, contentType: "application/json", body: document))
        }
        return own + chassis + [description]
    }

    private static func health(_ probe: StatusProbe, _ metrics: Metrics) -> [Endpoint] {
        [
            .stream(.get, "/live", roles: .everyone, summary: "进程是否存活 / Whether every loop of the process still turns") { _, _ in
                let stuck = probe.stuckWorkers
                let body = JSONValue.object([("live", .bool(stuck.isEmpty)), ("stuck", .array(stuck.map { .string($0) }))])
                return .reply(Reply(status: stuck.isEmpty ? 200 : 503, contentType: "application/json", body: body.bytes))
            },
            .stream(.get, "/ready", roles: .everyone, summary: "是否可以承接请求及原因 / Whether it can take work, and why not") { _, _ in
                let (isReady, body) = await probe.readiness()
                return .reply(Reply(status: isReady ? 200 : 503, contentType: "application/json", body: body.bytes))
            },
            .stream(
                .get, "/status", roles: .everyone,
                summary: "本服务的运行状况（lag=false 不查询日志末尾） / This service in numbers; lag=false asks the log nothing",
                query: [.flag("lag")]
            ) { request, _ in
                let report = try await probe.report(lag: request.flag("lag", absent: true))
                return .reply(Reply(status: 200, contentType: "application/json", body: report.json.bytes))
            },
            .stream(.get, "/metrics", roles: .everyone, summary: "Prometheus 指标 / Metrics for Prometheus") { _, _ in
                await probe.refreshMetrics()
                return .reply(.text(metrics.text, contentType: "text/plain; version=0.0.4; charset=utf-8"))
            },
        ]
    }

    private static func clock(_ clock: BusinessClock) -> [Endpoint] {
        [
            .stream(.get, "/clock", roles: .everyone, summary: "业务日期 / The business date", returns: ClockStands.self) { _, _ in
                .json(ClockStands(today: clock.today, simulated: clock.isSimulated))
            },
            .stream(
                .post, "/clock", roles: [.operator], summary: "拨动模拟日期 / Move the simulated date", consumes: ["application/json"],
                returns: ClockStands.self
            ) { _, context in
                try clock.move(to: try await context.body.json(NewDate.self).date)
                return .json(ClockStands(today: clock.today, simulated: true))
            },
        ]
    }
}
