import Contracts
import ServiceRuntime
import Vocabulary

/// Referrals (转介): what a centre is asked, why, and its answer.
enum ReferralPages {
    private static let readers: Endpoint.Access = [.rehabilitationCentre, .clerk, .reviewer, .auditor]

    static let pages: [Endpoint] = [
        .page(
            "/desk/referrals", roles: readers, title: BilingualName(zh: "转介", en: "Referrals"), inMenu: true,
            query: ["status", "unapplied", "after"]
        ) { page in
            let target = PageRequest.target(
                "/referrals",
                [
                    ("status", page.request.query("status")), ("unapplied", page.request.query("unapplied")),
                    ("after", page.request.query("after")),
                ])
            let list = try page.ask(target, as: PageOf<ReferralView>.self)
            let isCentre = page.actor.role == .rehabilitationCentre
            let rows = list.items.map { row -> [HTML] in
                [
                    page.link("/desk/referrals/\(row.referral)", "\(page.text(row.category.name))"), page.short(row.person),
                    "\(page.place(row.region))", "\(row.birthMonth)", "\(row.respondBy)",
                    page.state(ReferralAnswer.Status.self, row.status),
                ] + (isCentre ? [] : ["\(row.institution)"])
            }
            let columns: [PageRequest.Column] = [
                .init("类别", "Category"), .init("儿童", "Child"), .init("居住地", "Home"), .init("出生年月", "Born"), .init("请于此日前答复", "Answer by"),
                .init("状态", "State"),
            ]
            return page.show(
                "转介", "Referrals",
                """
                \(page.filter(ReferralAnswer.Status.self))
                \(page.table(
                    page.text("转介名单", "Referrals"), columns + (isCentre ? [] : [.init("机构", "Institution")]), rows,
                    empty: page.text("没有这样的转介。", "There is no such referral.")))\(page.more(list.next))
                """)
        },
        .page("/desk/referrals/{referral}", roles: readers, title: BilingualName(zh: "一件转介", en: "One referral")) { page in
            let id = try page.request.path("referral", as: ReferralID.self)
            let view = try page.ask("/referrals/\(id)", as: ReferralView.self)
            return page.show("转介：\(view.category.name.zh)", "Referral: \(view.category.name.en)", try one(view, page))
        },
    ]

    private static func one(_ view: ReferralView, _ page: PageRequest) throws -> HTML {
        let status = ReferralAnswer.Status(rawValue: view.status)
        let here = "/desk/referrals/\(view.referral)"
        return """
            \(page.facts([
                ("状态", "State", page.state(status)), ("居住地", "Home", "\(page.place(view.region))"), ("出生年月", "Born", "\(view.birthMonth)"),
                ("请于此日前答复", "Answer by", "\(view.respondBy)"), ("机构", "Institution", "\(view.institution)"), ("儿童编号", "Child", "\(view.person)"),
                ("转介编号", "Referral", "\(view.referral)"),
            ]))
            \(page.section("为什么转介到这里", "Why the child was referred here", page.sentences(view.explanation)))
            \(contact(view, status, page))
            \(status == .open ? answer(view, here, page) : "")
            \(try applications(view, status, page))
            """
    }

    private static func answer(_ view: ReferralView, _ here: String, _ page: PageRequest) -> HTML {
        let accept = page.form(
            .post, "/referrals/\(view.referral)/answer", name: "accept", "接收该儿童", "Accept the child",
            fields: [.fixed("attempt", .number(view.attempt)), .fixed("answer", "accept")], then: here)
        let decline = page.form(
            .post, "/referrals/\(view.referral)/answer", name: "decline", "谢绝", "Decline",
            fields: [
                .fixed("attempt", .number(view.attempt)), .fixed("answer", "decline"),
                .text(
                    "reason", "谢绝的理由", "Reason for declining",
                    hint: BilingualName(zh: "转出方会看到。请不要写姓名、电话等个人信息。", en: "The sender reads it. Write no names or telephones."),
                    isLong: true),
            ], then: here, isDangerous: true)
        return page.section("答复", "Answer", accept + page.fold("谢绝……", "Decline…", form: "decline", decline))
    }

    /// Name and telephone stand at Registration alone, which knows who may read them and writes down who did.
    private static func contact(_ view: ReferralView, _ status: ReferralAnswer.Status?, _ page: PageRequest) -> HTML {
        guard page.actor.role == .rehabilitationCentre, [.open, .claimed, .confirmed].contains(status) else { return "" }
        let target = PageRequest.target("/desk/contact", [("person", view.person.text), ("referral", view.referral.text)])
        let way: HTML =
            page.page(of: "registration", target).map {
                "<p>\(page.link($0, page.text("查阅家庭联系方式（登记服务）", "The family's contact (at Registration)")))</p>"
            }
            ?? "<p>\(page.text("家庭联系方式在登记服务的页面：", "The family's contact is a page of Registration: "))<code>\(target)</code></p>"
        return page.section(
            "家庭联系方式", "The family's contact",
            """
            \(way)<p class="note">\(page.text("姓名和电话只存于登记服务；须写明用途，每次查阅都有记录。首次打开时请先用登记服务的一次性链接登录。",
                "Name and telephone are kept at Registration only; you state a purpose, and every look is recorded. Sign in there with its one-time link first."))</p>
            """)
    }

    private static func applications(_ view: ReferralView, _ status: ReferralAnswer.Status?, _ page: PageRequest) throws -> HTML {
        guard status == .confirmed else { return "" }
        let list = try page.ask(PageRequest.target("/applications", [("referral", view.referral.text)]), as: PageOf<ApplicationView>.self)
        let rows = list.items.map { row in
            "<li>\(page.link("/desk/applications/\(row.application)", "\(row.planYear)")) \(page.state(Application.Status.self, row.status))</li>"
                as HTML
        }
        let known: HTML
        if !rows.isEmpty {
            known = "<ul>\(rows)</ul>"
        } else if page.actor.role == .rehabilitationCentre {
            // A centre's list begins where it was confirmed: what is not in it may still have been applied for.
            let words = page.text("救助由经办人申请；确认由本机构训练后列在这里。", "The clerk applies; what this centre is confirmed for is listed here.")
            known = "<p>\(words)</p>"
        } else {
            known = "<p class=\"empty\">\(page.text("尚未申请救助。", "No assistance was applied for yet."))</p>"
        }
        let taken = Set(list.items.filter { Application.Status(rawValue: $0.status)?.blocksAnother ?? true }.map(\.planYear))
        return page.section("救助申请", "Application for assistance", known + apply(view, except: taken, page))
    }

    /// For this year or the next, whichever no application of this referral takes up yet.
    private static func apply(_ view: ReferralView, except taken: Set<Int>, _ page: PageRequest) -> HTML {
        let thisYear = page.request.today.year
        let open = [thisYear, thisYear + 1].filter { !taken.contains($0) }
        guard let first = open.first, let last = open.last else { return "" }
        let year: FormField =
            first == last
            ? .fixed("planYear", .number(first))
            : .number(
                "planYear", "救助年度", "Plan year", hint: BilingualName(zh: "不填即为本年度", en: "This year when left empty"), in: first...last,
                isRequired: false)
        let form = page.form(
            .post, "/applications", name: "apply", "提交申请", "Apply",
            fields: [
                .fixed("referral", .text(view.referral.text)),
                .choice(
                    "residenceBasis", "依据", "On the strength of", of: ResidenceBasis.allCases.map { ($0.rawValue, $0.name) }, isRadio: true),
                year,
            ], then: "/desk/applications/{application}")
        // Where this year's is under way, the next year's waits behind a fold.
        return first == thisYear ? form : page.fold("申请\(first)年度救助……", "Apply for \(first)…", form: "apply", form)
    }
}
