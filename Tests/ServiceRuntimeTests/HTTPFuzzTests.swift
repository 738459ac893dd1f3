import Foundation
import HTTPTypes
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// What anybody may send to a port: bodies, addresses and headers that nobody sane would.
struct HTTPFuzzTests {
    @Test func `a body decoder survives anything, and what it accepts another parser reads the same`() throws {
        var random = Seeded("fuzz, HTTP bodies")
        let seeds = [
            #"{"limit":3,"day":"2024-06-03","sex":"female","lines":[{"amountFen":1},{"amountFen":-20000}]}"#,
            #"{"limit":1e2,"lines":[],"day":null,"é\u00e9\ud83d\ude00":[[[{"a":[true,false,null]}]]]}"#,
        ].map { Array($0.utf8) }
        var parsed = 0
        for _ in 0..<Seeded.rounds {
            let bytes = random.damaged(seeds.randomElement(using: &random)!)
            do { _ = try BodyDecoder.decode(Desk.CountBody.self, from: bytes) } catch { #expect((400..<500).contains(error.status ?? 400)) }
            // What is refused has been tested by the line above.
            guard let value = try? JSONParser.parse(bytes) else { continue }
            parsed += 1
            let again = try JSONParser.parse(value.bytes).bytes
            try #require(again == value.bytes)
        }
        #expect(parsed > 100, "damage so heavy that nothing was accepted tests little")
    }

    @Test func `a request survives anything in its address and headers`() throws {
        let service = try TestService(Desk.definition(), today: LocalDate(year: 2024, month: 6, day: 3)!)
        let interface = ServiceInterface(
            engine: service.engine, endpoints: service.definition.endpoints, refusals: service.definition.refusals, tokens: nil)
        let clerk = Actor(organisation: OrganisationID(trusted: "org-1"), role: .clerk, user: "u1", region: RegionCode(trusted: "3703"))
        var random = Seeded("fuzz, HTTP heads")
        let headers = [
            ("accept-language", "zh-CN,en;q=0.5"), ("content-type", "application/json; charset=utf-8"), ("authorization", "Bearer a.b.c"),
            ("cookie", "session=abc"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("range", "bytes=0-1"),
        ]
        // A request may commit: a tenth of the rounds that pure decoders get.
        for _ in 0..<Seeded.rounds / 10 {
            let target = String(decoding: random.damaged(Array("/people/p1/certificates?after=eyJhIjoxfQ&limit=20".utf8)), as: UTF8.self)
            var sent: [String: String] = [:]
            for (name, value) in headers where Bool.random(using: &random) {
                sent[name] = String(decoding: random.damaged(Array(value.utf8)), as: UTF8.self)
            }
            // A key that is kept would fill the store with outcomes; a broken one is what is tried.
            if Bool.random(using: &random) { sent["idempotency-key"] = random.text() + "\u{7}" }
            let method: HTTPRequest.Method = [.get, .post, .put, .delete, .head].randomElement(using: &random)!
            let reply = interface.handle(method, target, body: random.damaged(Array(#"{"limit":0}"#.utf8)), as: clerk, headers: sent)
            try #require(reply.status < 500, "\(method) \(target)")
        }
    }
}
