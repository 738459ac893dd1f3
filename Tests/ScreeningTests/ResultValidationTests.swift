import Testing
import Vocabulary

@testable import Screening

struct ResultValidationTests {
    private static func problems(_ row: ResultRow, scope: RegionCode? = RegionCode(trusted: "37")) -> [(String, String)] {
        let validation = ResultValidation(regions: .shared, today: Sample.today, sender: Sample.bureau, scope: scope)
        switch validation.check(row) {
        case .success: return []
        case .failure(let problems):
            // A rule and a source stand with every problem, and the offending text with none.
            for problem in problems.all {
                #expect(!problem.value.rule.isEmpty && !problem.value.source.isEmpty)
                let text = row[problem.column]
                #expect(text.count < 4 || !problem.value.rule.contains(text))
            }
            return problems.all.map { ($0.field, $0.value.code) }
        }
    }

    private static func accepted(_ row: ResultRow) -> ScreeningResultInput? {
        let validation = ResultValidation(regions: .shared, today: Sample.today, sender: Sample.bureau, scope: nil)
        if case .success(let input) = validation.check(row) { return input }
        return nil
    }

    private static let boy = Sample.citizenID("2020-01-01", sequence: 1)

    private static let bad: [(what: String, change: @Sendable (inout ResultRow) -> Void, field: String, code: String)] = [
        (
            "wrong checksum", { $0[.documentNumber] = String(boy.dropLast()) + (boy.hasSuffix("X") ? "1" : "X") }, "document_number",
            "ID_CHECKSUM_INVALID"
        ),
        ("impossible birthday in the ID", { $0[.documentNumber] = "379999202002300010" }, "document_number", "ID_BIRTHDATE_INVALID"),
        ("seventeen characters", { $0[.documentNumber].removeLast() }, "document_number", "ID_LENGTH_INVALID"),
        ("letters in the ID", { $0[.documentNumber] = "37999920200101ABCD" }, "document_number", "ID_CHARACTER_INVALID"),
        ("no document", { $0[.documentNumber] = "" }, "document_number", "DOCUMENT_REQUIRED"),
        (
            "no kind and no ID",
            {
                $0[.documentKind] = ""
                $0[.documentNumber] = "A1"
            }, "document_kind", "DOCUMENT_KIND_UNKNOWN"
        ),
        ("unknown kind", { $0[.documentKind] = "护照" }, "document_kind", "DOCUMENT_KIND_UNKNOWN"),
        ("impossible date", { $0[.takenOn] = "2024-02-30" }, "taken_on", "DATE_INVALID"),
        ("no date", { $0[.takenOn] = "" }, "taken_on", "DATE_INVALID"),
        ("sex against the ID", { $0[.sex] = "女" }, "sex", "ID_SEX_MISMATCH"),
        ("unknown sex", { $0[.sex] = "7" }, "sex", "SEX_INVALID"),
        ("birth date against the ID", { $0[.birthDate] = "2020-01-02" }, "birth_date", "ID_BIRTHDATE_MISMATCH"),
        ("impossible birth date", { $0[.birthDate] = "2020-13-01" }, "birth_date", "DATE_INVALID"),
        ("unassigned region", { $0[.residence] = "379999001" }, "residence", "REGION_UNKNOWN"),
        ("unknown township", { $0[.residence] = "370303999" }, "residence", "REGION_UNKNOWN"),
        ("no region code", { $0[.residence] = "张店" }, "residence", "REGION_CODE_INVALID"),
        ("a province", { $0[.residence] = "37" }, "residence", "RESIDENCE_TOO_WIDE"),
        ("another province", { $0[.residence] = "110101001" }, "residence", "REGION_OUT_OF_SCOPE"),
        ("unknown category", { $0[.topic] = "smell" }, "topic", "CATEGORY_UNKNOWN"),
        ("no category", { $0[.topic] = "" }, "topic", "CATEGORY_UNKNOWN"),
        (
            "multiple is no topic",
            {
                $0[.topic] = ""
                $0[.categoryCode] = "7"
                $0[.codeSystem] = "certificate"
            }, "category_code", "CATEGORY_UNKNOWN"
        ),
        (
            "other is no topic",
            {
                $0[.topic] = ""
                $0[.categoryCode] = "8"
                $0[.codeSystem] = "health-record"
            }, "category_code", "CATEGORY_UNKNOWN"
        ),
        (
            "code without its list",
            {
                $0[.topic] = ""
                $0[.categoryCode] = "2"
            }, "code_system", "CODE_SYSTEM_UNKNOWN"
        ),
        (
            "unknown list",
            {
                $0[.categoryCode] = "2"
                $0[.codeSystem] = "ours"
            }, "code_system", "CODE_SYSTEM_UNKNOWN"
        ),
        (
            "health-record code called a certificate code",
            {
                $0[.categoryCode] = "3"
                $0[.codeSystem] = "certificate"
            }, "category_code", "CATEGORY_CODE_SHIFTED"
        ),
        (
            "code and name disagree",
            {
                $0[.categoryCode] = "5"
                $0[.codeSystem] = "certificate"
            }, "category_code", "CATEGORY_MISMATCH"
        ),
        ("unknown stage", { $0[.stage] = "guess" }, "stage", "STAGE_UNKNOWN"),
        ("unknown outcome", { $0[.outcome] = "maybe" }, "outcome", "OUTCOME_UNKNOWN"),
        ("revision is no number", { $0[.revision] = "first" }, "revision", "REVISION_INVALID"),
        ("revision zero", { $0[.revision] = "0" }, "revision", "REVISION_INVALID"),
        ("no result id", { $0[.resultID] = "" }, "result_id", "RESULT_ID_REQUIRED"),
        ("a citizen ID in the result id", { $0[.resultID] = "379999202001010015-hearing" }, "result_id", "PERSONAL_NUMBER"),
        ("a citizen ID in the reason", { $0[.reason] = "重复：379999202001010015" }, "reason", "PERSONAL_NUMBER"),
        ("blank in the result id", { $0[.resultID] = "r 1" }, "result_id", "RESULT_ID_INVALID"),
        ("endless result id", { $0[.resultID] = String(repeating: "r", count: 65) }, "result_id", "RESULT_ID_INVALID"),
        ("round of an adult", { $0[.roundMonths] = "84" }, "round_months", "ROUND_INVALID"),
        ("no round", { $0[.roundMonths] = "" }, "round_months", "ROUND_INVALID"),
        ("tool for toddlers", { $0[.tool] = "M-CHAT" }, "tool", "TOOL_AGE_MISMATCH"),
        ("no name", { $0[.name] = "" }, "name", "NAME_REQUIRED"),
        ("endless name", { $0[.name] = String(repeating: "名", count: 1_000_000) }, "name", "TEXT_TOO_LONG"),
        ("control character", { $0[.name] = "a\u{0}b" }, "name", "CONTROL_CHARACTER"),
        ("telephone with letters", { $0[.guardianTelephone] = "call me" }, "guardian_telephone", "TELEPHONE_INVALID"),
        (
            "positive without a guardian",
            {
                $0[.outcome] = "positive"
                $0[.guardianName] = ""
            }, "guardian_name", "CONTACT_REQUIRED"
        ),
        (
            "positive without a telephone",
            {
                $0[.outcome] = "阳性"
                $0[.guardianTelephone] = ""
            }, "guardian_telephone", "CONTACT_REQUIRED"
        ),
        (
            "birth certificate",
            {
                $0[.documentKind] = "出生医学证明"
                $0[.documentNumber] = "12345"
            }, "document_number", "BIRTH_CERTIFICATE_INVALID"
        ),
        (
            "guardian's ID",
            {
                $0[.documentKind] = "guardian-document"
                $0[.documentNumber] = "379999198507120096"
            }, "document_number", "ID_CHECKSUM_INVALID"
        ),
        (
            "guardian's document",
            {
                $0[.documentKind] = "guardian-document"
                $0[.documentNumber] = "E 1"
            }, "document_number", "GUARDIAN_DOCUMENT_INVALID"
        ),
        (
            "guardian's document without order",
            {
                $0[.documentKind] = "guardian-document"
                $0[.documentNumber] = "E12345678"
                $0[.birthOrder] = ""
            }, "birth_order", "BIRTH_ORDER_REQUIRED"
        ),
        ("tenth of a birth", { $0[.birthOrder] = "10" }, "birth_order", "BIRTH_ORDER_INVALID"),
        ("maybe withdrawn", { $0[.withdrawn] = "maybe" }, "withdrawn", "YES_NO_UNKNOWN"),
        ("somebody else's name", { $0[.organisation] = "hb-other" }, "organisation", "ORGANISATION_MISMATCH"),
    ]

    @Test(arguments: bad.indices)
    func `each fault is told with its field and code`(index: Int) {
        let fault = Self.bad[index]
        let found = Self.problems(Sample.row(fault.change))
        #expect(found.map(\.0) == [fault.field], "\(fault.what): \(found)")
        #expect(found.map(\.1) == [fault.code], "\(fault.what)")
        #expect(ScreeningRefusals.complete[fault.code] != nil)
    }

    @Test func `everything that is wrong is told at once`() {
        let row = Sample.row {
            $0[.stage] = "?"
            $0[.takenOn] = "?"
            $0[.sex] = "?"
            $0[.residence] = "?"
        }
        #expect(Self.problems(row).map(\.0) == ["stage", "taken_on", "sex", "residence"])
    }

    @Test func `a date as a spreadsheet writes it is the same date, and nothing is guessed`() throws {
        let plain = try #require(Self.accepted(Sample.row { $0[.takenOn] = "2024-06-03" }))
        let resaved = try #require(Self.accepted(Sample.row { $0[.takenOn] = "2024/6/3" }))
        #expect(plain.content?.takenOn == resaved.content?.takenOn)
        for text in ["6/3/2024", "2024/6", "2024/13/1", "2024/2/30", "24/6/3", "2024/6/3 8:00", "2024/+6/3", "2024//3"] {
            #expect(Self.problems(Sample.row { $0[.takenOn] = text }).map(\.1) == ["DATE_INVALID"], "\(text)")
        }
    }

    @Test func `a sound row passes in English, Chinese and codes`() throws {
        #expect(Self.problems(Sample.row()).isEmpty)
        let chinese = Sample.row {
            $0[.stage] = "诊断"
            $0[.topic] = "孤独症"
            $0[.outcome] = "阳性"
            $0[.documentKind] = "居民身份证"
            $0[.sex] = "1"
        }
        let content = try #require(Self.accepted(chinese)?.content)
        #expect(content.stage == .diagnosis && content.topic == .autism && content.outcome == .positive)
    }

    @Test(
        arguments: [
            ("2", "certificate", ScreeningTopic.hearing), ("3", "health-record", .hearing), ("7", "健康档案", .autism), ("6", "残疾类别", .autism),
        ]
            as [(String, String, ScreeningTopic)])
    func `a category code means what its list says`(code: String, system: String, topic: ScreeningTopic) {
        let row = Sample.row {
            $0[.topic] = ""
            $0[.categoryCode] = code
            $0[.codeSystem] = system == "健康档案" ? "残疾情况" : system
        }
        #expect(Self.accepted(row)?.content?.topic == topic)
    }

    @Test func `sex and birth date come from the ID when they are not said`() throws {
        let row = Sample.row {
            $0[.sex] = ""
            $0[.birthDate] = ""
            $0[.documentKind] = ""
            $0[.documentNumber] = Sample.citizenID("2020-01-01", sequence: 1).lowercased()
        }
        let child = try #require(Self.accepted(row)?.content?.child)
        #expect(child.sex == .male && child.birthDate == day("2020-01-01") && child.documentKind == .citizenID)
        let unknown = try #require(Self.accepted(Sample.row { $0[.sex] = "9" })?.content?.child)
        #expect(unknown.sex == .male)
    }

    @Test func `a newborn is known by the birth certificate or the guardian's document`() throws {
        let certificate = Sample.row {
            $0[.documentKind] = "birth-certificate"
            $0[.documentNumber] = "y370000001"
        }
        #expect(Self.accepted(certificate)?.content?.child.documentNumber == "Y370000001")
        let twin = Sample.row {
            $0[.documentKind] = "监护人证件"
            $0[.documentNumber] = "379999198507120095"
            $0[.birthOrder] = "2"
        }
        #expect(Self.accepted(twin)?.content?.child.birthOrder == 2)
    }

    @Test func `a withdrawal needs nothing but the result and a revision`() throws {
        var row = ResultRow()
        row[.resultID] = "r-1"
        row[.revision] = "2"
        row[.withdrawn] = "是"
        let input = try #require(Self.accepted(row))
        #expect(input.isWithdrawal && input.revision == 2)
    }

    @Test func `a village is kept in the identity and cut to its township elsewhere`() throws {
        let child = try #require(Self.accepted(Sample.row { $0[.residence] = "370303001002" })?.content?.child)
        #expect(child.residence.text == "370303001002")
        #expect(child.region.text == "370303001")
    }

    @Test func `content that differs in any field has another fingerprint, and blanks around it do not count`() throws {
        let base = try #require(Self.accepted(Sample.row())).canonicalContent
        for column in [UploadColumn.outcome, .takenOn, .name, .guardianTelephone, .tool, .reason] {
            let other = Sample.row { row in
                switch column {
                case .outcome: row[column] = "unable"
                case .takenOn: row[column] = "2024-06-02"
                case .guardianTelephone: row[column] = "000-0000000"
                default: row[column] = "其他"
                }
            }
            #expect(try #require(Self.accepted(other)).canonicalContent != base)
        }
        #expect(try #require(Self.accepted(Sample.row { $0[.outcome] = "阴性" })).canonicalContent == base)
    }

    @Test func `a child is never printed`() {
        #expect("\(Sample.child)" == "a child's identity")
        var dumped = ""
        dump(Sample.child, to: &dumped)
        #expect(!dumped.contains("测试"))
    }
}
