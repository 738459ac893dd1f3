import Vocabulary

/// Text that is already HTML. Everything that is not, is escaped when it is put in: `"<b>\(name)</b>"` cannot be broken by a name.
public struct HTML: Sendable, ExpressibleByStringInterpolation {
    /// As it goes to the browser.
    public let text: String

    /// For markup written in the program itself.
    public init(stringLiteral text: String) { self.text = text }
    public init(stringInterpolation: Interpolation) { text = stringInterpolation.text }
    public init(_ parts: [HTML]) { text = parts.map(\.text).joined() }

    /// True when there is nothing to show.
    public var isEmpty: Bool { text.isEmpty }

    public static func + (a: HTML, b: HTML) -> HTML { HTML([a, b]) }

    /// What stands between the quotation marks of a literal: markup stays, values are escaped.
    public struct Interpolation: StringInterpolationProtocol {
        var text = ""

        public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

        public mutating func appendLiteral(_ literal: String) { text += literal }
        public mutating func appendInterpolation(_ html: HTML) { text += html.text }
        public mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }
        public mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }
        public mutating func appendInterpolation(_ value: some TextCodable) { appendInterpolation(value.text) }

        public mutating func appendInterpolation(_ value: String) {
            for character in value.unicodeScalars {
                switch character {
                case "&": text += "&amp;"
                case "<": text += "&lt;"
                case ">": text += "&gt;"
                case "\"": text += "&quot;"
                case "'": text += "&#39;"
                default: text.unicodeScalars.append(character)
                }
            }
        }
    }
}

/// A sentence in the reader's language: `text("接收", "Accept")`.
public struct PageText: Sendable {
    public let language: Language

    public init(language: Language) { self.language = language }

    public func callAsFunction(_ zh: String, _ en: String) -> String { language == .chinese ? zh : en }
    public func callAsFunction(_ name: BilingualName) -> String { language == .chinese ? name.zh : name.en }
}
