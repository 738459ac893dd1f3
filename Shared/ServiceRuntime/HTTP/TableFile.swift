import Vocabulary

/// The columns of a table that people keep as a CSV file.
public protocol TableColumn: CaseIterable, Hashable, Sendable {
    /// Headers that mean this column, Chinese or English; the first is the template's.
    var headers: [String] { get }
    /// False where a file may leave the column out.
    var isRequired: Bool { get }
}

/// A small CSV file (RFC 4180) with one thing a line: read whole, each line by itself, so that one bad line refuses nothing but itself.
///
/// A quoted field holds no line break: no column of such a table needs one. Files of many megabytes are for a reader that streams.
public enum TableFile<Column: TableColumn> {
    /// The first line of an empty file.
    public static var template: String { Column.allCases.map { $0.headers[0] }.joined(separator: ",") + "\n" }

    /// Every line, in order, with what `read` makes of it. Throws when the header makes no sense or there are more than `most` lines.
    public static func read<Value: Sendable>(
        _ text: String, most: Int, _ read: (TableCells<Column>) throws(TableRowError) -> Value
    ) throws(TableFileError) -> TableContents<Value> {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        guard let first = lines.first else { throw TableFileError(code: "CSV_EMPTY", rule: "the first line names the columns") }
        let header = first.hasPrefix("\u{feff}") ? String(first.dropFirst()) : String(first)
        let (places, width) = try places(header)
        var rows: [TableContents<Value>.Row] = []
        for (index, line) in lines.enumerated().dropFirst() where !trimmed(String(line)).isEmpty {
            guard rows.count < most else { throw TableFileError(code: "TOO_MANY_ROWS", rule: "at most \(most) lines in one file") }
            let original = String(line)
            do throws(TableRowError) {
                let cells = TableCells(line: index + 1, places: places, values: try split(original, index + 1, width))
                rows.append(.init(line: index + 1, original: original, value: .success(try read(cells))))
            } catch {
                rows.append(.init(line: index + 1, original: original, value: .failure(error)))
            }
        }
        return TableContents(header: header, rows: rows)
    }

    private static func places(_ header: String) throws(TableFileError) -> (places: [Column: Int], width: Int) {
        guard let names = fields(header) else {
            throw TableFileError(code: "CSV_QUOTE_UNCLOSED", rule: "quotation marks in the first line are paired")
        }
        var places: [Column: Int] = [:]
        for (index, name) in names.enumerated() {
            let plain = trimmed(name)
            guard let column = Column.allCases.first(where: { $0.headers.contains(plain) }) else {
                throw TableFileError(
                    code: "COLUMN_UNKNOWN",
                    rule: "columns are " + Column.allCases.map { $0.headers.joined(separator: "/") }.joined(separator: ", "))
            }
            guard places.updateValue(index, forKey: column) == nil else {
                throw TableFileError(code: "COLUMN_TWICE", rule: "\(column.headers[0]) stands once")
            }
        }
        if let missing = Column.allCases.first(where: { $0.isRequired && places[$0] == nil }) {
            throw TableFileError(code: "COLUMN_MISSING", rule: missing.headers.joined(separator: "/"))
        }
        return (places, names.count)
    }

    private static func split(_ line: String, _ number: Int, _ width: Int) throws(TableRowError) -> [String] {
        guard !line.utf8.contains(0) else {
            throw TableRowError(
                line: number, field: "", code: "VALUE_NOT_ALLOWED", rule: "a line without NUL characters", source: "RFC 4180")
        }
        guard let values = fields(line) else {
            throw TableRowError(line: number, field: "", code: "CSV_QUOTE_UNCLOSED", rule: "quotation marks are paired", source: "RFC 4180")
        }
        guard values.count == width else {
            throw TableRowError(
                line: number, field: "", code: "CSV_FIELD_COUNT", rule: "\(width) fields, as in the first line", source: "RFC 4180")
        }
        return values.map(trimmed)
    }

    /// One line split at its commas, quotation marks respected; nil when one is left open.
    private static func fields(_ line: String) -> [String]? {
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        var rest = line[...]
        while let character = rest.popFirst() {
            if isQuoted {
                if character != "\"" {
                    field.append(character)
                } else if rest.first == "\"" {
                    field.append(rest.removeFirst())
                } else {
                    isQuoted = false
                }
            } else if character == "\"", field.isEmpty {
                isQuoted = true
            } else if character == "," {
                fields.append(field)
                field = ""
            } else {
                field.append(character)
            }
        }
        return isQuoted ? nil : fields + [field]
    }

    private static func trimmed(_ text: String) -> String {
        var rest = text[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}

/// The fields of one line.
public struct TableCells<Column: TableColumn> {
    /// Physical line of the file, from 1.
    public let line: Int
    let places: [Column: Int]
    let values: [String]

    /// What a column says; nil when the file has no such column or the field is empty.
    public func text(_ column: Column) -> String? {
        guard let place = places[column], !values[place].isEmpty else { return nil }
        return values[place]
    }

    /// A column as a value. Throws the error with line and column where `make` refuses it; an empty field is given to `make` as it is.
    public func read<Value>(_ column: Column, _ make: (String) throws(InvalidValue) -> Value) throws(TableRowError) -> Value {
        do { return try make(text(column) ?? "") } catch {
            throw TableRowError(line: line, field: column.headers[0], code: error.code, rule: error.rule, source: error.source)
        }
    }
}

/// What a file holds: its first line, so that refused lines can be mended and sent again under it, and every other one.
public struct TableContents<Value: Sendable>: Sendable {
    /// One line, as it stands in the file and as it was read.
    public struct Row: Sendable {
        public let line: Int
        public let original: String
        public let value: Result<Value, TableRowError>
    }

    public let header: String
    public let rows: [Row]
}

/// Why a line is not what it should be: the field and the rule, never the text.
public struct TableRowError: Error, Hashable, Sendable {
    public let line: Int
    public let field: String
    public let code: String
    public let rule: String
    public let source: String
}

/// Why a file cannot be read as a whole.
public struct TableFileError: Error, Hashable, Sendable {
    public let code: String
    public let rule: String
}

/// What became of a table file.
public struct TableReport: Codable, Sendable {
    /// A line that was refused, as it stood in the file.
    public struct RefusedRow: Codable, Sendable {
        public var line: Int
        public var field: String
        public var code: String
        public var rule: String
        public var source: String
        public var row: String
    }

    public var rows: Int
    public var accepted = 0
    /// Accepted rows that said nothing new.
    public var unchanged = 0
    public var refused: [RefusedRow] = []
    public var header: String
    public var checkOnly: Bool

    public init<Value: Sendable>(_ contents: TableContents<Value>, checkOnly: Bool) {
        rows = contents.rows.count
        header = contents.header
        self.checkOnly = checkOnly
    }

    /// A line that could not be read.
    public mutating func refuse<Value: Sendable>(_ row: TableContents<Value>.Row, _ error: TableRowError) {
        refused.append(
            RefusedRow(line: error.line, field: error.field, code: error.code, rule: error.rule, source: error.source, row: row.original))
    }

    /// A line that was read and refused by a rule, in the words of `catalogue`.
    public mutating func refuse<Value: Sendable>(
        _ row: TableContents<Value>.Row, code: String, field: String = "", in catalogue: RefusalCatalogue
    ) {
        let entry = catalogue[code]
        refused.append(
            RefusedRow(
                line: row.line, field: field, code: code, rule: entry?.english ?? code, source: entry?.source ?? "", row: row.original))
    }
}

extension RefusalCatalogue {
    /// What a table file is refused for.
    public static let tableFiles: [Entry] = [
        Entry("TEXT_NOT_UTF8", 422, zh: "文件须为 UTF-8 编码。", en: "The file has to be UTF-8."),
        Entry("CSV_EMPTY", 422, zh: "文件是空的。", en: "The file is empty."),
        Entry("CSV_QUOTE_UNCLOSED", 422, zh: "引号没有配对。", en: "A quotation mark is not closed.", source: "RFC 4180"),
        Entry("CSV_FIELD_COUNT", 422, zh: "列数与表头不符。", en: "The number of fields differs from the header's.", source: "RFC 4180"),
        Entry("COLUMN_UNKNOWN", 422, zh: "有未知的列。", en: "A column is not known."),
        Entry("COLUMN_TWICE", 422, zh: "同一列出现两次。", en: "A column stands twice."),
        Entry("COLUMN_MISSING", 422, zh: "缺少必填列。", en: "A required column is missing."),
        Entry("TOO_MANY_ROWS", 422, zh: "一次最多导入5000行。", en: "One file has at most 5000 rows."),
    ]
}
