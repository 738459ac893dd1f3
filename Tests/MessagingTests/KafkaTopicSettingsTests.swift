import Testing

@testable import Messaging

/// What a topic's plan means to a broker, and what counts as a difference. Pure: a mock cluster answers no administrative request, so the
/// requests themselves are tried in `BrokerTests`.
@Suite struct KafkaTopicSettingsTests {
    private let plan = TopicPlan(name: "t.v1", partitions: 8, maxMessageBytes: 1_008_192)

    @Test(arguments: [
        (brokers: 1, configured: nil as Int?, own: nil as Int?, replication: 1, minimum: "1"), (2, nil, nil, 2, "1"), (3, nil, nil, 3, "2"),
        (5, nil, nil, 3, "2"), (5, 2, nil, 2, "1"), (5, 2, 4, 4, "2"), (0, nil, nil, 1, "1"),
    ])
    func `three copies where there are three brokers, of which two must have a record`(
        _ brokers: Int, _ configured: Int?, _ own: Int?, _ replication: Int, _ minimum: String
    ) {
        var plan = plan
        plan.replication = own
        let settings = KafkaTopicSettings(plan, brokers: brokers, configured: configured)
        #expect(settings.replication == replication)
        #expect(settings.values["min.insync.replicas"] == minimum)
    }

    @Test(arguments: [
        (false, nil as Int64?, "delete", "-1"), (false, 604_800_000, "delete", "604800000"), (true, nil, "compact", "-1"),
        (true, 1000, "compact,delete", "1000"),
    ])
    func `what is kept for ever is kept by time and by size, what is compacted by key`(
        _ compacted: Bool, _ retention: Int64?, _ policy: String, _ milliseconds: String
    ) {
        var plan = plan
        plan.compacted = compacted
        plan.retentionMs = retention
        let values = KafkaTopicSettings(plan, brokers: 3, configured: nil).values
        #expect(values["cleanup.policy"] == policy)
        #expect(values["retention.ms"] == milliseconds)
        #expect(values["retention.bytes"] == "-1")
        #expect(values["max.message.bytes"] == "1008192")
        #expect(values["compression.type"] == "producer")
        #expect(values["unclean.leader.election.enable"] == "false")
    }

    @Test(arguments: [
        (nil as Int64?, nil as String?), (604_800_000, "86400000"), (7_776_000_000, "604800000"), (1000, "3600000"),
    ])
    func `a segment is closed in time for what it holds to go when its days are over`(_ retention: Int64?, _ milliseconds: String?) {
        var plan = plan
        plan.retentionMs = retention
        #expect(KafkaTopicSettings(plan, brokers: 3, configured: nil).values["segment.ms"] == milliseconds)
    }

    @Test func `what others write is kept by the log's clock, what we write says when it happened`() {
        var plan = plan
        #expect(KafkaTopicSettings(plan, brokers: 3, configured: nil).values["message.timestamp.type"] == "CreateTime")
        plan.isStampedOnArrival = true
        #expect(KafkaTopicSettings(plan, brokers: 3, configured: nil).values["message.timestamp.type"] == "LogAppendTime")
    }

    @Test func `a size the plan does not state is the broker's own`() {
        #expect(KafkaTopicSettings(TopicPlan(name: "t", partitions: 1), brokers: 1, configured: nil).values["max.message.bytes"] == nil)
    }

    @Test func `a topic made as planned does not differ, in whatever order a broker lists its policies`() {
        var plan = plan
        plan.compacted = true
        plan.retentionMs = 1000
        let settings = KafkaTopicSettings(plan, brokers: 3, configured: nil)
        var described = settings.values
        described["cleanup.policy"] = "delete, compact"
        described["segment.bytes"] = "1073741824"
        #expect(settings.drift(of: plan, partitions: 8, replication: 3, described: described).isEmpty)
    }

    @Test func `every difference is named with what the catalogue says and what the broker has`() {
        let settings = KafkaTopicSettings(plan, brokers: 3, configured: nil)
        var described = settings.values
        described["retention.ms"] = "604800000"
        described["cleanup.policy"] = "compact"
        described["min.insync.replicas"] = "1"
        described["max.message.bytes"] = nil
        let drift = settings.drift(of: plan, partitions: 12, replication: 1, described: described)
        #expect(
            drift.map(\.description) == [
                "t.v1: partitions is 12, the catalogue says 8", "t.v1: replication.factor is 1, the catalogue says 3",
                "t.v1: cleanup.policy is compact, the catalogue says delete", "t.v1: min.insync.replicas is 1, the catalogue says 2",
                "t.v1: retention.ms is 604800000, the catalogue says -1",
            ])
    }

    @Test func `the address says how many copies are made`() throws {
        #expect(try KafkaOptions(servers: "b:9092", options: [:]).replication == nil)
        #expect(try KafkaOptions(servers: "b:9092", options: ["replication-factor": "2"]).replication == 2)
        for wrong in ["0", "-1", "x", "40000"] {
            #expect(failure { try openEventLog("kafka://b:9092?replication-factor=\(wrong)") } == "invalidURL")
        }
    }
}

/// Differences between plans and topics on the logs that can be asked here.
@Suite struct TopicDriftTests {
    @Test(arguments: LogUnderTest.present)
    func `a missing topic and another number of partitions are told, by topic`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic(partitions: 2)
            let missing = "test.\(fixture.unique).absent.v1"
            #expect(try fixture.log.drift(of: [TopicPlan(name: topic, partitions: 2)]).isEmpty)
            let drift = try fixture.log.drift(of: [TopicPlan(name: topic, partitions: 3), TopicPlan(name: missing, partitions: 1)])
            #expect(
                drift == [.missing(missing), TopicDrift(topic: topic, setting: TopicDrift.partitions, planned: "3", actual: "2")])
        }
    }

    @Test func `the embedded log tells another retention and compaction`() throws {
        let fixture = try LogFixture.embedded(in: TemporaryDirectory())
        try fixture.log.ensure([TopicPlan(name: "t.v1", partitions: 1, retentionMs: 60_000)])
        let drift = try fixture.log.drift(of: [TopicPlan(name: "t.v1", partitions: 1, compacted: true)])
        #expect(drift.map(\.setting) == ["compacted", "retention.ms"])
        #expect(drift.map(\.actual) == ["false", "60000"])
    }
}
