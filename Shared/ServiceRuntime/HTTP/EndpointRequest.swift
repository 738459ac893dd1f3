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
    let query: [String: String]
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
    /// Names the endpoint takes in its query; nil where nobody asked.
    private let declared: Set<String>?
    /// The browser's session, where it is what says who asks.
    var session: Sessions.Living?

    public init(
        id: String, method: HTTPRequest.Method, path: String, query: [String: String] = [:], actor: Actor, now: Instant,
        language: Language = .chinese, parameters: [String: String] = [:], headers: [String: String] = [:], grants: [Actor] = [],
        declared: Set<String>? = nil
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
        self.declared = declared
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

    /// A query parameter; nil when absent. The endpoint must have named it, or no request could ever bring it.
    public func query(_ name: String) -> String? {
        assert(declared?.contains(name) ?? true, "\(path) reads the query parameter \(name), which its endpoint does not name")
        return query[name]
    }

    /// A query parameter as a vocabulary type; nil when absent. Throws 422 naming it.
    public func query<Value: TextCodable>(_ name: String, as type: Value.Type) throws(Problem) -> Value? {
        guard let text = query(name) else { return nil }
        return try field(name) { () throws(InvalidValue) in try Value(text) }
    }

    /// A query parameter as one of an enum's words; nil when absent. Throws 422 naming it and the words.
    public func query<Word: RawRepresentable<String> & CaseIterable>(_ name: String, oneOf type: Word.Type) throws(Problem) -> Word? {
        guard let text = query(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = type.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem("VALUE_NOT_ALLOWED", status: 422, field: name, rule: "one of \(words)")
        }
        return word
    }

    /// A query parameter that says `true` or `false`. Throws 422 naming it.
    public func flag(_ name: String, absent: Bool = false) throws(Problem) -> Bool {
        switch query(name) {
        case nil: return absent
        case "true": return true
        case "false": return false
        default: throw Problem("VALUE_NOT_ALLOWED", status: 422, field: name, rule: "one of true, false")
        }
    }

    /// A header by its lower-case name.
    public func header(_ name: String) -> String? { headers[name] }

    /// Which part of a list is asked for. Throws 400 when limit or cursor make no sense.
    public var page: Page { get throws(Problem) { try Page(limit: query("limit"), after: query("after")) } }

    /// The region a list is asked for with `?region=`, within the caller's own; the caller's own when none is named, nil for a caller without
    /// one. Throws 403 outside it.
    public var subtree: RegionCode? {
        get throws(Problem) {
            guard let asked = try query("region", as: RegionCode.self) else { return actor.region }
            try actor.mayAct(in: asked)
            return asked
        }
    }

    /// `subtree` for an endpoint that makes no sense without a region. Throws 403 for a caller without one.
    public var ownSubtree: RegionCode {
        get throws(Problem) {
            guard actor.region != nil, let region = try subtree else { throw .forbidden("REGION_OUT_OF_SCOPE") }
            return region
        }
    }

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
