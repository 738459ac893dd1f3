import Persistence
import Vocabulary

/// One condition a service must meet to be sent work, by name.
public struct ReadinessCheck: Sendable {
    /// What a check found.
    public enum Outcome: Sendable, Equatable {
        case ok
        /// One sentence: what is wrong and since when or by how much.
        case failing(String)
    }

    public let name: String
    public let outcome: Outcome

    public init(_ name: String, _ outcome: Outcome) {
        self.name = name
        self.outcome = outcome
    }

    init(_ name: String, failingWhen reason: String?) { self.init(name, reason.map { .failing($0) } ?? .ok) }
}

/// A service's state as others ask for it: the engine's snapshot and how far it is behind the log.
struct StatusReport: Sendable {
    /// Records a service may be behind before it counts as not ready.
    static let lagPatience: Int64 = 500_000

    let engine: EngineStatus
    /// Per topic, records of the log not yet read; nil when the log did not answer or was not asked.
    let lag: [String: Int64]?
    /// Elapsed time now.
    let nowMs: Int64
    let outboxHasRoom: Bool

    /// Every check, in a fixed order.
    var checks: [ReadinessCheck] {
        [
            ReadinessCheck("database", failingWhen: engine.storeFailure),
            ReadinessCheck("log", failingWhen: engine.logFailure ?? (lag == nil ? "the event log did not answer" : nil)),
            ReadinessCheck("history", failingWhen: engine.restoreNeeded),
            ReadinessCheck("consumer", failingWhen: engine.consumerStopped),
            ReadinessCheck("held", failingWhen: hold),
            ReadinessCheck("gaps", failingWhen: gap),
            ReadinessCheck("outbox", failingWhen: outbox),
            ReadinessCheck("relay", failingWhen: relay),
            ReadinessCheck("lag", failingWhen: totalLag > Self.lagPatience ? "\(totalLag) records behind" : nil),
            ReadinessCheck("clock", failingWhen: nowMs < Self.earliestClock ? "the machine's clock stands before 2024" : nil),
        ]
    }

    var totalLag: Int64 { lag?.values.reduce(0, +) ?? 0 }

    /// 2024-01-01: a machine that believes in an earlier date has lost its clock.
    private static let earliestClock: Int64 = 1_704_067_200_000

    private var gap: String? {
        guard let since = engine.oldestGapMs, nowMs - since > Int64(CoreLimits.gapPatience.components.seconds) * 1000 else { return nil }
        return engine.openGaps.joined(separator: "; ")
    }

    private var relay: String? {
        guard engine.outboxPending > 0 else { return nil }
        guard engine.refusedStreams.isEmpty else {
            return engine.refusedStreams.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
        }
        return engine.sendFailure
    }

    /// A partner's partition that waits is the partner's own trouble; one of ours means that a subject does not come.
    private var hold: String? {
        let ours = engine.paused.filter { HeldLines.isOrdered($0.topic) }
        return ours.isEmpty
            ? nil : "\(engine.held) records are held; without room for more: \(ours.map(\.description).joined(separator: ", "))"
    }

    private var outbox: String? {
        guard outboxHasRoom else { return "the outbox is full: \(engine.outboxPending) rows wait" }
        guard let oldest = engine.outboxOldestMs else { return nil }
        let seconds = (nowMs - oldest) / 1000
        return seconds > CoreLimits.outboxPatience.components.seconds ? "the oldest unsent row has waited \(seconds) s" : nil
    }

    /// The body of /ready.
    var readiness: (isReady: Bool, json: JSONValue) {
        let checks = self.checks
        let isReady = checks.allSatisfy { $0.outcome == .ok }
        let json = JSONValue.object([
            ("ready", .bool(isReady)),
            (
                "checks",
                .object(
                    checks.map { check in
                        switch check.outcome {
                        case .ok: (check.name, .string("ok"))
                        case .failing(let reason): (check.name, .string(reason))
                        }
                    })
            ),
            // Told where operators look first; none of them keeps a service from its work.
            ("warnings", .array(engine.topicDrift.map { .string($0) })),
        ])
        return (isReady, json)
    }

    /// The body of /status.
    var json: JSONValue {
        func number(_ value: Int) -> JSONValue { .number(String(value)) }
        func table(_ values: [String: Int64]) -> JSONValue {
            .object(values.sorted { $0.key < $1.key }.map { ($0.key, .number(String($0.value))) })
        }
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        return .object([
            ("service", .string(engine.service)), ("today", .string(engine.today.text)), ("outboxPending", number(engine.outboxPending)),
            ("lag", lag == nil ? .null : .number(String(totalLag))), ("held", number(engine.held)),
            ("heldOldestMs", engine.heldOldestMs.map { .number(String($0)) } ?? .null),
            ("heldByTopic", table(engine.heldByTopic.mapValues { Int64($0) })),
            ("paused", .array(engine.paused.map { .string($0.description) })),
            ("stopped", .array(engine.stops.map { .string("\($0.place) \($0.reason.rawValue)") })),
            ("deadlinesDue", number(engine.deadlinesDue)), ("openGaps", .array(engine.openGaps.map { .string($0) })),
            ("processed", number(engine.consumed)), ("deadLetters", number(engine.deadLetters)), ("produced", table(engine.produced)),
            ("applied", table(engine.applied)), ("positions", table(engine.positions)), ("consumed", number(engine.consumed)),
            ("repeats", number(engine.repeats)), ("refused", table(engine.refused.mapValues { Int64($0) })), ("sent", number(engine.sent)),
            ("lagByTopic", table(lag ?? [:])), ("sendFailure", text(engine.sendFailure)),
            ("refusedStreams", .object(engine.refusedStreams.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            ("relayWaitsFor", text(engine.relayWaitsFor)), ("restoreNeeded", text(engine.restoreNeeded)),
            ("consumerStopped", text(engine.consumerStopped)), ("logFailure", text(engine.logFailure)),
            ("topicDrift", .array(engine.topicDrift.map { .string($0) })),
        ])
    }
}
