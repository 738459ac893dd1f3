/// Why a partner's record is refused at the door: a public code, the field, the rule and where the rule is from; never a value.
public struct IngressError: Error, Hashable, Sendable {
    /// `UNDECODABLE`, `UNKNOWN_FIELD`, `TYPE_UNKNOWN`, `CLAIM_MISMATCH`, `RECORD_TOO_LARGE`, `FIELD_MISSING` or `CONTENT_TYPE_UNKNOWN`.
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

extension IngressError {
    /// The one code that says nothing about what was meant: whoever reads such a record can only set it aside.
    public static let undecodableCode = "UNDECODABLE"

    static let undecodable = IngressError(
        code: undecodableCode, rule: "the record is one message of this topic's schema in protobuf or JSON")

    static func claimMismatch(_ field: String) -> IngressError {
        IngressError(code: "CLAIM_MISMATCH", field: field, rule: "a record on an organisation's topic names no other organisation")
    }

    static func missing(_ attribute: String) -> IngressError {
        IngressError(
            code: "FIELD_MISSING", field: attribute, rule: "a CloudEvent has a type and data", source: "CloudEvents 1.0, section 3")
    }

    static func unreadable(_ attribute: String) -> IngressError {
        IngressError(code: "UNDECODABLE", field: attribute, rule: "a CloudEvents 1.0 attribute", source: "CloudEvents 1.0, section 3")
    }

    static func unknownType(_ expected: String) -> IngressError {
        IngressError(code: "TYPE_UNKNOWN", field: "type", rule: "this topic carries \(expected)")
    }

    /// Names the field as the sender wrote it, unless that text could itself be about somebody.
    static func unknownField(_ name: String) -> IngressError {
        let plain =
            name.count <= 64 && name.filter(\.isNumber).count <= 5
            && name.allSatisfy { $0.isLetter || $0.isNumber || "_-.".contains($0) }
        return IngressError(
            code: "UNKNOWN_FIELD", field: plain ? name : "(a name that is no field name)",
            rule: "only fields of this schema version, unless ce_dataschema names a newer one")
    }

    init(_ error: EnvelopeError) {
        switch error {
        case .undecodable: self = .undecodable
        case .unsupportedVersion: self = .unreadable("specversion")
        case .missing(let attribute): self = .missing(attribute)
        case .invalid(let attribute): self = .unreadable(attribute)
        }
    }
}
