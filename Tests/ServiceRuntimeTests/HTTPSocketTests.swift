import Foundation
import HTTPTypes
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// The protocol over a real socket, with a client that shares no code with the server.
struct HTTPSocketTests {
    static let count = #"{"limit":9}"#
    static let json = "Content-Type: application/json"

    @Test func `a write is created once and read back`() async throws {
        try await ListeningDesk.run { desk async throws in
            let clerk = try desk.bearer(.clerk)
            let made = try await desk.send("POST", "/people/p1/certificates", [clerk, Self.json], body: Self.count)
            #expect(made.status == 201)
            #expect(try made.member("count") as? Int == 1)
            let read = try await desk.send("GET", "/people/p1", [clerk])
            #expect(read.status == 200)
            #expect(try read.member("count") as? Int == 1)
        }
    }

    @Test func `every answer carries the security headers`() async throws {
        try await ListeningDesk.run { desk async throws in
            for answer in [try await desk.send("GET", "/open"), try await desk.send("GET", "/nowhere")] {
                #expect(answer.headers["content-security-policy"]?.contains("default-src 'self'") == true)
                #expect(answer.headers["content-security-policy"]?.contains("unsafe-inline") == false)
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                #expect(answer.headers["referrer-policy"] == "no-referrer")
            }
        }
    }

    @Test func `no token is 401, a wrong role 403, an unknown path 404, a wrong method 405 with Allow`() async throws {
        try await ListeningDesk.run { desk async throws in
            let none = try await desk.send("GET", "/people")
            #expect(none.status == 401)
            #expect(none.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
            #expect(none.headers["content-type"] == "application/problem+json")
            #expect(try none.code == "TOKEN_MISSING")
            let employer = try desk.bearer(.employer)
            let role = try await desk.send("GET", "/people", [employer])
            #expect(role.status == 403)
            #expect(try role.code == "ROLE_NOT_ALLOWED")
            let unknown = try await desk.send("GET", "/nowhere", [employer])
            #expect(unknown.status == 404)
            #expect(try unknown.code == "NOT_FOUND")
            let method = try await desk.send("DELETE", "/people", [employer])
            #expect(method.status == 405)
            #expect(method.headers["allow"] == "GET")
        }
    }

    @Test func `a problem is Chinese unless English is asked for`() async throws {
        try await ListeningDesk.run { desk async throws in
            #expect(try await desk.send("GET", "/nowhere").member("title") as? String == "没有找到。")
            let english = try await desk.send("GET", "/nowhere", ["Accept-Language: fr, en-GB;q=0.8, zh;q=0.3"])
            #expect(try english.member("title") as? String == "There is no such thing.")
            #expect(english.headers["content-language"] == "en")
        }
    }

    @Test func `a body beyond the limit is 413, declared or not`() async throws {
        try await ListeningDesk.run { desk async throws in
            let clerk = try desk.bearer(.clerk)
            let large = [UInt8](repeating: 32, count: Endpoint.defaultBodyLimit + 1)
            let declared = try await desk.send("POST", "/people/p1/certificates", [clerk, Self.json], bytes: large)
            #expect(declared.status == 413)
            #expect(try declared.code == "BODY_TOO_LARGE")
            let port = desk.port
            let chunked = try await onThread {
                let socket = try WireSocket(port: port)
                let head =
                    "POST /people/p1/certificates HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(clerk)\r\n\(Self.json)\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n"
                try socket.write(Array(head.utf8))
                let part = [UInt8](repeating: 32, count: 65_536)
                for _ in 0..<18 { try socket.write(Array("10000\r\n".utf8) + part + Array("\r\n".utf8)) }
                try socket.write(Array("0\r\n\r\n".utf8))
                return try WireAnswer(socket.readToEnd())
            }
            #expect(chunked.status == 413)
        }
    }

    @Test func `too many or too long headers are 431 and a too long address 414`() async throws {
        try await ListeningDesk.run { desk async throws in
            let many = (0..<HTTPLimits.headerFields).map { "X-\($0): 1" }
            #expect(try await desk.send("GET", "/open", many).status == 431)
            let long = "X-Long: " + String(repeating: "a", count: HTTPLimits.headerBytes)
            #expect(try await desk.send("GET", "/open", [long]).status == 431)
            #expect(try await desk.send("GET", "/open?q=" + String(repeating: "a", count: HTTPLimits.targetBytes)).status == 414)
        }
    }

    @Test func `an upload streams past the JSON limit and stops at its own`() async throws {
        try await ListeningDesk.run { desk async throws in
            let bureau = try desk.bearer(.healthBureau)
            let three = try await desk.send(
                "POST", "/uploads", [bureau, "Content-Type: text/csv"], bytes: [UInt8](repeating: 65, count: 3 << 20))
            #expect(three.status == 200)
            #expect(try three.member("bytes") as? Int == 3 << 20)
            let five = try await desk.send(
                "POST", "/uploads", [bureau, "Content-Type: text/csv"], bytes: [UInt8](repeating: 65, count: 5 << 20))
            #expect(five.status == 413)
        }
    }

    @Test func `a body that is not JSON by its type is 415`() async throws {
        try await ListeningDesk.run { desk async throws in
            let answer = try await desk.send(
                "POST", "/people/p1/certificates", [try desk.bearer(.clerk), "Content-Type: text/plain"], body: Self.count)
            #expect(answer.status == 415)
        }
    }

    @Test func `while a request runs the same key is 409, and afterwards its outcome`() async throws {
        let gate = Desk.Gate()
        try await ListeningDesk.run(gate) { desk async throws in
            let headers = [try desk.bearer(.clerk), "Idempotency-Key: k-1"]
            let port = desk.port
            async let first = ListeningDesk.send(port, "POST", "/slow", headers)
            try await onThread { gate.entered.wait() }
            let second = try await desk.send("POST", "/slow", headers)
            #expect(second.status == 409)
            #expect(try second.code == "REQUEST_IN_PROGRESS")
            #expect(second.headers["retry-after"] != nil)
            gate.leave.signal()
            #expect(try await first.status == 200)
            let third = try await desk.send("POST", "/slow", headers)
            #expect(third.status == 200)
            #expect(third.headers["idempotent-replayed"] == "true")
        }
    }

    @Test func `writes run side by side where the store lets several write, and one after the other where it does not`() async throws {
        let gate = Desk.Gate()
        try await ListeningDesk.run(gate) { desk async throws in
            let width = desk.service.database.parallelCommands
            #expect(width == (Store.chosen == .postgres ? PostgresLimits.commandWriters : 1))
            let (port, bearer) = (desk.port, [try desk.bearer(.clerk)])
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0...width { group.addTask { try await ListeningDesk.send(port, "POST", "/slow", bearer).status } }
                // As many as may be are in it at once, and one more only when the first of them leaves.
                for _ in 0..<width { #expect(try await onThread { gate.entered.wait(timeout: .now() + 20) } == .success) }
                #expect(try await onThread { gate.entered.wait(timeout: .now() + 0.2) } == .timedOut)
                gate.leave.signal()
                #expect(try await onThread { gate.entered.wait(timeout: .now() + 20) } == .success)
                for _ in 0..<width { gate.leave.signal() }
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    @Test func `events arrive as they are written, with ids, a heartbeat and a place to go on from`() async throws {
        try await ListeningDesk.run { desk async throws in
            let port = desk.port
            let all = try await onThread {
                let socket = try WireSocket(port: port)
                try socket.write(Array("GET /events HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
                return try socket.read(until: ": still here")
            }
            #expect(all.contains("text/event-stream"))
            #expect(all.contains("id: 1\nevent: count\ndata: line 1\ndata: second\n\n"))
            #expect(all.contains("id: 3\n"))
            let rest = try await onThread {
                let socket = try WireSocket(port: port)
                try socket.write(Array("GET /events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 2\r\n\r\n".utf8))
                return try socket.read(until: ": still here")
            }
            #expect(!rest.contains("id: 2\n"))
            #expect(rest.contains("id: 3\n"))
        }
    }

    @Test(arguments: [true, false])
    func `an open stream ends when its session is over or its token has expired`(bySession: Bool) async throws {
        try await ListeningDesk.run { desk async throws in
            let cookie =
                bySession ? String(try #require(try await desk.signIn(.clerk).answer.headers["set-cookie"]).prefix { $0 != ";" }) : ""
            let line = bySession ? "Cookie: \(cookie)" : try desk.bearer(.clerk)
            let (port, sessions, time) = (desk.port, desk.assembly.interface.sessions, desk.keys.time)
            let rest = try await onThread {
                let socket = try WireSocket(port: port)
                try socket.write(Array("GET /events HTTP/1.1\r\nHost: x\r\n\(line)\r\n\r\n".utf8))
                _ = try socket.read(until: ": still here")
                if bySession {
                    _ = try sessions.write { try sessions.end(cookie: cookie, in: $0) }
                } else {
                    time.advance(milliseconds: 2 * 3600 * 1000)
                }
                // To the end of a chunked answer, and not for ever.
                var rest = ""
                while !rest.hasSuffix("0\r\n\r\n"), rest.count < 4_000 { rest += String(decoding: try socket.read(), as: UTF8.self) }
                return rest
            }
            #expect(rest.hasSuffix("0\r\n\r\n") && !rest.contains("event:"))
        }
    }

    @Test func `a one-time link becomes a session that reads but never writes`() async throws {
        try await ListeningDesk.run { desk async throws in
            let (path, opened) = try await desk.signIn(.clerk)
            #expect(opened.status == 303)
            let cookie = try #require(opened.headers["set-cookie"])
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
            let session = "Cookie: other=1; " + cookie.prefix { $0 != ";" }
            #expect(try await desk.send("GET", "/people", [session]).status == 200)
            #expect(try await desk.send("POST", "/people/p1/certificates", [session, Self.json], body: Self.count).status == 401)
            #expect(try await desk.send("GET", path).status == 401)
        }
    }

    @Test func `an organisation beyond its rate is 429 whoever of its users asks, and another organisation is served`() throws {
        let keys = TestKeys()
        // Nobody's bucket fills again: the time stands still.
        let service = try TestService(Desk.definition(), today: LocalDate("2024-06-03"), elapsed: keys.time)
        let interface = ServiceAssembly(
            service.definition, engine: service.engine, tokens: TokenVerifier(keys.keySet, elapsed: keys.time), requestsPerSecond: 1,
            secureCookie: false, log: ServiceLog("careloop.test")
        ).interface
        func ask(_ token: String) -> Problem? {
            let head = ServiceInterface.Head(method: .get, target: "/people", headers: ["authorization": "Bearer \(token)"], actor: nil)
            do throws(Problem) { interface.finish(try interface.admit(head)) } catch { return error }
            return nil
        }
        // Two a user, and four users' worth for all of them together: each user asks once only.
        let answers = try (1...20).map { ask(try keys.token(.clerk, user: "u\($0)")) }
        #expect(answers.prefix(8).allSatisfy { $0 == nil })
        #expect(answers.dropFirst(8).allSatisfy { $0?.status == 429 && ($0?.retryAfterSeconds ?? 0) > 0 })
        #expect(ask(try keys.signer.sign(keys.claims(.clerk, organisation: "org-2"))) == nil)
        keys.time.advance(milliseconds: 1000)
        #expect(ask(try keys.token(.clerk, user: "u21")) == nil)
    }

    @Test func `a principal beyond its rate is 429 while another is served`() async throws {
        try await ListeningDesk.run(requestsPerSecond: 1) { desk async throws in
            let busy = try desk.bearer(.clerk, user: "busy")
            var statuses: [Int] = []
            for _ in 0..<12 { statuses.append(try await desk.send("GET", "/people", [busy]).status) }
            #expect(statuses.prefix(2) == [200, 200])
            #expect(statuses.contains(429))
            #expect(try await desk.send("GET", "/people", [try desk.bearer(.clerk, user: "calm")]).status == 200)
        }
    }

    @Test func `bytes that are no HTTP are answered 400 and the connection closed`() async throws {
        try await ListeningDesk.run { desk async throws in
            let port = desk.port
            let answer = try await onThread {
                let socket = try WireSocket(port: port)
                try socket.write(Array("\u{16}\u{3}\u{1} this is TLS\r\n\r\n".utf8))
                return try WireAnswer(socket.readToEnd())
            }
            #expect(answer.status == 400)
        }
    }

    @Test func `HEAD answers like GET without the body`() async throws {
        try await ListeningDesk.run { desk async throws in
            let answer = try await desk.send("HEAD", "/open")
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
            #expect(answer.headers["content-length"] == String(#"{"role":"visitor"}"#.utf8.count))
        }
    }

    @Test func `a graceful stop ends an open event stream`() async throws {
        let socket = try await Self.openEvents()
        let rest = try await onThread { String(decoding: try socket.socket.readToEnd(), as: UTF8.self) }
        #expect(rest.hasSuffix("0\r\n\r\n"))
    }

    /// Hands a connection from one task to the next; only one uses it at a time.
    private final class Handed: @unchecked Sendable {
        let socket: WireSocket
        init(_ socket: WireSocket) { self.socket = socket }
    }

    private static func openEvents() async throws -> Handed {
        var handed: Handed?
        try await ListeningDesk.run { desk async throws in
            let port = desk.port
            handed = try await onThread {
                let socket = try WireSocket(port: port)
                try socket.write(Array("GET /events HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
                _ = try socket.read(until: "id: 3\n")
                return Handed(socket)
            }
        }
        return try #require(handed)
    }
}
