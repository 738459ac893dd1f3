/// What a topic's plan means in Kafka's terms. Pure: how many brokers there are comes in, what a broker answered comes in.
struct KafkaTopicSettings: Hashable {
    /// Copies of each record where nobody says otherwise: one machine may be lost while another is being serviced.
    private static let usualReplication = 3
    /// A week, the brokers' own; an hour, below which there would be too many.
    private static let longestSegmentMs: Int64 = 604_800_000
    private static let shortestSegmentMs: Int64 = 3_600_000

    let replication: Int
    /// The broker's settings of the topic, each said outright, so that a cluster's own defaults do not decide over our records.
    let values: [String: String]

    /// `configured` is the address's `replication-factor`; it wins over the usual number, the plan's own wins over both.
    init(_ plan: TopicPlan, brokers: Int, configured: Int?) {
        replication = plan.replication ?? configured ?? min(Self.usualReplication, max(1, brokers))
        var values = [
            "cleanup.policy": plan.compacted ? (plan.retentionMs == nil ? "compact" : "compact,delete") : "delete",
            "retention.ms": "\(plan.retentionMs ?? -1)",
            // A broker's limit by size would delete what is kept for ever.
            "retention.bytes": "-1",
            // With acks=all a record counts when two machines have it; where there are fewer than three, a stop of one must not stop all.
            "min.insync.replicas": replication >= 3 ? "2" : "1",
            // A replica that fell behind must never become the truth.
            "unclean.leader.election.enable": "false",
            // Batches stay as they came: nobody pays for compressing twice.
            "compression.type": "producer",
            "message.timestamp.type": plan.isStampedOnArrival ? "LogAppendTime" : "CreateTime",
        ]
        // A segment goes whole, once its last record may: with a broker's week for each, what is kept for seven days could stay for fourteen.
        if let kept = plan.retentionMs { values["segment.ms"] = "\(min(Self.longestSegmentMs, max(Self.shortestSegmentMs, kept / 7)))" }
        if let bytes = plan.maxMessageBytes { values["max.message.bytes"] = "\(bytes)" }
        self.values = values
    }

    /// What a broker has otherwise. A setting it did not tell is not compared.
    func drift(of plan: TopicPlan, partitions: Int, replication actualReplication: Int, described: [String: String]) -> [TopicDrift] {
        var settings = [
            (TopicDrift.partitions, "\(plan.partitions)", "\(partitions)"),
            ("replication.factor", "\(replication)", "\(actualReplication)"),
        ]
        for (name, planned) in values.sorted(by: { $0.key < $1.key }) {
            guard let actual = described[name] else { continue }
            settings.append((name, Self.plain(planned), Self.plain(actual)))
        }
        return plan.drift(settings)
    }

    /// A list's order means nothing: `delete,compact` is `compact,delete`.
    private static func plain(_ value: String) -> String {
        value.split(separator: ",").map { $0.filter { $0 != " " } }.sorted().joined(separator: ",")
    }
}
