import Foundation
import Synchronization

/// One seed from its first step to the judgement.
enum Run {
    /// Nil when nothing is wrong; else what is, the last steps, and how to see it again.
    static func find(_ seed: UInt64, plan: FaultPlan? = nil, mutation: Mutation? = nil) -> String? {
        do {
            let world = try World(seed: seed, plan: plan, mutation: mutation)
            do {
                try world.run()
                return nil
            } catch {
                return """
                    seed \(seed): \(error)
                    again: make simulate SEEDS=1 FIRST_SEED=\(seed)
                    \(world.plan)
                    the last steps:
                    \(world.lastSteps)
                    """
            }
        } catch {
            return "seed \(seed) could not begin: \(error)"
        }
    }

    /// Everything that was said in a run, by place and identity, and its last steps.
    static func account(_ seed: UInt64) throws -> [String] {
        let world = try World(seed: seed)
        try world.run()
        return try Wire(world).facts.map { "\($0.topic)/\($0.partition)#\($0.number) \($0.meta.id)" } + [world.lastSteps]
    }

    /// Runs many seeds, two at a time, and gives what was found by seed. Every run is a thread of its own and shares nothing with another.
    static func find(_ seeds: Range<UInt64>, stopAfter most: Int = 5, _ find: @Sendable (UInt64) -> String?) -> [UInt64: String] {
        let found = Mutex<[UInt64: String]>([:])
        let next = Mutex(seeds.lowerBound)
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            while found.withLock({ $0.count }) < most {
                let seed = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard seed < seeds.upperBound else { return }
                if let what = find(seed) { found.withLock { $0[seed] = what } }
            }
        }
        return found.withLock { $0 }
    }
}
