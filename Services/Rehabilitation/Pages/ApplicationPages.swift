import Contracts
import ServiceRuntime
import Vocabulary

/// Applications (救助申请) from the window to the institution. Two people: who took it in never decides it; the command says so, not the page.
enum ApplicationPages {
    private static let readers: Endpoint.Access = [.rehabilitationCentre, .clerk, .reviewer, .auditor]

    static let pages: [Endpoint] = [
        .page(
            "/desk/applications", roles: readers, title: BilingualName(zh: "申请", en: "Applications"), inMenu: true,
            query: ["status", "overdue", "after"]
        ) { page in
            let isLate = page.request.query("overdue")
            let target = PageRequest.target(
                "/applications", [("status", page.request.query("status")), ("overdue", isLate), ("after", page.request.query("after"))])
            let list = try page.ask(target, as: PageOf<ApplicationView>.self)
            let rows = list.items.map { row -> [HTML] in
                [
                    page.link("/desk/applications/\(row.application)", "\(page.text(row.category.name)) \(row.planYear)"),
                    page.short(row.person),
                    "\(page.place(row.region))", "\(row.submittedOn)", due(row, page), page.state(Application.Status.self, row.status),
                ]
            }
            return page.show(
                isLate == "true" ? "逾期未决的申请" : "申请", isLate == "true" ? "Applications overdue" : "Applications",
                """
                \(page.filter(Application.Status.self))
                \(page.table(
                    page.text("申请名单", "Applications"),
                    [.init("类别、年度", "Category, year"), .init("儿童", "Child"), .init("居住地", "Home"), .init("申请日", "Applied"),
                     .init("应于此日前决定", "Decide by"), .init("状态", "State")],
                    rows, empty: page.text("没有这样的申请。", "There is no such application.")))\(page.more(list.next))
                """)
        },
        .page("/desk/applications/{application}", roles: readers, title: BilingualName(zh: "一份申请", en: "One application")) { page in
            let id = try page.request.path("application", as: ApplicationID.self)
            let view = try page.ask("/applications/\(id)", as: ApplicationView.self)
            return page.show(
                "申请：\(view.category.name.zh) \(view.planYear)", "Application: \(view.category.name.en) \(view.planYear)",
                try one(view, page))
        },
    ]

    private static func due(_ row: ApplicationView, _ page: PageRequest) -> HTML {
        guard let day = row.decideBy else { return "" }
        return row.reviewMissed && row.decidedOn == nil ? "\(day) \(page.badge(.bad("逾期", "overdue")))" : "\(day)"
    }

    private static func one(_ view: ApplicationView, _ page: PageRequest) throws -> HTML {
        let referral: HTML = view.referral.map { page.link("/desk/referrals/\($0)", page.text("查看转介", "the referral")) } ?? ""
        let enrolment: HTML = view.enrolment.map { page.link("/desk/enrolments/\($0)", page.text("查看入训记录", "the training")) } ?? ""
        let warning: HTML =
            view.diagnosisWithdrawn == true
            ? """
            <p class="notice bad">\(page.text("所依据的诊断已撤回；怎样处理由主管部门决定。", "The diagnosis behind it was withdrawn; what follows is the authority's to decide."))</p>
            """ : ""
        return """
            \(warning)\(page.facts([
                ("状态", "State", page.state(Application.Status.self, view.status)), ("居住地", "Home", "\(page.place(view.region))"),
                ("依据", "On the strength of", "\(page.text(view.residenceBasis.name))"), ("年度标准（元）", "Standard a year (yuan)", "\(page.yuan(view.standardFen))"),
                ("康复方式", "How", "\(page.text(view.mode.name))"), ("月数", "Months", "\(view.months)"), ("申请日", "Applied", "\(view.submittedOn)"),
                ("应于此日前决定", "Decide by", due(view, page)), ("机构", "Institution", "\(view.institution?.text ?? "")"),
                ("经办", "Taken in by", "\(view.submittedBy ?? "")"), ("材料确认", "Papers checked by", "\(view.acceptedBy ?? "")"),
                ("决定", "Decided by", "\(view.decidedBy ?? "")"), ("转介", "Referral", referral), ("入训", "Training", enrolment),
            ]))
            \(page.section("为什么是这样", "Why it stands as it does", page.sentences(view.explanation)))
            \(page.section("下一步", "Next step", try next(view, page)))
            """
    }

    private static func next(_ view: ApplicationView, _ page: PageRequest) throws -> HTML {
        let address = "/applications/\(view.application)"
        let here = "/desk/applications/\(view.application)"
        let withdrawal = page.fold(
            "撤回申请……", "Withdraw…", form: "withdraw",
            page.form(
                .post, "\(address)/withdrawal", name: "withdraw", "撤回申请", "Withdraw",
                fields: [.text("reason", "撤回的理由", "Reason for withdrawing", isLong: true)], then: here, isDangerous: true))
        switch Application.Status(rawValue: view.status) {
        case .submitted:
            return page.form(
                .post, "\(address)/materials", name: "materials", "材料齐备，开始审核", "Papers are complete: start the review", then: here)
                + withdrawal
        case .underReview where [view.submittedBy, view.acceptedBy].contains(page.request.signature):
            return "<p>\(page.text("经办人不能审核自己经办的申请，须由另一人决定。", "Nobody decides what they took in themselves; a second person does."))</p>"
                + withdrawal
        case .underReview:
            let rejection = page.form(
                .post, "\(address)/rejection", name: "reject", "不予批准", "Reject",
                fields: [.text("reason", "理由", "Reason", hint: BilingualName(zh: "申请人会收到。", en: "The applicant is told."), isLong: true)],
                then: here,
                isDangerous: true)
            let approval = page.form(.post, "\(address)/approval", name: "approve", "批准", "Approve", then: here)
            let eyes: HTML =
                approval.isEmpty ? "<p>\(page.text("由另一人（审核人）决定。", "A second person, the reviewer, decides."))</p>" : ""
            return eyes + approval + page.fold("不予批准……", "Reject…", form: "reject", rejection) + withdrawal
        // Refused as long as the diagnosis is withdrawn.
        case .approved where view.diagnosisWithdrawn == true, .placed where view.diagnosisWithdrawn == true: return withdrawal
        case .approved: return try institution(view, address, here, page) + withdrawal
        case .placed:
            let enrol = page.form(
                .post, "/enrolments", name: "enrol", "入训", "Enrol",
                fields: [
                    .fixed("application", .text(view.application.text)),
                    .date(
                        "startedOn", "入训日期", "First day", hint: BilingualName(zh: "不填即为今天", en: "Today when left empty"), isRequired: false),
                ], then: "/desk/enrolments/{enrolment}")
            return (enrol.isEmpty ? "<p>\(page.text("等机构入训。", "The centre enrols the child."))</p>" : enrol) + withdrawal
        case .rejected, .enrolled, .ended, .withdrawn, nil: return ""
        }
    }

    private static func institution(_ view: ApplicationView, _ address: String, _ here: String, _ page: PageRequest) throws -> HTML {
        guard page.actor.role == .clerk else { return "<p>\(page.text("等经办人确认机构。", "The clerk confirms the centre."))</p>" }
        let found = try page.ask(
            PageRequest.target("/institutions", [("category", view.category.rawValue), ("limit", "500")]), as: PageOf<InstitutionView>.self)
        let referred = try view.referral.flatMap { try page.ask("/referrals/\($0)", as: ReferralView.self).institution }
        var words = found.items.filter { $0.institution != referred }.map { item in
            let name = item.name ?? item.institution.text
            return (
                value: item.institution.text,
                label: BilingualName(
                    zh: "\(name) · \(page.place(item.region)) · 空余\(item.free)",
                    en: "\(name) · \(page.place(item.region)) · \(item.free) free")
            )
        }
        if let referred {
            // It holds the place, wherever it lies: in another region its name is not this clerk's to read.
            let known = found.items.first { $0.institution == referred }
            let name = (known?.name ?? referred.text) + (known.map { " · \(page.place($0.region))" } ?? "")
            words.insert((value: referred.text, label: BilingualName(zh: "已承接转介 · \(name)", en: "holds the referral · \(name)")), at: 0)
        }
        return page.form(
            .post, "\(address)/institution", name: "institution", "确认机构", "Confirm the centre",
            fields: [
                .choice(
                    "institution", "监护人选择的机构", "The guardian's choice", of: words, value: referred?.text)
            ], then: here)
    }
}
