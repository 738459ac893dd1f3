import Contracts
import ServiceRuntime
import Vocabulary

/// What nobody may forget: overdue steps, children without a place, choices not made, what a restore left undone; one case; and one referral with
/// the guardian's choice.
enum WorkPages {
    private static let readers: Endpoint.Access = [.clerk, .reviewer, .healthBureau, .auditor]
    private static let officers: Endpoint.Access = [.clerk, .reviewer, .auditor]

    static let pages: [Endpoint] = [
        .page("/desk", roles: readers, title: BilingualName(zh: "待办", en: "To do"), inMenu: true) { page in
            let tiles = try WorkItem.Kind.allCases.map { kind in
                let found = try page.ask(
                    PageRequest.target("/worklist", [("kind", kind.rawValue), ("limit", "100")]), as: PageOf<WorkItem>.self)
                return PageRequest.Tile(
                    page.text(kind.name), count: found.items.count, hasMore: found.next != nil,
                    at: PageRequest.target("/desk/work", [("kind", kind.rawValue)]), isLate: kind != .undecided)
            }
            let upload: HTML =
                page.actor.role == .healthBureau
                ? "<ul class=\"way\"><li>\(page.link("/desk/uploads", page.text("报送筛查结果", "Send screening results")))</li></ul>" : ""
            return page.show("待办", "To do", "\(page.tiles(tiles))\(upload)")
        },
        .page("/desk/work", roles: readers, title: BilingualName(zh: "待办清单", en: "Work list"), inMenu: true, query: ["kind", "after"]) {
            page in
            let kind = try page.request.query("kind", oneOf: WorkItem.Kind.self) ?? .overdue
            let list = try page.ask(
                PageRequest.target("/worklist", [("kind", kind.rawValue), ("after", page.request.query("after"))]),
                as: PageOf<WorkItem>.self)
            let rows = list.items.map { row -> [HTML] in
                let what = page.text(Self.category(row.category))
                let subject: HTML =
                    switch kind {
                    case .overdue, .unreferred: page.link("/desk/cases/\(row.subject)", what)
                    case .unplaced, .undecided, .returned:
                        page.actor.role == .healthBureau ? "\(what)" : page.link("/desk/referrals/\(row.subject)", what)
                    }
                let step = row.step.flatMap(ScreeningStage.init(rawValue:)).map { page.text($0.name) } ?? ""
                return [
                    subject, "\(step)", page.short(row.person),
                    "\(page.place(row.region))",
                    "\(row.due) \(row.due < page.request.today ? page.badge(.bad("逾期", "overdue")) : "")",
                ]
            }
            return page.show(
                kind.name.zh, kind.name.en,
                """
                \(page.filter("种类", "Kind", "kind", WorkItem.Kind.allCases.map { (value: $0.rawValue, label: page.text($0.name)) }))
                \(page.table(
                    page.text(kind.name),
                    [.init("内容", "What"), .init("环节", "Step"), .init("儿童", "Child"), .init("居住地", "Home"), .init("期限", "Due")], rows,
                    empty: page.text("没有待办。", "Nothing waits.")))\(page.more(list.next))
                """)
        },
        .page("/desk/cases/{case}", roles: readers, title: BilingualName(zh: "一个个案", en: "One case")) { page in
            let id = try page.request.path("case", as: CaseID.self)
            let view = try page.ask("/cases/\(id)", as: CaseView.self)
            let name = Self.category(view.topic)
            return page.show("个案：\(name.zh)", "Case: \(name.en)", try one(view, page))
        },
        .page(
            "/desk/referrals", roles: officers, title: BilingualName(zh: "转介", en: "Referrals"), inMenu: true, query: ["status", "after"]
        ) { page in
            let list = try page.ask(
                PageRequest.target("/referrals", [("status", page.request.query("status")), ("after", page.request.query("after"))]),
                as: PageOf<ReferralView>.self)
            let rows = list.items.map { row -> [HTML] in
                [
                    page.link("/desk/referrals/\(row.referral)", page.text(Self.category(row.category))),
                    page.short(row.person), "\(page.place(row.region))",
                    "\(row.chooseBy)",
                    "\(row.attempts.last.map { Self.institution($0.name, $0.institutionRegion, $0.institution) } ?? "")",
                    page.state(Referral.Status.self, row.status),
                ]
            }
            return page.show(
                "转介", "Referrals",
                """
                \(page.filter(Referral.Status.self))
                \(page.table(
                    page.text("转介名单", "Referrals"),
                    [.init("类别", "Category"), .init("儿童", "Child"), .init("居住地", "Home"), .init("选择期限", "Choose by"), .init("机构", "Institution"), .init("状态", "State")],
                    rows, empty: page.text("没有这样的转介。", "There is no such referral.")))\(page.more(list.next))
                """)
        },
        .page("/desk/referrals/{referral}", roles: officers, title: BilingualName(zh: "一件转介", en: "One referral")) { page in
            let id = try page.request.path("referral", as: ReferralID.self)
            let view = try page.ask("/referrals/\(id)", as: ReferralView.self)
            let name = Self.category(view.category)
            return page.show("转介：\(name.zh)", "Referral: \(name.en)", try one(view, page))
        },
    ]

    private static func category(_ word: String) -> BilingualName {
        AssistanceCategory(rawValue: word)?.name ?? ScreeningTopic(rawValue: word)?.name ?? BilingualName(zh: word, en: word)
    }

    /// Name, county and id; the id alone while the directory has not said the name.
    private static func institution(_ name: String, _ region: RegionCode?, _ id: OrganisationID) -> String {
        var county = region
        while let place = county, place.text.utf8.count > 6 { county = place.parent }
        return [name, county.flatMap { RegionTable.shared.name(of: $0) } ?? "", id.text].filter { !$0.isEmpty }.joined(separator: " · ")
    }

    private static func one(_ view: CaseView, _ page: PageRequest) throws -> HTML {
        let referrals = try page.ask(PageRequest.target("/referrals", [("case", view.caseID.text)]), as: PageOf<ReferralView>.self).items
        let step = view.nextStep.flatMap(ScreeningStage.init(rawValue:)).map { page.text($0.name) } ?? ""
        let due = view.dueOn.map { "\($0) \(view.overdue ? page.badge(.bad("逾期", "overdue")) : "")" as HTML } ?? ""
        let results = view.results.map { result -> [HTML] in
            [
                "\(result.takenOn)", "\(ScreeningStage(rawValue: result.stage).map { page.text($0.name) } ?? result.stage)",
                "\(ScreeningOutcome(rawValue: result.outcome).map { page.text($0.name) } ?? result.outcome)", "\(result.bureau)",
                "\(result.resultID)",
            ]
        }
        let ways = referrals.map { referral -> [HTML] in
            let way = page.text(Self.category(referral.category))
            return [
                page.actor.role == .healthBureau ? "\(way)" : page.link("/desk/referrals/\(referral.referral)", way),
                page.state(Referral.Status.self, referral.status),
            ]
        }
        let propose = page.form(
            .post, "/cases/\(view.caseID)/referral", name: "propose", "提出转介", "Propose a referral", then: "/desk/cases/\(view.caseID)")
        let words =
            referrals.contains { $0.status == Referral.Status.withdrawn.rawValue }
            ? page.text(
                "转介已撤回，个案仍在共享。可再次提出转介；提出之前列于待办。",
                "The referral was withdrawn and the case is still shared: propose another. It stands on the work list until then.")
            : page.text("个案已共享而缺转介（多因恢复备份），请补提。", "The case was shared and its referral is missing, as after a restore: propose it.")
        let missing: HTML = view.lacksReferral ? "<p class=\"notice bad\">\(words)</p>\(propose)" : ""
        return """
            \(page.facts([
                ("状态", "State", page.state(CaseStatus.self, view.status)),
                ("居住地", "Home", "\(page.place(view.region))"), ("下一环节", "Next step", "\(step)"), ("期限", "Due", due),
                ("儿童编号", "Child", "\(view.person)"), ("个案编号", "Case", "\(view.caseID)"),
            ]))
            \(page.section("结果", "Results", page.table(
                page.text("各次结果", "Results"), [.init("日期", "Date"), .init("环节", "Step"), .init("结果", "Outcome"), .init("报送机构", "Bureau"), .init("结果编号", "Result")],
                results, empty: page.text("没有结果。", "There is no result."))))
            \(page.section("转介", "Referrals", page.table(
                page.text("转介", "Referrals"), [.init("类别", "Category"), .init("状态", "State")], ways,
                empty: page.text("没有转介。", "There is no referral."))))
            \(missing)
            """
    }

    private static func one(_ view: ReferralView, _ page: PageRequest) throws -> HTML {
        let here = "/desk/referrals/\(view.referral)"
        let attempts = view.attempts.map { attempt -> [HTML] in
            [
                "\(attempt.attempt)", "\(institution(attempt.name, attempt.institutionRegion, attempt.institution))",
                "\(ChoiceMaker(rawValue: attempt.chosenBy).map { page.text($0.name) } ?? attempt.chosenBy)",
                "\(attempt.respondBy)",
            ]
        }
        let isOpen: Bool
        switch Referral.Status(rawValue: view.status) {
        case .proposed, .declined, .expired, .unplaced: isOpen = true
        case .issued, .confirmed, .withdrawn, nil: isOpen = false
        }
        let canWithdraw: Bool
        switch Referral.Status(rawValue: view.status) {
        case .proposed, .issued, .declined, .expired, .unplaced: canWithdraw = true
        // Once an institution owns the child, only a diagnosis that no longer stands takes the referral back.
        case .confirmed, .withdrawn, nil: canWithdraw = false
        }
        let withdraw = page.form(
            .post, "/referrals/\(view.referral)/withdraw", name: "withdraw", "撤回转介", "Withdraw",
            fields: [.text("reason", "理由", "Reason", isLong: true)], then: here, isDangerous: true)
        return """
            \(page.facts([
                ("状态", "State", page.state(Referral.Status.self, view.status)), ("居住地", "Home", "\(page.place(view.region))"), ("选择期限", "Choose by", "\(view.chooseBy)"),
                ("理由", "Reason", "\(view.reason)"), ("个案", "Case", page.link("/desk/cases/\(view.caseID)", page.text("所属个案", "its case"))),
                ("儿童编号", "Child", "\(view.person)"), ("转介编号", "Referral", "\(view.referral)"),
            ]))
            \(view.status == Referral.Status.withdrawn.rawValue
                ? "<p class=\"note\">\(page.text("如需再次转介，请在所属个案中提出。", "To refer the child again, propose it at its case."))</p>" as HTML : "")
            \(isOpen ? page.section("监护人的选择", "The guardian's choice", try choice(view, here, page)) : "")
            \(page.section("询问过的机构", "Institutions asked", page.table(
                page.text("逐次询问", "Attempts"), [.init("次", "No."), .init("机构", "Institution"), .init("由谁选择", "Chosen"), .init("答复期限", "Answer by")],
                attempts, empty: page.text("还没有询问机构。", "No institution was asked yet."))))
            \(canWithdraw ? page.fold("撤回……", "Withdraw…", form: "withdraw", withdraw) : "")
            """
    }

    /// Institutions with room now, each with the reason for its place in the list.
    private static func choice(_ view: ReferralView, _ here: String, _ page: PageRequest) throws -> HTML {
        guard page.actor.role != .auditor else { return "" }
        let candidates = try page.ask("/referrals/\(view.referral)/candidates", as: [CandidateView].self)
        guard !candidates.isEmpty else { return "<p class=\"empty\">\(page.text("此刻没有机构有空余名额。", "No institution has room now."))</p>" }
        let form = page.form(
            .post, "/referrals/\(view.referral)/choice", name: "choice", "登记选择", "Record the choice",
            fields: [
                .choice(
                    "institution", "此刻可选的机构", "Institutions with room now",
                    of: candidates.map {
                        let words = "\($0.rank). \(institution($0.name, $0.institutionRegion, $0.institution)) — \($0.explanation)"
                        return (value: $0.institution.text, label: BilingualName(zh: words, en: words))
                    }, isRadio: true)
            ], then: here)
        guard form.isEmpty else { return form }
        return page.steps(candidates.map { "\(institution($0.name, $0.institutionRegion, $0.institution)) — \($0.explanation)" })
    }
}

extension WorkItem.Kind {
    var name: BilingualName {
        switch self {
        case .overdue: BilingualName(zh: "逾期的环节", en: "Overdue steps")
        case .unplaced: BilingualName(zh: "无机构可接收", en: "No institution has room")
        case .undecided: BilingualName(zh: "待监护人选择", en: "Choices not made")
        case .returned: BilingualName(zh: "已退回而未再转", en: "Came back, nobody asked next")
        case .unreferred: BilingualName(zh: "已共享而未转介", en: "Shared, no referral")
        }
    }
}

extension CaseStatus: BadgedState {
    var badge: Badge {
        switch self {
        case .empty: .plain("没有结果", "no result")
        case .unable: .waiting("未能检查", "not examined")
        case .initialNegative: .good("初筛阴性", "initial screen negative")
        case .initialPositive: .waiting("初筛阳性", "initial screen positive")
        case .rescreenNegative: .good("复筛阴性", "re-screen negative")
        case .rescreenPositive: .waiting("复筛阳性", "re-screen positive")
        case .notConfirmed: .good("诊断排除", "not confirmed")
        case .diagnosed: .plain("确诊", "diagnosed")
        }
    }
}

extension Referral.Status: BadgedState {
    var badge: Badge {
        switch self {
        case .proposed: .waiting("待选择", "choice not made")
        case .issued: .waiting("已发出", "issued")
        case .confirmed: .good("已确认", "confirmed")
        case .declined: .bad("机构谢绝", "declined")
        case .expired: .bad("逾期未答复", "not answered in time")
        case .withdrawn: .plain("已撤回", "withdrawn")
        case .unplaced: .bad("无机构可接收", "no place")
        }
    }
}
