import HTTPTypes
import Persistence
import Vocabulary

/// A service's HTTP interface without sockets: matching, rights, idempotency, transactions, problems. The server in front of it adds bytes.
public final class ServiceInterface: Sendable {
    public let endpoints: [Endpoint]
    public let catalogue: RefusalCatalogue
    /// Rung after every commit; streams wait on it.
    public var changes: ChangeSignal { engine.changes }
    public let sessions: Sessions
    let engine: Engine
    let rates: RateLimiter
    /// How many persons' records each principal has seen today.
    let reads: DailyReads
    let routes: RouteTable
    private let writes: IdempotentWrites
    let tokens: TokenVerifier?
    /// Where the pages of the other services are.
    let addresses: PageAddresses
    /// Where people sign in with an account of their organisation's; nil when by link only.
    let openID: OpenIDSignIn?
    let log: ServiceLog
    /// What was refused over HTTP, by code.
    let refusals = RefusalCounts()

    /// Without `tokens` nobody is anybody: only what is open to everyone answers. With `openID` people sign in there as well as by link.
    public init(
        engine: Engine, endpoints: [Endpoint], refusals: RefusalCatalogue, tokens: TokenVerifier?, openID provider: OpenIDProvider? = nil,
        sessions: Sessions? = nil, addresses: PageAddresses = PageAddresses(file: nil), requestsPerSecond: Int = 0,
        recordsPerDay: Int = 0, log: ServiceLog = ServiceLog("http")
    ) {
        self.engine = engine
        self.endpoints = endpoints
        self.tokens = tokens
        self.addresses = addresses
        self.log = log
        catalogue = refusals.withChassis.offering(openID: provider != nil)
        routes = RouteTable(endpoints)
        writes = IdempotentWrites(engine: engine)
        let sessions =
            sessions
            ?? Sessions(
                service: engine.name, database: engine.database, elapsed: engine.clock.elapsed, secureCookie: false
            ) { tokens?.stands($0) ?? false }
        self.sessions = sessions
        openID = provider.map {
            OpenIDSignIn(
                provider: $0,
                pending: PendingSignIns(sessions: sessions, database: engine.database, elapsed: engine.clock.elapsed))
        }
        rates = RateLimiter(perSecond: requestsPerSecond, elapsed: engine.clock.elapsed)
        reads = DailyReads(perDay: recordsPerDay, elapsed: engine.clock.elapsed) { reader, route in
            log.warning(
                "somebody has seen as many records of persons as one may in a day", .code("principal", reader.principal),
                .code("route", route))
        }
    }

    /// A request's line and headers.
    struct Head: Sendable {
        var method: HTTPRequest.Method
        /// Path and query as they came.
        var target: String
        /// By lower-case name.
        var headers: [String: String]
        /// Set when the caller is known otherwise than by a token.
        var actor: Actor?
        /// What `session(of:)` found.
        var session: Sessions.Living?
        /// Who to count a request without a token for.
        var peer = "unknown"
    }

    /// A request that found its endpoint and may use it.
    struct Admitted: Sendable {
        let endpoint: Endpoint
        let request: EndpointRequest
        let key: IdempotentWrites.Key?
        let cause: Cause
    }

    /// The browser's session that speaks for a request, where it brings nothing else that does. Blocks; nil without a look into the store for
    /// whoever shows none.
    func session(of head: Head) throws(Problem) -> Sessions.Living? {
        guard mayHaveSession(head) else { return nil }
        do { return try sessions.living(cookie: head.headers["cookie"]) } catch {
            log.error("a session cannot be looked up", .error(error))
            throw Problem(error)
        }
    }

    /// `session(of:)` for async callers.
    func session(async head: Head) async throws(Problem) -> Sessions.Living? {
        guard mayHaveSession(head) else { return nil }
        do { return try await Blocking.queries.run { try self.session(of: head) } } catch { throw Problem(error) }
    }

    private func mayHaveSession(_ head: Head) -> Bool {
        head.actor == nil && head.headers["authorization"] == nil && sessions.isShown(cookie: head.headers["cookie"])
    }

    /// Matches, authenticates and authorises. A claimed idempotency key must be given back with `finish`.
    func admit(_ head: Head) throws(Problem) -> Admitted {
        let parts = head.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = String(parts.first ?? "")
        guard let query = PercentCoding.query(parts.count == 2 ? parts[1] : "") else { throw .malformed("QUERY_MALFORMED") }
        let endpoint: Endpoint
        let parameters: [String: String]
        switch routes.match(head.method, path) {
        case .endpoint(let found, let values): (endpoint, parameters) = (found, values)
        case .otherMethods(let methods):
            var problem = Problem("METHOD_NOT_ALLOWED", status: 405)
            problem.allowedMethods = methods
            throw problem
        case .nothing: throw .notFound
        }
        let grants = try authenticate(head, endpoint)
        let known = Self.grant(of: grants, for: query["region"])
        try rates.take(known?.principal ?? head.peer)
        if let organisation = known?.organisation { try rates.take(organisation: organisation.text) }
        guard known != nil || endpoint.access.isOpen else { throw .unauthenticated() }
        let actor = known ?? .visitor
        if known != nil, !endpoint.access.isOpen { try actor.must(be: endpoint.access.roles) }
        try Self.check(query, endpoint)
        var request = EndpointRequest(
            id: Self.randomID(), method: head.method, path: path, query: query, actor: actor, now: engine.clock.now,
            language: Language(of: head.headers), parameters: parameters, headers: head.headers,
            grants: grants, declared: Set(endpoint.query.map(\.name)))
        request.session = head.session
        let key = try key(request, endpoint)
        let cause = cause(request, key)
        // A stream's outcome is not kept; its key only makes the ids of what follows the same each time.
        guard let key, endpoint.isCommand else { return Admitted(endpoint: endpoint, request: request, key: nil, cause: cause) }
        try writes.claim(key)
        return Admitted(endpoint: endpoint, request: request, key: key, cause: cause)
    }

    /// Whether the caller of an open stream would still be let in as the one who opened it. False where nobody can be asked: a client comes
    /// again by itself.
    func stands(_ admitted: Admitted, _ head: Head) async -> Bool {
        guard admitted.request.actor != .visitor else { return true }
        var head = head
        do throws(Problem) {
            head.session = try await session(async: head)
            return try authenticate(head, admitted.endpoint).contains(admitted.request.actor)
        } catch { return false }
    }

    func finish(_ admitted: Admitted) { if let key = admitted.key { writes.release(key) } }

    private func key(_ request: EndpointRequest, _ endpoint: Endpoint) throws(Problem) -> IdempotentWrites.Key? {
        // A read that writes an audit entry writes one every time, and what it answers is nobody's to keep.
        guard endpoint.method != .get, endpoint.keepsAnswer, let key = try request.idempotencyKey else { return nil }
        return IdempotentWrites.Key(principal: request.actor.principal, route: endpoint.route, key: key)
    }

    private func cause(_ request: EndpointRequest, _ key: IdempotentWrites.Key?) -> Cause {
        Cause(
            id: key?.causeID ?? request.id, recorded: request.now, actor: request.actor,
            channel: request.actor.role == .clerk ? "WINDOW" : "ONLINE",
            traceparent: TraceContext.accepted(request.header("traceparent")))
    }

    /// Of several grants the one that covers the region asked for, else the first.
    private static func grant(of grants: [Actor], for region: String?) -> Actor? {
        guard grants.count > 1, let region, let code = try? RegionCode(region) else { return grants.first }
        return grants.first { $0.covers(code) } ?? grants.first
    }

    /// The caller by token, or by session for reading and for forms; empty when neither came. Throws 401 when one came and is not good.
    private func authenticate(_ head: Head, _ endpoint: Endpoint) throws(Problem) -> [Actor] {
        if let actor = head.actor { return [actor] }
        if let header = head.headers["authorization"] {
            let parts = header.split(separator: " ")
            guard let tokens, parts.count == 2, parts[0].lowercased() == "bearer" else { throw .unauthenticated("TOKEN_INVALID") }
            do { return [try tokens.verify(String(parts[1])).actor] } catch {
                log.info("a token was refused", .code("why", Self.word(error)))
                throw error.problem
            }
        }
        guard head.method == .get || head.method == .head || endpoint.isForm else { return [] }
        return head.session?.actors ?? []
    }

    /// A name the endpoint does not take is the caller's own text, so it is bounded.
    static func check(_ query: [String: String], _ endpoint: Endpoint) throws(Problem) {
        let taken = endpoint.query.map(\.name)
        guard !endpoint.ignoresOtherParameters, let unknown = query.keys.filter({ !taken.contains($0) }).min() else { return }
        throw .malformed(
            "PARAMETER_UNKNOWN", field: String(unknown.prefix(64)),
            rule: taken.isEmpty ? "this address takes no parameters" : "one of \(taken.joined(separator: ", "))")
    }

    static func word(_ refused: TokenRefused) -> String {
        if case .malformed(let part) = refused { "malformed \(part)" } else { "\(refused)" }
    }

    /// Runs a command or query and gives its answer, problems included. Blocks: never on a cooperative thread.
    func perform(_ admitted: Admitted, body: [UInt8], form: FormState = .none) -> Reply {
        let request = admitted.request
        do {
            switch admitted.endpoint.kind {
            case .page(let isAudited, let render):
                guard isAudited else { return try engine.database.read { try render(PageRequest(self, request, $0, form)) } }
                guard engine.hasRoom else { throw Problem.outboxFull }
                return try engine.perform(admitted.cause) { try render(PageRequest(self, request, $0, form)) }
            case .query(let handle):
                return try counted(admitted.endpoint, request) { try engine.database.read { try handle(request, $0) } }
            case .command(let prepare): return try counted(admitted.endpoint, request, body) { try command(admitted, prepare, body) }
            case .stream, .form: preconditionFailure("\(admitted.endpoint.path) is a stream")
            }
        } catch {
            return problem(error, admitted)
        }
    }

    /// The answer, within what whoever asks may see in a day. One person's address counts before it is answered, found or not, so that nobody
    /// tries them all; a list counts by the rows it has, before anybody sees them.
    func counted(_ endpoint: Endpoint, _ request: EndpointRequest, _ body: [UInt8] = [], _ answer: () throws -> Reply) throws -> Reply {
        func take(_ records: [DailyReads.Record]) throws { try reads.take(records, by: request.actor, route: endpoint.route) }
        switch endpoint.shows {
        case .nobody: return try answer()
        case .person:
            try take([DailyReads.Record(route: endpoint.route, of: request.path, body: body)])
            return try answer()
        case .persons:
            let reply = try answer()
            guard reply.status < 400 else { return reply }
            guard let rows = reply.rows else { preconditionFailure("\(endpoint.path) is said to list persons, and its answer is no list") }
            try take(rows.map { DailyReads.Record(route: endpoint.route, of: $0) })
            return reply
        }
    }

    private func command(
        _ admitted: Admitted, _ prepare: (EndpointRequest, [UInt8]) throws -> @Sendable (UnitOfWork) throws -> Reply, _ body: [UInt8]
    ) throws -> Reply {
        let request = admitted.request
        let asked = admitted.key == nil ? [] : IdempotentWrites.asked(request, body)
        if let key = admitted.key, let known = try writes.outcome(key, asked: asked) { return known }
        guard engine.hasRoom else { throw Problem.outboxFull }
        let handle = try prepare(request, body)
        do {
            return try engine.perform(admitted.cause) { work in
                let reply = try handle(work)
                if let key = admitted.key, try !writes.keep(reply, key, asked: asked, in: work.tx) { throw OutcomeExists() }
                return reply
            }
        } catch is OutcomeExists {
            guard let key = admitted.key, let known = try writes.outcome(key, asked: asked) else {
                throw Problem.unavailable("DATABASE_BUSY", retryAfterSeconds: 1)
            }
            return known
        } catch {
            let refusal = Problem(error)
            guard let key = admitted.key, !refusal.isTransient(catalogue) else { throw error }
            refusals.count(refusal.code)
            CrashPoint.refusalBeforeKept.pass()
            return try writes.keep(refusal: catalogue.reply(refusal, request.language), key, asked: asked)
        }
    }

    /// Runs a stream endpoint.
    func stream(_ admitted: Admitted, body: UploadBody) async -> StreamReply {
        do {
            switch admitted.endpoint.kind {
            case .stream(let handle):
                let context = StreamContext(engine: engine, cause: admitted.cause, body: body, changes: engine.changes)
                return try await handle(admitted.request, context)
            case .form(let handle): return .reply(try await handle(admitted.request, body, self))
            case .command, .query, .page: preconditionFailure("\(admitted.endpoint.path) is no stream")
            }
        } catch {
            return .reply(problem(error, admitted))
        }
    }

    /// The answer to an error; what nobody foresaw is logged by its type.
    func problem(_ error: any Error, _ admitted: Admitted) -> Reply {
        let problem = Problem(error)
        refusals.count(problem.code)
        if problem.code == "INTERNAL" {
            log.error(
                "a request failed", .error(error), .code("route", admitted.endpoint.route), .trace(admitted.cause.traceparent))
        }
        return catalogue.reply(problem, admitted.request.language, asPage: ProblemPage.isWanted(admitted.request.header("accept")))
    }

    /// One whole request without a socket, as `actor`, for tests: everything but bytes on the wire happens as it would. Blocks.
    public func handle(
        _ method: HTTPRequest.Method, _ target: String, body: [UInt8] = [], as actor: Actor? = nil, headers: [String: String] = [:]
    ) -> Reply {
        let language = Language(of: headers)
        let admitted: Admitted
        do {
            var head = Head(method: method, target: target, headers: headers, actor: actor, peer: "test")
            head.session = try session(of: head)
            admitted = try admit(head)
        } catch { return catalogue.reply(error, language, asPage: ProblemPage.isWanted(headers["accept"])) }
        defer { finish(admitted) }
        guard body.count <= admitted.endpoint.bodyLimit || body.isEmpty else {
            return catalogue.reply(Problem("BODY_TOO_LARGE", status: 413), language)
        }
        return perform(admitted, body: body)
    }

    /// As `handle`, for stream endpoints whose answer is whole.
    public func handleStream(
        _ method: HTTPRequest.Method, _ target: String, body: [UInt8] = [], as actor: Actor? = nil, headers: [String: String] = [:]
    ) async -> Reply {
        let admitted: Admitted
        do {
            var head = Head(method: method, target: target, headers: headers, actor: actor, peer: "test")
            head.session = try await session(async: head)
            admitted = try admit(head)
        } catch { return catalogue.reply(error, Language(of: headers)) }
        defer { finish(admitted) }
        let reply = await stream(admitted, body: UploadBody(bytes: body, limit: admitted.endpoint.bodyLimit))
        guard case .whole(let whole) = reply.kind else { preconditionFailure("\(target) answers with a stream; use a socket") }
        return whole
    }

    static func randomID() -> String {
        var text = ""
        for _ in 0..<2 {
            let half = String(UInt64.random(in: .min ... .max), radix: 16)
            text += String(repeating: "0", count: 16 - half.utf8.count) + half
        }
        return text
    }
}
