import Contracts
import Messaging
import Testing
import Vocabulary

@testable import CareLoopTool

/// Who may do what on the brokers. The expected rights are written out by hand; whether a rule allows something is decided here as Kafka's
/// authorizer does, not by what makes the rules.
@Suite struct AccessPlanTests {
    private static let bureau = AccessPlan.Partner(organisation: OrganisationID(trusted: "hb-3703"), kind: .healthBureau)
    private static let shorter = AccessPlan.Partner(organisation: OrganisationID(trusted: "hb-37"), kind: .healthBureau)
    private static let centre = AccessPlan.Partner(organisation: OrganisationID(trusted: "rc-370302-1"), kind: .rehabilitationCentre)
    private static let partners = [bureau, shorter, centre]
    private static let rules = AccessPlan.rules(for: partners)

    /// Allow rules, literal or prefixed; read and write imply describe; without a rule, no.
    private static func allows(_ user: String, _ operation: AccessRule.Operation, _ resource: AccessRule.Resource, _ name: String) -> Bool {
        rules.contains { rule in
            rule.principal == "User:\(user)" && rule.isAllowed && rule.host == "*" && rule.resource == resource
                && (rule.operation == operation || (operation == .describe && [.read, .write].contains(rule.operation)))
                && (rule.pattern == .prefixed ? name.hasPrefix(rule.name) : name == rule.name)
        }
    }

    /// Topic, who writes it, who reads it. A writer also reads back what it wrote.
    private static let internalTopics: [(name: String, writer: String, readers: Set<String>)] = [
        ("careloop.registration.organisations.v1", "registration", ["screening", "rehabilitation", "employment"]),
        ("careloop.registration.persons.v1", "registration", ["rehabilitation", "employment", "reporting"]),
        ("careloop.screening.cases.v1", "screening", ["registration", "reporting"]),
        ("careloop.screening.identities.v1", "screening", ["registration"]),
        ("careloop.screening.referrals.v1", "screening", ["registration", "rehabilitation", "reporting"]),
        ("careloop.rehabilitation.institutions.v1", "rehabilitation", ["screening", "reporting"]),
        ("careloop.rehabilitation.answers.v1", "rehabilitation", ["registration", "screening"]),
        ("careloop.rehabilitation.assistance.v1", "rehabilitation", ["registration", "employment", "reporting"]),
        ("careloop.rehabilitation.settlements.v1", "rehabilitation", ["reporting"]),
        ("careloop.employment.employers.v1", "employment", ["reporting"]),
        ("careloop.employment.job-seekers.v1", "employment", ["registration", "reporting"]),
        ("careloop.reporting.indicators-internal.v1", "reporting", []),
        ("careloop.reporting.indicators-published.v1", "reporting", []),
        ("careloop.registration.dead-letters.v1", "registration", []), ("careloop.screening.dead-letters.v1", "screening", []),
        ("careloop.rehabilitation.dead-letters.v1", "rehabilitation", []), ("careloop.employment.dead-letters.v1", "employment", []),
        ("careloop.reporting.dead-letters.v1", "reporting", []),
    ]
    private static let published = "careloop.reporting.indicators-published.v1"
    private static let partnerTopics: [(name: String, partner: String, partnerWrites: Bool, service: String)] = [
        ("careloop.partner.hb-3703.screening-results.v1", "hb-3703", true, "screening"),
        ("careloop.partner.hb-3703.receipts.v1", "hb-3703", false, "screening"),
        ("careloop.partner.hb-37.screening-results.v1", "hb-37", true, "screening"),
        ("careloop.partner.hb-37.receipts.v1", "hb-37", false, "screening"),
        ("careloop.partner.rc-370302-1.referrals.v1", "rc-370302-1", false, "screening"),
        ("careloop.partner.rc-370302-1.referral-answers.v1", "rc-370302-1", true, "rehabilitation"),
        ("careloop.partner.rc-370302-1.answer-receipts.v1", "rc-370302-1", false, "rehabilitation"),
    ]
    private static let services = ["registration", "screening", "rehabilitation", "employment", "reporting"]

    @Test func `every cell of services and partners by topics by read and write is as written out here, and nothing else is allowed`() {
        #expect(Set(Catalogue.topics.filter { !$0.isPartner }.map(\.name)) == Set(Self.internalTopics.map(\.name)))
        var allowed = 0
        func expect(_ user: String, _ operation: AccessRule.Operation, _ topic: String, _ isRight: Bool) {
            #expect(Self.allows(user, operation, .topic, topic) == isRight, "\(user) \(operation) \(topic)")
            if isRight { allowed += 1 }
        }
        for topic in Self.internalTopics {
            for service in Self.services {
                expect("careloop-\(service)", .write, topic.name, service == topic.writer)
                expect("careloop-\(service)", .read, topic.name, service == topic.writer || topic.readers.contains(service))
            }
            for partner in Self.partners {
                expect("careloop-partner-\(partner.organisation)", .write, topic.name, false)
                expect("careloop-partner-\(partner.organisation)", .read, topic.name, topic.name == Self.published)
            }
        }
        for topic in Self.partnerTopics {
            for partner in Self.partners {
                let isOwn = partner.organisation.text == topic.partner
                expect("careloop-partner-\(partner.organisation)", .write, topic.name, isOwn && topic.partnerWrites)
                expect("careloop-partner-\(partner.organisation)", .read, topic.name, isOwn && !topic.partnerWrites)
            }
            for service in Self.services {
                expect("careloop-\(service)", .write, topic.name, service == topic.service && !topic.partnerWrites)
                expect("careloop-\(service)", .read, topic.name, service == topic.service)
            }
        }
        // Every rule about reading or writing a topic is one of these cells.
        #expect(Self.rules.filter { $0.resource == .topic && [.read, .write].contains($0.operation) }.count == allowed)
        #expect(!Self.allows("careloop-visitor", .describe, .topic, Self.published))
    }

    @Test func `a group is its service's, and a partner's groups begin with its own name`() {
        for service in Self.services {
            for other in Self.services {
                #expect(Self.allows("careloop-\(service)", .read, .group, "careloop.\(other)") == (service == other))
            }
        }
        #expect(Self.allows("careloop-partner-hb-37", .read, .group, "careloop.partner.hb-37.night"))
        #expect(!Self.allows("careloop-partner-hb-37", .read, .group, "careloop.partner.hb-3703.night"))
        #expect(!Self.allows("careloop-partner-hb-37", .read, .group, "careloop.screening"))
    }

    @Test
    func `nobody may create, alter or delete, rules name their principal and deny nothing, and only who writes has a producer's number`() {
        let operations: Set<AccessRule.Operation> = [.read, .write, .describe, .describeConfigs, .idempotentWrite]
        for rule in Self.rules {
            #expect(operations.contains(rule.operation) && rule.isAllowed && rule.pattern != .other, "\(rule)")
            #expect(rule.principal.hasPrefix("User:careloop-") && !rule.principal.contains("*") && rule.name != "*", "\(rule)")
            if rule.pattern == .prefixed { #expect(rule.resource == .group, "\(rule)") }
        }
        let producers = Set(Self.rules.filter { $0.operation == .write }.map(\.principal))
        #expect(Set(Self.rules.filter { $0.operation == .idempotentWrite }.map(\.principal)) == producers)
        #expect(Self.rules.filter { $0.resource == .cluster }.allSatisfy { $0.operation == .idempotentWrite })
    }

    @Test func `one more partner adds rules about itself alone and takes none away`() {
        let before = AccessPlan.rules(for: [Self.bureau])
        let added = AccessPlan.rules(for: [Self.bureau, Self.centre])
        #expect(before.isSubset(of: added))
        for rule in added.subtracting(before) {
            #expect(
                rule.principal == "User:careloop-partner-rc-370302-1" || rule.name.hasPrefix("careloop.partner.rc-370302-1."), "\(rule)")
        }
        let federation = AccessPlan.Partner(organisation: OrganisationID(trusted: "dpf-37"), kind: .disabledPersonsFederation)
        #expect(AccessPlan.rules(of: federation).filter { $0.resource == .topic }.map(\.name) == [Self.published])
    }
}
