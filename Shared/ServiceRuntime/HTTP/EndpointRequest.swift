import HTTPTypes
import Vocabulary

/// A request as an endpoint sees it: matched, authenticated, its body aside.
public struct EndpointRequest: Sendable {
    /// Identifies this request in logs, answers and, for a write without a key, in the events that follow from it.
    public let id: String
    public let method: HTTPRequest.Method
    /// The path as it came, without the query.
    public let path: String
    /// Decoded query, first value of each name.
    public let query: [String: String]
    /// Who asks; `Role.visitor` where an endpoint is for everyone and no token came.
    public let actor: Actor
    /// Everything the caller's session may do, `actor` among it; a token is one grant.
    public let grants: [Actor]
    /// Business date.
    public let today: LocalDate
    /// Business time.
    public let now: Instant
    public let language: Language
    /// Values of the path template's placeholders.
    let parameters: [String: String]
    let headers: [String: String]

    public init(
        id: String, method: HTTPRequest.Method, path: String, query: [String: String] = [:], actor: Actor, now: Instant,
        language: Language = .chinese, parameters: [String: String] = [:], headers: [String: String] = [:], grants: [Actor] = []
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.query = query
        self.actor = actor
        self.now = now
        today = now.date
        self.language = language
        self.parameters = parameters
        self.headers = headers
        self.grants = grants
    }

    /// The value of a placeholder of the endpoint's own path template.
    public func path(_ name: String) -> String {
        guard let value = parameters[name] else { preconditionFailure("the path template has no {\(name)}") }
        return value
    }

    /// A placeholder as a vocabulary type. Throws 422 naming it.
    public func path<Value: TextCodable>(_ name: String, as type: Value.Type) throws(Problem) -> Value {
        let text = path(name)
        return try field(name) { () throws(InvalidValue) in try Value(text) }
    }

    /// A query parameter; nil when absent.
    public func query(_ name: String) -> String? { query[name] }

    /// A query parameter as a vocabulary type; nil when absent. Throws 422 naming it.
    public func query<Value: TextCodable>(_ name: String, as type: Value.Type) throws(Problem) -> Value? {
        guard let text = query[name] else { return nil }
        return try field(name) { () throws(InvalidValue) in try Value(text) }
    }

    /// A query parameter as one of an enum's words; nil when absent. Throws 422 naming it and the words.
    public func query<Word: RawRepresentable<String> & CaseIterable>(_ name: String, oneOf type: Word.Type) throws(Problem) -> Word? {
        guard let text = query[name] else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = type.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem("VALUE_NOT_ALLOWED", status: 422, field: name, rule: "one of \(words)")
        }
        return word
    }

    /// A header by its lower-case name.
    public func header(_ name: String) -> String? { headers[name] }

    /// Which part of a list is asked for. Throws 400 when limit or cursor make no sense.
    public var page: Page { get throws(Problem) { try Page(query: query) } }

    /// The caller's `Idempotency-Key`. Throws 400 unless it is 1 to 128 visible ASCII characters.
    var idempotencyKey: String? {
        get throws(Problem) {
            guard let key = headers["idempotency-key"] else { return nil }
            guard (1...128).contains(key.utf8.count), key.utf8.allSatisfy({ (33...126).contains($0) }) else {
                throw .malformed("IDEMPOTENCY_KEY_INVALID", field: "Idempotency-Key")
            }
            return key
        }
    }
}
