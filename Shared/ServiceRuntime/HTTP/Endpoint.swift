import HTTPTypes
import Persistence
import Vocabulary

/// One address of a service: who may call it, what it takes and gives, and what it does.
public struct Endpoint: Sendable {
    /// A sentence in two languages. As a literal `中文 / English`; without the slash it stands for both.
    public struct Summary: Sendable, Equatable, ExpressibleByStringLiteral {
        public let chinese: String
        public let english: String

        public init(zh chinese: String, en english: String) {
            self.chinese = chinese
            self.english = english
        }

        public init(stringLiteral text: String) {
            let parts = text.split(separator: " / ", maxSplits: 1)
            chinese = String(parts.first ?? "")
            english = String(parts.last ?? "")
        }
    }

    /// Who may call. A literal lists roles; nobody else gets past 403.
    public struct Access: Sendable, Equatable, ExpressibleByArrayLiteral {
        public let roles: [Role]
        /// No token needed. Reading only.
        public let isOpen: Bool

        public init(arrayLiteral elements: Role...) { self.init(elements) }

        public init(_ roles: [Role], isOpen: Bool = false) {
            self.roles = roles
            self.isOpen = isOpen
        }

        /// Whoever has a good token.
        public static let anyRole = Access(Role.grantable)
        /// Everybody, with or without a token. Never a write, the form door apart, which asks for a token of its own.
        public static let everyone = Access(Role.grantable, isOpen: true)
    }

    /// Whose records an answer shows, for the number of them that one principal may see in a day.
    public enum Shows: Sendable {
        /// Nobody's, or only what the caller itself has sent.
        case nobody
        /// One person's, which the path or the body names.
        case person
        /// A list, one person's a row.
        case persons
    }

    enum Kind: Sendable {
        /// The body's bytes, inside the write transaction.
        case command(@Sendable (EndpointRequest, [UInt8]) throws -> @Sendable (UnitOfWork) throws -> Reply)
        case query(@Sendable (EndpointRequest, any Transaction) throws -> Reply)
        case stream(@Sendable (EndpointRequest, StreamContext) async throws -> StreamReply)
        /// What a person sees. An audited one runs in a write transaction, so that who looked stands beside what was looked at.
        case page(audited: Bool, @Sendable (PageRequest) throws -> Reply)
        /// Takes a browser's form, under its session, or lets it sign in.
        case form(@Sendable (EndpointRequest, UploadBody, ServiceInterface) async throws -> Reply)
    }

    /// How many bytes a body may have unless an endpoint says otherwise.
    public static let defaultBodyLimit = 1 << 20

    public let method: HTTPRequest.Method
    /// `/referrals/{referral}/choice`.
    public let path: String
    public let access: Access
    public let shows: Shows
    public let summary: Summary
    /// What it takes in its query; everything else is refused.
    public let query: [QueryParameter]
    public let bodySchema: Schema?
    public let replySchema: Schema?
    /// Content types other than JSON that a stream endpoint takes.
    public let consumes: [String]
    public let bodyLimit: Int
    /// A page that stands in the menu of those who may see it.
    let isInMenu: Bool
    /// Other parameters in its query are passed over instead of refused: somebody else's program writes that address.
    let ignoresOtherParameters: Bool
    let kind: Kind
    /// False for a question that is asked by POST because of what stands in it: it is answered anew each time, whatever its key.
    let keepsAnswer: Bool

    /// Method and template, never an id: what metrics, log lines and idempotency keys call this endpoint.
    var route: String { "\(method.rawValue) \(path)" }

    /// Roles that may call; for a test of the whole role × endpoint matrix.
    public var roles: [Role] { access.roles }

    /// A write: runs in one transaction, repeats its first outcome to the same `Idempotency-Key`, answers a refusal with its problem.
    /// The body is decoded before the transaction begins; an unknown, missing or wrong field never reaches `handle`.
    public static func command<Body: Decodable & Sendable>(
        _ method: HTTPRequest.Method, _ path: String, roles: Access, shows: Shows = .nobody, summary: Summary,
        query: [QueryParameter] = [], body: Body.Type,
        returns: (any Decodable.Type)? = nil, bodyLimit: Int = defaultBodyLimit, keepsAnswer: Bool = true,
        _ handle: @escaping @Sendable (EndpointRequest, Body, UnitOfWork) throws -> Reply
    ) -> Endpoint {
        Endpoint(
            method, path, roles, shows, summary, query, body: Schema.of(body), returns: returns, bodyLimit: bodyLimit,
            keepsAnswer: keepsAnswer,
            kind: .command { request, bytes in
                let body = try BodyDecoder.decode(Body.self, from: bytes)
                return { work in try handle(request, body, work) }
            })
    }

    /// A write that takes no body.
    public static func command(
        _ method: HTTPRequest.Method, _ path: String, roles: Access, shows: Shows = .nobody, summary: Summary,
        query: [QueryParameter] = [],
        returns: (any Decodable.Type)? = nil, _ handle: @escaping @Sendable (EndpointRequest, UnitOfWork) throws -> Reply
    ) -> Endpoint {
        Endpoint(
            method, path, roles, shows, summary, query, body: nil, returns: returns, bodyLimit: defaultBodyLimit,
            kind: .command { request, _ in { work in try handle(request, work) } })
    }

    /// A read on one consistent snapshot.
    public static func query(
        _ method: HTTPRequest.Method = .get, _ path: String, roles: Access, shows: Shows = .nobody, summary: Summary,
        query: [QueryParameter] = [],
        returns: (any Decodable.Type)? = nil, _ handle: @escaping @Sendable (EndpointRequest, any Transaction) throws -> Reply
    ) -> Endpoint {
        Endpoint(method, path, roles, shows, summary, query, body: nil, returns: returns, bodyLimit: 0, kind: .query(handle))
    }

    /// Anything longer than one transaction: uploads, server-sent events, files.
    public static func stream(
        _ method: HTTPRequest.Method, _ path: String, roles: Access, summary: Summary, query: [QueryParameter] = [],
        consumes: [String] = [], returns: (any Decodable.Type)? = nil, bodyLimit: Int = defaultBodyLimit,
        _ handle: @escaping @Sendable (EndpointRequest, StreamContext) async throws -> StreamReply
    ) -> Endpoint {
        Endpoint(
            method, path, roles, .nobody, summary, query, body: nil, returns: returns, consumes: consumes, bodyLimit: bodyLimit,
            kind: .stream(handle))
    }

    /// A page of a service: HTML from one consistent snapshot. `render` reads through the service's own addresses (`PageRequest.ask`), so it
    /// sees what its reader may see and nothing else. Every page takes `lang` and `done`.
    ///
    /// An `audited` page may ask addresses that write down who read; it must not throw after it has.
    public static func page(
        _ path: String, roles: Access, title: BilingualName, inMenu: Bool = false, audited: Bool = false, query: [QueryParameter] = [],
        _ render: @escaping @Sendable (PageRequest) throws -> Reply
    ) -> Endpoint {
        Endpoint(
            .get, path, roles, .nobody, Summary(zh: title.zh, en: title.en), query + PageRequest.parameters, body: nil, returns: nil,
            bodyLimit: 0,
            isInMenu: inMenu, kind: .page(audited: audited, render))
    }

    /// Takes forms. Open to everyone here; what it lets through is decided by the session and the form's token.
    static func form(
        _ path: String, summary: Summary, bodyLimit: Int = FormBody.maximumBytes,
        _ handle: @escaping @Sendable (EndpointRequest, UploadBody, ServiceInterface) async throws -> Reply
    ) -> Endpoint {
        Endpoint(
            .post, path, .everyone, .nobody, summary, [], body: nil, returns: nil, consumes: ["application/x-www-form-urlencoded"],
            bodyLimit: bodyLimit, kind: .form(handle))
    }

    /// A step of a browser's way to a session that has to ask other servers.
    static func signIn(
        _ path: String, summary: Summary, query: [QueryParameter], ignoringOthers: Bool = false,
        _ handle: @escaping @Sendable (EndpointRequest, UploadBody, ServiceInterface) async throws -> Reply
    ) -> Endpoint {
        Endpoint(
            .get, path, .everyone, .nobody, summary, query, body: nil, returns: nil, bodyLimit: 0, ignoresOtherParameters: ignoringOthers,
            kind: .form(handle))
    }

    private init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ shows: Shows, _ summary: Summary, _ query: [QueryParameter],
        body: Schema?, returns: (any Decodable.Type)?, consumes: [String] = [], bodyLimit: Int, isInMenu: Bool = false,
        ignoresOtherParameters: Bool = false, keepsAnswer: Bool = true,
        kind: Kind
    ) {
        if case .form = kind {} else { precondition(!access.isOpen || method == .get, "\(path): only reading is open to everyone") }
        if case .command = kind { precondition(!access.isOpen, "\(path): a write is never anonymous") }
        if case .command = kind { precondition(shows != .persons, "\(path): what a write answers is kept, and is no list of persons") }
        precondition(path.hasPrefix("/"), "\(path): a path begins with a slash")
        self.method = method
        self.path = path
        self.access = access
        self.shows = shows
        self.summary = summary
        self.query = query
        bodySchema = body
        replySchema = returns.map { Schema.of($0) }
        self.consumes = consumes
        self.bodyLimit = bodyLimit
        self.isInMenu = isInMenu
        self.ignoresOtherParameters = ignoresOtherParameters
        self.keepsAnswer = keepsAnswer
        self.kind = kind
    }
}
