import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// Pages, signing in and forms, with a service whose one page counts.
struct PageTests {
    private static let clerk = Actor(
        organisation: OrganisationID(trusted: "dpf-37"), role: .clerk, user: "clerk-1", region: RegionCode(trusted: "37"))
    private static let dashboard = Actor(
        organisation: OrganisationID(trusted: "dpf-37"), role: .dashboard, user: "d", region: RegionCode(trusted: "37"))

    static let pages: [Endpoint] = [
        .page("/desk", roles: [.clerk, .reviewer], title: BilingualName(zh: "计数", en: "Counting"), inMenu: true, query: ["person"]) {
            page in
            let person = page.request.query("person") ?? "p1"
            let people = try page.ask("/people", as: PageOf<Desk.Person>.self)
            let form = page.form(
                .post, "/people/\(person)/certificates", name: "count", "计一次", "Count",
                fields: [
                    .number("limit", "上限", "Limit", in: 0...100), .date("day", "日期", "Day", isRequired: false),
                    .choice("sex", "性别", "Sex", of: [("male", BilingualName(zh: "男", en: "male"))], isRequired: false),
                ], then: "/desk?person={person}")
            return page.show("计数", "Counting", "<p>\(people.items.count)</p><p id=\"who\">\(person)</p>\(form)")
        },
        .page("/desk/reviews", roles: [.reviewer], title: BilingualName(zh: "复核", en: "Reviews"), inMenu: true) { page in
            page.show("复核", "Reviews", "")
        },
    ]

    private func service(_ time: any ElapsedTime = SystemTime()) throws -> TestService {
        let plain = Desk.definition()
        return try TestService(
            ServiceDefinition(
                name: plain.name, title: BilingualName(zh: "登记", en: "Registration"), migrations: plain.migrations,
                refusals: plain.refusals,
                endpoints: plain.endpoints + Self.pages), today: LocalDate(year: 2024, month: 6, day: 3)!, elapsed: time)
    }

    @Test func `a link is looked at as often as anybody likes and signs in once`() async throws {
        let browser = TestBrowser(try service())
        let link = try browser.link(for: Self.clerk)
        for _ in 0..<3 { #expect(browser.get(link).text.contains("clerk-1")) }
        #expect(browser.get("/desk").status == 401)
        let signedIn = await browser.signIn(link)
        #expect(signedIn.status == 303 && signedIn.header("Location") == "/desk")
        let cookie = try #require(signedIn.header("Set-Cookie"))
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.hasPrefix("careloop_registration="))
        #expect(browser.get("/desk").status == 200)
        let other = TestBrowser(browser.service)
        #expect(other.get(link).status == 401, "another key signed it for this browser, and it was used besides")
        #expect(browser.get(link).status == 401 && browser.get(link).text.contains("链接已使用或已失效"))
    }

    @Test func `a link used on one instance is used on the other`() async throws {
        let service = try service()
        let one = TestBrowser(service)
        let two = one.anotherInstance()
        let link = try one.link(for: Self.clerk)
        let page = two.get(link)
        #expect(page.status == 200)
        #expect(await one.signIn(link).status == 303)
        #expect(await two.post("/session", two.hiddenFields(page)).status == 401, "its page had been opened before")
    }

    @Test func `a bearer token is no link, a link no bearer token, and an old or long link neither`() async throws {
        let time = ManualTime(Instant(startOf: LocalDate(year: 2026, month: 3, day: 1)!))
        let browser = TestBrowser(try service(time))
        #expect(browser.get(try browser.link(for: Self.clerk, audience: .bearer)).status == 401)
        #expect(browser.get(try browser.link(for: Self.clerk, seconds: 700)).status == 401)
        let link = try browser.link(for: Self.clerk)
        let bearer = ["authorization": "Bearer \(link.dropFirst("/session?link=".count))"]
        #expect(browser.get("/people", more: bearer).status == 401)
        time.advance(milliseconds: 661_000)
        #expect(browser.get(link).status == 401)
    }

    @Test func `a form without the token of its session, or with another session's, is refused and writes nothing`() async throws {
        let service = try service()
        let browser = try await TestBrowser(service, as: Self.clerk)
        let other = try await TestBrowser(service, as: Self.clerk)
        let page = browser.get("/desk")
        let whole = try browser.fields("count", page, ["limit": "5"])
        let without = whole.filter { $0.0 != "token" }
        let foreign = without + (try browser.fields("count", other.get("/desk"), [:])).filter { $0.0 == "token" }
        for fields in [without, foreign, without + [("token", "")]] {
            let refused = await browser.post("/forms", fields)
            #expect(refused.status == 403 && refused.text.contains("FORM_FOREIGN"))
        }
        #expect(await browser.post("/forms", whole, more: ["sec-fetch-site": "cross-site"]).status == 403)
        #expect(await browser.post("/forms", whole, more: ["sec-fetch-site": "same-site"]).status == 403)
        let stranger = TestBrowser(service)
        #expect(await stranger.post("/forms", whole).status == 401, "the token without the session")
        #expect(try service.said().isEmpty)
        let taken = await browser.post("/forms", whole, more: ["sec-fetch-site": "same-origin"])
        #expect(taken.status == 303 && taken.header("Location") == "/desk?person=p1&done=1")
        #expect(try !service.said().isEmpty)
    }

    @Test func `the sign-in form is bound to the browser that was shown it`() async throws {
        let browser = TestBrowser(try service())
        let mine = browser.hiddenFields(browser.get(try browser.link(for: Self.clerk)))
        let victim = TestBrowser(browser.service)
        #expect(await victim.post("/session", mine).status == 403, "nobody is signed in as somebody else by a foreign page")
        #expect(await browser.post("/session", mine.filter { $0.0 != "token" }).status == 403)
        #expect(await browser.post("/session", mine).status == 303)
    }

    @Test func `a session cannot write but by a form`() async throws {
        let browser = try await TestBrowser(try service(), as: Self.clerk)
        let reply = await browser.post("/people/p1/certificates", [("limit", "5")])
        #expect(reply.status == 401)
    }

    @Test func `a form sent twice counts once`() async throws {
        let service = try service()
        let browser = try await TestBrowser(service, as: Self.clerk)
        let fields = try browser.fields("count", browser.get("/desk"), ["limit": "5"])
        for _ in 0..<2 { #expect(await browser.post("/forms", fields).status == 303) }
        #expect(try service.said().count == 1)
    }

    @Test func `a refusal comes back on its page with what was entered, named at its field`() async throws {
        let browser = try await TestBrowser(try service(), as: Self.clerk)
        let full = try await browser.send("count", on: browser.get("/desk"), ["limit": "0"])
        #expect(full.status == 422 && full.text.contains("数量已满。") && full.text.contains("role=\"alert\""))
        let wrong = try await browser.send("count", on: browser.get("/desk"), ["limit": "5", "day": "2024-13-01"])
        #expect(wrong.status == 422 && wrong.text.contains("value=\"5\"") && wrong.text.contains("href=\"#count-day\""))
        #expect(wrong.text.contains("aria-invalid=\"true\"") && wrong.text.contains("id=\"count-day-wrong\""))
    }

    @Test func `rights are those of the address, not of the page`() async throws {
        let service = try service()
        let reviewer = Actor(organisation: nil, role: .reviewer, user: "r", region: RegionCode(trusted: "37"))
        let browser = try await TestBrowser(
            service,
            as: Actor(
                organisation: OrganisationID(trusted: "dpf-37"), role: reviewer.role, user: "r", region: reviewer.region))
        let page = browser.get("/desk")
        #expect(page.status == 403 || !page.text.contains("id=\"count\""), "no form is shown that would be refused")
        let clerk = try await TestBrowser(service, as: Self.clerk)
        var fields = try clerk.fields("count", clerk.get("/desk"), ["limit": "5"])
        fields.removeAll { $0.0 == "token" || $0.0 == "page" }
        fields += [("token", browser.tokenOnPage(browser.get("/desk/reviews"))), ("page", "/desk/reviews")]
        let refused = await browser.post("/forms", fields)
        #expect(refused.status == 403 && refused.text.contains("ROLE_NOT_ALLOWED"))
        #expect(try service.said().isEmpty)
    }

    @Test func `a form leads nowhere but to this service`() async throws {
        let browser = try await TestBrowser(try service(), as: Self.clerk)
        for goal in ["//evil.example/", "https://evil.example/", "/\\evil.example", "/a\r\nSet-Cookie: x=1"] {
            let fields = try browser.fields("count", browser.get("/desk"), ["limit": "50"]).map { $0.0 == "then" ? ("then", goal) : $0 }
            #expect(await browser.post("/forms", fields).status == 400, "\(goal)")
        }
        #expect(try browser.service.said().isEmpty, "it is refused before anything is done")
    }

    @Test func `signing out ends the session here and in the browser`() async throws {
        let browser = try await TestBrowser(try service(), as: Self.clerk)
        let cookies = browser.cookies
        let page = browser.get("/desk")
        #expect(await browser.post("/session/end", []).status == 403)
        #expect(await browser.post("/session/end", [("token", browser.tokenOnPage(page))]).status == 303)
        #expect(browser.cookies["careloop_registration"] == nil)
        browser.cookies = cookies
        #expect(browser.get("/desk").status == 401)
    }

    @Test func `who signs in takes the session over, figures of several regions add up`() async throws {
        let browser = try await TestBrowser(try service(), as: Self.clerk)
        #expect(await browser.signIn(try browser.link(for: Self.dashboard)).status == 303)
        #expect(browser.get("/desk").status == 403, "the clerk's rights are gone")
    }

    @Test func `the language is a switch that stays`() async throws {
        let browser = try await TestBrowser(try service(), as: Self.clerk)
        #expect(browser.get("/desk").text.contains("<html lang=\"zh-CN\">"))
        #expect(browser.get("/desk?lang=en").text.contains("<h1>Counting</h1>"))
        #expect(browser.get("/desk").text.contains("<html lang=\"en\">"))
        let refused = try await browser.send("count", on: browser.get("/desk"), ["limit": "0"])
        #expect(refused.text.contains("There are enough."))
        #expect(browser.get("/desk?lang=zh").text.contains("<h1>计数</h1>"))
    }

    @Test func `what a person wrote is text on every page`() async throws {
        let browser = try await TestBrowser(try service(), as: Self.clerk)
        let page = browser.get("/desk?person=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%27")
        #expect(page.text.contains("&lt;script&gt;") && !page.text.contains("<script>"))
        #expect(!page.text.contains("style=") && !page.text.contains("onclick") && !page.text.contains("<style"))
    }

    @Test func `random forms are refused or taken, and never more than that`() async throws {
        var random = Seeded("random forms")
        let browser = try await TestBrowser(try service(), as: Self.clerk)
        let token = browser.tokenOnPage(browser.get("/desk"))
        let words = [
            "token", "call", "page", "then", "form", "key", "n.limit", "t.day", "y.x", "", ".", "POST /people/p1/certificates", "/desk",
            "%00", "{person}", "\u{0}", "x\r\ny",
        ]
        for _ in 0..<300 {
            var fields = (0..<Int.random(in: 0..<8, using: &random)).map { _ in
                (words.randomElement(using: &random)!, words.randomElement(using: &random)!)
            }
            if Bool.random(using: &random) { fields.insert(("token", token), at: 0) }
            let status = await browser.post("/forms", fields).status
            #expect([200, 303, 400, 403, 404, 405, 422].contains(status), "\(status) \(fields)")
        }
    }
}

/// Forms with a file, however their bytes are cut.
struct MultipartTests {
    private func body(_ content: String) -> String {
        "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nabc\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a;b.csv\"\r\nContent-Type: text/csv\r\n\r\n\(content)\r\n--b--\r\nafter"
    }

    private func pieces(_ text: String, of size: Int) -> UploadBody {
        let bytes = Array(text.utf8)
        return UploadBody(parts: stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) })
    }

    @Test(arguments: [1, 2, 3, 7, 64, 100_000]) func `fields come first and the file whole, cut anywhere`(_ size: Int) async throws {
        for content in ["", "a,b\r\n1,2\r\n", "\r\n--", "\r\n--c\r\n-\r\n--\r\n-\r\n", String(repeating: "\r\n-", count: 300)] {
            let form = try await FormBody.read(pieces(body(content), of: size), contentType: "multipart/form-data; boundary=b")
            #expect(form["token"] == "abc" && form["empty"] == "")
            let file = try #require(form.file)
            #expect(file.contentType == "text/csv")
            let bytes = try await file.parts.body(limit: 1 << 20).collect()
            #expect(String(decoding: bytes, as: UTF8.self) == content)
            #expect(try await file.parts.next() == nil)
        }
    }

    @Test func `a form that breaks off or has no boundary is refused`() async throws {
        for text in ["", "--b", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nabc", "--b\r\nnonsense\r\n\r\nabc\r\n--b--"] {
            await #expect(throws: Problem.self) {
                _ = try await FormBody.read(pieces(text, of: 5), contentType: "multipart/form-data; boundary=b")
            }
        }
        await #expect(throws: Problem.self) { _ = try await FormBody.read(pieces("a=b", of: 5), contentType: "text/plain") }
        let large =
            "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" + String(repeating: "x", count: FormBody.maximumBytes + 1)
            + "\r\n--b--"
        await #expect(throws: Problem("BODY_TOO_LARGE", status: 413)) {
            _ = try await FormBody.read(pieces(large, of: 4096), contentType: "multipart/form-data; boundary=b")
        }
    }
}
