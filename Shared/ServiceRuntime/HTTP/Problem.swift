import Vocabulary

/// Why a request is answered no, as RFC 9457 says it: a public code, and where the catalogue does not already say so, the rest.
///
/// Carries no offending text and no personal data, so it may be logged and returned to anybody.
public struct Problem: Error, Hashable, Sendable {
    /// Public code, `UPPER_SNAKE`; the catalogue holds its sentences.
    public var code: String
    /// HTTP status; nil takes the catalogue's.
    public var status: Int?
    /// The field of the body, path or query that broke the rule, for instance `lines[2].amountFen`.
    public var field: String?
    /// The rule in words, when it is more exact than the catalogue's sentence.
    public var rule: String?
    /// Standard, law or document the rule is from.
    public var source: String?
    /// After how many seconds the same request is worth sending again; nil when it never is.
    public var retryAfterSeconds: Int?
    /// Methods that would have been allowed, for a 405.
    public var allowedMethods: [String] = []

    public init(
        _ code: String, status: Int? = nil, field: String? = nil, rule: String? = nil, source: String? = nil, retryAfterSeconds: Int? = nil
    ) {
        self.code = code
        self.status = status
        self.field = field
        self.rule = rule
        self.source = source
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// 404: there is no such thing, or the caller may not know that there is.
    public static var notFound: Problem { Problem("NOT_FOUND", status: 404) }

    /// 401: no token, or none that is good.
    public static func unauthenticated(_ code: String = "TOKEN_MISSING") -> Problem { Problem(code, status: 401) }

    /// 403 with the code that says why.
    public static func forbidden(_ code: String) -> Problem { Problem(code, status: 403) }

    /// 422: `field` breaks a rule of the vocabulary.
    public static func invalid(field: String, _ value: InvalidValue) -> Problem {
        Problem(value.code, status: 422, field: field, rule: value.rule, source: value.source)
    }

    /// 422: `field` breaks a rule that has a code in the catalogue.
    public static func invalid(field: String, _ code: String) -> Problem { Problem(code, status: 422, field: field) }

    /// 409: the state of things stands in the way.
    public static func conflict(_ code: String) -> Problem { Problem(code, status: 409) }

    /// 400: the request cannot be read.
    static func malformed(_ code: String, field: String? = nil, rule: String? = nil) -> Problem {
        Problem(code, status: 400, field: field, rule: rule)
    }

    /// 503: what waits to be sent has reached its cap.
    static var outboxFull: Problem { .unavailable("OUTBOX_FULL", retryAfterSeconds: 5) }

    /// 503: nothing is wrong with the request; the same one is worth sending again.
    public static func unavailable(_ code: String, retryAfterSeconds: Int) -> Problem {
        Problem(code, status: 503, retryAfterSeconds: retryAfterSeconds)
    }
}

/// Runs one field's validation and names the field in what it throws: `try field("birthDate") { try LocalDate(text) }`.
public func field<Value>(_ name: String, _ make: () throws(InvalidValue) -> Value) throws(Problem) -> Value {
    do { return try make() } catch { throw .invalid(field: name, error) }
}
