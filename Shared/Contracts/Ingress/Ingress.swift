import SwiftProtobuf
import Vocabulary

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A raw value partners may send. Nothing in it is validated but its shape.
public protocol IngressValue: Sendable {
    /// The CloudEvents type it must carry when it carries one.
    static var type: String { get }
    /// The sender's own claim of who it is, if it makes one.
    var claim: String? { get }
    /// Protobuf's JSON mapping; throws `UNKNOWN_FIELD` or `UNDECODABLE`.
    init(json text: String) throws(IngressError)
    init(json text: String, allowingUnknown: Bool) throws(IngressError)
    init(protobuf bytes: [UInt8], allowingUnknown: Bool) throws(IngressError)
}

/// Reads partners' records: CloudEvents in binary mode (`ce_` headers, protobuf or JSON), structured JSON, structured protobuf, or plain
/// JSON without any CloudEvents.
public enum Ingress {
    /// Limits of one record.
    public enum Limits {
        public static let recordBytes = 64 << 10
        public static let jsonDepth = 8
    }

    /// The value and nothing else: a partner's own time and ids are not evidence. The topic says who sent it: `sender`.
    ///
    /// Throws `UNDECODABLE`, `UNKNOWN_FIELD` (unless `ce_dataschema` names a newer version), `TYPE_UNKNOWN`, `FIELD_MISSING`,
    /// `CONTENT_TYPE_UNKNOWN`, `RECORD_TOO_LARGE` or `CLAIM_MISMATCH`.
    public static func read<Value: IngressValue>(
        _ type: Value.Type, value: [UInt8]?, headers: [(name: String, value: [UInt8])], sender: OrganisationID
    ) throws(IngressError) -> Value {
        guard let value, !value.isEmpty else { throw .undecodable }
        guard value.count <= Limits.recordBytes else {
            throw IngressError(code: "RECORD_TOO_LARGE", rule: "a record holds at most \(Limits.recordBytes) bytes")
        }
        var event: ScannedEvent
        let data: [UInt8]
        let isStructured: Bool
        switch mediaType(BinaryMode.header("content-type", headers)) {
        case Envelope.jsonContentType:
            (event, data) = try structured(json: value)
            isStructured = true
        case Envelope.contentType:
            do { event = try ScannedEvent(value) } catch { throw IngressError(error) }
            data = Array(value[event.data])
            isStructured = true
            if event.contentType == nil { event.assumeProtobuf() }
        default:
            do { event = try ScannedEvent(headers: headers) } catch { throw IngressError(error) }
            data = value
            isStructured = event.specVersion != nil
        }
        if isStructured {
            guard event.type != nil else { throw .missing("type") }
            guard !data.isEmpty else { throw .missing("data") }
        }
        if let named = event.type, !named.isEmpty, named != Value.type { throw .unknownType(Value.type) }
        try check(claim: event.source, sender)
        let read: Value = try payload(data, contentType: event.contentType, allowingUnknown: isNewer(event.dataSchema, than: Value.type))
        if let claim = read.claim, !claim.isEmpty, claim != sender.text { throw .claimMismatch("organisation") }
        return read
    }

    private static func payload<Value: IngressValue>(
        _ data: [UInt8], contentType: String?, allowingUnknown: Bool
    ) throws(IngressError) -> Value {
        switch mediaType(contentType) {
        case Envelope.protobufContentType, "application/x-protobuf":
            return try Value(protobuf: data, allowingUnknown: allowingUnknown)
        case Envelope.plainJSONContentType, "":
            guard let text = String(validating: data, as: UTF8.self), JSONOutline.isShallow(data, depth: Limits.jsonDepth) else {
                throw .undecodable
            }
            return try Value(json: text, allowingUnknown: allowingUnknown)
        default:
            throw IngressError(
                code: "CONTENT_TYPE_UNKNOWN", field: "content-type",
                rule: "application/json, application/protobuf or a CloudEvents content type", source: "CloudEvents Kafka binding 1.0")
        }
    }

    /// CloudEvents' JSON format: attributes and `data`, or `data_base64`, side by side in one object.
    private static func structured(json bytes: [UInt8]) throws(IngressError) -> (ScannedEvent, [UInt8]) {
        guard let members = JSONOutline.members(of: bytes, depth: Limits.jsonDepth) else { throw .undecodable }
        var event = ScannedEvent()
        for (name, member) in members where name != "data" && name != "data_base64" {
            // Numbers and booleans are only ever extensions, and none of those we read.
            guard member.first == 0x22 else { continue }
            let text = try string(member, name)
            do { try event.set(attribute: name, to: text) } catch { throw IngressError(error) }
        }
        guard event.specVersion == "1.0" else { throw .unreadable("specversion") }
        if let encoded = members["data_base64"] {
            guard members["data"] == nil, let data = Data(base64Encoded: try string(encoded, "data_base64")) else {
                throw .unreadable("data_base64")
            }
            return (event, Array(data))
        }
        guard let data = members["data"] else { throw .missing("data") }
        return (event, Array(data))
    }

    private static func string(_ member: ArraySlice<UInt8>, _ name: String) throws(IngressError) -> String {
        do { return try Google_Protobuf_StringValue(jsonUTF8Data: Data(member)).value } catch { throw .unreadable(name) }
    }

    private static func mediaType(_ header: String?) -> String {
        let type = header?.split(separator: ";", omittingEmptySubsequences: false).first ?? ""
        return String(type.filter { !$0.isWhitespace }).lowercased()
    }

    /// A source that names anything must name the topic's owner in one of its parts: `/bureaus/hb-1`, `urn:careloop:hb-1` or `hb-1`.
    private static func check(claim source: String?, _ sender: OrganisationID) throws(IngressError) {
        guard let source, !source.isEmpty else { return }
        let parts = source.split { $0 == "/" || $0 == ":" }
        guard parts.contains(where: { $0 == sender.text }) else { throw .claimMismatch("source") }
    }

    /// True when `schema`, a URI or an event type, names a later version of `type`: `….screening-result.v2` against `….v1`.
    static func isNewer(_ schema: String?, than type: String) -> Bool {
        func version(_ text: String) -> (name: Substring, number: Int)? {
            guard let dot = text.lastIndex(of: "."), text[text.index(after: dot)...].first == "v",
                let number = Int(text[text.index(dot, offsetBy: 2)...])
            else { return nil }
            return (text[..<dot], number)
        }
        guard let schema, let named = version(schema), let own = version(type) else { return false }
        return named.number > own.number && named.name.hasSuffix(own.name)
    }
}

/// The generated message behind an ingress value.
protocol IngressCoded: IngressValue {
    associatedtype Schema: SwiftProtobuf.Message
    init(schema: Schema)
    /// Number of the first field the schema does not have, with the path to it.
    static func unknownField(in message: Schema) -> String?
}

extension IngressCoded {
    public init(json text: String) throws(IngressError) { try self.init(json: text, allowingUnknown: false) }

    public init(json text: String, allowingUnknown: Bool) throws(IngressError) {
        var options = JSONDecodingOptions()
        options.ignoreUnknownFields = allowingUnknown
        options.messageDepthLimit = Ingress.Limits.jsonDepth
        let message: Schema
        do { message = try Schema(jsonString: text, options: options) } catch JSONDecodingError.unknownField(let name) {
            throw .unknownField(name)
        } catch { throw .undecodable }
        self.init(schema: message)
    }

    public init(protobuf bytes: [UInt8], allowingUnknown: Bool) throws(IngressError) {
        let message: Schema
        do { message = try Schema(serializedBytes: bytes) } catch { throw .undecodable }
        if !allowingUnknown, let field = Self.unknownField(in: message) { throw .unknownField(field) }
        self.init(schema: message)
    }
}

extension UnknownStorage {
    /// Number of the first field held here; nil when there is none.
    var firstNumber: String? {
        let bytes = Array(data)
        guard !bytes.isEmpty else { return nil }
        var tag: UInt64 = 0
        for (index, byte) in bytes.prefix(10).enumerated() {
            tag |= UInt64(byte & 0x7F) << UInt64(7 * index)
            if byte < 0x80 { break }
        }
        return String(tag >> 3)
    }
}

extension RawScreeningResult: IngressCoded {
    static func unknownField(in message: Careloop_V1_ScreeningResult) -> String? {
        message.unknownFields.firstNumber ?? message.child.unknownFields.firstNumber.map { "child.\($0)" }
    }
}

extension RawReferralAnswer: IngressCoded {
    static func unknownField(in message: Careloop_V1_ReferralAnswer) -> String? { message.unknownFields.firstNumber }
}
