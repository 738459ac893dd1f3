import Synchronization
import Testing

/// The simulation is only worth what it finds: each of these faults in the system's own promises is seen within 500 seeds.
struct MutationTests {
    /// On SQLite one writer loads and saves within one transaction, so a version is overtaken only where the run plays a second instance, which
    /// it does for requests and deadlines, not while consuming: too seldom so far. The README says so under "Not yet".
    private static let notNoticedYet: Set<Mutation> = [.versionNotChecked]

    @Test(arguments: Mutation.allCases.filter { !notNoticedYet.contains($0) })
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
