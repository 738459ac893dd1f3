import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// compose/monitoring against what a service really says on /metrics.
struct MonitoringTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("compose/monitoring")

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// Names of families, histograms with what Prometheus makes of them.
    private static func families(_ metrics: String) -> Set<String> {
        var names: Set<String> = []
        for line in metrics.split(separator: "\n") where line.hasPrefix("# TYPE ") {
            let words = line.split(separator: " ")
            let name = String(words[2])
            names.formUnion(words[3] == "histogram" ? ["\(name)_bucket", "\(name)_sum", "\(name)_count"] : [name])
        }
        return names
    }

    private static func used(_ text: String) -> Set<String> {
        Set(text.matches(of: /careloop_[a-z_]+/).map { String($0.output) })
    }

    @Test func `every metric that an alert or the dashboard names is in a real answer`() async throws {
        try await ListeningDesk.run { desk async throws in
            _ = try await desk.send("GET", "/people")
            let metrics = try await desk.send("GET", "/metrics").text
            let known = Self.families(metrics)
            let alerts = Self.used(try Self.text("alerts.yaml"))
            let dashboard = Self.used(try Self.text("grafana.json"))
            #expect(alerts.count > 12 && dashboard.count > 20)
            #expect(alerts.union(dashboard).subtracting(known).isEmpty)
            // And nothing is measured that nobody looks at.
            #expect(
                known.filter { !$0.hasSuffix("_sum") && !$0.hasSuffix("_count") }.subtracting(dashboard.union(alerts)).subtracting([
                    "careloop_held_records_by_topic", "careloop_batches_total", "careloop_batch_records_bucket",
                    "careloop_open_gap_age_seconds",
                ]).isEmpty)
        }
    }

    @Test func `the dashboard is what Grafana imports, each panel with a source, a place and a question`() throws {
        let board = try #require(try JSONSerialization.jsonObject(with: Data(try Self.text("grafana.json").utf8)) as? [String: Any])
        let panels = try #require(board["panels"] as? [[String: Any]])
        #expect(panels.count >= 15 && Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        for panel in panels {
            let title = try #require(panel["title"] as? String)
            #expect(title.contains(" · "), "\(title): Chinese and English")
            #expect((panel["datasource"] as? [String: String])?["uid"] == "${source}", "\(title)")
            #expect(panel["gridPos"] != nil)
            let targets = try #require(panel["targets"] as? [[String: Any]])
            for target in targets { #expect((target["expr"] as? String)?.isEmpty == false, "\(title)") }
        }
        let variables = (board["templating"] as? [String: [[String: Any]]])?["list"] ?? []
        #expect(variables.contains { $0["name"] as? String == "source" && $0["type"] as? String == "datasource" })
    }

    private static let promtool = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/promtool" }.first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: promtool != nil, "promtool is not installed: Debian's package prometheus holds it and is 96 MB"))
    func `promtool finds nothing wrong with the rules and the configuration`() throws {
        for arguments in [["check", "rules", "alerts.yaml"], ["check", "config", "prometheus.yaml"]] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(Self.promtool))
            process.arguments = arguments
            process.currentDirectoryURL = Self.folder
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(text)")
        }
    }

    @Test func `a batch is counted with its size and time, and a refusal with its code`() async throws {
        try await ListeningDesk.run { desk async throws in
            #expect(try await desk.send("GET", "/people").status == 401)
            #expect(try await desk.send("GET", "/nowhere").status == 404)
            #expect(try await desk.send("POST", "/unspoken", [try desk.bearer(.clerk)]).status == 422)
            let metrics = try await desk.send("GET", "/metrics").text
            for line in [
                #"careloop_http_refusals_total{code="TOKEN_MISSING"} 1"#, #"careloop_http_refusals_total{code="NOT_FOUND"} 1"#,
                #"careloop_http_refusals_total{code="UNSPOKEN"} 1"#, "careloop_restore_needed 0", "careloop_open_gap_age_seconds 0",
            ] { #expect(metrics.contains(line), "\(line)") }
        }
        let service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03"))
        for index in 1...3 { try service.deliver(Ledger.result("p\(index)", "r\(index)"), settling: false) }
        try service.settle()
        let assembly = ServiceAssembly(
            service.definition, engine: service.engine, tokens: nil, requestsPerSecond: 0, secureCookie: false, log: ServiceLog("test"))
        let text = assembly.metrics.text
        #expect(text.contains("careloop_batch_records_sum 3\n") && text.contains("careloop_batch_seconds_count 1\n"))
        #expect(text.contains("careloop_relay_send_seconds_count 1\n"))
    }
}
