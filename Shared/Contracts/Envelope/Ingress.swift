import SwiftProtobuf
import Vocabulary

/// Why a partner's record is refused at the door: a public code, the field, the rule and its source; never a value.
public struct IngressError: Error, Hashable, Sendable {
    public let code: String
    public let field: String?
    public let rule: String
    public let source: String

    public init(code: String, field: String? = nil, rule: String, source: String = "CareLoop contracts, ingress") {
        self.code = code
        self.field = field
        self.rule = rule
        self.source = source
    }
}

/// A raw value partners may send. Conformances live beside the values.
public protocol IngressValue: Sendable {
    /// The CloudEvents type it must carry when it carries one.
    static var type: String { get }
    /// The sender's own claim of who it is, if it makes one.
    var claim: String? { get }
    init(json text: String) throws(IngressError)
    init(protobuf bytes: [UInt8], allowingUnknown: Bool) throws(IngressError)
    init(json text: String, allowingUnknown: Bool) throws(IngressError)
}

/// Reads partners' records: CloudEvents in binary mode (`ce_` headers, protobuf or JSON), structured JSON, structured protobuf, or plain
/// JSON without any CloudEvents.
public enum Ingress {
    /// Limits of one record.
    public enum Limits {
        public static let recordBytes = 64 << 10
        public static let jsonDepth = 8
    }

    /// The value and, where the record carried them, nothing else: a partner's own time and ids are not evidence.
    ///
    /// Throws `UNDECODABLE`, `UNKNOWN_FIELD` (unless `ce_dataschema` names a newer version), `TYPE_UNKNOWN`, `RECORD_TOO_LARGE` or
    /// `CLAIM_MISMATCH`.
    public static func read<Value: IngressValue>(
        _ type: Value.Type, value: [UInt8]?, headers: [(name: String, value: [UInt8])], sender: OrganisationID
    ) throws(IngressError) -> Value {
        guard let value, !value.isEmpty else { throw .undecodable }
        guard value.count <= Limits.recordBytes else {
            throw IngressError(code: "RECORD_TOO_LARGE", rule: "a record holds at most \(Limits.recordBytes) bytes")
        }
        func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }.map { String(decoding: $0.value, as: UTF8.self) } }
        let contentType = header("content-type")?.split(separator: ";").first.map { String($0) } ?? ""
        let read: Value
        switch contentType {
        case "application/cloudevents+json":
            read = try structured(type, json: value, sender: sender)
        case "application/cloudevents+protobuf":
            read = try structured(type, protobuf: value, sender: sender)
        case "application/protobuf", "application/x-protobuf":
            try check(type: header("ce_type"), Value.type)
            try check(source: header("ce_source"), sender)
            read = try Value(protobuf: value, allowingUnknown: isNewer(header("ce_dataschema"), Value.type))
        case "", "application/json":
            try check(type: header("ce_type"), Value.type)
            try check(source: header("ce_source"), sender)
            read = try Value(json: text(value), allowingUnknown: isNewer(header("ce_dataschema"), Value.type))
        default:
            throw IngressError(
                code: "CONTENT_TYPE_UNKNOWN", field: "content-type",
                rule: "application/json, application/protobuf or a CloudEvents content type", source: "CloudEvents Kafka binding 1.0")
        }
        if let claim = read.claim, !claim.isEmpty, claim != sender.text { throw .claimMismatch("organisation") }
        return read
    }

    private static func text(_ bytes: [UInt8]) throws(IngressError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .undecodable }
        var depth = 0
        for byte in bytes {
            if byte == 0x7b || byte == 0x5b { depth += 1 } else if byte == 0x7d || byte == 0x5d { depth -= 1 }
            guard depth <= Limits.jsonDepth else { throw .undecodable }
        }
        return text
    }

    private static func structured<Value: IngressValue>(
        _ type: Value.Type, json bytes: [UInt8], sender: OrganisationID
    ) throws(IngressError) -> Value {
        let document: Google_Protobuf_Struct
        do { document = try Google_Protobuf_Struct(jsonString: text(bytes)) } catch let error as IngressError { throw error } catch { throw .undecodable }
        try check(type: document.fields["type"]?.stringValue, Value.type)
        try check(source: document.fields["source"]?.stringValue, sender)
        guard let data = document.fields["data"] else { throw IngressError(code: "FIELD_MISSING", field: "data", rule: "a CloudEvent carries data", source: "CloudEvents JSON format 1.0") }
        let inner: String
        do { inner = try data.jsonString() } catch { throw .undecodable }
        return try Value(json: inner, allowingUnknown: isNewer(document.fields["dataschema"]?.stringValue, Value.type))
    }

    private static func structured<Value: IngressValue>(
        _ type: Value.Type, protobuf bytes: [UInt8], sender: OrganisationID
    ) throws(IngressError) -> Value {
        var raw = RawMeta()
        var data: Range<Int>?
        var valid = false
        bytes.withUnsafeBufferPointer { buffer in
            var scan = WireScanner(buffer)
            while let (field, range) = scan.next() {
                switch field {
                case 2: raw.source = scan.text(range)
                case 4: raw.type = scan.text(range)
                case 6: data = range
                default: break
                }
            }
            valid = scan.isComplete
        }
        guard valid, let data else { throw .undecodable }
        try check(type: raw.type, Value.type)
        try check(source: raw.source, sender)
        return try Value(protobuf: Array(bytes[data]), allowingUnknown: false)
    }

    private static func check(type: String?, _ expected: String) throws(IngressError) {
        guard let type, !type.isEmpty, type != expected else { return }
        throw IngressError(code: "TYPE_UNKNOWN", field: "type", rule: "this topic carries \(expected)")
    }

    /// A source that names an organisation must name the topic's owner: `/bureaus/hb-1` or `hb-1`.
    private static func check(source: String?, _ sender: OrganisationID) throws(IngressError) {
        guard let source, !source.isEmpty else { return }
        guard source.split(separator: "/").contains(where: { $0 == sender.text }) || source == sender.text else { throw .claimMismatch("source") }
    }

    /// True when `schema` names a later version of `type`: `….v2` against `….v1`.
    private static func isNewer(_ schema: String?, _ type: String) -> Bool {
        func version(_ text: String) -> Int? {
            guard let dot = text.lastIndex(of: "."), text[text.index(after: dot)...].first == "v" else { return nil }
            return Int(text[text.index(dot, offsetBy: 2)...])
        }
        guard let schema, let named = version(schema), let own = version(type) else { return false }
        return named > own
    }
}

extension IngressError {
    static let undecodable = IngressError(code: "UNDECODABLE", rule: "the record is one message of this topic's schema in protobuf or JSON")

    static func claimMismatch(_ field: String) -> IngressError {
        IngressError(code: "CLAIM_MISMATCH", field: field, rule: "a record on an organisation's topic names no other organisation")
    }

    static func unknownField(_ name: String) -> IngressError {
        IngressError(code: "UNKNOWN_FIELD", field: name, rule: "only fields of this schema version, unless ce_dataschema names a newer one")
    }
}

/// The generated message behind an ingress value.
protocol IngressCoded: IngressValue {
    associatedtype Schema: SwiftProtobuf.Message
    init(schema: Schema)
    /// Unknown fields anywhere in the message, nested ones included.
    static func unknown(in message: Schema) -> Bool
}

extension RawScreeningResult: IngressCoded {
    static func unknown(in message: Careloop_V1_ScreeningResult) -> Bool {
        !message.unknownFields.data.isEmpty || (message.hasChild && !message.child.unknownFields.data.isEmpty)
    }
    public init(json text: String) throws(IngressError) { try self.init(json: text, allowingUnknown: false) }
    public init(json text: String, allowingUnknown: Bool) throws(IngressError) { self.init(schema: try .lenient(text, allowingUnknown)) }
    public init(protobuf bytes: [UInt8], allowingUnknown: Bool) throws(IngressError) {
        self.init(schema: try .strict(bytes, allowingUnknown, Self.unknown(in:)))
    }
}

extension RawReferralAnswer: IngressCoded {
    static func unknown(in message: Careloop_V1_ReferralAnswer) -> Bool { !message.unknownFields.data.isEmpty }
    public init(json text: String) throws(IngressError) { try self.init(json: text, allowingUnknown: false) }
    public init(json text: String, allowingUnknown: Bool) throws(IngressError) { self.init(schema: try .lenient(text, allowingUnknown)) }
    public init(protobuf bytes: [UInt8], allowingUnknown: Bool) throws(IngressError) {
        self.init(schema: try .strict(bytes, allowingUnknown, Self.unknown(in:)))
    }
}

extension SwiftProtobuf.Message {
    static func lenient(_ text: String, _ allowingUnknown: Bool) throws(IngressError) -> Self {
        var options = JSONDecodingOptions()
        options.ignoreUnknownFields = allowingUnknown
        options.messageDepthLimit = Ingress.Limits.jsonDepth
        do { return try Self(jsonString: text, options: options) } catch let error as JSONDecodingError {
            if case .unknownField(let name) = error { throw .unknownField(name) }
            throw .undecodable
        } catch { throw .undecodable }
    }

    static func strict(_ bytes: [UInt8], _ allowingUnknown: Bool, _ unknown: (Self) -> Bool) throws(IngressError) -> Self {
        let message: Self
        do { message = try Self(serializedBytes: bytes) } catch { throw .undecodable }
        guard allowingUnknown || !unknown(message) else {
            throw .unknownField(Self.firstUnknown(bytes, known: Self.protoMessageName))
        }
        return message
    }

    /// The number of an unknown field is all that protobuf tells of it.
    private static func firstUnknown(_ bytes: [UInt8], known: String) -> String { "a field number that \(known) does not have" }
}
