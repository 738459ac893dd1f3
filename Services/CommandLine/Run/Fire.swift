import Foundation
import NIOCore

/// What is done to the services of a run while its days pass, and how long the days are made to last.
struct Fire: Sendable {
    /// The days are spread over this time; 0 lets them pass as fast as they can.
    var soakMinutes = 0.0
    /// Mean time between two kills of a service drawn by lot; nil kills none.
    var killEverySeconds: Double?
    /// Mean pause between two things done to the instances of a service that has several; nil leaves them alone.
    var churnEverySeconds: Double?
    /// Points at which a service kills itself, one a life, in order. Debug builds only.
    var crashes: [ServiceName: [String]] = [:]
    /// How long partners ask again while a service is away, when somebody else does the harm.
    var patienceSeconds = 0.0

    init() {}

    /// `crashes`: `service/point:n`, the n-th time that life comes by the point.
    init(soakMinutes: Double, killEverySeconds: Double?, churnEverySeconds: Double?, patienceSeconds: Double, crashes: [String]) throws {
        self.soakMinutes = soakMinutes
        self.killEverySeconds = killEverySeconds
        self.churnEverySeconds = churnEverySeconds
        self.patienceSeconds = patienceSeconds
        for crash in crashes {
            let parts = crash.split(separator: "/", maxSplits: 1).map(String.init)
            guard parts.count == 2, let service = ServiceName(rawValue: parts[0]) else {
                throw Complaint("--crash \(crash) 不对", "--crash \(crash) is not service/point:n", code: .badInput)
            }
            self.crashes[service, default: []].append(parts[1])
        }
    }

    var isOpen: Bool { killEverySeconds != nil || churnEverySeconds != nil || !crashes.isEmpty }
    /// What became of a file whose answer was lost the bureau could only find out; records of the log are simply there.
    var wantsFirstResultsOverLog: Bool { churnEverySeconds != nil || patienceSeconds > 0 || !crashes.isEmpty }
    /// How long a partner asks again while a service is away.
    var patience: Duration { isOpen ? .seconds(120) : .seconds(patienceSeconds) }
    /// How long a partner waits for an instance that says nothing before it asks another.
    var quiet: TimeAmount { churnEverySeconds == nil ? .seconds(60) : .seconds(3) }
}

/// Kills services drawn by lot until it is stopped. The lots come from the run's seed; when they fall, from the machine.
final class Killer: Sendable {
    private let task: Task<Int, any Error>

    init(every seconds: Double, seed: UInt64, _ supervisor: Supervisor) {
        task = Task {
            var random = SplitMix64(seed: seed, stream: "killer")
            var kills = 0
            while true {
                // Between nothing and twice the mean.
                do { try await Task.sleep(for: .milliseconds(random.below(Int(seconds * 2000) + 1))) } catch { return kills }
                let service = random.pick(ServiceName.allCases)
                // In a task of its own: one that is killed is started again, whatever happens to this loop meanwhile.
                try await Task { try await supervisor.killAndRestart(service) }.value
                kills += 1
            }
        }
    }

    /// The last killed service is ready again when this returns; how many were killed.
    func stop() async throws -> Int {
        task.cancel()
        return try await task.value
    }
}
