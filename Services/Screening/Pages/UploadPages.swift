import ServiceRuntime
import Vocabulary

/// A bureau's desk: send a file or only have it checked, see what became of it, fetch the refused rows, mend them and send them again.
enum UploadPages {
    static let pages: [Endpoint] = [
        .page("/desk/uploads", roles: [.healthBureau], title: BilingualName(zh: "报送", en: "Uploads"), inMenu: true, query: ["after"]) {
            page in
            let list = try page.ask(PageRequest.target("/uploads", [("after", page.request.query("after"))]), as: PageOf<UploadReport>.self)
            let rows = list.items.map { row -> [HTML] in
                [
                    page.link("/desk/uploads/\(row.upload ?? "")", String((row.upload ?? "").prefix(8))),
                    time(row), state(row, page), "\(row.rows)",
                    "\(row.accepted)",
                    "\(row.repeated)", "\(row.conflicts)", "\(row.refused)",
                ]
            }
            return page.show(
                "报送筛查结果", "Send screening results",
                """
                \(try page.answer.map { checked(try $0.decode(UploadReport.self), page) } ?? "")
                \(sending(page))
                \(page.section("以前的报送", "Earlier uploads", page.table(
                    page.text("本机构的报送", "This bureau's uploads"), columns("报送", "Upload"), rows,
                    empty: page.text("还没有报送过文件。", "No file was sent yet."))))\(page.more(list.next))
                """)
        },
        .page("/desk/uploads/{upload}", roles: [.healthBureau], title: BilingualName(zh: "一次报送", en: "One upload")) { page in
            let id = page.request.path("upload")
            let report = try page.ask("/uploads/\(PageRequest.segment(id))", as: UploadReport.self)
            let again: HTML =
                report.refused + report.conflicts > 0
                ? page.section("改正后再报", "Mend and send again", "\(steps(report, page))\(sending(page, isAgain: true))")
                : report.state == UploadTable.State.cut.rawValue
                    ? page.section("再次发送", "Send again", sending(page, isAgain: true)) : ""
            return page.show(
                "一次报送的结果", "What became of an upload",
                """
                \(broken(report, page))\(page.facts([
                    ("报送编号", "Upload", "\(id)"), ("日期", "Date", time(report)), ("状态", "State", state(report, page)),
                ]))\(result(report, page))\(again)
                """)
        },
    ]

    private static func columns(_ zh: String, _ en: String) -> [PageRequest.Column] {
        [
            .init(zh, en), .init("日期", "Date"), .init("状态", "State"), .init("行数", "Rows", isNumber: true),
            .init("已接收", "Accepted", isNumber: true),
            .init("重复", "Repeats", isNumber: true), .init("冲突", "Conflicts", isNumber: true), .init("退回", "Refused", isNumber: true),
        ]
    }

    /// Day and, where it was kept, time of day.
    private static func time(_ report: UploadReport) -> HTML {
        guard let date = report.date else { return "" }
        return "<time>\(date)</time> \(String((report.openedAt ?? "").dropFirst("\(date)T".count).prefix("00:00".count)))"
    }

    private static func broken(_ report: UploadReport, _ page: PageRequest) -> HTML {
        guard report.state == UploadTable.State.cut.rawValue else { return "" }
        let words = page.text(
            "这次报送中断了：中断前接收的\(report.accepted)行已保留，其后的行没有读到。请再次发送整份文件；已接收的行按结果编号和版本识别，再发也无妨。",
            """
            This upload broke off: the \(report.accepted) rows accepted before that stay, the rows behind them were not read. Send the whole file \
            again; rows already accepted are known by result id and revision and do no harm.
            """)
        return "<p class=\"notice wait\">\(words)</p>"
    }

    private static func state(_ report: UploadReport, _ page: PageRequest) -> HTML {
        switch UploadTable.State(rawValue: report.state) {
        case .done where report.refused + report.conflicts > 0: page.badge(.waiting("完成，有退回", "done, some refused"))
        case .done: page.badge(.good("完成", "done"))
        case .running: page.badge(.waiting("进行中", "under way"))
        case .cut: page.badge(.bad("中断", "broken off"))
        case nil: "\(report.state)"
        }
    }

    private static func sending(_ page: PageRequest, isAgain: Bool = false) -> HTML {
        let form = page.form(
            .post, isAgain ? "/uploads" : "/uploads?check=true", name: "upload", "发送文件", "Send the file",
            fields: [
                .file(
                    "文件", "File",
                    hint: BilingualName(
                        zh: "CSV（UTF-8 或 GB 18030，中文或英文表头）或 JSON，最大 128 MB",
                        en: "CSV (UTF-8 or GB 18030, Chinese or English headers) or JSON, 128 MB at most"),
                    accepts: ".csv,.json,text/csv,application/json")
            ], then: "/desk/uploads/{upload}",
            choices: [
                ("/uploads?check=true", BilingualName(zh: "只检查，不报送", en: "Only check, send nothing in")),
                ("/uploads", BilingualName(zh: "报送", en: "Send in")),
            ])
        guard !isAgain else { return form }
        return form
            + "<ul class=\"way\"><li>\(page.link("/uploads/template.csv?headers=\(page.text("zh", "en"))", page.text("下载空白模板", "Download the empty template")))</li></ul>"
    }

    /// What a check found; nothing of it was kept.
    private static func checked(_ report: UploadReport, _ page: PageRequest) -> HTML {
        let isGood = report.refused + report.conflicts == 0
        let sentence =
            isGood
            ? page.text("检查通过：\(report.rows)行都可以报送。什么也没有保存。", "Checked: all \(report.rows) rows can be sent in. Nothing was kept.")
            : page.text(
                "检查完毕：\(report.rows)行中有\(report.refused + report.conflicts)行需要改正。什么也没有保存。",
                "Checked: \(report.refused + report.conflicts) of \(report.rows) rows need mending. Nothing was kept.")
        return "<p class=\"notice \(isGood ? "good" : "wait")\" role=\"status\">\(sentence)</p>\(result(report, page))"
    }

    private static func result(_ report: UploadReport, _ page: PageRequest) -> HTML {
        let codes = report.refusedByCode.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { code, count -> [HTML] in
            let words = ScreeningRefusals.message(code)
            return ["\(words.map { page.text($0.zh, $0.en) } ?? code)", "<code>\(code)</code>", "\(count)"]
        }
        let problems = report.problems.map { problem -> [HTML] in
            [
                "\(problem.line)", "\(problem.field)", "\(problem.message.map { page.text($0.zh, $0.en) } ?? problem.code)",
                "\(problem.rule)",
            ]
        }
        let ignored: HTML =
            report.ignoredColumns.isEmpty
            ? "" : "<p class=\"note\">\(page.text("未读取的列：", "Columns not read: "))\(report.ignoredColumns.joined(separator: ", "))</p>"
        return """
            \(page.section("回执", "Receipts", page.facts([
                ("行数", "Rows", "\(report.rows)"), ("已接收", "Accepted", "\(report.accepted)"), ("其中更正", "of them corrections", "\(report.corrected)"),
                ("其中撤回", "of them withdrawals", "\(report.withdrawn)"), ("重复（无须处理）", "Repeats (nothing to do)", "\(report.repeated)"),
                ("冲突", "Conflicts", "\(report.conflicts)"), ("退回", "Refused", "\(report.refused)"),
            ])))\(ignored)
            \(codes.isEmpty ? "" : page.section("退回的原因", "Why rows were refused", page.table(
                page.text("按原因", "By reason"), [.init("原因", "Reason"), .init("代码", "Code"), .init("行数", "Rows", isNumber: true)], codes, empty: "")))
            \(problems.isEmpty ? "" : page.section("需要改正的行", "Rows to mend", page.table(
                page.text("先出现的\(problems.count)处", "The first \(problems.count)"),
                [.init("行", "Line"), .init("字段", "Field"), .init("说明", "What is wrong"), .init("规则", "Rule")], problems, empty: "")))
            """
    }

    private static func steps(_ report: UploadReport, _ page: PageRequest) -> HTML {
        guard let file = report.refusedFile else {
            let words = page.text(
                "退回的行只保留七天，已不能下载。请在原来的文件中改正，再次发送；已接收的行再发也无妨。",
                "The refused rows were kept for seven days and cannot be downloaded any more. Mend them in your own file and send it again; rows already accepted do no harm."
            )
            return "<p class=\"notice wait\">\(words)</p>"
        }
        let isList = file.hasSuffix(UploadFormat.json.rawValue)
        let further = report.furtherRefusedFiles.enumerated().map { index, address -> HTML in
            " \(page.link(address, page.text("第\(index + 2)份", "part \(index + 2)")))"
        }
        let mend =
            isList
            ? page.text("在文本编辑器中改正，注明的成员 refused 不必删去。", "Mend them in a text editor; the added member “refused” may stay.")
            : page.text(
                "在表格软件中改正，不必删去注明的各列。结果编号、证件号码、监护人电话、居住地各列须为文本：本站文件中每个号码后的制表符使其按文本打开，请保留；自己填写的，先把列设为文本格式。",
                """
                Mend them in a spreadsheet; the added columns may stay. Result number, document number, telephone and residence must be text columns: the tab behind each \
                number of our file makes a spreadsheet open it as text, leave it there; format the columns as text before typing numbers yourself.
                """)
        return """
            <ol class="steps"><li>\(page.link(file, page.text("下载退回的行", "Download the refused rows")))\(further)\(page.text("（每行注明行号、字段、代码、说明和依据；七天内可取）", " (each with line, field, code, rule and source; kept for seven days)"))</li>
            <li>\(mend)</li>
            <li>\(page.text("在这里再次发送。已接收的行再发也无妨。", "Send the file again here. Rows already accepted do no harm."))</li></ol>
            """
    }
}
