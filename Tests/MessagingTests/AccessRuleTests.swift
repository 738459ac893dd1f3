import CRdKafka
import Testing

@testable import Messaging

/// Rules of access as values, and as librdkafka has them.
@Suite struct AccessRuleTests {
    private let read = AccessRule("User:careloop-screening", .read, .topic, "careloop.registration.persons.v1")
    private let group = AccessRule("User:careloop-partner-hb-37", .read, .group, "careloop.partner.hb-37.", pattern: .prefixed)
    private let cluster = AccessRule("User:careloop-screening", .idempotentWrite, .cluster, AccessRule.cluster)

    @Test func `a rule goes to librdkafka and comes back the same`() throws {
        var denied = read
        denied.isAllowed = false
        for rule in [read, group, cluster, denied] {
            let (resource, operation) = try #require(rule.kafkaNumbers)
            var text = [CChar](repeating: 0, count: 512)
            let binding = try #require(
                rd_kafka_AclBinding_new(
                    resource, rule.name, rule.pattern == .prefixed ? RD_KAFKA_RESOURCE_PATTERN_PREFIXED : RD_KAFKA_RESOURCE_PATTERN_LITERAL,
                    rule.principal, rule.host, operation,
                    rule.isAllowed ? RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW : RD_KAFKA_ACL_PERMISSION_TYPE_DENY, &text, text.count),
                "\(rule): \(kafkaText(text))")
            #expect(AccessRule(binding) == rule)
            rd_kafka_AclBinding_destroy(binding)
        }
        // Numbers of Kafka's own protocol: ResourceType, AclOperation.
        #expect(read.kafkaNumbers?.0.rawValue == 2 && read.kafkaNumbers?.1.rawValue == 3)
        #expect(group.kafkaNumbers?.0.rawValue == 3 && cluster.kafkaNumbers?.0.rawValue == 4 && cluster.kafkaNumbers?.1.rawValue == 12)
    }

    @Test func `what is missing and what nobody planned are told; other people's rules are not our business`() {
        let leak = AccessRule("User:careloop-partner-hb-37", .read, .topic, "careloop.screening.cases.v1")
        let wide = AccessRule("User:visitor", .read, .topic, "care", pattern: .prefixed)
        let star = AccessRule("User:*", .all, .topic, "*")
        let theirs = AccessRule("User:billing", .read, .topic, "invoices.v1")
        let drift = AccessDrift(planned: [read, group], actual: [group, leak, wide, star, theirs], own: ["careloop"])
        #expect(drift.missing == [read])
        #expect(Set(drift.surplus) == [leak, wide, star])
        #expect(AccessDrift(planned: [read], actual: [read, theirs], own: ["careloop"]).isEmpty)
    }

    @Test func `a mock cluster, which keeps no rules, says so instead of waiting`() async throws {
        let cluster = try MockCluster(brokers: 1)
        try await onThread {
            let log = try #require(try openEventLog(cluster.url) as? any AccessControlled)
            #expect(throws: LogError.rejected(code: "SECURITY_DISABLED", "DescribeAcls: a mock cluster keeps no rules")) {
                try log.accessRules()
            }
        }
        cluster.stop()
    }
}
