import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import Persistence
import ServiceLifecycle
import Synchronization

/// What the server takes from the wire, whoever sends it.
public enum HTTPLimits {
    /// Header fields of one request.
    public static let headerFields = 100
    /// Their bytes, names and values together.
    public static let headerBytes = 16 << 10
    /// Path and query.
    public static let targetBytes = 8 << 10
    /// Connections at a time; more wait in the backlog.
    public static let connections = 2048
    /// How long a connection may be silent between requests, or within one.
    public static let idleSeconds: Int64 = 60
    /// Bytes of a refused body that are read and dropped before a connection is closed on its sender.
    public static let discardedBytes = 256 << 20
}

/// Bytes in front of a `ServiceInterface`: limits, bodies, security headers, streams, one measurement a request.
struct InterfaceResponder: HTTPResponder {
    typealias Context = PeerContext

    let interface: ServiceInterface
    let measures: RequestMeasures
    private let log = ServiceLog("careloop.http")
    private static let traceresponse = HTTPField.Name("traceresponse")!

    init(interface: ServiceInterface, measures: RequestMeasures) {
        self.interface = interface
        self.measures = measures
    }

    func respond(to request: Request, context: PeerContext) async throws -> Response {
        let started = interface.engine.clock.elapsed.monotonicNanoseconds
        var route = "unmatched"
        var trace: String?
        let reader = UploadBody.Reader(request.body, firstRead: Self.invitation(request, context))
        var answer = try await answer(request, context, reader, &route, &trace)
        // By this the caller and whoever reads the log lines speak of the same request.
        if let trace { answer.headers[Self.traceresponse] = trace }
        let closes = request.headers[.connection]?.lowercased() == "close" && request.headers[.expect] == nil
        if closes, answer.body.contentLength != nil { await reader.discardRest() }
        let took = Double(interface.engine.clock.elapsed.monotonicNanoseconds - started) / 1e9
        measures.count(route: route, status: Int(answer.status.code), seconds: took)
        log.debug(
            "answered", .code("route", route), .count("status", Int(answer.status.code)), .elapsed("took", Int(took * 1000)), .trace(trace))
        return answer
    }

    /// What tells a client that holds its body back (`Expect: 100-continue`, as curl does) to send it: said when somebody reads it, so that
    /// a request without rights or with a body too large is answered before the body travels.
    private static func invitation(_ request: Request, _ context: PeerContext) -> (@Sendable () -> Void)? {
        guard request.headers[.expect]?.lowercased() == "100-continue" else { return nil }
        let channel = context.channel
        return { channel.writeAndFlush(HTTPResponsePart.head(HTTPResponse(status: .continue)), promise: nil) }
    }

    private func answer(
        _ request: Request, _ context: PeerContext, _ reader: UploadBody.Reader, _ route: inout String, _ trace: inout String?
    ) async throws -> Response {
        var head: ServiceInterface.Head
        let admitted: ServiceInterface.Admitted
        do throws(Problem) {
            head = try read(request, context)
            head.session = try await interface.session(async: head)
            admitted = try interface.admit(head)
        } catch {
            interface.refusals.count(error.code)
            let language = Language(acceptLanguage: request.headers[.acceptLanguage], cookie: request.headers[.cookie])
            let isPage = ProblemPage.isWanted(request.headers[.accept])
            return response(interface.catalogue.reply(error, language, asPage: isPage), request)
        }
        defer { interface.finish(admitted) }
        let endpoint = admitted.endpoint
        route = endpoint.route
        trace = admitted.cause.traceparent
        let body = UploadBody(reader, limit: endpoint.bodyLimit)
        do {
            if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > endpoint.bodyLimit {
                throw Problem("BODY_TOO_LARGE", status: 413)
            }
            guard endpoint.readsItsBody else {
                if endpoint.bodySchema != nil { try checkContentType(request) }
                let bytes = try await body.collect()
                let interface = self.interface
                let queue = endpoint.queue(of: interface.engine)
                return response(try await queue.run { interface.perform(admitted, body: bytes) }, request)
            }
            let interface = self.interface
            return stream(await interface.stream(admitted, body: body), request) { [head] in await interface.stands(admitted, head) }
        } catch let broken as BrokenBody {
            throw broken.underlying
        } catch {
            return response(interface.problem(error, admitted), request)
        }
    }

    private func read(_ request: Request, _ context: PeerContext) throws(Problem) -> ServiceInterface.Head {
        let target = request.head.path ?? "/"
        guard target.utf8.count <= HTTPLimits.targetBytes else { throw Problem("URI_TOO_LONG", status: 414) }
        guard request.headers.count <= HTTPLimits.headerFields else { throw Problem("HEADERS_TOO_LARGE", status: 431) }
        var headers: [String: String] = [:]
        var bytes = 0
        for field in request.headers {
            bytes += field.name.rawName.utf8.count + field.value.utf8.count
            headers.merge([field.name.canonicalName: field.value]) { "\($0), \($1)" }
        }
        guard bytes <= HTTPLimits.headerBytes else { throw Problem("HEADERS_TOO_LARGE", status: 431) }
        return ServiceInterface.Head(method: request.method, target: target, headers: headers, actor: nil, peer: context.peer)
    }

    private func checkContentType(_ request: Request) throws(Problem) {
        let type = request.headers[.contentType]?.split(separator: ";").first?.trimmed.lowercased()
        guard type == "application/json", request.headers[.contentEncoding] == nil else {
            throw Problem("CONTENT_TYPE_UNSUPPORTED", status: 415)
        }
    }

    private func stream(_ reply: StreamReply, _ request: Request, mayGoOn: @escaping @Sendable () async -> Bool) -> Response {
        switch reply.kind {
        case .whole(let whole): return response(whole, request)
        case .bytes(let contentType, let write):
            return Response(
                status: .ok, headers: Self.headers(contentType, []),
                body: ResponseBody { writer in
                    var body = BodyWriter(writer: writer)
                    try await write(&body)
                    try await body.writer.finish(nil)
                })
        case .events(let heartbeat, let start, let next):
            return Response(
                status: .ok, headers: Self.headers("text/event-stream", []),
                body: ServerSentEvents.body(heartbeat: heartbeat, start: start, mayGoOn: mayGoOn, next))
        }
    }

    private func response(_ reply: Reply, _ request: Request) -> Response {
        var headers = Self.headers(reply.contentType, reply.headers)
        let status = HTTPResponse.Status(code: reply.status)
        guard request.method != .head else {
            headers[.contentLength] = String(reply.body.count)
            return Response(status: status, headers: headers, body: ResponseBody())
        }
        guard !reply.body.isEmpty else { return Response(status: status, headers: headers, body: ResponseBody()) }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
    }

    /// On every answer: nothing inline runs, nothing is sniffed, framed, referred or cached.
    private static let security: [(HTTPField.Name, String)] = [
        (
            HTTPField.Name("Content-Security-Policy")!,
            "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
        ),
        (HTTPField.Name("X-Content-Type-Options")!, "nosniff"),
        (HTTPField.Name("Referrer-Policy")!, "no-referrer"),
        (.cacheControl, "no-store"),
    ]

    private static func headers(_ contentType: String, _ more: [(name: String, value: String)]) -> HTTPFields {
        var fields = HTTPFields()
        if !contentType.isEmpty { fields[.contentType] = contentType }
        for (name, value) in security { fields[name] = value }
        for (name, value) in more {
            // A header of a handler's own making that is no header at all is left out rather than split the answer.
            guard let field = HTTPField.Name(name), HTTPField.isValidValue(value) else { continue }
            // An answer may set several cookies; of everything else there is one.
            if field == .setCookie { fields.append(HTTPField(name: field, value: value)) } else { fields[field] = value }
        }
        return fields
    }
}

extension Endpoint {
    var isCommand: Bool { if case .command = kind { true } else { false } }
    var isForm: Bool { if case .form = kind { true } else { false } }
    /// Takes its body as it comes, rather than whole.
    var readsItsBody: Bool { if case .stream = kind { true } else { isForm } }
    /// Where its transaction waits.
    func queue(of engine: Engine) -> Blocking {
        switch kind {
        case .command, .page(audited: true, _): engine.commands
        case .query, .stream, .form, .page(audited: false, _): Blocking.queries
        }
    }
}

/// A request's context with the address it came from.
struct PeerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Address without port; requests without a token are counted by it.
    let peer: String
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress?.ipAddress ?? "unknown"
    }
}

/// How many requests and how long, per endpoint.
final class RequestMeasures: Sendable {
    private struct Route {
        var counters: [Int: Metrics.Counter] = [:]
        let seconds: Metrics.Histogram
    }

    private let metrics: Metrics
    private let routes = Mutex<[String: Route]>([:])

    init(_ metrics: Metrics) { self.metrics = metrics }

    func count(route name: String, status: Int, seconds: Double) {
        let (counter, histogram) = routes.withLock { routes in
            var route =
                routes[name]
                ?? Route(
                    seconds: metrics.histogram(
                        "careloop_http_request_seconds", "Seconds from a request's head to its answer's head.", labels: ["route": name]))
            let counter =
                route.counters[status]
                ?? metrics.counter(
                    "careloop_http_requests_total", "Requests answered.", labels: ["route": name, "status": String(status)])
            route.counters[status] = counter
            routes[name] = route
            return (counter, route.seconds)
        }
        counter.add()
        histogram.observe(seconds)
    }
}

extension ServiceInterface {
    /// The HTTP server as a service of a group: listens when run, calls `onListening` with the bound port, and on a graceful stop lets
    /// requests in flight end.
    public func server(
        host: String, port: Int, metrics: Metrics, logger: Logger = Logger(label: "careloop.http.server"),
        onListening: @escaping @Sendable (Int) -> Void
    ) -> some Service {
        var configuration = ApplicationConfiguration(address: .hostname(host, port: port))
        configuration.availableConnectionsDelegate = MaximumAvailableConnections(HTTPLimits.connections, logger: logger)
        return Application(
            responder: InterfaceResponder(interface: self, measures: RequestMeasures(metrics)),
            server: .http1(configuration: .init(idleTimeout: .seconds(HTTPLimits.idleSeconds))),
            configuration: configuration,
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? port) },
            logger: logger)
    }
}
