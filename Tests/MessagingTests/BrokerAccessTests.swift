import Foundation
import Testing

@testable import Messaging

/// Rights on a real cluster with an authorizer. `CARELOOP_TEST_KAFKA_ACCESS` is what a super user's client needs to get in, `name=value&…`;
/// `CARELOOP_TEST_KAFKA_LIMITED_OPTIONS` what the principal `test-limited` needs, whom the test gives its rights.
@Suite(.enabled(if: Broker.hasAccessRules, "KAFKA_BOOTSTRAP_SERVERS and CARELOOP_TEST_KAFKA_ACCESS name no cluster with an authorizer"))
struct BrokerAccessTests {
    private func administrator() throws -> LogFixture { try Broker.fixture(Broker.setting("CARELOOP_TEST_KAFKA_ACCESS")) }

    @Test func `rules are granted once and found again`() async throws {
        try await onThread {
            let fixture = try administrator()
            let log = try #require(fixture.log as? any AccessControlled)
            let name = "test.\(fixture.unique).granted.v1"
            let rules = [
                AccessRule("User:test-\(fixture.unique)", .write, .topic, name),
                AccessRule("User:test-\(fixture.unique)", .read, .group, "test.\(fixture.unique).", pattern: .prefixed),
                AccessRule("User:test-\(fixture.unique)", .idempotentWrite, .cluster, AccessRule.cluster),
            ]
            let before = try log.accessRules()
            #expect(before.isDisjoint(with: rules))
            try log.grant(rules)
            try log.grant(rules)
            // Brokers hear of a rule one after the other.
            try until("the rules to be known") { try log.accessRules().isSuperset(of: rules) }
            #expect(AccessDrift(planned: Set(rules), actual: try log.accessRules(), own: ["test-\(fixture.unique)"]).isEmpty)
        }
    }

    @Test(.enabled(if: Broker.hasLimitedPrincipal, "CARELOOP_TEST_KAFKA_LIMITED_OPTIONS names nobody"))
    func `who has no rule is denied, and with one it gets in`() async throws {
        try await onThread {
            let fixture = try administrator()
            let log = try #require(fixture.log as? any AccessControlled)
            let topic = try fixture.topic("granted")
            let limited = try Broker.fixture(Broker.setting("CARELOOP_TEST_KAFKA_LIMITED_OPTIONS"))
            #expect(try limited.log.topics()[topic] == nil)
            try log.grant([AccessRule("User:test-limited", .write, .topic, topic)])
            try until("the topic to be shown") { try limited.log.topics()[topic] == 1 }
            try limited.send([record(topic, "let in")])
            // Write does not say read.
            let reader = try limited.log.consumer(ConsumerSettings(group: "", topics: [topic]) { _ in 0 })
            #expect(throws: LogError.self) { while try reader.poll(max: 1, wait: .seconds(1)).isEmpty {} }
            reader.close(within: .seconds(5))
        }
    }
}
