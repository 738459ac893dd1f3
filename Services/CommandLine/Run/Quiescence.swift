import Contracts
import Foundation

/// Knows when the whole system has nothing left to do: nothing waits to be sent, every record written was applied by everyone who reads its
/// topic, no deadline is due.
struct Quiescence: Sendable {
    let system: CareSystem
    let token: String
    /// Elapsed time without any progress after which something must be wrong.
    var patience = Duration.seconds(60)

    /// Returns once two looks in a row found everything done and nothing moved in between; `published` counts the partners' own records,
    /// which carry no numbers. The statuses of the last look.
    @discardableResult
    func wait(published: [String: Int] = [:]) async throws -> [ServiceName: ServiceStatus] {
        var before: [ServiceName: ServiceStatus]?
        var lastMove = ContinuousClock.now
        while true {
            guard let now = try await look() else {
                before = nil
                if ContinuousClock.now - lastMove > patience {
                    throw Complaint("有服务不答复", "a service does not answer", code: .unreachable)
                }
                try await Task.sleep(for: .milliseconds(20))
                continue
            }
            if let before, now == before {
                if isQuiet(now, published) { return now }
                if now.values.contains(where: { $0.consumerStopped != nil || $0.restoreNeeded != nil }) { throw stuck(now, published) }
                if ContinuousClock.now - lastMove > patience { throw stuck(now, published) }
                try await Task.sleep(for: .milliseconds(1))
            } else {
                lastMove = .now
            }
            before = now
        }
    }

    /// Nil while a service does not answer.
    func look() async throws -> [ServiceName: ServiceStatus]? {
        do {
            return try await statuses()
        } catch ServiceError.unreachable {
            return nil
        }
    }

    private func statuses() async throws -> [ServiceName: ServiceStatus] {
        try await withThrowingTaskGroup(of: (ServiceName, ServiceStatus).self) { group in
            for service in ServiceName.allCases {
                group.addTask {
                    let status = try await system.client(service).status(token: token)
                    // Whichever instance answered: what each counts for itself tells nothing of the service.
                    return (service, system.supervisor.instances(of: service).count > 1 ? status.ofStore : status)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    func isQuiet(_ all: [ServiceName: ServiceStatus], _ published: [String: Int]) -> Bool {
        all.values.allSatisfy { $0.outboxPending == 0 && $0.deadlinesDue == 0 } && Self.behind(all, published).isEmpty
    }

    /// Topic and reader of everything that is not applied yet. Who reads what is the catalogue's to say: a reader that has not begun has
    /// applied nothing.
    static func behind(_ all: [ServiceName: ServiceStatus], _ published: [String: Int]) -> [String] {
        var produced: [String: Int64] = [:]
        for status in all.values { produced.merge(status.produced, uniquingKeysWith: +) }
        var late: [String] = []
        for (topic, count) in produced where count > 0 {
            guard let entry = Catalogue.topic(for: topic) else { continue }
            for reader in entry.consumers.compactMap(ServiceName.init(rawValue:)) {
                let applied = all[reader]?.applied[topic] ?? 0
                if all[reader] != nil, applied < count { late.append("\(reader.rawValue): \(topic) \(applied)/\(count)") }
            }
        }
        for (topic, count) in published where count > 0 {
            // Exactly one service reads a topic that partners write.
            let read = all.values.map { $0.positions[topic, default: 0] }.max() ?? 0
            if read < Int64(count) { late.append("\(topic) \(read)/\(count)") }
        }
        return late.sorted()
    }

    private func stuck(_ all: [ServiceName: ServiceStatus], _ published: [String: Int]) -> Complaint {
        let reasons =
            Self.behind(all, published)
            + all.compactMap { service, status in status.trouble.map { "\(service.rawValue): \($0)" } }
            + all.filter { $0.value.outboxPending > 0 }.map { "\($0.key.rawValue): outbox \($0.value.outboxPending)" }
            + all.filter { $0.value.deadlinesDue > 0 }.map { "\($0.key.rawValue): due \($0.value.deadlinesDue)" }
        let list = reasons.sorted().joined(separator: "; ")
        return Complaint("系统不再前进：\(list)", "the system makes no progress: \(list)", code: .tooLate)
    }
}
