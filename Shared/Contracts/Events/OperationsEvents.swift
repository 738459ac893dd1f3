import SwiftProtobuf
import Vocabulary

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A record a service could not use, as a copy for operators; the row in that service's database is what counts.
///
/// Its topic has the data class, retention and access of the most sensitive topic the service reads.
public struct DeadLettered: ContractEvent, Hashable, Sendable {
    public static let type = "careloop.operations.dead-lettered.v1"
    public static let topic = "careloop.{service}.dead-letters.v1"
    /// Where the record stands; the record's own key may be a partner's text and goes nowhere.
    public var key: String { "\(originTopic)/\(partition)/\(offset)" }

    public var service: String
    public var originTopic: String
    public var partition: Int
    public var offset: Int64
    /// Public code.
    public var reason: String
    /// The field at fault, never its value.
    public var field: String?
    public var attempts: Int
    /// The record's bytes as they came; or key, headers and body together, sealed under `sealedWith`; or nothing, where they are more than a
    /// copy can hold: the row in the service's database has them.
    public var original: [UInt8]
    /// Name of the short-lived key `original` is sealed under; nil for bytes of internal topics, which hold nothing personal.
    public var sealedWith: String?

    public init(
        service: String,
        originTopic: String,
        partition: Int,
        offset: Int64,
        reason: String,
        field: String? = nil,
        attempts: Int,
        original: [UInt8],
        sealedWith: String? = nil
    ) {
        self.service = service
        self.originTopic = originTopic
        self.partition = partition
        self.offset = offset
        self.reason = reason
        self.field = field
        self.attempts = attempts
        self.original = original
        self.sealedWith = sealedWith
    }

    public init(protobuf bytes: [UInt8]) throws(ContractError) { try self.init(schema: .read(protobuf: bytes)) }
    public init(json text: String) throws(ContractError) { try self.init(schema: .read(json: text)) }
    public func protobuf() -> [UInt8] { schema.binary }
    public func json() -> String { schema.canonicalJSON }

    /// The dead letters of one service.
    public static func topic(of service: String) -> String { "careloop.\(service).dead-letters.v1" }
}

extension DeadLettered: SchemaCoded {
    init(schema m: Careloop_V1_DeadLettered) throws(ContractError) {
        guard !m.service.isEmpty else { throw .missing(field: "service") }
        guard !m.topic.isEmpty else { throw .missing(field: "topic") }
        guard !m.reason.isEmpty else { throw .missing(field: "reason") }
        self.init(
            service: m.service,
            originTopic: m.topic,
            partition: Int(m.partition),
            offset: m.offset,
            reason: m.reason,
            field: m.hasField ? m.field : nil,
            attempts: Int(m.attempts),
            original: Array(m.original),
            sealedWith: m.hasSealedWith ? m.sealedWith : nil)
    }

    var schema: Careloop_V1_DeadLettered {
        var m = Careloop_V1_DeadLettered()
        m.service = service
        m.topic = originTopic
        m.partition = Int64(partition)
        m.offset = offset
        m.reason = reason
        if let field { m.field = field }
        m.attempts = Int64(attempts)
        m.original = Data(original)
        if let sealedWith { m.sealedWith = sealedWith }
        return m
    }
}
