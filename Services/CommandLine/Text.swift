import Foundation

/// The language a person reads, from LC_ALL, LC_MESSAGES or LANG, the first that is set.
enum Language: Sendable {
    case chinese, english

    static let current = Language(environment: ProcessInfo.processInfo.environment)

    init(environment: [String: String]) {
        let chosen = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = chosen?.hasPrefix("zh") == true ? .chinese : .english
    }
}

/// A sentence in both languages.
struct Text: Sendable {
    let zh: String
    let en: String

    init(_ zh: String, _ en: String) {
        self.zh = zh
        self.en = en
    }

    /// In the language of this terminal.
    var here: String { Language.current == .chinese ? zh : en }
}
