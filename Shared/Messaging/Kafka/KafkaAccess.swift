import CRdKafka

extension KafkaLog: AccessControlled {
    func accessRules() throws -> Set<AccessRule> {
        let client = try client()
        var text = [CChar](repeating: 0, count: 512)
        guard
            let filter = rd_kafka_AclBindingFilter_new(
                RD_KAFKA_RESOURCE_ANY, nil, RD_KAFKA_RESOURCE_PATTERN_ANY, nil, nil, RD_KAFKA_ACL_OPERATION_ANY,
                RD_KAFKA_ACL_PERMISSION_TYPE_ANY, &text, text.count)
        else { throw LogError.unavailable("DescribeAcls: \(kafkaText(text))") }
        defer { rd_kafka_AclBinding_destroy(filter) }
        let answer = try askAboutAccess(RD_KAFKA_ADMIN_OP_DESCRIBEACLS, "DescribeAcls", client) { options, queue in
            rd_kafka_DescribeAcls(client.handle, filter, options, queue)
        }
        defer { rd_kafka_event_destroy(answer) }
        guard let result = rd_kafka_event_DescribeAcls_result(answer) else { throw LogError.unavailable("DescribeAcls: no result") }
        var count = 0
        let bindings = rd_kafka_DescribeAcls_result_acls(result, &count)
        return Set((0..<count).compactMap { index in bindings?[index].map { AccessRule($0) } })
    }

    func grant(_ rules: [AccessRule]) throws {
        guard !rules.isEmpty else { return }
        let client = try client()
        var bindings: [OpaquePointer?] = []
        defer { for binding in bindings { rd_kafka_AclBinding_destroy(binding) } }
        var text = [CChar](repeating: 0, count: 512)
        for rule in rules {
            guard let (resource, operation) = rule.kafkaNumbers else { preconditionFailure("\(rule) is none that CareLoop makes") }
            guard
                let binding = rd_kafka_AclBinding_new(
                    resource, rule.name,
                    rule.pattern == .prefixed ? RD_KAFKA_RESOURCE_PATTERN_PREFIXED : RD_KAFKA_RESOURCE_PATTERN_LITERAL, rule.principal,
                    rule.host, operation, rule.isAllowed ? RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW : RD_KAFKA_ACL_PERMISSION_TYPE_DENY, &text,
                    text.count)
            else { throw LogError.rejected(code: "INVALID_ACL", "\(rule): \(kafkaText(text))") }
            bindings.append(binding)
        }
        let answer = try askAboutAccess(RD_KAFKA_ADMIN_OP_CREATEACLS, "CreateAcls", client) { options, queue in
            rd_kafka_CreateAcls(client.handle, &bindings, bindings.count, options, queue)
        }
        defer { rd_kafka_event_destroy(answer) }
        guard let result = rd_kafka_event_CreateAcls_result(answer) else { throw LogError.unavailable("CreateAcls: no result") }
        var count = 0
        let answers = rd_kafka_CreateAcls_result_acls(result, &count)
        for index in 0..<count {
            guard let error = rd_kafka_acl_result_error(answers?[index]) else { continue }
            let reason = rd_kafka_error_string(error).map { String(cString: $0) } ?? ""
            throw LogError.rejected(code: kafkaName(rd_kafka_error_code(error)), "\(rules[index]): \(reason)")
        }
    }

    /// Says by name when the brokers keep no rules, or keep them from this client.
    private func askAboutAccess(
        _ operation: rd_kafka_admin_op_t, _ name: String, _ client: KafkaClient, _ send: (OpaquePointer, OpaquePointer) -> Void
    ) throws(LogError) -> OpaquePointer {
        // A mock cluster leaves such a request without an answer.
        guard options.mockControl == nil else { throw .rejected(code: "SECURITY_DISABLED", "\(name): a mock cluster keeps no rules") }
        do { return try ask(operation, name, client, send) } catch .unavailable(let reason) {
            for code in [RD_KAFKA_RESP_ERR_SECURITY_DISABLED, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED]
            where reason.hasSuffix(kafkaName(code)) {
                throw .rejected(code: kafkaName(code), name)
            }
            throw .unavailable(reason)
        }
    }
}

extension AccessRule {
    private static let resources: [(Resource, rd_kafka_ResourceType_t)] = [
        (.topic, RD_KAFKA_RESOURCE_TOPIC), (.group, RD_KAFKA_RESOURCE_GROUP),
        // The protocol's number 4 is the cluster in rules; only in settings librdkafka's word for it, a broker, is right.
        (.cluster, RD_KAFKA_RESOURCE_BROKER),
    ]
    private static let operations: [(Operation, rd_kafka_AclOperation_t)] = [
        (.all, RD_KAFKA_ACL_OPERATION_ALL), (.read, RD_KAFKA_ACL_OPERATION_READ), (.write, RD_KAFKA_ACL_OPERATION_WRITE),
        (.create, RD_KAFKA_ACL_OPERATION_CREATE), (.delete, RD_KAFKA_ACL_OPERATION_DELETE), (.alter, RD_KAFKA_ACL_OPERATION_ALTER),
        (.describe, RD_KAFKA_ACL_OPERATION_DESCRIBE), (.clusterAction, RD_KAFKA_ACL_OPERATION_CLUSTER_ACTION),
        (.describeConfigs, RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS), (.alterConfigs, RD_KAFKA_ACL_OPERATION_ALTER_CONFIGS),
        (.idempotentWrite, RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE),
    ]

    /// Nil for a rule with a part that this build has no number for.
    var kafkaNumbers: (rd_kafka_ResourceType_t, rd_kafka_AclOperation_t)? {
        guard let resource = Self.resources.first(where: { $0.0 == resource })?.1,
            let operation = Self.operations.first(where: { $0.0 == operation })?.1, pattern != .other
        else { return nil }
        return (resource, operation)
    }

    /// A rule as the brokers told it.
    init(_ binding: OpaquePointer) {
        func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
        let resource = rd_kafka_AclBinding_restype(binding)
        let operation = rd_kafka_AclBinding_operation(binding)
        let pattern: Pattern =
            switch rd_kafka_AclBinding_resource_pattern_type(binding) {
            case RD_KAFKA_RESOURCE_PATTERN_LITERAL: .literal
            case RD_KAFKA_RESOURCE_PATTERN_PREFIXED: .prefixed
            default: .other
            }
        self.init(
            text(rd_kafka_AclBinding_principal(binding)), Self.operations.first { $0.1 == operation }?.0 ?? .other,
            Self.resources.first { $0.1 == resource }?.0 ?? .other, text(rd_kafka_AclBinding_name(binding)), pattern: pattern,
            host: text(rd_kafka_AclBinding_host(binding)),
            isAllowed: rd_kafka_AclBinding_permission_type(binding) == RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW)
    }
}
