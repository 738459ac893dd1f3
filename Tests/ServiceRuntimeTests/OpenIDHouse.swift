import Foundation
import Logging
import Persistence
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// A service whose desk opens with an account of `OpenIDTestProvider`, both listening, and what the service logs.
struct OpenIDHouse {
    static let mapping = """
        {"groupClaim": "groups",
         "subjects": [{"subject": "8f3c-subject", "role": "clerk", "organisation": "dpf-37", "region": "3703", "user": "clerk-7"}],
         "groups": [{"group": "careloop-reviewers", "role": "reviewer", "organisation": "dpf-37", "region": "37"},
                    {"group": "everybody-else", "role": "dashboard", "organisation": "dpf-37", "region": "3703"}]}
        """

    let desk: ListeningDesk
    /// Another instance of the service over the same store, that listens nowhere.
    let other: ServiceInterface
    let provider: OpenIDTestProvider
    let time: ManualTime
    let folder: URL
    private let lines: ObservabilityTests.Lines

    var logged: String { lines.all.map { String(decoding: $0, as: UTF8.self) }.joined() }
    func refusals(_ code: String) async throws -> String {
        let metrics = try await desk.send("GET", "/metrics").text
        return metrics.split(separator: "\n").first { $0.contains("refusals_total{code=\"\(code)\"}") }.map(String.init) ?? "none"
    }
    func rewrite(mapping: String) throws {
        try Data(mapping.utf8).write(to: folder.appendingPathComponent("mapping.json"), options: .atomic)
    }

    /// Runs `body`, and then looks whether the log tells what it must not: who the person is, or anything that opens a session.
    static func run(client: BoundedClient = BoundedClient(), _ body: (OpenIDHouse) async throws -> Void) async throws {
        let keys = TestKeys()
        let time = keys.time
        let provider = try OpenIDTestProvider(now: { time.wallMilliseconds / 1000 })
        defer { provider.stop() }
        let plain = Desk.definition()
        let page = Endpoint.page(
            "/desk", roles: [.clerk, .reviewer], title: BilingualName(zh: "计数", en: "Counting"), inMenu: true
        ) { page in page.show("计数", "Counting", "<p id=\"who\">\(page.actor.user) \(page.actor.region?.text ?? "")</p>") }
        let service = try TestService(
            ServiceDefinition(
                name: plain.name, title: BilingualName(zh: "登记", en: "Registration"), migrations: plain.migrations,
                refusals: plain.refusals, endpoints: plain.endpoints + [page]),
            today: LocalDate(year: 2024, month: 6, day: 3)!, elapsed: time)
        let folder = service.folder
        func file(_ name: String, _ text: String) throws -> String {
            let path = folder.appendingPathComponent(name)
            try Data(text.utf8).write(to: path, options: .atomic)
            return path.path
        }
        let lines = ObservabilityTests.Lines()
        let log = ServiceLog(
            Logger(label: "careloop.http") { label in
                JSONLogHandler(label: label, service: "registration", logLevel: .debug, time: time, sink: { lines.add($0) })
            })
        let settings = OpenIDSettings(
            issuer: provider.issuer, clientID: OpenIDTestProvider.clientID,
            secretFile: try file("secret", OpenIDTestProvider.clientSecret + "\n"), mappingFile: try file("mapping.json", mapping),
            scopes: "openid groups")
        func instance(_ engine: Engine) throws -> ServiceAssembly {
            ServiceAssembly(
                service.definition, engine: engine, tokens: TokenVerifier(keys.keySet, elapsed: time),
                openID: try OpenIDProvider(settings, elapsed: time, client: client, log: log),
                addresses: PageAddresses(file: folder.appendingPathComponent("pages").path), requestsPerSecond: 0, secureCookie: false,
                log: log, httpLog: log)
        }
        let store = try openDatabase(service.url)
        let assembly = try instance(service.engine)
        let other = try instance(Engine(service.definition, database: store, log: service.log, clock: service.clock)).interface
        try await ListeningDesk.run(service, keys, assembly) { desk in
            _ = try file("pages", "screening http://127.0.0.1:1\nregistration http://127.0.0.1:\(desk.port)\n")
            let house = OpenIDHouse(desk: desk, other: other, provider: provider, time: time, folder: folder, lines: lines)
            try await body(house)
            let logged = house.logged
            for secret in provider.secrets.union(OpenIDTestProvider.canaries + [OpenIDTestProvider.subject]) {
                #expect(!logged.contains(secret), "the log says \(secret)")
            }
        }
    }
}

/// A browser that takes provider and service for two sites, as they are: it sends a Strict cookie only when a page of the service itself sends
/// it there, through any number of redirects.
final class OpenIDBrowser {
    let house: OpenIDHouse
    var cookies: [String: (value: String, isStrict: Bool)] = [:]

    init(_ house: OpenIDHouse) { self.house = house }

    /// Opens an address of the service.
    func open(_ target: String, fromOtherSite: Bool = false) async throws -> WireAnswer {
        let sent = cookies.filter { !fromOtherSite || !$0.value.isStrict }.map { "\($0.key)=\($0.value.value)" }
        let headers = ["Accept: text/html", "Accept-Language: en"] + (sent.isEmpty ? [] : ["Cookie: \(sent.joined(separator: "; "))"])
        let answer = try await house.desk.send("GET", target, headers)
        for cookie in answer.cookies {
            let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] =
                cookie.contains("Max-Age=0") ? nil : (value: String(pair[1]), isStrict: cookie.contains("SameSite=Strict"))
        }
        return answer
    }

    /// Presses the sign-in link and signs in at the provider: where that sends the browser back to.
    func goToProvider() async throws -> String {
        let away = try await open("/sign-in/openid")
        let there = try #require(away.headers["location"], "\(away.status) \(away.text)")
        #expect(away.status == 303 && there.hasPrefix("\(house.provider.issuer)/authorize?tenant=1&"))
        let back = try await ListeningDesk.send(house.provider.port, "GET", String(there.dropFirst(house.provider.issuer.count)), [])
        let place = try #require(back.headers["location"], "the provider refuses: \(back.status)")
        return String(place.dropFirst("http://127.0.0.1:\(house.desk.port)".count))
    }

    /// Comes back to `target` and goes wherever that leads: the last page, and where it is.
    func comeBack(to target: String) async throws -> (page: WireAnswer, path: String) {
        var (page, path) = (try await open(target, fromOtherSite: true), target)
        for _ in 0..<3 {
            if (300..<400).contains(page.status), let next = page.headers["location"] {
                (page, path) = (try await open(next, fromOtherSite: true), next)
            } else if let next = page.headers["refresh"]?.split(separator: "=").last {
                (page, path) = (try await open(String(next)), String(next))
            }
        }
        return (page, path)
    }

    func signIn() async throws -> (page: WireAnswer, path: String) { try await comeBack(to: try await goToProvider()) }
}
