import Vocabulary

/// Decodes a request body strictly: a field nobody asked for is refused by name, a wrong one is named with its path.
///
/// Any `Decodable` will do; a vocabulary type in it validates itself and its `InvalidValue` becomes a 422 that names the field.
enum BodyDecoder {
    static func decode<Body: Decodable>(_ type: Body.Type, from bytes: [UInt8]) throws(Problem) -> Body {
        let json: JSONValue
        do { json = try JSONParser.parse(bytes) } catch {
            throw .malformed("JSON_MALFORMED", rule: "\(error.reason), at byte \(error.position)")
        }
        return try decode(type, from: json)
    }

    static func decode<Body: Decodable>(_ type: Body.Type, from json: JSONValue) throws(Problem) -> Body {
        let readings = Readings()
        do {
            let body = try ValueDecoder(value: json, codingPath: [], readings: readings).decodeWhole(type)
            if let unknown = readings.firstUnasked { throw Problem.malformed("FIELD_UNKNOWN", field: unknown) }
            return body
        } catch let problem as Problem {
            throw problem
        } catch let error as InvalidValue {
            throw .invalid(field: "", error)
        } catch let error as DecodingError {
            throw Self.problem(error)
        } catch {
            throw .malformed("JSON_MALFORMED", rule: "the body cannot be read as \(type)")
        }
    }

    private static func problem(_ error: DecodingError) -> Problem {
        switch error {
        case .keyNotFound(let key, let context): .malformed("FIELD_MISSING", field: path(context.codingPath + [key]))
        case .valueNotFound(_, let context): .malformed("FIELD_MISSING", field: path(context.codingPath))
        case .typeMismatch(_, let context): .malformed("FIELD_TYPE", field: path(context.codingPath), rule: context.debugDescription)
        case .dataCorrupted(let context): .malformed("FIELD_TYPE", field: path(context.codingPath))
        @unknown default: .malformed("JSON_MALFORMED")
        }
    }

    /// `lines[2].amountFen`.
    static func path(_ keys: [any CodingKey]) -> String {
        var text = ""
        for key in keys {
            if let index = key.intValue, key is Index {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return text
    }

    /// Position in a list.
    struct Index: CodingKey {
        let intValue: Int?
        var stringValue: String { "\(intValue ?? 0)" }
        init(intValue: Int) { self.intValue = intValue }
        init?(stringValue: String) { return nil }
    }

    /// Which members of which objects the body's type asked for.
    final class Readings {
        final class Reading {
            let path: [any CodingKey]
            let names: [String]
            var asked: Set<String> = []

            init(path: [any CodingKey], names: [String]) {
                self.path = path
                self.names = names
            }
        }

        private var readings: [Reading] = []

        func reading(_ path: [any CodingKey], _ members: [(String, JSONValue)]) -> Reading {
            let reading = Reading(path: path, names: members.map(\.0))
            readings.append(reading)
            return reading
        }

        /// Path of the first member nobody asked for. The field's name is the caller's own text, so it is bounded.
        var firstUnasked: String? {
            for reading in readings {
                if let name = reading.names.first(where: { !reading.asked.contains($0) }) {
                    let prefix = BodyDecoder.path(reading.path)
                    return (prefix.isEmpty ? "" : prefix + ".") + String(name.prefix(64))
                }
            }
            return nil
        }
    }
}

private struct ValueDecoder: Decoder, SingleValueDecodingContainer {
    let value: JSONValue
    let codingPath: [any CodingKey]
    let readings: BodyDecoder.Readings
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch("an object") }
        let values = Dictionary(members) { first, _ in first }
        return KeyedDecodingContainer(
            ObjectDecoder<Key>(values: values, codingPath: codingPath, reading: readings.reading(codingPath, members), readings: readings))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = value else { throw mismatch("a list") }
        return ListDecoder(items: items, codingPath: codingPath, readings: readings)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    /// Decodes a value as a whole and gives what its type refuses a field name.
    func decodeWhole<Value: Decodable>(_ type: Value.Type) throws -> Value {
        do {
            return try type.init(from: self)
        } catch let error as InvalidValue {
            throw Problem.invalid(field: BodyDecoder.path(codingPath), error)
        } catch DecodingError.dataCorrupted(_) {
            let allowed = Schema.words(of: type)
            let rule = allowed.map { "one of " + $0.joined(separator: ", ") }
            throw Problem("VALUE_NOT_ALLOWED", status: 422, field: BodyDecoder.path(codingPath), rule: rule)
        }
    }

    func mismatch(_ wanted: String) -> DecodingError {
        .typeMismatch(String.self, DecodingError.Context(codingPath: codingPath, debugDescription: "must be \(wanted)"))
    }

    func decodeNil() -> Bool { if case .null = value { true } else { false } }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let flag) = value else { throw mismatch("true or false") }
        return flag
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let text) = value else { throw mismatch("a string") }
        // Legal in JSON; no store of ours but SQLite keeps it, and nobody means it.
        guard !text.utf8.contains(0) else {
            throw Problem("VALUE_NOT_ALLOWED", status: 422, field: BodyDecoder.path(codingPath), rule: "a text without NUL characters")
        }
        return text
    }

    func decode(_ type: Double.Type) throws -> Double {
        guard case .number(let digits) = value, let number = Double(digits), number.isFinite else { throw mismatch("a number") }
        return number
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }

    private func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        guard case .number(let digits) = value, let number = Number(digits) else { throw mismatch("a whole number in range") }
        return number
    }

    func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decodeWhole(type) }
}

private struct ObjectDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let values: [String: JSONValue]
    let codingPath: [any CodingKey]
    let reading: BodyDecoder.Readings.Reading
    let readings: BodyDecoder.Readings

    var allKeys: [Key] { reading.names.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool {
        reading.asked.insert(key.stringValue)
        return values[key.stringValue] != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        reading.asked.insert(key.stringValue)
        guard case .null = values[key.stringValue] else { return values[key.stringValue] == nil }
        return true
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try member(key).decodeWhole(type) }

    private func member(_ key: Key) throws -> ValueDecoder {
        reading.asked.insert(key.stringValue)
        guard let value = values[key.stringValue] else {
            throw DecodingError.keyNotFound(key, DecodingError.Context(codingPath: codingPath, debugDescription: ""))
        }
        return ValueDecoder(value: value, codingPath: codingPath + [key], readings: readings)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> {
        try member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { try member(key).unkeyedContainer() }
    func superDecoder() throws -> any Decoder { ValueDecoder(value: .null, codingPath: codingPath, readings: readings) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }
}

private struct ListDecoder: UnkeyedDecodingContainer {
    let items: [JSONValue]
    let codingPath: [any CodingKey]
    let readings: BodyDecoder.Readings
    var currentIndex = 0

    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex == items.count }

    private mutating func next() throws -> ValueDecoder {
        guard currentIndex < items.count else {
            throw DecodingError.valueNotFound(
                String.self, DecodingError.Context(codingPath: codingPath, debugDescription: "the list has ended"))
        }
        defer { currentIndex += 1 }
        let path = codingPath + [BodyDecoder.Index(intValue: currentIndex)]
        return ValueDecoder(value: items[currentIndex], codingPath: path, readings: readings)
    }

    mutating func decodeNil() throws -> Bool {
        guard currentIndex < items.count, case .null = items[currentIndex] else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try next().decodeWhole(type) }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}
