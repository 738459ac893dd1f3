/// A JSON text in the making, with its members in the order given. For documents we write; never for reading.
indirect enum JSONTree {
    case text(String)
    case number(Int)
    case list([JSONTree])
    case object([(String, JSONTree)])

    /// Indented by two spaces, ending without a line break.
    var written: String {
        var out = ""
        write(&out, 0)
        return out
    }

    private func write(_ out: inout String, _ depth: Int) {
        let indent = String(repeating: "  ", count: depth + 1)
        let close = "\n" + String(repeating: "  ", count: depth)
        switch self {
        case .text(let text): Self.quote(text, &out)
        case .number(let number): out += String(number)
        case .list(let items):
            out += "["
            for (index, item) in items.enumerated() {
                out += (index == 0 ? "\n" : ",\n") + indent
                item.write(&out, depth + 1)
            }
            out += items.isEmpty ? "]" : close + "]"
        case .object(let members):
            out += "{"
            for (index, member) in members.enumerated() {
                out += (index == 0 ? "\n" : ",\n") + indent
                Self.quote(member.0, &out)
                out += ": "
                member.1.write(&out, depth + 1)
            }
            out += members.isEmpty ? "}" : close + "}"
        }
    }

    private static func quote(_ text: String, _ out: inout String) {
        out += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\u{0}"..<"\u{20}": out += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    init(stringLiteral text: String) { self = .text(text) }
    init(integerLiteral number: Int) { self = .number(number) }
    init(arrayLiteral items: JSONTree...) { self = .list(items) }
    init(dictionaryLiteral members: (String, JSONTree)...) { self = .object(members) }
}
