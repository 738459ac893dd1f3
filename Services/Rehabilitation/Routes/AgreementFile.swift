import Vocabulary

/// Agreements as a county keeps them: a CSV file with Chinese or English headers, one institution a line.
enum AgreementFile {
    enum Column: String, CaseIterable {
        case institution, name, region, categories, capacity, validFrom, validTo

        /// Headers that mean this column; the first is the template's.
        var headers: [String] {
            switch self {
            case .institution: ["机构编号", "institution"]
            case .name: ["机构名称", "name"]
            case .region: ["所在地", "region"]
            case .categories: ["类别", "categories"]
            case .capacity: ["容量", "capacity"]
            case .validFrom: ["开始", "validFrom", "valid_from"]
            case .validTo: ["结束", "validTo", "valid_to"]
            }
        }

        var isRequired: Bool { self != .name }
    }

    /// Why a line is no agreement: the field and rule, never the text.
    struct RowError: Error, Hashable, Sendable {
        /// Physical line of the file, from 1.
        var line: Int
        var field: String
        var code: String
        var rule: String
        var source: String
    }

    /// The file as a whole cannot be read.
    struct FileError: Error, Hashable, Sendable {
        var code: String
        var rule: String
    }

    struct Row: Sendable {
        var line: Int
        /// As it stands in the file, for the refused-row file.
        var original: String
        var agreement: Result<Agreement, RowError>
    }

    struct Contents: Sendable {
        var header: String
        var rows: [Row]
    }

    static let template = Column.allCases.map { $0.headers[0] }.joined(separator: ",") + "\n"
    static let mostRows = 5_000

    static func read(_ text: String) throws(FileError) -> Contents {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        guard let first = lines.first else { throw FileError(code: "CSV_EMPTY", rule: "the first line names the columns") }
        let header = first.hasPrefix("\u{feff}") ? String(first.dropFirst()) : String(first)
        guard let names = fields(header) else {
            throw FileError(code: "CSV_QUOTE_UNCLOSED", rule: "quotation marks in the first line are paired")
        }
        var places: [Column: Int] = [:]
        for (index, name) in names.enumerated() {
            let plain = trim(name)
            guard let column = Column.allCases.first(where: { $0.headers.contains(plain) }) else {
                throw FileError(
                    code: "COLUMN_UNKNOWN",
                    rule: "columns are " + Column.allCases.map { $0.headers.joined(separator: "/") }.joined(separator: ", "))
            }
            guard places.updateValue(index, forKey: column) == nil else {
                throw FileError(code: "COLUMN_TWICE", rule: "\(column.headers[0]) stands once")
            }
        }
        if let missing = Column.allCases.first(where: { $0.isRequired && places[$0] == nil }) {
            throw FileError(code: "COLUMN_MISSING", rule: missing.headers.joined(separator: "/"))
        }
        var rows: [Row] = []
        for (index, line) in lines.enumerated().dropFirst() where !trim(String(line)).isEmpty {
            guard rows.count < mostRows else { throw FileError(code: "TOO_MANY_ROWS", rule: "at most \(mostRows) agreements in one file") }
            let original = String(line)
            do throws(RowError) {
                rows.append(
                    Row(line: index + 1, original: original, agreement: .success(try agreement(original, index + 1, places, names.count))))
            } catch {
                rows.append(Row(line: index + 1, original: original, agreement: .failure(error)))
            }
        }
        return Contents(header: header, rows: rows)
    }

    private static func agreement(_ line: String, _ number: Int, _ places: [Column: Int], _ width: Int) throws(RowError) -> Agreement {
        func refuse(_ column: Column?, _ value: InvalidValue) -> RowError {
            RowError(line: number, field: column?.headers[0] ?? "", code: value.code, rule: value.rule, source: value.source)
        }
        guard let values = fields(line) else {
            throw refuse(nil, InvalidValue(code: "CSV_QUOTE_UNCLOSED", rule: "quotation marks are paired", source: "RFC 4180"))
        }
        guard values.count == width else {
            throw refuse(nil, InvalidValue(code: "CSV_FIELD_COUNT", rule: "\(width) fields, as in the first line", source: "RFC 4180"))
        }
        func read<Value>(_ column: Column, _ make: (String) throws(InvalidValue) -> Value) throws(RowError) -> Value {
            guard let place = places[column] else { preconditionFailure("\(column) was checked to be there") }
            do { return try make(trim(values[place])) } catch { throw refuse(column, error) }
        }
        let categories = try read(.categories) { text throws(InvalidValue) in
            var found: [AssistanceCategory] = []
            for part in text.split(whereSeparator: { ";；、|/".contains($0) }) { found.append(try AssistanceCategory.parse(String(part))) }
            return found
        }
        return Agreement(
            institution: try read(.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try read(.region) { text throws(InvalidValue) in try RegionTable.shared.validated(text) }, categories: categories,
            capacity: try read(.capacity) { text throws(InvalidValue) in
                guard let number = Int(text), number > 0 else {
                    throw InvalidValue(code: "CAPACITY_INVALID", rule: "a whole number above 0", source: "agreement file")
                }
                return number
            },
            validFrom: try read(.validFrom) { text throws(InvalidValue) in try LocalDate(text) },
            validTo: try read(.validTo) { text throws(InvalidValue) in try LocalDate(text) })
    }

    /// One line split at its commas, quotation marks respected; nil when one is left open. A quoted field has no line break in it here:
    /// no column of an agreement needs one.
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

    private static func trim(_ text: String) -> String {
        var rest = text[...]
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
