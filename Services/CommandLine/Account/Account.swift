import Foundation
import Vocabulary

/// One figure of the account, and which of the three columns have to know it.
struct Figure: Hashable, Sendable {
    var key: String
    var name: Text
    /// False where that side cannot know the figure.
    var partners = true
    var stores = true
    var log = true
    /// Money, shown in yuan and kept in fen.
    var isMoney = false

    static func == (a: Figure, b: Figure) -> Bool { a.key == b.key }
    func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// A sum that must hold within each column by itself: `whole = parts`.
struct Equation: Sendable {
    var name: Text
    var whole: [String]
    var parts: [String]
}

/// The account of a run: every record at every stage, counted three times by code that is not shared.
struct Account: Codable, Sendable {
    struct Line: Codable, Hashable, Sendable {
        var key: String
        var name: String
        var partners: Int64?
        var stores: Int64?
        var log: Int64?
        /// As a page of Reporting says over HTTP; nil where it has no such figure.
        var page: Int64?
        var ties: Bool
    }

    struct Sum: Codable, Hashable, Sendable {
        var name: String
        var column: String
        var whole: Int64
        var parts: Int64
        var ties: Bool
    }

    var seed: UInt64
    var from: String
    var through: String
    var lines: [Line]
    var sums: [Sum]
    /// What else was held against the promise, such as a low watermark that moved.
    var remarks: [String] = []

    var tiesOut: Bool { lines.allSatisfy(\.ties) && sums.allSatisfy(\.ties) && remarks.isEmpty }

    init(
        settings: RunSettings, figures: [Figure], equations: [Equation], partners: [String: Int64], stores: [String: Int64],
        log: [String: Int64], page: [String: Int64], remarks: [String] = []
    ) {
        seed = settings.seed
        from = settings.from.text
        through = settings.through.text
        lines = figures.map { figure in
            // A column that has to know a figure and never counted one has counted none.
            let columns = [
                figure.partners ? partners[figure.key, default: 0] : nil, figure.stores ? stores[figure.key, default: 0] : nil,
                figure.log ? log[figure.key, default: 0] : nil, page[figure.key],
            ]
            return Line(
                key: figure.key, name: figure.name.here, partners: columns[0], stores: columns[1], log: columns[2], page: columns[3],
                ties: Set(columns.compactMap { $0 }).count <= 1)
        }
        sums = []
        let known = Dictionary(uniqueKeysWithValues: figures.map { ($0.key, $0) })
        for equation in equations {
            for (column, values, has) in [
                ("partners", partners, \Figure.partners), ("stores", stores, \Figure.stores), ("log", log, \Figure.log),
            ] {
                let keys = equation.whole + equation.parts
                guard keys.allSatisfy({ known[$0]?[keyPath: has] == true }) else { continue }
                let whole = equation.whole.reduce(0) { $0 + values[$1, default: 0] }
                let parts = equation.parts.reduce(0) { $0 + values[$1, default: 0] }
                sums.append(Sum(name: equation.name.here, column: column, whole: whole, parts: parts, ties: whole == parts))
            }
        }
        self.remarks = remarks
    }

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self)) + [10]
    }

    /// The table a person reads.
    func text(money: Set<String>) -> String {
        func show(_ value: Int64?, _ key: String) -> String { value.map { money.contains(key) ? Fen($0).yuan : String($0) } ?? "" }
        var table = Table(
            header: [
                Text("数目", "figure").here, Text("伙伴", "partners").here, Text("库", "stores").here, Text("日志", "log").here,
                Text("报告", "report").here, "",
            ], right: [1, 2, 3, 4])
        for line in lines {
            table.rows.append([
                line.name, show(line.partners, line.key), show(line.stores, line.key), show(line.log, line.key), show(line.page, line.key),
                line.ties ? "✓" : Text("✗ 不符", "✗ differs").here,
            ])
        }
        var text = table.text + "\n"
        for sum in sums where !sum.ties { text += "✗ \(sum.name) (\(sum.column)): \(sum.whole) ≠ \(sum.parts)\n" }
        for name in Set(sums.map(\.name)).sorted() where sums.allSatisfy({ $0.name != name || $0.ties }) { text += "✓ \(name)\n" }
        for remark in remarks { text += "✗ \(remark)\n" }
        return text
    }
}
