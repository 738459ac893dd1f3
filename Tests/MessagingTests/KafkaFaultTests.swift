import Foundation
import TestSupport
import Testing

@testable import Messaging

/// Kafka's failures, made by a mock cluster of each test's own.
@Suite struct KafkaFaultTests {
    private static let impatient = "&retry.backoff.ms=50&reconnect.backoff.ms=50&reconnect.backoff.max.ms=200"

    private func cluster(brokers: Int32 = 1) throws -> (MockCluster, LogFixture) {
        let cluster = try MockCluster(brokers: brokers)
        return (cluster, LogFixture(try openEventLog(cluster.url + Self.impatient)))
    }

    @Test func `after a fatal error the producer says so for ever, and a new one goes on`() async throws {
        let (cluster, fixture) = try cluster()
        try await onThread {
            let topic = try fixture.topic()
            let first = try #require(try fixture.log.producer(named: "relay") as? KafkaProducer)
            #expect(try first.send([record(topic, "1")]).isComplete)
            first.raiseFatalError()
            for _ in 0..<2 {
                #expect(failure { try first.send([record(topic, "2")]) } == "fatal")
            }
            first.close(within: .seconds(5))
            try fixture.send([record(topic, "2")])
            #expect(try fixture.log.lastRecord(TopicPartition(topic: topic, partition: 0))?.text == "2")
        }
        cluster.stop()
    }

    @Test func `errors that pass are retried and never counted as sent`() async throws {
        let (cluster, fixture) = try cluster(brokers: 3)
        try await onThread {
            let topic = try fixture.topic(partitions: 2)
            try cluster.pushErrors(.produce, [.notLeader, .notLeader, .notEnoughReplicas, .requestTimedOut])
            try fixture.send((0..<20).map { record(topic, Int32($0 % 2), "\($0)") })
            let consumer = try fixture.consumer([topic])
            let records = try consumer.read(20)
            for partition in 0..<2 {
                #expect(records.filter { $0.partition == partition }.map(\.text) == stride(from: partition, to: 20, by: 2).map(String.init))
            }
            consumer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a reader that empties its full queue is not kept waiting for librdkafka's next look at it`() async throws {
        let (cluster, fixture) = try cluster()
        try await onThread {
            let topic = try fixture.topic(partitions: 4)
            // The mock keeps five megabytes of a partition, and a queue of less than one is not taken.
            // Nothing that compresses, or one fetch would bring all.
            var noise = UInt64(1)
            let value = (0..<100_000).map { _ in
                noise = noise &* 6_364_136_223_846_793_005 &+ 1
                return UInt8(truncatingIfNeeded: noise >> 33)
            }
            let count = 160
            try fixture.send(
                (0..<count).map {
                    OutgoingRecord(topic: topic, partition: Int32($0 % 4), key: [], value: value, timestamp: record(topic, "").timestamp)
                })
            let consumer = try fixture.log.consumer(ConsumerSettings(group: "", topics: [topic], maxQueueBytes: 1 << 20) { _ in nil })
            defer { consumer.close(within: .seconds(5)) }
            var read = try consumer.read(1, max: 1).count
            var waits = 0
            try until("\(count) records, \(read) came") {
                let records = try consumer.poll(max: 100, wait: .milliseconds(50))
                read += records.count
                waits += records.isEmpty ? 1 : 0
                return read == count
            }
            #expect(waits < 40, "each of five or more stops of the fetcher would be up to twenty")
        }
        cluster.stop()
    }

    @Test func `an append whose answer is lost ends in a complete send or a fatal error, and sending again loses nothing`() async throws {
        let (cluster, fixture) = try cluster()
        try await onThread {
            let topic = try fixture.topic(partitions: 2)
            let batch = (0..<20).map { record(topic, Int32($0 % 2), "\($0)") }
            let producer = try fixture.log.producer(named: "relay")
            #expect(try producer.send([record(topic, 0, "before"), record(topic, 1, "before")]).isComplete)
            // Each partition is a request. The first is appended and answered late; the second breaks the connection before that.
            try cluster.pushSlowAnswer(.produce, broker: 1, .none, after: .seconds(20))
            try cluster.pushSlowAnswer(.produce, broker: 1, .disconnect, after: .zero)
            do {
                #expect(try producer.send(batch).isComplete)
            } catch LogError.fatal {
                try fixture.send(batch)
            }
            producer.close(within: .seconds(5))
            let consumer = try fixture.consumer([topic])
            var texts: [[String]] = [[], []]
            try until("the last records") {
                for record in try consumer.poll(max: 100, wait: .milliseconds(100)) { texts[Int(record.partition)].append(record.text) }
                return texts[0].last == "18" && texts[1].last == "19"
            }
            for partition in 0..<2 {
                #expect(texts[partition].first == "before")
                // Repeats begin again at the batch's first record, so the last appearances are in order.
                #expect(texts[partition].suffix(10) == stride(from: partition, to: 20, by: 2).map(String.init)[...])
            }
            consumer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a send waits while every broker is away, and its waker ends it`() async throws {
        let cluster = try await MockProcess.start()
        let fixture = LogFixture(try openEventLog(cluster.url + Self.impatient))
        try await onThread {
            let topic = try fixture.topic()
            let producer = try fixture.log.producer(named: "relay")
            #expect(try producer.send([record(topic, "1")]).isComplete)
            try cluster.setBroker(nil, up: false)
            let waker = producer.waker
            let timer = Thread { waker.wake() }
            timer.start()
            #expect(throws: LogError.interrupted) { try producer.send([record(topic, "2")]) }
            let began = ContinuousClock.now
            producer.close(within: .seconds(3))
            #expect(ContinuousClock.now - began < .seconds(4))
        }
        cluster.stop()
    }

    @Test func `a send that waits says so about every second, and what it is answered ends it`() async throws {
        struct Enough: Error {}
        let cluster = try await MockProcess.start()
        let fixture = LogFixture(try openEventLog(cluster.url + Self.impatient))
        try await onThread {
            let topic = try fixture.topic()
            let producer = try fixture.log.producer(named: "relay")
            #expect(try producer.send([record(topic, "1")]) {}.isComplete)
            try cluster.setBroker(nil, up: false)
            var asked = 0
            let began = ContinuousClock.now
            #expect(throws: Enough.self) {
                try producer.send([record(topic, "2")]) {
                    asked += 1
                    if ContinuousClock.now - began > .seconds(2) { throw Enough() }
                }
            }
            #expect(asked > 1)
            #expect(throws: LogError.self) { try producer.send([record(topic, "3")]) }
            producer.close(within: .seconds(3))
        }
        cluster.stop()
    }

    @Test func `records go out in order through connections that break`() async throws {
        let (cluster, fixture) = try cluster()
        try await onThread {
            let topic = try fixture.topic()
            let producer = try fixture.log.producer(named: "relay")
            #expect(try producer.send([record(topic, "0")]).isComplete)
            for batch in 0..<3 {
                try cluster.pushErrors(.produce, [.disconnect, .disconnect])
                #expect(try producer.send((1...10).map { record(topic, "\(batch * 10 + $0)") }).isComplete)
            }
            producer.close(within: .seconds(5))
            let consumer = try fixture.consumer([topic])
            #expect(try consumer.read(31).map(\.text) == (0...30).map(String.init))
            consumer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a record that is refused for good is not acknowledged, and nothing behind it is`() async throws {
        let (cluster, fixture) = try cluster()
        try await onThread {
            let topic = try fixture.topic()
            let producer = try fixture.log.producer(named: "relay")
            #expect(try producer.send([record(topic, "0")]).isComplete)
            try cluster.pushErrors(.produce, [.topicAuthorizationFailed])
            do {
                let result = try producer.send([record(topic, "1"), record(topic, "2")])
                #expect(result.offsets == [nil, nil])
                #expect(!result.isComplete)
            } catch LogError.fatal {
                // The gapless guarantee may end the producer instead: as good.
            }
            producer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a consumer whose records were dropped before it read them says which are gone`() async throws {
        let (cluster, fixture) = try cluster()
        try await onThread {
            let topic = try fixture.topic()
            var random = SeededRandom(seed: 7)
            // The mock keeps 5 MiB of a partition. Random bytes, because it counts them compressed.
            for _ in 0..<8 {
                var large = record(topic, "")
                large.value = (0..<900_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                try fixture.send([large])
            }
            let place = TopicPartition(topic: topic, partition: 0)
            let start = try #require(try fixture.log.starts([topic])[place])
            #expect(start > 0)
            let consumer = try fixture.consumer([topic]) { _ in 0 }
            #expect(throws: LogError.positionBeforeStart(place, position: 0, start: start)) {
                try until("an error") { try !consumer.poll(max: 10, wait: .milliseconds(100)).isEmpty }
            }
            try consumer.seek(place, to: start)
            #expect(try consumer.read(1).first?.offset == start)
            consumer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a partition that was paused when the group took it away is read again when it comes back`() async throws {
        let (cluster, fixture) = try cluster()
        try await onThread {
            let topic = try fixture.topic()
            let consumer = try fixture.consumer([topic])
            try consumer.join()
            try consumer.pause([TopicPartition(topic: topic, partition: 0)])
            try cluster.pushErrors(.heartbeat, [.init(rawValue: 27)])
            try until("the partition to be taken away") {
                _ = try consumer.poll(max: 1, wait: .milliseconds(20))
                return consumer.assignment.isEmpty
            }
            try consumer.join()
            try fixture.send([record(topic, "behind")])
            // Nobody knows that it was paused once: nobody would resume it.
            #expect(try consumer.read(1).first?.text == "behind")
            consumer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a group that assigns partitions in another way is told by name, and read once it no longer does`() async throws {
        let (cluster, fixture) = try cluster()
        try await onThread {
            let topic = try fixture.topic()
            try fixture.send([record(topic, "waits")])
            try cluster.pushErrors(.joinGroup, [.init(rawValue: 23)])
            let refused = try fixture.consumer([topic])
            #expect(try refused.refusal() == "INCONSISTENT_GROUP_PROTOCOL")
            refused.close(within: .seconds(5))
            // What the service does then: a new client.
            let consumer = try fixture.consumer([topic])
            #expect(try consumer.read(1).first?.text == "waits")
            consumer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a rebalance now and then loses nothing`() async throws {
        let (cluster, fixture) = try cluster(brokers: 3)
        try await onThread {
            let topic = try fixture.topic(partitions: 3)
            try fixture.send((0..<300).map { record(topic, Int32($0 % 3), "\($0)") })
            let consumer = try fixture.consumer([topic])
            var next: [Int32: Int64] = [:]
            var seen = 0
            // The heartbeat answers that a rebalance is on: the consumer joins again and starts from the log's start.
            try cluster.pushErrors(.heartbeat, [.init(rawValue: 27), .none, .init(rawValue: 27)])
            try until("all records") {
                for record in try consumer.poll(max: 10, wait: .milliseconds(50)) where record.offset == next[record.partition] ?? 0 {
                    next[record.partition] = record.offset + 1
                    seen += 1
                }
                return seen == 300
            }
            consumer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a broker that does not answer is unavailable once the request's time is over`() async throws {
        let (cluster, _) = try cluster()
        try await onThread {
            let began = ContinuousClock.now
            // Nobody listens at port 1; the mock listens and knows no CreateTopics.
            let nobody = try openEventLog("kafka://127.0.0.1:1?request-timeout-ms=300")
            #expect(failure { try nobody.topics() } == "unavailable")
            let mute = try openEventLog("kafka://\(cluster.servers)?request-timeout-ms=300")
            #expect(failure { try mute.ensure([TopicPlan(name: "test.new.v1", partitions: 1, retentionMs: 1000)]) } == "unavailable")
            #expect(ContinuousClock.now - began < .seconds(10))
        }
        cluster.stop()
    }

    @Test func `the cluster's commands come from a line and go back to it`() throws {
        let commands: [MockCommand] = [
            .topic("a.b-c.v1", 32), .broker(2, up: false), .broker(nil, up: true), .leader(TopicPartition(topic: "t", partition: 3), 1),
            .roundTrip(nil, 250), .coordinator("careloop.screening", 2),
            .topicError("t", .topicAuthorizationFailed), .errors(.produce, [.notLeader, .notEnoughReplicas]),
        ]
        for command in commands { #expect(MockCommand(command.line) == command) }
        for line in [
            "", "topic", "topic a", "topic a 0", "topic a x", "up", "errors 99 6", "errors 0", "errors 0 6 x", "topic-error t",
            "coordinator g", "quit now",
        ] {
            #expect(MockCommand(line) == nil, "\(line)")
        }
    }

    @Test func `a control socket nobody listens at is unavailable, a refusal is told`() async throws {
        let (cluster, fixture) = try cluster()
        try await onThread {
            let control = try #require(try EventLogAddress(cluster.url).options["mock-control"])
            try MockControl.send(.topic("test.control.v1", 3), to: control)
            #expect(try fixture.log.topics()["test.control.v1"] == 3)
            #expect(failure { try MockControl.send(.leader(TopicPartition(topic: "x", partition: 0), 9), to: control) } == "rejected")
            cluster.stop()
            #expect(failure { try MockControl.send(.topic("x", 1), to: control) } == "unavailable")
        }
    }
}
