import ServiceRuntime
import Vocabulary

/// The directory as a county keeps it: a CSV file with Chinese or English headers, one organisation a line.
enum OrganisationFile {
    enum Column: String, TableColumn {
        case organisation, kind, name, creditCode, region, validFrom

        var headers: [String] {
            switch self {
            case .organisation: ["机构编号", "organisation"]
            case .kind: ["机构类别", "kind"]
            case .name: ["机构名称", "name"]
            case .creditCode: ["统一社会信用代码", "creditCode", "credit_code"]
            case .region: ["所在地", "region"]
            case .validFrom: ["生效日期", "validFrom", "valid_from"]
            }
        }

        var isRequired: Bool {
            switch self {
            case .organisation, .kind, .name, .region: true
            case .creditCode, .validFrom: false
            }
        }
    }

    static let mostRows = 5_000

    static func read(_ text: String) throws(TableFileError) -> TableContents<OrganisationRoutes.OrganisationBody> {
        try TableFile<Column>.read(text, most: mostRows) { cells throws(TableRowError) in try organisation(cells) }
    }

    private static func organisation(_ cells: TableCells<Column>) throws(TableRowError) -> OrganisationRoutes.OrganisationBody {
        var body = OrganisationRoutes.OrganisationBody(
            organisation: try cells.read(.organisation) { text throws(InvalidValue) in try OrganisationID(text) },
            kind: try cells.read(.kind) { text throws(InvalidValue) in try OrganisationKind.parse(text) }, name: cells.text(.name) ?? "",
            creditCode: nil,
            region: try cells.read(.region) { text throws(InvalidValue) in try RegionTable.shared.validated(text) }, validFrom: nil)
        if cells.text(.creditCode) != nil {
            body.creditCode = try cells.read(.creditCode) { text throws(InvalidValue) in try CreditCode(text) }.text
        }
        if cells.text(.validFrom) != nil {
            body.validFrom = try cells.read(.validFrom) { text throws(InvalidValue) in try LocalDate(text) }
        }
        return body
    }
}
