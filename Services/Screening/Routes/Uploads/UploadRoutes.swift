import Contracts
import Persistence
import ServiceRuntime
import Vocabulary

/// Results as files: sent, checked, reported on, given back where they were refused.
struct UploadRoutes: Sendable {
    let context: ScreeningContext

    /// Rows of one transaction. More are faster and take more memory: two batches are in memory at a time.
    static let batchRows = 1_250
    /// Largest file; a larger one is refused with 413 however it is sent.
    static let largestUpload = 128 << 20
    /// Problems a report holds; a check, which leaves no file behind, holds more.
    static let reportedProblems = 100
    static let checkedProblems = 1_000
    /// Rows of one file that a check compares with each other; about 16 MB. More are compared with the store and with their own batch only.
    static let comparedRows = 250_000
    /// Rows of one file of refused rows; `?after=<line>` gives the next ones, and `Next-After` says from where.
    static let refusedRows = 20_000

    var endpoints: [Endpoint] { [upload, list, report, refusedTable, refusedObjects, template] }

    // MARK: Sending

    private var upload: Endpoint {
        .stream(
            .post, "/uploads", roles: [.healthBureau],
            summary: "报送筛查结果文件（check=true 只检查） / Send a file of results; check=true only checks", query: [.flag("check")],
            consumes: ["text/csv", "application/json"], returns: UploadReport.self, bodyLimit: Self.largestUpload
        ) { request, stream in
            let check = try request.flag("check")
            let (format, encoding) = try Self.contentType(request.header("content-type"))
            guard let bureau = request.actor.organisation else { throw Problem.forbidden("ROLE_NOT_ALLOWED") }
            var run = UploadRun(
                id: check ? nil : request.id, bureau: bureau, scope: request.actor.region, format: format,
                keepProblems: check ? Self.checkedProblems : Self.reportedProblems, language: request.language, context: context,
                stream: stream)
            let report = try await run.read(UploadReader(format, declared: encoding), now: request.now)
            return .json(report, status: check ? .ok : .created)
        }
    }

    static func contentType(_ header: String?) throws(Problem) -> (UploadFormat, UploadEncoding?) {
        let parts = (header ?? "").lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\"" } }
        let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }?.dropFirst("charset=".count)
        switch parts.first {
        case "text/csv":
            guard let charset else { return (.csv, nil) }
            guard let encoding = UploadEncoding(charset: String(charset)) else {
                throw Problem("TEXT_UNDECODABLE", status: 415, field: "charset")
            }
            return (.csv, encoding)
        case "application/json": return (.json, .utf8)
        default: throw Problem("UPLOAD_FORMAT_UNKNOWN", status: 415)
        }
    }

    // MARK: Looking back

    private var report: Endpoint {
        .query(
            .get, "/uploads/{upload}", roles: [.healthBureau], summary: "一次报送的结果 / What became of an upload", returns: UploadReport.self
        ) { request, tx in
            let id = request.path("upload")
            let stored = try own(id, request, tx)
            return .json(
                UploadReport(
                    id: id, stored, codes: try Self.refusedCodes(id, tx),
                    problems: try UploadTable.refused(id, after: 0, limit: Self.reportedProblems, in: tx).map {
                        UploadReport.RowProblem($0)
                    }, files: try files(id, tx)))
        }
    }

    /// After a broken connection this tells what had come in before it broke.
    private var list: Endpoint {
        .query(
            .get, "/uploads", roles: [.healthBureau],
            summary: "本机构的报送，新的在前（state=running|done|cut） / The bureau's own uploads, newest first",
            query: [.oneOf("state", UploadTable.State.self)] + .page,
            returns: PageOf<UploadReport>.self
        ) { request, tx in
            guard let bureau = request.actor.organisation else { throw Problem.forbidden("ROLE_NOT_ALLOWED") }
            let page = try request.page
            let state = try request.query("state", oneOf: UploadTable.State.self)
            let uploads = try UploadTable.list(
                bureau, state, after: try Self.place(page), limit: page.fetchLimit, at: context.elapsed.wallMilliseconds, in: tx)
            let reports = try uploads.map { id, stored in
                UploadReport(id: id, stored, codes: try Self.refusedCodes(id, tx), problems: [], files: try files(id, tx))
            }
            return .page(reports, page) { "\($0.date?.text ?? "")/\($0.openedAt ?? "")/\($0.upload ?? "")" }
        }
    }

    private static func refusedCodes(_ id: String, _ tx: any Transaction) throws -> [String: Int] {
        try UploadTable.codes(id, in: tx).filter { $0.key != "RESULT_CONFLICT" }
    }

    /// Somebody else's upload does not exist.
    func own(_ id: String, _ request: EndpointRequest, _ tx: any Transaction) throws -> UploadTable.Stored {
        guard let stored = try UploadTable.find(id, at: context.elapsed.wallMilliseconds, in: tx),
            stored.organisation == request.actor.organisation
        else {
            throw Problem.notFound
        }
        return stored
    }

    /// Where the files of its refused rows begin.
    func files(_ id: String, _ tx: any Transaction) throws -> [Int] {
        try UploadTable.files(id, of: Self.refusedRows, since: context.rowKeys.oldestKept, in: tx)
    }

    private static func place(_ page: Page) throws(Problem) -> UploadTable.Place {
        guard let text = page.after else { return .first }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { throw Problem("CURSOR_INVALID", status: 400, field: "after") }
        return UploadTable.Place(day: parts[0], openedAt: parts[1], id: parts[2])
    }

    private var template: Endpoint {
        .query(
            .get, "/uploads/template.csv", roles: .everyone, summary: "空白模板和一行示例（?headers=en 为英文） / Empty template with one example row",
            query: [QueryParameter("headers", words: ["zh", "en"])]
        ) { request, _ in
            let english = request.query("headers") == "en" || (request.query("headers") == nil && request.language == .english)
            return .download(Self.templateText(english: english), fileName: "screening-results.csv")
        }
    }

    /// The example is a synthetic child: 379999 is assigned to nobody.
    static func templateText(english: Bool) -> String {
        let columns = UploadColumn.template
        let example: [UploadColumn: String] = [
            .resultID: "2024-000001", .revision: "1", .stage: english ? "initial" : "初筛", .topic: english ? "hearing" : "听力",
            .outcome: english ? "negative" : "阴性", .takenOn: "2024-06-03", .roundMonths: "60",
            .documentKind: english ? "citizen-id" : "居民身份证", .documentNumber: "379999201901010016",
            .name: english ? "Example Child" : "示例儿童",
            .sex: english ? "male" : "男", .birthDate: "2019-01-01", .birthOrder: "1", .guardianName: english ? "Example Guardian" : "示例监护人",
            .guardianTelephone: "000-00000000", .residence: "370303001", .withdrawn: english ? "no" : "否",
        ]
        let row = columns.map { CSVText.field(example[$0] ?? "", of: $0) }.joined(separator: ",")
        return "\u{feff}" + CSVText.line(columns.map { english ? $0.name : $0.zh }) + row + "\r\n"
    }
}

/// One upload under way: reads rows, writes them in batches of one transaction each, keeps count.
struct UploadRun {
    /// Nil for a check.
    let id: String?
    let bureau: OrganisationID
    let scope: RegionCode?
    let format: UploadFormat
    let keepProblems: Int
    let language: Language
    let context: ScreeningContext
    let stream: StreamContext
    private var total = BatchOutcome()
    private var waiting: [CheckedRow] = []
    private var parts = 0
    private var header: UploadHeader?
    /// What a check has seen of its own file; an import asks the store.
    private let seen: CheckedResults?
    private let recorder: ResultRecorder
    /// The batch that is being written while the next one is read.
    private var writing: Task<BatchOutcome, any Error>?

    init(
        id: String?, bureau: OrganisationID, scope: RegionCode?, format: UploadFormat, keepProblems: Int, language: Language,
        context: ScreeningContext, stream: StreamContext
    ) {
        self.id = id
        self.bureau = bureau
        self.scope = scope
        self.format = format
        self.keepProblems = keepProblems
        self.language = language
        self.context = context
        self.stream = stream
        seen = id == nil ? CheckedResults(limit: UploadRoutes.comparedRows) : nil
        recorder = ResultRecorder(context: context, seen: seen)
        waiting.reserveCapacity(UploadRoutes.batchRows)
    }

    /// Reads to the end. When the body breaks off, what had come before it stays, and the upload says that it was cut.
    mutating func read(_ reader: consuming UploadReader, now: Instant) async throws -> UploadReport {
        var reader = reader
        let today = now.date
        var opened = false
        do {
            for try await bytes in stream.body {
                reader.feed(bytes)
                while let row = try reader.next(atEnd: false) {
                    if !opened { opened = try await open(reader, now) }
                    try await take(row, reader.text, today)
                }
            }
            while let row = try reader.next(atEnd: true) {
                if !opened { opened = try await open(reader, now) }
                try await take(row, reader.text, today)
            }
            if !opened { _ = try await open(reader, now) }
            try await flush(reader.text, .done)
            try await settle()
        } catch {
            guard opened, let id else { throw error }
            do { try await close(id) } catch {
                // What stopped it stops this as well. It stays under way, and counts as cut once it has been silent for long enough.
            }
            throw told(error, id)
        }
        return UploadReport(
            id: id, on: today, format, state: .done, total.counts, codes: total.codes, ignored: reader.header?.ignored ?? [],
            problems: total.problems, files: [0],
            compared: seen.flatMap { $0.isFull ? UploadRoutes.comparedRows : nil })
    }

    private mutating func open(_ reader: borrowing UploadReader, _ now: Instant) async throws -> Bool {
        self.header = reader.header
        guard let id else { return true }
        let header =
            reader.header.map { header in header.kept.map { CSVText.field(header.names[$0]) }.joined(separator: ",") } ?? "original"
        let upload = UploadTable.Stored(
            organisation: bureau, businessDate: now.date, format: format, state: .running, header: header,
            ignored: reader.header?.ignored ?? [], openedAt: now.text, counts: UploadTable.Counts())
        let (scope, oldest, nowMs) = (scope, context.rowKeys.oldestKept, context.elapsed.wallMilliseconds)
        try await write { work in
            try UploadTable.prune(before: oldest, in: work.tx)
            try UploadTable.open(id, upload, region: scope, at: nowMs, in: work.tx)
        }
        return true
    }

    /// Checks the row here, while the batch before is being written: the writer is what everybody waits for.
    private mutating func take(_ row: PendingRow, _ text: UploadText, _ today: LocalDate) async throws {
        let result: Result<PreparedResult, RulesBroken>
        do {
            result = .success(
                try recorder.prepare(try UploadReader.result(row, header, text), from: bureau, scope: scope, on: today))
        } catch let broken as RuleBroken {
            result = .failure(RulesBroken(rules: [broken]))
        } catch let broken as RulesBroken { result = .failure(broken) }
        waiting.append(CheckedRow(line: row.line, original: row.original, result: result))
        if waiting.count == UploadRoutes.batchRows { try await flush(text, .running) }
    }

    /// Hands the waiting rows to the writer; at most one batch is under way, so that the sender is held back.
    private mutating func flush(_ text: UploadText, _ state: UploadTable.State) async throws {
        try await settle()
        let batch = UploadBatch(
            rows: waiting, recorder: recorder, header: header, encoding: text.encoding, before: total.counts, state: state, run: self)
        waiting.removeAll(keepingCapacity: true)
        let (stream, part, isCheck) = (stream, parts, id == nil)
        parts += 1
        writing = Task {
            do {
                return try await stream.write(part: part, channel: "IMPORT") { work in
                    let outcome = try batch.apply(work)
                    if isCheck { throw CheckedOnly(outcome: outcome) }
                    return outcome
                }
            } catch let checked as CheckedOnly { return checked.outcome }
        }
    }

    /// Waits for the batch under way and counts it.
    private mutating func settle() async throws {
        guard let writing else { return }
        self.writing = nil
        total.add(try await writing.value, keepProblems: keepProblems)
    }

    private mutating func close(_ id: String) async throws {
        // A batch that was under way when the sender broke off stays, and counts.
        if let writing, case .success(let outcome) = await writing.result { total.add(outcome, keepProblems: keepProblems) }
        let (counts, nowMs) = (total.counts, context.elapsed.wallMilliseconds)
        try await write { work in try UploadTable.keep(id, counts, .cut, at: nowMs, in: work.tx) }
    }

    /// The refusal of an upload of which rows have been taken: it says so, and that nothing is lost by sending the file again.
    private func told(_ error: any Error, _ id: String) -> any Error {
        var problem = Problem(error)
        // What nobody can help is told to the log as it is.
        guard (problem.status ?? 0) != 500 else { return error }
        let counts = total.counts
        let note =
            language == .chinese
            ? "报送 \(id) 中断：此前的\(counts.rows)行已处理，接收了\(counts.accepted)行，均已保留；再次发送整份文件也无妨，结果按编号和版本识别。"
            : """
            Upload \(id) broke off: \(counts.rows) rows before that were dealt with, \(counts.accepted) of them accepted, and stay. Sending the \
            whole file again does no harm: results are known by id and revision.
            """
        problem.rule = (problem.rule.map { $0 + ". " } ?? "") + note
        return problem
    }

    @discardableResult
    private mutating func write<Result: Sendable>(_ body: @escaping @Sendable (UnitOfWork) throws -> Result) async throws -> Result {
        defer { parts += 1 }
        return try await stream.write(part: parts, channel: "IMPORT", body)
    }

    /// Thrown at the end of a check's batch, so that its transaction leaves nothing. Rows are judged against what is stored, against the
    /// rows of their own batch, and by result and revision against the batches before.
    private struct CheckedOnly: Error {
        let outcome: BatchOutcome
    }
}

/// A row that was checked and waits to be written. `original` is the row for the file of refused rows.
struct CheckedRow: Sendable {
    let line: Int
    let original: PendingRow.Original
    let result: Result<PreparedResult, RulesBroken>
}

/// The rows of one transaction.
struct UploadBatch: Sendable {
    private let rows: [CheckedRow]
    private let recorder: ResultRecorder
    private let header: UploadHeader?
    private let encoding: UploadEncoding?
    private let before: UploadTable.Counts
    private let state: UploadTable.State
    private let id: String?
    private let bureau: OrganisationID
    private let keepProblems: Int

    init(
        rows: [CheckedRow], recorder: ResultRecorder, header: UploadHeader?, encoding: UploadEncoding?, before: UploadTable.Counts,
        state: UploadTable.State, run: borrowing UploadRun
    ) {
        self.rows = rows
        self.recorder = recorder
        self.header = header
        self.encoding = encoding
        self.before = before
        self.state = state
        id = run.id
        bureau = run.bureau
        keepProblems = run.keepProblems
    }

    func apply(_ work: UnitOfWork) throws -> BatchOutcome {
        let text = UploadText(encoding)
        var outcome = BatchOutcome()
        for row in rows {
            let ending: ResultEnding
            switch row.result {
            case .success(let prepared): ending = try recorder.record(prepared, from: bureau, in: work)
            case .failure(let broken): ending = .refused(broken.rules)
            }
            guard let rules = outcome.add(ending, line: row.line, keepProblems: keepProblems), let id else { continue }
            let sealed = try recorder.context.rowKeys.seal(Array(UploadReader.original(row.original, header, text).utf8))
            try UploadTable.refuse(id, UploadTable.Refusal(line: row.line, rules: rules, sealed: sealed), in: work.tx)
        }
        if let id {
            var sum = BatchOutcome()
            sum.counts = before
            sum.add(outcome, keepProblems: 0)
            try UploadTable.keep(id, sum.counts, state, at: recorder.context.elapsed.wallMilliseconds, in: work.tx)
        }
        return outcome
    }
}
