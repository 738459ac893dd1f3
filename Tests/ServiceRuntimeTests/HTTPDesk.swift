import Crypto
import Dispatch
import HTTPTypes
import Logging
import Persistence
import ServiceLifecycle
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// A service with one endpoint of every kind, for tests of the HTTP chassis.
enum Desk {
    struct CountBody: Codable, Sendable {
        struct Line: Codable, Sendable {
            let amountFen: Int64
        }

        let limit: Int
        var day: LocalDate?
        var sex: Sex?
        var lines: [Line]?
    }

    struct Person: Codable, Sendable {
        let person: String
        let count: Int
    }

    enum Refused: String, Refusal {
        case unspoken = "UNSPOKEN"
    }

    static let names = (1...7).map { "p\($0)" }

    /// What a test may hold up and look at.
    final class Gate: Sendable {
        let entered = DispatchSemaphore(value: 0)
        let leave = DispatchSemaphore(value: 0)
    }

    static func definition(_ gate: Gate = Gate()) -> ServiceDefinition {
        ServiceDefinition(
            name: "registration", migrations: [LedgerTable.migration],
            refusals: RefusalCatalogue([.init("TOO_MANY", 422, zh: "数量已满。", en: "There are enough.", source: "test")]),
            endpoints: writes(gate) + reads + streams)
    }

    private static func writes(_ gate: Gate) -> [Endpoint] {
        [
            .command(
                .post, "/people/{person}/certificates", roles: [.clerk], summary: "计数 / Count one", body: CountBody.self,
                returns: Person.self
            ) { request, body, work in
                let person = try request.path("person", as: PersonID.self)
                try work.execute(.count(limit: body.limit), LedgerTable.self, person)
                let state = try work.state(LedgerTable.self, person)
                return .json(Person(person: person.text, count: state?.count ?? 0), status: .created)
            },
            .command(.put, "/regions/{region}", roles: [.clerk, .reviewer], summary: "Touch a region") { request, _ in
                try request.actor.mayAct(in: try request.path("region", as: RegionCode.self))
                return .noContent
            },
            .command(.post, "/slow", roles: [.clerk], summary: "Waits") { _, _ in
                gate.entered.signal()
                gate.leave.wait()
                return .json(["done": true])
            },
            .command(.post, "/unspoken", roles: [.clerk], summary: "Refuses with a code nobody wrote a sentence for") { _, _ in
                throw Refused.unspoken
            },
        ]
    }

    private static var reads: [Endpoint] {
        [
            .query(.get, "/people", roles: [.clerk, .auditor], shows: .persons, summary: "列表 / List", query: .page) { request, _ in
                let page = try request.page
                let rows = names.filter { $0 > page.after ?? "" }.prefix(page.fetchLimit).map { Person(person: $0, count: 0) }
                return .page(rows, page) { $0.person }
            },
            .query(.get, "/people/{person}", roles: [.clerk], shows: .person, summary: "One") { request, tx in
                guard let stored = try LedgerTable.load(request.path("person", as: PersonID.self), in: tx) else { throw Problem.notFound }
                return .json(Person(person: request.path("person"), count: stored.state.count))
            },
            .query(.get, "/below", roles: [.dashboard], summary: "Which grant covers it", query: ["region"]) { request, _ in
                if let region = try request.query("region", as: RegionCode.self) { try request.actor.mayAct(in: region) }
                return .json(["root": request.actor.region?.text ?? ""])
            },
            .query(.get, "/words", roles: .everyone, summary: "Takes a word", query: [.oneOf("sex", Sex.self), .flag("loud")]) {
                request, _ in
                .json(["sex": try request.query("sex", oneOf: Sex.self)?.rawValue ?? "", "loud": "\(try request.flag("loud"))"])
            },
            .query(.get, "/open", roles: .everyone, summary: "Who am I") { request, _ in .json(["role": request.actor.role.rawValue]) },
            .query(.get, "/breaks", roles: [.clerk], summary: "Fails") { _, _ in throw Ledger.Broken() },
            .query(.get, "/busy", roles: [.clerk], summary: "Is busy") { _, _ in throw DatabaseError(kind: .transient, message: "busy") },
        ]
    }

    private static var streams: [Endpoint] {
        [
            .stream(.post, "/uploads", roles: [.healthBureau], summary: "Counts bytes", consumes: ["text/csv"], bodyLimit: 4 << 20) {
                _, context in
                var bytes = 0
                for try await part in context.body { bytes += part.count }
                return .json(["bytes": bytes])
            },
            .stream(.get, "/events", roles: .everyone, summary: "Counts up") { request, context in
                .events(after: request.header("last-event-id"), heartbeat: .milliseconds(20)) { after in
                    let next = (Int(after ?? "0") ?? 0) + 1
                    // After the third event there is nothing more until something changes, which here is never.
                    if next > 3 { await context.changes.changed(since: context.changes.version) }
                    return next > 3 ? [] : [ServerSentEvent(id: String(next), event: "count", data: "line \(next)\nsecond")]
                }
            },
        ]
    }
}

/// Tokens and keys made for one test.
struct TestKeys {
    let signer = TokenSigner()
    let time = ManualTime(Instant(startOf: LocalDate(year: 2026, month: 3, day: 1)!))

    var keySet: TokenKeySet { TokenKeySet(keys: [signer.keyID: signer.publicKey]) }

    func claims(_ role: Role, region: String = "3703", organisation: String? = "org-1", user: String = "u1") -> TokenClaims {
        TokenClaims(
            subject: user, role: role, organisation: organisation.map { OrganisationID(trusted: $0) }, region: RegionCode(trusted: region),
            issuedAt: time.wallMilliseconds / 1000, lifetimeSeconds: 3600, id: "t-1")
    }

    func token(_ role: Role, region: String = "3703", user: String = "u1") throws -> String {
        try signer.sign(claims(role, region: region, user: user))
    }
}

/// A desk that listens on a real socket.
struct ListeningDesk {
    let port: Int
    let keys: TestKeys
    let service: TestService
    let assembly: ServiceAssembly

    /// Runs `body` while the service listens, then stops it gracefully and waits for that.
    static func run(_ gate: Desk.Gate = Desk.Gate(), requestsPerSecond: Int = 0, _ body: (ListeningDesk) async throws -> Void) async throws
    {
        let service = try TestService(Desk.definition(gate), today: LocalDate(year: 2024, month: 6, day: 3)!)
        let keys = TestKeys()
        let assembly = ServiceAssembly(
            service.definition, engine: service.engine, tokens: TokenVerifier(keys.keySet, elapsed: keys.time),
            requestsPerSecond: requestsPerSecond, secureCookie: false, log: ServiceLog("careloop.test"))
        try await run(service, keys, assembly, body)
    }

    static func run(
        _ service: TestService, _ keys: TestKeys, _ assembly: ServiceAssembly, _ body: (ListeningDesk) async throws -> Void
    ) async throws {
        let (ports, listening) = AsyncStream<Int>.makeStream()
        var logger = Logger(label: "careloop.test.server")
        logger.logLevel = .critical
        let server = assembly.interface.server(host: "127.0.0.1", port: 0, metrics: assembly.metrics, logger: logger) {
            listening.yield($0)
        }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [server], logger: logger))
        let running = Task { try await group.run() }
        for await port in ports {
            let desk = ListeningDesk(port: port, keys: keys, service: service, assembly: assembly)
            do { try await body(desk) } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            break
        }
        await group.triggerGracefulShutdown()
        try await running.value
    }

    func bearer(_ role: Role, region: String = "3703", user: String = "u1") throws -> String {
        "Authorization: Bearer \(try keys.token(role, region: region, user: user))"
    }

    /// Opens a new one-time link of `role` in the browser that sends `cookies`, and presses its button: the link's path, and the answer.
    func signIn(_ role: Role, region: String = "3703", _ cookies: [String] = []) async throws -> (path: String, answer: WireAnswer) {
        var claims = keys.claims(role, region: region)
        claims.audience = .link
        claims.expires = claims.issuedAt + Sessions.linkSeconds
        claims.id = "link-\(UInt64.random(in: 0 ... .max))"
        let link = try keys.signer.sign(claims)
        let page = try await send("GET", "/session?link=\(link)", cookies)
        let door = String(page.headers["set-cookie", default: ""].prefix { $0 != ";" })
        let token = page.text.firstMatch(of: /name="token" value="([^"]*)"><?\s*\n?<input type="hidden" name="link"/)
        let sent = cookies.map { $0 + "; " + door }.first ?? "Cookie: \(door)"
        let answer = try await send(
            "POST", "/session", [sent, "Content-Type: application/x-www-form-urlencoded"],
            body: "token=\(token.map { String($0.output.1) } ?? "")&link=\(link)")
        return ("/session?link=\(link)", answer)
    }

    /// One request on a connection of its own.
    func send(_ method: String, _ target: String, _ headers: [String] = [], body: String = "") async throws -> WireAnswer {
        try await send(method, target, headers, bytes: Array(body.utf8))
    }

    func send(_ method: String, _ target: String, _ headers: [String] = [], bytes: [UInt8]) async throws -> WireAnswer {
        try await Self.send(port, method, target, headers, bytes: bytes)
    }

    static func send(_ port: Int, _ method: String, _ target: String, _ headers: [String], bytes: [UInt8] = []) async throws -> WireAnswer {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        if !bytes.isEmpty { head += "Content-Length: \(bytes.count)\r\n" }
        for header in headers { head += header + "\r\n" }
        let wire = Array((head + "\r\n").utf8) + bytes
        return try await onThread {
            let socket = try WireSocket(port: port)
            try socket.write(wire)
            return try WireAnswer(socket.readToEnd())
        }
    }
}
