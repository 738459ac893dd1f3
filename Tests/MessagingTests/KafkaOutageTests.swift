import Foundation
import Testing

@testable import Messaging

/// Slow answers, broken sequences and members that fall silent, on a mock cluster of each test's own.
@Suite struct KafkaOutageTests {
    @Test func `answers that take half a second slow everything down and lose nothing`() async throws {
        let cluster = try MockCluster(brokers: 3)
        let fixture = LogFixture(try openEventLog(cluster.url))
        try await onThread {
            let topic = try fixture.topic(partitions: 3)
            let producer = try fixture.log.producer(named: "relay")
            #expect(try producer.send((0..<3).map { record(topic, Int32($0), "before") }).isComplete)
            try cluster.setRoundTrip(of: nil, .milliseconds(500))
            for batch in 0..<3 {
                #expect(try producer.send((0..<30).map { record(topic, Int32($0 % 3), "\(batch * 30 + $0)") }).isComplete)
            }
            let consumer = try fixture.consumer([topic])
            let records = try consumer.read(93)
            for partition in 0..<3 {
                let texts = records.filter { $0.partition == partition }.map(\.text)
                #expect(texts == ["before"] + stride(from: partition, to: 90, by: 3).map(String.init))
            }
            try cluster.setRoundTrip(of: nil, .zero)
            producer.close(within: .seconds(5))
            consumer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    /// OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, UNKNOWN_PRODUCER_ID.
    @Test(arguments: [45, 47, 59] as [Int32])
    func `a broker that loses track of the sequence ends in a complete send or a fatal error, and sending again loses nothing`(
        _ code: Int32
    ) async throws {
        let cluster = try MockCluster(brokers: 1)
        let fixture = LogFixture(try openEventLog(cluster.url + "&retry.backoff.ms=50"))
        try await onThread {
            let topic = try fixture.topic()
            let producer = try fixture.log.producer(named: "relay")
            #expect(try producer.send([record(topic, "before")]).isComplete)
            try cluster.pushErrors(.produce, [.init(rawValue: code)])
            let batch = (0..<20).map { record(topic, "\($0)") }
            do {
                let result = try producer.send(batch)
                // Not acknowledged is sent again, by whoever keeps the rows.
                if !result.isComplete { try fixture.send(Array(batch[result.offsets.prefix { $0 != nil }.count...])) }
            } catch LogError.fatal {
                try fixture.send(batch)
            }
            producer.close(within: .seconds(5))
            let consumer = try fixture.consumer([topic])
            var texts: [String] = []
            try until("the last record") {
                texts += try consumer.poll(max: 100, wait: .milliseconds(100)).map(\.text)
                return texts.last == "19"
            }
            #expect(texts.first == "before")
            #expect(texts.suffix(20) == (0..<20).map(String.init)[...])
            consumer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a member that stops polling loses its partitions, and coming back it reads on from where they are stored`() async throws {
        let cluster = try MockCluster(brokers: 1)
        let fixture = LogFixture(
            try openEventLog(cluster.url + "&max.poll.interval.ms=3000&session.timeout.ms=3000&heartbeat.interval.ms=300"))
        try await onThread {
            let topic = try fixture.topic(partitions: 2)
            let positions = StoredPositions()
            let silent = try fixture.consumer([topic]) { positions[$0] }
            try fixture.send((0..<8).map { record(topic, Int32($0 % 2), "\($0)") })
            try until("the first records") {
                positions.store(try silent.poll(max: 10, wait: .milliseconds(50)))
                return positions.texts.count == 8
            }
            let other = try fixture.consumer([topic]) { positions[$0] }
            // While one says nothing, the other comes to own everything: only because the group takes the silent one out.
            try fixture.send((8..<16).map { record(topic, Int32($0 % 2), "\($0)") })
            try until("the other to take over") {
                positions.store(try other.poll(max: 10, wait: .milliseconds(50)))
                return other.assignment.count == 2 && positions.texts.count == 16
            }
            try fixture.send((16..<24).map { record(topic, Int32($0 % 2), "\($0)") })
            try until("both to read again") {
                for consumer in [silent, other] { positions.store(try consumer.poll(max: 10, wait: .milliseconds(50))) }
                return positions.texts.count == 24 && silent.assignment.count == 1 && other.assignment.count == 1
            }
            #expect(positions.texts.sorted() == (0..<24).map(String.init).sorted())
            for consumer in [silent, other] { consumer.close(within: .seconds(5)) }
        }
        cluster.stop()
    }
}
