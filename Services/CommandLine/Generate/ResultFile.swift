import Vocabulary

/// Bytes of a results file: CSV by RFC 4180 or a JSON array of the published schema's objects.
struct ResultFile: Sendable {
    enum Format: String, CaseIterable, Sendable { case csv, json }
    enum Headers: String, CaseIterable, Sendable { case english, chinese }
    enum Encoding: String, CaseIterable, Sendable {
        case utf8 = "utf-8"
        case gb18030
    }

    var format = Format.csv
    var headers = Headers.english
    var encoding = Encoding.utf8
    private(set) var rows = 0
    private var bytes: [UInt8] = []

    init(format: Format = .csv, headers: Headers = .english, encoding: Encoding = .utf8) {
        self.format = format
        self.headers = headers
        self.encoding = encoding
        bytes.reserveCapacity(1 << 20)
        switch format {
        case .csv: putLine(ResultColumn.allCases.map { headers == .chinese ? $0.chinese : $0.english })
        case .json: bytes.append(UInt8(ascii: "["))
        }
    }

    /// Number of bytes waiting for `take`, before any change of encoding.
    var pending: Int { bytes.count }

    mutating func append(_ row: ResultRow) {
        switch format {
        case .csv:
            let row = headers == .chinese ? row.inChinese() : row
            for column in ResultColumn.allCases {
                if column.rawValue > 0 { bytes.append(UInt8(ascii: ",")) }
                putCell(row[column])
            }
            bytes.append(13)
            bytes.append(10)
        case .json:
            if rows > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(10)
            row.putJSON(&bytes)
        }
        rows += 1
    }

    mutating func finish() {
        if format == .json { bytes.append(contentsOf: "\n]\n".utf8) }
    }

    /// What was written since the last call, in the file's encoding. Throws `EncodingError`.
    mutating func take() throws(EncodingError) -> [UInt8] {
        let taken = bytes
        bytes.removeAll(keepingCapacity: true)
        return encoding == .utf8 ? taken : try GB18030.encode(taken)
    }

    private mutating func putLine(_ cells: [String]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            putCell(cell)
        }
        bytes.append(13)
        bytes.append(10)
    }

    private mutating func putCell(_ cell: String) {
        // 44 comma, 34 quote, 10 and 13 line ends; a cell that is meant to be broken goes as it is.
        if cell.utf8.contains(where: { $0 == 44 || $0 == 34 || $0 == 10 || $0 == 13 }), cell != ResultRow.brokenQuoting {
            bytes.append(34)
            for byte in cell.utf8 {
                if byte == 34 { bytes.append(34) }
                bytes.append(byte)
            }
            bytes.append(34)
        } else {
            bytes.append(contentsOf: cell.utf8)
        }
    }
}

extension ResultRow {
    /// The published schema's JSON (protobuf's canonical mapping) of this result, written here without the schema's code.
    func json() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(640)
        putJSON(&bytes)
        return bytes
    }

    func putJSON(_ bytes: inout [UInt8]) {
        var first = true
        func put(_ name: StaticString, _ value: String, bare: Bool = false) {
            guard !value.isEmpty else { return }
            if !first { bytes.append(UInt8(ascii: ",")) }
            first = false
            bytes.append(34)
            name.withUTF8Buffer { bytes.append(contentsOf: $0) }
            bytes.append(34)
            bytes.append(UInt8(ascii: ":"))
            if bare { bytes.append(contentsOf: value.utf8) } else { putString(value) }
        }
        func putString(_ value: String) {
            bytes.append(34)
            for byte in value.utf8 {
                switch byte {
                case 34, 92:
                    bytes.append(92)
                    bytes.append(byte)
                case 0..<32: bytes.append(contentsOf: "\\u00\(byte < 16 ? "0" : "1")\(String(byte % 16, radix: 16))".utf8)
                default: bytes.append(byte)
                }
            }
            bytes.append(34)
        }
        // A number that is no number goes as text: the receiver has to refuse it, not this writer.
        func putNumber(_ name: StaticString, _ value: String) { put(name, value, bare: Int(value) != nil) }
        bytes.append(UInt8(ascii: "{"))
        put("resultId", resultID)
        putNumber("revision", revision)
        if !withdrawn.isEmpty { put("withdrawn", withdrawn, bare: true) }
        put("stage", stage)
        put("topic", topic)
        put("categoryCode", categoryCode)
        put("codeSystem", codeSystem)
        put("outcome", outcome)
        put("takenOn", takenOn)
        putNumber("roundMonths", roundMonths)
        put("tool", tool)
        put("reason", reason)
        bytes.append(contentsOf: ",\"child\":{".utf8)
        first = true
        put("documentKind", documentKind)
        put("documentNumber", documentNumber)
        put("name", name)
        put("sex", sex)
        put("birthDate", birthDate)
        putNumber("birthOrder", birthOrder)
        put("guardianName", guardianName)
        put("guardianTelephone", guardianTelephone)
        put("residence", residence)
        bytes.append(contentsOf: "}}".utf8)
    }
}

extension ResultRow {
    /// The published schema's protobuf (`partner.proto`, ScreeningResult) of this result, written here without the schema's code.
    func protobuf() -> [UInt8] {
        var child = ProtobufWriter()
        child.text(1, documentKind)
        child.text(2, documentNumber)
        child.text(3, name)
        child.text(4, sex)
        child.text(5, birthDate)
        child.number(6, Int(birthOrder) ?? 0)
        child.text(7, guardianName)
        child.text(8, guardianTelephone)
        child.text(9, residence)
        var result = ProtobufWriter()
        result.text(1, resultID)
        result.number(2, Int(revision) ?? 0)
        result.number(3, withdrawn == "true" ? 1 : 0)
        result.text(5, stage)
        result.text(6, topic)
        result.text(7, categoryCode)
        result.text(8, codeSystem)
        result.text(9, outcome)
        result.text(10, takenOn)
        result.number(11, Int(roundMonths) ?? 0)
        result.text(12, tool)
        result.bytes(13, child.bytes)
        result.text(14, reason)
        return result.bytes
    }
}

/// The little of protobuf's wire format that a partner needs: texts, numbers and messages; empty fields are left out.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    mutating func text(_ field: Int, _ value: String) { if !value.isEmpty { put(field, Array(value.utf8)) } }
    mutating func bytes(_ field: Int, _ value: [UInt8]) { if !value.isEmpty { put(field, value) } }

    mutating func number(_ field: Int, _ value: Int) {
        guard value != 0 else { return }
        varint(UInt64(field << 3))
        varint(UInt64(bitPattern: Int64(value)))
    }

    private mutating func put(_ field: Int, _ value: [UInt8]) {
        varint(UInt64(field << 3 | 2))
        varint(UInt64(value.count))
        bytes += value
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 128 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 128)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
