import Foundation
import Synchronization

/// Lets the instances of every service that has several join, leave, freeze and die, until it is stopped. Each service goes through rounds
/// in which each of the four happens once; order, instances and pauses come from the run's seed, when they fall, from the machine.
final class Churn: Sendable {
    enum Act: String, CaseIterable {
        case joined, left, froze, died
    }

    /// Longer than a session of the group (10 s on a broker, 4 s on the mock cluster) and than the relay's lease (4 s).
    private static let frozen = Duration.seconds(12)
    /// Longest time between a death and the next life: some are back at once, of others the work is taken over meanwhile.
    private static let awayMs = 8_000

    private let isOver: Flag
    private let tasks: [Task<String, any Error>]

    private final class Flag: Sendable { let value = Atomic(false) }

    init(every seconds: Double, seed: UInt64, _ services: [ServiceName], _ supervisor: Supervisor, token: String) {
        let flag = Flag()
        isOver = flag
        tasks = services.map { service in
            Task {
                do {
                    let source = SplitMix64(seed: seed, stream: "churn-\(service.rawValue)")
                    return try await Self.live(service, source, seconds, flag, supervisor, token)
                } catch {
                    // Told at once: what the run then stumbles over is only what follows from it.
                    Terminal.complain("\(error)")
                    throw error
                }
            }
        }
    }

    private static func live(
        _ service: ServiceName, _ source: SplitMix64, _ seconds: Double, _ isOver: Flag, _ supervisor: Supervisor, _ token: String
    ) async throws -> String {
        var random = source
        var rounds = 0
        while !isOver.value.load(ordering: .relaxed) {
            var round = Act.allCases
            while !round.isEmpty {
                // Chaos keeps time, it waits for nothing: between nothing and twice the mean.
                try await Task.sleep(for: .milliseconds(random.below(Int(seconds * 2000) + 1)))
                let act = round.remove(at: random.below(round.count))
                let instance = random.pick(supervisor.instances(of: service))
                let away = Duration.milliseconds(random.below(awayMs))
                Terminal.note("churn: \(act == .joined ? service.rawValue : instance.name) \(act.rawValue)")
                switch act {
                case .joined: try await supervisor.join(service, token: token)
                case .left: try await supervisor.leave(instance)
                case .froze: try await supervisor.freeze(instance, for: frozen, token: token)
                case .died: try await supervisor.die(instance, for: away, token: token)
                }
            }
            rounds += 1
        }
        return "\(service.rawValue) \(rounds)"
    }

    /// Ends with the rounds that have begun; how many there were, by service. Everybody is well again when this returns.
    func stop() async throws -> String {
        isOver.value.store(true, ordering: .relaxed)
        var rounds: [String] = []
        for task in tasks { rounds.append(try await task.value) }
        return rounds.joined(separator: ", ")
    }
}
