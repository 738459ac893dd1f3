import Vocabulary

/// The columns of a results file, in the order of the template.
enum ResultColumn: Int, CaseIterable, Sendable {
    case resultID, revision, withdrawn, stage, topic, categoryCode, codeSystem, outcome, takenOn, roundMonths, tool
    case documentKind, documentNumber, name, sex, birthDate, birthOrder, guardianName, guardianTelephone, residence, reason

    var english: String {
        switch self {
        case .resultID: "result_id"
        case .revision: "revision"
        case .withdrawn: "withdrawn"
        case .stage: "stage"
        case .topic: "topic"
        case .categoryCode: "category_code"
        case .codeSystem: "code_system"
        case .outcome: "outcome"
        case .takenOn: "taken_on"
        case .roundMonths: "round_months"
        case .tool: "tool"
        case .documentKind: "document_kind"
        case .documentNumber: "document_number"
        case .name: "name"
        case .sex: "sex"
        case .birthDate: "birth_date"
        case .birthOrder: "birth_order"
        case .guardianName: "guardian_name"
        case .guardianTelephone: "guardian_telephone"
        case .residence: "residence"
        case .reason: "reason"
        }
    }

    var chinese: String {
        switch self {
        case .resultID: "结果编号"
        case .revision: "修订号"
        case .withdrawn: "撤回"
        case .stage: "筛查阶段"
        case .topic: "筛查内容"
        case .categoryCode: "类别代码"
        case .codeSystem: "代码表"
        case .outcome: "结果"
        case .takenOn: "检查日期"
        case .roundMonths: "月龄"
        case .tool: "筛查工具"
        case .documentKind: "证件类型"
        case .documentNumber: "证件号码"
        case .name: "姓名"
        case .sex: "性别"
        case .birthDate: "出生日期"
        case .birthOrder: "出生顺序"
        case .guardianName: "监护人姓名"
        case .guardianTelephone: "监护人电话"
        case .residence: "居住地"
        case .reason: "原因"
        }
    }
}

/// One screening result as a bureau writes it down: text in every column, right or wrong.
struct ResultRow: Hashable, Sendable {
    var resultID: String
    var revision = "1"
    var withdrawn = ""
    var stage: String
    var topic: String
    var categoryCode = ""
    var codeSystem = ""
    var outcome: String
    var takenOn: String
    var roundMonths: String
    var tool = ""
    var documentKind: String
    var documentNumber: String
    var name: String
    var sex: String
    var birthDate: String
    var birthOrder: String
    var guardianName: String
    var guardianTelephone: String
    var residence: String
    var reason = ""

    init(
        resultID: String, stage: ScreeningStage, topic: ScreeningTopic, outcome: ScreeningOutcome, takenOn: LocalDate, roundMonths: Int,
        of person: SyntheticPerson
    ) {
        self.resultID = resultID
        self.stage = stage.rawValue
        self.topic = topic.rawValue
        self.outcome = outcome.rawValue
        self.takenOn = takenOn.text
        self.roundMonths = String(roundMonths)
        documentKind = person.documentKind.wireWord
        documentNumber = person.documentNumber
        name = person.name
        sex = person.male ? "male" : "female"
        birthDate = person.birth.text
        birthOrder = String(person.birthOrder)
        guardianName = person.guardianName
        guardianTelephone = person.guardianTelephone
        residence = person.residence.text
    }

    subscript(column: ResultColumn) -> String {
        switch column {
        case .resultID: resultID
        case .revision: revision
        case .withdrawn: withdrawn
        case .stage: stage
        case .topic: topic
        case .categoryCode: categoryCode
        case .codeSystem: codeSystem
        case .outcome: outcome
        case .takenOn: takenOn
        case .roundMonths: roundMonths
        case .tool: tool
        case .documentKind: documentKind
        case .documentNumber: documentNumber
        case .name: name
        case .sex: sex
        case .birthDate: birthDate
        case .birthOrder: birthOrder
        case .guardianName: guardianName
        case .guardianTelephone: guardianTelephone
        case .residence: residence
        case .reason: reason
        }
    }

    /// The same row in the words a Chinese form uses: 男, 初筛, 听力, 阳性.
    func inChinese() -> ResultRow {
        var row = self
        row.sex = Self.chinese[sex] ?? sex
        row.stage = Self.chinese[stage] ?? stage
        row.topic = Self.chinese[topic] ?? topic
        row.outcome = Self.chinese[outcome] ?? outcome
        return row
    }

    private static let chinese = [
        "male": "男", "female": "女", "initial": "初筛", "rescreen": "复筛", "diagnosis": "诊断", "vision": "视力", "hearing": "听力",
        "speech": "言语", "physical": "肢体", "intellectual": "智力", "autism": "孤独症", "negative": "阴性", "positive": "阳性",
        "unable": "未能检查",
    ]
}

extension DocumentKind {
    /// As the published schema spells it.
    var wireWord: String {
        switch self {
        case .citizenID: "citizen-id"
        case .birthCertificate: "birth-certificate"
        case .guardianDocument: "guardian-document"
        }
    }
}
