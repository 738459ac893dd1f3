import CPostgres

/// PostgreSQL's numbers for the types that cross the border.
enum PostgresType {
    static let bool: Oid = 16
    static let bytes: Oid = 17
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let numeric: Oid = 1700

    /// The type a value has when nothing else is said; 0 lets the server infer it.
    static func hint(_ value: Value) -> Oid {
        switch value {
        case .null: 0
        case .int: int8
        case .text: text
        case .blob: bytes
        }
    }
}

/// Values on their way to the server: one run of bytes for all of a statement's, kept from statement to statement.
struct PostgresParameters {
    private var bytes: [UInt8] = []
    private var starts: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var pointers: [UnsafePointer<CChar>?] = []

    /// Encodes `values` for parameters of `types`. Throws `other` for what PostgreSQL cannot hold: text with a NUL byte in it.
    mutating func encode(_ values: [Value], _ types: [Oid]) throws {
        guard values.count == types.count else {
            throw DatabaseError(kind: .other, message: "\(types.count) placeholders, \(values.count) values")
        }
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
        for (value, type) in zip(values, types) {
            let start = bytes.count
            var format: Int32 = 1
            switch value {
            case .null:
                starts.append(-1)
                lengths.append(0)
                formats.append(1)
                continue
            case .int(let number):
                switch type {
                case PostgresType.int8: append(number)
                case PostgresType.int4: append(try Self.narrowed(number) as Int32)
                case PostgresType.int2: append(try Self.narrowed(number) as Int16)
                case PostgresType.bool: bytes.append(number == 0 ? 0 : 1)
                default:
                    bytes += String(number).utf8
                    format = 0
                }
            case .text(let text):
                bytes += text.utf8
                // Looked for here, since the server's own message would come too late to name the statement.
                guard !bytes[start...].contains(0) else {
                    throw DatabaseError(kind: .other, message: "text with a NUL byte cannot be stored in PostgreSQL")
                }
                format = type == PostgresType.text ? 1 : 0
            case .blob(let blob): bytes += blob
            }
            starts.append(start)
            lengths.append(Int32(bytes.count - start))
            formats.append(format)
            // What is sent as text ends in a NUL.
            if format == 0 { bytes.append(0) }
        }
    }

    /// Lends count, values, lengths and formats as libpq takes them.
    mutating func withPointers<Result>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>) -> Result
    ) -> Result {
        // An empty value still needs an address: nil means NULL.
        if bytes.isEmpty { bytes.append(0) }
        return bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
            pointers.removeAll(keepingCapacity: true)
            for start in starts { pointers.append(start < 0 ? nil : base + start) }
            let count = Int32(pointers.count)
            pointers.append(nil)
            lengths.append(0)
            formats.append(0)
            return body(count, pointers, lengths, formats)
        }
    }

    private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }

    private static func narrowed<Number: FixedWidthInteger>(_ number: Int64) throws -> Number {
        guard let narrow = Number(exactly: number) else {
            throw DatabaseError(kind: .other, message: "a value is too large for the \(Number.bitWidth) bits the statement gives it")
        }
        return narrow
    }
}

/// A result as the server sent it, in binary. Owns libpq's memory.
final class PostgresResult {
    let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }
    deinit { PQclear(handle) }

    var rows: Int32 { PQntuples(handle) }
    var status: ExecStatusType { PQresultStatus(handle) }
    var isGood: Bool { status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK }
    /// Rows an INSERT, UPDATE or DELETE changed; 0 for anything else.
    var changed: Int {
        // A SELECT reports its rows in the same place.
        guard status == PGRES_COMMAND_OK, let text = PQcmdTuples(handle) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }
    /// The command as the server names it, for instance `COMMIT` or, of an aborted transaction, `ROLLBACK`.
    var command: String { PQcmdStatus(handle).map { String(cString: $0) } ?? "" }
    var sqlState: String { field(UInt8(ascii: "C")) }
    /// The server's sentence without its detail, which quotes values.
    var message: String { field(UInt8(ascii: "M")) }

    private func field(_ code: UInt8) -> String { PQresultErrorField(handle, Int32(code)).map { String(cString: $0) } ?? "" }

    private func value(_ row: Int32, _ column: Int32) -> UnsafeRawBufferPointer? {
        guard PQgetisnull(handle, row, column) == 0 else { return nil }
        return UnsafeRawBufferPointer(start: PQgetvalue(handle, row, column), count: Int(PQgetlength(handle, row, column)))
    }

    func integer(_ row: Int32, _ column: Int32) -> Int64? {
        guard let value = value(row, column) else { return nil }
        switch PQftype(handle, column) {
        case PostgresType.int8: return Int64(bigEndian: value.loadUnaligned(as: Int64.self))
        case PostgresType.int4: return Int64(Int32(bigEndian: value.loadUnaligned(as: Int32.self)))
        case PostgresType.int2: return Int64(Int16(bigEndian: value.loadUnaligned(as: Int16.self)))
        case PostgresType.bool: return value[0] == 0 ? 0 : 1
        case PostgresType.numeric: return Self.whole(value)
        case let type: preconditionFailure("column \(column) of type \(type) is read as a number")
        }
    }

    func string(_ row: Int32, _ column: Int32) -> String? {
        switch PQftype(handle, column) {
        case PostgresType.int8, PostgresType.int4, PostgresType.int2, PostgresType.numeric: return integer(row, column).map { String($0) }
        default: return value(row, column).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    func bytes(_ row: Int32, _ column: Int32) -> [UInt8]? { value(row, column).map { Array($0) } }

    /// A sum of BIGINT comes as NUMERIC: how many digits of base 10,000 follow, the power of the first, sign, scale, the digits.
    private static func whole(_ value: UnsafeRawBufferPointer) -> Int64 {
        func word(_ index: Int) -> Int64 {
            Int64(Int16(bigEndian: value.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self)))
        }
        let digits = Int(word(0))
        let power = Int(word(1))
        guard digits > 0, power >= 0 else { return 0 }
        var number: Int64 = 0
        for index in 0...power { number = number * 10_000 + (index < digits ? word(4 + index) : 0) }
        return word(2) == 0 ? number : -number
    }
}
