import Foundation
import TestSupport
import Testing

@testable import Messaging

/// Passwords that change while clients work, over a mock cluster, which asks for none: what is tested is that nothing is lost on the way from
/// one client to the next.
@Suite struct KafkaRotationTests {
    private func write(_ text: String, to file: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
    }

    @Test func `a new password means new clients, and neither side loses or repeats a record`() async throws {
        let cluster = try MockCluster(brokers: 1)
        let folder = try TemporaryDirectory()
        try await onThread {
            let file = "\(folder.path)/password"
            try write("first\n", to: file)
            let fixture = LogFixture(
                try openEventLog(cluster.url, options: ["sasl.username": "careloop-screening"], secretFiles: ["sasl.password": file]))
            let topic = try fixture.topic(partitions: 4)
            let producer = try #require(try fixture.log.producer(named: "relay") as? KafkaProducer)
            let positions = StoredPositions()
            let consumer = try #require(try fixture.consumer([topic]) { positions[$0] } as? KafkaConsumer)
            let reader = try #require(try fixture.log.consumer(ConsumerSettings(group: "", topics: [topic]) { _ in 0 }) as? KafkaConsumer)
            let before = [producer.clientName, consumer.clientName, reader.clientName]
            var (sent, alone) = (0, [String]())
            func turn() throws {
                let batch = (sent..<sent + 20).map { record(topic, Int32($0 % 4), "\($0)") }
                #expect(try producer.send(batch).isComplete)
                sent += batch.count
                positions.store(try consumer.poll(max: 15, wait: .milliseconds(20)))
                alone += try reader.poll(max: 15, wait: .milliseconds(20)).map(\.text)
            }
            try until("the group to be joined") {
                try turn()
                return !positions.texts.isEmpty && !alone.isEmpty
            }
            try write("second\n", to: file)
            try until("new clients") {
                try turn()
                return zip(before, [producer.clientName, consumer.clientName, reader.clientName]).allSatisfy { $0 != $1 }
            }
            let atChange = sent
            for _ in 0..<3 { try turn() }
            try until("everything to be read") {
                positions.store(try consumer.poll(max: 500, wait: .milliseconds(50)))
                alone += try reader.poll(max: 500, wait: .milliseconds(50)).map(\.text)
                return positions.texts.count >= sent && alone.count >= sent
            }
            #expect(sent > atChange)
            let all = (0..<sent).map(String.init).sorted()
            #expect(positions.texts.sorted() == all)
            #expect(alone.sorted() == all)
            producer.close(within: .seconds(5))
            consumer.close(within: .seconds(5))
            reader.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a file that cannot be read for a moment, or says the same again, changes nothing; another text does`() throws {
        let folder = try TemporaryDirectory()
        let file = "\(folder.path)/password"
        try write("first", to: file)
        let credentials = KafkaCredentials(secretFiles: ["sasl.password": file], properties: [:])
        #expect(try credentials.added(to: ["a": "b"]) == ["a": "b", "sasl.password": "first"])
        try FileManager.default.removeItem(atPath: file)
        #expect(throws: LogError.self) { try credentials.added(to: [:]) }
        // Long enough for several looks at a file that is away, then there again.
        let looked = ContinuousClock.now + KafkaCredentials.lookInterval * 2
        try until("two looks") {
            #expect(credentials.version == 0)
            return ContinuousClock.now > looked
        }
        try write("first", to: file)
        let again = ContinuousClock.now + KafkaCredentials.lookInterval * 2
        try until("two more looks") {
            #expect(credentials.version == 0)
            return ContinuousClock.now > again
        }
        // A hundred equal bytes before the one that differs: a hash of the beginning alone would not see it.
        try write("first" + String(repeating: "x", count: 100) + "1", to: file)
        try until("the change") { credentials.version == 1 }
        try write("first" + String(repeating: "x", count: 100) + "2", to: file)
        try until("the second change") { credentials.version == 2 }
        #expect(try credentials.added(to: [:])["sasl.password"]?.hasSuffix("2") == true)
    }

    @Test func `a producer that waits for a broker takes up a new password all the same`() async throws {
        let cluster = try await MockProcess.start()
        let folder = try TemporaryDirectory()
        try await onThread {
            let file = "\(folder.path)/password"
            try write("first", to: file)
            let fixture = LogFixture(
                try openEventLog(cluster.url, options: ["sasl.username": "careloop-screening"], secretFiles: ["sasl.password": file]))
            let topic = try fixture.topic()
            let producer = try fixture.log.producer(named: "relay")
            #expect(try producer.send([record(topic, "before")]).isComplete)
            try cluster.setBroker(nil, up: false)
            try write("second", to: file)
            // Without it this would wait for ever: nothing times out, so that nothing is lost.
            let waker = producer.waker
            let rescue = DispatchWorkItem { waker.wake() }
            DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: rescue)
            defer { rescue.cancel() }
            #expect(throws: LogError.unavailable("the credentials have changed while records waited")) {
                try producer.send([record(topic, "waiting")])
            }
            producer.close(within: .seconds(5))
        }
        cluster.stop()
    }

    @Test func `a client that bears tokens starts`() async throws {
        let folder = try TemporaryDirectory()
        try write("e30.eyJzdWIiOiJjYXJlbG9vcC1zY3JlZW5pbmciLCJleHAiOjE4OTM0NTYwMDB9.c2ln", to: "\(folder.path)/token")
        try await onThread {
            let log = try openEventLog(
                "kafka://127.0.0.1:1", options: ["security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "OAUTHBEARER"],
                secretFiles: [KafkaCredentials.token: "\(folder.path)/token"])
            let producer = try log.producer(named: "relay")
            producer.close(within: .seconds(5))
        }
    }

    /// Made with `printf '{"sub":"careloop-screening","exp":1893456000}' | basenc --base64url`.
    @Test func `a bearer token says whose it is and until when`() {
        let payload = "eyJzdWIiOiJjYXJlbG9vcC1zY3JlZW5pbmciLCJleHAiOjE4OTM0NTYwMDB9"
        let token = KafkaToken("e30.\(payload).c2ln")
        #expect(token?.principal == "careloop-screening" && token?.expiresMs == 1_893_456_000_000)
        for wrong in ["", "e30", "e30.\(payload)", "e30.e30.c2ln", "e30.####.c2ln", "e30.eyJleHAiOjF9.c2ln"] {
            #expect(KafkaToken(wrong) == nil)
        }
    }
}
