import CRdKafka
import Foundation
import Testing

@testable import Messaging

/// A real cluster, where the environment names one. Without it these tests are skipped, saying why.
///
/// * `KAFKA_BOOTSTRAP_SERVERS`: the cluster, `host:port,…`; a client there may create, alter and delete topics that begin with `test.`
/// * `CARELOOP_TEST_KAFKA_OPTIONS`: what clients need to get in, `name=value&…`
/// * `CARELOOP_TEST_KAFKA_TLS`: a TLS listener, `host:port`, with `CARELOOP_TEST_KAFKA_CA`, the file of its authority, and
///   `CARELOOP_TEST_KAFKA_OTHER_CA`, the file of an authority that has not signed it
/// * `CARELOOP_TEST_KAFKA_LIMITED_OPTIONS`: options of a principal that may only describe, read and write `test.granted.v1` (one partition)
/// * `CARELOOP_TEST_KAFKA_ACCESS`: options of a super user, where the cluster has an authorizer
/// * `CARELOOP_TEST_KAFKA_SCRAM`: options of a login by SCRAM, `security.protocol=…&sasl.mechanism=…&sasl.username=…&sasl.password=…`
/// * `CARELOOP_TEST_KAFKA_STOP`, `CARELOOP_TEST_KAFKA_START`: shell commands that stop and start the broker whose number is `$1`
enum Broker {
    static func setting(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    static let isThere = setting("KAFKA_BOOTSTRAP_SERVERS") != nil
    static let hasTLS = ["CARELOOP_TEST_KAFKA_TLS", "CARELOOP_TEST_KAFKA_CA", "CARELOOP_TEST_KAFKA_OTHER_CA"].allSatisfy {
        setting($0) != nil
    }
    static let hasLimitedPrincipal = isThere && setting("CARELOOP_TEST_KAFKA_LIMITED_OPTIONS") != nil
    static let hasAccessRules = isThere && setting("CARELOOP_TEST_KAFKA_ACCESS") != nil
    static let hasSCRAM = isThere && setting("CARELOOP_TEST_KAFKA_SCRAM") != nil
    static let canStopBrokers = isThere && setting("CARELOOP_TEST_KAFKA_STOP") != nil && setting("CARELOOP_TEST_KAFKA_START") != nil

    static func fixture(_ options: String? = setting("CARELOOP_TEST_KAFKA_OPTIONS")) throws -> LogFixture {
        let servers = try #require(setting("KAFKA_BOOTSTRAP_SERVERS"))
        return LogFixture(
            try openEventLog("kafka://\(servers)?topic.metadata.refresh.interval.ms=700" + (options.map { "&" + $0 } ?? "")))
    }

    /// Runs one of the settings' commands.
    static func run(_ name: String, broker: Int32) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", try #require(setting(name)), "sh", "\(broker)"]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(name) failed")
    }
}

/// What only an operator does to a cluster: here to make the faults.
struct BrokerAdmin {
    private let log: KafkaLog

    init(_ fixture: LogFixture) throws { log = try #require(fixture.log as? KafkaLog) }

    /// A topic with settings of the test's own.
    func create(_ topic: String, partitions: Int32 = 1, _ settings: [String: String] = [:]) throws {
        let client = try log.client()
        var text = [CChar](repeating: 0, count: 512)
        var requests = [rd_kafka_NewTopic_new(topic, partitions, -1, &text, text.count)]
        for (name, value) in settings { rd_kafka_NewTopic_set_config(requests[0], name, value) }
        let answer = try log.ask(RD_KAFKA_ADMIN_OP_CREATETOPICS, "CreateTopics", client) { options, queue in
            rd_kafka_CreateTopics(client.handle, &requests, 1, options, queue)
        }
        rd_kafka_event_destroy(answer)
        rd_kafka_NewTopic_destroy(requests[0])
        try until("\(topic) to appear") { try log.topics()[topic] != nil }
    }

    func delete(_ topic: String) throws {
        let client = try log.client()
        var requests = [rd_kafka_DeleteTopic_new(topic)]
        let answer = try log.ask(RD_KAFKA_ADMIN_OP_DELETETOPICS, "DeleteTopics", client) { options, queue in
            rd_kafka_DeleteTopics(client.handle, &requests, 1, options, queue)
        }
        rd_kafka_event_destroy(answer)
        rd_kafka_DeleteTopic_destroy(requests[0])
        try until("\(topic) to be gone") { try log.topics()[topic] == nil }
    }

    /// Drops the records below `offset`, as retention does.
    func deleteRecords(_ place: TopicPartition, below offset: Int64) throws {
        let client = try log.client()
        try withPartitionList([(place, offset)]) { list in
            var requests = [rd_kafka_DeleteRecords_new(list)]
            let answer = try log.ask(RD_KAFKA_ADMIN_OP_DELETERECORDS, "DeleteRecords", client) { options, queue in
                rd_kafka_DeleteRecords(client.handle, &requests, 1, options, queue)
            }
            rd_kafka_event_destroy(answer)
            rd_kafka_DeleteRecords_destroy(requests[0])
        }
        try until("the records to be gone") { try log.starts([place.topic])[place] == offset }
    }

    func grow(_ topic: String, to partitions: Int) throws {
        let client = try log.client()
        var text = [CChar](repeating: 0, count: 512)
        var requests = [rd_kafka_NewPartitions_new(topic, partitions, &text, text.count)]
        let answer = try log.ask(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, "CreatePartitions", client) { options, queue in
            rd_kafka_CreatePartitions(client.handle, &requests, 1, options, queue)
        }
        rd_kafka_event_destroy(answer)
        rd_kafka_NewPartitions_destroy(requests[0])
        try until("the new partitions") { try log.topics()[topic] == partitions }
    }

    /// Sets one setting and, as AlterConfigs does, takes every other one back to the cluster's default.
    func alter(_ topic: String, _ name: String, _ value: String) throws {
        let client = try log.client()
        var requests = [rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)]
        rd_kafka_ConfigResource_set_config(requests[0], name, value)
        let answer = try log.ask(RD_KAFKA_ADMIN_OP_ALTERCONFIGS, "AlterConfigs", client) { options, queue in
            rd_kafka_AlterConfigs(client.handle, &requests, 1, options, queue)
        }
        rd_kafka_event_destroy(answer)
        rd_kafka_ConfigResource_destroy(requests[0])
    }

    /// The broker that leads a partition now.
    func leader(of place: TopicPartition) throws -> Int32 {
        var answer: UnsafePointer<rd_kafka_metadata>?
        let code = rd_kafka_metadata(try log.client().handle, 1, nil, &answer, 10_000)
        let metadata = try #require(code == RD_KAFKA_RESP_ERR_NO_ERROR ? answer : nil)
        defer { rd_kafka_metadata_destroy(metadata) }
        for index in 0..<Int(metadata.pointee.topic_cnt) {
            let topic = metadata.pointee.topics[index]
            guard topic.topic.map({ String(cString: $0) }) == place.topic else { continue }
            return topic.partitions[Int(place.partition)].leader
        }
        throw LogError.unknownTopic(place.topic)
    }

    /// Two transactions on partition 0: one with `aborted` is taken back, one with `committed` stands.
    func transactions(_ topic: String, aborted: [String], committed: [String]) throws {
        var properties = log.options.producer("test-transactions")
        properties["transactional.id"] = "test-\(topic)"
        properties["message.timeout.ms"] = "60000"
        properties["enable.gapless.guarantee"] = "false"
        let client = try KafkaClient(RD_KAFKA_PRODUCER, properties: properties)
        defer { client.destroy(within: .seconds(5)) }
        func done(_ error: OpaquePointer?) throws { try #require(kafkaCode(error) == nil) }
        try done(rd_kafka_init_transactions(client.handle, 30_000))
        let handle = try #require(rd_kafka_topic_new(client.handle, topic, nil))
        defer { rd_kafka_topic_destroy(handle) }
        func send(_ texts: [String]) throws {
            try done(rd_kafka_begin_transaction(client.handle))
            for text in texts {
                var bytes = Array(text.utf8)
                try #require(rd_kafka_produce(handle, 0, RD_KAFKA_MSG_F_COPY, &bytes, bytes.count, nil, 0, nil) == 0)
            }
            rd_kafka_flush(client.handle, 30_000)
        }
        try send(aborted)
        try done(rd_kafka_abort_transaction(client.handle, 30_000))
        try send(committed)
        try done(rd_kafka_commit_transaction(client.handle, 30_000))
    }

    /// A member of `group` that assigns partitions cooperatively, as no build of ours does. It polls until it has one.
    func cooperativeMember(of group: String, on topic: String) throws -> KafkaClient {
        var properties = log.options.consumer("test-cooperative", group: group, maxQueueBytes: 1 << 20)
        properties["partition.assignment.strategy"] = "cooperative-sticky"
        properties["auto.offset.reset"] = "earliest"
        let client = try KafkaClient(RD_KAFKA_CONSUMER, properties: properties)
        let code = withPartitionList([(TopicPartition(topic: topic, partition: -1), Int64(0))]) { rd_kafka_subscribe(client.handle, $0) }
        try #require(code == RD_KAFKA_RESP_ERR_NO_ERROR)
        try until("the cooperative member's partition", within: .seconds(60)) {
            if let message = rd_kafka_consumer_poll(client.handle, 100) { rd_kafka_message_destroy(message) }
            var list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
            guard rd_kafka_assignment(client.handle, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return false }
            defer { rd_kafka_topic_partition_list_destroy(list) }
            return list.pointee.cnt > 0
        }
        return client
    }
}
