import ArgumentParser
import Foundation
import Messaging
import Testing

@testable import CareLoopTool

/// Taking in a partner, with the embedded log and a directory that answers by a script.
@Suite struct PartnerTests {
    private func run(_ arguments: [String]) async throws -> ExitCode {
        let command = try Partner.Add.parse(arguments)
        do {
            try await command.run()
            return .success
        } catch let code as ExitCode { return code }
    }

    @Test func `a bureau is entered, its topics are made, and its password lies in a file of its owner's alone`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("careloop-partner-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // It is temporary; what is left of it harms nobody.
        let server = try await ScriptedServer { _, _ in .init(status: 201) }
        let log = "sqlite://\(folder.path)/events.db"
        let arguments = [
            "hb-370399", "--kind", "healthBureau", "--name", "某卫生健康局", "--region", "370303", "--log", log, "--service",
            "registration=\(server.address)", "--token", "t", "--credentials", folder.appendingPathComponent("handed").path,
        ]
        #expect(try await run(arguments + ["--dry-run"]) == .success)
        #expect(
            server.requests.withLock { $0.isEmpty } && !FileManager.default.fileExists(atPath: folder.appendingPathComponent("handed").path)
        )
        #expect(try await run(arguments) == .success)
        let request = try #require(server.requests.withLock { $0.first })
        #expect(request.head.uri == "/organisations" && request.head.headers.first(name: "Authorization") == "Bearer t")
        #expect(
            request.body == #"{"kind":"healthBureau","name":"某卫生健康局","organisation":"hb-370399","region":"370303"}"#)
        let topics = try openEventLog(log).topics().keys.sorted()
        #expect(topics == ["careloop.partner.hb-370399.receipts.v1", "careloop.partner.hb-370399.screening-results.v1"])
        let file = folder.appendingPathComponent("handed/password")
        let password = try String(contentsOf: file, encoding: .utf8)
        #expect(password.count == 33)
        let mode = try #require(FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? NSNumber)
        #expect(mode.intValue == 0o600)
        // Once more: what was handed over stays.
        #expect(try await run(arguments) == .success)
        #expect(try String(contentsOf: file, encoding: .utf8) == password)
        try await server.stop()
    }

    @Test func `what is handed over names brokers, login, topics and groups, and no password`() throws {
        let handover = Handover(
            partner: .init(organisation: .init(trusted: "rc-370302-1"), kind: .rehabilitationCentre), brokers: "b1:9093,b2:9093",
            mechanism: "SCRAM-SHA-512", passwordFile: "partner-rc-370302-1/password")
        for text in [handover.text.zh, handover.text.en] {
            for part in [
                "b1:9093,b2:9093", "careloop-partner-rc-370302-1", "SCRAM-SHA-512", "careloop.partner.rc-370302-1.referrals.v1",
                "careloop.partner.rc-370302-1.referral-answers.v1", "careloop.partner.rc-370302-1.answer-receipts.v1",
                "careloop.reporting.indicators-published.v1", "$(cat partner-rc-370302-1/password)", "--entity-type users",
            ] {
                #expect(text.contains(part), "\(part)")
            }
        }
        #expect(handover.summary.writes == ["careloop.partner.rc-370302-1.referral-answers.v1"])
    }

    @Test(arguments: ["nobody", "hb 37"]) func `what is no kind or no id ends before anything is done`(_ wrong: String) async throws {
        let isKind = wrong == "nobody"
        let code = try await run([
            isKind ? "hb-370399" : wrong, "--kind", isKind ? wrong : "healthBureau", "--name", "x", "--region", "370303", "--log",
            "sqlite:///nowhere/events.db",
        ])
        #expect(code == .badInput)
    }
}
