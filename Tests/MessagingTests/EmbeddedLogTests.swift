import Foundation
import SQLiteStatements
import Testing
import Vocabulary

@testable import Messaging

/// What is particular to the log in a file.
@Suite struct EmbeddedLogTests {
    @Test func `two openings of one file are one log, and their writers' batches never mix`() async throws {
        let directory = try TemporaryDirectory()
        let logs = try (0..<2).map { _ in try LogFixture.embedded(in: directory) }
        let topic = try logs[0].topic(partitions: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    try await onThread {
                        let producer = try logs[writer % 2].log.producer(named: "writer")
                        for batch in 0..<25 {
                            let result = try producer.send((0..<8).map { record(topic, Int32($0 % 2), "\(writer) \(batch) \($0)") })
                            #expect(result.isComplete)
                        }
                        producer.close(within: .seconds(1))
                    }
                }
            }
            try await group.waitForAll()
        }
        try await onThread {
            let consumer = try logs[1].consumer([topic])
            let records = try consumer.read(800)
            for partition in 0..<2 {
                let part = records.filter { $0.partition == partition }
                #expect(part.map(\.offset) == Array(0..<400))
                for start in stride(from: 0, to: 400, by: 4) {
                    let words = part[start..<start + 4].map { $0.text.split(separator: " ") }
                    #expect(Set(words.map { "\($0[0]) \($0[1])" }).count == 1, "a batch stays together")
                    #expect(words.map { Int($0[2])! } == stride(from: partition, to: 8, by: 2).map { $0 })
                }
            }
            consumer.close(within: .seconds(1))
        }
    }

    @Test func `a waiting reader is woken by an append of another opening`() async throws {
        let directory = try TemporaryDirectory()
        let (one, two) = (try LogFixture.embedded(in: directory), try LogFixture.embedded(in: directory))
        let topic = try one.topic()
        try await onThread {
            let consumer = try one.consumer([topic])
            try consumer.join()
            let sender = Thread { try? two.send([record(topic, "x")]) }
            sender.start()
            #expect(try consumer.poll(max: 10, wait: .seconds(20)).map(\.text) == ["x"])
            consumer.close(within: .seconds(1))
        }
    }

    @Test func `every append leaves a wake in the sockets of readers, old and new`() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try LogFixture.embedded(in: directory)
        let topic = try fixture.topic()
        try await onThread {
            let files = EmbeddedFiles(database: directory.path + "/events.db")
            let producer = try fixture.log.producer(named: "test")
            let early = try ReaderSocket(files)
            _ = try producer.send([record(topic, "1")])
            let late = try ReaderSocket(files)
            for socket in [early, late] { socket.drain() }
            _ = try producer.send([record(topic, "2")])
            let began = ContinuousClock.now
            for socket in [early, late] { socket.wait(milliseconds: 20_000) }
            #expect(ContinuousClock.now - began < .seconds(10))
            producer.close(within: .seconds(1))
        }
    }

    @Test func `the file is synced at every append`() throws {
        let directory = try TemporaryDirectory()
        let connection = try EmbeddedFiles(database: directory.path + "/events.db").open()
        #expect(try connection.number("PRAGMA synchronous") == 2)
        let mode = try connection.prepare("PRAGMA journal_mode")
        #expect(try mode.step() && mode.text(0) == "wal")
    }

    @Test func `a dead reader's socket is cleared away by the next append`() throws {
        let directory = try TemporaryDirectory()
        let fixture = try LogFixture.embedded(in: directory)
        let topic = try fixture.topic()
        let stale = directory.path + "/events.db.readers/reader-0-1"
        let socket = try UnixSocket.make(.datagram)
        #expect(try UnixSocket.bind(socket, to: stale))
        close(socket)
        #expect(FileManager.default.fileExists(atPath: stale))
        try fixture.send([record(topic, "x")])
        #expect(!FileManager.default.fileExists(atPath: stale))
    }

    @Test func `a file that lies deep is as good as any`() async throws {
        let directory = try TemporaryDirectory()
        let deep = directory.path + "/" + String(repeating: "deep-directory/", count: 12)
        try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
        let fixture = LogFixture(try openEventLog("sqlite://\(deep)events.db"), directory)
        try await onThread {
            let topic = try fixture.topic()
            let consumer = try fixture.consumer([topic])
            try fixture.send([record(topic, "x")])
            #expect(try consumer.read(1).map(\.text) == ["x"])
            consumer.close(within: .seconds(1))
        }
    }

    @Test func `old records of a topic with a retention go, and a reader that was too slow is told`() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try LogFixture.embedded(in: directory)
        let topic = "test.short.v1"
        let kept = try fixture.topic("kept")
        try fixture.log.ensure([TopicPlan(name: topic, partitions: 1, retentionMs: 60_000)])
        @Sendable func made(_ topic: String, secondsAgo: Double, _ text: String) -> OutgoingRecord {
            var made = record(topic, text)
            made.timestamp = Instant(milliseconds: Int64((Date().timeIntervalSince1970 - secondsAgo) * 1000))
            return made
        }
        let old = (0..<10).map { made(topic, secondsAgo: 3600, "\($0)") }
        try await onThread {
            try fixture.send([made(topic, secondsAgo: 3600, "first"), made(kept, secondsAgo: 3600, "kept")])
            try fixture.send(old + [made(topic, secondsAgo: 1, "young"), made(topic, secondsAgo: 3600, "behind")])
            // A producer trims with its first append.
            try fixture.send([made(topic, secondsAgo: 0, "now")])
            let place = TopicPartition(topic: topic, partition: 0)
            #expect(try fixture.log.starts([topic, kept]) == [place: 11, TopicPartition(topic: kept, partition: 0): 0])
            let late = try fixture.consumer([topic]) { _ in 3 }
            #expect(throws: LogError.positionBeforeStart(place, position: 3, start: 11)) { try late.poll(max: 10, wait: .zero) }
            late.close(within: .seconds(1))
            let fresh = try fixture.consumer([topic], group: "other")
            #expect(try fresh.read(3).map(\.text) == ["young", "behind", "now"])
            fresh.close(within: .seconds(1))
        }
    }

    @Test func `a file that is no event log is refused and left as it is`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/events.db"
        try Data("not a database, but long enough to look at".utf8).write(to: URL(fileURLWithPath: path))
        #expect(failure { try openEventLog("sqlite://\(path)") } == "storage")
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("not a database, but long enough to look at".utf8))
    }

    @Test func `headers are read back, and damaged ones are noticed`() {
        let headers = [
            LogHeader(name: "n", value: [1, 2]), LogHeader(name: "", value: []),
            LogHeader(name: "长", value: Array(repeating: 7, count: 300)),
        ]
        let bytes = HeaderBytes.encode(headers)
        #expect(bytes.withUnsafeBytes { HeaderBytes.decode($0) } == headers)
        for length in 1..<bytes.count where length != 9 && length != 15 {
            #expect(bytes.prefix(length).withUnsafeBytes { HeaderBytes.decode($0) } == nil, "\(length)")
        }
    }

    @Test func `a poll returns at most the bytes it may, and at least one record`() async throws {
        let directory = try TemporaryDirectory()
        let fixture = try LogFixture.embedded(in: directory)
        let topic = try fixture.topic()
        try await onThread {
            try fixture.send((0..<10).map { record(topic, String(repeating: "\($0)", count: 999)) })
            let consumer = try fixture.log.consumer(ConsumerSettings(group: "", topics: [topic], maxQueueBytes: 3000) { _ in nil })
            #expect(try consumer.poll(max: 100, wait: .zero).count == 3)
            consumer.close(within: .seconds(1))
            let tight = try fixture.log.consumer(ConsumerSettings(group: "", topics: [topic], maxQueueBytes: 1) { _ in nil })
            #expect(try tight.poll(max: 100, wait: .zero).count == 1)
            tight.close(within: .seconds(1))
        }
    }
}
