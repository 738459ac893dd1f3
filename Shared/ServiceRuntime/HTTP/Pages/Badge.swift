import Vocabulary

/// A short word that stands out on a page: a state.
public struct Badge: Sendable {
    let name: BilingualName
    /// A class of the style sheet.
    let tone: String

    private init(_ zh: String, _ en: String, _ tone: String) {
        name = BilingualName(zh: zh, en: en)
        self.tone = tone
    }

    /// Somebody has to do something.
    public static func waiting(_ zh: String, _ en: String) -> Self { Self(zh, en, "wait") }
    public static func good(_ zh: String, _ en: String) -> Self { Self(zh, en, "good") }
    public static func bad(_ zh: String, _ en: String) -> Self { Self(zh, en, "bad") }
    public static func plain(_ zh: String, _ en: String) -> Self { Self(zh, en, "") }
}

/// A state that pages show, and that lists are narrowed to.
public protocol BadgedState: CaseIterable, RawRepresentable<String> {
    var badge: Badge { get }
}

extension PageRequest {
    public func badge(_ badge: Badge) -> HTML { "<span class=\"badge \(badge.tone)\">\(text(badge.name))</span>" }

    /// Nothing for nil: there is no such state yet.
    public func state(_ state: (some BadgedState)?) -> HTML { state.map { badge($0.badge) } ?? "" }

    /// A state as an answer has it; a word of another build is shown as it is.
    public func state<State: BadgedState>(_ type: State.Type, _ word: String) -> HTML {
        State(rawValue: word).map { badge($0.badge) } ?? "\(word)"
    }

    /// The states a list can be narrowed to by its parameter `status`, and all.
    public func filter<State: BadgedState>(_ type: State.Type) -> HTML {
        filter(
            "按状态筛选", "By state", "status",
            [(value: nil, label: text("全部", "all"))] + State.allCases.map { (value: $0.rawValue, label: text($0.badge.name)) })
    }

    /// Person ids are pseudonyms, too long to be read; their beginning tells two of a list apart.
    public func short(_ person: PersonID) -> HTML { "<span title=\"\(person)\">\(String(person.text.prefix(8)))</span>" }
}
