/// A parameter that an endpoint takes in the query of its address. One it has not named is refused with 400 `PARAMETER_UNKNOWN`: a filter
/// with a slip of the pen in it would otherwise answer with everything.
public struct QueryParameter: Sendable, Equatable, ExpressibleByStringLiteral {
    public let name: String
    /// The words it takes; nil where any text will do.
    public let words: [String]?

    public init(stringLiteral name: String) { self.init(name) }

    public init(_ name: String, words: [String]? = nil) {
        self.name = name
        self.words = words
    }

    /// One of an enum's words.
    public static func oneOf<Word: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Word.Type) -> QueryParameter {
        QueryParameter(name, words: type.allCases.map(\.rawValue))
    }

    /// `true` or `false`.
    public static func flag(_ name: String) -> QueryParameter { QueryParameter(name, words: ["true", "false"]) }
}

extension [QueryParameter] {
    /// What a list is paged with: `limit` and `after`.
    public static var page: [QueryParameter] { ["limit", "after"] }
}
