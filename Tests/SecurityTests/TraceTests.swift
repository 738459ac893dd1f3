import Foundation
import Testing

@testable import CareLoopTool

/// One case's way through five services, as the operator's tool puts it together.
@Suite struct TraceTests {
    private static let auditor = LivedCase.Caller(role: "auditor", organisation: "dpf-37", region: "37", user: "auditor-0")

    private struct Page<Item: Decodable>: Decodable {
        var items: [Item]
        var next: String?
    }

    private func all<Item: Decodable>(_ house: LivedCase, _ service: String, _ path: String) async throws -> [Item] {
        var items: [Item] = []
        var after = ""
        while true {
            let reply = try await house.ask(service, "GET", "\(path)?limit=3\(after)", as: Self.auditor)
            #expect(reply.status == 200, "\(reply.body)")
            let page = try JSONDecoder().decode(Page<Item>.self, from: Data(reply.body.utf8))
            items += page.items
            guard let next = page.next else { return items }
            after = "&after=\(next)"
        }
    }

    private func way(of id: String, _ house: LivedCase) async throws -> Way {
        var way = Way()
        for service in ServiceName.allCases {
            way.add(try await all(house, service.rawValue, "/trace/\(id)"), of: service)
            way.applied[service] = try await all(house, service.rawValue, "/positions")
        }
        return way
    }

    @Test func `the way of a child goes through the services in order, and names nobody`() async throws {
        let house = try await LivedCase().live()
        let way = try await way(of: house.ids["person"]!, house)
        let types = way.steps.map { $0.event.type.split(separator: ".").dropLast().last.map(String.init) ?? "" }
        let expected = [
            "result-accepted", "case-shared", "identity-shared", "person-registered", "referral-proposed", "referral-issued",
            "referral-confirmed", "assistance-applied", "assistance-approved", "enrolled", "training-month-recorded",
        ]
        for type in expected { #expect(types.contains(type), "\(type) is missing of \(types)") }
        #expect(Set(way.steps.map(\.service)) == ["screening", "registration", "rehabilitation"])
        #expect(way.steps.map(\.at) == way.steps.map(\.at).sorted())
        // Reporting says nothing about a person; that it has heard is seen by what it has applied.
        let enrolled = try #require(way.steps.first { $0.event.type.contains("enrolled") })
        #expect(enrolled.appliedBy.contains("reporting") && enrolled.awaitedBy.isEmpty)
        let registered = try #require(way.steps.first { $0.event.type.contains("person-registered") })
        #expect(registered.sinceCauseMs.map { $0 >= 0 } == true, "its cause, identity-shared, stands in the way as well")
        let text = way.table.text + String(decoding: try JSONEncoder().encode(way.steps), as: UTF8.self)
        for canary in LivedCase.canaries { #expect(!text.contains(canary), "\(canary)") }
        // A referral's own events lead on to the person they are about through what is kept under the person.
        #expect(
            try await self.way(of: house.ids["referral"]!, house).subjects.isSuperset(of: [house.ids["person"]!, house.ids["referral"]!]))
    }

    @Test func `the trace a bureau began goes on through the journal and the log into other services' events`() async throws {
        let house = try await LivedCase().live()
        let way = try await way(of: LivedCase.trace, house)
        #expect(Set(way.steps.map(\.service)) == ["screening", "registration"])
        #expect(way.steps.contains { $0.service == "registration" && $0.event.type.contains("person-registered") })
        #expect(way.steps.allSatisfy { $0.event.trace == LivedCase.trace })
        // What clerks did later is traces of their own, each named by its correlation.
        let later = try await self.way(of: house.ids["application"]!, house).steps
        #expect(!later.isEmpty && later.allSatisfy { $0.event.trace != LivedCase.trace && $0.event.trace == $0.event.correlation })
    }

    @Test(arguments: ["2021-09", "370303001"])
    func `what events say cannot be searched for`(_ word: String) async throws {
        let house = try await LivedCase().live()
        #expect(try await way(of: word, house).steps.isEmpty, "\(word)")
    }
}
