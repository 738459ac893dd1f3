import Vocabulary

/// The JSON shape of a body or reply, for OpenAPI. Derived from a `Decodable` type by decoding an invented value and noting what it asks.
public indirect enum Schema: Sendable, Equatable {
    /// A text, perhaps of a known format, perhaps one of a few words.
    case string(format: String? = nil, words: [String] = [])
    case integer
    case number
    case boolean
    case list(Schema)
    /// An object with named members.
    case object([Member])
    /// An object whose member names are data.
    case map(Schema)
    /// Anything: the type could not be looked into.
    case anything

    /// One member of an object.
    public struct Member: Sendable, Equatable {
        public let name: String
        public let schema: Schema
        public let required: Bool

        public init(_ name: String, _ schema: Schema, required: Bool = true) {
            self.name = name
            self.schema = schema
            self.required = required
        }
    }

    /// The shape that `type` reads.
    public static func of(_ type: any Decodable.Type) -> Schema { SchemaProbe.schema(of: type) }

    /// The words an enum of strings allows; nil for every other type.
    static func words(of type: Any.Type) -> [String]? {
        guard let listed = type as? any CaseIterable.Type else { return nil }
        let words = values(of: listed).compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        return words.isEmpty ? nil : words
    }

    private static func values<Listed: CaseIterable>(of type: Listed.Type) -> [Any] { Array(type.allCases) }

    /// As JSON Schema 2020-12, which OpenAPI 3.1 uses.
    var json: JSONValue {
        switch self {
        case .string(let format, let words):
            var members: [(String, JSONValue)] = [("type", .string("string"))]
            if let format { members.append(("format", .string(format))) }
            if !words.isEmpty { members.append(("enum", .array(words.map { .string($0) }))) }
            return .object(members)
        case .integer: return .object([("type", .string("integer")), ("format", .string("int64"))])
        case .number: return .object([("type", .string("number"))])
        case .boolean: return .object([("type", .string("boolean"))])
        case .list(let item): return .object([("type", .string("array")), ("items", item.json)])
        case .map(let value): return .object([("type", .string("object")), ("additionalProperties", value.json)])
        case .anything: return .object([])
        case .object(let shape):
            let required = shape.filter(\.required).map { JSONValue.string($0.name) }
            var members: [(String, JSONValue)] = [
                ("type", .string("object")), ("properties", .object(shape.map { ($0.name, $0.schema.json) })),
            ]
            if !required.isEmpty { members.append(("required", .array(required))) }
            members.append(("additionalProperties", .bool(false)))
            return .object(members)
        }
    }
}

/// A type that says itself what it looks like, because its decoding checks too much for an invented value to pass.
public protocol Documented: Decodable {
    static var schema: Schema { get }
    /// A well-formed value, for looking into types that hold one.
    static var example: Self { get }
}

extension Identifier: Documented {
    public static var schema: Schema { .string(format: "identifier") }
    public static var example: Self { Identifier(trusted: "example") }
}

extension RegionCode: Documented {
    public static var schema: Schema { .string(format: "region-code") }
    public static var example: Self { RegionCode(trusted: "37") }
}

extension LocalDate: Documented {
    public static var schema: Schema { .string(format: "date") }
    public static var example: Self { LocalDate(days: 19_875) }
}

extension YearMonth: Documented {
    public static var schema: Schema { .string(format: "year-month") }
    public static var example: Self { YearMonth(year: 2024, month: 6) }
}

extension Quarter: Documented {
    public static var schema: Schema { .string(format: "quarter") }
    public static var example: Self { Quarter(year: 2024, number: 2) }
}

/// Decodes an invented value of a type and notes every question.
private final class SchemaProbe: Decoder {
    static let deepest = 8

    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]
    let depth: Int
    var found: Schema?

    private init(depth: Int) { self.depth = depth }

    struct TooDeep: Error {}

    static func schema(of type: any Decodable.Type) -> Schema {
        // A type that refuses the invented value is documented as far as no further than "anything".
        (try? look(into: type, depth: 0).schema) ?? .anything
    }

    static func look<Value: Decodable>(into type: Value.Type, depth: Int) throws -> (schema: Schema, value: Value) {
        guard depth < deepest else { throw TooDeep() }
        if let documented = type as? any Documented.Type { return (documented.schema, documented.example as! Value) }
        if let words = Schema.words(of: type), let listed = type as? any CaseIterable.Type {
            return (.string(words: words), first(listed) as! Value)
        }
        let probe = SchemaProbe(depth: depth)
        let value = try type.init(from: probe)
        return (probe.found ?? .object([]), value)
    }

    private static func first<Listed: CaseIterable>(_ type: Listed.Type) -> Any { type.allCases.first! }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        found = .object([])
        return KeyedDecodingContainer(KeyedProbe<Key>(probe: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { ListProbe(probe: self) }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { SingleProbe(probe: self) }

    func note(_ name: String, _ schema: Schema, required: Bool) {
        switch found {
        case .map: found = .map(schema)
        case .object(let members): found = .object(members.filter { $0.name != name } + [Schema.Member(name, schema, required: required)])
        default: found = .object([Schema.Member(name, schema, required: required)])
        }
    }
}

private struct KeyedProbe<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let probe: SchemaProbe
    var codingPath: [any CodingKey] { [] }

    /// Only types whose member names are data ask for all of them.
    var allKeys: [Key] {
        probe.found = .map(.anything)
        return Key(stringValue: "key").map { [$0] } ?? []
    }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) throws -> Bool { false }

    private func look<Value: Decodable>(_ type: Value.Type, _ key: Key, required: Bool) throws -> Value {
        do {
            let (schema, value) = try SchemaProbe.look(into: type, depth: probe.depth + 1)
            probe.note(key.stringValue, schema, required: required)
            return value
        } catch {
            probe.note(key.stringValue, .anything, required: required)
            throw error
        }
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try look(type, key, required: true) }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? { optional(type, key) }
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { optional(type, key) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { optional(type, key) }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { optional(type, key) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { optional(type, key) }
    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { optional(type, key) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { optional(type, key) }

    private func optional<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
        // What cannot be looked into stands as "anything"; being optional, it does not end the look at the whole.
        try? look(type, key, required: false)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
        throw SchemaProbe.TooDeep()
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw SchemaProbe.TooDeep() }
    func superDecoder() throws -> any Decoder { throw SchemaProbe.TooDeep() }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw SchemaProbe.TooDeep() }
}

private struct ListProbe: UnkeyedDecodingContainer {
    let probe: SchemaProbe
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    var currentIndex = 0
    var isAtEnd: Bool { currentIndex > 0 }

    mutating func decodeNil() throws -> Bool { false }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        currentIndex += 1
        let (schema, value) = try SchemaProbe.look(into: type, depth: probe.depth + 1)
        probe.found = .list(schema)
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        throw SchemaProbe.TooDeep()
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw SchemaProbe.TooDeep() }
    mutating func superDecoder() throws -> any Decoder { throw SchemaProbe.TooDeep() }
}

private struct SingleProbe: SingleValueDecodingContainer {
    let probe: SchemaProbe
    var codingPath: [any CodingKey] { [] }

    private func answer<Value>(_ schema: Schema, _ value: Value) -> Value {
        probe.found = schema
        return value
    }

    func decodeNil() -> Bool { false }
    func decode(_ type: Bool.Type) throws -> Bool { answer(.boolean, false) }
    func decode(_ type: String.Type) throws -> String { answer(.string(), "") }
    func decode(_ type: Double.Type) throws -> Double { answer(.number, 0) }
    func decode(_ type: Float.Type) throws -> Float { answer(.number, 0) }
    func decode(_ type: Int.Type) throws -> Int { answer(.integer, 0) }
    func decode(_ type: Int8.Type) throws -> Int8 { answer(.integer, 0) }
    func decode(_ type: Int16.Type) throws -> Int16 { answer(.integer, 0) }
    func decode(_ type: Int32.Type) throws -> Int32 { answer(.integer, 0) }
    func decode(_ type: Int64.Type) throws -> Int64 { answer(.integer, 0) }
    func decode(_ type: UInt.Type) throws -> UInt { answer(.integer, 0) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { answer(.integer, 0) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { answer(.integer, 0) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { answer(.integer, 0) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { answer(.integer, 0) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (schema, value) = try SchemaProbe.look(into: type, depth: probe.depth + 1)
        probe.found = schema
        return value
    }
}
