import Foundation

/// Small tables of text, written as CSV or as a JSON array of objects.
struct Records {
    let columns: [String]
    private var rows: [[String]] = []

    init(columns: [String]) { self.columns = columns }

    var count: Int { rows.count }

    mutating func append(_ row: [String]) {
        precondition(row.count == columns.count, "a row has one cell for every column")
        rows.append(row)
    }

    func bytes(_ format: ResultFile.Format) throws -> [UInt8] {
        switch format {
        case .csv: return [UInt8](([columns] + rows).map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined().utf8)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            let objects = rows.map { Dictionary(zip(columns, $0), uniquingKeysWith: { first, _ in first }) }
            return [UInt8](try encoder.encode(objects)) + [10]
        }
    }

    static func quoted(_ cell: String) -> String {
        guard cell.contains(where: { ",\"\n\r".contains($0) }) else { return cell }
        return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
}
