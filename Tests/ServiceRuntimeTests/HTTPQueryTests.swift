import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// What an address takes behind its question mark, and what a browser is shown.
struct HTTPQueryTests {
    private static let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    @Test func `a parameter the address does not take is refused by name, one it takes is not`() throws {
        let desk = try TestService(Desk.definition(), today: LocalDate(year: 2024, month: 6, day: 3)!)
        let reply = try desk.handle(.get, "/words?sex=male&lod=true", as: nil)
        #expect(reply.status == 400 && reply.text.contains("PARAMETER_UNKNOWN") && reply.text.contains("\"field\":\"lod\""))
        #expect(reply.text.contains("one of sex, loud") && reply.text.contains("该地址不接受此查询参数。"))
        #expect(try desk.handle(.get, "/open?limit=1", as: nil).text.contains("takes no parameters"))
        #expect(try desk.handle(.get, "/words?sex=\(Sex.male.rawValue)&loud=true", as: nil).text.contains("\"loud\":\"true\""))
        #expect(try desk.handle(.get, "/words?loud=perhaps", as: nil).status == 422)
        let long = try desk.handle(.get, "/open?" + String(repeating: "x", count: 500) + "=1", as: nil)
        #expect(!long.text.contains(String(repeating: "x", count: 65)))
    }

    @Test func `who may not ask is not told what could be asked`() throws {
        let desk = try TestService(Desk.definition(), today: LocalDate(year: 2024, month: 6, day: 3)!)
        #expect(try desk.handle(.get, "/people?nonsense=1", as: nil).status == 401)
    }

    @Test func `the OpenAPI document lists the parameters with their words`() async throws {
        try await ListeningDesk.run { desk async throws in
            let answer = try await desk.send("GET", "/openapi.json")
            let document = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
            let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
            func names(_ path: String) -> [String] {
                (paths[path]?["get"]?["parameters"] as? [[String: Any]] ?? []).filter { $0["in"] as? String == "query" }
                    .compactMap { $0["name"] as? String }
            }
            #expect(names("/people") == ["limit", "after"] && names("/words") == ["sex", "loud"] && names("/status") == ["lag"])
            #expect(names("/open").isEmpty && answer.text.contains("\"enum\":[\"true\",\"false\"]"))
        }
    }

    @Test func `a second link opened in the same browser adds its region and no third`() async throws {
        try await ListeningDesk.run { desk async throws in
            func open(_ region: String, _ cookie: [String]) async throws -> String {
                let opened = try await desk.signIn(.dashboard, region: region, cookie).answer
                return "Cookie: " + (try #require(opened.headers["set-cookie"]).prefix { $0 != ";" })
            }
            let session = try await open("419001", [try await open("37", [])])
            #expect(try await desk.send("GET", "/below?region=3703", [session]).text.contains("\"37\""))
            #expect(try await desk.send("GET", "/below?region=419001001", [session]).text.contains("\"419001\""))
            #expect(try await desk.send("GET", "/below?region=4101", [session]).status == 403)
        }
    }

    @Test func `a used link shows a browser a page in both languages, and a client the problem`() async throws {
        try await ListeningDesk.run { desk async throws in
            let (path, answer) = try await desk.signIn(.dashboard)
            #expect(answer.status == 303)
            let page = try await desk.send("GET", path, ["Accept: " + Self.browser, "Accept-Language: en"])
            #expect(page.status == 401 && page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.text.contains("careloop link") && page.text.contains("链接已使用或已失效。") && page.text.contains("10 分钟"))
            #expect(page.text.contains("The link has been used or has expired.") && page.text.contains("<html lang=\"en\">"))
            let plain = try await desk.send("GET", path)
            #expect(try plain.headers["content-type"] == "application/problem+json" && plain.code == "LINK_INVALID")
            let hostile = try await desk.send("GET", "/open?%3Cscript%3E=1", ["Accept: text/html"])
            #expect(hostile.text.contains("&lt;script&gt;") && !hostile.text.contains("<script>"))
        }
    }

    @Test func `a client that waits for 100 Continue is told to go on, or answered without its body`() async throws {
        try await ListeningDesk.run { desk async throws in
            let port = desk.port
            let bureau = try desk.bearer(.healthBureau)
            func head(_ length: Int, _ token: String?) -> [UInt8] {
                Array(
                    ("POST /uploads HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/csv\r\nContent-Length: \(length)\r\n"
                        + (token.map { $0 + "\r\n" } ?? "") + "Expect: 100-continue\r\n\r\n").utf8)
            }
            let good = head(3_000, bureau)
            let answer = try await onThread {
                let socket = try WireSocket(port: port)
                try socket.write(good)
                let invitation = try socket.read(until: "\r\n\r\n")
                try socket.write([UInt8](repeating: 65, count: 3_000))
                return (invitation, try WireAnswer(socket.readToEnd()))
            }
            #expect(answer.0 == "HTTP/1.1 100 Continue\r\n\r\n")
            #expect(try answer.1.status == 200 && answer.1.member("bytes") as? Int == 3_000)
            for (wire, status) in [(head(5 << 20, bureau), 413), (head(10, nil), 401)] {
                let refused = try await onThread {
                    let socket = try WireSocket(port: port)
                    try socket.write(wire)
                    return try socket.read(until: "\r\n\r\n")
                }
                #expect(refused.hasPrefix("HTTP/1.1 \(status) "))
            }
        }
    }

    @Test func `a status without lag leaves the log alone`() async throws {
        try await ListeningDesk.run { desk async throws in
            let full = try await desk.send("GET", "/status")
            let quick = try await desk.send("GET", "/status?lag=false")
            #expect(try full.member("lag") is NSNumber && quick.member("lag") is NSNull)
            #expect(try quick.member("outboxPending") as? Int == 0)
        }
    }
}
