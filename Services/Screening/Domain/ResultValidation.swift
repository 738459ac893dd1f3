import Vocabulary

/// One field of a result that breaks a rule.
struct FieldProblem: Error, Hashable, Sendable {
    var column: UploadColumn
    var value: InvalidValue

    var field: String { column.name }

    init(_ column: UploadColumn, _ value: InvalidValue) {
        self.column = column
        self.value = value
    }

    init(_ column: UploadColumn, _ rule: ResultRule) {
        self.init(column, InvalidValue(code: rule.rawValue, rule: rule.text, source: rule.source))
    }
}

/// Turns what a bureau wrote into a `ScreeningResultInput`, or says everything that is wrong with it, field by field, with the rule and
/// where the rule comes from. Pure: who sends it, the day and the regions of the world come in.
struct ResultValidation: Sendable {
    let regions: RegionTable
    let today: LocalDate
    let sender: OrganisationID
    /// The sender's own region: a bureau reports children who live in it. Nil lets every region pass.
    let scope: RegionCode?

    func check(_ row: ResultRow) -> Result<ScreeningResultInput, ResultProblems> {
        var problems: [FieldProblem] = []
        func note<Value>(_ make: () throws(FieldProblem) -> Value) -> Value? {
            do { return try make() } catch {
                problems.append(error)
                return nil
            }
        }
        let resultID = note { () throws(FieldProblem) in try Self.resultID(row) }
        let revision = note { () throws(FieldProblem) in try Self.number(row, .revision, absent: 1, in: 1...1_000_000, .revisionInvalid) }
        let withdrawn = note { () throws(FieldProblem) in try Self.withdrawn(row) }
        let reason = note { () throws(FieldProblem) in try Self.reason(row) }
        note { () throws(FieldProblem) in
            if !row[.organisation].isEmpty, row[.organisation] != sender.text { throw FieldProblem(.organisation, .organisationMismatch) }
        }
        var content: ResultContent?
        if withdrawn != true {
            let stage: ScreeningStage? = note { () throws(FieldProblem) in try Self.word(row, .stage) }
            let topic = note { () throws(FieldProblem) in try Self.topic(row) }
            let outcome: ScreeningOutcome? = note { () throws(FieldProblem) in try Self.word(row, .outcome) }
            let takenOn = note { () throws(FieldProblem) in try Self.date(row, .takenOn) }
            let round = note { () throws(FieldProblem) in try Self.number(row, .roundMonths, absent: nil, in: 0...83, .roundInvalid) }
            let tool = note { () throws(FieldProblem) in try Self.tool(row, at: round) }
            let child = self.child(row, contactNeeded: outcome == .positive, &problems)
            if let stage, let topic, let outcome, let takenOn, let round, let tool, let child {
                content = ResultContent(
                    topic: topic, stage: stage, outcome: outcome, takenOn: takenOn, roundMonths: round, tool: tool, child: child)
            }
        }
        guard problems.isEmpty, let resultID, let revision, let reason else { return .failure(ResultProblems(problems)) }
        return .success(ScreeningResultInput(resultID: resultID, revision: revision, reason: reason, content: content))
    }

    // MARK: The result

    private static func resultID(_ row: ResultRow) throws(FieldProblem) -> String {
        let text = row[.resultID]
        guard !text.isEmpty else { throw FieldProblem(.resultID, .resultIDRequired) }
        guard text.utf8.count <= 64, text.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else { throw FieldProblem(.resultID, .resultIDInvalid) }
        try namesNobody(text, .resultID)
        return text
    }

    /// Spaces alone, of either width, are no reason.
    private static func reason(_ row: ResultRow) throws(FieldProblem) -> String {
        let text = try plain(row, .reason, longest: 200)
        try namesNobody(text, .reason)
        return text.contains { !$0.isWhitespace } ? text : ""
    }

    /// What goes on the log for ever carries nobody's number.
    private static func namesNobody(_ text: String, _ column: UploadColumn) throws(FieldProblem) {
        guard text.utf8.count < CitizenIDsInText.length || CitizenIDsInText.numbers(in: Array(text.utf8)).isEmpty else {
            throw FieldProblem(column, .personalNumber)
        }
    }

    private static func withdrawn(_ row: ResultRow) throws(FieldProblem) -> Bool {
        let answer = row[.withdrawn].lowercased()
        if ["", "0", "false", "no", "n", "否"].contains(answer) { return false }
        if ["1", "true", "yes", "y", "是"].contains(answer) { return true }
        throw FieldProblem(.withdrawn, .yesNoUnknown)
    }

    private static func word<Word: BilingualWord>(_ row: ResultRow, _ column: UploadColumn) throws(FieldProblem) -> Word {
        do { return try Word.parse(row[column]) } catch { throw FieldProblem(column, error) }
    }

    private static func topic(_ row: ResultRow) throws(FieldProblem) -> ScreeningTopic {
        do {
            return try ScreeningTopic.parse(name: row[.topic], code: row[.categoryCode], system: row[.codeSystem])
        } catch {
            if error.code == "CODE_SYSTEM_UNKNOWN" { throw FieldProblem(.codeSystem, error) }
            throw FieldProblem(row[.categoryCode].isEmpty ? .topic : .categoryCode, error)
        }
    }

    private static func tool(_ row: ResultRow, at round: Int?) throws(FieldProblem) -> String {
        let text = try plain(row, .tool, longest: 64)
        if let round, let tool = ScreeningTool.named(text), !tool.months.contains(round) { throw FieldProblem(.tool, .toolAgeMismatch) }
        return text
    }

    // MARK: The child

    private func child(_ row: ResultRow, contactNeeded: Bool, _ problems: inout [FieldProblem]) -> ChildIdentity? {
        func note<Value>(_ make: () throws(FieldProblem) -> Value) -> Value? {
            do { return try make() } catch {
                problems.append(error)
                return nil
            }
        }
        let kind = note { () throws(FieldProblem) in try Self.documentKind(row) }
        let birth = row[.birthDate].isEmpty && kind == .citizenID ? nil : note { () throws(FieldProblem) in try Self.date(row, .birthDate) }
        let stated: Sex? = row[.sex].isEmpty && kind == .citizenID ? nil : note { () throws(FieldProblem) in try Self.word(row, .sex) }
        let document = kind.flatMap { kind in note { () throws(FieldProblem) in try Self.document(row, kind, today) } }
        let order = note { () throws(FieldProblem) in try Self.birthOrder(row, kind) }
        let name = note { () throws(FieldProblem) in
            let text = try Self.plain(row, .name, longest: 50)
            guard !text.isEmpty else { throw FieldProblem(.name, .nameRequired) }
            return text
        }
        let guardian = note { () throws(FieldProblem) in
            let text = try Self.plain(row, .guardianName, longest: 50)
            if text.isEmpty, contactNeeded { throw FieldProblem(.guardianName, .contactRequired) }
            return text
        }
        let telephone = note { () throws(FieldProblem) in try Self.telephone(row, needed: contactNeeded) }
        let residence = note { () throws(FieldProblem) in try self.residence(row) }
        let sex = note { () throws(FieldProblem) in try Self.agreed(stated, document?.sex) }
        let birthDate = note { () throws(FieldProblem) in try Self.agreed(birth, document?.birthDate) }
        guard let kind, let document, let order, let name, let guardian, let telephone, let residence, let sex = sex ?? nil,
            let birthDate = birthDate ?? nil
        else { return nil }
        return ChildIdentity(
            documentKind: kind, documentNumber: document.number, name: name, sex: sex, birthDate: birthDate, birthOrder: order,
            guardianName: guardian, guardianTelephone: telephone, residence: residence)
    }

    private struct Document {
        var number: String
        var sex: Sex?
        var birthDate: LocalDate?
    }

    private static func documentKind(_ row: ResultRow) throws(FieldProblem) -> DocumentKind {
        // A number of 18 characters without a kind is what most bureaus send.
        if row[.documentKind].isEmpty, row[.documentNumber].utf8.count == 18 || SpreadsheetNumber.isScientific(row[.documentNumber]) {
            return .citizenID
        }
        return try word(row, .documentKind)
    }

    private static func document(_ row: ResultRow, _ kind: DocumentKind, _ today: LocalDate) throws(FieldProblem) -> Document {
        let number = row[.documentNumber].uppercased()
        guard !number.isEmpty else { throw FieldProblem(.documentNumber, .documentRequired) }
        guard !SpreadsheetNumber.isScientific(number) else { throw FieldProblem(.documentNumber, .numberRewritten) }
        switch kind {
        case .citizenID:
            do {
                let id = try CitizenID(number, today: today)
                return Document(number: id.text, sex: id.sex, birthDate: id.birthDate)
            } catch {
                // The check digit is wrong and the last digits are what 15 significant ones leave of them.
                if error.code == "ID_CHECKSUM_INVALID", number.hasSuffix("000") { throw FieldProblem(.documentNumber, .numberRewritten) }
                throw FieldProblem(.documentNumber, error)
            }
        case .birthCertificate:
            let bytes = Array(number.utf8)
            guard bytes.count == 10, (65...90).contains(bytes[0]), bytes.dropFirst().allSatisfy({ (48...57).contains($0) }) else {
                throw FieldProblem(.documentNumber, .birthCertificateInvalid)
            }
            return Document(number: number)
        case .guardianDocument:
            if number.utf8.count == 18 {
                do { return Document(number: try CitizenID(number, today: today).text) } catch {
                    throw FieldProblem(.documentNumber, error)
                }
            }
            guard (5...20).contains(number.utf8.count), number.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) }) else {
                throw FieldProblem(.documentNumber, .guardianDocumentInvalid)
            }
            return Document(number: number)
        }
    }

    private static func birthOrder(_ row: ResultRow, _ kind: DocumentKind?) throws(FieldProblem) -> Int {
        let text = row[.birthOrder]
        if kind == .guardianDocument, text.isEmpty || text == "0" { throw FieldProblem(.birthOrder, .birthOrderRequired) }
        return try max(1, number(row, .birthOrder, absent: 1, in: 0...9, .birthOrderInvalid))
    }

    /// The stated sex, unless the citizen ID's seventeenth digit says otherwise (GB 11643).
    private static func agreed(_ stated: Sex?, _ documented: Sex?) throws(FieldProblem) -> Sex? {
        guard let documented else { return stated }
        switch stated {
        case nil, .unknown, .unspecified: return documented
        case .male, .female:
            guard stated == documented else { throw FieldProblem(.sex, .sexMismatch) }
            return documented
        }
    }

    private static func agreed(_ stated: LocalDate?, _ documented: LocalDate?) throws(FieldProblem) -> LocalDate? {
        guard let documented else { return stated }
        guard stated == nil || stated == documented else { throw FieldProblem(.birthDate, .birthDateMismatch) }
        return documented
    }

    private static func telephone(_ row: ResultRow, needed: Bool) throws(FieldProblem) -> String {
        let text = row[.guardianTelephone]
        if text.isEmpty {
            if needed { throw FieldProblem(.guardianTelephone, .contactRequired) }
            return ""
        }
        let isNumber = text.utf8.allSatisfy { (48...57).contains($0) || $0 == 43 || $0 == 45 || $0 == 32 }
        guard isNumber, (5...20).contains(text.utf8.count) else { throw FieldProblem(.guardianTelephone, .telephoneInvalid) }
        return text
    }

    private func residence(_ row: ResultRow) throws(FieldProblem) -> RegionCode {
        guard !SpreadsheetNumber.isScientific(row[.residence]) else { throw FieldProblem(.residence, .numberRewritten) }
        let region: RegionCode
        do { region = try regions.validated(row[.residence]) } catch { throw FieldProblem(.residence, error) }
        guard region.digits >= 6 else { throw FieldProblem(.residence, .residenceTooWide) }
        if let scope, !scope.contains(region) { throw FieldProblem(.residence, .outOfScope) }
        return region
    }

    // MARK: Shapes

    private static func date(_ row: ResultRow, _ column: UploadColumn) throws(FieldProblem) -> LocalDate {
        do { return try LocalDate(row[column]) } catch {
            if let date = spreadsheetDate(row[column]) { return date }
            throw FieldProblem(column, error)
        }
    }

    /// `2024/6/3`: what a Chinese spreadsheet turns `2024-06-03` into when the template is saved again. Year, month, day and nothing else.
    private static func spreadsheetDate(_ text: String) -> LocalDate? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, (1...2).contains(parts[1].utf8.count), (1...2).contains(parts[2].utf8.count),
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }), let year = Int(parts[0]), let month = Int(parts[1]),
            let day = Int(parts[2])
        else { return nil }
        return LocalDate(year: year, month: month, day: day)
    }

    private static func number(
        _ row: ResultRow, _ column: UploadColumn, absent: Int?, in range: ClosedRange<Int>, _ rule: ResultRule
    ) throws(FieldProblem) -> Int {
        let text = row[column]
        if text.isEmpty, let absent { return absent }
        guard let number = Int(text), range.contains(number) else { throw FieldProblem(column, rule) }
        return number
    }

    private static func plain(_ row: ResultRow, _ column: UploadColumn, longest: Int) throws(FieldProblem) -> String {
        let text = row[column]
        guard text.utf8.count <= longest * 4, text.unicodeScalars.count <= longest else { throw FieldProblem(column, .textTooLong) }
        guard text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else { throw FieldProblem(column, .controlCharacter) }
        return text
    }
}

/// What a spreadsheet makes of numbers too long for it.
enum SpreadsheetNumber {
    /// `3.71E+17`: digits and points that begin with a digit, E in either case, a plus sign, digits. Byte by byte: every row is asked twice.
    static func isScientific(_ text: String) -> Bool {
        func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
        var rest = text.utf8[...]
        guard let first = rest.first, isDigit(first) else { return false }
        rest = rest.drop { isDigit($0) || $0 == 46 }
        guard let letter = rest.popFirst(), letter == 69 || letter == 101, rest.popFirst() == 43 else { return false }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }
}

/// Everything that is wrong with one result; never empty.
struct ResultProblems: Error, Hashable, Sendable {
    let all: [FieldProblem]
    var first: FieldProblem { all[0] }

    init(_ all: [FieldProblem]) {
        precondition(!all.isEmpty, "a refused result says why")
        self.all = all
    }
}
