/// A database with one writer, or several that lock rows (`Transaction.locksRows`), and readers beside them. Both calls block and belong on a
/// thread of their own, never on a cooperative one.
///
/// A transaction's closure is synchronous, so no network call can hide in it. When it throws, nothing it did remains.
public protocol Database: Sendable {
    /// What is opened and how, for the first log line; no secrets.
    var description: String { get }
    /// How many commands may write at the same time; 1 where there is one writer.
    var parallelCommands: Int { get }
    /// Runs `body` in a write transaction; commits durably before it returns. Runs `body` once: who calls decides about again.
    @discardableResult func write<Result>(_ body: (any Transaction) throws -> Result) throws -> Result
    /// Runs `body` on a consistent snapshot; writing in it throws.
    func read<Result>(_ body: (any Transaction) throws -> Result) throws -> Result
    /// Waits for running transactions and closes.
    func close() throws
}

extension Database {
    public var parallelCommands: Int { 1 }

    /// `read` from async code: runs on a thread that may block.
    public func read<Result: Sendable>(async body: @escaping @Sendable (any Transaction) throws -> Result) async throws -> Result {
        try await Blocking.queries.run { try read(body) }
    }
}

/// What a transaction can do. Belongs to the closure it was passed to; keeping it longer is a bug.
public protocol Transaction: AnyObject {
    /// Runs a statement; returns the number of rows it changed.
    @discardableResult func run(_ sql: SQL, _ values: [Value]) throws -> Int
    /// Runs one statement once for every row of values, in their order; returns the number of rows changed in all. Where a server is asked,
    /// all are on their way before the first is answered.
    @discardableResult func runAll(_ sql: SQL, _ rows: [[Value]]) throws -> Int
    /// Runs a query row by row until `body` answers false; a row is only valid inside `body`.
    func each(_ sql: SQL, _ values: [Value], _ body: (borrowing Row) throws -> Bool) throws
    /// Rows changed by this connection so far; a difference tells whether something wrote in between.
    var changes: Int { get }
    /// True where a write locks its row only, so that several must be written in one order; false where there is one writer.
    var locksRows: Bool { get }
    /// Keeps other instances from changing the schema until this transaction ends; nothing to do where there is one writer.
    func lockSchema() throws
}

extension Transaction {
    @discardableResult public func runAll(_ sql: SQL, _ rows: [[Value]]) throws -> Int { try rows.reduce(0) { try $0 + run(sql, $1) } }
    public func lockSchema() throws {}

    @discardableResult public func run(_ sql: SQL) throws -> Int { try run(sql, []) }

    // Inlinable, so that each is compiled for the caller's type: an unspecialised one costs more than the query.

    /// Runs a query and maps every row; a row is only valid inside `map`.
    @inlinable public func rows<Result>(_ sql: SQL, _ map: (borrowing Row) throws -> Result) throws -> [Result] { try rows(sql, [], map) }

    /// Runs a query and maps every row; a row is only valid inside `map`.
    @inlinable public func rows<Result>(_ sql: SQL, _ values: [Value], _ map: (borrowing Row) throws -> Result) throws -> [Result] {
        var results: [Result] = []
        try each(sql, values) { row in
            results.append(try map(row))
            return true
        }
        return results
    }

    /// The first row, if any.
    @inlinable public func first<Result>(
        _ sql: SQL, _ values: [Value] = [], _ map: (borrowing Row) throws -> Result
    ) throws -> Result? {
        var result: Result?
        try each(sql, values) { row in
            result = try map(row)
            return false
        }
        return result
    }
}

/// One statement's text with `?` placeholders. Keep it in a `static let`: its identity keys the cache of prepared statements, so the
/// text is neither hashed nor parsed again.
public final class SQL: Sendable {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// A value bound to a placeholder.
public enum Value: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral {
    case null
    case int(Int64)
    case text(String)
    case blob([UInt8])

    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .int(value ? 1 : 0) }
    public init(nilLiteral: ()) { self = .null }

    public static func int(_ value: Int) -> Value { .int(Int64(value)) }
    public static func bool(_ value: Bool) -> Value { .int(value ? 1 : 0) }
    public static func text(_ value: String?) -> Value { value.map { .text($0) as Value } ?? .null }
    public static func int(_ value: Int?) -> Value { value.map { .int(Int64($0)) as Value } ?? .null }
}

/// Where a row's columns come from, counted from 0.
public protocol RowSource {
    func integer(_ column: Int32) -> Int64?
    func string(_ column: Int32) -> String?
    func bytes(_ column: Int32) -> [UInt8]?
}

/// One row of a result while it is mapped, columns counted from 0. A NULL where a value is asked for traps with the column's number.
public struct Row: ~Copyable {
    let source: any RowSource

    public init(_ source: any RowSource) { self.source = source }

    public func int(_ column: Int) -> Int64 { expect(source.integer(Int32(column)), column) }
    public func intOrNil(_ column: Int) -> Int64? { source.integer(Int32(column)) }
    public func text(_ column: Int) -> String { expect(source.string(Int32(column)), column) }
    public func textOrNil(_ column: Int) -> String? { source.string(Int32(column)) }
    public func blob(_ column: Int) -> [UInt8] { expect(source.bytes(Int32(column)), column) }
    public func blobOrNil(_ column: Int) -> [UInt8]? { source.bytes(Int32(column)) }
    public func bool(_ column: Int) -> Bool { int(column) != 0 }

    private func expect<Value>(_ value: Value?, _ column: Int) -> Value {
        guard let value else { preconditionFailure("column \(column) is NULL where the statement promises a value") }
        return value
    }
}

/// Why the database did not do what was asked. `transient` ones are worth the same call again; the others are not.
public struct DatabaseError: Error, Sendable, CustomStringConvertible {
    /// What the caller can do about it.
    public enum Kind: Sendable {
        /// Busy, full, or a connection lost: nothing is wrong with the request.
        case transient
        /// A commit was sent, its answer lost, and nobody could be asked whether it happened. Only a call that reads again where it stands
        /// may be made again.
        case unknown
        /// A unique or check constraint stood in the way.
        case constraint
        /// The file or a page of it is damaged.
        case corrupt
        /// The store was written by a newer build.
        case newerStore
        /// The store does not serve: read-only, not to be opened, out of memory, a right or a table missing. It is nobody's request that is
        /// wrong; a person, or time, has to mend the store.
        case unusable
        /// What was asked cannot be done: a statement or a value that the engine does not take.
        case other

        /// True when the store failed and not what it was asked: the same again may go well once it is mended, and nothing may be blamed on
        /// what was being worked on.
        public var isOfStore: Bool {
            switch self {
            case .transient, .unknown, .corrupt, .newerStore, .unusable: true
            case .constraint, .other: false
            }
        }
    }
    public let kind: Kind
    /// The engine's own words; never holds bound values.
    public let message: String
    /// True when only another transaction stood in the way (deadlock, serialization): the same one at once again may pass.
    public let wasOvertaken: Bool

    public init(kind: Kind, message: String, wasOvertaken: Bool = false) {
        self.kind = kind
        self.message = message
        self.wasOvertaken = wasOvertaken
    }

    public var description: String { "\(kind): \(message)" }
}
