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
        try confirm(missing, client)
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

    /// Waits until the metadata shows the topics: creation is acknowledged before it is known everywhere. Of a topic that this client may create
    /// and not see it never is; that is that topic's trouble, nobody else's.
    private func confirm(_ plans: [TopicPlan], _ client: KafkaClient) throws {
        let deadline = ContinuousClock.now + KafkaOptions.topicVisibility
        while true {
            let missing = try Self.missing(plans, in: metadata(client))
            if missing.isEmpty { return }
            if ContinuousClock.now > deadline { throw LogError.topicsMissing(missing.map(\.name).sorted()) }
            rd_kafka_poll(client.handle, 50)
        }
    }

    private func create(_ plans: [TopicPlan], _ client: KafkaClient) throws(LogError) {
        let brokers = try cluster(client).brokers
        var text = [CChar](repeating: 0, count: 512)
        var requests: [OpaquePointer?] = []
        defer { for request in requests { rd_kafka_NewTopic_destroy(request) } }
        for plan in plans {
            let settings = KafkaTopicSettings(plan, brokers: brokers, configured: options.replication)
            guard
                let request = rd_kafka_NewTopic_new(
                    plan.name, Int32(plan.partitions), Int32(settings.replication), &text, text.count)
            else { throw .rejected(code: "INVALID_TOPIC", "\(plan.name): \(kafkaText(text))") }
            requests.append(request)
            for (name, value) in settings.values { rd_kafka_NewTopic_set_config(request, name, value) }
        }
        let answer = try ask(RD_KAFKA_ADMIN_OP_CREATETOPICS, "CreateTopics", client) { options, queue in
            rd_kafka_CreateTopics(client.handle, &requests, requests.count, options, queue)
        }
        defer { rd_kafka_event_destroy(answer) }
        guard let result = rd_kafka_event_CreateTopics_result(answer) else { throw .unavailable("CreateTopics: no result") }
        var count = 0
        let answers = rd_kafka_CreateTopics_result_topics(result, &count)
        var forbidden: [String] = []
        for index in 0..<count {
            guard let answer = answers?[index] else { continue }
            let name = rd_kafka_topic_result_name(answer).map { String(cString: $0) } ?? ""
            switch rd_kafka_topic_result_error(answer) {
            // Another process that ensures the same topics may have been first.
            case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: continue
            case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: forbidden.append(name)
            case let code:
                let reason = rd_kafka_topic_result_error_string(answer).map { String(cString: $0) } ?? ""
                throw .rejected(code: kafkaName(code), "\(name): \(reason)")
            }
        }
        if !forbidden.isEmpty { throw .topicsMissing(forbidden.sorted()) }
    }

    /// Sends one administrative request and waits for its answer, which the caller destroys.
    func ask(
        _ operation: rd_kafka_admin_op_t, _ name: String, _ client: KafkaClient, _ send: (OpaquePointer, OpaquePointer) -> Void
    ) throws(LogError) -> OpaquePointer {
        guard let queue = rd_kafka_queue_new(client.handle), let request = rd_kafka_AdminOptions_new(client.handle, operation) else {
            throw .unavailable("librdkafka is out of memory")
        }
        defer {
            rd_kafka_AdminOptions_destroy(request)
            rd_kafka_queue_destroy(queue)
        }
        var text = [CChar](repeating: 0, count: 512)
        let timeout = options.requestTimeout.milliseconds
        rd_kafka_AdminOptions_set_request_timeout(request, timeout, &text, text.count)
        // Only creation waits for the brokers; for the other requests there is no such option, and saying so is an error to ignore.
        rd_kafka_AdminOptions_set_operation_timeout(request, timeout, &text, text.count)
        send(request, queue)
        guard let answer = rd_kafka_queue_poll(queue, timeout * 2) else { throw .unavailable("no answer to \(name)") }
        let code = rd_kafka_event_error(answer)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            rd_kafka_event_destroy(answer)
            throw .unavailable("\(name): \(kafkaName(code))")
        }
        return answer
    }
}
