import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Messaging

/// Several consumers of one group on a mock cluster, joining, leaving and dying while records flow and the coordinator moves.
/// What they do with a record is what a service does: a compare-and-set on a stored position, from which every assignment starts.
@Suite struct KafkaRebalanceTests {
    @Test func `members that join, leave and die skip no offset and lose no record, while the coordinator moves every second`() async throws
    {
        let cluster = try MockCluster(brokers: 3)
        let fixture = LogFixture(
            try openEventLog(
                cluster.url + "&retry.backoff.ms=50&reconnect.backoff.ms=50&session.timeout.ms=2500&heartbeat.interval.ms=300"))
        let topic = try await onThread { try fixture.topic(partitions: 6) }
        let group = "readers-\(fixture.unique)"
        let ledger = Ledger()
        let source = Source(fixture, topic, partitions: 6)
        source.start()
        try await onThread {
            let calendar = CoordinatorMoves(cluster, group)
            func member() throws -> Member {
                let starts = Starts(ledger)
                let member = Member(try fixture.consumer([topic]) { starts.start($0) }, ledger, starts)
                member.start()
                return member
            }
            /// Everything has one owner, and records flow through each partition again.
            func settle(_ members: [Member]) throws {
                let before = ledger.positions
                // A join that the coordinator leaves begins anew: moving for ever it would never end, here or on a real cluster.
                calendar.due = 3
                try until(
                    "six partitions to flow: \(members.map(\.assigned)), \(ledger.positions) of \(source.sent)", within: .seconds(60)
                ) {
                    try calendar.moveWhenDue()
                    _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(20))
                    return calendar.due == 0 && members.flatMap(\.assigned).count == 6 && members.allSatisfy { !$0.assigned.isEmpty }
                        && (0..<6).allSatisfy { (ledger.positions[Int32($0)] ?? 0) > (before[Int32($0)] ?? 0) }
                }
            }
            let first = try member()
            try settle([first])
            let second = try member()
            try settle([first, second])
            let third = try member()
            try settle([first, second, third])
            second.end(.killed)
            try settle([first, third])
            let fourth = try member()
            try settle([first, third, fourth])
            first.end(.closed)
            try settle([third, fourth])

            source.stop()
            let sent = source.sent
            try until("all \(sent) records; \(ledger.positions)") {
                _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(20))
                return ledger.positions.values.reduce(0, +) == Int64(sent)
            }
            for member in [third, fourth] { member.end(.closed) }
            // Counted from the log: what was applied is what was sent, each once and in order.
            for partition in 0..<Int32(6) {
                #expect(ledger.texts(partition) == (0..<source.count(partition)).map { "\(partition)-\($0)" })
            }
            #expect(ledger.violations.isEmpty, "\(ledger.violations)")
            for member in [first, second, third, fourth] {
                #expect(member.failures.isEmpty, "\(member.failures)")
                #expect(member.strays.isEmpty, "\(member.strays)")
            }
        }
        cluster.stop()
    }

    @Test func `a paused member that goes on polling keeps its partitions beyond the longest time between two polls, and misses nothing`()
        async throws
    {
        let cluster = try MockCluster(brokers: 1)
        let fixture = LogFixture(
            try openEventLog(cluster.url + "&max.poll.interval.ms=3000&session.timeout.ms=3000&heartbeat.interval.ms=500"))
        try await onThread {
            let topic = try fixture.topic(partitions: 2)
            let assignments = Mutex(0)
            let consumer = try fixture.consumer([topic]) { _ in
                assignments.withLock { $0 += 1 }
                return nil
            }
            try fixture.send((0..<10).map { record(topic, Int32($0 % 2), "\($0)") })
            var texts = try consumer.read(4, max: 4).map(\.text)
            try consumer.pause(consumer.assignment)
            try fixture.send((10..<20).map { record(topic, Int32($0 % 2), "\($0)") })
            let began = ContinuousClock.now
            while ContinuousClock.now - began < .seconds(4) {
                #expect(try consumer.poll(max: 10, wait: .milliseconds(250)).isEmpty)
            }
            #expect(consumer.assignment.count == 2)
            try consumer.resume(consumer.assignment)
            texts += try consumer.read(16, max: 7).map(\.text)
            #expect(texts.filter { Int($0)! % 2 == 0 } == stride(from: 0, to: 20, by: 2).map(String.init))
            #expect(texts.filter { Int($0)! % 2 == 1 } == stride(from: 1, to: 20, by: 2).map(String.init))
            // Each partition was assigned once: the group never took it away.
            #expect(assignments.withLock { $0 } == 2)
            consumer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a consumer whose brokers are gone closes within its bound`() async throws {
        let cluster = try await MockProcess.start()
        let fixture = LogFixture(try openEventLog(cluster.url))
        try await onThread {
            let topic = try fixture.topic()
            let consumer = try fixture.consumer([topic])
            try consumer.join()
            try cluster.setBroker(nil, up: false)
            let began = ContinuousClock.now
            consumer.close(within: .seconds(2))
            #expect(ContinuousClock.now - began < .seconds(4))
            #expect(throws: LogError.closed) { try consumer.poll(max: 1, wait: .zero) }
        }
        cluster.stop()
    }
}

/// Positions and effects as a service's store keeps them: a batch moves a position by compare-and-set or has no effect.
private final class Ledger: Sendable {
    private let state = Mutex<(next: [Int32: Int64], texts: [Int32: [String]], violations: [String])>(([:], [:], []))

    func position(_ place: TopicPartition) -> Int64? { state.withLock { $0.next[place.partition] } }
    var positions: [Int32: Int64] { state.withLock { $0.next } }
    func texts(_ partition: Int32) -> [String] { state.withLock { $0.texts[partition] ?? [] } }
    var violations: [String] { state.withLock { $0.violations } }

    /// Applies a batch's records of one partition. `read` is where this member believed the position to be, nil on its first batch; false
    /// means that somebody else moved it.
    func apply(_ records: ArraySlice<LogRecord>, of partition: Int32, believing read: Int64?) -> Bool {
        state.withLock { state in
            let stored = state.next[partition] ?? 0
            guard read ?? stored == stored else { return false }
            var next = stored
            for record in records where record.offset >= stored {
                if record.offset != next { state.violations.append("\(partition): \(record.offset) came where \(next) was due") }
                state.texts[partition, default: []].append(record.text)
                next = record.offset + 1
            }
            state.next[partition] = next
            return true
        }
    }
}

/// Where each assignment of one member was told to start, and the first record it then gave of each partition.
private final class Starts: Sendable {
    private let ledger: Ledger
    private let state = Mutex<(told: [Int32: Int64], strays: [String])>(([:], []))

    init(_ ledger: Ledger) { self.ledger = ledger }

    var strays: [String] { state.withLock { $0.strays } }

    func start(_ place: TopicPartition) -> Int64? {
        let stored = ledger.position(place)
        state.withLock { $0.told[place.partition] = stored ?? 0 }
        return stored
    }

    /// The first record after an assignment is the one at the stored position.
    func came(_ record: LogRecord) {
        state.withLock { state in
            guard let told = state.told.removeValue(forKey: record.partition), record.offset != told else { return }
            state.strays.append("\(record.partition) was to begin at \(told) and began at \(record.offset)")
        }
    }
}

/// Sends numbered records to every partition until it is stopped.
private final class Source: Sendable {
    private let fixture: LogFixture
    private let topic: String
    private let partitions: Int32
    private let counts: Mutex<[Int32: Int]>
    private let isStopping = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    init(_ fixture: LogFixture, _ topic: String, partitions: Int32) {
        (self.fixture, self.topic, self.partitions) = (fixture, topic, partitions)
        counts = Mutex(Dictionary(uniqueKeysWithValues: (0..<partitions).map { ($0, 0) }))
    }

    var sent: Int { counts.withLock { $0.values.reduce(0, +) } }
    func count(_ partition: Int32) -> Int { counts.withLock { $0[partition] ?? 0 } }

    func start() {
        Thread.detachNewThread { [self] in
            do {
                let producer = try fixture.log.producer(named: "source")
                while !isStopping.load(ordering: .acquiring) {
                    let counts = counts.withLock { $0 }
                    let batch = (0..<partitions * 3).map { index in
                        let partition = index % partitions
                        return record(topic, partition, "\(partition)-\(counts[partition]! + Int(index / partitions))")
                    }
                    let result = try producer.send(batch)
                    try #require(result.isComplete, "\(result.failures)")
                    self.counts.withLock { counts in for partition in 0..<partitions { counts[partition]! += 3 } }
                    _ = ended.wait(timeout: .now() + .milliseconds(10))
                }
                producer.close(within: .seconds(5))
            } catch { Issue.record(error) }
            ended.signal()
        }
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        ended.wait()
    }
}

/// One consumer on a thread of its own.
private final class Member: Sendable {
    enum Ending { case closed, killed }

    private let consumer: Borrowed
    private let ledger: Ledger
    private let shared = Mutex<(assigned: [TopicPartition], failures: [String], ending: Ending?)>(([], [], nil))
    private let ended = DispatchSemaphore(value: 0)

    // Sendable because only the member's own thread uses it after `start`.
    private struct Borrowed: @unchecked Sendable { let consumer: any LogConsumer }

    private let starts: Starts

    init(_ consumer: any LogConsumer, _ ledger: Ledger, _ starts: Starts) {
        self.consumer = Borrowed(consumer: consumer)
        self.ledger = ledger
        self.starts = starts
    }

    var strays: [String] { starts.strays }

    var assigned: [TopicPartition] { shared.withLock { $0.assigned } }
    var failures: [String] { shared.withLock { $0.failures } }

    func start() {
        Thread.detachNewThread { [self] in
            let consumer = consumer.consumer
            var believed: [Int32: Int64] = [:]
            while shared.withLock({ $0.ending == nil }) {
                do {
                    let records = try consumer.poll(max: 50, wait: .milliseconds(50))
                    for partition in Set(records.map(\.partition)) {
                        let own = records.filter { $0.partition == partition }[...]
                        starts.came(own.first!)
                        if ledger.apply(own, of: partition, believing: believed[partition]) {
                            believed[partition] = own.last!.offset + 1
                        } else {
                            // Overtaken: what was believed is forgotten, the place goes back to what is stored.
                            believed[partition] = nil
                            let place = own.first!.topicPartition
                            if consumer.assignment.contains(place) { try consumer.seek(place, to: ledger.position(place) ?? 0) }
                        }
                    }
                } catch { shared.withLock { $0.failures.append("\(error)") } }
                let assigned = consumer.assignment
                believed = believed.filter { pair in assigned.contains { $0.partition == pair.key } }
                shared.withLock { $0.assigned = assigned }
            }
            switch shared.withLock({ $0.ending }) {
            case .killed: (consumer as? KafkaConsumer)?.abandon()
            default: consumer.close(within: .seconds(5))
            }
            shared.withLock { $0.assigned = [] }
            ended.signal()
        }
    }

    func end(_ ending: Ending) {
        shared.withLock { $0.ending = ending }
        ended.wait()
    }
}

/// Moves a group's coordinator to the next broker once a second, as often as is due.
private final class CoordinatorMoves {
    private let cluster: MockCluster
    private let group: String
    private var last = ContinuousClock.now
    private var moves = 0
    /// Moves still to come.
    var due = 0

    init(_ cluster: MockCluster, _ group: String) { (self.cluster, self.group) = (cluster, group) }

    func moveWhenDue() throws {
        guard due > 0, ContinuousClock.now - last > .seconds(1) else { return }
        due -= 1
        moves += 1
        try cluster.setCoordinator(ofGroup: group, to: Int32(moves % 3 + 1))
        last = .now
    }
}
