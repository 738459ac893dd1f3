import Foundation
import Messaging
import Persistence
import Testing

@testable import ServiceRuntime

/// From a topic that somebody has got hold of to the people in it and the fields of theirs, against what is known of them from outside.
@Suite struct LeakTests {
    private struct Items: Decodable {
        var items: [Affected]
        var next: String?
    }

    private static let auditor = LivedCase.Caller(role: "auditor", organisation: "dpf-37", region: "37", user: "auditor-0")
    private static let letters = "careloop.screening.dead-letters.v1"
    /// All that says who a child is, as bureaus send it.
    private static let identity: Set<String> = [
        "child.documentKind", "child.documentNumber", "child.name", "child.sex", "child.birthDate", "child.birthOrder",
        "child.guardianName", "child.guardianTelephone", "child.residence",
    ]

    private static let again = SQL(
        """
        INSERT INTO dead_letters (topic, partition_no, record_offset, record_key, headers, body, reason, field, recorded_ms, attempts, replayed,
            sealed_with, generation)
        SELECT topic, partition_no, record_offset, record_key, headers, body, reason, field, recorded_ms, attempts, replayed, sealed_with,
            generation FROM dead_letters
        """)

    private static func affected(_ house: LivedCase, _ service: String, _ topic: String, _ query: String = "") async throws -> [Affected] {
        var found: [Affected] = []
        var after = ""
        repeat {
            let reply = try await house.ask(
                service, "GET", "/leaks/\(topic)\(query)\(query.isEmpty ? "?" : "&")limit=9\(after)", as: auditor)
            #expect(reply.status == 200, "\(reply.body)")
            for canary in LivedCase.canaries { #expect(!reply.body.contains(canary), "\(topic) says \(canary)") }
            let page = try JSONDecoder().decode(Items.self, from: Data(reply.body.utf8))
            // Somebody may stand on several pages.
            for one in page.items {
                guard let index = found.firstIndex(where: { $0.person == one.person && $0.key == one.key }) else {
                    found.append(one)
                    continue
                }
                found[index].merge(one)
            }
            after = page.next.map { "&after=\($0)" } ?? ""
        } while !after.isEmpty
        return found
    }

    /// The bureau's own program broke down in the middle of a record, behind two children; another record is nothing at all.
    private static func broken(_ house: LivedCase) throws {
        let first = LivedCase.citizenID("20210901", "002")
        let second = LivedCase.citizenID("20200101", "003")
        try house.deliver(
            #"[{"resultId":"x-1","child":{"documentNumber":"\#(first)","name":"金丝雀"}},{"child":{"documentNumber":"\#(second)","na"#,
            from: "hb-3703")
        try house.deliver("\u{1}ZZTEST", from: "hb-3703")
    }

    @Test func `the dead letters of broken records name every child in them, and every field that a record of theirs has`() async throws {
        let house = try await LivedCase().live()
        try Self.broken(house)
        let found = try await Self.affected(house, "screening", Self.letters)
        let persons = found.filter { $0.person != nil }
        #expect(persons.count == 2 && persons.contains { $0.person == house.ids["person"] })
        for one in persons {
            #expect(one.records == 1 && one.sealed == 1 && one.assumed == 1 && one.unreadable == 0)
            #expect(one.types == ["careloop.partner.screening-result.v1"])
            #expect(Self.identity.isSubset(of: one.fields) && one.fields.contains("resultID"))
        }
        // What names nobody is told as such, not left out.
        #expect(found.filter { $0.person == nil }.map(\.records) == [1])
    }

    @Test func `more letters than one answer looks through are all counted, each once`() async throws {
        let house = try await LivedCase().live()
        for _ in 0..<2 {
            try house.deliver(#"[{"child":{"documentNumber":"\#(LivedCase.citizenID("20200101", "003"))","na"#, from: "hb-3703")
        }
        let count = try house.database("screening").write { tx in
            // The same letters again and again, as a bureau's broken program makes them over weeks.
            for _ in 0..<6 { _ = try tx.run(Self.again) }
            return try DeadLetters.list(after: 0, limit: 1_000, all: true, in: tx).count
        }
        #expect(count == 128)
        let found = try await Self.affected(house, "screening", Self.letters)
        #expect(found.filter { $0.person != nil }.map(\.records) == [count])
    }

    @Test func `a letter whose key was deleted is counted, and named as one that nobody can read`() async throws {
        let house = try await LivedCase().live()
        try Self.broken(house)
        try house.database("screening").write { tx in
            _ = try tx.run(SQL("UPDATE dead_letters SET sealed_with = 'whole:2000-01-01'"))
        }
        let found = try await Self.affected(house, "screening", Self.letters)
        #expect(found.map(\.person) == [nil])
        #expect(found.map(\.records) == [2] && found.map(\.unreadable) == [2])
    }

    @Test func `a topic of identities names its child with every field of it, one of facts with none that says who it is`() async throws {
        let house = try await LivedCase().live()
        let identities = try await Self.affected(house, "screening", "careloop.screening.identities.v1")
        #expect(identities.map(\.person) == [house.ids["person"]])
        #expect(identities.first?.fields.isSuperset(of: ["documentNumber", "name", "guardianName", "guardianTelephone"]) == true)
        #expect(identities.first?.assumed == 0 && identities.first?.sealed == 0)
        let cases = try await Self.affected(house, "screening", "careloop.screening.cases.v1")
        #expect(cases.map(\.person) == [house.ids["person"]])
        #expect(cases.first.map { $0.records } == 4, "three results and that the case is shared")
        #expect(cases.first?.fields.isDisjoint(with: ["documentNumber", "name", "guardianName", "guardianTelephone"]) == true)
        // The adult's two files and the child's.
        let persons = try await Self.affected(house, "registration", "careloop.registration.persons.v1")
        #expect(Set(persons.compactMap(\.person)) == Set([house.ids["person"]!, house.ids["adult"]!, house.ids["twin"]!]))
    }

    @Test func `records before or behind the leak are left out`() async throws {
        let house = try await LivedCase().live()
        let topic = "careloop.screening.cases.v1"
        #expect(try await Self.affected(house, "screening", topic, "?to=2020-01-01T00:00:00Z").isEmpty)
        #expect(try await Self.affected(house, "screening", topic, "?from=2999-01-01T00:00:00Z").isEmpty)
        #expect(try await !Self.affected(house, "screening", topic, "?from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z").isEmpty)
        #expect(try await house.ask("screening", "GET", "/leaks/\(topic)?from=yesterday", as: Self.auditor).status == 422)
        // Each service answers for what it writes.
        #expect(try await house.ask("reporting", "GET", "/leaks/\(topic)", as: Self.auditor).status == 404)
    }

    @Test func `whoever looks for the people of a leak stands in the audit trail with topic and purpose`() async throws {
        let house = try LivedCase()
        func record(_ purpose: String) async throws -> Int {
            try await house.ask(
                "registration", "POST", "/incidents", #"{"topic":"\#(Self.letters)","purpose":"\#(purpose)"}"#, as: Self.auditor
            )
            .status
        }
        #expect(try await record("") == 422)
        #expect(try await record("broker disk found") == 201)
        let trail = try await house.ask("registration", "GET", "/audit", as: Self.auditor).body
        for part in [
            #""action":"list-affected""#, #""subject":"\#(Self.letters)""#, #""purpose":"broker disk found""#, #""actor":"auditor-0""#,
        ] {
            #expect(trail.contains(part), "\(part)")
        }
        #expect(trail.contains(#""outcome":"refused""#) && trail.contains(#""outcome":"granted""#))
        #expect(
            try await house.ask("registration", "POST", "/incidents", #"{"topic":"no.such","purpose":"leak"}"#, as: Self.auditor).status
                == 422)
    }
}
