import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Employers over HTTP; most come from the directory by themselves.
enum EmployerRoutes {
    struct EmployerBody: Codable, Sendable {
        var employer: OrganisationID
        var region: RegionCode
    }

    static let endpoints: [Endpoint] = [
        .command(
            .post, "/employers", roles: [.clerk], summary: "登记用人单位 / Enter an employer", body: EmployerBody.self,
            returns: EmployerBody.self
        ) { request, body, work in
            try request.actor.mayAct(in: body.region)
            let region = try field("region") { () throws(InvalidValue) in try RegionTable.shared.validated(body.region.text) }
            try work.execute(.register(region: region, .clerk), EmployerTable.self, body.employer)
            return .json(body, status: .created)
        },
        .query(.get, "/employers", roles: [.clerk, .auditor], summary: "用人单位列表 / Employers", query: ["region"] + .page) { request, tx in
            let page = try request.page
            let rows = try EmployerTable.list(region: try request.subtree, after: page.after ?? "", limit: page.fetchLimit, in: tx)
            return .page(rows.map { EmployerBody(employer: $0.0, region: $0.1.region) }, page) { $0.employer.text }
        },
    ]
}
