import Messaging
import Persistence
import Synchronization

/// The partitions a consumer does not read for now, and why: stopped until an operator says so, waiting for room in the hold, or all of them
/// while the outbox is full. Belongs to the consumer's thread.
///
/// What is shut is paused at the log, so that the others go on; whoever opens it again starts from the stored position.
final class PartitionGate {
    private struct Wait {
        let retryAt: Int64
        let heldThen: Int
    }

    private(set) var stops: [SourceStops.Stop] = []
    /// Paused at the log as far as is known.
    private(set) var shut: Set<TopicPartition> = []
    private var full: [TopicPartition: Wait] = [:]
    private var isOutboxFull = false
    /// Stops that were there before the last look and are gone.
    private var lifted: [SourceStops.Stop] = []
    private var nextLook = Int64.min
    private let database: any Database
    private let elapsed: any ElapsedTime

    init(database: any Database, elapsed: any ElapsedTime) {
        self.database = database
        self.elapsed = elapsed
    }

    func isStopped(_ place: TopicPartition) -> Bool { stops.contains { $0.covers(place.topic, place.partition) } }

    /// True where nothing is to be applied now.
    func isShut(_ place: TopicPartition) -> Bool { isOutboxFull || full[place] != nil || isStopped(place) }

    /// True where a stop was lifted and nobody has looked at the log since.
    func wasStopped(_ place: TopicPartition) -> Bool { lifted.contains { $0.covers(place.topic, place.partition) } }

    /// True while every partition is read.
    var isOpen: Bool { stops.isEmpty && full.isEmpty && !isOutboxFull }

    /// Partitions that wait for room in the hold.
    var waiting: [TopicPartition] { full.keys.sorted() }

    /// Looks at what the store says now: stops of other instances, sources resumed, room made.
    func look(hasRoom: Bool) throws {
        let now = elapsed.monotonicNanoseconds
        isOutboxFull = !hasRoom
        // While something is stopped, each time: the operator's word is in the store.
        if !stops.isEmpty || now >= nextLook {
            let latest = try database.read { try SourceStops.all(in: $0) }
            lifted += stops.filter { !latest.contains($0) }
            stops = latest
            nextLook = now + CoreLimits.reviewInterval.wholeNanoseconds
        }
        guard !full.isEmpty else { return }
        let held = try database.read { try HeldRecords.count(in: $0) }
        full = full.filter { $0.value.retryAt > now && held >= $0.value.heldThen }
    }

    /// Lets a partition wait until something held is released, or some time has passed: its record may not need the hold any more.
    func waitForRoom(_ place: TopicPartition) throws {
        full[place] = Wait(
            retryAt: elapsed.monotonicNanoseconds + CoreLimits.heldRetry.wholeNanoseconds,
            heldThen: try database.read { try HeldRecords.count(in: $0) })
    }

    /// Keeps a stop in the store, so that it outlives this process.
    func stop(_ stop: SourceStops.Stop) throws {
        try database.write { try SourceStops.add(stop, in: $0) }
        if !stops.contains(stop) { stops.append(stop) }
    }

    /// Pauses what is to be shut and is not yet. Returns what was shut and may be read again; the caller opens it.
    func sync(_ log: any LogConsumer) throws -> [TopicPartition] {
        guard !isOpen || !shut.isEmpty else { return [] }
        let assigned = Set(log.assignment)
        let wanted = assigned.filter { isShut($0) }
        let new = wanted.subtracting(shut)
        if !new.isEmpty { try log.pause(new.sorted()) }
        let open = shut.intersection(assigned).subtracting(wanted)
        shut = wanted.union(open)
        return open.sorted()
    }

    /// A partition is read again.
    func opened(_ places: [TopicPartition]) {
        shut.subtract(places)
        if shut.isEmpty { lifted = [] }
    }

    /// A new client, or partitions handed out anew: nothing of them is paused.
    func forget(_ places: Set<TopicPartition>) { shut.subtract(places) }

    func forgetAll() {
        shut = []
        full = [:]
        nextLook = .min
    }
}

/// Partitions handed to a consumer whose stored position has not been compared with the log yet. Filled inside the log's poll.
final class Arrivals: Sendable {
    private let places = Mutex<Set<TopicPartition>>([])

    func add(_ place: TopicPartition) { places.withLock { _ = $0.insert(place) } }
    func add(_ more: Set<TopicPartition>) { places.withLock { $0.formUnion(more) } }

    func take() -> Set<TopicPartition> {
        places.withLock { places in
            defer { places = [] }
            return places
        }
    }
}
