import Persistence
import ServiceRuntime
import Vocabulary

/// Settlements: a clerk puts lines together, a second person approves or sends back, finance pays.
enum SettlementRoutes {
    struct SubmitBody: Decodable, Sendable {
        var institution: OrganisationID
        var quarter: Quarter
    }

    private static let readers: Endpoint.Access = [.clerk, .reviewer, .finance, .auditor, .rehabilitationCentre]

    static let endpoints: [Endpoint] = [
        .command(
            .post, "/settlements", roles: [.clerk], summary: "提交一家机构一个季度的结算 / Submit an institution's quarter for settlement",
            body: SubmitBody.self, returns: SettlementView.self
        ) { request, body, work in
            guard let institution = try work.state(InstitutionTable.self, body.institution) else {
                throw Problem("INSTITUTION_NOT_DESIGNATED", field: "institution")
            }
            try request.actor.mustSee(
                institution.agreement.region, orElse: Problem("INSTITUTION_NOT_DESIGNATED", field: "institution"))
            let submission = Settlement.Submission(
                institution: body.institution, region: institution.agreement.region, quarter: body.quarter,
                lines: try SettlementTable.unsettled(body.institution, upTo: body.quarter.last.month, in: work.tx),
                submittedBy: request.signature, submittedOn: request.today)
            let id = SettlementID(trusted: work.derivedID("settlement"))
            do { try work.execute(.submit(submission), SettlementTable.self, id) } catch let refused as SettlementRules.Refused
                where [.quarterOpen, .nothing].contains(refused)
            {
                throw Problem(refused.rawValue, field: "quarter")
            }
            return try reply(id, work, status: 201)
        },
        .command(
            .post, "/settlements/{settlement}/approval", roles: [.reviewer], summary: "批准结算（另一人） / Approve, by a second person",
            returns: SettlementView.self
        ) { request, work in
            let id = try find(request, work)
            try work.execute(.approve(by: request.signature, on: request.today), SettlementTable.self, id)
            return try reply(id, work)
        },
        .command(
            .post, "/settlements/{settlement}/rejection", roles: [.reviewer],
            summary: "退回结算（另一人），须说明理由 / Send back, by a second person, with a reason", body: ApplicationRoutes.ReasonBody.self,
            returns: SettlementView.self
        ) { request, body, work in
            let id = try find(request, work)
            let reason = try bounded(body.reason, field: "reason")
            try work.execute(.reject(by: request.signature, on: request.today, reason: reason), SettlementTable.self, id)
            return try reply(id, work)
        },
        .command(
            .post, "/settlements/{settlement}/payment", roles: [.finance], summary: "财政直接支付机构 / Pay the institution directly",
            returns: SettlementView.self
        ) { request, work in
            let id = try find(request, work)
            try work.execute(.pay(by: request.signature, on: request.today), SettlementTable.self, id)
            return try reply(id, work)
        },
        .query(
            .get, "/settlements", roles: readers, summary: "结算 / Settlements",
            query: [.oneOf("status", Settlement.Status.self), "quarter"] + .scopedPage, returns: PageOf<SettlementView>.self
        ) { request, tx in
            let page = try request.page
            let rows = try Lists.settlements(
                try request.scope(), status: try request.query("status", oneOf: Settlement.Status.self),
                quarter: try request.query("quarter", as: Quarter.self), page, in: tx)
            return .page(rows, page) { $0.settlement.text }
        },
        .query(.get, "/settlements/{settlement}", roles: readers, summary: "一笔结算 / One settlement", returns: SettlementView.self) {
            request, tx in
            let id = try request.path("settlement", as: SettlementID.self)
            guard let state = try SettlementTable.load(id, in: tx)?.state else { throw Problem.notFound }
            try request.mayRead(state.submission.region, of: state.submission.institution)
            return .json(view(id, state))
        },
        .query(
            .get, "/settlements/{settlement}/lines", roles: readers, summary: "一笔结算所含的训练月 / The months in a settlement",
            returns: [SettledLineView].self
        ) { request, tx in
            let id = try request.path("settlement", as: SettlementID.self)
            guard let state = try SettlementTable.load(id, in: tx)?.state else { throw Problem.notFound }
            try request.mayRead(state.submission.region, of: state.submission.institution)
            return .json(try Lists.lines(of: id, in: tx))
        },
        .query(
            .get, "/worklists/settlements", roles: [.clerk, .reviewer, .finance, .auditor],
            summary: "尚有未结算训练月的机构 / Institutions with counted months that no settlement holds", query: ["quarter"] + .scopedPage,
            returns: PageOf<UnsettledView>.self
        ) { request, tx in
            let page = try request.page
            let quarter = try request.query("quarter", as: Quarter.self)
            let month = quarter?.last.month ?? request.today.month
            let rows = try Lists.unsettled(try request.scope(), upTo: month, page, in: tx)
            return .page(rows, page) { $0.institution.text }
        },
    ]

    private static func find(_ request: EndpointRequest, _ work: UnitOfWork) throws -> SettlementID {
        let id = try request.path("settlement", as: SettlementID.self)
        guard let settlement = try work.state(SettlementTable.self, id) else { throw SettlementRules.Refused.notFound }
        try request.actor.mustSee(settlement.submission.region, orElse: SettlementRules.Refused.notFound)
        return id
    }

    private static func reply(_ id: SettlementID, _ work: UnitOfWork, status: Int = 200) throws -> Reply {
        guard let state = try work.state(SettlementTable.self, id) else { preconditionFailure("the settlement was just written") }
        return .json(view(id, state), status: .init(code: status))
    }

    private static func view(_ id: SettlementID, _ state: Settlement) -> SettlementView {
        let submission = state.submission
        return SettlementView(
            settlement: id, institution: submission.institution, region: submission.region, quarter: submission.quarter,
            status: state.status.rawValue, lines: submission.lines.count, totalFen: state.totalFen.value,
            submittedOn: submission.submittedOn,
            approvedOn: state.approvedOn, paidOn: state.paidOn, submittedBy: submission.submittedBy, approvedBy: state.approvedBy,
            paidBy: state.paidBy, rejectedOn: state.rejection?.on, rejectedBy: state.rejection?.by, reason: state.rejection?.reason)
    }
}
