import Foundation
import Messaging
import Persistence
import TestSupport
import Testing
import Vocabulary

/// The whole loop as processes: five executables, real stores, an event log between them, and an account that must tie out.
@Suite(.serialized)
struct LoopTests {
    /// A small world: it takes the whole road, in weeks instead of years.
    static let small = ["demo", "--children", "300", "--through", "2024-09-30"]

    @Test func `the loop runs on the embedded log, and its account ties out`() async throws {
        let demo = try DemoProcess()
        let account = demo.directory.appendingPathComponent("account.json")
        let status = try await demo.finish(Self.small, environment: ["ACCOUNT": account.path])
        #expect(status == 0, "\(demo.output().suffix(4000))")
        let written = try JSONSerialization.jsonObject(with: Data(contentsOf: account)) as? [String: Any]
        let lines = try #require(written?["lines"] as? [[String: Any]])
        // The road was really taken: an account of nothing ties out too.
        for key in ["enrolments", "months"] {
            let figure = lines.first { ($0["key"] as? String)?.contains(key) == true }
            #expect((figure?["stores"] as? Int ?? 0) > 0, "\(key)")
        }
        #expect(lines.count > 40)
    }

    @Test func `the same seed gives the same account`() async throws {
        var accounts: [Data] = []
        for _ in 0..<2 {
            let demo = try DemoProcess()
            let account = demo.directory.appendingPathComponent("account.json")
            let status = try await demo.finish(
                ["demo", "--children", "150", "--through", "2024-07-31", "--seed", "7"], environment: ["ACCOUNT": account.path])
            #expect(status == 0, "\(demo.output().suffix(4000))")
            accounts.append(try Data(contentsOf: account))
        }
        #expect(accounts[0] == accounts[1])
    }

    @Test func `the loop runs over the mock cluster, and no low watermark moves`() async throws {
        let demo = try DemoProcess()
        let status = try await demo.finish(["demo", "--kafka", "mock", "--children", "150", "--through", "2024-06-20"])
        #expect(status == 0, "\(demo.output().suffix(4000))")
    }

    @Test func `a fresh run over a log with an earlier run's records says so at once and starts nothing`() async throws {
        let cluster = try await MockProcess.start()
        defer { cluster.stop() }
        let topic = "careloop.screening.cases.v1"
        try await Blocking.queries.run {
            let log = try openEventLog(cluster.url)
            try log.ensure([TopicPlan(name: topic, partitions: 32)])
            let producer = try log.producer(named: "test")
            let record = OutgoingRecord(topic: topic, partition: 3, key: [1], value: [2], timestamp: Instant(milliseconds: 1))
            #expect(try producer.send([record]).isComplete)
            producer.close(within: .seconds(5))
        }
        let demo = try DemoProcess()
        #expect(try await demo.finish(["demo", "--kafka", cluster.url, "--children", "5"], within: .seconds(60)) == 65)
        #expect(demo.output().contains(topic) && demo.output().contains("KEEP=1"), "\(demo.output())")
    }

    @Test(arguments: [[String](), ["--kafka", "mock"]])
    func `each service is killed ten times during an import, and the account still ties out`(_ log: [String]) async throws {
        let demo = try DemoProcess()
        let status = try await demo.finish(["demo", "--children", "400", "--through", "2024-06-07", "--kills", "10"] + log)
        #expect(status == 0, "\(demo.output().suffix(4000))")
        #expect(demo.output().contains("ties out"))
    }
}
