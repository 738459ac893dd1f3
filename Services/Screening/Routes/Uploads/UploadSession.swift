import Contracts
import ServiceRuntime
import Vocabulary

/// How the rows of an upload are written down.
enum UploadFormat: String, CaseIterable, Hashable, Sendable {
    case csv, json
}

/// A row on its way into a batch: bytes to be read there, so that what waits is small; read; or already known not to be readable. `original`
/// is the row for the file of refused rows.
struct PendingRow: Sendable {
    enum Content: Sendable {
        case record
        case row(ResultRow)
        case unreadable(RuleBroken)
    }

    var line: Int
    var content: Content
    var original: Original

    enum Original: Sendable {
        case record(CSVRecord)
        case object([UInt8])
    }
}

/// Cuts an upload into rows as its bytes come. One upload, one task.
struct UploadReader {
    private var csv = CSVReader()
    private var json = JSONListReader()
    let format: UploadFormat
    let text: UploadText
    private(set) var header: UploadHeader?

    init(_ format: UploadFormat, declared: UploadEncoding?) {
        self.format = format
        text = UploadText(declared)
    }

    mutating func feed(_ bytes: [UInt8]) {
        switch format {
        case .csv: csv.feed(bytes)
        case .json: json.feed(bytes)
        }
    }

    /// The next row; nil when more bytes are needed. Throws `Problem` when the file as a whole makes no sense.
    mutating func next(atEnd: Bool) throws(Problem) -> PendingRow? {
        switch format {
        case .csv: try nextRecord(atEnd)
        case .json: try nextObject(atEnd)
        }
    }

    private mutating func nextRecord(_ atEnd: Bool) throws(Problem) -> PendingRow? {
        guard csv.next(atEnd: atEnd) else {
            if atEnd, header == nil { throw Problem("CSV_HEADER_MISSING", status: 400) }
            return nil
        }
        guard let header else {
            header = try readHeader()
            return try nextRecord(atEnd)
        }
        let record = csv.record
        func unreadable(_ code: String, field: String = "") -> PendingRow {
            PendingRow(line: record.line, content: .unreadable(.told(code, field: field)), original: .record(record.kept))
        }
        if let problem = record.problem { return unreadable(problem.rawValue) }
        guard record.count == header.targets.count else { return unreadable("CSV_FIELD_COUNT") }
        text.settle(by: record.bytes)
        return PendingRow(line: record.line, content: .record, original: .record(record.kept))
    }

    private func readHeader() throws(Problem) -> UploadHeader {
        let record = csv.record
        if let problem = record.problem { throw Problem(problem.rawValue, status: 400, rule: "line \(record.line)") }
        text.settle(by: record.bytes)
        do {
            var names: [String] = []
            for index in 0..<record.count { names.append(CSVText.unguarded(try text.text(record.field(index)))) }
            return try UploadHeader(names)
        } catch let problem as UploadHeader.Problem {
            throw Problem(problem.code, status: 400, field: problem.field)
        } catch {
            throw Problem("TEXT_UNDECODABLE", status: 400)
        }
    }

    private mutating func nextObject(_ atEnd: Bool) throws(Problem) -> PendingRow? {
        let object: ArraySlice<UInt8>
        do {
            guard let found = try json.next(atEnd: atEnd) else { return nil }
            object = found
        } catch { throw Problem(error.rawValue, status: 400, rule: "object \(json.count + 1)") }
        // What was given back with a note is read without it.
        let bytes = RefusedObject.sent(Array(object))
        guard bytes.count <= JSONListReader.longestObject else {
            throw Problem(JSONListReader.Fault.objectTooLong.rawValue, status: 400, rule: "object \(json.count)")
        }
        do {
            let raw = try RawScreeningResult(json: String(decoding: bytes, as: UTF8.self))
            return PendingRow(line: json.count, content: .row(ResultRow(raw)), original: .object(bytes))
        } catch {
            let broken = RuleBroken(field: error.field ?? "", code: error.code, rule: error.rule, source: error.source)
            return PendingRow(line: json.count, content: .unreadable(broken), original: .object(bytes))
        }
    }

    /// What stands in the row, or why it cannot be read.
    static func result(_ row: PendingRow, _ header: UploadHeader?, _ text: UploadText) throws(RuleBroken) -> ResultRow {
        switch (row.content, row.original) {
        case (.row(let result), _): return result
        case (.unreadable(let broken), _): throw broken
        case (.record, .record(let record)):
            guard let header else { preconditionFailure("a record is read after its header") }
            do { return try header.row(record, text) } catch { throw .told("TEXT_UNDECODABLE", field: "") }
        case (.record, .object): preconditionFailure("an object is read where it was cut out")
        }
    }

    /// The row as it is kept to be given back: the header's fields in UTF-8, or the JSON object. A line that does not fit the header comes
    /// back whole in the first column.
    static func original(_ row: PendingRow.Original, _ header: UploadHeader?, _ text: UploadText) -> String {
        switch row {
        case .object(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .record(let record):
            // Text that is neither encoding comes back with replacement characters: there is nothing better to show.
            func field(_ index: Int) -> String {
                let bytes = record.field(index)
                return (try? text.text(bytes)) ?? String(decoding: bytes, as: UTF8.self)
            }
            guard let header, record.problem == nil, record.count == header.targets.count else {
                let whole = (0..<record.count).map(field).joined(separator: ",")
                return CSVText.field(whole) + String(repeating: ",", count: (header?.kept.count ?? 1) - 1)
            }
            return header.kept.map { CSVText.field(field($0), of: header.column($0)) }.joined(separator: ",")
        }
    }
}

/// What one batch of rows came to.
struct BatchOutcome: Sendable {
    var counts = UploadTable.Counts()
    var codes: [String: Int] = [:]
    var problems: [UploadReport.RowProblem] = []

    mutating func add(_ ending: ResultEnding, line: Int, keepProblems: Int) -> [RuleBroken]? {
        counts.rows += 1
        let rules: [RuleBroken]
        switch ending {
        case .accepted:
            counts.accepted += 1
            return nil
        case .corrected:
            counts.accepted += 1
            counts.corrected += 1
            return nil
        case .withdrawn:
            counts.accepted += 1
            counts.withdrawn += 1
            return nil
        case .repeated:
            counts.repeated += 1
            return nil
        case .conflict:
            counts.conflicts += 1
            rules = [.told("RESULT_CONFLICT", field: UploadColumn.revision.name)]
        case .refused(let broken):
            counts.refused += 1
            rules = broken
            codes[broken[0].code, default: 0] += 1
        }
        for broken in rules where problems.count < keepProblems { problems.append(UploadReport.RowProblem(line: line, broken)) }
        return rules
    }

    mutating func add(_ other: BatchOutcome, keepProblems: Int) {
        counts.rows += other.counts.rows
        counts.accepted += other.counts.accepted
        counts.corrected += other.counts.corrected
        counts.withdrawn += other.counts.withdrawn
        counts.repeated += other.counts.repeated
        counts.conflicts += other.counts.conflicts
        counts.refused += other.counts.refused
        codes.merge(other.codes, uniquingKeysWith: +)
        problems.append(contentsOf: other.problems.prefix(max(0, keepProblems - problems.count)))
    }
}

/// What became of an upload. `rows` = accepted + repeated + conflicts + refused.
struct UploadReport: Codable, Sendable {
    /// Nil for a check, which leaves nothing behind.
    var upload: String?
    /// Business day on which it was sent; nil for a check.
    var date: LocalDate?
    /// When it began; nil for a check, and for an upload that an older build took.
    var openedAt: String?
    var check: Bool
    var state: String
    var rows: Int
    /// Corrections and withdrawals included.
    var accepted: Int
    var corrected: Int
    var withdrawn: Int
    var repeated: Int
    var conflicts: Int
    var refused: Int
    /// Refused rows by their first code.
    var refusedByCode: [String: Int]
    /// Columns of the sender's own, which were not read.
    var ignoredColumns: [String]
    /// Address of the refused rows and conflicts, ready to be mended and sent again.
    var refusedFile: String?
    /// Addresses of the further files, where one does not hold all rows.
    var furtherRefusedFiles: [String]
    /// The refused rows are past the days they are kept.
    var refusedExpired: Bool
    /// Set by a check whose file was too long to be compared with itself whole: how many of its rows were.
    var comparedRows: Int?
    /// The first problems; the file has them all.
    var problems: [RowProblem]

    /// A sentence in both languages.
    struct Message: Codable, Hashable, Sendable {
        var zh: String
        var en: String

        /// For a place with room for one text.
        var both: String { "\(zh) \(en)" }
    }

    struct RowProblem: Codable, Hashable, Sendable {
        var line: Int
        var field: String
        var code: String
        /// What the code means, for a person.
        var message: Message?
        /// The rule more exactly, where there is more to say.
        var rule: String
        var source: String

        /// As it was kept: several problems of one row stand side by side.
        init(_ row: UploadTable.RefusedRow) {
            line = row.line
            field = row.fields
            code = row.codes
            let messages = row.codes.split(separator: "; ").compactMap { ScreeningRefusals.message(String($0)) }
            message =
                messages.isEmpty
                ? nil : Message(zh: messages.map(\.zh).joined(separator: " "), en: messages.map(\.en).joined(separator: " "))
            rule = row.rules
            source = row.sources
        }

        init(line: Int, _ broken: RuleBroken) {
            self.line = line
            field = broken.field
            code = broken.code
            message = ScreeningRefusals.message(broken.code)
            rule = broken.rule
            source = broken.source
        }
    }

    init(
        id: String?, on date: LocalDate, _ format: UploadFormat, state: UploadTable.State, _ counts: UploadTable.Counts,
        codes: [String: Int], ignored: [String], problems: [RowProblem], files: [Int], openedAt: String? = nil, compared: Int? = nil
    ) {
        upload = id
        self.date = id == nil ? nil : date
        check = id == nil
        self.state = state.rawValue
        rows = counts.rows
        accepted = counts.accepted
        corrected = counts.corrected
        withdrawn = counts.withdrawn
        repeated = counts.repeated
        conflicts = counts.conflicts
        refused = counts.refused
        refusedByCode = codes
        ignoredColumns = ignored
        let hasRefused = id != nil && counts.refused + counts.conflicts > 0
        let address = "/uploads/\(id ?? "")/refused.\(format.rawValue)"
        refusedExpired = hasRefused && files.isEmpty
        refusedFile = hasRefused && !files.isEmpty ? address : nil
        furtherRefusedFiles = hasRefused ? files.dropFirst().map { "\(address)?after=\($0)" } : []
        self.openedAt = openedAt
        self.problems = problems
        comparedRows = compared
    }

    /// An upload as it was kept.
    init(id: String, _ stored: UploadTable.Stored, codes: [String: Int], problems: [RowProblem], files: [Int]) {
        self.init(
            id: id, on: stored.businessDate, stored.format, state: stored.state, stored.counts, codes: codes, ignored: stored.ignored,
            problems: problems, files: files, openedAt: stored.openedAt.isEmpty ? nil : stored.openedAt)
    }
}
