/// What the account counts, in the order of the loop.
enum Figures {
    static let all: [Figure] = [
        figure("csv.rows", "报送文件的行", "rows of uploaded files", log: false),
        figure("csv.accepted", "　接收", "  accepted", log: false),
        figure("csv.repeated", "　重复", "  repeated", log: false),
        figure("csv.conflict", "　冲突", "  conflicts", log: false),
        figure("csv.refused", "　退回", "  refused", log: false),
        figure("kafka.published", "发布到日志的结果", "results published to the log"),
        figure("kafka.accepted", "　回执：接收", "  receipts: accepted", stores: false),
        figure("kafka.repeated", "　回执：重复", "  receipts: repeated", stores: false),
        figure("kafka.conflict", "　回执：冲突", "  receipts: conflicts", stores: false),
        figure("kafka.refused", "　回执：退回", "  receipts: refused", stores: false),
        figure("kafka.receipts", "　回执合计", "  receipts in all"),
        figure("kafka.deadLettered", "　　其中死信", "    of which dead letters"),
        figure("kafka.held", "　挂起", "  held", log: false),
        figure("results.new", "结果：首次", "results: new", stores: false),
        figure("results.corrected", "结果：更正", "results: corrected", stores: false),
        figure("results.withdrawn", "结果：撤回", "results: withdrawn", stores: false),
        figure("results.standing", "有效结果", "results that stand"),
        figure("cases", "筛查个案", "screening cases", partners: false),
        figure("cases.shared", "已共享个案", "cases shared now", partners: false),
        figure("persons.proactive", "主动建档", "files opened proactively", partners: false),
        figure("referrals", "转介", "referrals", partners: false),
        figure("referrals.issued", "转介发出（次）", "referral attempts issued"),
        figure("referrals.taken", "　曾承接", "  ever confirmed", stores: false),
        figure("referrals.confirmed", "　承接", "  confirmed"),
        figure("referrals.declined", "　谢绝", "  declined"),
        figure("referrals.expired", "　逾期", "  expired"),
        figure("referrals.withdrawn", "　撤回", "  withdrawn"),
        figure("referrals.open", "　待答复", "  open"),
        figure("answers.sent", "经日志的答复", "answers over the log"),
        figure("answers.receipts", "　回执合计", "  receipts in all"),
        figure("answers.receipts.accepted", "　回执：接收", "  receipts: accepted", stores: false),
        figure("answers.receipts.repeated", "　回执：重复", "  receipts: repeated", stores: false),
        figure("answers.receipts.refused", "　回执：退回", "  receipts: refused", stores: false),
        figure("contacts.read", "查阅联系方式", "contacts read", log: false),
        figure("contacts.refused", "　被拒（404，已审计）", "  refused (404, audited)", log: false),
        figure("applications", "救助申请", "applications for assistance"),
        figure("applications.approved", "　批准", "  approved"),
        figure("applications.rejected", "　不予批准", "  rejected"),
        figure("applications.withdrawn", "　撤回", "  withdrawn"),
        figure("applications.pending", "　在办", "  pending", partners: false, log: false),
        figure("enrolments", "入训", "enrolments"),
        figure("enrolments.ended", "　已结束", "  ended"),
        figure("months", "训练月", "training months"),
        figure("months.counted", "　计入", "  counted"),
        money("subsidyFen", "补助（元）", "subsidy (yuan)"),
        figure("settlements", "结算", "settlements"),
        figure("settlements.approved", "　已批准", "  approved"),
        figure("settlements.rejected", "　退回", "  sent back"),
        figure("settlements.paid", "　已支付", "  paid"),
        figure("settlements.lines", "　训练月", "  training months"),
        money("settlements.fen", "结算金额（元）", "settled (yuan)"),
        money("settlements.paidFen", "　已支付（元）", "  paid (yuan)"),
        money("settlements.openFen", "未结算补助（元）", "not yet settled (yuan)", partners: false, log: false),
        figure("persons.window", "窗口登记人员", "persons registered at the window"),
        figure("certificates.issued", "核发残疾人证", "certificates issued"),
        figure("jobSeekers.registered", "求职登记", "job seekers registered"),
        figure("jobSeekers.rehabilitation", "康复后求职", "job seekers from rehabilitation"),
        figure("jobSeekers.consenting", "　同意共享", "  consenting now"),
        figure("trainings", "职业培训", "vocational trainings"),
        figure("placements", "就业安置", "placements"),
        figure("confirmations", "在岗确认", "confirmations"),
        figure("confirmations.missed", "　逾期", "  missed", partners: false),
        figure("placements.stable", "稳定就业", "stable employment"),
        figure("placements.ended", "离职", "jobs ended"),
    ]

    static let equations: [Equation] = [
        Equation(
            name: Text("文件行 = 接收 + 重复 + 冲突 + 退回", "rows = accepted + repeated + conflicts + refused"), whole: ["csv.rows"],
            parts: ["csv.accepted", "csv.repeated", "csv.conflict", "csv.refused"]),
        Equation(
            name: Text("回执 = 接收 + 重复 + 冲突 + 退回", "receipts = accepted + repeated + conflicts + refused"),
            whole: ["kafka.receipts"], parts: ["kafka.accepted", "kafka.repeated", "kafka.conflict", "kafka.refused"]),
        Equation(
            name: Text("发布 = 回执 + 挂起", "published = receipts + held"), whole: ["kafka.published"],
            parts: ["kafka.receipts", "kafka.held"]),
        Equation(
            name: Text("答复 = 回执", "answers over the log = receipts"), whole: ["answers.sent"], parts: ["answers.receipts"]),
        Equation(
            name: Text("回执 = 接收 + 重复 + 退回", "receipts = accepted + repeated + refused"), whole: ["answers.receipts"],
            parts: ["answers.receipts.accepted", "answers.receipts.repeated", "answers.receipts.refused"]),
        Equation(
            name: Text("转介发出 = 承接 + 谢绝 + 逾期 + 撤回 + 待答复", "referrals issued = confirmed + declined + expired + withdrawn + open"),
            whole: ["referrals.issued"],
            parts: ["referrals.confirmed", "referrals.declined", "referrals.expired", "referrals.withdrawn", "referrals.open"]),
        Equation(
            name: Text("申请 = 批准 + 不予批准 + 撤回 + 在办", "applications = approved + rejected + withdrawn + pending"), whole: ["applications"],
            parts: ["applications.approved", "applications.rejected", "applications.withdrawn", "applications.pending"]),
        Equation(
            name: Text("补助 = Σ训练月 = Σ结算 + 未结算", "subsidy = Σ months = Σ settlements + not yet settled"), whole: ["subsidyFen"],
            parts: ["settlements.fen", "settlements.openFen"]),
    ]

    static let money = Set(all.filter(\.isMoney).map(\.key))

    private static func figure(
        _ key: String, _ zh: String, _ en: String, partners: Bool = true, stores: Bool = true, log: Bool = true
    ) -> Figure { Figure(key: key, name: Text(zh, en), partners: partners, stores: stores, log: log) }

    private static func money(
        _ key: String, _ zh: String, _ en: String, partners: Bool = true, stores: Bool = true, log: Bool = true
    ) -> Figure { Figure(key: key, name: Text(zh, en), partners: partners, stores: stores, log: log, isMoney: true) }
}
