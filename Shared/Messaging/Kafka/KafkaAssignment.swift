import CRdKafka

/// The partitions that a Kafka consumer reads, with the next offset of each. Changed by the rebalance callback, which librdkafka calls on the
/// consumer's own thread, inside a poll.
final class KafkaAssignment {
    /// One assigned partition.
    final class Place {
        let partition: TopicPartition
        /// The next offset to return; -1 until the first record of a partition read from its start.
        var next: Int64
        var isPaused = false
        /// Why nothing more is read.
        var stopped: LogError?
        /// The offset that was sought back to when a gap showed; a second gap there is real.
        var soughtBackTo: Int64?
        var realGaps = 0
        /// Where the current poll has met a gap, later records of the partition are dropped until the seek.
        var awaitsSeek = false

        init(_ partition: TopicPartition, next: Int64) {
            self.partition = partition
            self.next = next
        }

        /// Compaction and transaction markers leave many gaps; after some, seeking back for each would only cost.
        var isSparse: Bool { realGaps >= 16 }
        /// The offset in librdkafka's terms: -2 is the beginning.
        var startOffset: Int64 { next >= 0 ? next : -2 }
    }

    private(set) var places: [TopicPartition: Place] = [:]
    /// A failure that concerns the whole consumer, for good.
    var failure: (any Error)?
    /// What the start callback threw, and the partitions it kept from being assigned.
    private var unassigned: (partitions: [TopicPartition], reason: any Error)?
    private let start: @Sendable (TopicPartition) throws -> Int64?

    init(start: @escaping @Sendable (TopicPartition) throws -> Int64?) { self.start = start }

    func throwIfStopped() throws {
        if let failure { throw failure }
        if let unassigned { throw unassigned.reason }
        for place in places.values where place.stopped != nil { throw place.stopped! }
    }

    /// The rebalance callback: takes the group's word and sets our own start offsets.
    func rebalance(_ handle: OpaquePointer, _ code: rd_kafka_resp_err_t, _ list: KafkaPartitionList?) {
        guard code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, let list else {
            release(handle, places.values)
            places = [:]
            unassigned = nil
            rd_kafka_assign(handle, nil)
            return
        }
        let partitions = list.entries.map(\.partition)
        EventLogDiagnostics.report(.info, "assigned \(partitions.count) partitions")
        assign(handle, partitions)
    }

    /// Asks again for start positions that could not be had before.
    func retry(_ handle: OpaquePointer) {
        guard let partitions = unassigned?.partitions else { return }
        unassigned = nil
        assign(handle, partitions)
    }

    /// Makes `partitions` the assignment, each from its stored position. On a failure nothing is assigned; each poll then throws it and asks
    /// again.
    func assign(_ handle: OpaquePointer, _ partitions: [TopicPartition]) {
        let before = places
        do {
            places = try Dictionary(
                uniqueKeysWithValues: partitions.map { partition in
                    let place = Place(partition, next: try start(partition) ?? -1)
                    place.isPaused = before[partition]?.isPaused ?? false
                    return (partition, place)
                })
            release(handle, before.values.filter { places[$0.partition] == nil })
            apply(handle)
        } catch {
            unassigned = (partitions, error)
            release(handle, before.values)
            places = [:]
            rd_kafka_assign(handle, nil)
        }
    }

    /// Takes the pause off partitions that go: librdkafka remembers it across assignments, and one that came back would be read no more while
    /// nobody here knew. Only of those that are paused, since resuming another one rewinds it before librdkafka 2.4.
    private func release(_ handle: OpaquePointer, _ going: some Sequence<Place>) {
        let paused = going.filter(\.isPaused)
        guard !paused.isEmpty else { return }
        let code = withPartitionList(paused.map { ($0.partition, 0) }) { rd_kafka_resume_partitions(handle, $0) }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { failure = LogError.unavailable("resuming failed (\(kafkaName(code)))") }
    }

    /// Adds partitions to an assignment that no group manages, keeping the others where they are.
    func extend(_ handle: OpaquePointer, with partitions: [TopicPartition]) throws {
        for partition in partitions { places[partition] = Place(partition, next: try start(partition) ?? -1) }
        apply(handle)
    }

    /// Hands the whole assignment to librdkafka at our next offsets.
    func apply(_ handle: OpaquePointer) {
        let code = withPartitionList(places.values.lazy.map { ($0.partition, $0.startOffset) }) { rd_kafka_assign(handle, $0) }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { failure = LogError.unavailable("the assignment failed (\(kafkaName(code)))") }
        let paused = places.values.filter(\.isPaused)
        if !paused.isEmpty {
            _ = withPartitionList(paused.map { ($0.partition, 0) }) { rd_kafka_pause_partitions(handle, $0) }
        }
    }

    /// Whether a record at `offset` is the next to return. False drops it; the place then waits for a seek back when records are missing.
    ///
    /// `logStart` is asked once for a partition that is read from the log's start, when its first record is not the first ever: what is
    /// missing before it is gone back for like anywhere else. Nil, not known yet, reads from the start again.
    func accepts(_ offset: Int64, at place: Place, logStart: (TopicPartition) -> Int64?) -> Bool {
        guard !place.awaitsSeek, place.stopped == nil else { return false }
        if place.next < 0, offset > 0 {
            guard let start = logStart(place.partition) else {
                place.awaitsSeek = true
                return false
            }
            place.next = start
        }
        if place.next >= 0, offset != place.next {
            if offset < place.next { return false }
            if !place.isSparse, place.soughtBackTo != place.next {
                place.awaitsSeek = true
                return false
            }
            place.realGaps += 1
            EventLogDiagnostics.report(.info, "\(place.partition) has no records from \(place.next) to \(offset - 1)")
        }
        place.soughtBackTo = nil
        place.next = offset + 1
        return true
    }
}
