import Contracts
import Messaging
import Persistence
import Synchronization

/// Asks the engine, the log and the workers how they are, on a thread that may block.
final class StatusProbe: Sendable {
    private let engine: Engine
    private let workers: [WorkerThread]
    private let latest = Mutex<StatusReport?>(nil)
    private let log = ServiceLog("careloop.status")

    init(engine: Engine, workers: [WorkerThread], metrics: Metrics) {
        self.engine = engine
        self.workers = workers
        register(metrics)
    }

    /// Names of workers whose loop has not turned for longer than any step may take.
    var stuckWorkers: [String] { workers.filter { $0.isStuck }.map(\.name) }

    /// Throws when the database does not answer. Without `lag` the log is not asked where its topics end: for those who look often.
    func report(lag: Bool = true) async throws -> StatusReport {
        let report = try await Blocking.queries.run { try self.look(lag: lag) }
        if lag { latest.withLock { $0 = report } }
        return report
    }

    func readiness() async -> (isReady: Bool, json: JSONValue) {
        do {
            return try await report().readiness
        } catch {
            log.warning("not ready: the database does not answer", .error(error))
            let checks = JSONValue.object([("database", .string("does not answer"))])
            return (false, .object([("ready", .bool(false)), ("checks", checks)]))
        }
    }

    func refreshMetrics() async {
        do { _ = try await report() } catch {
            latest.withLock { $0 = nil }
            log.warning("metrics without figures: the database does not answer", .error(error))
        }
    }

    private func look(lag wanted: Bool) throws -> StatusReport {
        let snapshot = try engine.snapshot()
        return StatusReport(
            engine: snapshot, lag: wanted ? lag(snapshot) : nil, nowMs: engine.clock.elapsed.wallMilliseconds, outboxHasRoom: engine.hasRoom
        )
    }

    /// Per topic, what the log holds beyond the stored positions; nil when the log does not answer.
    private func lag(_ snapshot: EngineStatus) -> [String: Int64]? {
        do {
            let existing = try engine.log.topics()
            let templates = Set(engine.dispatcher.ingressTemplates)
            let facts = Set(engine.dispatcher.factTopics)
            let wanted = existing.keys.filter { name in
                facts.contains(name) || Catalogue.topic(for: name).map { templates.contains($0.name) } ?? false
            }
            guard !wanted.isEmpty else { return [:] }
            var ends: [String: Int64] = [:]
            for (place, end) in try engine.log.ends(wanted) { ends[place.topic, default: 0] += end }
            return ends.reduce(into: [:]) { $0[$1.key] = max(0, $1.value - (snapshot.positions[$1.key] ?? 0)) }
        } catch {
            log.warning("the event log does not answer", .error(error))
            return nil
        }
    }

    private func register(_ metrics: Metrics) {
        func gauge(
            _ name: String, _ help: String, _ kind: Metrics.Kind = .gauge, _ read: @escaping @Sendable (StatusReport) -> [Metrics.Sample]
        ) {
            metrics.sampled(name, help, kind) { [self] in latest.withLock { $0 }.map(read) ?? [] }
        }
        gauge("careloop_outbox_rows", "Events that wait to be sent.") { [Metrics.Sample($0.engine.outboxPending)] }
        gauge("careloop_outbox_age_seconds", "Age of the oldest event that waits.") { report in
            [Metrics.Sample(report.engine.outboxOldestMs.map { Double(report.nowMs - $0) / 1000 } ?? 0)]
        }
        gauge("careloop_lag_records", "Records of the log not yet read.") { report in
            (report.lag ?? [:]).sorted { $0.key < $1.key }.map { Metrics.Sample(Int($0.value), labels: ["topic": $0.key]) }
        }
        gauge("careloop_held_records", "Records that wait for their subject.") { [Metrics.Sample($0.engine.held)] }
        gauge("careloop_held_age_seconds", "Age of the oldest record that waits for its subject.") { report in
            [Metrics.Sample(report.engine.heldOldestMs.map { Double(report.nowMs - $0) / 1000 } ?? 0)]
        }
        gauge("careloop_held_records_by_topic", "Records that wait for their subject, by topic.") { report in
            report.engine.heldByTopic.sorted { $0.key < $1.key }.map { Metrics.Sample($0.value, labels: ["topic": $0.key]) }
        }
        gauge("careloop_paused_partitions", "Partitions whose next record finds no room in the hold.") {
            [Metrics.Sample($0.engine.paused.count)]
        }
        gauge("careloop_stopped_sources", "Sources that an operator has to resume.") { report in
            report.engine.stops.map { Metrics.Sample(1, labels: ["source": $0.place, "reason": $0.reason.rawValue]) }
        }
        gauge("careloop_deadlines_due", "Deadlines missed and not yet acted on.") { [Metrics.Sample($0.engine.deadlinesDue)] }
        gauge("careloop_open_gaps", "Gaps in numbered streams.") { [Metrics.Sample($0.engine.openGaps.count)] }
        gauge("careloop_dead_letters", "Records set aside and not replayed.") { [Metrics.Sample($0.engine.deadLetters)] }
        gauge("careloop_records_consumed_total", "Records that moved a position.", .counter) { [Metrics.Sample($0.engine.consumed)] }
        gauge("careloop_records_repeated_total", "Records skipped as repeats.", .counter) { [Metrics.Sample($0.engine.repeats)] }
        gauge("careloop_events_sent_total", "Events the log has acknowledged.", .counter) { [Metrics.Sample($0.engine.sent)] }
        gauge("careloop_events_gone_total", "Numbers sent without their event, whose short-lived key was deleted before.", .counter) {
            [Metrics.Sample($0.engine.gone)]
        }
        gauge("careloop_refusals_total", "Records refused, by code.", .counter) { report in
            report.engine.refused.sorted { $0.key < $1.key }.map { Metrics.Sample($0.value, labels: ["code": $0.key]) }
        }
        gauge("careloop_batches_total", "Transactions of the consumer.", .counter) { [Metrics.Sample($0.engine.batches)] }
        gauge("careloop_open_gap_age_seconds", "Age of the oldest open gap.") { report in
            [Metrics.Sample(report.engine.oldestGapMs.map { Double(report.nowMs - $0) / 1000 } ?? 0)]
        }
        gauge("careloop_refused_streams", "Streams that the log refuses.") { [Metrics.Sample($0.engine.refusedStreams.count)] }
        gauge("careloop_restore_needed", "1 when the log is ahead of this store.") {
            [Metrics.Sample($0.engine.restoreNeeded == nil ? 0 : 1)]
        }
        metrics.sampled("careloop_deadlines_fired_total", "Deadlines acted on.", .counter) { [engine] in
            [Metrics.Sample(engine.timers.fired.withLock { $0 })]
        }
        metrics.expose("careloop_batch_seconds", "Seconds of a transaction of the consumer.", engine.consumer.batchSeconds)
        metrics.expose("careloop_batch_records", "Records in a transaction of the consumer.", engine.consumer.batchRecords)
        metrics.expose("careloop_relay_send_seconds", "Seconds until the log has acknowledged one sending.", engine.relay.sendSeconds)
        gauge("careloop_ready", "1 when every readiness check passes.") { [Metrics.Sample($0.readiness.isReady ? 1 : 0)] }
    }
}
