import CRdKafka

extension KafkaLog {
    func ensure(_ topics: [TopicPlan]) throws {
        let client = try client()
        let missing = try Self.missing(topics, in: metadata(client))
        guard !missing.isEmpty else { return }
        if let control = options.mockControl {
            // A mock cluster knows no CreateTopics request.
            for topic in missing { try MockControl.send(.topic(topic.name, topic.partitions), to: control) }
        } else {
            try create(missing, client)
        }
        try confirm(topics, client)
    }

    /// Plans whose topic does not exist; throws when one exists with another partition count.
    private static func missing(_ plans: [TopicPlan], in existing: [String: Int]) throws(LogError) -> [TopicPlan] {
        var missing: [TopicPlan] = []
        for plan in plans {
            switch existing[plan.name] {
            case nil: missing.append(plan)
            case plan.partitions: continue
            case .some(let actual): throw .partitionCountDiffers(topic: plan.name, planned: plan.partitions, actual: actual)
            }
        }
        return missing
    }

    /// Waits until every broker's metadata shows the topics: creation is acknowledged before it is known everywhere.
    private func confirm(_ plans: [TopicPlan], _ client: KafkaClient) throws {
        let deadline = ContinuousClock.now + options.requestTimeout
        while true {
            let missing = try Self.missing(plans, in: metadata(client))
            if missing.isEmpty { return }
            if ContinuousClock.now > deadline { throw LogError.unavailable("topic \(missing[0].name) was created but is not visible") }
            rd_kafka_poll(client.handle, 50)
        }
    }

    private func create(_ plans: [TopicPlan], _ client: KafkaClient) throws(LogError) {
        var text = [CChar](repeating: 0, count: 512)
        var requests: [OpaquePointer?] = []
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        for plan in plans {
            let replication = Int32(plan.replication ?? -1)
            guard let request = rd_kafka_NewTopic_new(plan.name, Int32(plan.partitions), replication, &text, text.count) else {
                throw .rejected(code: "INVALID_TOPIC", "\(plan.name): \(kafkaText(text))")
            }
            requests.append(request)
            let settings = [
                ("cleanup.policy", plan.compacted ? "compact" : "delete"), ("retention.ms", "\(plan.retentionMs ?? -1)"),
            ]
            for (name, value) in settings { rd_kafka_NewTopic_set_config(request, name, value) }
        }
        guard let queue = rd_kafka_queue_new(client.handle),
            let options = rd_kafka_AdminOptions_new(client.handle, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        else { throw .unavailable("librdkafka is out of memory") }
        defer {
            rd_kafka_AdminOptions_destroy(options)
            rd_kafka_queue_destroy(queue)
        }
        let timeout = self.options.requestTimeout.milliseconds
        rd_kafka_AdminOptions_set_request_timeout(options, timeout, &text, text.count)
        rd_kafka_AdminOptions_set_operation_timeout(options, timeout, &text, text.count)
        rd_kafka_CreateTopics(client.handle, &requests, requests.count, options, queue)
        guard let event = rd_kafka_queue_poll(queue, timeout * 2) else { throw .unavailable("no answer to CreateTopics") }
        defer { rd_kafka_event_destroy(event) }
        guard rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR, let result = rd_kafka_event_CreateTopics_result(event) else {
            throw .unavailable("CreateTopics: \(kafkaName(rd_kafka_event_error(event)))")
        }
        var count = 0
        let answers = rd_kafka_CreateTopics_result_topics(result, &count)
        for index in 0..<count {
            guard let answer = answers?[index] else { continue }
            let code = rd_kafka_topic_result_error(answer)
            // Another process that ensures the same topics may have been first.
            if code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { continue }
            let name = rd_kafka_topic_result_name(answer).map { String(cString: $0) } ?? ""
            let reason = rd_kafka_topic_result_error_string(answer).map { String(cString: $0) } ?? ""
            throw .rejected(code: kafkaName(code), "\(name): \(reason)")
        }
    }
}
