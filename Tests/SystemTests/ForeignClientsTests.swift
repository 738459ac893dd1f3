import Foundation
import Testing

/// A bureau, a centre and a dashboard with other people's Kafka clients: confluent-kafka for Python and kcat. They know the brokers'
/// addresses, their topics' names and the published schemas, nothing else.
@Suite struct ForeignClientsTests {
    private let bureau = "hb-3703"

    @Test(.timeLimit(.minutes(5)))
    func `Python and kcat publish results and read receipts, referrals and indicators`() async throws {
        let demo = try DemoProcess()
        let python = Program(path: Program.package.appendingPathComponent(".build/venv/bin/python").path)
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            throw Program.Missing(description: "\(python.path) is missing; `make test` makes it (compose/local/python-clients)")
        }
        _ = try Program(named: "protoc")
        let kcat = try Program(named: "kcat")
        do {
            try demo.start(["run", "--kafka", "mock", "--children", "50", "--through", "2024-06-01"])
            try #require(await demo.says("Ctrl-C", within: .seconds(120)), "\(demo.output())")
            try await takePart(demo, python, kcat)
        } catch {
            await demo.stop()
            throw error
        }
        let status = await demo.stop()
        #expect(status == 0, "stopped by SIGTERM: \(demo.output().suffix(500))")
    }

    @Test(.timeLimit(.minutes(2)))
    func `the tool told to stop in the middle of a run takes its services with it`() async throws {
        let demo = try DemoProcess()
        try demo.start(["demo", "--children", "2000"])
        #expect(await demo.says("first import", within: .seconds(60)), "\(demo.output())")
        #expect(demo.services().count == 5)
        demo.terminate()
        let status = await demo.status(within: .seconds(30))
        let left = demo.services()
        // Whatever is left must not outlive the test.
        await demo.stop()
        #expect(status == 128 + SIGTERM, "\(demo.output())")
        #expect(left.isEmpty)
    }

    private func takePart(_ demo: DemoProcess, _ python: Program, _ kcat: Program) async throws {
        let folder = demo.directory
        let address = try String(contentsOf: demo.run.appendingPathComponent("event-log"), encoding: .utf8)
        let brokers = String(try #require(address.firstMatch(of: /kafka:\/\/([^?\n]+)/)).output.1)
        let client = [
            Program.package.appendingPathComponent("Tests/SystemTests/ForeignClients/clients.py").path, brokers,
            Program.package.appendingPathComponent("Shared/Contracts/Schemas").path,
        ]
        let receipts = "careloop.partner.\(bureau).receipts.v1"

        // A child is screened, screened again and diagnosed; another one's number is wrong by a digit.
        let zhang = Child(number: 902)
        try write(
            [
                zhang.result("py-1", "initial", "positive", "2024-05-02"), zhang.result("py-2", "rescreen", "positive", "2024-05-12"),
                Child(number: 904, isWrong: true).result("py-3", "initial", "negative", "2024-05-12"),
            ], to: folder.appendingPathComponent("json"))
        try write([zhang.result("py-4", "diagnosis", "positive", "2024-05-30")], to: folder.appendingPathComponent("protobuf"))
        for (form, count) in [("json", 3), ("protobuf", 1)] {
            let sent = try await python.run(client + ["publish", bureau, form, folder.appendingPathComponent(form).path], in: folder)
            #expect(sent.status == 0 && sent.output.contains("\"published\": \(count)"), "\(sent.output)")
        }
        let told = try await python.run(client + ["read", receipts, "4", "30"], in: folder)
        let outcomes = try answers(told.lines).reduce(into: [String: String]()) { all, receipt in
            all[receipt["resultId"] as? String ?? ""] = "\(receipt["outcome"] ?? "") \(receipt["code"] ?? "")"
        }
        #expect(
            outcomes == [
                "py-1": "RECEIPT_OUTCOME_ACCEPTED ", "py-2": "RECEIPT_OUTCOME_ACCEPTED ", "py-4": "RECEIPT_OUTCOME_ACCEPTED ",
                "py-3": "RECEIPT_OUTCOME_REFUSED ID_CHECKSUM_INVALID",
            ], "\(told.output)")

        // kcat as the README shows it.
        try write([Child(number: 905).result("kcat-1", "initial", "negative", "2024-05-30")], to: folder.appendingPathComponent("kcat"))
        let added = try await kcat.run(
            [
                "-P", "-b", brokers, "-t", "careloop.partner.\(bureau).screening-results.v1", "-H", "content-type=application/json", "-k",
                "kcat-1",
                folder.appendingPathComponent("kcat").path,
            ], in: folder)
        #expect(added.status == 0, "\(added.output)")
        let heard = try await kcat.run(
            ["-C", "-q", "-b", brokers, "-t", receipts, "-o", "beginning", "-c", "5", "-f", "%k %h\\n"], in: folder)
        #expect(
            heard.lines.count { $0.hasPrefix("kcat-1 ") && $0.contains("ce_type=careloop.partner.result-receipt.v1") } == 1,
            "\(heard.output)")

        // The guardian does not choose in time: the referral goes out as proposed, and the centre hears of it.
        let moved = try await Program.careloop.run(["clock", "--to", "2024-06-12"], in: folder)
        #expect(moved.status == 0, "\(moved.output)")
        let notices = try await referral(kcat, brokers, folder)
        #expect(notices.contains("ce_type=careloop.partner.referral-notice.v1"), "\(notices)")
        try await answer(notices, python, client, kcat, brokers, folder)
        // What was counted on a day is told at its end.
        let nextDay = try await Program.careloop.run(["clock", "--to", "2024-06-13"], in: folder)
        #expect(nextDay.status == 0, "\(nextDay.output)")
        let figures = try await python.run(client + ["read", "careloop.reporting.indicators-internal.v1", "1", "30"], in: folder)
        let indicator = try #require(try answers(figures.lines).first, "\(figures.output)")
        for field in ["cell", "indicator", "region", "asOf", "watermark", "policyVersion", "planPeriod"] {
            #expect(indicator[field] != nil, "\(field): \(indicator)")
        }
    }

    /// The centre answers with kcat, once in a word nobody knows and once as it should be, and reads with Python what became of each.
    private func answer(
        _ notices: String, _ python: Program, _ client: [String], _ kcat: Program, _ brokers: String, _ folder: URL
    ) async throws {
        let found = try #require(notices.firstMatch(of: /careloop\.partner\.(rc-3703\d+-\d+)\.referrals\.v1 (\S+)\s/))
        let (centre, referral) = (String(found.output.1), String(found.output.2))
        for (file, word) in [("misspelt", "perhaps"), ("accepted", "accept")] {
            let path = folder.appendingPathComponent(file)
            try #"{"referral":"\#(referral)","attempt":"1","answer":"\#(word)"}"#.write(to: path, atomically: true, encoding: .utf8)
            let sent = try await kcat.run(
                [
                    "-P", "-b", brokers, "-t", "careloop.partner.\(centre).referral-answers.v1", "-H", "content-type=application/json",
                    "-k",
                    referral, path.path,
                ], in: folder)
            #expect(sent.status == 0, "\(sent.output)")
        }
        let told = try await python.run(client + ["read", "careloop.partner.\(centre).answer-receipts.v1", "2", "30"], in: folder)
        let receipts = try answers(told.lines)
        #expect(
            receipts.map { "\($0["outcome"] ?? "") \($0["code"] ?? "-") \($0["field"] ?? "-") \($0["offset"] ?? "0")" } == [
                "RECEIPT_OUTCOME_REFUSED VALUE_NOT_ALLOWED answer 0", "RECEIPT_OUTCOME_ACCEPTED - - 1",
            ], "\(told.output)")
        #expect(receipts.allSatisfy { $0["referral"] as? String == referral })
    }

    /// Looks through the referrals of the bureau's prefecture's centres until there is one.
    private func referral(_ kcat: Program, _ brokers: String, _ folder: URL) async throws -> String {
        let listing = try await kcat.run(["-L", "-b", brokers], in: folder)
        let topics = listing.output.matches(of: /"(careloop\.partner\.rc-3703\d+-\d+\.referrals\.v1)"/).map { String($0.output.1) }
        #expect(!topics.isEmpty)
        let end = ContinuousClock.now + .seconds(30)
        var found = ""
        while found.isEmpty, ContinuousClock.now < end {
            for topic in topics {
                found += try await kcat.run(
                    ["-C", "-q", "-e", "-b", brokers, "-t", topic, "-o", "beginning", "-f", "%t %k %h\\n"], in: folder
                ).output
            }
        }
        return found
    }

    private func write(_ results: [[String: Any]], to file: URL) throws {
        let lines = try results.map { String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self) }
        try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
    }

    /// The clients' own remarks stand between their answers.
    private func answers(_ lines: [Substring]) throws -> [[String: Any]] {
        try lines.filter { $0.hasPrefix("{") }.compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    }
}

/// A child of 张店区 who does not exist: the number's first six digits are assigned to no place.
private struct Child {
    let document: String
    let sex: String

    init(number: Int, isWrong: Bool = false) {
        let first = "37999920220310\(number)"
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(first, weights).reduce(0) { $0 + $1.0.wholeNumberValue! * $1.1 }
        let characters = Array("10X98765432")
        document = first + String(characters[(sum + (isWrong ? 1 : 0)) % 11])
        sex = number % 2 == 0 ? "2" : "1"
    }

    func result(_ id: String, _ stage: String, _ outcome: String, _ day: String) -> [String: Any] {
        [
            "resultId": id, "revision": "1", "stage": stage, "topic": "hearing", "outcome": outcome, "takenOn": day, "roundMonths": "24",
            "child": [
                "documentKind": "citizen-id", "documentNumber": document, "name": "测试童900001", "sex": sex, "birthDate": "2022-03-10",
                "guardianName": "测试家长900001", "guardianTelephone": "10000900001", "residence": "370303002",
            ],
        ]
    }
}
