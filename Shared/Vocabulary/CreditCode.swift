/// A unified social credit code (统一社会信用代码), GB 32100-2015. STUB SHAPE: Vocabulary's owner completes the checks.
public struct CreditCode: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public init(_ text: String) throws(InvalidValue) { self.text = text }
    public var description: String { text }
}
