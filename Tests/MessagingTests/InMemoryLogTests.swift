import Messaging
import Testing

/// The in-memory log's faults: what a test of something else relies on.
@Suite struct InMemoryLogTests {
    private let topic = "test.v1"
    private var place: TopicPartition { TopicPartition(topic: topic, partition: 0) }

    private func made(seed: UInt64 = 1, _ faults: LogFaults = .none) throws -> (InMemoryLog, any LogProducer, any LogConsumer) {
        let log = InMemoryLog(seed: seed, faults: faults)
        try log.ensure([TopicPlan(name: topic, partitions: 1)])
        return (log, try log.producer(named: "p"), try log.consumer(ConsumerSettings(group: "g", topics: [topic]) { _ in nil }))
    }

    private func batch(_ range: Range<Int>) -> [OutgoingRecord] { range.map { record(topic, "\($0)") } }

    @Test func `a send that fails appends nothing and its producer is used up`() throws {
        let (log, producer, _) = try made()
        log.failNextSend()
        for _ in 0..<2 {
            #expect(failure { try producer.send(batch(0..<2)) } == "fatal")
        }
        #expect(log.records(topic).isEmpty)
        #expect(try log.producer(named: "p").send(batch(0..<2)).isComplete)
    }

    @Test func `a lost acknowledgement leaves the records in the log`() throws {
        let (log, producer, _) = try made()
        log.dropNextAcknowledgement()
        #expect(failure { try producer.send(batch(0..<2)) } == "unavailable")
        #expect(log.records(topic).map(\.text) == ["0", "1"])
    }

    @Test func `a swallowed record is acknowledged and leaves a gap`() throws {
        let (log, producer, consumer) = try made()
        log.swallowNext()
        #expect(try producer.send(batch(0..<3)).offsets == [0, 1, 2])
        #expect(try consumer.poll(max: 10, wait: .zero).map(\.offset) == [1, 2])
    }

    @Test func `a repeated record comes again at the end`() throws {
        let (log, producer, consumer) = try made()
        _ = try producer.send(batch(0..<3))
        try log.repeatRecord(place, at: 1)
        #expect(try consumer.poll(max: 10, wait: .zero).map(\.text) == ["0", "1", "2", "1"])
    }

    @Test func `delayed records come some polls later`() throws {
        let (log, producer, consumer) = try made()
        _ = try producer.send(batch(0..<3))
        log.delay(place, from: 1, polls: 2)
        #expect(try consumer.poll(max: 10, wait: .zero).map(\.text) == ["0"])
        #expect(try consumer.poll(max: 10, wait: .zero).isEmpty)
        #expect(try consumer.poll(max: 10, wait: .zero).map(\.text) == ["1", "2"])
    }

    @Test func `a log that is cut off answers nobody until it is restored`() throws {
        let (log, producer, consumer) = try made()
        log.cut()
        #expect(throws: LogError.self) { try producer.send(batch(0..<1)) }
        #expect(throws: LogError.self) { try consumer.poll(max: 10, wait: .zero) }
        #expect(throws: LogError.self) { try log.ends([topic]) }
        log.restore()
        #expect(try producer.send(batch(0..<1)).isComplete)
        #expect(try consumer.poll(max: 10, wait: .zero).count == 1)
    }

    @Test func `records dropped before they were read are missed by name`() throws {
        let (log, producer, _) = try made()
        _ = try producer.send(batch(0..<5))
        log.trim(place, below: 3)
        let late = try log.consumer(ConsumerSettings(group: "late", topics: [topic]) { _ in 1 })
        #expect(throws: LogError.positionBeforeStart(place, position: 1, start: 3)) { try late.poll(max: 10, wait: .zero) }
    }

    @Test func `the same seed makes the same faults, another seed others`() throws {
        var faults = LogFaults()
        (faults.repeated, faults.delayed, faults.shortened) = (200, 100, 300)
        (faults.unacknowledged, faults.swallowed) = (100, 50)
        func run(_ seed: UInt64) throws -> [String] {
            let (_, producer, consumer) = try made(seed: seed, faults)
            var seen: [String] = []
            for round in 0..<40 {
                do {
                    _ = try producer.send(batch(round * 5..<round * 5 + 5))
                } catch LogError.unavailable {
                    seen.append("lost")
                }
                seen += try consumer.poll(max: 20, wait: .zero).map { "\($0.offset)=\($0.text)" }
            }
            return seen
        }
        let first = try run(42)
        #expect(try run(42) == first)
        #expect(try run(43) != first)
        #expect(first.contains("lost"))
    }
}
