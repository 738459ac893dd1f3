import Contracts
import Persistence
import ServiceRuntime
import TestSupport
import Testing
import Vocabulary

@testable import Screening

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

struct UploadTests {
    private static let columns: [UploadColumn] = [
        .resultID, .revision, .stage, .topic, .outcome, .takenOn, .roundMonths, .documentKind, .documentNumber, .name, .sex, .birthDate,
        .guardianName, .guardianTelephone, .residence,
    ]

    private static func file(_ rows: [ResultRow], chinese: Bool = false, extra: Bool = false) -> String {
        var text = CSVText.line(columns.map { chinese ? $0.zh : $0.name } + (extra ? ["备注"] : []))
        for row in rows { text += CSVText.line(columns.map { row[$0] } + (extra ? ["=HYPERLINK(1)"] : [])) }
        return text
    }

    private static func rows(_ count: Int) -> [ResultRow] {
        (0..<count).map { number in
            Sample.row {
                $0[.resultID] = "u-\(number)"
                $0[.documentNumber] = Sample.citizenID(
                    LocalDate(days: day("2020-01-01").days + Int32(number / 400)).text, sequence: number % 400 * 2 + 1)
                $0[.birthDate] = LocalDate(days: day("2020-01-01").days + Int32(number / 400)).text
            }
        }
    }

    private func upload(
        _ bench: Bench, _ body: [UInt8], query: String = "", type: String = "text/csv", as actor: Actor = Sample.bureauUser
    ) async -> Reply {
        await bench.interface.handleStream(.post, "/uploads\(query)", body: body, as: actor, headers: ["content-type": type])
    }

    private func upload(_ bench: Bench, _ text: String, query: String = "", type: String = "text/csv") async -> Reply {
        await upload(bench, Array(text.utf8), query: query, type: type)
    }

    @Test func `a file is taken in batches, counted, and repeated without effect`() async throws {
        let bench = try Bench()
        let text = Self.file(Self.rows(2_500))
        let first = try await upload(bench, text).decode(UploadReport.self)
        #expect(first.rows == 2_500 && first.accepted == 2_500 && first.refused == 0 && first.state == "done")
        #expect(try bench.said(ResultAccepted.self).count == 2_500)
        #expect(try bench.said(ResultReceipt.self).isEmpty)
        let second = try await upload(bench, text).decode(UploadReport.self)
        #expect(second.repeated == 2_500 && second.accepted == 0)
        #expect(try bench.said(ResultAccepted.self).count == 2_500)
        let stored = try bench.interface.handle(.get, "/uploads/\(try #require(first.upload))", as: Sample.bureauUser).decode(
            UploadReport.self)
        #expect(stored.accepted == 2_500 && stored.state == "done")
    }

    @Test func `a check writes nothing at all`() async throws {
        let bench = try Bench()
        var rows = Self.rows(3)
        rows[1][.sex] = "女"
        let before = try bench.service.database.read { $0.changes }
        let reply = await upload(bench, Self.file(rows), query: "?check=true")
        let report = try reply.decode(UploadReport.self)
        #expect(reply.status == 200 && report.check && report.upload == nil)
        #expect(report.accepted == 2 && report.refused == 1)
        #expect(report.problems.map(\.code) == ["ID_SEX_MISMATCH"] && report.problems.map(\.line) == [3])
        #expect(try bench.service.said().isEmpty)
        #expect(try bench.service.database.read { $0.changes } == before)
        let again = try await upload(bench, Self.file(rows)).decode(UploadReport.self)
        #expect(again.accepted == 2)
    }

    @Test func `a check sees a repeat and a conflict however far apart they stand, and an import agrees`() async throws {
        var rows = Self.rows(UploadRoutes.batchRows * 2 + 10)
        let last = rows.count - 1
        rows[last] = rows[3]
        rows[last - 1] = rows[4]
        rows[last - 1][.outcome] = "positive"
        rows[last - 2] = rows[5]
        rows[last - 2][.revision] = "2"
        rows[last - 2][.outcome] = "unable"
        let text = Self.file(rows)
        let bench = try Bench()
        let checked = try await upload(bench, text, query: "?check=true").decode(UploadReport.self)
        let imported = try await upload(bench, text).decode(UploadReport.self)
        #expect(checked.repeated == 1 && checked.conflicts == 1 && checked.corrected == 1 && checked.comparedRows == nil)
        #expect(checked.problems.map(\.line) == [last + 1])
        #expect(
            [imported.accepted, imported.repeated, imported.conflicts, imported.corrected] == [
                checked.accepted, checked.repeated, checked.conflicts, checked.corrected,
            ])
    }

    @Test func `what a check remembers of its file is bounded, and full is said`() {
        let seen = CheckedResults(limit: 2)
        for id in ["a", "b", "c"] { seen.note(id, revision: 1, [1]) }
        #expect(seen.isFull && seen.standing(of: "c", revision: 1, [1]) == nil)
        #expect(seen.standing(of: "a", revision: 1, [1]) == .repeated && seen.standing(of: "a", revision: 1, [2]) == .conflict)
        seen.note("b", revision: 3, [9])
        #expect(seen.standing(of: "b", revision: 2, [1]) == .outdated && seen.standing(of: "b", revision: 4, [1]) == .newer)
    }

    @Test(arguments: ["3.71E+17", "3.79999E+17", "379999202001010000", "3.7e+17"])
    func `a number that a spreadsheet rewrote is told as that, with what to do`(number: String) async throws {
        let bench = try Bench()
        var rows = Self.rows(1)
        rows[0][.documentNumber] = number
        rows[0][.documentKind] = ""
        let report = try await upload(bench, Self.file(rows)).decode(UploadReport.self)
        #expect(report.refusedByCode == ["NUMBER_REWRITTEN": 1], "\(report.problems)")
        #expect(report.problems[0].message?.zh.contains("文本格式") == true)
    }

    @Test(arguments: [
        ("3.71E+17", true), ("3e+5", true), ("37999.9E+1", true), ("", false), ("379999202001010016", false), ("G370000001", false),
        (".5E+3", false), ("E+3", false), ("3.71E17", false), ("3.71E-17", false), ("3.71E+", false), ("3E+5E+6", false), ("3E+5x", false),
        ("Ｅ+3", false),
    ])
    func `only digits, an E, a plus sign and digits are a spreadsheet's short form`(text: String, isShort: Bool) {
        #expect(SpreadsheetNumber.isScientific(text) == isShort)
    }

    @Test func `refused rows come back as they were, and once mended they are taken`() async throws {
        let bench = try Bench()
        var rows = Self.rows(4)
        rows[0][.sex] = "女"
        rows[0][.guardianTelephone] = "+86-000-1234"
        rows[2][.residence] = "379999001"
        rows[2][.stage] = "guess"
        let text = Self.file(rows, chinese: true, extra: true)
        let report = try await upload(bench, text).decode(UploadReport.self)
        #expect(report.accepted == 2 && report.refused == 2 && report.ignoredColumns == ["备注"])
        #expect(report.refusedByCode == ["ID_SEX_MISMATCH": 1, "STAGE_UNKNOWN": 1])
        let file = bench.interface.handle(.get, try #require(report.refusedFile), as: Sample.bureauUser)
        let lines = file.text.split(separator: "\r\n").map(String.init)
        #expect(lines.count == 3)
        #expect(
            lines[0].hasPrefix("\u{feff}结果编号,")
                && lines[0].hasSuffix("备注,refused_line,refused_field,refused_code,refused_message,refused_rule,refused_source"))
        #expect(lines[1].contains("ID_SEX_MISMATCH") && lines[1].contains(",2,sex,") && lines[1].contains("GB 11643-1999"))
        // What is wrong, for a person: Chinese and English.
        #expect(lines[1].contains("性别与身份号码不一致。") && lines[1].contains("the sex must be the one"))
        #expect(report.problems[0].message?.zh == "性别与身份号码不一致。")
        #expect(lines[2].contains("stage; residence") && lines[2].contains("STAGE_UNKNOWN; REGION_UNKNOWN"))
        // A spreadsheet reads no field of it as a formula.
        #expect(file.text.contains("'+86-000-1234") && file.text.contains("'=HYPERLINK(1)"))

        let row0 = file.text.replacing("女", with: "男").replacing("379999001", with: "370303001").replacing("guess", with: "初筛")
        let mended = try await upload(bench, row0).decode(UploadReport.self)
        #expect(mended.accepted == 2 && mended.refused == 0)
        let accepted = try bench.said(ResultAccepted.self)
        #expect(Set(accepted.map(\.resultID)) == Set(rows.map { $0[.resultID] }))
    }

    /// What a spreadsheet makes of a field when it opens a table by double click, and writes when it saves it.
    private static func asSpreadsheet(_ field: String) -> String {
        guard field.utf8.count > 11, field.utf8.allSatisfy({ (48...57).contains($0) }) else { return field }
        return "\(field.first!).\(field.dropFirst().prefix(5))E+\(field.utf8.count - 1)"
    }

    /// Reads a table as a spreadsheet does and writes it again, in quotation marks or without.
    private static func throughSpreadsheet(_ text: String, isQuoting: Bool) -> String {
        var reader = CSVReader()
        reader.feed(Array(text.utf8))
        var out = ""
        while reader.next(atEnd: true) {
            let fields = (0..<reader.record.count).map { asSpreadsheet(String(decoding: reader.record.field($0), as: UTF8.self)) }
            out +=
                fields.map { field in
                    let quoted = "\"" + field.replacing("\"", with: "\"\"") + "\""
                    return isQuoting || field.contains(where: { $0 == "," || $0 == "\"" || $0 == "\n" }) ? quoted : field
                }.joined(separator: ",") + "\r\n"
        }
        return out
    }

    @Test(arguments: [false, true])
    func `refused rows opened in a spreadsheet, mended and saved keep their numbers and are taken`(isQuoting: Bool) async throws {
        let bench = try Bench()
        var rows = Self.rows(4)
        for index in rows.indices {
            rows[index][.outcome] = "guess"
            rows[index][.resultID] = "20240603000\(index)"
            rows[index][.residence] = "370303001001"
            rows[index][.guardianTelephone] = "138000000001"
        }
        // Sent by somebody whose file has the tabs already, or blanks.
        rows[1][.documentNumber] += "\t"
        rows[2][.documentNumber] += " "
        let report = try await upload(bench, Self.file(rows, chinese: true)).decode(UploadReport.self)
        #expect(report.refused == 4)
        let file = bench.interface.handle(.get, try #require(report.refusedFile), as: Sample.bureauUser).text
        #expect(!file.contains("\t\t") && file.contains("370303001001\t"))
        let saved = Self.throughSpreadsheet(file, isQuoting: isQuoting).replacing("guess", with: "阴性")
        let mended = try await upload(bench, saved).decode(UploadReport.self)
        #expect(mended.accepted == 4 && mended.refused == 0, "\(mended.problems)")
        let template = Self.throughSpreadsheet(UploadRoutes.templateText(english: false), isQuoting: isQuoting)
        #expect(try await upload(bench, template, query: "?check=true").decode(UploadReport.self).accepted == 1)
    }

    @Test func `refused rows lie sealed in the store and die with their key`() async throws {
        let time = ManualTime(Instant(startOf: Sample.today))
        let bench = try Bench(try Sample.context(keys: ShortLivedKeys(directory: nil, keptDays: 1, elapsed: time)))
        var rows = Self.rows(1)
        rows[0][.name] = "ZZTEST金丝雀"
        rows[0][.sex] = "女"
        let report = try await upload(bench, Self.file(rows)).decode(UploadReport.self)
        let stored = try bench.service.database.read { try UploadTable.refused(try #require(report.upload), after: 0, limit: 10, in: $0) }
        #expect(stored.count == 1)
        #expect(!String(decoding: stored[0].sealed.bytes, as: UTF8.self).contains("金丝雀"))
        time.advance(milliseconds: 3 * 86_400_000)
        let file = try #require(report.refusedFile)
        #expect(bench.interface.handle(.get, file, as: Sample.bureauUser).status == 410)
        // The next upload deletes the rows; what there is to say of them stays the same.
        _ = await upload(bench, Self.file(Self.rows(2)))
        let gone = bench.interface.handle(.get, file, as: Sample.bureauUser)
        #expect(gone.status == 410 && gone.text.contains("UPLOAD_EXPIRED"), "\(gone.text)")
        let address = "/uploads/\(try #require(report.upload))"
        let later = try bench.interface.handle(.get, address, as: Sample.bureauUser).decode(UploadReport.self)
        #expect(later.refused == 1 && later.refusedExpired && later.refusedFile == nil)
        let page = try await TestBrowser(bench.service, as: Sample.bureauUser).get("/desk" + address).text
        #expect(page.contains("退回的行只保留七天") && !page.contains("refused.csv") && page.contains("id=\"upload\""))
    }

    @Test func `more refused rows than one file holds have a link for each file`() async throws {
        let bench = try Bench()
        var rows = Self.rows(1)
        rows[0][.sex] = "女"
        let report = try await upload(bench, Self.file(rows)).decode(UploadReport.self)
        let id = try #require(report.upload)
        try bench.service.database.write { tx in
            let sealed = try #require(try UploadTable.refused(id, after: 0, limit: 1, in: tx).first).sealed
            for line in 3...2 * UploadRoutes.refusedRows + 2 {
                let rule = RuleBroken.told("SEX_INVALID", field: "sex")
                try UploadTable.refuse(id, UploadTable.Refusal(line: line, rules: [rule], sealed: sealed), in: tx)
            }
        }
        let later = try bench.interface.handle(.get, "/uploads/\(id)", as: Sample.bureauUser).decode(UploadReport.self)
        let file = try #require(later.refusedFile)
        #expect(later.furtherRefusedFiles == ["\(file)?after=20001", "\(file)?after=40001"])
        let lines = ([file] + later.furtherRefusedFiles).map {
            bench.interface.handle(.get, $0, as: Sample.bureauUser).text.split(separator: "\r\n").count - 1
        }
        #expect(lines == [20_000, 20_000, 1])
        let page = try await TestBrowser(bench.service, as: Sample.bureauUser).get("/desk/uploads/\(id)").text
        #expect(page.contains("refused.csv\">下载退回的行") && page.contains("refused.csv?after=40001\">第3份"))
    }

    @Test func `columns that were not read are named long after`() async throws {
        let bench = try Bench()
        let report = try await upload(bench, Self.file(Self.rows(1), chinese: true, extra: true)).decode(UploadReport.self)
        let address = "/uploads/\(try #require(report.upload))"
        let later = try bench.interface.handle(.get, address, as: Sample.bureauUser).decode(UploadReport.self)
        #expect(later.ignoredColumns == ["备注"])
        let bureau = try await TestBrowser(bench.service, as: Sample.bureauUser)
        #expect(bureau.get("/desk" + address).text.contains("未读取的列：备注"))
    }

    private static func cutList(_ count: Int) -> String {
        "[" + (0..<count).map { Sample.raw("j-\($0)", "initial", "negative", sequence: 2 * $0 + 1).json() }.joined(separator: ",")
    }

    @Test func `a file that ends in the middle says what was taken and under which upload, and sent again whole it is taken`() async throws
    {
        let bench = try Bench()
        let count = 400
        let batch = Self.cutList(count) + String(repeating: ",{}", count: UploadRoutes.batchRows)
        let reply = await upload(bench, batch, type: "application/json")
        let listed = try bench.interface.handle(.get, "/uploads", as: Sample.bureauUser).decode(PageOf<UploadReport>.self).items
        let cut = try #require(listed.first)
        #expect(cut.state == "cut" && cut.rows == UploadRoutes.batchRows && cut.accepted == count)
        #expect(reply.status == 400 && reply.text.contains("UPLOAD_NOT_A_LIST"))
        let id = try #require(cut.upload)
        #expect(reply.text.contains(id))
        #expect(reply.text.contains("接收了\(count)行") && reply.text.contains("再次发送整份文件也无妨"), "\(reply.text)")
        let again = try await upload(bench, Self.cutList(count) + "]", type: "application/json").decode(UploadReport.self)
        #expect(again.repeated == count && again.rows == count)
    }

    @Test func `on the desk a cut upload says what to do, and the choice to send stays`() async throws {
        let bench = try Bench()
        let bureau = try await TestBrowser(bench.service, as: Sample.bureauUser)
        let page = bureau.get("/desk/uploads")
        let content = Array(Self.cutList(2).utf8)
        let sent = try await bureau.send("upload", on: page, calling: "/uploads", file: "a.json", content: content)
        let cut = try #require(
            try bench.interface.handle(.get, "/uploads", as: Sample.bureauUser).decode(PageOf<UploadReport>.self).items.first?.upload)
        #expect(sent.status == 400 && sent.text.contains("没有完成") && sent.text.contains("报送 \(cut) 中断"), "\(sent.text)")
        #expect(sent.text.contains("value=\"POST /uploads\" checked") && !sent.text.contains("check=true\" checked"))
        #expect(sent.text.contains("href=\"/desk/uploads/\(cut)\""))
        let result = bureau.get("/desk/uploads/\(cut)").text
        #expect(result.contains("这次报送中断了") && result.contains("id=\"upload\""))
        let workbook = try await bureau.send("upload", on: page, calling: "/uploads", file: "一月.xlsx", content: content)
        #expect(workbook.status == 415 && workbook.text.contains("请先在表格软件中另存为 CSV"))
    }

    @Test func `an upload whose process ended counts as cut once nobody has written it for ten minutes`() async throws {
        let time = ManualTime(Instant(startOf: Sample.today))
        let base = try Sample.context()
        let bench = try Bench(ScreeningContext(personKey: base.personKey, rowKeys: base.rowKeys, elapsed: time))
        let upload = UploadTable.Stored(
            organisation: Sample.bureau, businessDate: Sample.today, format: .csv, state: .running, header: "", ignored: [],
            openedAt: bench.service.clock.now.text, counts: UploadTable.Counts())
        try bench.service.database.write { try UploadTable.open("u-1", upload, region: nil, at: time.wallMilliseconds, in: $0) }
        func states() throws -> [String] {
            let one = try bench.interface.handle(.get, "/uploads/u-1", as: Sample.bureauUser).decode(UploadReport.self).state
            let lists = try ["running", "cut"].map {
                try bench.interface.handle(.get, "/uploads?state=\($0)", as: Sample.bureauUser).decode(PageOf<UploadReport>.self).items.map(
                    \.state)
            }
            return [one] + lists.flatMap { $0 }
        }
        time.advance(milliseconds: UploadTable.silentMilliseconds)
        #expect(try states() == ["running", "running"])
        var counts = UploadTable.Counts()
        counts.rows = 1_250
        try bench.service.database.write { try UploadTable.keep("u-1", counts, .running, at: time.wallMilliseconds, in: $0) }
        time.advance(milliseconds: UploadTable.silentMilliseconds)
        #expect(try states() == ["running", "running"])
        time.advance(milliseconds: 1)
        #expect(try states() == ["cut", "cut"])
        // One that an older build began tells nothing of itself.
        try bench.service.database.write { tx in _ = try tx.run(SQL("UPDATE uploads SET touched_ms = 0, opened_at = ''")) }
        #expect(try states() == ["cut", "cut"])
    }

    @Test func `GB 18030 and UTF-8 say the same, with or without being told`() async throws {
        var rows = Self.rows(2)
        rows[0][.name] = "㐂測試𠀀"
        let text = Self.file(rows, chinese: true)
        let encoded = try #require(Self.gb18030(text))
        #expect(encoded != Array(text.utf8))
        let context = try Sample.context()
        var said: [[IdentityShared]] = []
        for (body, type) in [
            (Array(text.utf8), "text/csv"), (Array(("\u{feff}" + text).utf8), "text/csv; charset=utf-8"), (encoded, "text/csv"),
            (encoded, "text/csv; charset=\"GB18030\""), (encoded, "text/csv;charset=gbk"),
        ] {
            let bench = try Bench(context)
            let positive = body
            let report = try await upload(bench, positive, type: type).decode(UploadReport.self)
            #expect(report.accepted == 2, "\(type): \(report.problems)")
            said.append(try bench.said(IdentityShared.self))
            // The same content in the other encoding is a repeat, down to the rarest character.
            #expect(try await upload(bench, Array(text.utf8)).decode(UploadReport.self).repeated == 2)
        }
    }

    @Test func `an English header before GB 18030 names is no trap`() async throws {
        let bench = try Bench()
        let body = try #require(Self.gb18030(Self.file(Self.rows(3))))
        #expect(try await upload(bench, body).decode(UploadReport.self).accepted == 3)
    }

    @Test func `text that is in neither encoding is refused, row by row`() async throws {
        let bench = try Bench()
        let good = Self.file(Self.rows(2))
        let bad = Array(good.utf8) + Array(Self.file(Self.rows(3)).split(separator: "\r\n")[3].utf8).map { $0 == 45 ? 0xFF : $0 } + [10]
        let report = try await upload(bench, bad).decode(UploadReport.self)
        #expect(report.accepted == 2 && report.refusedByCode == ["TEXT_UNDECODABLE": 1])
    }

    private static func gb18030(_ text: String) -> [UInt8]? {
        guard let handle = iconv_open("GB18030", "UTF-8"), handle != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(handle) }
        var input = Array(text.utf8).map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: input.count * 2)
        let capacity = output.count
        var written = 0
        input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var from: UnsafeMutablePointer<CChar>? = source.baseAddress
                var left = source.count
                var to: UnsafeMutablePointer<CChar>? = target.baseAddress
                var room = capacity
                iconv(handle, &from, &left, &to, &room)
                written = capacity - room
            }
        }
        return output[..<written].map { UInt8(bitPattern: $0) }
    }

    @Test func `malformed lines are refused by name, and the lines around them are taken`() async throws {
        let bench = try Bench()
        let lines = Self.file(Self.rows(5)).split(separator: "\r\n").map(String.init)
        let text = [
            lines[0], lines[1], lines[2].replacing("测试监护人", with: "ab\"c\"d"), lines[3], lines[4] + ",one,two", lines[5], "\"open",
        ].joined(separator: "\r\n")
        let report = try await upload(bench, text).decode(UploadReport.self)
        #expect(report.rows == 6 && report.accepted == 3)
        #expect(report.refusedByCode == ["CSV_QUOTE_STRAY": 1, "CSV_FIELD_COUNT": 1, "CSV_QUOTE_UNCLOSED": 1])
        #expect(report.problems.map(\.line) == [3, 5, 7])
        let back = bench.interface.handle(.get, try #require(report.refusedFile), as: Sample.bureauUser).text
        var reader = CSVReader()
        reader.feed(Array(back.utf8))
        var counts: Set<Int> = []
        while reader.next(atEnd: true) { counts.insert(reader.record.count) }
        #expect(counts == [Self.columns.count + UploadRoutes.refusalColumns.count])
    }

    @Test func `one row of each kind of bad outcome is counted where it belongs`() async throws {
        let bench = try Bench()
        var rows = Self.rows(6)
        rows[1] = rows[0]
        rows[2] = rows[0]
        rows[2][.outcome] = "positive"
        rows[3][.takenOn] = "2024-06-04"
        rows[4][.documentKind] = "birth-certificate"
        rows[4][.documentNumber] = "Y370000001"
        rows[4][.birthDate] = "2012-03-04"
        let report = try await upload(bench, Self.file(rows)).decode(UploadReport.self)
        #expect(report.accepted == 2 && report.repeated == 1 && report.conflicts == 1 && report.refused == 2)
        #expect(report.refusedByCode == ["OCCURRED_IN_FUTURE": 1, "AGE_OUT_OF_RANGE": 1])
        #expect(report.rows == report.accepted + report.repeated + report.conflicts + report.refused)
    }

    @Test func `JSON is taken as the published schema writes it`() async throws {
        let bench = try Bench()
        var bad = Sample.raw("j-2", "initial", "negative", sequence: 3)
        bad.child?.sex = "7"
        let body =
            "["
            + [
                Sample.raw("j-1", "initial", "negative").json(), bad.json(), "{\"resultId\":\"j-3\",\"bloodType\":\"A\"}",
                "{\"resultId\":\"j-4\",\"revision\":\"first\"}",
            ].joined(separator: ",\n") + "]"
        let report = try await upload(bench, body, type: "application/json").decode(UploadReport.self)
        #expect(report.accepted == 1 && report.refusedByCode == ["SEX_INVALID": 1, "UNKNOWN_FIELD": 1, "UNDECODABLE": 1])
        #expect(bench.interface.handle(.get, try #require(report.refusedFile), as: Sample.bureauUser).text.contains("\"bloodType\""))
    }

    @Test func `a bureau's uploads are listed newest first, with their day and time, and page without gaps`() async throws {
        let bench = try Bench()
        var byDay: [String: [String]] = [:]
        for date in ["2024-06-03", "2024-06-05", "2024-06-09"] {
            try bench.service.passDay(to: day(date))
            for number in 0..<3 {
                let sent = try await upload(bench, Self.file(Self.rows(1 + number))).decode(UploadReport.self)
                byDay[date, default: []].append(try #require(sent.upload))
            }
        }
        struct Listed: Decodable {
            var upload: String
            var date: String?
        }
        struct Uploads: Decodable {
            var items: [Listed]
            var next: String?
        }
        var seen: [Listed] = []
        var next: String?
        repeat {
            let target = "/uploads?limit=2" + (next.map { "&after=\($0)" } ?? "")
            let page = try bench.interface.handle(.get, target, as: Sample.bureauUser).decode(Uploads.self)
            seen += page.items
            next = page.next
        } while next != nil
        let expected = ["2024-06-09", "2024-06-05", "2024-06-03"].flatMap { date in byDay[date]!.reversed().map { "\(date) \($0)" } }
        #expect(seen.map { "\($0.date ?? "-") \($0.upload)" } == expected)
        let bureau = try await TestBrowser(bench.service, as: Sample.bureauUser)
        #expect(bureau.get("/desk/uploads").text.contains("<time>2024-06-09</time> 09:0"))
        #expect(bench.interface.handle(.get, "/uploads?after=YQ", as: Sample.bureauUser).status == 400)
    }

    @Test(
        arguments: [
            ("name,sex\n", "text/csv", 400, "CSV_COLUMN_MISSING"), ("", "text/csv", 400, "CSV_HEADER_MISSING"),
            ("阶段,stage\n", "text/csv", 400, "CSV_COLUMN_TWICE"), ("a,\"b\n", "text/csv", 400, "CSV_QUOTE_UNCLOSED"),
            ("{}", "application/json", 400, "UPLOAD_NOT_A_LIST"), ("x", "text/plain", 415, "UPLOAD_FORMAT_UNKNOWN"),
            ("x", "text/csv; charset=latin1", 415, "TEXT_UNDECODABLE"),
        ])
    func `a file that makes no sense as a whole is refused by name`(body: String, type: String, status: Int, code: String) async throws {
        let bench = try Bench()
        let reply = await upload(bench, body, type: type)
        #expect(reply.status == status && reply.text.contains(code), "\(reply.text)")
    }

    @Test func `a file beyond the limit is refused with 413 and says that it was cut`() async throws {
        let bench = try Bench()
        let reply = await upload(bench, [UInt8](repeating: 120, count: UploadRoutes.largestUpload + 1))
        #expect(reply.status == 413)
    }

    @Test func `only a bureau sends, and nobody reads another's upload`() async throws {
        let bench = try Bench()
        #expect(await upload(bench, Array(Self.file(Self.rows(1)).utf8), as: Sample.clerk).status == 403)
        let report = try await upload(bench, Self.file(Self.rows(1))).decode(UploadReport.self)
        let other = Actor(
            organisation: OrganisationID(trusted: "hb-other"), role: .healthBureau, user: "b2", region: RegionCode(trusted: "3703"))
        #expect(bench.interface.handle(.get, "/uploads/\(try #require(report.upload))", as: other).status == 404)
        #expect(bench.interface.handle(.get, "/uploads/\(try #require(report.upload))/refused.csv", as: other).status == 404)
    }

    @Test func `a child who lives outside the token's region is refused`() async throws {
        let bench = try Bench()
        let narrow = Actor(organisation: Sample.bureau, role: .healthBureau, user: "b1", region: RegionCode(trusted: "370302"))
        let report = try await upload(bench, Array(Self.file(Self.rows(1)).utf8), as: narrow).decode(UploadReport.self)
        #expect(report.refusedByCode == ["REGION_OUT_OF_SCOPE": 1])
    }

    @Test(arguments: [true, false])
    func `the template is open to everyone, and its example passes the check`(english: Bool) async throws {
        let bench = try Bench()
        let template = bench.interface.handle(.get, "/uploads/template.csv?headers=\(english ? "en" : "zh")")
        #expect(template.status == 200 && template.text.hasPrefix("\u{feff}"))
        let report = try await upload(bench, template.body, query: "?check=true").decode(UploadReport.self)
        #expect(report.accepted == 1, "\(report.problems)")
    }
}
