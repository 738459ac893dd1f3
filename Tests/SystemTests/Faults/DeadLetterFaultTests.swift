import Foundation
import SQLiteStatements
import TestSupport
import Testing

@testable import Messaging

/// Poison comes while the log takes no dead letters: the letter is a row beside the position, its topic only a copy.
@Suite struct DeadLetterFaultTests {
    private static let letters = "careloop.screening.dead-letters.v1"
    /// Screening reads it, and nothing personal stands in it: what is set aside from there is not sealed.
    private static let agreements = "careloop.rehabilitation.institutions.v1"

    /// A letter as its row tells it.
    private struct Row {
        var key: String
        var body: [UInt8]
        var isSealed: Bool
    }

    private func rows(_ service: LoneScreening) throws -> [Row] {
        let store = try SQLiteConnection(path: service.store.path, readOnly: true)
        let statement = try store.prepare(
            "SELECT topic, partition_no, record_offset, body, sealed_with FROM dead_letters ORDER BY id")
        var rows: [Row] = []
        while try statement.step() {
            rows.append(
                Row(
                    key: "\(statement.text(0))/\(statement.int(1))/\(statement.int(2))", body: statement.blob(3),
                    isSealed: !statement.isNull(4)))
        }
        return rows
    }

    /// `careloop`, asked beside this one service with its own key.
    private func tool(_ arguments: [String], _ service: LoneScreening) async throws -> String {
        let port = try String(contentsOf: service.directory.appendingPathComponent("port"), encoding: .utf8)
        var environment = ["CARELOOP_RUN": service.directory.path]
        // Nobody listens on port 9: the other services are away.
        for name in ["REGISTRATION", "SCREENING", "REHABILITATION", "EMPLOYMENT", "REPORTING"] {
            let own = name == "SCREENING" ? port.trimmingCharacters(in: .whitespacesAndNewlines) : "9"
            environment["CARELOOP_\(name)_URL"] = "http://127.0.0.1:\(own)"
        }
        return try await Program.careloop.run(arguments, in: service.directory, environment: environment).output
    }

    /// The topic is not this service's to see, or it is gone. Then it takes letters from the process that set them aside, or from the next.
    @Test(.timeLimit(.minutes(4)), arguments: [(MockCluster.Code.topicAuthorizationFailed, false), (MockCluster.Code(rawValue: 3), true)])
    func `letters that their topic does not take wait in the store by name, nothing else stops, and they come in order, each once`(
        _ refusal: MockCluster.Code, _ dies: Bool
    ) async throws {
        let cluster = try await MockProcess.start()
        defer { cluster.stop() }
        let service = try await LoneScreening(log: cluster.url)
        try service.start()
        #expect(await service.isReady(), "\(service.output)")
        try cluster.setTopicError(Self.letters, refusal)
        var poison: [[UInt8]] = []
        var sent = 0
        for round in 0..<3 {
            try await service.publish(sent..<sent + 40)
            sent += 40
            let partners = (0..<4).map { Array("{\"resultId\": poison-\(round)-\($0)".utf8) }
            let ours = (0..<2).map { [0xff, UInt8(round), UInt8($0)] + Array("no event of ours".utf8) }
            try await service.spoil(service.results, partners)
            try await service.spoil(Self.agreements, ours)
            poison += partners + ours
            // Nothing else stops: what the bureau sends before and behind the poison is answered.
            #expect(try await service.hasAnswered(sent), "\(service.output.suffix(1500))")
            let expected = poison.count
            #expect(try await LoneScreening.holds(within: .seconds(30)) { try rows(service).count == expected }, "\(service.output)")
        }
        // Named: in readiness, by the list of letters, and in the services' status.
        let isNamed = await LoneScreening.holds(within: .seconds(30)) { await service.readiness()?.body.contains(Self.letters) == true }
        #expect(isNamed, "\(service.output.suffix(1500))")
        let list = try await tool(["dead-letters", "list", "screening", "--json"], service)
        #expect(list.components(separatedBy: "\"reason\" : \"UNDECODABLE\"").count - 1 == poison.count, "\(list)")
        let status = try await tool(["status"], service)
        #expect(status.contains(Self.letters), "\(status)")
        let kept = try rows(service)
        #expect(kept.count == poison.count)
        if dies { try await service.kill9() }
        try cluster.setTopicError(Self.letters, .none)
        if dies { try service.start() }
        // Tried again after half a minute at most.
        let haveCome = try await LoneScreening.holds(within: .seconds(90), looking: .milliseconds(200)) {
            try await service.records(of: Self.letters).count >= poison.count
        }
        #expect(haveCome, "\(service.output.suffix(1500))")
        #expect(await service.isReady(), "\(service.output.suffix(1500))")
        let published = try await service.records(of: Self.letters)
        #expect(published.map { String(decoding: $0.key, as: UTF8.self) } == kept.map(\.key))
        for (record, row) in zip(published, kept) {
            let value = record.value ?? []
            #expect(!row.body.isEmpty && contains(value, row.body), "\(row.key)")
            // Sealed when they are a partner's, as they came when they are ours.
            #expect(row.isSealed == row.key.hasPrefix(service.results), "\(row.key)")
            #expect(poison.contains { contains(value, $0) } == !row.isSealed, "\(row.key)")
        }
        let open = kept.filter { !$0.isSealed }.map(\.body)
        #expect(open == poison.filter { $0.first == 0xff })
        #expect(try rows(service).count == poison.count, "a letter that is published stays in the store")
        // And what was done beside them was done once.
        try await service.expectAccount(of: sent, andPoison: poison.count { $0.first != 0xff })
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool { Data(bytes).range(of: Data(part)) != nil }
}
