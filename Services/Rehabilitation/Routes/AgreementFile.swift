import ServiceRuntime
import Vocabulary

/// Agreements as a county keeps them: a CSV file with Chinese or English headers, one institution a line.
enum AgreementFile {
    enum Column: String, TableColumn {
        case institution, name, region, categories, capacity, validFrom, validTo

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

    static let mostRows = 5_000

    static func read(_ text: String) throws(TableFileError) -> TableContents<Agreement> {
        try TableFile<Column>.read(text, most: mostRows) { cells throws(TableRowError) in try agreement(cells) }
    }

    private static func agreement(_ cells: TableCells<Column>) throws(TableRowError) -> Agreement {
        let categories = try cells.read(.categories) { text throws(InvalidValue) in
            var found: [AssistanceCategory] = []
            for part in text.split(whereSeparator: { ";；、|/".contains($0) }) { found.append(try AssistanceCategory.parse(String(part))) }
            return found
        }
        return Agreement(
            institution: try cells.read(.institution) { text throws(InvalidValue) in try OrganisationID(text) },
            region: try cells.read(.region) { text throws(InvalidValue) in try RegionTable.shared.validated(text) }, categories: categories,
            capacity: try cells.read(.capacity) { text throws(InvalidValue) in
                guard let number = Int(text), number > 0 else {
                    throw InvalidValue(code: "CAPACITY_INVALID", rule: "a whole number above 0", source: "agreement file")
                }
                return number
            },
            validFrom: try cells.read(.validFrom) { text throws(InvalidValue) in try LocalDate(text) },
            validTo: try cells.read(.validTo) { text throws(InvalidValue) in try LocalDate(text) })
    }
}
