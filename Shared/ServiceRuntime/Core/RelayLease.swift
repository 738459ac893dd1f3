import Persistence
import Vocabulary

/// The relay's right to give numbers and to move marks. Belongs to the relay's one thread.
///
/// Sending needs no right: numbers are committed before the first produce, so a relay that lost the lease and goes on sending repeats bytes
/// that are there already. Everything it would write to the store goes through `write`.
final class RelayLease {
    static let name = Outbox.relayLease

    /// The term was over when a transaction wanted to write under it.
    struct Lost: Error {}

    private let holder: String
    private let database: any Database
    private let elapsed: any ElapsedTime
    /// The term it is held in; nil while it is not.
    private(set) var term: Int64?
    /// When the last sign of life was written; nil when the next `hold` must write one.
    private var beatNanoseconds: Int64?
    /// The lease in another's hands, and since when it has stood still.
    private var watched: (lease: Leases.Lease, since: Int64)?
    private var hasHeld = false
    private var locksRows: Bool?

    init(holder: String, database: any Database, elapsed: any ElapsedTime) {
        self.holder = holder
        self.database = database
        self.elapsed = elapsed
    }

    /// Who has it instead; nil while it is held here.
    var otherHolder: String? { term == nil ? watched?.lease.holder ?? "" : nil }

    /// Whether several processes may use this store at once.
    func isShared() throws -> Bool {
        if let known = locksRows { return known }
        let asked = try database.read { $0.locksRows }
        locksRows = asked
        return asked
    }

    /// True when this relay may go on. Takes the lease when nobody has it, when its holder has shown no life for `CoreLimits.leaseLength`, and
    /// at once on a store that only one process can have open: there the holder is this service before it was started again.
    func hold() throws -> Bool {
        guard term != nil else { return try take() }
        guard let last = beatNanoseconds else { return try prove() }
        guard try isShared(), elapsed.monotonicNanoseconds - last >= CoreLimits.leaseBeat.wholeNanoseconds else { return true }
        return try prove()
    }

    /// Shows life in the middle of a step that takes long, once a `CoreLimits.leaseBeat` at most. Throws `Lost` when the term is over.
    func live() throws {
        guard try isShared(), elapsed.monotonicNanoseconds - (beatNanoseconds ?? .min / 2) >= CoreLimits.leaseBeat.wholeNanoseconds else {
            return
        }
        try write { _ in }
    }

    private func prove() throws -> Bool {
        do { try write { _ in } } catch is Lost { return try take() }
        return true
    }

    private func take() throws -> Bool {
        let now = elapsed.monotonicNanoseconds
        let standing = try database.read { try Leases.lease(Self.name, in: $0) }
        if let standing, !standing.holder.isEmpty, try hasHeld || isShared() {
            guard let watched, watched.lease == standing else {
                watched = (standing, now)
                return false
            }
            guard now - watched.since >= CoreLimits.leaseLength.wholeNanoseconds else { return false }
        }
        term = try database.write { try Leases.take(Self.name, by: holder, from: standing, in: $0) }
        guard term != nil else { return false }
        hasHeld = true
        watched = nil
        beatNanoseconds = now
        return true
    }

    /// Runs `body` in a transaction that commits only while the term lasts. Throws `Lost` when it is over.
    func write<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        let before = elapsed.monotonicNanoseconds
        let result = try database.write { tx in
            guard let held = term, try Leases.beat(Self.name, term: held, in: tx) else {
                term = nil
                throw Lost()
            }
            return try body(tx)
        }
        beatNanoseconds = before
        return result
    }

    /// Makes the next `hold` look at the store, whether the term still lasts.
    func doubt() { beatNanoseconds = nil }

    /// Lets another instance go on without waiting.
    func giveBack() throws {
        guard let held = term else { return }
        term = nil
        try database.write { try Leases.giveBack(Self.name, term: held, in: $0) }
    }
}

extension Duration {
    /// Nanoseconds, rounded down.
    var wholeNanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
