import Contracts
import ServiceRuntime
import Vocabulary

/// Settlements (结算): put together by a clerk, decided by another, paid by finance.
enum SettlementPages {
    private static let readers: Endpoint.Access = [.rehabilitationCentre, .clerk, .reviewer, .finance, .auditor]

    static let pages: [Endpoint] = [
        .page(
            "/desk/settlements", roles: readers, title: BilingualName(zh: "结算", en: "Settlements"), inMenu: true,
            query: ["status", "after"]
        ) {
            page in
            let list = try page.ask(
                PageRequest.target("/settlements", [("status", page.request.query("status")), ("after", page.request.query("after"))]),
                as: PageOf<SettlementView>.self)
            let rows = list.items.map { row -> [HTML] in
                [
                    page.link("/desk/settlements/\(row.settlement)", "\(row.quarter)"), "\(row.institution)", "\(row.lines)",
                    "\(page.yuan(row.totalFen))", "\(row.submittedOn)", page.state(Settlement.Status.self, row.status),
                ]
            }
            return page.show(
                "结算", "Settlements",
                """
                \(page.filter(Settlement.Status.self))
                \(page.table(
                    page.text("结算名单", "Settlements"),
                    [.init("季度", "Quarter"), .init("机构", "Institution"), .init("训练月", "Months", isNumber: true), .init("金额（元）", "Amount (yuan)", isNumber: true),
                     .init("提交", "Submitted"), .init("状态", "State")],
                    rows, empty: page.text("没有这样的结算。", "There is no such settlement.")))\(page.more(list.next))
                \(try waiting(page))
                """)
        },
        .page("/desk/settlements/{settlement}", roles: readers, title: BilingualName(zh: "一笔结算", en: "One settlement")) { page in
            let id = try page.request.path("settlement", as: SettlementID.self)
            let view = try page.ask("/settlements/\(id)", as: SettlementView.self)
            return page.show("结算：\(view.quarter)", "Settlement: \(view.quarter)", try one(view, page))
        },
    ]

    private static func one(_ view: SettlementView, _ page: PageRequest) throws -> HTML {
        let address = "/settlements/\(view.settlement)"
        let here = "/desk/settlements/\(view.settlement)"
        let lines = try page.ask("\(address)/lines", as: [SettledLineView].self)
        let rows = lines.map { line -> [HTML] in
            [
                "\(line.month)", page.link("/desk/enrolments/\(line.enrolment)#m-\(line.month)", page.text("儿童与理由", "child and reasons")),
                "\(page.yuan(line.subsidyFen))",
            ]
        }
        let another: HTML = "<p>\(page.text("须由另一人办理下一步。", "A second person takes the next step."))</p>"
        var steps: HTML = ""
        switch Settlement.Status(rawValue: view.status) {
        case .submitted where view.submittedBy == page.request.signature: steps = another
        case .approved where [view.submittedBy, view.approvedBy].contains(page.request.signature): steps = another
        case .submitted:
            let back = page.form(
                .post, "\(address)/rejection", name: "reject", "退回", "Send back", fields: [.text("reason", "理由", "Reason", isLong: true)],
                then: here,
                isDangerous: true)
            steps =
                page.form(.post, "\(address)/approval", name: "approve", "批准结算", "Approve", then: here)
                + page.fold("退回……", "Send back…", form: "reject", back)
        case .approved: steps = page.form(.post, "\(address)/payment", name: "pay", "确认已支付", "Paid", then: here)
        case .rejected, .paid, nil: break
        }
        return """
            \(page.facts([
                ("状态", "State", page.state(Settlement.Status.self, view.status)), ("机构", "Institution", "\(view.institution)"),
                ("金额（元）", "Amount (yuan)", "\(page.yuan(view.totalFen))"), ("训练月", "Months", "\(view.lines)"),
                ("提交", "Submitted", "\(view.submittedOn) \(view.submittedBy)"), ("批准", "Approved", "\(view.approvedOn?.text ?? "") \(view.approvedBy ?? "")"),
                ("支付", "Paid", "\(view.paidOn?.text ?? "") \(view.paidBy ?? "")"), ("退回", "Sent back", "\(view.rejectedOn?.text ?? "") \(view.rejectedBy ?? "")"),
                ("退回的理由", "Reason", "\(view.reason ?? "")"),
            ]))
            \(page.section("下一步", "Next step", steps))
            \(page.section("金额由来", "How the amount came about", page.table(
                page.text("所含训练月", "Months in it"), [.init("月份", "Month"), .init("理由", "Reasons"), .init("补助（元）", "Subsidy (yuan)", isNumber: true)], rows,
                empty: page.text("没有。", "None."))))
            """
    }

    /// Institutions with months that no settlement holds, for those who put settlements together.
    private static func waiting(_ page: PageRequest) throws -> HTML {
        guard page.actor.role == .clerk else { return "" }
        let list = try page.ask("/worklists/settlements?limit=500", as: PageOf<UnsettledView>.self)
        guard !list.items.isEmpty else { return "" }
        let words = list.items.map { item in
            (
                value: item.institution.text,
                label: BilingualName(
                    zh: "\(item.institution) · \(item.firstMonth)起\(item.lines)个训练月 · \(page.yuan(item.subsidyFen))元",
                    en: "\(item.institution) · \(item.lines) months from \(item.firstMonth) · \(page.yuan(item.subsidyFen)) yuan")
            )
        }
        // The oldest month first: of the running quarter there is usually nothing to settle yet.
        let quarter = (list.items.map(\.firstMonth).min() ?? page.request.today.month).quarter
        return page.section(
            "提交结算", "Put a settlement together",
            page.form(
                .post, "/settlements", name: "submit", "提交结算", "Submit",
                fields: [
                    .choice("institution", "机构", "Institution", of: words),
                    .text(
                        "quarter", "季度", "Quarter", hint: BilingualName(zh: "如 \(quarter)", en: "such as \(quarter)"), longest: 7,
                        value: quarter.text),
                ], then: "/desk/settlements/{settlement}"))
    }
}
