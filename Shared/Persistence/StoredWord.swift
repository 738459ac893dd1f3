extension Row {
    /// A word of one of this service's own lists, as it stands alone in a column. Throws `newerStore` when this build does not know it: a newer
    /// build wrote it, or the store is damaged. Either way the store is at fault and no request or record: what reads it waits for a newer
    /// build.
    public func word<Word: RawRepresentable<String>>(_ column: Int, _ type: Word.Type = Word.self) throws(DatabaseError) -> Word {
        try Word(stored: text(column))
    }

    /// The same for a column that may be NULL.
    public func wordOrNil<Word: RawRepresentable<String>>(_ column: Int, _ type: Word.Type = Word.self) throws(DatabaseError) -> Word? {
        guard let text = textOrNil(column) else { return nil }
        return try Word(stored: text)
    }
}

extension RawRepresentable<String> {
    /// The word of the store that `text` is, where a column holds several. Throws as `Row.word`.
    public init(stored text: String) throws(DatabaseError) {
        guard let word = Self(rawValue: text) else { throw .unknownShape("the store holds a \(Self.self) this build does not know") }
        self = word
    }
}

extension DatabaseError {
    /// The store holds what this build never writes. `what` says so in words, without the value.
    public static func unknownShape(_ what: String) -> DatabaseError { DatabaseError(kind: .newerStore, message: what) }
}
