import Foundation
import Testing

struct SimulationTests {
    /// Runs one seed; nil when nothing was found, else what was.
    static func find(_ seed: UInt64, plan: FaultPlan? = nil, mutation: Mutation? = nil) -> String? {
        do {
            let world = try World(seed: seed, plan: plan, mutation: mutation)
            do { try world.run() } catch {
                return "seed \(seed): \(error)\nthe last steps:\n\(world.lastSteps)\nfaults: \(world.plan)"
            }
            return nil
        } catch {
            return "seed \(seed) could not begin: \(error)"
        }
    }

    @Test func `without faults everything is told, applied once and adds up`() {
        for seed in UInt64(1)...30 {
            let found = Self.find(seed, plan: FaultPlan.none)
            #expect(found == nil, "\(found ?? "")")
        }
    }

    @Test func `with faults everything is told, applied once and adds up`() {
        let environment = ProcessInfo.processInfo.environment
        let first = environment["FIRST_SEED"].flatMap { UInt64($0) } ?? 1
        let count = environment["SEEDS"].flatMap { UInt64($0) } ?? 500
        let took = ContinuousClock().measure {
            for seed in first..<first + count {
                let found = Self.find(seed)
                #expect(found == nil, "\(found ?? "")")
            }
        }
        print("\(count) seeds from \(first) in \(took)")
    }
}
