import Contracts
import ServiceRuntime
import Vocabulary

/// One person's file and timeline, for the federation; the family's contact, for the institution that owns a referral.
enum PersonPages {
    private static let readers: Endpoint.Access = [.clerk, .reviewer, .auditor]

    static let pages: [Endpoint] = [
        .page("/desk", roles: readers, title: BilingualName(zh: "人员", en: "Persons"), inMenu: true, query: ["after"]) { page in
            let list = try page.ask(PageRequest.target("/persons", [("after", page.request.query("after"))]), as: PageOf<PersonReply>.self)
            let rows = list.items.map { row -> [HTML] in
                [
                    page.link("/desk/persons/\(row.person)", String(row.person.text.prefix(12))), "\(page.text(row.sex.name))",
                    "\(row.birthMonth)",
                    "\(page.place(row.region))", "\(page.text(row.origin.name))", page.state(PersonFile.Status.self, row.status),
                ]
            }
            let search = page.form(
                .post, "/persons/lookup", name: "search", "查找", "Find",
                fields: [
                    .secret(
                        "citizenID", "居民身份证号码", "Citizen ID",
                        hint: BilingualName(
                            zh: "号码不会出现在地址、日志或页面上；查找有记录。", en: "The number stands in no address, log or page; the search is recorded."),
                        longest: 18)
                ], then: "/desk/persons/{person}")
            return page.show(
                "人员", "Persons",
                """
                \(page.section("按证件查找", "Find by document", search))
                \(page.section("档案", "Files", page.table(
                    page.text("档案名单（不含个人信息）", "Files, as pseudonyms"),
                    [.init("档案", "File"), .init("性别", "Sex"), .init("出生年月", "Born"), .init("居住地", "Home"), .init("来源", "From"), .init("状态", "State")],
                    rows, empty: page.text("还没有档案。", "There are no files yet."))))\(page.more(list.next))
                """)
        },
        .page(
            "/desk/persons/{person}", roles: readers, title: BilingualName(zh: "一人一档", en: "One person's timeline"), audited: true,
            query: ["after"]
        ) { page in
            let id = try page.request.path("person", as: PersonID.self)
            let answer = try page.reply(PageRequest.target("/persons/\(id)/timeline", [("after", page.request.query("after"))]))
            guard answer.status == 200 else { return page.refused(answer) }
            return page.show("一人一档", "One person's timeline", try timeline(id, try answer.decode(PageOf<Timeline.Entry>.self), page))
        },
        .page(
            "/desk/contact", roles: [.rehabilitationCentre], title: BilingualName(zh: "家庭联系方式", en: "The family's contact"), inMenu: true,
            audited: true, query: ["person", "referral", "purpose"]
        ) { page in try contact(page) },
    ]

    private static func timeline(_ id: PersonID, _ list: PageOf<Timeline.Entry>, _ page: PageRequest) throws -> HTML {
        let file = try page.ask("/persons/\(id)", as: PersonReply.self)
        let rows = list.items.map { entry -> [HTML] in
            [
                "<time>\(entry.date)</time>", "\(page.text(TimelineWords.name(entry.fact)))",
                "\(page.text(TimelineWords.detail(entry.detail, of: entry.fact)))",
                "\(entry.organisation ?? "")",
            ]
        }
        return """
            \(page.facts([
                ("状态", "State", page.state(PersonFile.Status.self, file.status)), ("性别", "Sex", "\(page.text(file.sex.name))"), ("出生年月", "Born", "\(file.birthMonth)"),
                ("居住地", "Home", "\(page.place(file.region))"), ("来源", "From", "\(page.text(file.origin.name))"), ("档案编号", "File", "\(file.person)"),
            ]))
            \(page.section("时间线", "Timeline", page.table(
                page.text("各服务就此人所说的一切，按日期", "What every service said of this person, by date"),
                [.init("日期", "Date"), .init("事项", "What"), .init("内容", "Which"), .init("机构", "By")], rows,
                empty: page.text("还没有记录。", "Nothing was recorded yet."))))\(page.more(list.next))
            <p class="note">\(page.text("本次查阅已记录。", "This look was recorded."))</p>
            """
    }

    /// Asks for a purpose first; whoever does not own the referral hears that there is no such thing.
    private static func contact(_ page: PageRequest) throws -> Reply {
        let person = page.request.query("person") ?? ""
        let referral = page.request.query("referral") ?? ""
        let purpose = page.request.query("purpose")
        let way = question(page, person, referral)
        // Without a purpose, or with a link that names nobody, the page only asks.
        guard let purpose, !purpose.isEmpty, let id = try? PersonID(person) else { return page.show("家庭联系方式", "The family's contact", way) }
        let answer = try page.reply(PageRequest.target("/persons/\(id)/contact", [("referral", referral), ("purpose", purpose)]))
        guard answer.status == 200 else {
            guard answer.status == 422 else { return page.refused(answer) }
            return page.show(
                "家庭联系方式", "The family's contact", status: 422,
                """
                <div class="notice bad" role="alert"><p><strong>\(page.text("用途须为 3 至 80 个字，不含数字和标点。", "A purpose is 3 to 80 letters, without figures or marks."))</strong></p></div>\(way)
                """)
        }
        let contact = try answer.decode(ContactRoutes.Contact.self)
        return page.show(
            "家庭联系方式", "The family's contact",
            """
            \(page.facts([
                ("姓名", "Name", "\(contact.name)"), ("性别", "Sex", "\(page.text(contact.sex.name))"), ("出生年月", "Born", "\(contact.birthMonth)"),
                ("居住地", "Home", "\(page.place(contact.residence))"), ("电话", "Telephone", "\(contact.telephone ?? "")"),
                ("监护人", "Guardian", "\(contact.guardianName ?? "")"), ("监护人电话", "Guardian's telephone", "\(contact.guardianTelephone ?? "")"),
            ]))
            <p class="note">\(page.text("用途“\(purpose)”已记录。不再承接该转介后，不能再查阅。", "Recorded for “\(purpose)”. Once you no longer own the referral, you read it no more."))</p>
            """)
    }

    /// A form that asks nothing but to be shown something: its answers stand in the address, and none of them tells who anybody is.
    private static func question(_ page: PageRequest, _ person: String, _ referral: String) -> HTML {
        guard !person.isEmpty, !referral.isEmpty else {
            return
                "<p class=\"empty\">\(page.text("请从康复救助服务的转介页面进入。", "Come here from a referral's page at the rehabilitation service."))</p>"
        }
        let words = page.text("联系家庭办理入训", "arranging the start of training")
        return """
            <form method="get" action="/desk/contact" class="form"><input type="hidden" name="person" value="\(person)"><input type="hidden" name="referral" value="\(referral)">
            <div class="field"><label for="purpose">\(page.text("查阅的用途", "What you need it for"))</label>
            <span class="hint" id="purpose-hint">\(page.text("会记录在案。只写文字，不写姓名和号码。", "It is recorded. Words only, no names or numbers."))</span>
            <input type="text" id="purpose" name="purpose" required minlength="3" maxlength="80" aria-describedby="purpose-hint" autocomplete="off" value="\(words)"></div>
            <p class="actions"><button type="submit">\(page.text("查阅", "Look"))</button></p></form>
            """
    }
}

extension PersonFile.Status: BadgedState {
    var badge: Badge {
        switch self {
        case .provisional: .waiting("临时", "provisional")
        case .active: .good("已登记", "registered")
        case .merged: .plain("已合并", "merged")
        case .erased: .plain("已删除", "erased")
        }
    }
}
