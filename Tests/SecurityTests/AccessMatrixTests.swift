import Foundation
import Testing

@testable import ServiceRuntime

/// Every route of every service × every role × own, foreign and unknown objects × inside and outside the region (OWASP API1, API3, API5).
@Suite struct AccessMatrixTests {
    /// One cell that came out otherwise than the table says.
    struct Wrong: CustomStringConvertible {
        let right: AccessTable.Right
        let caller: String
        let what: String
        var description: String { "\(right.service) \(right.method) \(right.path) as \(caller): \(what)" }
    }

    static func own(_ role: String, user: String = "matrix") -> LivedCase.Caller {
        let organisation =
            switch role {
            case "healthBureau": "hb-3703"
            case "rehabilitationCentre": "rc-1"
            case "employer": "em-1"
            default: "dpf-37"
            }
        return LivedCase.Caller(role: role, organisation: role == "operator" ? nil : organisation, region: "37", user: "\(user)-\(role)")
    }

    /// The same role in another province.
    private static func outside(_ role: String) -> LivedCase.Caller {
        LivedCase.Caller(role: role, organisation: role == "operator" ? nil : "other-41", region: "41", user: "stranger-\(role)")
    }

    /// The same role and region in another organisation.
    private static func foreign(_ role: String) -> LivedCase.Caller {
        let organisation =
            switch role {
            case "rehabilitationCentre": "rc-2"
            case "employer": "em-2"
            default: "other-37"
            }
        return LivedCase.Caller(role: role, organisation: role == "operator" ? nil : organisation, region: "37", user: "foreign-\(role)")
    }

    static func filled(_ text: String, _ ids: [String: String]) -> String {
        var text = text
        for (name, value) in ids { text = text.replacing("{\(name)}", with: value) }
        return text
    }

    /// What the path template of the product's own route table would be for a line of ours: placeholders have other names there.
    private static func shape(_ path: String) -> String {
        path.prefix { $0 != "?" }.split(separator: "/").map { $0.hasPrefix("{") || ["370303", "2024-06"].contains($0) ? "{}" : String($0) }
            .joined(
                separator: "/")
    }

    @Test func `every route of every service stands in the table of rights, and nothing else does`() throws {
        let house = try LivedCase()
        #expect(AccessTable.roles == Set(Role.grantable.map(\.rawValue)))
        for (name, service) in house.services {
            let there = Set(service.interface.endpoints.map { "\($0.method.rawValue) \(Self.shape($0.path))" })
            let decided = Set(AccessTable.rights.filter { $0.service == name }.map { "\($0.method) \(Self.shape($0.path))" })
            #expect(there.subtracting(decided).isEmpty, "\(name): nobody has decided who may use these")
            #expect(decided.subtracting(there).isEmpty, "\(name): these are gone")
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `whoever has no right is refused with the right status and learns nothing, and whoever has one gets through`() async throws {
        let house = try await LivedCase().live()
        let known = house.ids.merging(["centre": "rc-1", "unknown": "999999"]) { $1 }
        // Ids that never were, of the same shape.
        let unknown = known.mapValues { value in
            value == "999999" ? value : String(value.map { $0.isLetter ? "z" : "7" })
        }.merging(["adultDocument": LivedCase.citizenID("19900101", "009")]) { $1 }
        var wrong: [Wrong] = []
        var cells = 0
        func ask(_ right: AccessTable.Right, _ ids: [String: String], _ caller: LivedCase.Caller?) async throws -> (
            status: Int, body: String
        ) {
            cells += 1
            return try await house.ask(
                right.service, right.method, Self.filled(right.path, ids), Self.filled(right.body, ids), type: right.type, as: caller)
        }
        func fail(_ right: AccessTable.Right, _ caller: String, _ what: String) {
            wrong.append(Wrong(right: right, caller: caller, what: what))
        }
        /// A refusal of that status, the same for an object that exists and for one that does not, which names nothing.
        func refused(_ right: AccessTable.Right, _ caller: LivedCase.Caller?, as status: Int?) async throws {
            let name = caller?.description ?? "nobody"
            let real = try await ask(right, known, caller)
            let none = try await ask(right, unknown, caller)
            if let status, real.status != status { fail(right, name, "\(real.status) instead of \(status): \(real.body.prefix(200))") }
            if !(400..<500).contains(real.status) { fail(right, name, "not refused: \(real.status) \(real.body.prefix(200))") }
            if real.status != none.status || real.body != none.body {
                fail(
                    right, name, "an object that exists answers \(real.status), one that does not \(none.status): \(real.body.prefix(200))")
            }
            for secret in house.secrets where real.body.contains(secret) { fail(right, name, "the refusal says \(secret)") }
        }
        func passes(_ right: AccessTable.Right, _ caller: LivedCase.Caller) async throws {
            let reply = try await ask(right, known, caller)
            if !(right.expected.isEmpty ? 200..<300 ~= reply.status : right.expected.contains(reply.status)) {
                let wanted = right.expected.isEmpty ? "success" : "\(right.expected.sorted())"
                fail(right, caller.description, "\(reply.status) instead of \(wanted): \(reply.body.prefix(200))")
            }
            // Where every line is judged by itself, an answer of success says nothing yet.
            if right.reach == .lines, !reply.body.contains("\"accepted\":1") {
                fail(right, caller.description, "the line is not entered: \(reply.body.prefix(300))")
            }
        }
        func everyLineRefused(_ right: AccessTable.Right, _ caller: LivedCase.Caller) async throws {
            let reply = try await ask(right, known, caller)
            if !reply.body.contains("REGION_OUT_OF_SCOPE") || !reply.body.contains("\"accepted\":0") {
                fail(right, caller.description, "a line of another region is not refused: \(reply.status) \(reply.body.prefix(300))")
            }
        }
        func empty(_ right: AccessTable.Right, _ caller: LivedCase.Caller) async throws {
            let reply = try await ask(right, known, caller)
            if reply.status != 200 {
                fail(right, caller.description, "\(reply.status) instead of an empty list: \(reply.body.prefix(200))")
            }
            for secret in house.secrets where reply.body.contains(secret) { fail(right, caller.description, "the list says \(secret)") }
        }

        for right in AccessTable.rights {
            if right.isOpen { continue }
            try await refused(right, nil, as: 401)
            for role in AccessTable.roles.subtracting(right.roles) { try await refused(right, Self.own(role), as: 403) }
            for role in right.roles {
                let isOwner = ["rehabilitationCentre", "employer"].contains(role)
                switch right.reach {
                case .all: break
                case .lines: try await everyLineRefused(right, Self.outside(role))
                case .whole:
                    guard role != "operator" else { break }
                    for region in ["41", "3703", "370303"] {
                        var caller = Self.own(role)
                        caller.region = region
                        try await refused(right, caller, as: 403)
                    }
                case .named: try await refused(right, Self.outside(role), as: 403)
                case .region: try await refused(right, Self.outside(role), as: nil)
                case .list: try await empty(right, Self.outside(role))
                case .clerksRegion: if role == "clerk" { try await refused(right, Self.outside(role), as: nil) }
                case .own: try await strangers(right, role)
                case .ownOrRegion:
                    if isOwner { try await strangers(right, role) } else { try await refused(right, Self.outside(role), as: nil) }
                case .ownOrList:
                    if isOwner {
                        try await empty(right, Self.foreign(role))
                        try await empty(right, Self.outside(role))
                    } else {
                        try await empty(right, Self.outside(role))
                    }
                case .ownerOnly:
                    try await refused(right, Self.outside(role), as: 404)
                    try await refused(right, Self.foreign(role), as: 404)
                    if role != "rehabilitationCentre" { try await refused(right, Self.own(role), as: 404) }
                }
            }
        }
        func strangers(_ right: AccessTable.Right, _ role: String) async throws {
            for caller in [Self.foreign(role), Self.outside(role)] {
                if right.path.contains("{") || right.body.contains("{application}") {
                    try await refused(right, caller, as: nil)
                } else {
                    try await empty(right, caller)
                }
            }
        }

        var acts = 0
        // Then those with a right: reading first, and what destroys last.
        for right in AccessTable.rights.filter({ $0.method == "GET" }) + AccessTable.rights.filter({ $0.method != "GET" }) {
            if right.isOpen, right.expected.isEmpty {
                let reply = try await ask(right, known, nil)
                if reply.status != 200 { fail(right, "nobody", "\(reply.status): \(reply.body.prefix(200))") }
            }
            for role in right.roles.sorted() {
                if right.reach == .ownerOnly, role != "rehabilitationCentre" { continue }
                // Figures of the page are for those whose duty they are.
                if right.service == "reporting", right.path == "/", ["rehabilitationCentre", "employer"].contains(role) { continue }
                // Each act by somebody else: nobody decides on what they asked for themselves.
                try await passes(right, Self.own(role, user: "user-\(acts)"))
                acts += 1
            }
        }
        #expect(cells > 2500)
        #expect(wrong.isEmpty, "\(wrong.count) of \(cells) requests:\n\(wrong.map(\.description).joined(separator: "\n"))")
    }
}
