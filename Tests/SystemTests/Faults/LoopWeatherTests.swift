import Foundation
import Persistence
import SQLiteStatements
import TestSupport
import Testing

@testable import Messaging

/// The whole loop, five processes, while the brokers beneath it are not well.
@Suite struct LoopWeatherTests {
    private static let children = 2000
    private static let services = ["registration", "screening", "rehabilitation", "employment", "reporting"]

    private struct Strike: Sendable {
        var name: String
        var hit: @Sendable (MockProcess) throws -> Void

        init(_ name: String, _ hit: @escaping @Sendable (MockProcess) throws -> Void) {
            self.name = name
            self.hit = hit
        }
    }

    private static func codes(_ numbers: Int32...) -> [MockCluster.Code] { numbers.map { MockCluster.Code(rawValue: $0) } }

    /// First what says that nothing was written, then what leaves that open.
    private static let strikes = [
        // First, and until the last: it also spreads the import over the time of the others.
        Strike("slow") { try $0.setRoundTrip(of: nil, .milliseconds(150)) },
        Strike("NOT_LEADER") { try $0.pushErrors(.produce, codes(6, 6, 6)) },
        Strike("NOT_ENOUGH_REPLICAS") { try $0.pushErrors(.produce, codes(19, 19)) },
        Strike("one broker slower") { try $0.setRoundTrip(of: 3, .milliseconds(400)) },
        Strike("coordinators moved") { cluster in
            try cluster.setRoundTrip(of: nil, .milliseconds(150))
            for (number, service) in services.enumerated() {
                try cluster.setCoordinator(ofGroup: "careloop.\(service)", to: Int32(1 + number % 3))
            }
        },
        Strike("broker 2 down") { try $0.setBroker(2, up: false) },
        Strike("broker 2 up") { try $0.setBroker(2, up: true) },
        Strike("fetches cut") { try $0.pushErrors(.fetch, [.disconnect, .notLeader, .disconnect]) },
        Strike("REQUEST_TIMED_OUT") { try $0.pushErrors(.produce, codes(7, 7)) },
        Strike("NOT_ENOUGH_REPLICAS_AFTER_APPEND") { try $0.pushErrors(.produce, codes(20, 20)) },
        Strike("sends cut") { try $0.pushErrors(.produce, [.disconnect, .disconnect]) },
        Strike("coordinators moved again") { cluster in
            for (number, service) in services.enumerated() {
                try cluster.setCoordinator(ofGroup: "careloop.\(service)", to: Int32(1 + (number + 1) % 3))
            }
        },
        // Last: while they join nobody reads, and what has gathered meanwhile comes in large batches.
        Strike("groups told to join again") { try $0.pushErrors(.heartbeat, codes(27, 27, 27)) },
    ]

    @Test(.timeLimit(.minutes(6)))
    func `the loop imports over brokers that are not well, and the account ties out, at the partners' topics too`() async throws {
        let cluster = try await MockProcess.start()
        defer { cluster.stop() }
        let demo = try DemoProcess()
        // One batch on its way at a time: librdkafka's mock does not look at the sequence numbers of a producer without transactions, so a
        // batch that overtakes a refused one stays in front of it, which no broker allows. With patience the first results come over the log.
        try demo.start([
            "demo", "--kafka", cluster.url + "&max.in.flight=1", "--children", "\(Self.children)", "--through", "2024-06-05", "--patience",
            "60",
        ])
        let store = demo.run.appendingPathComponent("screening.db")
        func taken() -> Int64 {
            // Not there before the service has made it.
            (try? SQLiteConnection(path: store.path, readOnly: true).number("SELECT count(*) FROM screening_results")) ?? 0
        }
        var hits: [String] = []
        var before: Int64 = -1
        var during = 0
        #expect(await demo.says("first import", within: .seconds(120)), "\(demo.output())")
        for strike in Self.strikes {
            // One for every batch that Screening has committed; while a broker is away none may be.
            let bound = hits.last?.hasSuffix("down") == true ? Duration.seconds(5) : .seconds(60)
            _ = await LoneScreening.holds(within: bound) { taken() > before || !demo.isRunning }
            guard demo.isRunning else { break }
            before = taken()
            if before < Self.children * 9 / 10 { during += 1 }
            try strike.hit(cluster)
            hits.append("\(strike.name)")
            print("\(strike.name) at \(before) results")
        }
        // Mostly all do; where many others want the machine the last ones fall into the days that follow.
        #expect(during >= 3, "the import was over before the third strike")
        try cluster.setRoundTrip(of: nil, .zero)
        // The days that follow: nothing that a bureau's producer might not survive.
        let clock = demo.run.appendingPathComponent("clock")
        var day = ""
        while await LoneScreening.holds(
            within: .seconds(60),
            {
                // Not there on the first day.
                let now = (try? String(contentsOf: clock, encoding: .utf8)) ?? ""
                defer { day = now }
                return now != day || !demo.isRunning
            }), demo.isRunning
        {
            try cluster.pushErrors(.produce, [.notLeader, .notEnoughReplicas])
            try cluster.pushErrors(.fetch, [.disconnect, .notLeader])
            try cluster.setRoundTrip(of: Int32.random(in: 1...3), .milliseconds(day.hasSuffix("0\n") ? 100 : 0))
        }
        let status = await demo.status(within: .seconds(240))
        #expect(status == 0, "\(demo.output().suffix(4000))")
        #expect(demo.output().contains("the account ties out"))
        #expect(hits == Self.strikes.map(\.name))
        try await countAtPartners(cluster)
    }

    /// What the log holds of the partners' topics, once everybody is gone: nothing here asks a service or the tool.
    private func countAtPartners(_ cluster: MockProcess) async throws {
        let log = try openEventLog(cluster.url)
        let topics = try await Blocking.queries.run { try log.topics().keys.filter { $0.hasPrefix("careloop.partner.") }.sorted() }
        let aside = try await records(log, "careloop.screening.dead-letters.v1").map { String(decoding: $0.key, as: UTF8.self) }
        var results = 0
        var notices = 0
        for topic in topics {
            let records = try await records(log, topic)
            if topic.hasSuffix(".screening-results.v1") {
                let receipts = try await self.records(log, topic.replacingOccurrences(of: "screening-results", with: "receipts"))
                let answered = Set(receipts.map { $0.header("ce_id")?.text ?? "" }).count
                let letters = Set(aside.filter { $0.hasPrefix("\(topic)/") }).count
                #expect(answered + letters == records.count, "\(topic): \(records.count) sent, \(answered) receipts, \(letters) letters")
                results += records.count
            } else if !topic.hasSuffix("answers.v1") {
                // Written by a service: an event has one number and one content, sent again or not, and each comes first in its turn.
                let ids = Set(records.map { $0.header("ce_id")?.text ?? "" })
                let contents = Set(records.map { "\($0.header("ce_id")?.text ?? "") \(Data($0.value ?? []).base64EncodedString())" })
                var seen: Set<Int> = []
                let numbers = records.compactMap { Int(($0.header("ce_sequence")?.text ?? "").suffix(19)) }
                    .filter { seen.insert($0).inserted }
                #expect(ids.count == numbers.count && contents.count == numbers.count, "\(topic)")
                #expect(numbers == Array(1..<numbers.count + 1), "\(topic)")
                if topic.hasSuffix(".referrals.v1") { notices += numbers.count }
            }
        }
        // And between the services: in every partition of theirs every number, each for the first time in its turn.
        for topic in try await Blocking.queries.run({ try log.topics().keys.filter { !$0.hasPrefix("careloop.partner.") }.sorted() }) {
            var seen: [Int32: [Int]] = [:]
            for record in try await records(log, topic) {
                // One record in protobuf; its number stands in it as text.
                let text = String(String.UnicodeScalarView((record.value ?? []).map { Unicode.Scalar($0) }))
                guard let number = text.firstMatch(of: /\d{4}-(\d{19})/).flatMap({ Int($0.output.1) }) else { continue }
                if seen[record.partition]?.contains(number) != true { seen[record.partition, default: []].append(number) }
            }
            for (partition, numbers) in seen { #expect(numbers == Array(1..<numbers.count + 1), "\(topic)/\(partition)") }
        }
        // It was a real import: broken lines apart, every child's result came over the log.
        #expect(results > Self.children * 9 / 10)
        print("partners: \(results) results, \(aside.count) letters, \(notices) notices")
    }

    private func records(_ log: any EventLog, _ topic: String) async throws -> [LogRecord] {
        let (starts, ends, found) = try await Blocking.queries.run {
            let (starts, ends) = (try log.starts([topic]), try log.ends([topic]))
            let consumer = try log.consumer(ConsumerSettings(group: "", topics: [topic]) { _ in 0 })
            defer { consumer.close(within: .seconds(1)) }
            var found: [LogRecord] = []
            let end = ContinuousClock.now + .seconds(20)
            while found.count < ends.values.reduce(0, +), ContinuousClock.now < end {
                found += try consumer.poll(max: 10_000, wait: .milliseconds(100))
            }
            return (starts, ends, found)
        }
        #expect(starts.values.allSatisfy { $0 == 0 }, "the mock has dropped records of \(topic)")
        #expect(found.count == ends.values.reduce(0, +), "\(topic)")
        return found
    }
}
