import Contracts
import ServiceRuntime
import Vocabulary

/// Trainings (在训): who is in training, month by month, and how each amount came about.
enum TrainingPages {
    private static let readers: Endpoint.Access = [.rehabilitationCentre, .clerk, .reviewer, .finance, .auditor]

    static let pages: [Endpoint] = [
        .page(
            "/desk/enrolments", roles: readers, title: BilingualName(zh: "在训", en: "Training"), inMenu: true,
            query: ["status", "missing", "after"]
        ) { page in
            let missing = page.request.query("missing")
            let target = PageRequest.target(
                "/enrolments", [("status", page.request.query("status")), ("missing", missing), ("after", page.request.query("after"))])
            let list = try page.ask(target, as: PageOf<EnrolmentView>.self)
            let rows = list.items.map { row -> [HTML] in
                [
                    page.link("/desk/enrolments/\(row.enrolment)", page.text(row.category.name)), page.short(row.person),
                    "\(page.place(row.region))",
                    "\(row.startedOn)", "\(row.monthsCounted)/\(row.months)", "\(row.lastMonth?.text ?? "")",
                    "\(page.yuan(row.subsidyFen))",
                    page.state(Enrolment.Status.self, row.status),
                ]
            }
            return page.show(
                missing.map { "\($0) 尚未登记的儿童" } ?? "在训", missing.map { "Children without a record for \($0)" } ?? "Training",
                """
                \(page.filter(Enrolment.Status.self))
                \(page.table(
                    page.text("在训名单", "Children in training"),
                    [.init("类别", "Category"), .init("儿童", "Child"), .init("居住地", "Home"), .init("入训", "Since"), .init("已计月数", "Months", isNumber: true),
                     .init("最近登记", "Last record"), .init("补助合计（元）", "Subsidy (yuan)", isNumber: true), .init("状态", "State")],
                    rows, empty: page.text("没有这样的儿童。", "There is no such child.")))\(page.more(list.next))
                """)
        },
        .page("/desk/enrolments/{enrolment}", roles: readers, title: BilingualName(zh: "一名儿童的训练", en: "One child's training")) { page in
            let id = try page.request.path("enrolment", as: EnrolmentID.self)
            let view = try page.ask("/enrolments/\(id)", as: EnrolmentView.self)
            let lines = try page.ask("/enrolments/\(id)/lines", as: LinesView.self)
            return page.show("训练：\(view.category.name.zh)", "Training: \(view.category.name.en)", one(view, lines, page))
        },
    ]

    private static func one(_ view: EnrolmentView, _ lines: LinesView, _ page: PageRequest) -> HTML {
        let rows = lines.items.map { line -> [HTML] in
            let settled: HTML =
                line.settlement.map { page.link("/desk/settlements/\($0)", page.text("已列入结算", "settled")) }
                ?? "\(page.text("未结算", "not yet"))"
            let corrected: HTML = line.revision > 1 ? "<br>\(page.text("已更正", "corrected"))" : ""
            return [
                "<span id=\"m-\(line.month)\">\(line.month)</span>\(corrected)",
                "\(line.serviceDays)", "\(page.yuan(line.grossFen))", "\(page.yuan(line.grossFen - line.selfPayFen))",
                "\(page.yuan(line.subsidyFen))",
                "\(page.yuan(line.parentsFen))", settled,
                "<details><summary>\(page.text("为什么是这个数", "Why this amount"))</summary>\(page.sentences(line.explanation))</details>",
            ]
        }
        let open = view.status == Enrolment.Status.inTraining.rawValue
        let next = unrecorded(view, lines)
        // Of a child of another county, whose months were settled here, the application stays that county's.
        let readsApplication =
            page.actor.role == .rehabilitationCentre || page.actor.role != .finance && page.actor.covers(view.region)
        let here = "/desk/enrolments/\(view.enrolment)"
        return """
            \(page.facts([
                ("状态", "State", page.state(Enrolment.Status.self, view.status)), ("居住地", "Home", "\(page.place(view.region))"),
                ("入训", "Since", "\(view.startedOn)"), ("结束", "Ended", "\(view.endedOn?.text ?? "")"), ("结果", "Outcome", "\(view.outcome.map { page.text($0.name) } ?? "")"),
                ("已计月数", "Months counted", "\(view.monthsCounted)/\(view.months)"), ("年度标准（元）", "Standard a year (yuan)", "\(page.yuan(view.standardFen))"),
                ("补助合计（元）", "Subsidy so far (yuan)", "\(page.yuan(view.subsidyFen))"), ("机构", "Institution", "\(view.institution)"),
                ("儿童编号", "Child", "\(view.person)"),
                ("申请", "Application", readsApplication ? page.link("/desk/applications/\(view.application)", page.text("查看申请", "the application")) : ""),
            ]))
            \(page.section("逐月费用", "Month by month", page.table(
                page.text("每月费用（元）", "Each month's money (yuan)"),
                [.init("月份", "Month"), .init("服务天数", "Days", isNumber: true), .init("总费用", "Cost", isNumber: true), .init("医保支付", "Insurance", isNumber: true),
                 .init("补助", "Subsidy", isNumber: true), .init("家长承担", "Parents", isNumber: true), .init("结算", "Settlement"), .init("理由", "Reason")],
                rows, empty: page.text("还没有登记任何月份。", "No month was recorded yet."))))
            \(lines.items.filter { $0.settlement == nil }.map { correction(of: $0, view, here, page) })
            \(next.map { page.section("登记一个月", "Record a month", month(view, $0, here, page)) } ?? "")
            \(open ? page.fold("结束训练……", "End the training…", form: "end", end(view, here, page)) : "")
            """
    }

    /// The oldest month of the training without a record; nil when it has ended and all are there. The month it ended in is recorded after it.
    private static func unrecorded(_ view: EnrolmentView, _ lines: LinesView) -> YearMonth? {
        let recorded = Set(lines.items.map(\.month))
        var month = view.startedOn.month
        while recorded.contains(month) { month = month.adding(1) }
        return view.endedOn.map { month <= $0.month } ?? true ? month : nil
    }

    private static func month(_ view: EnrolmentView, _ next: YearMonth, _ here: String, _ page: PageRequest) -> HTML {
        page.form(
            .post, "/enrolments/\(view.enrolment)/months", name: "month", "登记该月", "Record the month",
            fields: [.month("month", "月份", "Month", hint: BilingualName(zh: "如 2025-06", en: "such as 2025-06"), value: next)] + amounts(),
            then: here)
    }

    /// A month that no settlement holds, as it stands, to be set right.
    private static func correction(of line: LineView, _ view: EnrolmentView, _ here: String, _ page: PageRequest) -> HTML {
        let name = "correct-\(line.month)"
        let reason = FormField.text(
            "reason", "更正的理由", "Reason for the correction", hint: BilingualName(zh: "不写姓名", en: "without names"), isLong: true)
        let form = page.form(
            .post, "/enrolments/\(view.enrolment)/months/\(line.month)/correction", name: name, "更正该月", "Correct the month",
            fields: amounts(line) + [reason], then: here)
        return page.fold("更正 \(line.month)……", "Correct \(line.month)…", form: name, form)
    }

    private static func amounts(_ line: LineView? = nil) -> [FormField] {
        let none = BilingualName(zh: "没有则填 0", en: "0 where there is none")
        func yuan(_ fen: Int64?) -> Fen? { fen.map { Fen($0) } }
        return [
            .number("serviceDays", "服务天数", "Days of service", in: 0...31, value: line?.serviceDays),
            .yuan("grossFen", "总费用（元）", "Whole cost (yuan)", value: yuan(line?.grossFen)),
            .yuan("basicInsuranceFen", "基本医保支付（元）", "Basic insurance paid (yuan)", hint: none, value: yuan(line?.basicInsuranceFen)),
            .yuan(
                "seriousIllnessFen", "大病保险支付（元）", "Serious-illness insurance paid (yuan)", hint: none, value: yuan(line?.seriousIllnessFen)),
            .yuan("medicalReliefFen", "医疗救助支付（元）", "Medical relief paid (yuan)", hint: none, value: yuan(line?.medicalReliefFen)),
            .yuan("otherInsuranceFen", "其他保险支付（元）", "Other insurance paid (yuan)", hint: none, value: yuan(line?.otherInsuranceFen)),
        ]
    }

    private static func end(_ view: EnrolmentView, _ here: String, _ page: PageRequest) -> HTML {
        page.form(
            .post, "/enrolments/\(view.enrolment)/end", name: "end", "结束训练", "End the training",
            fields: [
                .choice("outcome", "结果", "Outcome", of: EnrolmentOutcome.allCases.map { ($0.rawValue, $0.name) }, isRadio: true),
                .date("endedOn", "最后一天", "Last day", hint: BilingualName(zh: "不填即为今天", en: "Today when left empty"), isRequired: false),
            ], then: here, isDangerous: true)
    }
}
