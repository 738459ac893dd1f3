/// Why a line of a CSV file cannot be split into fields (RFC 4180).
enum CSVProblem: String, CaseIterable, Hashable, Sendable {
    /// A quoted field is still open at the end of the file or beyond the longest record.
    case quoteUnclosed = "CSV_QUOTE_UNCLOSED"
    /// A quotation mark inside an unquoted field, or text behind a closing one.
    case quoteStray = "CSV_QUOTE_STRAY"
    /// A record longer than `CSVReader.longestRecord`.
    case recordTooLong = "CSV_RECORD_TOO_LONG"
}

/// One record of a CSV file. The reader reuses it: copy out what must last.
struct CSVRecord {
    /// Physical line on which the record begins, from 1.
    fileprivate(set) var line = 1
    /// Set when the line could not be split; its only field is then the line as it stands.
    fileprivate(set) var problem: CSVProblem?
    /// Fields one after the other, unquoted; `ends` says where each stops.
    fileprivate(set) var bytes: [UInt8] = []
    fileprivate(set) var ends: [Int32] = []

    var count: Int { ends.count }
    var isBlank: Bool { problem == nil && count == 1 && bytes.isEmpty }

    /// The same in as little memory as it needs, to be kept while the reader goes on in its own buffers.
    var kept: CSVRecord {
        var kept = self
        kept.bytes = bytes.withUnsafeBufferPointer { Array($0) }
        kept.ends = ends.withUnsafeBufferPointer { Array($0) }
        return kept
    }

    func field(_ index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])] }

    fileprivate mutating func begin(line: Int) {
        self.line = line
        problem = nil
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}

/// A streaming CSV reader over bytes, in any encoding whose trailing bytes are never a comma, a quotation mark or a line end: UTF-8 and
/// GB 18030 both are. Memory is bounded by the longest record and the largest chunk fed.
///
/// A line that cannot be split is given back as it stands, and reading goes on with the next physical line, so that one stray quotation
/// mark does not swallow the rest of the file.
struct CSVReader {
    static let longestRecord = 64 << 10
    /// What is kept of a line that is too long.
    private static let keptOfTooLong = 1 << 10

    private var buffer: [UInt8] = []
    private var start = 0
    private var line = 1
    private var isFirst = true
    private var isSkippingLine = false
    private(set) var record = CSVRecord()

    mutating func feed(_ bytes: some Collection<UInt8>) {
        if start > 0 {
            buffer.removeSubrange(0..<start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// Puts the next record into `record`; false when more bytes are needed. `atEnd`: no more will come. Blank lines are passed over.
    mutating func next(atEnd: Bool) -> Bool {
        while true {
            guard passOverBOM(atEnd), passOverRest(atEnd), start < buffer.count else { return false }
            record.begin(line: line)
            let outcome = buffer.withUnsafeBufferPointer { Self.scan($0, from: start, atEnd: atEnd, into: &record) }
            switch outcome {
            case .needsMore: return false
            case .record(let end, let lines):
                start = end
                line += lines
                if record.isBlank { continue }
                return true
            case .bad(let problem):
                guard takeLine(as: problem, atEnd) else { return false }
                return true
            }
        }
    }

    private mutating func passOverBOM(_ atEnd: Bool) -> Bool {
        guard isFirst else { return true }
        guard buffer.count >= 3 || atEnd else { return false }
        isFirst = false
        if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
        return true
    }

    private mutating func passOverRest(_ atEnd: Bool) -> Bool {
        guard isSkippingLine else { return true }
        guard let end = buffer[start...].firstIndex(of: Byte.lineFeed) else {
            start = buffer.count
            return false
        }
        start = end + 1
        line += 1
        isSkippingLine = false
        return true
    }

    /// Gives the physical line at `start` back as one field.
    private mutating func takeLine(as problem: CSVProblem, _ atEnd: Bool) -> Bool {
        let end = buffer[start...].firstIndex(of: Byte.lineFeed)
        guard end != nil || atEnd || buffer.count - start > Self.longestRecord else { return false }
        record.begin(line: line)
        var raw = buffer[start..<(end ?? buffer.count)]
        if end == nil, !atEnd {
            isSkippingLine = true
            start = buffer.count
        } else {
            start = end.map { $0 + 1 } ?? buffer.count
            line += end == nil ? 0 : 1
        }
        if raw.last == Byte.carriageReturn { raw.removeLast() }
        let isTooLong = raw.count > Self.longestRecord
        record.problem = isTooLong ? .recordTooLong : problem
        record.bytes.append(contentsOf: isTooLong ? raw.prefix(Self.keptOfTooLong) : raw)
        record.ends.append(Int32(record.bytes.count))
        return true
    }

    private enum Scan {
        case needsMore
        case record(end: Int, lines: Int)
        case bad(CSVProblem)
    }

    private enum Byte {
        static let quote: UInt8 = 34
        static let comma: UInt8 = 44
        static let lineFeed: UInt8 = 10
        static let carriageReturn: UInt8 = 13
    }

    private static func scan(_ b: UnsafeBufferPointer<UInt8>, from start: Int, atEnd: Bool, into record: inout CSVRecord) -> Scan {
        var i = start
        var lines = 0
        let count = b.count
        while true {
            if i < count, b[i] == Byte.quote {
                i += 1
                var segment = i
                quoted: while true {
                    while i < count, b[i] != Byte.quote {
                        if b[i] == Byte.lineFeed { lines += 1 }
                        i += 1
                    }
                    if i - start > longestRecord { return .bad(.quoteUnclosed) }
                    guard i < count else { return atEnd ? .bad(.quoteUnclosed) : .needsMore }
                    record.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: b[segment..<i]))
                    guard i + 1 < count || atEnd else { return .needsMore }
                    guard i + 1 < count, b[i + 1] == Byte.quote else {
                        i += 1
                        break quoted
                    }
                    record.bytes.append(Byte.quote)
                    i += 2
                    segment = i
                }
            } else {
                let segment = i
                while i < count, b[i] != Byte.comma, b[i] != Byte.lineFeed {
                    if b[i] == Byte.quote { return .bad(.quoteStray) }
                    if b[i] == Byte.carriageReturn, i + 1 == count ? atEnd : b[i + 1] == Byte.lineFeed { break }
                    i += 1
                }
                if i - start > longestRecord { return .bad(.recordTooLong) }
                guard i < count || atEnd else { return .needsMore }
                record.bytes.append(contentsOf: UnsafeBufferPointer(rebasing: b[segment..<i]))
            }
            record.ends.append(Int32(record.bytes.count))
            guard i < count else { return .record(end: i, lines: lines) }
            if b[i] == Byte.comma {
                i += 1
                continue
            }
            if b[i] == Byte.carriageReturn {
                guard i + 1 < count || atEnd else { return .needsMore }
                if i + 1 < count, b[i + 1] != Byte.lineFeed { return .bad(.quoteStray) }
                i += 1
                guard i < count else { return .record(end: i, lines: lines) }
            }
            guard b[i] == Byte.lineFeed else { return .bad(.quoteStray) }
            return .record(end: i + 1, lines: lines + 1)
        }
    }
}
