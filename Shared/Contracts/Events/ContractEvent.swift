import SwiftProtobuf
import Vocabulary

/// One event type that services or partners exchange: a validated value with a Protocol Buffers schema behind it.
///
/// `decode(encode(x)) == x`; decoding validates every field, so a value of this type is always well-formed.
public protocol ContractEvent: Sendable {
    /// Versioned CloudEvents type, for instance `careloop.screening.referral-issued.v1`.
    static var type: String { get }
    /// Versioned topic; partner topics hold `{organisation}` for the partner's id.
    static var topic: String { get }
    /// Partition key: the identifier within which order is promised.
    var key: String { get }
    init(protobuf bytes: [UInt8]) throws(ContractError)
    init(json text: String) throws(ContractError)
    func protobuf() -> [UInt8]
    /// Protobuf's canonical JSON mapping.
    func json() -> String
}

/// Why bytes are not the event they claim to be. Never carries the value, only where it stood.
public enum ContractError: Error, Hashable, Sendable {
    /// Not parseable as the schema at all.
    case undecodable
    /// A required field is absent or unstated.
    case missing(field: String)
    /// An enum number this build does not know.
    case unknownValue(field: String, number: Int)
    /// A field breaks a rule of the vocabulary.
    case invalid(field: String, InvalidValue)
}

/// A value that maps one to one to a generated message. Internal: services never see generated code.
protocol SchemaCoded {
    associatedtype Schema: SwiftProtobuf.Message
    init(schema: Schema) throws(ContractError)
    var schema: Schema { get }
}

extension SwiftProtobuf.Message {
    static func read(protobuf bytes: [UInt8]) throws(ContractError) -> Self {
        do { return try Self(serializedBytes: bytes) } catch { throw .undecodable }
    }

    static func read(json text: String) throws(ContractError) -> Self {
        var options = JSONDecodingOptions()
        // A newer producer's fields are no error here, as they are none in protobuf; only ingress refuses them.
        options.ignoreUnknownFields = true
        do { return try Self(jsonString: text, options: options) } catch { throw .undecodable }
    }

    var binary: [UInt8] {
        do { return try serializedBytes() } catch {
            preconditionFailure("proto3 messages without required fields always serialise: \(error)")
        }
    }

    var canonicalJSON: String {
        do { return try jsonString() } catch { preconditionFailure("proto3 messages of plain fields always map to JSON: \(error)") }
    }
}

/// Runs one field's validation and names the field in what it throws.
func parsed<Value>(_ name: String, _ text: String, _ make: (String) throws(InvalidValue) -> Value) throws(ContractError) -> Value {
    do { return try make(text) } catch { throw text.isEmpty ? .missing(field: name) : .invalid(field: name, error) }
}

/// The message field `name`, which must be present.
func required<Value>(_ name: String, _ present: Bool, _ value: @autoclosure () -> Value) throws(ContractError) -> Value {
    guard present else { throw .missing(field: name) }
    return value()
}
