import Testing

@testable import ServiceRuntime

/// Every address of the five services that shows a person, for somebody who has seen as many as one may in a day (OWASP API6).
@Suite struct DailyReadsTests {
    /// Addresses for some only that show no person's record, written by hand. Whoever adds an address decides here, or has it counted.
    private static let nobody: Set<String> = [
        // Organisations, their agreements and their money; a settlement's months name enrolments, which are counted when they are opened.
        "registration /organisations", "registration /organisations/{centre}", "registration /organisations/template.csv",
        "rehabilitation /agreements/template.csv", "rehabilitation /institutions", "rehabilitation /institutions/{centre}",
        "rehabilitation /settlements", "rehabilitation /settlements/{settlement}", "rehabilitation /settlements/{settlement}/lines",
        "rehabilitation /worklists/settlements", "rehabilitation /desk/settlements", "rehabilitation /desk/settlements/{settlement}",
        "employment /employers",
        // What the bureau that asks has sent itself.
        "screening /uploads", "screening /uploads/{upload}", "screening /uploads/{upload}/refused.json",
        "screening /uploads/{upload}/refused.csv", "screening /desk/uploads", "screening /desk/uploads/{upload}",
        // Who read: read by whoever looks into that very thing.
        "registration /audit", "registration /audit/verification",
        // Rules and recounts.
        "registration /policies", "rehabilitation /policies", "employment /policies", "rehabilitation /account",
    ]

    /// Of every service: records by their envelopes, for operators at work on an incident.
    private static let operations: Set<String> = [
        "/dead-letters", "/dead-letters/{unknown}", "/held", "/trace/{unknown}", "/leaks/{unknown}", "/positions", "/sources",
    ]

    private static func counted(_ right: AccessTable.Right) -> Bool {
        // Reporting shows figures, small cells suppressed for those who have no right to them.
        guard right.service != "reporting", !right.isOpen, right.method == "GET" || right.path == "/persons/lookup" else { return false }
        let path = String(right.path.prefix { $0 != "?" })
        return !operations.contains(path) && !nobody.contains("\(right.service) \(path)")
    }

    @Test(.timeLimit(.minutes(5)))
    func `who has seen a day's number of records is shown no further person at any address, and everybody else is`() async throws {
        let perDay = 20
        let house = try await LivedCase(recordsPerDay: perDay).live()
        var usedUp: Set<LivedCase.Caller> = []
        func ask(_ right: AccessTable.Right, _ caller: LivedCase.Caller) async throws -> (status: Int, body: String) {
            try await house.ask(
                right.service, right.method, AccessMatrixTests.filled(right.path, house.ids.merging(["centre": "rc-1"]) { $1 }),
                AccessMatrixTests.filled(right.body, house.ids), as: caller)
        }
        /// Asks for files that are not there until nothing is left.
        func useUp(_ service: String, _ caller: LivedCase.Caller) async throws {
            guard usedUp.insert(caller).inserted else { return }
            let one = try #require(
                AccessTable.rights.first { right in
                    Self.counted(right) && right.service == service && right.method == "GET" && right.path.hasSuffix("}")
                        && !right.path.hasPrefix("/desk") && right.roles.contains(caller.role)
                } ?? AccessTable.rights.first { $0.service == service && $0.reach == .ownerOnly })
            let path = one.path.prefix { $0 != "{" }
            let rest = one.path.drop { $0 != "}" }.dropFirst()
            for number in 0...perDay {
                let reply = try await house.ask(
                    service, "GET", AccessMatrixTests.filled("\(path)nobody-\(number)\(rest)", house.ids), as: caller)
                #expect((reply.status == 429) == (number == perDay), "\(service) \(one.path) as \(caller): \(reply.status)")
            }
        }
        func names(_ body: String) -> Bool { house.secrets.contains { body.contains($0) } }
        var refused: Set<String> = []
        var asked = 0
        for right in AccessTable.rights where Self.counted(right) {
            for role in right.roles.sorted() where right.reach != .ownerOnly || role == "rehabilitationCentre" {
                asked += 1
                let fresh = try await ask(right, AccessMatrixTests.own(role, user: "fresh-\(asked)"))
                #expect(fresh.status == 200, "\(right.service) \(right.path) as \(role): \(fresh.status)")
                let caller = AccessMatrixTests.own(role, user: "copyist-\(right.service)")
                try await useUp(right.service, caller)
                let reply = try await ask(right, caller)
                if reply.status == 429 { refused.insert("\(right.service) \(right.path)") }
                // A list of nobody is no record of anybody.
                #expect(reply.status == 429 || !names(fresh.body), "\(right.service) \(right.path) as \(role): \(reply.status)")
                #expect(!names(reply.body) || reply.status == 200, "\(right.service) \(right.path): the refusal names somebody")
            }
        }
        #expect(refused.count >= 30, "\(refused.count) of \(asked): \(refused.sorted())")
        let alarm = house.services["registration"]!.metrics.text
        #expect(alarm.contains(#"careloop_readers_used_up{organisation="dpf-37",role="clerk"} 1"#))
        #expect(!alarm.contains("copyist"))
    }
}
