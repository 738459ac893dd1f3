/// A value that JSON and URLs carry as its text: decoding validates, so a decoded body holds only well-formed values.
public protocol TextCodable: Codable, Sendable {
    init(_ text: String) throws(InvalidValue)
    var text: String { get }
}

extension TextCodable {
    /// Throws `InvalidValue` as it is, so that whoever decodes can name the field.
    public init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Identifier: TextCodable {}
extension RegionCode: TextCodable {}
extension LocalDate: TextCodable {}
extension YearMonth: TextCodable {}
extension Quarter: TextCodable {}
