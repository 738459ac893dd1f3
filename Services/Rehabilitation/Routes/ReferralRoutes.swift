import Persistence
import ServiceRuntime
import Vocabulary

/// A centre's referrals, and its answer to one.
enum ReferralRoutes {
    struct AnswerBody: Decodable, Sendable {
        /// Left out: the newest attempt that asked this centre.
        var attempt: Int?
        var answer: AnswerReferral.Word
        /// Needed with `decline`.
        var reason: String?
    }

    struct AnswerView: Codable, Sendable {
        var referral: ReferralID
        var attempt: Int
        var status: String
    }

    static let endpoints: [Endpoint] = [
        .query(
            .get, "/referrals", roles: [.rehabilitationCentre, .clerk, .reviewer, .auditor], shows: .persons,
            summary: "转介（机构只看自己的；unapplied=true 为尚未申请救助的） / Referrals; a centre sees its own",
            query: [.oneOf("status", ReferralAnswer.Status.self), .flag("unapplied")] + .scopedPage,
            returns: PageOf<ReferralView>.self
        ) { request, tx in
            let page = try request.page
            let status = try request.query("status", oneOf: ReferralAnswer.Status.self)
            let rows = try Lists.referrals(try request.scope(), status: status, unapplied: try request.flag("unapplied"), page, in: tx)
            return .page(rows, page) { $0.cursor }
        },
        .query(
            .get, "/referrals/{referral}", roles: [.rehabilitationCentre, .clerk, .reviewer, .auditor], shows: .person,
            summary: "一件转介及其理由（最近一次询问） / One referral as last asked, and why", query: ["region", "institution"],
            returns: ReferralView.self
        ) { request, tx in
            let id = try request.path("referral", as: ReferralID.self)
            guard var view = try Lists.referral(id, try request.scope(), in: tx),
                let answer = try ReferralAnswerTable.load(AttemptKey(referral: id, attempt: view.attempt), in: tx)?.state
            else { throw Problem.notFound }
            view.explanation = Explanation.steps(of: answer, on: request.today)
            return .json(view)
        },
        .command(
            .post, "/referrals/{referral}/answer", roles: [.rehabilitationCentre], summary: "接收或拒绝转介 / Accept or decline a referral",
            body: AnswerBody.self, returns: AnswerView.self
        ) { request, body, work in
            let referral = try request.path("referral", as: ReferralID.self)
            let centre = try request.organisation()
            let latest = try ReferralAnswerTable.latestAttempt(of: referral, asking: centre, in: work.tx)
            guard let key = body.attempt.map({ AttemptKey(referral: referral, attempt: $0) }) ?? latest else {
                throw ReferralAnswerRules.Refused.notFound
            }
            switch body.answer {
            case .accept: try AnswerReferral.accept(key, by: centre, in: work)
            case .decline: try AnswerReferral.decline(key, by: centre, reason: try bounded(body.reason ?? "", field: "reason"), in: work)
            }
            let status = try work.state(ReferralAnswerTable.self, key)?.status
            return .json(AnswerView(referral: referral, attempt: key.attempt, status: status?.rawValue ?? ""))
        },
    ]
}
