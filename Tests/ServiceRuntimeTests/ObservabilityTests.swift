import Contracts
import Foundation
import Logging
import Messaging
import Persistence
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

struct ObservabilityTests {
    /// What a log handler wrote.
    final class Lines: Sendable {
        private let kept = Mutex<[[UInt8]]>([])
        func add(_ line: [UInt8]) { kept.withLock { $0.append(line) } }
        var all: [[UInt8]] { kept.withLock { $0 } }
    }

    @Test func `a log line is one JSON object with the fields of its event`() throws {
        let lines = Lines()
        let handler = JSONLogHandler(
            label: "careloop.test", service: "screening", logLevel: .info, time: ManualTime(Instant(milliseconds: 0)),
            sink: { lines.add($0) })
        let logger = Logger(label: "careloop.test") { _ in handler }
        logger.info("a \"quoted\"\nline", metadata: ["rows": .stringConvertible(3), "topic": "t.v1", "level": "not this"])
        let line = try #require(lines.all.first)
        #expect(line.filter { $0 == 10 }.count == 1 && line.last == 10)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
        #expect(object["message"] as? String == "a \"quoted\"\nline")
        #expect(object["level"] as? String == "info")
        #expect(object["service"] as? String == "screening")
        #expect(object["rows"] as? Int == 3)
        #expect(object["time"] as? String == "1970-01-01T08:00:00.000+08:00")
    }

    @Test func `metrics are written as Prometheus reads them`() {
        let metrics = Metrics()
        metrics.counter("c_total", "Counts.", labels: ["path": "a\"b\\c\nd"]).add(2)
        metrics.counter("c_total", "Counts.", labels: ["path": "a\"b\\c\nd"]).add()
        let histogram = metrics.histogram("h_seconds", "Seconds.", bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 7] { histogram.observe(value) }
        metrics.sampled("g", "A gauge.") { [.init(1.5, labels: ["k": "v"]), .init(2)] }
        #expect(
            metrics.text == """
                # HELP c_total Counts.
                # TYPE c_total counter
                c_total{path="a\\"b\\\\c\\nd"} 3
                # HELP g A gauge.
                # TYPE g gauge
                g{k="v"} 1.5
                g 2
                # HELP h_seconds Seconds.
                # TYPE h_seconds histogram
                h_seconds_bucket{le="0.1"} 2
                h_seconds_bucket{le="1"} 3
                h_seconds_bucket{le="+Inf"} 4
                h_seconds_sum 7.65
                h_seconds_count 4

                """)
    }

    @Test func `health, status and metrics answer over the socket without a token`() async throws {
        try await ListeningDesk.run { desk async throws in
            #expect(try await desk.send("GET", "/live").status == 200)
            let ready = try await desk.send("GET", "/ready")
            #expect(ready.status == 200)
            #expect((try ready.member("checks") as? [String: String])?["gaps"] == "ok")
            let status = try await desk.send("GET", "/status")
            #expect(try status.member("service") as? String == "registration")
            #expect(try status.member("today") as? String == "2024-06-03")
            for name in ["outboxPending", "lag", "held", "deadlinesDue", "processed", "deadLetters"] {
                #expect(try status.member(name) as? Int == 0)
            }
            #expect(try status.member("openGaps") as? [String] == [])
            let metrics = try await desk.send("GET", "/metrics")
            #expect(metrics.text.contains("careloop_http_requests_total{route=\"GET /ready\",status=\"200\"} 1"))
            #expect(metrics.text.contains("careloop_ready 1"))
            #expect(try await desk.send("GET", "/openapi.json").member("openapi") as? String == "3.1.0")
        }
    }

    @Test func `only an operator moves the clock, only forward, and elapsed time stays`() async throws {
        try await ListeningDesk.run { desk async throws in
            let before = desk.service.clock.elapsed.wallMilliseconds
            func move(_ date: String, _ role: Role) async throws -> WireAnswer {
                try await desk.send("POST", "/clock", [try desk.bearer(role)], body: #"{"date":"\#(date)"}"#)
            }
            #expect(try await move("2024-06-04", .clerk).status == 403)
            let moved = try await move("2025-01-01", .operator)
            #expect(moved.status == 200)
            #expect(try moved.member("today") as? String == "2025-01-01")
            #expect(try await move("2024-12-31", .operator).code == "CLOCK_BACKWARDS")
            #expect(try await move("2024-13-31", .operator).status == 422)
            #expect(desk.service.clock.elapsed.wallMilliseconds - before < 60_000)
        }
    }

    @Test func `an unsent event that waits too long, a gap and a full outbox each turn readiness red by name`() throws {
        let service = try TestService(Desk.definition(), today: LocalDate(year: 2024, month: 6, day: 3)!)
        let snapshot = try service.engine.snapshot()
        let now: Int64 = 1_750_000_000_000
        func failing(room: Bool = true, lag: [String: Int64]? = [:], now: Int64 = now, _ change: (inout EngineStatus) -> Void) -> [String] {
            var engine = snapshot
            change(&engine)
            let report = StatusReport(engine: engine, lag: lag, nowMs: now, outboxHasRoom: room)
            return report.checks.filter { $0.outcome != .ok }.map(\.name)
        }
        #expect(failing { _ in } == [])
        #expect(failing { $0.outboxOldestMs = now - 61_000 } == ["outbox"])
        #expect(failing { $0.outboxOldestMs = now - 1000 } == [])
        #expect(failing(room: false) { _ in } == ["outbox"])
        #expect(failing { $0.oldestGapMs = now - 61_000 } == ["gaps"])
        #expect(failing { $0.oldestGapMs = now - 1000 } == [])
        let stop = SourceStops.Stop(
            topic: "t", partition: 3, reason: .recordChanged, detail: "another record", fromOffset: 4, toOffset: 9, sinceMs: 0)
        #expect(failing { $0.stops = [stop] } == ["consumer"])
        // A partner's partition that waits is the partner's own trouble.
        #expect(
            failing { $0.paused = [TopicPartition(topic: Catalogue.name(RawScreeningResult.topic, for: Scripted.partner), partition: 0)] }
                == [])
        #expect(failing { $0.paused = [TopicPartition(topic: PersonRegistered.topic, partition: 3)] } == ["held"])
        #expect(failing { $0.logFailure = "gone" } == ["log"])
        #expect(failing { $0.storeFailure = "consumer: full" } == ["database"])
        #expect(failing(lag: nil) { _ in } == ["log"])
        #expect(failing { $0.restoreNeeded = "the log is ahead" } == ["history"])
        #expect(failing(lag: ["t": 500_001]) { _ in } == ["lag"])
        #expect(failing(now: 0) { _ in } == ["clock"])
    }
}
