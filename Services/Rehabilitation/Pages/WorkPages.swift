import Contracts
import ServiceRuntime
import Vocabulary

/// The first page of everybody who works with assistance: what waits for them now.
enum WorkPages {
    static let roles: Endpoint.Access = [.rehabilitationCentre, .clerk, .reviewer, .finance, .auditor]

    static let pages: [Endpoint] = [
        .page("/desk", roles: roles, title: BilingualName(zh: "待办", en: "To do"), inMenu: true) { page in
            let month = page.request.today.month.first.adding(days: -1).month
            var tiles: [PageRequest.Tile] = []
            switch page.actor.role {
            case .rehabilitationCentre:
                tiles = [
                    try tile(page, "待答复的转介", "Referrals to answer", "/referrals", ReferralView.self, [("status", "open")]),
                    try tile(page, "可以入训的申请", "Children to enrol", "/applications", ApplicationView.self, [("status", "placed")]),
                    try tile(
                        page, "\(month) 尚未登记的儿童", "Children without a record for \(month)", "/enrolments", EnrolmentView.self,
                        [("missing", month.text)]),
                    try tile(page, "在训儿童", "Children in training", "/enrolments", EnrolmentView.self, [("status", "inTraining")]),
                ]
            case .reviewer:
                tiles = [
                    try tile(
                        page, "逾期未决的申请", "Applications overdue", "/applications", ApplicationView.self, [("overdue", "true")], isLate: true),
                    try tile(page, "待审核的申请", "Applications to decide", "/applications", ApplicationView.self, [("status", "underReview")]),
                    try tile(page, "待审核的结算", "Settlements to decide", "/settlements", SettlementView.self, [("status", "submitted")]),
                ]
            case .finance:
                tiles = [try tile(page, "待支付的结算", "Settlements to pay", "/settlements", SettlementView.self, [("status", "approved")])]
            default:
                tiles = [
                    try tile(
                        page, "逾期未决的申请", "Applications overdue", "/applications", ApplicationView.self, [("overdue", "true")], isLate: true),
                    try tile(
                        page, "已确认、尚未申请的转介", "Confirmed referrals without application", "/referrals", ReferralView.self,
                        [("status", "confirmed"), ("unapplied", "true")]),
                    try tile(
                        page, "材料待齐的申请", "Applications without papers", "/applications", ApplicationView.self, [("status", "submitted")]),
                    try tile(page, "待审核的申请", "Applications to decide", "/applications", ApplicationView.self, [("status", "underReview")]),
                    try tile(page, "已批准、待定机构", "Approved, no centre yet", "/applications", ApplicationView.self, [("status", "approved")]),
                    try tile(
                        page, "可以结算的机构", "Institutions to settle with", "/worklists/settlements", UnsettledView.self, [],
                        at: "/desk/settlements"),
                    try tile(
                        page, "诊断已撤回的申请和在训儿童", "Under way, diagnosis withdrawn", "/worklists/withdrawn-diagnoses",
                        WithdrawnDiagnosisView.self,
                        [], at: "/desk/withdrawn-diagnoses", isLate: true),
                    try tile(
                        page, "合并档案后两处在训的儿童", "Trainings of one child at two places", "/worklists/merged-trainings",
                        MergedTrainingView.self,
                        [], at: "/desk/merged-trainings", isLate: true),
                ]
            }
            return page.show("待办", "To do", page.tiles(tiles))
        },
        .page(
            "/desk/withdrawn-diagnoses", roles: [.clerk, .reviewer, .auditor],
            title: BilingualName(zh: "诊断已撤回而仍在办", en: "Under way, diagnosis withdrawn"), query: ["after"]
        ) { page in
            let list = try page.ask(
                PageRequest.target("/worklists/withdrawn-diagnoses", [("after", page.request.query("after"))]),
                as: PageOf<WithdrawnDiagnosisView>.self)
            let rows = list.items.map { row -> [HTML] in
                [
                    page.link("/desk/applications/\(row.application)", page.text(row.category.name)), page.short(row.person),
                    "\(page.place(row.region))", page.state(Application.Status.self, row.status),
                    "\(row.institution?.text ?? "")", "\(row.startedOn?.text ?? "")", "\(row.reason ?? "")", "\(page.yuan(row.subsidyFen))",
                    "\(row.referredAgain ? page.text("是", "yes") : page.text("否", "no"))",
                ]
            }
            return page.show(
                "诊断已撤回而仍在办", "Under way, diagnosis withdrawn",
                """
                <p class="note">\(page.text("是否继续由主管部门决定，系统不代为决定；入训之前不再确认机构、不能入训。",
                    "Whether it goes on is the authority's to decide; the system does not. Where training has not begun, no centre is confirmed and none begins it."))</p>
                \(page.table(
                    page.text("申请和在训儿童", "Applications and trainings"),
                    [.init("类别", "Category"), .init("儿童", "Child"), .init("居住地", "Home"), .init("状态", "State"), .init("机构", "Institution"), .init("入训", "Since"),
                     .init("撤回原因", "Why withdrawn"), .init("已补助（元）", "Subsidy (yuan)", isNumber: true), .init("重新转介", "Referred again")],
                    rows, empty: page.text("没有这样的儿童。", "There is no such child.")))\(page.more(list.next))
                """)
        },
        .page(
            "/desk/merged-trainings", roles: [.clerk, .reviewer, .auditor],
            title: BilingualName(zh: "合并档案后两处在训", en: "One child at two places"), query: ["after"]
        ) { page in
            let list = try page.ask(
                PageRequest.target("/worklists/merged-trainings", [("after", page.request.query("after"))]),
                as: PageOf<MergedTrainingView>.self)
            func cells(_ training: MergedTrainingView.Training, _ name: HTML) -> [HTML] {
                [
                    name, "\(training.institution)", "\(page.place(training.region))", "\(training.startedOn)",
                    "\(page.yuan(training.subsidyFen))",
                ]
            }
            let rows = list.items.map { pair -> [HTML] in
                let own = page.link("/desk/enrolments/\(pair.training.enrolment)", page.text(pair.training.category.name))
                return [page.short(pair.training.person)] + cells(pair.training, own)
                    + cells(pair.other, "\(page.text(pair.other.category.name))")
            }
            return page.show(
                "合并档案后两处在训", "One child at two places",
                """
                <p class="note">\(page.text("两份档案合并后发现是同一儿童，两处训练都在进行、都在补助；保留哪一处由主管部门决定，由另一处机构结束训练。",
                    "Two files turned out to be one child's; both trainings run and both are subsidised. Which goes on is the authority's to decide, and the other's centre ends it."))</p>
                \(page.table(
                    page.text("两处在训", "Trainings at once"),
                    [.init("儿童", "Child"), .init("类别", "Category"), .init("机构", "Institution"), .init("居住地", "Home"), .init("入训", "Since"),
                     .init("已补助（元）", "Subsidy (yuan)", isNumber: true), .init("另一处类别", "Other: category"), .init("另一处机构", "Other: institution"),
                     .init("另一处居住地", "Other: home"), .init("另一处入训", "Other: since"),
                     .init("另一处已补助（元）", "Other: subsidy (yuan)", isNumber: true)],
                    rows, empty: page.text("没有这样的儿童。", "There is no such child.")))\(page.more(list.next))
                """)
        },
    ]

    /// How many a list has, as far as one page of it tells, and the way to it.
    private static func tile<Item: Codable>(
        _ page: PageRequest, _ zh: String, _ en: String, _ list: String, _ type: Item.Type, _ query: [(String, String?)],
        at path: String? = nil,
        isLate: Bool = false
    ) throws -> PageRequest.Tile {
        let found = try page.ask(PageRequest.target(list, query + [("limit", "100")]), as: PageOf<Item>.self)
        return PageRequest.Tile(
            page.text(zh, en), count: found.items.count, hasMore: found.next != nil, at: PageRequest.target(path ?? "/desk\(list)", query),
            isLate: isLate)
    }
}
