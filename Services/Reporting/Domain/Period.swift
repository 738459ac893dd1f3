import Vocabulary

/// The months an indicator is about.
enum Period: Hashable, Sendable {
    /// Everything since the beginning.
    case toDate
    case months(YearMonth, YearMonth, text: String)

    /// `to-date`, `YYYY`, `YYYY-Qn` or `YYYY-MM`.
    init(_ text: String) throws(ReportingRefusal) {
        if text == "to-date" {
            self = .toDate
        } else if text.utf8.count == 4, let first = Self.month(text + "-01"), let last = Self.month(text + "-12") {
            self = .months(first, last, text: text)
        } else if let month = Self.month(text) {
            self = .months(month, month, text: text)
        } else if let quarter = Self.quarter(text) {
            self = .months(quarter.first.month, quarter.last.month, text: text)
        } else {
            throw .periodInvalid
        }
    }

    static func month(_ month: YearMonth) -> Period { .months(month, month, text: month.text) }

    var text: String {
        switch self {
        case .toDate: "to-date"
        case .months(_, _, let text): text
        }
    }

    var from: YearMonth? {
        switch self {
        case .toDate: nil
        case .months(let from, _, _): from
        }
    }

    var to: YearMonth? {
        switch self {
        case .toDate: nil
        case .months(_, let to, _): to
        }
    }

    // Nil says that the text is something else, which the caller tries next.
    private static func month(_ text: String) -> YearMonth? { try? YearMonth(text) }
    // As above.
    private static func quarter(_ text: String) -> Quarter? { try? Quarter(text) }
}
