import Synchronization
import Testing

/// The simulation is only worth what it finds: each of these faults in the system's own promises is seen within 500 seeds.
struct MutationTests {
    @Test(arguments: Mutation.allCases)
    func `a mutation is noticed`(_ mutation: Mutation) {
        let found = Run.find(1..<501, stopAfter: 1) { seed in
            // Noticed is what the same seed does not find without the mutation.
            Run.find(seed, mutation: mutation).flatMap { Run.find(seed) == nil ? $0 : nil }
        }
        guard let (seed, what) = found.min(by: { $0.key < $1.key }) else {
            Issue.record("nobody noticed \(mutation) in 500 seeds")
            return
        }
        print("mutation \(mutation): seed \(seed), \(what.split(separator: "\n").first ?? "")")
    }
}
