import Contracts
import Foundation
import Persistence
import ServiceRuntime
import Vocabulary

/// What is kept about a person and about those who looked: the timeline, the audit trail, the policies decisions rest on.
enum RecordRoutes {
    struct TrailReply: Encodable, Sendable {
        var intact: Bool
        var entries: Int64
        var head: AuditTrail.Head
        /// First entry that is wrong, when one is.
        var broken: AuditTrail.Break?
    }

    struct PolicyReply: Codable, Sendable {
        var code: String
        var region: RegionCode?
        var validFrom: LocalDate
        var validTo: LocalDate?
        var value: Int
        var source: String
        var standing: PolicyStanding
        var version: String
    }

    /// A topic that somebody has got hold of, and why its people are looked for.
    struct IncidentBody: Decodable, Sendable {
        var topic: String
        var purpose: String
    }

    struct IncidentReply: Codable, Sendable {
        /// Of the entry in the audit trail.
        var number: Int64
    }

    static let endpoints: [Endpoint] = [
        .command(
            .post, "/incidents", roles: [.operator, .auditor],
            summary: "登记泄露事件，随后查找涉及的人员 / Put on record that the people of a leaked topic are looked for", body: IncidentBody.self,
            returns: IncidentReply.self, incident),
        .command(
            .get, "/persons/{person}/timeline", roles: [.clerk, .reviewer, .auditor], shows: .person,
            summary: "一人一档时间线 / One person's timeline",
            query: .page, timeline),
        .query(.get, "/audit", roles: [.auditor], summary: "审计日志 / Audit trail", query: .page) { request, tx in
            let page = try request.page
            let entries = try AuditTrail.entries(after: page.after.flatMap { Int64($0) } ?? 0, limit: page.fetchLimit, in: tx)
            return .page(entries, page) { String($0.number) }
        },
        .query(.get, "/audit/verification", roles: [.auditor], summary: "校验审计日志 / Verify the audit chain", query: ["number", "hash"]) {
            request, tx in
            let head = try AuditTrail.head(in: tx)
            let broken = try AuditTrail.firstBreak(kept: try keptHead(request), in: tx)
            return .json(TrailReply(intact: broken == nil, entries: head.number, head: head, broken: broken))
        },
        .query(.get, "/policies", roles: .anyRole, summary: "政策依据 / Policies in force", returns: [PolicyReply].self) { _, _ in
            .json(
                RegistrationPolicies.numbers.rules.map {
                    PolicyReply(
                        code: $0.code, region: $0.region, validFrom: $0.validFrom, validTo: $0.validTo, value: $0.value, source: $0.source,
                        standing: $0.standing, version: $0.version)
                })
        },
    ]

    /// A head noted earlier, `?number=…&hash=…`: the only thing that shows a cut tail.
    private static func keptHead(_ request: EndpointRequest) throws(Problem) -> AuditTrail.Head? {
        guard let hash = request.query("hash") else { return nil }
        guard let number = request.query("number").flatMap({ Int64($0) }) else {
            throw Problem("FIELD_MISSING", status: 400, field: "number")
        }
        return AuditTrail.Head(number: number, hash: hash)
    }

    /// Stands in the trail before anybody is looked for: `careloop incident` goes no further without.
    @Sendable private static func incident(_ request: EndpointRequest, _ body: IncidentBody, _ work: UnitOfWork) throws -> Reply {
        guard Catalogue.topic(for: body.topic) != nil else { throw Problem("VALUE_UNKNOWN", status: 422, field: "topic") }
        guard let purpose = PersonalText.purpose(body.purpose) else {
            try AuditTrail.record("list-affected", subject: body.topic, purpose: "", outcome: .refused, in: work)
            return .problem(
                Problem(AccessRefusal.purposeRequired.rawValue, field: "purpose"), in: RegistrationRefusals.catalogue, request.language)
        }
        try AuditTrail.record("list-affected", subject: body.topic, purpose: purpose, outcome: .granted, in: work)
        return .json(IncidentReply(number: try AuditTrail.head(in: work.tx).number), status: .created)
    }

    @Sendable private static func timeline(_ request: EndpointRequest, _ work: UnitOfWork) throws -> Reply {
        let page = try request.page
        let person = try PersonTable.resolve(try request.path("person", as: PersonID.self), in: work)
        guard let file = try work.state(PersonTable.self, person), request.actor.covers(file.facts.region) else {
            try AuditTrail.record("read-timeline", subject: "unknown", purpose: "", outcome: .refused, in: work)
            return .problem(.notFound, in: RegistrationRefusals.catalogue, request.language)
        }
        try AuditTrail.record("read-timeline", subject: person.text, purpose: "", outcome: .granted, in: work)
        let identities = try PersonTable.identities(of: person, in: work.tx)
        let entries = try Timeline.entries(of: identities, after: cursor(page.after), limit: page.fetchLimit, in: work.tx)
        return .page(entries, page) { "\($0.date) \($0.id)" }
    }

    private static func cursor(_ text: String?) -> (date: String, id: String)? {
        guard let parts = text?.split(separator: " "), parts.count == 2 else { return nil }
        return (String(parts[0]), String(parts[1]))
    }
}
