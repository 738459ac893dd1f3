import Contracts
import Messaging
import ServiceRuntime
import Vocabulary

/// Who may do what on the brokers, derived from the catalogue alone: producers write, consumers read, a partner has its own organisation's
/// topics and what is for everyone, and whatever is not named here is denied.
///
/// What an operation needs is Kafka's own table (Security, "Operations and resources on protocols"): Fetch asks for Read on the topic,
/// JoinGroup and OffsetCommit for Read on the group, FindCoordinator for Describe on it, Produce for Write, and before 2.8 an idempotent
/// producer's InitProducerId for IdempotentWrite on the cluster. Nobody here uses transactions, so nobody has a transactional id.
enum AccessPlan {
    /// What the names of our topics, groups and principals begin with.
    static let own = "careloop"

    /// An organisation and what it is, which decides its topics.
    struct Partner: Hashable, Sendable {
        var organisation: OrganisationID
        var kind: OrganisationKind
    }

    /// The login of a service, one each.
    static func username(of service: String) -> String { "\(own)-\(service)" }
    /// The login of a partner organisation, one each.
    static func username(of partner: OrganisationID) -> String { "\(own)-partner-\(partner)" }

    /// Everything: five services, and these partners.
    static func rules(for partners: [Partner]) -> Set<AccessRule> {
        partners.reduce(into: Set(Catalogue.services.flatMap(service))) { $0.formUnion(rules(of: $1)) }
    }

    /// What one more partner takes: its own rights, and the services' rights on its topics.
    static func rules(of partner: Partner) -> Set<AccessRule> {
        let topics = Catalogue.partnerTopics(for: partner.organisation, kind: partner.kind)
        let user = "User:" + username(of: partner.organisation)
        // The dot keeps hb-37 out of the groups of hb-3703.
        var rules = [
            AccessRule(user, .read, .group, "\(own).partner.\(partner.organisation).", pattern: .prefixed),
            AccessRule(user, .describe, .group, ReaderGroups.alone),
        ]
        rules += Catalogue.topics.filter { !$0.isPartner && $0.dataClass == .public }.map { AccessRule(user, .read, .topic, $0.name) }
        for topic in topics { rules.append(AccessRule(user, topic.access == .write ? .write : .read, .topic, topic.name)) }
        if topics.contains(where: { $0.access == .write }) { rules.append(idempotent(user)) }
        for topic in topics {
            for service in Catalogue.services { rules += rights(of: service, on: topic.template, named: topic.name) }
        }
        return Set(rules)
    }

    private static func service(_ name: String) -> [AccessRule] {
        let user = "User:" + username(of: name)
        let groups = [
            AccessRule(user, .read, .group, Engine.consumerGroup(of: name)), AccessRule(user, .describe, .group, ReaderGroups.peek),
            AccessRule(user, .describe, .group, ReaderGroups.alone),
        ]
        return Catalogue.topics.filter { !$0.isPartner }.flatMap { rights(of: name, on: $0, named: $0.name) } + groups + [idempotent(user)]
    }

    /// A service reads what it writes as well: at its start the relay compares the last record of each partition with its outbox, and restore
    /// reads its own topics back. Settings are compared with the catalogue.
    private static func rights(of service: String, on topic: Topic, named name: String) -> [AccessRule] {
        let (writes, reads) = (topic.producer == service, topic.consumers.contains(service))
        guard writes || reads else { return [] }
        let user = "User:" + username(of: service)
        let operations: [AccessRule.Operation] = (writes ? [.write] : []) + [.read, .describeConfigs]
        return operations.map { AccessRule(user, $0, .topic, name) }
    }

    // It grants a producer's number and no topic.
    private static func idempotent(_ user: String) -> AccessRule { AccessRule(user, .idempotentWrite, .cluster, AccessRule.cluster) }
}
