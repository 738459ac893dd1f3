import ServiceRuntime
import Vocabulary

/// Text that is already HTML. Everything that is not, is escaped when it is put in.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    let text: String

    /// For markup written in this module.
    init(stringLiteral text: String) { self.text = text }
    init(stringInterpolation: Interpolation) { text = stringInterpolation.text }
    init(_ parts: [HTML]) { text = parts.map(\.text).joined() }

    struct Interpolation: StringInterpolationProtocol {
        var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ html: HTML) { text += html.text }
        mutating func appendInterpolation(_ parts: [HTML]) { for part in parts { text += part.text } }
        mutating func appendInterpolation(_ number: some BinaryInteger) { text += String(number) }

        mutating func appendInterpolation(_ value: String) {
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

/// The two languages of the page.
struct PageText: Sendable {
    let language: Language

    func callAsFunction(_ zh: String, _ en: String) -> String { language == .chinese ? zh : en }
    func callAsFunction(_ name: BilingualName) -> String { language == .chinese ? name.zh : name.en }
}
