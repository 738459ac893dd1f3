import Testing

@testable import Screening

struct CSVReaderTests {
    private struct Line: Equatable, CustomStringConvertible {
        var line: Int
        var fields: [String]
        var problem: CSVProblem?
        init(_ line: Int, _ fields: [String], _ problem: CSVProblem? = nil) {
            self.line = line
            self.fields = fields
            self.problem = problem
        }
        var description: String { "\(line): \(fields) \(problem?.rawValue ?? "")" }
    }

    /// Reads `text` in pieces of `size` bytes.
    private func read(_ text: String, size: Int = 1 << 20) -> [Line] { read(Array(text.utf8), size: size) }

    private func read(_ bytes: [UInt8], size: Int = 1 << 20) -> [Line] {
        var reader = CSVReader()
        var lines: [Line] = []
        func drain(_ atEnd: Bool) {
            while reader.next(atEnd: atEnd) {
                let record = reader.record
                lines.append(
                    Line(record.line, (0..<record.count).map { String(decoding: record.field($0), as: UTF8.self) }, record.problem))
            }
        }
        var at = 0
        while at < bytes.count {
            reader.feed(bytes[at..<min(at + size, bytes.count)])
            at += size
            drain(false)
        }
        drain(true)
        return lines
    }

    private static let corpus: [(text: String, lines: [(Int, [String], CSVProblem?)])] = [
        ("", []),
        ("a,b\n1,2\n", [(1, ["a", "b"], nil), (2, ["1", "2"], nil)]),
        ("a,b\r\n1,2", [(1, ["a", "b"], nil), (2, ["1", "2"], nil)]),
        ("\u{feff}a,b\n", [(1, ["a", "b"], nil)]),
        ("\n\na\n\n", [(3, ["a"], nil)]),
        (",,\n", [(1, ["", "", ""], nil)]),
        ("a,", [(1, ["a", ""], nil)]),
        ("\"a,b\",c\n", [(1, ["a,b", "c"], nil)]),
        ("\"say \"\"hi\"\"\",c\n", [(1, ["say \"hi\"", "c"], nil)]),
        ("\"two\nlines\",c\nd,e\n", [(1, ["two\nlines", "c"], nil), (3, ["d", "e"], nil)]),
        ("\"two\r\nlines\"\r\nnext", [(1, ["two\r\nlines"], nil), (3, ["next"], nil)]),
        ("\"\",\"\"\n", [(1, ["", ""], nil)]),
        ("\"\"\"\"\n", [(1, ["\""], nil)]),
        // One bad line is given back as it stands; the rest of the file is read.
        ("a,ab\"c\"d,e\nf,g,h\n", [(1, ["a,ab\"c\"d,e"], .quoteStray), (2, ["f", "g", "h"], nil)]),
        ("\"a\"b,c\nd,e\n", [(1, ["\"a\"b,c"], .quoteStray), (2, ["d", "e"], nil)]),
        ("a,b\n\"open,c\nd,e\n", [(1, ["a", "b"], nil), (2, ["\"open,c"], .quoteUnclosed), (3, ["d", "e"], nil)]),
        ("\"open", [(1, ["\"open"], .quoteUnclosed)]),
        ("\"open\nx,\"q\"\n", [(1, ["\"open"], .quoteStray), (2, ["x", "q"], nil)]),
        ("甲,乙\n\"丙,丁\",戊\n", [(1, ["甲", "乙"], nil), (2, ["丙,丁", "戊"], nil)]),
    ]

    @Test(arguments: corpus.indices, [1, 2, 3, 7, 1 << 20])
    func `records come out the same however the bytes are cut`(index: Int, size: Int) {
        let (text, lines) = Self.corpus[index]
        #expect(read(text, size: size) == lines.map { Line($0.0, $0.1, $0.2) })
    }

    @Test func `a quotation mark that is never closed costs its own line and no more memory than a record may have`() {
        let rest = String(repeating: "1,2,3,4,5,6,7,8\n", count: 20_000)
        let lines = read("\"open,1\n" + rest, size: 4096)
        #expect(lines.count == 20_001)
        #expect(lines[0] == Line(1, ["\"open,1"], .quoteUnclosed))
        #expect(lines.dropFirst().allSatisfy { $0.problem == nil && $0.fields.count == 8 })
        #expect(lines.last?.line == 20_001)
        // Its line is given back as soon as no record could be that long, not at the end of the file.
        var reader = CSVReader()
        let bytes = Array(("\"open,1\n" + rest).utf8)
        var fed = 0
        while !reader.next(atEnd: false), fed < bytes.count {
            reader.feed(bytes[fed..<min(fed + 4096, bytes.count)])
            fed += 4096
        }
        #expect(fed <= CSVReader.longestRecord + 2 * 4096)
    }

    @Test func `a line without end is cut short and passed over`() {
        let endless = String(repeating: "x", count: 300_000)
        let lines = read("a,b\n" + endless + "\nc,d\n", size: 10_000)
        #expect(lines.map(\.line) == [1, 2, 3])
        #expect(lines[1].problem == .recordTooLong)
        #expect(lines[1].fields[0].utf8.count <= 1024)
        #expect(lines[2].fields == ["c", "d"])
    }

    @Test(arguments: ["=SUM(A1)", "+1", "-1", "@x", "\tx", "'=1", "plain", "", "a,b", "say \"hi\"", "two\nlines", "'quoted", "-"])
    func `a field survives being written for a spreadsheet and read back`(text: String) {
        let line = CSVText.line([text, "x"])
        #expect(!"=+-@\t".contains(line.first ?? "x"))
        let back = read(line)[0].fields[0]
        #expect(CSVText.unguarded(back) == text || text.hasPrefix("'"))
    }

    @Test func `headers are known in Chinese and English, whatever their case and blanks`() throws {
        for column in UploadColumn.allCases where column != .organisation {
            #expect(UploadColumn.named(column.name) == column)
            #expect(UploadColumn.named(column.zh) == column)
            #expect(UploadColumn.named(" \(column.name.uppercased().split(separator: "_").joined(separator: " ")) ") == column)
        }
        #expect(UploadColumn.named("documentNumber") == .documentNumber)
        #expect(UploadColumn.named("备注") == nil)
    }

    @Test func `a header says which columns are missing or stand twice, and its own columns are passed over`() throws {
        #expect(throws: UploadHeader.Problem.twice(.stage)) { try UploadHeader(["stage", "阶段"]) }
        #expect(throws: UploadHeader.Problem.missing([.resultID, .stage, .outcome, .takenOn, .documentNumber, .residence, .topic])) {
            try UploadHeader(["name"])
        }
        let header = try UploadHeader(UploadColumn.template.map(\.zh) + ["备注"] + UploadRoutes.refusalColumns)
        #expect(header.ignored == ["备注"] + UploadRoutes.refusalColumns)
        #expect(header.kept.count == UploadColumn.template.count + 1)
    }

    @Test func `a JSON list is cut into its objects however the bytes come`() throws {
        let text = " [ {\"a\":\"}\\\"{\"} ,\n{\"b\":{\"c\":[1,2]}}\n]\n"
        for size in [1, 2, 5, 100] {
            var reader = JSONListReader()
            var objects: [String] = []
            let bytes = Array(text.utf8)
            for at in stride(from: 0, to: bytes.count, by: size) {
                reader.feed(bytes[at..<min(at + size, bytes.count)])
                while let object = try reader.next(atEnd: false) { objects.append(String(decoding: object, as: UTF8.self)) }
            }
            #expect(try reader.next(atEnd: true) == nil)
            #expect(objects == ["{\"a\":\"}\\\"{\"}", "{\"b\":{\"c\":[1,2]}}"])
        }
    }

    @Test(arguments: ["{}", "[{]", "[1]", "[{\"a\":1}", "[{}] x", "null"])
    func `what is no list of objects is refused`(text: String) {
        #expect(throws: JSONListReader.Fault.self) {
            var reader = JSONListReader()
            reader.feed(Array(text.utf8))
            while try reader.next(atEnd: true) != nil {}
        }
    }
}
