import Foundation

/// What a person sees: results on stdout, progress and complaints on stderr.
enum Terminal {
    static let isInteractive = isatty(STDERR_FILENO) == 1

    static func say(_ text: String) { write(text + "\n", to: .standardOutput) }
    static func note(_ text: String) { write(text + "\n", to: .standardError) }
    static func complain(_ text: String) { write("careloop: \(text)\n", to: .standardError) }

    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        say(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// One line that is written over itself; nothing when stderr is no terminal.
    static func progress(_ text: String) {
        guard isInteractive else { return }
        write("\r\u{1B}[K" + text, to: .standardError)
    }

    static func endProgress() {
        guard isInteractive else { return }
        write("\r\u{1B}[K", to: .standardError)
    }

    static func bar(_ done: Int, of total: Int, width: Int = 30) -> String {
        let share = total > 0 ? min(1, Double(done) / Double(total)) : 1
        let full = Int(share * Double(width))
        return "[" + String(repeating: "█", count: full) + String(repeating: "·", count: width - full) + "] \(Int(share * 100))%"
    }

    private static func write(_ text: String, to handle: FileHandle) {
        // A reader that went away (`careloop follow | head`) is no error of ours: there is nobody left to tell.
        try? handle.write(contentsOf: Data(text.utf8))
    }
}

/// A table for a terminal, with Chinese characters counted as two columns.
struct Table {
    var header: [String]
    var rows: [[String]] = []
    /// Columns that hold figures and stand to the right.
    var right: Set<Int> = []

    var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].terminalWidth }.max() ?? 0 }
        return all.map { row in
            row.indices.map { column in
                let gap = String(repeating: " ", count: widths[column] - row[column].terminalWidth)
                return right.contains(column) ? gap + row[column] : row[column] + gap
            }.joined(separator: "  ").trimmingSuffixSpaces
        }.joined(separator: "\n")
    }
}

extension String {
    var terminalWidth: Int { unicodeScalars.reduce(0) { $0 + ($1.value >= 0x1100 && $1.value != 0x2588 ? 2 : 1) } }
    fileprivate var trimmingSuffixSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
