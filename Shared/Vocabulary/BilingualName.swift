/// What a thing is called, in the two languages of the product.
public struct BilingualName: Hashable, Sendable {
    public let zh: String
    public let en: String

    public init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }
}

/// A word of the vocabulary that people read and partners write: it has a name in both languages and can be read back from either.
public protocol BilingualWord: CaseIterable, Hashable, RawRepresentable<String>, Sendable {
    var name: BilingualName { get }
    /// Further spellings that mean the same, lower case: codes of a standard, words of older forms.
    var spellings: [String] { get }
    /// Public code thrown for a text that is none of these, for instance `SEX_INVALID`.
    static var unknownCode: String { get }
    /// Where the list is from.
    static var source: String { get }
}

extension BilingualWord {
    public var spellings: [String] { [] }
    public static var source: String { "CareLoop vocabulary" }

    /// The word a text stands for: its raw value, its Chinese or English name or another spelling; case and surrounding blanks do not count.
    /// Throws `unknownCode` and lists what would be right.
    @inlinable public static func parse(_ text: String) throws(InvalidValue) -> Self {
        // As most senders write them. Byte for byte, because telling texts apart that are not ASCII costs more than everything else here.
        for word in allCases where text.hasSameBytes(word.rawValue) || text.hasSameBytes(word.name.zh) { return word }
        return try parseAnySpelling(text)
    }

    @usableFromInline static func parseAnySpelling(_ text: String) throws(InvalidValue) -> Self {
        for word in allCases where word.spellings.contains(where: text.hasSameBytes) { return word }
        let plain = text.plain
        for word in allCases {
            let matches = plain == word.rawValue.lowercased() || plain == word.name.zh || plain == word.name.en.lowercased()
            if matches || word.spellings.contains(plain) { return word }
        }
        let choices = allCases.map { "\($0.rawValue) (\($0.name.zh))" }.joined(separator: ", ")
        throw InvalidValue(code: unknownCode, rule: "one of \(choices)", source: source)
    }
}

extension String {
    @inlinable func hasSameBytes(_ other: String) -> Bool { utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8) }

    /// Lower case, without blanks at either end (the ideographic one included).
    var plain: String {
        let blank = { (character: Character) in character.isWhitespace }
        var rest = Substring(self)
        while let first = rest.first, blank(first) { rest.removeFirst() }
        while let last = rest.last, blank(last) { rest.removeLast() }
        return rest.lowercased()
    }
}
