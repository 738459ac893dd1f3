import Contracts
import Messaging
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

/// The relay over librdkafka's mock cluster, which refuses what the broker would.
struct RelayKafkaTests {
    @Test func `a produce refused for good and a lost sequence cost a producer, and every event is on the log in order`() async throws {
        let cluster = try MockCluster(brokers: 1)
        let time = ManualTime(Instant(milliseconds: 1_717_400_000_000))
        let service = try TestService(Ledger.definition(), today: LocalDate("2024-06-03"), elapsed: time)
        let (definition, database, clock) = (service.definition, service.database, service.clock)
        try await Blocking.queries.run {
            let log = try openEventLog(cluster.url + "&retry.backoff.ms=50&reconnect.backoff.ms=50&reconnect.backoff.max.ms=200")
            let engine = try Engine(definition, database: database, log: log, clock: clock)
            func say(_ count: Int, _ round: Int) throws {
                for person in ["p1", "p4"] {
                    try engine.perform(Cause(id: "\(person)-\(round)", recorded: clock.now, actor: .service("test"), channel: "WINDOW")) {
                        for _ in 0..<count { try $0.execute(.count(limit: Ledger.limit), LedgerTable.self, PersonID(person)) }
                    }
                }
            }
            try say(2, 0)
            while try engine.relayStep() > 0 {}
            var failures = 0
            for (round, code) in [MockCluster.Code.topicAuthorizationFailed, .outOfOrderSequence, .topicAuthorizationFailed].enumerated() {
                try cluster.pushErrors(.produce, [code])
                try say(3, round + 1)
                for _ in 0..<20 where try engine.snapshot().outboxPending > 0 {
                    do { _ = try engine.relayStep() } catch is LogError { failures += 1 }
                    if try !engine.snapshot().refusedStreams.isEmpty { failures += 1 }
                    time.advance(milliseconds: 31_000)
                }
                #expect(try engine.snapshot().outboxPending == 0)
            }
            #expect(failures > 0)
            let last = try log.lastRecords(
                ["p1", "p4"].map {
                    TopicPartition(topic: PersonsMerged.topic, partition: Partitioner.partition(key: $0, partitions: 32))
                })
            #expect(last.count == 2)
            for record in last.values { #expect(try Envelope.decode(record.value ?? []).meta.sequence?.number == 11) }
            // Repeats begin again at a number already there; without them nothing is missing.
            let consumer = try log.consumer(ConsumerSettings(group: "", topics: [PersonsMerged.topic]) { _ in nil })
            var numbers: [Int32: Int64] = [:]
            while numbers.values.filter({ $0 == 11 }).count < 2 {
                let records = try consumer.poll(max: 100, wait: .seconds(10))
                try #require(!records.isEmpty)
                for record in records {
                    let number = try Envelope.decode(record.value ?? []).meta.sequence?.number ?? 0
                    #expect(number <= numbers[record.partition, default: 0] + 1)
                    numbers[record.partition] = max(number, numbers[record.partition, default: 0])
                }
            }
            consumer.close(within: .seconds(5))
        }
        cluster.stop()
    }
}
