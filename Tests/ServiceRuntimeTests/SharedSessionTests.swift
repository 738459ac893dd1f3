import Foundation
import Persistence
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// Sessions on an empty store of their own, without a service around them.
final class SessionBench {
    let store: TemporaryStore
    let time: ManualTime
    let sessions: Sessions
    let pending: PendingSignIns

    init(_ time: ManualTime, secureCookie: Bool = false, stands: @escaping @Sendable (UsedLink) -> Bool = { _ in true }) throws {
        self.time = time
        store = try TemporaryStore(migrations: CoreSchema.migrations)
        sessions = Sessions(
            service: "screening", database: store.database, elapsed: time, secureCookie: secureCookie, stands: stands)
        pending = PendingSignIns(sessions: sessions, database: store.database, elapsed: time)
    }

    func openCookie(_ actor: Actor, by link: UsedLink? = nil, cookie: String? = nil) throws -> String {
        try sessions.write { try sessions.open(actor, by: link, cookie: cookie, in: $0) }
    }
    /// What the browser sends from then on.
    func open(_ actor: Actor, by link: UsedLink? = nil, cookie: String? = nil) throws -> String {
        String(try openCookie(actor, by: link, cookie: cookie).prefix { $0 != ";" })
    }
    func actors(_ cookie: String?) throws -> [Actor] { try sessions.living(cookie: cookie)?.actors ?? [] }
}

/// A store that locks rows, or is said to: counts its transactions, and fails at a statement on demand.
final class WatchedDatabase: Database {
    private final class Failing: Transaction {
        let tx: any Transaction
        let words: String
        init(_ tx: any Transaction, _ words: String) { (self.tx, self.words) = (tx, words) }

        func run(_ sql: SQL, _ values: [Value]) throws -> Int {
            guard !sql.text.contains(words) else { throw DatabaseError(kind: .transient, message: "fails, for a test") }
            return try tx.run(sql, values)
        }
        func each(_ sql: SQL, _ values: [Value], _ body: (borrowing Row) throws -> Bool) throws { try tx.each(sql, values, body) }
        var changes: Int { tx.changes }
        var locksRows: Bool { tx.locksRows }
    }

    struct Counts: Equatable { var reads = 0, writes = 0 }

    private let store: any Database
    private let counts = Mutex(Counts())
    private let words = Mutex<String?>(nil)

    init(_ store: any Database) { self.store = Store.chosen == .sqlite ? RowLockingDatabase(store) : store }

    var description: String { "\(store.description), watched" }
    /// Transactions begun since this was asked last.
    func countsSince() -> Counts {
        counts.withLock { counts in
            defer { counts = Counts() }
            return counts
        }
    }
    /// From now on statements with `words` in them fail; nil ends that.
    func fail(at words: String?) { self.words.withLock { $0 = words } }

    @discardableResult
    func write<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        counts.withLock { $0.writes += 1 }
        let words = words.withLock { $0 }
        return try store.write { tx in try body(words.map { Failing(tx, $0) } ?? tx) }
    }
    func read<Result>(_ body: (any Transaction) throws -> Result) throws -> Result {
        counts.withLock { $0.reads += 1 }
        return try store.read(body)
    }
    func close() throws { try store.close() }
}

/// Two instances of a service with a page, over one store, with connections and key files' readers of their own.
final class TwoDesks {
    static let clerk = Actor(
        organisation: OrganisationID(trusted: "dpf-37"), role: .clerk, user: "clerk-1", region: RegionCode(trusted: "37"))

    let service: TestService
    let time = ManualTime(Instant(milliseconds: 1_772_000_000_000))
    let signer = TokenSigner()
    let engines: [Engine]
    let stores: [WatchedDatabase]
    let instances: [ServiceInterface]
    var a: ServiceInterface { instances[0] }
    var b: ServiceInterface { instances[1] }
    private let keyFile: String

    init() throws {
        let plain = Desk.definition()
        let service = try TestService(
            ServiceDefinition(
                name: plain.name, title: BilingualName(zh: "登记", en: "Registration"), migrations: plain.migrations,
                refusals: plain.refusals, endpoints: plain.endpoints + PageTests.pages),
            today: LocalDate(year: 2024, month: 6, day: 3)!, elapsed: time)
        self.service = service
        let keyFile = service.folder.appendingPathComponent("keys.json").path
        self.keyFile = keyFile
        var keys = TokenKeySet()
        keys.add(signer.publicKey, id: signer.keyID)
        try keys.write(keyFile)
        let stores = try (0..<2).map { _ in WatchedDatabase(try openDatabase(service.url)) }
        let engines = try stores.map { try Engine(service.definition, database: $0, log: service.log, clock: service.clock) }
        (self.stores, self.engines) = (stores, engines)
        instances = try engines.map { try Self.interface($0, service, keyFile) }
    }

    deinit {
        // The test is over; a connection left open harms nobody.
        for store in stores { try? store.close() }
    }

    private static func interface(_ engine: Engine, _ service: TestService, _ keyFile: String) throws -> ServiceInterface {
        ServiceInterface(
            engine: engine, endpoints: service.definition.endpoints + Endpoint.forBrowsers, refusals: service.definition.refusals,
            tokens: TokenVerifier(try TokenKeyFile(keyFile, elapsed: engine.clock.elapsed), elapsed: engine.clock.elapsed))
    }

    /// The instance that an engine over this store, or a copy of it, starts as.
    func start(_ database: any Database) throws -> ServiceInterface {
        try Self.interface(
            Engine(service.definition, database: database, log: service.log, clock: service.clock), service, keyFile)
    }

    func browser() -> TestBrowser { TestBrowser(service, at: a, signer) }

    /// A browser of the clerk's who signed in at the first instance.
    func signedIn() async throws -> TestBrowser {
        let browser = browser()
        #expect(await browser.signIn(try browser.link(for: Self.clerk)).status == 303)
        return browser
    }

    func rewrite(_ change: (inout TokenKeySet) -> Void) throws {
        var keys = try TokenKeySet.read(keyFile)
        change(&keys)
        try keys.write(keyFile)
        // A file is looked at once a second.
        time.advance(milliseconds: 1000)
    }

    func rows() throws -> [Int] {
        try service.database.read { [try BrowserSessions.count(in: $0), try SignInsUnderWay.count(in: $0)] }
    }
}

/// Any instance of a service answers any browser.
struct SharedSessionTests {
    @Test func `who signed in at one instance works at the other, and signed out there is signed out at both`() async throws {
        let desks = try TwoDesks()
        let browser = try await desks.signedIn()
        let page = browser.get("/desk")
        #expect(page.status == 200)
        browser.interface = desks.b
        #expect(browser.get("/desk").text.contains("clerk-1"))
        #expect(try await browser.send("count", on: page, ["limit": "5"]).status == 303, "a form of one instance's page, sent to the other")
        #expect(try desks.service.said().count == 1)
        let wrong = try await browser.send("count", on: page, ["limit": "5", "day": "2024-13-01"])
        #expect(wrong.status == 422 && wrong.text.contains("value=\"5\""), "the page that a refusal comes back on is the session's too")
        let cookies = browser.cookies
        #expect(await browser.post("/session/end", [("token", browser.tokenOnPage(page))]).status == 303)
        for instance in desks.instances {
            browser.cookies = cookies
            browser.interface = instance
            #expect(browser.get("/desk").status == 401)
            #expect(try await browser.post("/forms", browser.fields("count", page, ["limit": "6"])).status == 401)
        }
        #expect(try desks.service.said().count == 1 && desks.rows() == [0, 0])
    }

    @Test func `who signs in anew at the other instance leaves no session behind at the first`() async throws {
        let desks = try TwoDesks()
        let browser = try await desks.signedIn()
        let before = browser.cookies
        browser.interface = desks.b
        #expect(await browser.signIn(try browser.link(for: TwoDesks.clerk)).status == 303)
        browser.interface = desks.a
        #expect(browser.get("/desk").status == 200)
        browser.cookies = before
        #expect(browser.get("/desk").status == 401)
        #expect(try desks.rows() == [1, 0])
    }

    @Test func `a link opens one session, however many instances are asked at the same moment`() async throws {
        let desks = try TwoDesks()
        let instances = desks.instances
        let browser = desks.browser()
        for round in 1...12 {
            browser.cookies = [:]
            let page = browser.get(try browser.link(for: TwoDesks.clerk))
            #expect(page.status == 200)
            let body = Array(browser.hiddenFields(page).map { "\($0.0)=\($0.1)" }.joined(separator: "&").utf8)
            let headers = [
                "content-type": "application/x-www-form-urlencoded",
                "cookie": browser.cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; "),
            ]
            let statuses = await withTaskGroup(of: Int.self) { group in
                for instance in instances + instances {
                    group.addTask { await instance.handleStream(.post, "/session", body: body, headers: headers).status }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [303, 401, 401, 401])
            #expect(try desks.rows() == [round, 0])
        }
    }

    @Test func `a sign-in that is cut off leaves neither a session nor a used link`() async throws {
        let desks = try TwoDesks()
        let browser = desks.browser()
        let link = try browser.link(for: TwoDesks.clerk)
        desks.stores[0].fail(at: "INSERT INTO browser_sessions")
        #expect(await browser.signIn(link).status == 503)
        desks.stores[0].fail(at: nil)
        #expect(await browser.signIn(link).status == 303)
        #expect(browser.get("/desk").status == 200)
    }

    @Test func `a link that is revoked, and one whose key is dropped, end their sessions at both instances`() async throws {
        for change in [{ $0.revoke($1) }, { keys, _ in keys = TokenKeySet() }] as [(inout TokenKeySet, String) -> Void] {
            let desks = try TwoDesks()
            let browser = desks.browser()
            let link = try browser.link(for: TwoDesks.clerk)
            #expect(await browser.signIn(link).status == 303)
            for instance in desks.instances {
                browser.interface = instance
                #expect(browser.get("/desk").status == 200)
            }
            let id = try #require(TokenClaims.tokenID(in: String(link.dropFirst("/session?link=".count))))
            try desks.rewrite { change(&$0, id) }
            for instance in desks.instances {
                browser.interface = instance
                #expect(browser.get("/desk").status == 401)
            }
        }
    }

    @Test func `a session costs a request one read and no write, and who shows none costs nothing`() async throws {
        let desks = try TwoDesks()
        let browser = try await desks.signedIn()
        _ = desks.stores[0].countsSince()
        for _ in 0..<3 { #expect(browser.get("/desk").status == 200) }
        #expect(desks.stores[0].countsSince() == .init(reads: 6, writes: 0), "the page's own transaction and the session's")
        browser.cookies = ["careloop_registration": "guess", "careloop_screening": String(repeating: "x", count: 43)]
        #expect(browser.get("/desk").status == 401)
        #expect(desks.stores[0].countsSince() == .init(reads: 0, writes: 0))
        let many = (0..<50).map { _ in "careloop_registration=\(Sessions.secret())" }.joined(separator: "; ")
        #expect(desks.a.handle(.get, "/desk", headers: ["cookie": many]).status == 401)
        #expect(desks.stores[0].countsSince() == .init(reads: 1, writes: 0))
    }

    @Test func `what the store keeps opens no session, no link and no sign-in`() async throws {
        let desks = try TwoDesks()
        let browser = desks.browser()
        let link = try browser.link(for: TwoDesks.clerk)
        #expect(await browser.signIn(link).status == 303)
        let signIn = PendingSignIns.new()
        let pending = PendingSignIns(sessions: desks.a.sessions, database: desks.stores[0], elapsed: desks.time)
        let cookie = try desks.stores[0].write { try pending.begin(signIn, in: $0) }
        let secrets = [
            try #require(browser.cookies["careloop_registration"]), String(link.dropFirst("/session?link=".count)), signIn.state,
            String(cookie.prefix { $0 != ";" }.split(separator: "=")[1]),
        ]
        let tables = try StoreContents.tables(of: desks.service.database)
        for name in ["browser_sessions", "sign_ins"] { #expect(tables.contains { $0.table == name && $0.bytes.count > 100 }) }
        for (table, bytes) in tables {
            let text = String(decoding: bytes, as: UTF8.self)
            for secret in secrets { #expect(!text.contains(secret), "\(table)") }
        }
    }

    // MARK: What becomes of them

    @Test func `an instance that starts beside another ends no session, and one that starts where nobody serves ends all`() async throws {
        let desks = try TwoDesks()
        let browser = try await desks.signedIn()
        let pending = PendingSignIns(sessions: desks.a.sessions, database: desks.stores[0], elapsed: desks.time)
        _ = try desks.stores[0].write { try pending.begin(PendingSignIns.new(), in: $0) }
        func next() throws -> TestBrowser {
            let beside = TestBrowser(desks.service, at: try desks.start(desks.stores[1]), desks.signer)
            beside.cookies = browser.cookies
            return beside
        }
        #expect(try next().get("/desk").status == 200)
        for _ in 0..<9 {
            desks.time.advance(milliseconds: 60_000)
            _ = try desks.engines[0].timerStep()
        }
        #expect(try next().get("/desk").status == 200 && desks.rows() == [1, 1])
        desks.time.advance(milliseconds: 300_000)
        #expect(try next().get("/desk").status == 200, "an instance is replaced in less")
        desks.time.advance(milliseconds: 60_001)
        #expect(try next().get("/desk").status == 401 && desks.rows() == [0, 0])
        #expect(browser.get("/desk").status == 401)
    }

    @Test func `where there is one writer, its start ends all sessions`() async throws {
        guard Store.chosen == .sqlite else { return }
        let desks = try TwoDesks()
        let browser = try await desks.signedIn()
        browser.interface = try desks.start(try openDatabase(desks.service.url))
        #expect(browser.get("/desk").status == 401 && browser.get("/session").status == 200)
    }

    @Test func `a backup that is put back brings back nobody who has signed out since`() async throws {
        let desks = try TwoDesks()
        let browser = try await desks.signedIn()
        let cookies = browser.cookies
        let older = try desks.service.backup()
        let page = browser.get("/desk")
        #expect(try await browser.send("count", on: page, ["limit": "5"]).status == 303)
        #expect(await browser.post("/session/end", [("token", browser.tokenOnPage(page))]).status == 303)
        // Whoever held the lease is waited for.
        _ = try desks.engines[0].relayStep()
        desks.time.advance(milliseconds: CoreLimits.leaseLength.wholeNanoseconds / 1_000_000)
        while try desks.engines[0].relayStep() > 0 {}
        // At once: the log is ahead of it, which is seen before anybody is answered and before anybody restores.
        browser.cookies = cookies
        browser.interface = try desks.start(WatchedDatabase(try openDatabase(older)))
        #expect(browser.get("/desk").status == 401)
        // And where nothing was said since, by its age.
        let silent = try TwoDesks()
        let other = try await silent.signedIn()
        let kept = other.cookies
        let backup = try silent.service.backup()
        #expect(await other.post("/session/end", [("token", other.tokenOnPage(other.get("/desk")))]).status == 303)
        silent.time.advance(milliseconds: 300_001)
        other.cookies = kept
        other.interface = try silent.start(WatchedDatabase(try openDatabase(backup)))
        #expect(other.get("/desk").status == 401)
    }

    @Test func `what is over is deleted, so many at a time`() throws {
        let desks = try TwoDesks()
        let now = desks.time.wallMilliseconds
        try desks.service.database.write { tx in
            for number in 0..<CoreLimits.sessionsBatch + 3 {
                try BrowserSessions.open("session-\(number)", grants: "[]", expiresMs: now + 1000, in: tx)
                let signIn = SignInsUnderWay.SignIn(browser: "b", nonce: "n", verifier: "v", expiresMs: now + 1000)
                try SignInsUnderWay.begin("state-\(number)", signIn, in: tx)
            }
            try BrowserSessions.open("lives", grants: "[]", expiresMs: now + 90_000, in: tx)
        }
        #expect(try desks.engines[0].timerStep() == 0)
        desks.time.advance(milliseconds: 60_000)
        #expect(try desks.engines[0].timerStep() == 2 * CoreLimits.sessionsBatch)
        #expect(try desks.rows() == [4, 3])
        #expect(try desks.engines[0].timerStep() == 6)
        #expect(try desks.engines[0].timerStep() == 0 && desks.rows() == [1, 0])
    }
}
