import Foundation
import Testing

struct SimulationTests {
    @Test func `a run without faults comes to rest with everything told`() throws {
        let clock = ContinuousClock()
        for seed in UInt64(1)...10 {
            let world = try World(seed: seed, plan: FaultPlan.none)
            let taken = try clock.measure { 
               do { try world.run() } catch { print(world.lastSteps); throw error }
            }
            print("seed", seed, taken, world.partners.children.count, world.answered.count, world.requests.count)
            if seed == 10 { print(world.lastSteps) }
        }
    }

    @Test func `many runs with faults`() throws {
        let clock = ContinuousClock()
        for seed in UInt64(1)...30 {
            let world = try World(seed: seed)
            let taken = try clock.measure { 
               do { try world.run() } catch { print("seed \(seed)\n", world.lastSteps); throw error }
            }
            print("seed", seed, taken, world.partners.children.count, world.answered.count, world.requests.count, world.crashes)
        }
    }
}
