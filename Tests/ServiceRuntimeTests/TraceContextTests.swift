import Contracts
import Messaging
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

/// W3C trace context at the borders of a service: HTTP in and out, partners' records in, events out.
struct TraceContextTests {
    static let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test(arguments: [
        "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
        "00-0af7651916cd43dd8448eb211c8031-9cb7ad6b7169203331-001", "00-379999202109010025xxxxxxxxxxxxxx-b7ad6b7169203331-01",
    ])
    func `what is no traceparent is ignored, and the request begins a trace of its own`(header: String) throws {
        #expect(TraceContext.accepted(header) == nil)
        let service = try TestService(Desk.definition(), today: LocalDate("2024-06-03"))
        try count(service, ["traceparent": header])
        let meta = try #require(try service.said().first?.meta)
        #expect(meta.traceparent == "00-\(meta.correlation)-\(meta.correlation.prefix(16))-01")
    }

    private func count(_ service: TestService, _ headers: [String: String]) throws {
        let clerk = Actor(organisation: OrganisationID(trusted: "o"), role: .clerk, user: "u", region: RegionCode(trusted: "37"))
        let reply = try service.handle(.post, "/people/p1/certificates", ["limit": 5], as: clerk, headers: headers)
        #expect(reply.status == 201)
    }

    @Test func `a caller's trace is answered with and stands on the events of the request`() async throws {
        try await ListeningDesk.run { desk async throws in
            let answer = try await desk.send(
                "POST", "/people/p1/certificates",
                [try desk.bearer(.clerk), "Content-Type: application/json", "traceparent: \(Self.given)"], body: #"{"limit":5}"#)
            #expect(answer.status == 201 && answer.headers["traceresponse"] == Self.given)
            let traces = try desk.service.said().map(\.meta.traceparent)
            #expect(traces == [Self.given])
            let open = try await desk.send("GET", "/open")
            #expect(TraceContext.accepted(open.headers["traceresponse"]) != nil)
        }
    }

    @Test(arguments: ["traceparent", "ce_traceparent"])
    func `a partner's trace goes with what follows from its record`(name: String) throws {
        let service = try TestService(Scripted().definition(), today: LocalDate("2024-06-03"))
        try service.deliver(
            partner: RawScreeningResult.topic, organisation: Scripted.partner, key: "r", value: Array("bury".utf8),
            headers: [LogHeader(name: name, text: Self.given)])
        #expect(try service.said().map(\.meta.traceparent) == [Self.given])
    }
}
