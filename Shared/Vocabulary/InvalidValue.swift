/// A text that breaks a rule of the vocabulary: the public code, the rule in words and where the rule comes from.
/// Never holds the offending text, so it may be logged and returned to anybody.
public struct InvalidValue: Error, Hashable, Sendable {
    /// Public code, for instance `ID_CHECKSUM_INVALID`.
    public let code: String
    /// The rule, one English sentence.
    public let rule: String
    /// Standard, law or document the rule is from.
    public let source: String

    public init(code: String, rule: String, source: String) {
        self.code = code
        self.rule = rule
        self.source = source
    }
}
