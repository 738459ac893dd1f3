import Vocabulary

/// What each public code means: its HTTP status, a Chinese and an English sentence, and where the rule comes from. One per service; the
/// chassis adds its own codes and those of the vocabulary.
public struct RefusalCatalogue: Sendable {
    /// One code of the catalogue.
    public struct Entry: Sendable {
        public let code: String
        public let status: Int
        public let chinese: String
        public let english: String
        /// Standard, law or document the rule is from.
        public let source: String

        public init(_ code: String, _ status: Int, zh chinese: String, en english: String, source: String = "CareLoop design") {
            self.code = code
            self.status = status
            self.chinese = chinese
            self.english = english
            self.source = source
        }

        /// A key that came before, with another body: told by its kept answer, or years later by what was made of it.
        public static let keyReused = Entry(
            "IDEMPOTENCY_KEY_REUSED", 422, zh: "同一 Idempotency-Key 已用于不同的内容。", en: "This Idempotency-Key came before with another body.")
    }

    private let entries: [String: Entry]
    /// A page of a refusal shows the way to the organisation's provider.
    private var offersOpenID = false

    /// A code said twice is a bug and traps with the code.
    public init(_ entries: [Entry]) {
        self.entries = Dictionary(entries.map { ($0.code, $0) }) { first, _ in
            preconditionFailure("\(first.code) stands twice in a catalogue")
        }
    }

    private init(_ entries: [String: Entry]) { self.entries = entries }

    public subscript(code: String) -> Entry? { entries[code] }

    /// Codes in alphabetical order.
    public var codes: [String] { entries.keys.sorted() }

    /// This catalogue with `other`'s codes; where both have one, this one's sentence stands.
    public func including(_ other: RefusalCatalogue) -> RefusalCatalogue {
        RefusalCatalogue(entries.merging(other.entries) { mine, _ in mine })
    }

    /// This catalogue with the codes that every service has.
    public var withChassis: RefusalCatalogue {
        [DeadLetterEndpoints.refusals, SourceEndpoints.refusals, JournalEndpoints.refusals].reduce(including(.chassis)) { $0.including($1) }
    }

    /// This catalogue, whose pages offer signing in by OpenID Connect where there is such a thing.
    func offering(openID isThere: Bool) -> RefusalCatalogue {
        var catalogue = self
        catalogue.offersOpenID = isThere
        return catalogue
    }

    /// Codes of `refusals` that have no sentence here; a service's test asserts it is empty.
    public func missing(for refusals: [any Refusal.Type]) -> [String] {
        refusals.flatMap { Self.codes(of: $0) }.filter { entries[$0] == nil }.sorted()
    }

    private static func codes<Refused: Refusal>(of type: Refused.Type) -> [String] { type.allCases.map(\.rawValue) }
}

/// Which of the two languages an answer is in.
public enum Language: String, Sendable {
    case chinese = "zh-CN"
    case english = "en"

    /// What the reader chose on a page before (`careloop_lang`), else what the browser asks for.
    init(acceptLanguage header: String?, cookie: String?) {
        switch Sessions.cookies(cookie).first(where: { $0.name == PageRequest.languageCookie })?.value {
        case "en": self = .english
        case "zh": self = .chinese
        default: self.init(acceptLanguage: header)
        }
    }

    /// Of a request's headers by lower-case name.
    init(of headers: [String: String]) { self.init(acceptLanguage: headers["accept-language"], cookie: headers["cookie"]) }

    /// By `Accept-Language` (RFC 9110, 12.5.4); Chinese when it says nothing or asks for neither.
    public init(acceptLanguage header: String?) {
        var best: (language: Language, quality: Double)?
        for range in (header ?? "").split(separator: ",").prefix(16) {
            let parts = range.split(separator: ";")
            guard let tag = parts.first?.trimmed.lowercased() else { continue }
            let language: Language
            if tag.hasPrefix("zh") || tag == "*" {
                language = .chinese
            } else if tag.hasPrefix("en") {
                language = .english
            } else {
                continue
            }
            let weight = parts.dropFirst().compactMap { part -> Double? in
                let text = part.trimmed
                return text.hasPrefix("q=") ? Double(text.dropFirst(2)) : nil
            }.first
            let quality = weight ?? 1
            if quality > 0, best == nil || quality > best!.quality { best = (language, quality) }
        }
        self = best?.language ?? .chinese
    }
}

extension Substring {
    /// Without spaces and tabs around it.
    var trimmed: String {
        var rest = self
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}

extension RefusalCatalogue {
    /// A problem as `application/problem+json`, in the caller's language; as a page in both for a browser that shows it to a person.
    func reply(_ problem: Problem, _ language: Language, asPage: Bool = false) -> Reply {
        let entry = entries[problem.code]
        let status = problem.status ?? entry?.status ?? 422
        let title = language == .chinese ? entry?.chinese : entry?.english
        var members: [(String, JSONValue)] = [
            ("type", .string("urn:careloop:problem:\(problem.code)")),
            ("title", .string(title ?? (language == .chinese ? "请求不符合规则。" : "The request breaks a rule."))),
            ("status", .number(String(status))),
            ("code", .string(problem.code)),
        ]
        if let field = problem.field { members.append(("field", .string(field))) }
        if let rule = problem.rule {
            members.append(("detail", .string(problem.field.map { "\($0): \(rule)" } ?? rule)))
            members.append(("rule", .string(rule)))
        } else if let english = entry?.english {
            members.append(("rule", .string(english)))
        }
        members.append(("source", .string(problem.source ?? entry?.source ?? "CareLoop design")))
        members.append(("retryable", .bool(problem.retryAfterSeconds != nil)))
        var headers: [(String, String)] = [("Content-Language", language.rawValue)]
        if let seconds = problem.retryAfterSeconds { headers.append(("Retry-After", String(seconds))) }
        if status == 401 { headers.append(("WWW-Authenticate", "Bearer realm=\"careloop\"")) }
        if !problem.allowedMethods.isEmpty { headers.append(("Allow", problem.allowedMethods.joined(separator: ", "))) }
        guard !asPage else { return ProblemPage(problem, entry, language, offersOpenID: offersOpenID).reply(status: status, headers) }
        return Reply(status: status, contentType: "application/problem+json", body: JSONValue.object(members).bytes, headers: headers)
    }
}
