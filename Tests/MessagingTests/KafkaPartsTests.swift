import CRdKafka
import Dispatch
import Testing

@testable import Messaging

/// The parts of the Kafka log that need no cluster.
@Suite struct KafkaPartsTests {
    private func state() -> (KafkaAssignment, KafkaAssignment.Place) {
        (KafkaAssignment { _ in nil }, KafkaAssignment.Place(TopicPartition(topic: "t", partition: 0), next: 5))
    }

    @Test func `records come once and in order, older ones are dropped`() {
        let (state, place) = state()
        #expect([5, 6, 7].allSatisfy { accepts(state, $0, place) })
        #expect(!accepts(state, 6, place))
        #expect(place.next == 8)
        #expect(!place.awaitsSeek)
    }

    private func accepts(_ state: KafkaAssignment, _ offset: Int64, _ place: KafkaAssignment.Place) -> Bool {
        state.accepts(offset, at: place) { _ in
            Issue.record("a place that knows its next offset does not ask")
            return nil
        }
    }

    @Test func `the first record after the log's start sets the place`() {
        let (state, _) = state()
        let place = KafkaAssignment.Place(TopicPartition(topic: "t", partition: 0), next: -1)
        #expect(place.startOffset == -2)
        #expect(state.accepts(41, at: place) { _ in 41 })
        #expect(place.next == 42)
        let new = KafkaAssignment.Place(TopicPartition(topic: "t", partition: 1), next: -1)
        #expect(accepts(state, 0, new))
        #expect(new.next == 1)
    }

    @Test func `a first record behind the log's start is gone back for, like any other gap`() {
        let (state, _) = state()
        let place = KafkaAssignment.Place(TopicPartition(topic: "t", partition: 0), next: -1)
        #expect(!state.accepts(41, at: place) { _ in 7 })
        #expect(place.awaitsSeek && place.startOffset == 7)
        let unknown = KafkaAssignment.Place(TopicPartition(topic: "t", partition: 1), next: -1)
        #expect(!state.accepts(41, at: unknown) { _ in nil })
        #expect(unknown.awaitsSeek && unknown.startOffset == -2)
    }

    @Test func `a gap is gone back for once and then taken as real`() {
        let (state, place) = state()
        #expect(!accepts(state, 9, place))
        #expect(place.awaitsSeek)
        #expect(!accepts(state, 10, place), "everything behind the gap waits for the seek")
        place.awaitsSeek = false
        place.soughtBackTo = place.next
        #expect(accepts(state, 9, place))
        #expect(place.next == 10)
        // Another gap is another question.
        #expect(!accepts(state, 12, place))
        #expect(place.awaitsSeek)
    }

    @Test func `an assignment starts where positions are stored, keeps what is paused, and is gone when it is revoked`() throws {
        // Nobody listens: librdkafka keeps an assignment by itself.
        let options = try KafkaOptions(servers: "127.0.0.1:1", options: [:])
        let client = try KafkaClient(RD_KAFKA_CONSUMER, properties: options.consumer("t", group: "g", maxQueueBytes: 1 << 20))
        let state = KafkaAssignment { $0.partition == 0 ? 7 : nil }
        let places = (0..<2).map { TopicPartition(topic: "t", partition: Int32($0)) }
        func rebalance(_ code: rd_kafka_resp_err_t) {
            withPartitionList(places.map { ($0, 99) }) { state.rebalance(client.handle, code, $0) }
        }
        rebalance(RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        #expect(places.map { state.places[$0]?.next } == [7, -1], "the group's own word of an offset counts for nothing")
        state.places[places[1]]?.isPaused = true
        rebalance(RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        #expect(places.map { state.places[$0]?.isPaused } == [false, true])
        rebalance(RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS)
        #expect(state.places.isEmpty)
        client.destroy(within: .seconds(5))
    }

    @Test func `a client whose end hangs is left behind when its time is over`() {
        let never = DispatchSemaphore(value: 0)
        let began = ContinuousClock.now
        #expect(!KafkaClient.ends(within: .milliseconds(200)) { never.wait() })
        #expect(ContinuousClock.now - began < .seconds(10))
        never.signal()
        #expect(KafkaClient.ends(within: .seconds(10)) {})
    }

    @Test func `records that were only read past come after going back`() {
        let (state, place) = state()
        #expect(!accepts(state, 6, place))
        place.awaitsSeek = false
        place.soughtBackTo = place.next
        #expect([5, 6, 7].allSatisfy { accepts(state, $0, place) })
        #expect(place.realGaps == 0)
    }

    @Test func `a partition full of gaps is no longer gone back for`() {
        let (state, place) = state()
        for _ in 0..<16 {
            place.soughtBackTo = place.next
            #expect(accepts(state, place.next + 3, place))
        }
        #expect(accepts(state, place.next + 3, place))
        #expect(!place.awaitsSeek)
    }

    private func report(_ index: Int, _ code: rd_kafka_resp_err_t, _ offset: Int64) -> rd_kafka_message_t {
        var message = rd_kafka_message_t()
        message.err = code
        message.offset = offset
        message._private = UnsafeMutableRawPointer(bitPattern: index + 1)
        return message
    }

    @Test func `a report of failure acknowledges nothing, and behind it in its partition nothing counts as acknowledged`() {
        let batch = [0, 1, 0, 1, 0].map { record("t", Int32($0), "x") }
        var progress = SendProgress(batch)
        progress.outstanding = 5
        progress.note(report(0, RD_KAFKA_RESP_ERR_NO_ERROR, 7))
        progress.note(report(2, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, 9))
        // A later record of the same partition may have been appended: whoever sends again from the failed one repeats it.
        progress.note(report(4, RD_KAFKA_RESP_ERR_NO_ERROR, 8))
        progress.note(report(1, RD_KAFKA_RESP_ERR_NO_ERROR, 3))
        progress.note(report(3, RD_KAFKA_RESP_ERR_NO_ERROR, 4))
        #expect(progress.outstanding == 0)
        let result = progress.result(batch)
        #expect(result.offsets == [7, 3, nil, 4, nil])
        #expect(result.failures.keys.map(\.partition) == [0])
    }

    @Test(arguments: [
        (0x0108_02ff as UInt32, false), (0x0200_02ff, true), (0x0201_01ff, true), (0x0202_00ff, false), (0x0204_00ff, false),
        (0x0205_00ff, true), (0x020c_00ff, true),
    ])
    func `known-bad versions are refused with a sentence`(_ number: UInt32, _ isUsable: Bool) {
        let version = LibrdkafkaVersion(number: number)
        #expect((version.refusal == nil) == isUsable)
        #expect(version.refusal?.contains(version.description) ?? true)
    }

    @Test func `the first line names the library and its guards, and no secret`() throws {
        let log = try openEventLog(
            "kafka://b1:9092,b2:9092?security.protocol=sasl_ssl&sasl.username=careloop", options: ["sasl.password": "s3cret"])
        #expect(log.description.contains("b1:9092,b2:9092"))
        #expect(log.description.contains(LibrdkafkaVersion.linked.description))
        #expect(!log.description.contains("s3cret") && !log.description.contains("careloop"))
    }

    @Test(arguments: [
        "enable.auto.commit=true", "auto.offset.reset=earliest", "message.timeout.ms=5", "acks=1", "nonsense=1", "client.rack=a",
        "group.instance.id=a", "partition.assignment.strategy=cooperative-sticky", "enable.ssl.certificate.verification=false",
        "ssl.endpoint.identification.algorithm=none", "socket.nagle.disable=false", "message.max.bytes=1",
    ])
    func `properties that the guarantees rest on cannot be changed`(_ option: String) {
        #expect(failure { try openEventLog("kafka://b:9092?\(option)") } == "invalidURL")
    }

    @Test(arguments: [
        ("client.id=a-name-that-is-longer-than-thirty-two-characters", false), ("client.id=short", true),
        ("queued.min.messages=99999", false),
        ("queued.min.messages=x", false), ("queued.min.messages=200000", true),
    ])
    func `properties that crash or stall this librdkafka stay within their bounds`(_ option: String, _ isFine: Bool) {
        #expect((failure { try openEventLog("kafka://b:9092?\(option)") } == nil) == isFine)
    }

    @Test func `a property librdkafka does not know is refused when a client is made, without its value`() throws {
        let log = try openEventLog("kafka://b:9092?sasl.passwort=hidden")
        let error = try #require(throws: LogError.self) { try log.topics() }
        #expect(error.description.contains("sasl.passwort") && !error.description.contains("hidden"))
    }

    @Test func `each kind of client gets its own properties`() throws {
        let options = try KafkaOptions(
            servers: "b:9092", options: ["fetch.wait.max.ms": "20", "linger.ms": "1", "security.protocol": "ssl", "mock-control": "/x"])
        let consumer = options.consumer("a-name-that-is-longer-than-thirty-two-characters", group: "g", maxQueueBytes: 8 << 20)
        #expect(consumer["fetch.wait.max.ms"] == "20")
        #expect(consumer["linger.ms"] == nil)
        #expect(consumer["queued.max.messages.kbytes"] == "8192")
        #expect(consumer["client.id"]?.utf8.count == 32)
        #expect(consumer["enable.auto.commit"] == "false" && consumer["auto.offset.reset"] == "error")
        #expect(consumer["partition.assignment.strategy"] == "range" && consumer["socket.nagle.disable"] == "true")
        let producer = options.producer("p")
        #expect(producer["linger.ms"] == "1")
        #expect(producer["fetch.wait.max.ms"] == nil)
        #expect(producer["security.protocol"] == "ssl")
        #expect(producer["message.timeout.ms"] == "0")
        #expect([consumer, producer, options.reader("r")].allSatisfy { $0["allow.auto.create.topics"] == "false" })
    }
}

/// Addresses and topic names.
@Suite struct AddressTests {
    @Test func `an address is taken apart`() throws {
        let address = try EventLogAddress(
            "kafka://h1:9092,h2:9092?sasl.password=a%26b%3D%25&mock-control=/tmp/x.sock", options: ["debug": "cgrp"])
        #expect(address.scheme == "kafka")
        #expect(address.location == "h1:9092,h2:9092")
        #expect(address.options == ["sasl.password": "a&b=%", "mock-control": "/tmp/x.sock", "debug": "cgrp"])
        #expect(try EventLogAddress("sqlite:///var/lib/care%20loop/events.db").location == "/var/lib/care loop/events.db")
        #expect(try EventLogAddress("memory:").scheme == "memory")
    }

    @Test(arguments: ["", "kafka", "kafka://", "sqlite://events.db", "kafka://h?x", "kafka://h?=1", "sqlite:///a%2", "ftp://h"])
    func `an address that means nothing is refused`(_ url: String) {
        #expect(failure { try openEventLog(url) } == "invalidURL")
    }

    @Test func `a pattern knows its topics and what stands in them`() {
        let pattern = TopicPattern("careloop.partner.{organisation}.screening-results.v1")
        #expect(pattern.match("careloop.partner.bureau-7.screening-results.v1") == "bureau-7")
        #expect(pattern.topic(for: "bureau-7") == "careloop.partner.bureau-7.screening-results.v1")
        for other in [
            "careloop.partner..screening-results.v1", "careloop.partner.a.b.screening-results.v1",
            "careloop.partner.A.screening-results.v1",
            "careloop.partner.a.screening-results.v10", "xcareloop.partner.a.screening-results.v1", "careloop.partner.screening-results.v1",
        ] { #expect(pattern.match(other) == nil, "\(other)") }
        #expect(pattern.expression == #"^careloop\.partner\.[a-z0-9-]+\.screening-results\.v1$"#)
    }
}
