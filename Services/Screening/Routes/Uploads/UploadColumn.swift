/// A column of a result upload. `name` is the field's public name, the same as in `partner.proto`; `zh` is the Chinese header. The raw
/// value is its place in a row.
enum UploadColumn: Int, CaseIterable, Hashable, Sendable {
    case resultID, revision, withdrawn, reason, stage, topic, categoryCode, codeSystem, outcome, takenOn, roundMonths, tool
    case documentKind, documentNumber, name, sex, birthDate, birthOrder, guardianName, guardianTelephone, residence
    /// The sender's claim; only in JSON and on the log.
    case organisation

    var name: String { Self.english[rawValue] }
    private static let english = [
        "result_id", "revision", "withdrawn", "reason", "stage", "topic", "category_code", "code_system", "outcome", "taken_on",
        "round_months", "tool", "document_kind", "document_number", "name", "sex", "birth_date", "birth_order", "guardian_name",
        "guardian_telephone", "residence", "organisation",
    ]

    var zh: String { Self.chinese[self]!.first! }

    /// The first name of each is the one in the template.
    private static let chinese: [UploadColumn: [String]] = [
        .resultID: ["结果编号"], .revision: ["版本", "版本号", "修订号"], .withdrawn: ["撤回", "是否撤回"], .reason: ["原因", "更正原因", "撤回原因"],
        .stage: ["阶段", "筛查阶段"], .topic: ["内容", "筛查内容", "筛查类别"], .categoryCode: ["类别代码", "残疾类别代码"], .codeSystem: ["代码表"],
        .outcome: ["结果", "筛查结果"], .takenOn: ["筛查日期", "检查日期"], .roundMonths: ["月龄", "筛查月龄"], .tool: ["工具", "筛查工具"],
        .documentKind: ["证件类型"], .documentNumber: ["证件号码", "证件号", "身份证号"], .name: ["姓名", "儿童姓名"], .sex: ["性别"],
        .birthDate: ["出生日期"], .birthOrder: ["出生次序", "出生顺序"], .guardianName: ["监护人", "监护人姓名"],
        .guardianTelephone: ["监护人电话", "联系电话"], .residence: ["居住地", "居住地代码"], .organisation: ["机构"],
    ]

    private static let byHeader: [String: UploadColumn] = {
        var names: [String: UploadColumn] = [:]
        for column in allCases {
            names[plain(column.name)] = column
            for name in chinese[column] ?? [] { names[plain(name)] = column }
        }
        return names
    }()

    /// The column a header names, in Chinese or English, whatever its case, blanks, underscores and hyphens; nil for one of the sender's
    /// own.
    static func named(_ header: String) -> UploadColumn? { byHeader[plain(header)] }

    private static func plain(_ header: String) -> String {
        String(header.lowercased().unicodeScalars.filter { !$0.properties.isWhitespace && $0 != "_" && $0 != "-" && $0 != "\u{feff}" })
    }

    /// Digits that a spreadsheet takes for a number when it opens the file, and keeps as it likes: 3.8E+17, or without what stood in front.
    var isDigits: Bool {
        switch self {
        case .resultID, .documentNumber, .guardianTelephone, .residence: true
        case .revision, .withdrawn, .reason, .stage, .topic, .categoryCode, .codeSystem, .outcome, .takenOn, .roundMonths, .tool,
            .documentKind, .name, .sex, .birthDate, .birthOrder, .guardianName, .organisation:
            false
        }
    }

    /// Without these an upload makes no sense.
    static let required: [UploadColumn] = [.resultID, .stage, .outcome, .takenOn, .documentNumber, .residence]
    /// What the template holds, in order.
    static let template: [UploadColumn] = [
        .resultID, .revision, .stage, .topic, .categoryCode, .codeSystem, .outcome, .takenOn, .roundMonths, .tool, .documentKind,
        .documentNumber, .name, .sex, .birthDate, .birthOrder, .guardianName, .guardianTelephone, .residence, .withdrawn, .reason,
    ]
}

/// One result as a bureau wrote it, every field as text, whichever way it came. Missing fields are empty.
struct ResultRow: Hashable, Sendable {
    private var values = [String](repeating: "", count: UploadColumn.allCases.count)

    subscript(_ column: UploadColumn) -> String {
        get { values[column.rawValue] }
        set { values[column.rawValue] = newValue }
    }

    subscript(index: Int) -> String {
        get { values[index] }
        set { values[index] = newValue }
    }
}

/// The header line of one upload: where each column stands.
struct UploadHeader: Hashable, Sendable {
    /// As written, for the file of refused rows.
    let names: [String]
    /// Index into a row's values for each field of a record; nil for the sender's own columns, which are ignored.
    let targets: [Int?]
    /// Columns that go into the file of refused rows: all but what an earlier such file had added.
    let kept: [Int]

    enum Problem: Error, Hashable, Sendable {
        case missing([UploadColumn])
        case twice(UploadColumn)

        var code: String {
            switch self {
            case .missing: "CSV_COLUMN_MISSING"
            case .twice: "CSV_COLUMN_TWICE"
            }
        }

        var field: String {
            switch self {
            case .missing(let columns): columns.map(\.name).joined(separator: ",")
            case .twice(let column): column.name
            }
        }
    }

    init(_ names: [String]) throws(Problem) {
        let columns = names.map(UploadColumn.named)
        var seen: Set<UploadColumn> = []
        for case .some(let column) in columns where !seen.insert(column).inserted { throw .twice(column) }
        let missing = UploadColumn.required.filter { !seen.contains($0) }
        let hasTopic = seen.contains(.topic) || seen.contains(.categoryCode)
        guard missing.isEmpty, hasTopic else { throw .missing(missing + (hasTopic ? [] : [.topic])) }
        self.names = names
        targets = columns.map { $0?.rawValue }
        kept = names.indices.filter { !UploadRoutes.refusalColumns.contains(names[$0]) }
    }

    func column(_ position: Int) -> UploadColumn? { targets[position].flatMap(UploadColumn.init) }

    var ignored: [String] { zip(names, targets).filter { $0.1 == nil }.map(\.0) }

    /// The row of a record with as many fields as this header.
    func row(_ record: CSVRecord, _ text: UploadText) throws(UndecodableText) -> ResultRow {
        var row = ResultRow()
        for (position, target) in targets.enumerated() {
            guard let target else { continue }
            row[target] = CSVText.unguarded(try text.text(Self.trimmed(record.field(position))))
        }
        return row
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes
        while let first = bytes.first, first == 32 || first == 9 { bytes.removeFirst() }
        while let last = bytes.last, last == 32 || last == 9 { bytes.removeLast() }
        return bytes
    }
}

/// Writing CSV that a spreadsheet opens as data and never as a formula.
enum CSVText {
    private static func isFormulaStart(_ byte: UInt8?) -> Bool {
        // = + - @ tab carriage return
        switch byte {
        case 61, 43, 45, 64, 9, 13: true
        default: false
        }
    }

    /// One field: guarded against being read as a formula, quoted where RFC 4180 asks for it.
    static func field(_ text: String) -> String {
        let guarded = isFormulaStart(text.utf8.first) ? "'" + text : text
        guard guarded.utf8.contains(where: { $0 == 34 || $0 == 44 || $0 == 10 || $0 == 13 }) else { return guarded }
        return "\"" + guarded.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    static func line(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") + "\r\n" }

    /// The field of a column: digits are text to a spreadsheet with a tab behind them, which the reader takes off again.
    static func field(_ text: String, of column: UploadColumn?) -> String {
        guard column?.isDigits == true, let last = text.utf8.last else { return field(text) }
        return field(last == 9 ? text : text + "\t")
    }

    /// Takes the guard off again, so that a refused row can be mended and sent back as it was.
    static func unguarded(_ text: String) -> String {
        let bytes = text.utf8
        guard bytes.first == 39, isFormulaStart(bytes.dropFirst().first) else { return text }
        return String(text.dropFirst())
    }
}
