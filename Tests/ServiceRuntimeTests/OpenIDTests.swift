import Crypto
import Foundation
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// Signing in with an account of the organisation's, from the page with the link to the desk, over two real sockets.
@Suite(.timeLimit(.minutes(3))) struct OpenIDTests {
    @Test func `a person goes from the sign-in page over the provider to the desk`() async throws {
        try await OpenIDHouse.run { house async throws in
            let browser = OpenIDBrowser(house)
            #expect(try await browser.open("/desk").status == 401)
            for page in [try await browser.open("/session"), try await browser.open("/desk")] {
                #expect(page.text.contains("<a href=\"/sign-in/openid\">Sign in with your organisation&#39;s account</a>"))
            }
            let back = try await browser.goToProvider()
            let waiting = try #require(browser.cookies["careloop_registration_openid"])
            #expect(!waiting.isStrict, "the way back comes from another site")
            let (desk, path) = try await browser.comeBack(to: back)
            #expect(path == "/desk" && desk.status == 200 && desk.text.contains("<p id=\"who\">clerk-7 3703</p>"), "\(desk.text)")
            #expect(Array(browser.cookies.keys) == ["careloop_registration"] && browser.cookies.values.first?.isStrict == true)
            #expect(house.logged.contains("somebody signed in"))
            // The session is an ordinary one: it writes nothing without its token and ends by its button.
            let other = OpenIDBrowser(house)
            let second = try await other.signIn()
            #expect(second.page.status == 200)
            #expect(other.cookies["careloop_registration"]?.value != browser.cookies["careloop_registration"]?.value)
        }
    }

    @Test func `the cookie that waits is for this host, unread by scripts, and gone within minutes`() async throws {
        try await OpenIDHouse.run { house async throws in
            let away = try await house.desk.send("GET", "/sign-in/openid")
            let cookie = try #require(away.cookies.first)
            #expect(
                away.cookies.count == 1 && cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax")
                    && cookie.contains("; Max-Age=600"))
        }
        let bench = try SessionBench(ManualTime(Instant(milliseconds: 1_700_000_000_000)), secureCookie: true)
        let cookie = try bench.store.database.write { try bench.pending.begin(PendingSignIns.new(), in: $0) }
        #expect(cookie.hasPrefix("__Host-careloop_screening_openid=") && cookie.contains("; Secure"))
    }

    @Test func `a provider that signs with RSA and wants the secret in the body will do, and a group opens a desk`() async throws {
        try await OpenIDHouse.run { house async throws in
            house.provider.behave {
                $0.signing = .rsa
                $0.description["token_endpoint_auth_methods_supported"] = ["client_secret_post", "private_key_jwt"]
                $0.claims = { claims in
                    claims["sub"] = "somebody-else"
                    claims["groups"] = ["everybody", "everybody-else", "careloop-reviewers"]
                    claims["aud"] = [OpenIDTestProvider.clientID, "another"]
                    claims["azp"] = OpenIDTestProvider.clientID
                }
            }
            let desk = try await OpenIDBrowser(house).signIn().page
            let digest = Data(SHA256.hash(data: Data("\(house.provider.issuer)\nsomebody-else".utf8))).base64EncodedString()
            let user = "openid-" + digest.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_").prefix(22)
            #expect(desk.status == 200 && desk.text.contains("<p id=\"who\">\(user) 37</p>"), "\(desk.text)")
        }
    }

    @Test func `without its keys a service has no such way, and its pages do not show one`() async throws {
        try await ListeningDesk.run { desk async throws in
            for path in ["/sign-in/openid", "/sign-in/openid/callback?code=a&state=b"] {
                #expect(try await desk.send("GET", path).status == 404)
            }
            #expect(try await !desk.send("GET", "/session").text.contains("/sign-in/openid"))
        }
    }

    // MARK: What a provider's answer can be

    /// An ID token that is not good: how it comes about, and the word the log has for it.
    struct BadToken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let word: String
        let behave: @Sendable (inout OpenIDTestProvider.Behaviour) -> Void

        init(_ name: String, _ word: String, _ behave: @escaping @Sendable (inout OpenIDTestProvider.Behaviour) -> Void) {
            testDescription = name
            self.word = word
            self.behave = behave
        }

        static func claim(_ name: String, _ claim: String, _ value: (any Sendable)?, _ word: String) -> BadToken {
            BadToken(name, word) { $0.claims = { claims in claims[claim] = value } }
        }

        static func time(_ name: String, _ claim: String, _ seconds: Int64, _ word: String) -> BadToken {
            BadToken(name, word) { $0.claims = { claims in claims[claim] = (claims["iat"] as? Int64 ?? 0) + seconds } }
        }
    }

    static let badTokens: [BadToken] = [
        .claim("another nonce", "nonce", "another", "malformed nonce"), .claim("no nonce", "nonce", nil, "malformed nonce"),
        .claim("for another client", "aud", "another", "malformed aud"), .claim("for nobody", "aud", nil, "malformed aud"),
        .claim("for several, and it does not say who asked", "aud", [OpenIDTestProvider.clientID, "another"], "malformed azp"),
        .claim("asked for by another", "azp", "another", "malformed azp"),
        .claim("another issuer's", "iss", "http://127.0.0.1:1", "malformed iss"), .claim("of nobody", "sub", "", "malformed sub"),
        .time("expired", "exp", -61, "expired"), .claim("without an end", "exp", nil, "malformed times"),
        .time("issued in the future", "iat", 61, "notYetValid"), .time("issued long ago", "iat", -361, "lifetime"),
        .time("not to be used yet", "nbf", 61, "notYetValid"), .claim("without a beginning", "iat", nil, "malformed times"),
        BadToken("unsigned", "algorithm") { $0.signing = .unsigned },
        BadToken("signed with the public key as a secret", "algorithm") { $0.signing = .hmacWithPublicKey },
        BadToken("signed with a foreign key", "signature") { $0.signing = .foreignKey },
        BadToken("signed with a key that the provider does not show", "unknownKey") { $0.signing = .unknownKey },
    ]

    @Test(arguments: badTokens) func `an ID token that is not good opens nothing`(_ bad: BadToken) async throws {
        try await OpenIDHouse.run { house async throws in
            house.provider.behave(bad.behave)
            let browser = OpenIDBrowser(house)
            let page = try await browser.signIn().page
            try await refused(page, "OPENID_TOKEN_INVALID", 403, browser)
            #expect(house.logged.contains("\"why\":\"ID token: \(bad.word)\""), "\(house.logged)")
        }
    }

    @Test func `a clock that is off by less than a minute opens the desk`() async throws {
        for (claim, seconds) in [("exp", Int64(-59)), ("iat", 59), ("nbf", 59)] {
            try await OpenIDHouse.run { house async throws in
                house.provider.behave { $0.claims = { claims in claims[claim] = (claims["iat"] as? Int64 ?? 0) + seconds } }
                #expect(try await OpenIDBrowser(house).signIn().page.status == 200, "\(claim)")
            }
        }
    }

    @Test func `an account that nobody listed gets a page that says whom to ask for what, in both languages`() async throws {
        try await OpenIDHouse.run { house async throws in
            house.provider.behave { $0.claims = { claims in claims["sub"] = "unlisted" } }
            let browser = OpenIDBrowser(house)
            let page = try await browser.signIn().page
            try await refused(page, "OPENID_UNMAPPED", 403, browser)
            #expect(page.text.contains("administrator") && page.text.contains("管理员") && page.text.contains("CARELOOP_OPENID_MAPPING"))
            #expect(!page.text.contains("unlisted"))
            // Whoever keeps the file lists the account, and the next try opens the desk without a restart; struck off, it is out again.
            try house.rewrite(mapping: OpenIDHouse.mapping.replacingOccurrences(of: "8f3c-subject", with: "unlisted"))
            house.time.advance(milliseconds: 1000)
            #expect(try await browser.signIn().page.status == 200)
            try house.rewrite(mapping: OpenIDHouse.mapping)
            house.time.advance(milliseconds: 1000)
            #expect(try await OpenIDBrowser(house).signIn().page.status == 403)
        }
    }

    // MARK: What a browser can come back with

    @Test func `a state that is another's, used, late or missing opens nothing`() async throws {
        try await OpenIDHouse.run { house async throws in
            let browser = OpenIDBrowser(house)
            let back = try await browser.goToProvider()
            let forged = back.replacing(/state=[^&]*/, with: "state=forged")
            for target in [forged, back.replacing(/&state=[^&]*/, with: "")] {
                try await refused(try await browser.open(target, fromOtherSite: true), "OPENID_STATE_INVALID", 403, browser)
            }
            // Another browser, with a cookie of its own or none, has nothing of it, and takes nothing from whose it is.
            let thief = OpenIDBrowser(house)
            try await refused(try await thief.open(back, fromOtherSite: true), "OPENID_STATE_INVALID", 403, thief)
            _ = try await thief.goToProvider()
            try await refused(try await thief.open(back, fromOtherSite: true), "OPENID_STATE_INVALID", 403, thief)
            #expect(house.provider.count("/token") == 0, "no code was ever tried")
            let waiting = browser.cookies
            #expect(try await browser.comeBack(to: back).page.status == 200)
            browser.cookies = waiting
            try await refused(try await browser.open(back, fromOtherSite: true), "OPENID_STATE_INVALID", 403, browser)
            #expect(house.provider.count("/token") == 1, "a used state is known without asking")

            let slow = OpenIDBrowser(house)
            let late = try await slow.goToProvider()
            house.time.advance(milliseconds: 600_000)
            try await refused(try await slow.open(late, fromOtherSite: true), "OPENID_STATE_INVALID", 403, slow)
            #expect(house.logged.contains("state: late"))
            #expect(try await house.refusals("OPENID_STATE_INVALID").hasSuffix(" 6"))
        }
    }

    @Test func `whoever left at one instance may come back to the other, once`() async throws {
        try await OpenIDHouse.run { house async throws in
            let browser = OpenIDBrowser(house)
            let back = try await browser.goToProvider()
            let waiting = try #require(browser.cookies["careloop_registration_openid"]?.value)
            let headers = ["cookie": "careloop_registration_openid=\(waiting)", "accept": "text/html"]
            // Both instances at the same moment: the state is one's.
            let (other, desk) = (house.other, house.desk.assembly.interface)
            let answers = await withTaskGroup(of: Reply.self) { group in
                for instance in [other, desk, other] {
                    group.addTask { await instance.handleStream(.get, back, headers: headers) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.status).sorted() == [200, 403, 403])
            #expect(house.provider.count("/token") == 1)
            let opened = try #require(answers.first { $0.status == 200 }?.headers.first { $0.name == "Set-Cookie" }?.value)
            let session = String(opened.prefix { $0 != ";" })
            #expect(try await house.desk.send("GET", "/desk", ["Cookie: \(session)"]).text.contains("clerk-7 3703"))
            #expect(other.handle(.get, "/desk", headers: ["cookie": session]).text.contains("clerk-7 3703"))

            let second = OpenIDBrowser(house)
            let there = try await second.goToProvider()
            let cookie = try #require(second.cookies["careloop_registration_openid"]?.value)
            let finished = await other.handleStream(.get, there, headers: ["cookie": "careloop_registration_openid=\(cookie)"])
            #expect(finished.status == 200, "begun at one, finished at the other")
            try await refused(try await second.open(there, fromOtherSite: true), "OPENID_STATE_INVALID", 403, second)
        }
    }

    @Test func `a no of the provider, a callback without a code, and one of another issuer open nothing and use the state up`() async throws
    {
        try await OpenIDHouse.run { house async throws in
            for (part, other, code) in [
                ("code=[^&]*", "error=access_denied&error_description=a%20b", "OPENID_DENIED"),
                ("code=[^&]*", "error=access_denied&code=x", "OPENID_DENIED"), ("code=[^&]*&", "", "OPENID_STATE_INVALID"),
                ("iss=[^&]*", "iss=http%3A%2F%2F127.0.0.1%3A1", "OPENID_STATE_INVALID"),
            ] {
                let browser = OpenIDBrowser(house)
                let back = try await browser.goToProvider()
                let waiting = browser.cookies
                let changed = back.replacing(try Regex(part), with: other)
                try await refused(try await browser.open(changed, fromOtherSite: true), code, 403, browser)
                browser.cookies = waiting
                try await refused(try await browser.open(back, fromOtherSite: true), "OPENID_STATE_INVALID", 403, browser)
            }
            #expect(house.provider.count("/token") == 0 && !house.logged.contains("access_denied"))
        }
    }

    @Test func `so many are on their way at a time, and the oldest makes room`() throws {
        let bench = try SessionBench(ManualTime(Instant(milliseconds: 1_700_000_000_000)))
        func begin(in tx: any Transaction) throws -> (state: String, cookie: String) {
            let signIn = PendingSignIns.new()
            return (signIn.state, String(try bench.pending.begin(signIn, in: tx).prefix { $0 != ";" }))
        }
        let first = try bench.store.database.write { try begin(in: $0) }
        bench.time.advance(milliseconds: 1000)
        var last = first
        try bench.store.database.write { tx in for _ in 0..<OpenIDLimits.signIns { last = try begin(in: tx) } }
        func count() throws -> Int { try bench.store.database.read { try SignInsUnderWay.count(in: $0) } }
        #expect(try count() == OpenIDLimits.signIns)
        #expect(throws: OpenIDRefused.self) { try bench.pending.take(state: first.state, cookie: first.cookie) }
        _ = try bench.pending.take(state: last.state, cookie: last.cookie)
        #expect(try count() == OpenIDLimits.signIns - 1)
    }

    // MARK: A provider that is not well

    @Test func `a provider that is gone, cuts off or answers nonsense is said to be unavailable, and a good one opens the desk again`()
        async throws
    {
        try await OpenIDHouse.run { house async throws in
            let browser = OpenIDBrowser(house)
            let paths = ["/.well-known/openid-configuration": "discovery", "/token": "token", "/keys": "keys"]
            for (path, what) in paths.sorted(by: { $0.key < $1.key }) {
                let faults: [(word: String?, answer: @Sendable (inout OpenIDTestProvider.Answer) -> Void)] = [
                    (nil, { $0.body = Array("<html>".utf8) }), ("\(what) answered with 500", { $0.status = 500 }),
                    ("\(what) tooLarge", { $0.body = [UInt8](repeating: 32, count: 256 << 10) + $0.body }),
                    (
                        "\(what) answered with 401",
                        { $0 = .init(status: 401, headers: ["WWW-Authenticate: Basic realm=\"x\""]) }
                    ),
                    ("\(what) answered with 307", { $0 = .init(status: 307, headers: ["Location: /elsewhere"]) }),
                ]
                for (word, answer) in faults {
                    // Nothing is believed any more of what was said before.
                    house.time.advance(milliseconds: 3_600_000)
                    house.provider.behave { $0.answers = [path: answer] }
                    let page =
                        path == "/.well-known/openid-configuration"
                        ? try await browser.open("/sign-in/openid") : try await browser.signIn().page
                    try await refused(page, "OPENID_UNAVAILABLE", 503, browser)
                    #expect(page.headers["retry-after"] == "5")
                    if let word { #expect(house.logged.contains("provider: \(word)"), "\(house.logged)") }
                }
            }
            #expect(house.provider.count("/elsewhere") == 0)
            house.provider.behave { $0.answers = [:] }
            house.time.advance(milliseconds: 3_600_000)
            #expect(try await browser.signIn().page.status == 200)
            house.provider.stop()
            house.time.advance(milliseconds: 3_600_000)
            try await refused(try await OpenIDBrowser(house).open("/sign-in/openid"), "OPENID_UNAVAILABLE", 503, OpenIDBrowser(house))
            #expect(house.logged.contains("provider: discovery unreachable"))
        }
    }

    @Test func `a provider that does not answer is waited for so long and no longer`() async throws {
        try await OpenIDHouse.run(client: BoundedClient(seconds: 1)) { house async throws in
            house.provider.behave { $0.silent = ["/token"] }
            let browser = OpenIDBrowser(house)
            try await refused(try await browser.signIn().page, "OPENID_UNAVAILABLE", 503, browser)
            #expect(house.logged.contains("provider: token tooSlow"))
        }
    }

    @Test func `only so many questions are under way at a time`() async throws {
        let provider = try OpenIDTestProvider(now: { 0 })
        defer { provider.stop() }
        provider.behave { $0.silent = ["/keys"] }
        let client = BoundedClient(seconds: 1)
        let url = try #require(URL(string: "\(provider.issuer)/keys"))
        let answers = await withTaskGroup(of: BoundedClient.Failure?.self) { group in
            for _ in 0..<OpenIDLimits.requests + 3 {
                group.addTask {
                    do throws(BoundedClient.Failure) {
                        _ = try await client.ask(url)
                        return nil
                    } catch { return error }
                }
            }
            return await group.reduce(into: [:]) { counts, failure in counts[failure, default: 0] += 1 }
        }
        #expect(answers == [.tooSlow: OpenIDLimits.requests, .tooMany: 3])
    }

    @Test(arguments: [
        ("issuer", "http://127.0.0.1:1"), ("token_endpoint", "ftp://127.0.0.1/token"), ("jwks_uri", "/keys"),
        ("authorization_endpoint", "javascript:alert(1)"),
    ])
    func `a description that names another issuer, or no address, is not believed`(_ member: String, _ value: String) async throws {
        try await OpenIDHouse.run { house async throws in
            house.provider.behave { $0.description[member] = value }
            try await refused(try await OpenIDBrowser(house).open("/sign-in/openid"), "OPENID_UNAVAILABLE", 503, OpenIDBrowser(house))
            // One that failed is not asked again at once, however many come.
            _ = try await OpenIDBrowser(house).open("/sign-in/openid")
            #expect(house.provider.count("/.well-known/openid-configuration") == 1)
        }
    }

    @Test func `new keys are found by a token that names one, and looked for no more than once a minute`() async throws {
        try await OpenIDHouse.run { house async throws in
            #expect(try await OpenIDBrowser(house).signIn().page.status == 200)
            #expect(try await OpenIDBrowser(house).signIn().page.status == 200)
            #expect(house.provider.count("/keys") == 1 && house.provider.count("/.well-known/openid-configuration") == 1)
            house.time.advance(milliseconds: 60_000)
            house.provider.rotate(to: "key-2")
            #expect(try await OpenIDBrowser(house).signIn().page.status == 200)
            #expect(house.provider.count("/keys") == 2)
            house.provider.behave { $0.signing = .unknownKey }
            for _ in 0..<3 { #expect(try await OpenIDBrowser(house).signIn().page.status == 403) }
            #expect(house.provider.count("/keys") == 2)
        }
    }

    // MARK: The mapping file

    @Test(arguments: [
        ("{}", "lists nobody"), ("[]", "FIELD_TYPE"), (#"{"subjects": [], "people": []}"#, "FIELD_UNKNOWN people"),
        (entry(#""role": "king""#), "VALUE_NOT_ALLOWED subjects[0].role"), (entry(#""role": "service""#), "subjects[0].role"),
        (entry(#""region": "3""#), "subjects[0].region"), (entry(#""organisation": null"#), "subjects[0].organisation"),
        (entry(#""user": "张三""#), "subjects[0].user"), (entry(#""user": null"#), "subjects[0].user"),
        (entry(#""group": "g""#), "subjects[0] needs a subject"),
        (entry(#""role": "clerk""#, twice: true), "subjects[1].subject stands twice"),
        (entry(#""role": "clerk""#, in: "groups"), "groups[0] needs a group"),
        (#"{"groups": [{"group": "g", "role": "clerk", "organisation": "dpf-37", "region": "37", "user": "one"}]}"#, "groups[0].user"),
    ])
    func `a mapping with a fault anywhere is refused with its place`(_ text: String, _ fault: String) throws {
        let error = #expect(throws: KeyFileError.self) { try OpenIDMapping(json: Array(text.utf8)) }
        #expect(error?.message.contains(fault) == true, "\(error?.message ?? "")")
    }

    /// A mapping of one subject, one of whose members is otherwise.
    private static func entry(_ member: String, in list: String = "subjects", twice: Bool = false) -> String {
        var members = [
            "subject": #""s-1""#, "role": #""clerk""#, "organisation": #""dpf-37""#, "region": #""37""#, "user": #""u""#,
        ]
        let parts = member.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        members[parts[0].replacingOccurrences(of: "\"", with: "")] = parts[1]
        let one = "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
        return "{\"\(list)\": [\(one)\(twice ? ", \(one)" : "")]}"
    }

    /// A page in both languages with the code, counted, and no session in the browser.
    private func refused(_ page: WireAnswer, _ code: String, _ status: Int, _ browser: OpenIDBrowser) async throws {
        let entry = try #require(RefusalCatalogue.chassis[code])
        #expect(page.status == status && page.text.contains("\(code) · \(status)"), "\(page.status) \(page.text)")
        for sentence in [entry.chinese, entry.english] {
            #expect(page.text.contains(sentence.replacingOccurrences(of: "'", with: "&#39;")), "\(page.text)")
        }
        #expect(browser.cookies["careloop_registration"] == nil || code == "OPENID_STATE_INVALID")
        #expect(try await browser.house.refusals(code) != "none")
    }
}
