import Synchronization

/// What the partners' own clients sent and received, counted where it happens: the first column of the account.
final class Tally: Sendable {
    private let counts = Mutex<[String: Int64]>([:])
    private let seen = Mutex<[String: Set<String>]>([:])

    func add(_ key: String, _ amount: Int64 = 1) { counts.withLock { $0[key, default: 0] += amount } }

    /// Counts `thing` once however often it is seen.
    func once(_ key: String, _ thing: String) {
        if seen.withLock({ $0[key, default: []].insert(thing).inserted }) { add(key) }
    }

    private let standing = Mutex<[String: String]>([:])

    /// What `thing` of a kind is now; `states` counts how many are in each state.
    func set(_ kind: String, _ thing: String, to state: String) { standing.withLock { $0["\(kind)/\(thing)"] = state } }

    func states(_ kind: String) -> [String: Int64] {
        standing.withLock { all in
            all.reduce(into: [:]) { if $1.key.hasPrefix(kind + "/") { $0[$1.value, default: 0] += 1 } }
        }
    }

    subscript(key: String) -> Int64 { counts.withLock { $0[key, default: 0] } }
    var values: [String: Int64] { counts.withLock { $0 } }
}
