import Contracts
import Foundation
import HTTPTypes
import Persistence
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// Rights, bodies, idempotency and problems, without the socket.
struct HTTPInterfaceTests {
    let service: TestService
    let interface: ServiceInterface
    let clerk = Actor(organisation: OrganisationID(trusted: "org-1"), role: .clerk, user: "u1", region: RegionCode(trusted: "3703"))

    init() throws {
        service = try TestService(Desk.definition(), today: LocalDate(year: 2024, month: 6, day: 3)!)
        interface = ServiceInterface(
            engine: service.engine, endpoints: service.definition.endpoints, refusals: service.definition.refusals, tokens: nil)
    }

    func post(_ body: String, key: String? = nil, person: String = "p1", as actor: Actor? = nil) -> Reply {
        var headers = ["accept-language": "en"]
        if let key { headers["idempotency-key"] = key }
        return interface.handle(.post, "/people/\(person)/certificates", body: Array(body.utf8), as: actor ?? clerk, headers: headers)
    }

    func problem(_ reply: Reply) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: Any])
    }

    func count(_ person: String) throws -> Int {
        try service.database.read { tx in try LedgerTable.load(PersonID(person), in: tx)?.state.count ?? 0 }
    }

    @Test(
        arguments: [
            ("{", 400, "JSON_MALFORMED", nil), (#"{"limit":1,"limit":2}"#, 400, "JSON_MALFORMED", nil), ("[]", 400, "FIELD_TYPE", ""),
            ("{}", 400, "FIELD_MISSING", "limit"), (#"{"limit":"1"}"#, 400, "FIELD_TYPE", "limit"),
            (#"{"limit":1.5}"#, 400, "FIELD_TYPE", "limit"),
            (#"{"limit":99999999999999999999}"#, 400, "FIELD_TYPE", "limit"), (#"{"limit":1,"limt":2}"#, 400, "FIELD_UNKNOWN", "limt"),
            (#"{"limit":1,"day":"2024-02-30"}"#, 422, "DATE_INVALID", "day"),
            (#"{"limit":1,"sex":"none"}"#, 422, "VALUE_NOT_ALLOWED", "sex"),
            (#"{"limit":1,"lines":[{"amountFen":1},{"amountFen":"x"}]}"#, 400, "FIELD_TYPE", "lines[1].amountFen"),
            (#"{"limit":1,"lines":[{"amountFen":1,"note":2}]}"#, 400, "FIELD_UNKNOWN", "lines[0].note"),
        ] as [(String, Int, String, String?)])
    func `a body that is wrong is refused with the field's name`(_ body: String, _ status: Int, _ code: String, _ field: String?) throws {
        let reply = post(body)
        #expect(reply.status == status)
        let problem = try problem(reply)
        #expect(problem["code"] as? String == code)
        #expect(problem["field"] as? String == field)
        #expect(problem["source"] as? String != nil)
        #expect(problem["retryable"] as? Bool == false)
        #expect(try count("p1") == 0)
    }

    @Test func `deep nesting is refused, not followed`() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(post(deep).status == 400)
    }

    @Test func `a refusal is a problem with the catalogue's status and sentence`() throws {
        #expect(post(#"{"limit":1}"#).status == 201)
        let reply = post(#"{"limit":1}"#)
        #expect(reply.status == 422)
        let problem = try problem(reply)
        #expect(problem["code"] as? String == "TOO_MANY")
        #expect(problem["title"] as? String == "There are enough.")
        #expect(problem["source"] as? String == "test")
        #expect(try count("p1") == 1)
    }

    @Test func `the same key twice has one effect and one answer`() throws {
        let first = post(#"{"limit":9}"#, key: "k")
        let second = post(#"{"limit":9}"#, key: "k")
        #expect(first.status == 201)
        #expect(second.status == 201)
        #expect(first.body == second.body)
        #expect(try count("p1") == 1)
        try service.settle()
        #expect(try service.said().count == 1)
    }

    @Test func `a key with another body or another path is refused`() throws {
        #expect(post(#"{"limit":9}"#, key: "k").status == 201)
        #expect(try problem(post(#"{"limit":8}"#, key: "k"))["code"] as? String == "IDEMPOTENCY_KEY_REUSED")
        #expect(try problem(post(#"{"limit":9}"#, key: "k", person: "p2"))["code"] as? String == "IDEMPOTENCY_KEY_REUSED")
        #expect(try count("p2") == 0)
    }

    @Test func `a key belongs to its principal`() throws {
        let other = Actor(organisation: OrganisationID(trusted: "org-2"), role: .clerk, user: "u1", region: RegionCode(trusted: "37"))
        #expect(post(#"{"limit":9}"#, key: "k").status == 201)
        #expect(post(#"{"limit":9}"#, key: "k", as: other).status == 201)
        #expect(try count("p1") == 2)
    }

    @Test func `an answer is repeated for seven days, then it leaves the store and the same request is a new one`() throws {
        let time = ManualTime(Instant(startOf: LocalDate(year: 2024, month: 6, day: 3)!))
        let service = try TestService(Desk.definition(), today: LocalDate(year: 2024, month: 6, day: 3)!, elapsed: time)
        let interface = ServiceInterface(
            engine: service.engine, endpoints: service.definition.endpoints, refusals: service.definition.refusals, tokens: nil)
        func post() -> Reply {
            interface.handle(
                .post, "/people/p1/certificates", body: Array(#"{"limit":9}"#.utf8), as: clerk, headers: ["idempotency-key": "k"])
        }
        func kept() throws -> Int64? { try service.database.read { try $0.first(SQL("SELECT count(*) FROM idempotency")) { $0.int(0) } } }
        let first = post()
        time.advance(milliseconds: 7 * 86_400_000 - 3_600_000)
        try service.settle()
        #expect(post().headers.contains { $0.name == "Idempotent-Replayed" })
        #expect(try kept() == 1)
        time.advance(milliseconds: 2 * 3_600_000)
        try service.settle()
        #expect(try kept() == 0)
        #expect(first.status == 201 && post().status == 201)
        #expect(try service.database.read { try LedgerTable.load(PersonID("p1"), in: $0)?.state.count } == 2)
    }

    @Test func `a refusal is the first outcome and stays it, although it would now be granted`() throws {
        #expect(post(#"{"limit":0}"#, key: "k").status == 422)
        try service.command(as: clerk) { _ = try $0.execute(.count(limit: 5), LedgerTable.self, PersonID("p9")) }
        let again = post(#"{"limit":0}"#, key: "k")
        #expect(again.status == 422)
        #expect(again.headers.contains { $0.name == "Idempotent-Replayed" })
        #expect(again.contentType == "application/problem+json")
    }

    @Test func `a transient failure is not kept`() throws {
        let full = try TestService(Desk.definition(), today: LocalDate(year: 2024, month: 6, day: 3)!)
        let engine = try Engine(
            full.definition, database: full.database, log: full.log, clock: full.clock, outboxCapRows: 1)
        let capped = ServiceInterface(engine: engine, endpoints: full.definition.endpoints, refusals: full.definition.refusals, tokens: nil)
        func post(_ key: String) -> Reply {
            capped.handle(.post, "/people/p1/certificates", body: Array(#"{"limit":9}"#.utf8), as: clerk, headers: ["idempotency-key": key])
        }
        #expect(post("a").status == 201)
        let refused = post("b")
        #expect(refused.status == 503)
        #expect(refused.headers.contains { $0.name == "Retry-After" })
        engine.outbox.sent(rows: 1, bytes: 1 << 20)
        #expect(post("b").status == 201)
    }

    @Test func `an idempotency key is 1 to 128 visible characters`() {
        for key in ["", "with space", "schlüssel", String(repeating: "k", count: 129)] {
            #expect(post(#"{"limit":9}"#, key: key).status == 400)
        }
        #expect(post(#"{"limit":9}"#, key: String(repeating: "k", count: 128)).status == 201)
    }

    @Test func `a stream asked again with its key has the same cause, and is not held up by itself`() throws {
        let bureau = Actor(organisation: OrganisationID(trusted: "hb-1"), role: .healthBureau, user: "u", region: RegionCode(trusted: "37"))
        func admit(_ key: String) throws -> ServiceInterface.Admitted {
            try interface.admit(
                ServiceInterface.Head(method: .post, target: "/uploads", headers: ["idempotency-key": key], actor: bureau))
        }
        let first = try admit("a")
        #expect(try admit("a").cause.id == first.cause.id)
        #expect(try admit("b").cause.id != first.cause.id)
    }

    @Test func `acting outside the token's subtree is 403`() throws {
        func put(_ region: String) -> Reply { interface.handle(.put, "/regions/\(region)", as: clerk) }
        #expect(put("370303").status == 204)
        #expect(put("3703").status == 204)
        #expect(try problem(put("3704"))["code"] as? String == "REGION_OUT_OF_SCOPE")
        #expect(put("37").status == 403)
        #expect(put("37x").status == 422)
    }

    @Test func `a list is paged by an opaque cursor to its end`() throws {
        var names: [String] = []
        var target = "/people?limit=3"
        var pages = 0
        while true {
            let page = try interface.handle(.get, target, as: clerk).decode(PageOf<Desk.Person>.self)
            names += page.items.map(\.person)
            pages += 1
            guard let next = page.next else { break }
            target = "/people?limit=3&after=\(next)"
        }
        #expect(names == Desk.names)
        #expect(pages == 3)
        for bad in ["limit=0", "limit=501", "limit=x", "after=%2F%2F", "after=a"] {
            #expect(interface.handle(.get, "/people?\(bad)", as: clerk).status == 400)
        }
    }

    @Test func `what nobody foresaw is a 500 that tells nothing, and a busy database a 503`() throws {
        let broken = interface.handle(.get, "/breaks", as: clerk)
        #expect(broken.status == 500)
        #expect(!broken.text.contains("Broken"))
        let busy = interface.handle(.get, "/busy", as: clerk)
        #expect(busy.status == 503)
        #expect(try problem(busy)["retryable"] as? Bool == true)
    }

    @Test func `every role meets every endpoint as its route table says`() throws {
        for endpoint in service.definition.endpoints where !endpoint.path.contains("slow") {
            for role in Role.allCases {
                let actor = Actor(organisation: nil, role: role, user: "u", region: RegionCode(trusted: "37"))
                let path = endpoint.path.replacingOccurrences(of: "{person}", with: "p1").replacingOccurrences(of: "{region}", with: "37")
                guard case .stream = endpoint.kind else {
                    let status = interface.handle(endpoint.method, path, body: Array(#"{"limit":9}"#.utf8), as: actor).status
                    #expect((status == 403) == (!endpoint.access.isOpen && !endpoint.roles.contains(role)), "\(role) \(path)")
                    continue
                }
            }
        }
    }

    @Test func `a catalogue names the refusals it has no sentence for`() {
        #expect(service.definition.refusals.missing(for: [LedgerRules.Refused.self, Desk.Refused.self]) == ["UNSPOKEN"])
        #expect(RefusalCatalogue.chassis.missing(for: [BusinessClock.Refused.self]).isEmpty)
        #expect(interface.handle(.post, "/unspoken", as: clerk).status == 422)
    }

    @Test func `paths are matched segment by segment after decoding`() {
        #expect(interface.handle(.get, "/people/p%31", as: clerk).status == 404)
        #expect(interface.handle(.get, "/people/p1%2Fcertificates", as: clerk).status == 422)
        #expect(interface.handle(.get, "/people/%00", as: clerk).status == 404)
        #expect(interface.handle(.get, "/people/%zz", as: clerk).status == 404)
        #expect(interface.handle(.get, "/people?a=%zz", as: clerk).status == 400)
        #expect(interface.handle(.get, "/../people", as: clerk).status == 404)
    }
}
