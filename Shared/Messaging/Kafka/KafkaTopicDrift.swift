import CRdKafka

extension KafkaLog {
    /// Partitions and replicas from the metadata, settings from DescribeConfigs; a mock cluster knows only the partitions.
    func drift(of topics: [TopicPlan]) throws -> [TopicDrift] {
        let client = try client()
        _ = try self.topics(with: topics.map(\.name))
        let cluster = try cluster(client)
        let present = topics.filter { cluster.topics[$0.name] != nil }
        let isMock = options.mockControl != nil
        let described = isMock || present.isEmpty ? [:] : try describe(present.map(\.name), client)
        return topics.sorted { $0.name < $1.name }.flatMap { plan -> [TopicDrift] in
            guard let actual = cluster.topics[plan.name] else { return [.missing(plan.name)] }
            let settings = KafkaTopicSettings(plan, brokers: cluster.brokers, configured: options.replication)
            return settings.drift(
                of: plan, partitions: actual.partitions, replication: isMock ? settings.replication : actual.replication,
                described: described[plan.name] ?? [:])
        }
    }

    /// The brokers' settings of these topics. Throws `LogError.rejected` where this client may not read them.
    private func describe(_ topics: [String], _ client: KafkaClient) throws(LogError) -> [String: [String: String]] {
        var resources: [OpaquePointer?] = topics.map { rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) }
        defer { for resource in resources { rd_kafka_ConfigResource_destroy(resource) } }
        let answer = try ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, "DescribeConfigs", client) { options, queue in
            rd_kafka_DescribeConfigs(client.handle, &resources, resources.count, options, queue)
        }
        defer { rd_kafka_event_destroy(answer) }
        guard let result = rd_kafka_event_DescribeConfigs_result(answer) else { throw .unavailable("DescribeConfigs: no result") }
        var count = 0
        let answers = rd_kafka_DescribeConfigs_result_resources(result, &count)
        var described: [String: [String: String]] = [:]
        for index in 0..<count {
            guard let answer = answers?[index], let name = rd_kafka_ConfigResource_name(answer).map({ String(cString: $0) }) else {
                continue
            }
            let code = rd_kafka_ConfigResource_error(answer)
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw .rejected(code: kafkaName(code), "the settings of \(name)") }
            described[name] = Self.settings(of: answer)
        }
        return described
    }

    private static func settings(of resource: OpaquePointer) -> [String: String] {
        var count = 0
        let entries = rd_kafka_ConfigResource_configs(resource, &count)
        var settings: [String: String] = [:]
        for index in 0..<count {
            guard let entry = entries?[index], let name = rd_kafka_ConfigEntry_name(entry), let value = rd_kafka_ConfigEntry_value(entry)
            else { continue }
            settings[String(cString: name)] = String(cString: value)
        }
        return settings
    }
}
