import CRdKafka
import Foundation
import Synchronization
import Testing
import Vocabulary

@testable import Messaging

/// What the mock cluster cannot do: administration, compaction, retention, transactions, lost leaders, TLS and rights. `Broker` names the
/// settings; none of this was run where no broker is.
@Suite(.enabled(if: Broker.isThere, "KAFKA_BOOTSTRAP_SERVERS names no broker"))
struct BrokerTests {
    private func first(_ topic: String) -> TopicPartition { TopicPartition(topic: topic, partition: 0) }

    /// The catalogue's kinds of topics.
    private func plans(_ unique: String) -> [TopicPlan] {
        [
            TopicPlan(name: "test.\(unique).facts.v1", partitions: 8, maxMessageBytes: 1_008_192),
            TopicPlan(name: "test.\(unique).short.v1", partitions: 1, retentionMs: 604_800_000, maxMessageBytes: 1_008_192),
            TopicPlan(name: "test.\(unique).cells.v1", partitions: 8, compacted: true, maxMessageBytes: 1_008_192),
            TopicPlan(name: "test.\(unique).letters.v1", partitions: 1, retentionMs: 604_800_000, maxMessageBytes: 1_012_288),
        ]
    }

    @Test func `topics are created as planned, and what somebody changes by hand is told`() async throws {
        let fixture = try Broker.fixture()
        try await onThread {
            let plans = plans("\(fixture.unique)")
            #expect(try fixture.log.drift(of: plans).map(\.setting) == Array(repeating: TopicDrift.existence, count: plans.count))
            try fixture.log.ensure(plans)
            #expect(try fixture.log.drift(of: plans).isEmpty)
            // Once more changes nothing and needs nothing.
            try fixture.log.ensure(plans)
            let admin = try BrokerAdmin(fixture)
            try admin.alter(plans[0].name, "retention.ms", "1000")
            try until("the difference to show") {
                try fixture.log.drift(of: plans).contains {
                    $0.topic == plans[0].name && $0.setting == "retention.ms" && $0.actual == "1000"
                }
            }
        }
    }

    @Test func `a topic that has grown refuses the start`() async throws {
        let fixture = try Broker.fixture()
        try await onThread {
            let topic = try fixture.topic(partitions: 6)
            try BrokerAdmin(fixture).grow(topic, to: 12)
            #expect(throws: LogError.partitionCountDiffers(topic: topic, planned: 6, actual: 12)) {
                try fixture.log.ensure([TopicPlan(name: topic, partitions: 6)])
            }
        }
    }

    @Test func `records as large as the catalogue allows pass, whatever they hold`() async throws {
        let fixture = try Broker.fixture()
        try await onThread {
            let plans = plans("\(fixture.unique)")
            try fixture.log.ensure(plans)
            var random = SeededRandom(seed: 11)
            for (plan, size) in [(plans[0], 1_000_000), (plans[3], 1_004_096)] {
                var large = record(plan.name, "")
                // Random bytes do not compress.
                large.value = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                try fixture.send([large, record(plan.name, "behind")])
                let consumer = try fixture.consumer([plan.name], group: "large-\(size)")
                let records = try consumer.read(2)
                #expect(records.first?.value == large.value && records.last?.text == "behind")
                consumer.close(within: .seconds(5))
            }
        }
    }

    @Test func `what retention has dropped before it was read stops the consumer and says which records are gone`() async throws {
        let fixture = try Broker.fixture()
        try await onThread {
            let topic = try fixture.topic()
            try fixture.send((0..<20).map { record(topic, "\($0)") })
            try BrokerAdmin(fixture).deleteRecords(first(topic), below: 12)
            #expect(try fixture.log.records(at: [first(topic): 5]).isEmpty)
            let consumer = try fixture.consumer([topic]) { _ in 5 }
            #expect(throws: LogError.positionBeforeStart(first(topic), position: 5, start: 12)) {
                try until("an error") { try !consumer.poll(max: 10, wait: .milliseconds(100)).isEmpty }
            }
            try consumer.seek(first(topic), to: 12)
            #expect(try consumer.read(8).map(\.text) == (12..<20).map(String.init))
            consumer.close(within: .seconds(5))
        }
    }

    @Test func `a topic that was deleted and made again is beyond its end for a stored position, and holds another record where one was`()
        async throws
    {
        let fixture = try Broker.fixture()
        try await onThread {
            let topic = try fixture.topic()
            try fixture.send((0..<10).map { record(topic, "\($0)") })
            let before = try #require(try fixture.log.records(at: [first(topic): 2])[first(topic)])
            let admin = try BrokerAdmin(fixture)
            try admin.delete(topic)
            try admin.create(topic)
            try fixture.send((0..<4).map { record(topic, "new-\($0)") })
            let after = try #require(try fixture.log.records(at: [first(topic): 2])[first(topic)])
            #expect(before.text == "2" && after.text == "new-2")
            let consumer = try fixture.consumer([topic]) { _ in 10 }
            #expect(throws: LogError.positionBeyondEnd(first(topic), position: 10, end: 4)) {
                try until("an error") { try !consumer.poll(max: 10, wait: .milliseconds(100)).isEmpty }
            }
            consumer.close(within: .seconds(5))
        }
    }

    @Test func `a compacted partition is read through its gaps, the newest of each key included`() async throws {
        let fixture = try Broker.fixture()
        try await onThread {
            let topic = "test.\(fixture.unique).compacted.v1"
            try BrokerAdmin(fixture).create(
                topic,
                [
                    "cleanup.policy": "compact", "segment.ms": "200", "min.cleanable.dirty.ratio": "0.001", "max.compaction.lag.ms": "500",
                    "min.compaction.lag.ms": "0", "delete.retention.ms": "100",
                ])
            func cell(_ key: UInt8, _ text: String) -> OutgoingRecord {
                var cell = record(topic, text)
                cell.key = [key]
                cell.timestamp = Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
                return cell
            }
            for round in 0..<20 { try fixture.send((0..<5).map { cell($0, "\(round)") }) }
            // The active segment is never compacted: more records roll it.
            var round = 20
            try until("compaction", within: .seconds(180)) {
                try fixture.send([cell(9, "\(round)")])
                round += 1
                return try fixture.log.records(at: [first(topic): 3]).isEmpty
            }
            let end = try #require(try fixture.log.ends([topic])[first(topic)])
            let consumer = try fixture.consumer([topic])
            var newest: [[UInt8]: String] = [:]
            var last: Int64 = -1
            try until("the newest records", within: .seconds(60)) {
                for record in try consumer.poll(max: 50, wait: .milliseconds(100)) {
                    #expect(record.offset > last)
                    last = record.offset
                    newest[record.key] = record.text
                }
                return last == end - 1
            }
            for key in UInt8(0)..<5 { #expect(newest[[key]] == "19") }
            consumer.close(within: .seconds(5))
        }
    }

    @Test func `aborted transactions are invisible, and their markers are no missing records`() async throws {
        let fixture = try Broker.fixture()
        try await onThread {
            let topic = try fixture.topic()
            try BrokerAdmin(fixture).transactions(topic, aborted: ["gone-1", "gone-2"], committed: ["kept-1", "kept-2"])
            try fixture.send([record(topic, "after")])
            let consumer = try fixture.consumer([topic])
            #expect(try consumer.read(3).map(\.text) == ["kept-1", "kept-2", "after"])
            #expect(try fixture.log.lastRecord(first(topic))?.text == "after")
            consumer.close(within: .seconds(5))
        }
    }

    @Test func `beside a member that assigns partitions in another way ours is refused by name, and reads once that has left`() async throws
    {
        let fixture = try Broker.fixture()
        try await onThread {
            let topic = try fixture.topic()
            try fixture.send([record(topic, "waits")])
            let other = try BrokerAdmin(fixture).cooperativeMember(of: "mixed-\(fixture.unique)", on: topic)
            let refused = try fixture.consumer([topic], group: "mixed")
            #expect(try refused.refusal(within: .seconds(60)) == "INCONSISTENT_GROUP_PROTOCOL")
            refused.close(within: .seconds(5))
            rd_kafka_consumer_close(other.handle)
            other.destroy(within: .seconds(5))
            let consumer = try fixture.consumer([topic], group: "mixed")
            #expect(try consumer.read(1).first?.text == "waits")
            consumer.close(within: .seconds(5))
        }
    }

    /// librdkafka before 2.6.1 gets in by SCRAM at brokers before 4.0 only; this says which of the two it is.
    @Test(.enabled(if: Broker.hasSCRAM, "CARELOOP_TEST_KAFKA_SCRAM names no login"))
    func `a login by SCRAM gets in, and one with another password is refused by name`() async throws {
        let login = try #require(Broker.setting("CARELOOP_TEST_KAFKA_SCRAM"))
        let good = try Broker.fixture(login)
        let wrong = try Broker.fixture(login.replacing(/sasl\.password=[^&]*/, with: "sasl.password=no-such-password"))
        try await onThread {
            let topic = try good.topic()
            try good.send([record(topic, "in")])
            let consumer = try good.consumer([topic])
            #expect(try consumer.read(1).first?.text == "in")
            consumer.close(within: .seconds(5))
            #expect { try wrong.log.topics() } throws: { "\($0)".contains("KAFKA_LOGIN_REFUSED") }
        }
    }

    @Test(.enabled(if: Broker.canStopBrokers, "CARELOOP_TEST_KAFKA_STOP and _START say how to stop a broker"))
    func `nothing acknowledged is lost and order holds while a partition's leader goes and comes back`() async throws {
        let fixture = try Broker.fixture()
        try await onThread {
            let topic = try fixture.topic()
            let admin = try BrokerAdmin(fixture)
            let leader = try admin.leader(of: first(topic))
            let acknowledged = Mutex(0)
            let ended = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                do {
                    var producer = try fixture.log.producer(named: "test")
                    var next = 0
                    while next < 2_000 {
                        do {
                            let result = try producer.send((next..<next + 20).map { record(topic, "\($0)") })
                            next += result.offsets.prefix { $0 != nil }.count
                            acknowledged.withLock { $0 = next }
                        } catch LogError.fatal {
                            producer.close(within: .seconds(5))
                            producer = try fixture.log.producer(named: "test")
                        }
                    }
                    producer.close(within: .seconds(5))
                } catch { Issue.record(error) }
                ended.signal()
            }
            func waitFor(_ count: Int) throws {
                try until("\(count) acknowledgements", within: .seconds(120)) {
                    _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(20))
                    return acknowledged.withLock { $0 } >= count
                }
            }
            try waitFor(200)
            try Broker.run("CARELOOP_TEST_KAFKA_STOP", broker: leader)
            // Again, for a test that failed in between; a broker that runs already refuses to start twice.
            defer { try? Broker.run("CARELOOP_TEST_KAFKA_START", broker: leader) }
            try waitFor(1_000)
            try Broker.run("CARELOOP_TEST_KAFKA_START", broker: leader)
            ended.wait()
            #expect(acknowledged.withLock { $0 } == 2_000)
            let consumer = try fixture.consumer([topic])
            var seen: [Int] = []
            try until("the last record", within: .seconds(60)) {
                seen += try consumer.poll(max: 500, wait: .milliseconds(100)).compactMap { Int($0.text) }
                return seen.last == 1_999
            }
            // Repeats begin again at an unacknowledged record; without them the numbers are whole and in order.
            var next = 0
            for number in seen where number == next { next += 1 }
            #expect(next == 2_000)
            consumer.close(within: .seconds(5))
        }
    }

    @Test(.enabled(if: Broker.hasLimitedPrincipal, "CARELOOP_TEST_KAFKA_LIMITED_OPTIONS names no principal with few rights"))
    func `a service without the right to create works on what is there, and names what is missing or forbidden`() async throws {
        let fixture = try Broker.fixture()
        let limited = try Broker.fixture(Broker.setting("CARELOOP_TEST_KAFKA_LIMITED_OPTIONS"))
        try await onThread {
            let granted = "test.granted.v1"
            try fixture.log.ensure([TopicPlan(name: granted, partitions: 1)])
            try limited.log.ensure([TopicPlan(name: granted, partitions: 1)])
            try limited.send([record(granted, "written")])
            let missing = "test.\(fixture.unique).missing.v1"
            #expect(throws: LogError.topicsMissing([missing])) {
                try limited.log.ensure([TopicPlan(name: granted, partitions: 1), TopicPlan(name: missing, partitions: 1)])
            }
            let foreign = try fixture.topic("foreign")
            let producer = try limited.log.producer(named: "test")
            do {
                let result = try producer.send([record(foreign, "never"), record(granted, "still")])
                #expect(result.offsets[0] == nil && result.offsets[1] != nil)
            } catch let error as LogError {
                // A broker may not even tell that the topic is there.
                #expect(error == .unknownTopic(foreign))
            }
            producer.close(within: .seconds(5))
            #expect(try fixture.log.ends([foreign])[first(foreign)] == 0)
        }
    }
}

/// TLS: who the broker is has to be proved, and nothing goes in the clear.
@Suite(.enabled(if: Broker.hasTLS, "CARELOOP_TEST_KAFKA_TLS, _CA and _OTHER_CA name no TLS listener"))
struct BrokerTLSTests {
    private func log(_ options: String) throws -> any EventLog {
        let servers = try #require(Broker.setting("CARELOOP_TEST_KAFKA_TLS"))
        return try openEventLog("kafka://\(servers)?request-timeout-ms=5000" + options)
    }

    @Test func `the right authority is let in, another one and plain text are not`() async throws {
        let authority = try #require(Broker.setting("CARELOOP_TEST_KAFKA_CA"))
        let other = try #require(Broker.setting("CARELOOP_TEST_KAFKA_OTHER_CA"))
        try await onThread {
            _ = try log("&security.protocol=ssl&ssl.ca.location=\(authority)").topics()
            #expect(failure { try log("&security.protocol=ssl&ssl.ca.location=\(other)").topics() } == "unavailable")
            #expect(failure { try log("").topics() } == "unavailable")
        }
    }

    @Test func `a name the certificate does not carry is refused`() async throws {
        let authority = try #require(Broker.setting("CARELOOP_TEST_KAFKA_CA"))
        let servers = try #require(Broker.setting("CARELOOP_TEST_KAFKA_TLS"))
        let port = try #require(servers.split(separator: ":").last)
        try await onThread {
            // The loopback address in another spelling, which no certificate names.
            let wrong = try openEventLog(
                "kafka://127.77.77.77:\(port)?request-timeout-ms=5000&security.protocol=ssl&ssl.ca.location=\(authority)")
            #expect(failure { try wrong.topics() } == "unavailable")
        }
    }
}
