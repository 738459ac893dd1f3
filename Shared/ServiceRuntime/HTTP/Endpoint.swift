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
        /// Everybody, with or without a token. Never a write.
        public static let everyone = Access(Role.grantable, isOpen: true)
    }

    enum Kind: Sendable {
        /// The body's bytes, inside the write transaction.
        case command(@Sendable (EndpointRequest, [UInt8]) throws -> @Sendable (UnitOfWork) throws -> Reply)
        case query(@Sendable (EndpointRequest, any Transaction) throws -> Reply)
        case stream(@Sendable (EndpointRequest, StreamContext) async throws -> StreamReply)
    }

    /// How many bytes a body may have unless an endpoint says otherwise.
    public static let defaultBodyLimit = 1 << 20

    public let method: HTTPRequest.Method
    /// `/referrals/{referral}/choice`.
    public let path: String
    public let access: Access
    public let summary: Summary
    /// What it takes in its query; everything else is refused.
    public let query: [QueryParameter]
    public let bodySchema: Schema?
    public let replySchema: Schema?
    /// Content types other than JSON that a stream endpoint takes.
    public let consumes: [String]
    public let bodyLimit: Int
    let kind: Kind

    /// Roles that may call; for a test of the whole role × endpoint matrix.
    public var roles: [Role] { access.roles }

    /// A write: runs in one transaction, repeats its first outcome to the same `Idempotency-Key`, answers a refusal with its problem.
    /// The body is decoded before the transaction begins; an unknown, missing or wrong field never reaches `handle`.
    public static func command<Body: Decodable & Sendable>(
        _ method: HTTPRequest.Method, _ path: String, roles: Access, summary: Summary, query: [QueryParameter] = [], body: Body.Type,
        returns: (any Decodable.Type)? = nil, bodyLimit: Int = defaultBodyLimit,
        _ handle: @escaping @Sendable (EndpointRequest, Body, UnitOfWork) throws -> Reply
    ) -> Endpoint {
        Endpoint(
            method, path, roles, summary, query, body: Schema.of(body), returns: returns, bodyLimit: bodyLimit,
            kind: .command { request, bytes in
                let body = try BodyDecoder.decode(Body.self, from: bytes)
                return { work in try handle(request, body, work) }
            })
    }

    /// A write that takes no body.
    public static func command(
        _ method: HTTPRequest.Method, _ path: String, roles: Access, summary: Summary, query: [QueryParameter] = [],
        returns: (any Decodable.Type)? = nil, _ handle: @escaping @Sendable (EndpointRequest, UnitOfWork) throws -> Reply
    ) -> Endpoint {
        Endpoint(
            method, path, roles, summary, query, body: nil, returns: returns, bodyLimit: defaultBodyLimit,
            kind: .command { request, _ in { work in try handle(request, work) } })
    }

    /// A read on one consistent snapshot.
    public static func query(
        _ method: HTTPRequest.Method = .get, _ path: String, roles: Access, summary: Summary, query: [QueryParameter] = [],
        returns: (any Decodable.Type)? = nil, _ handle: @escaping @Sendable (EndpointRequest, any Transaction) throws -> Reply
    ) -> Endpoint {
        Endpoint(method, path, roles, summary, query, body: nil, returns: returns, bodyLimit: 0, kind: .query(handle))
    }

    /// Anything longer than one transaction: uploads, server-sent events, files.
    public static func stream(
        _ method: HTTPRequest.Method, _ path: String, roles: Access, summary: Summary, query: [QueryParameter] = [],
        consumes: [String] = [], returns: (any Decodable.Type)? = nil, bodyLimit: Int = defaultBodyLimit,
        _ handle: @escaping @Sendable (EndpointRequest, StreamContext) async throws -> StreamReply
    ) -> Endpoint {
        Endpoint(
            method, path, roles, summary, query, body: nil, returns: returns, consumes: consumes, bodyLimit: bodyLimit,
            kind: .stream(handle))
    }

    private init(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ summary: Summary, _ query: [QueryParameter], body: Schema?,
        returns: (any Decodable.Type)?, consumes: [String] = [], bodyLimit: Int, kind: Kind
    ) {
        precondition(!access.isOpen || method == .get, "\(path): only reading is open to everyone")
        if case .command = kind { precondition(!access.isOpen, "\(path): a write is never anonymous") }
        precondition(path.hasPrefix("/"), "\(path): a path begins with a slash")
        self.method = method
        self.path = path
        self.access = access
        self.summary = summary
        self.query = query
        bodySchema = body
        replySchema = returns.map { Schema.of($0) }
        self.consumes = consumes
        self.bodyLimit = bodyLimit
        self.kind = kind
    }
}
