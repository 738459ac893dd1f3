import Foundation
import Messaging
import Synchronization
import Testing
import Vocabulary

/// What every event log does when it is asked for something it cannot do, or to stop.
@Suite struct ConformanceFailureTests {
    @Test(arguments: LogUnderTest.present)
    func `a stored position beyond the end stops the consumer until it is moved`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic()
            try fixture.send((0..<5).map { record(topic, "\($0)") })
            let place = TopicPartition(topic: topic, partition: 0)
            let consumer = try fixture.consumer([topic]) { _ in 9 }
            let expected = LogError.positionBeyondEnd(place, position: 9, end: 5)
            #expect(throws: expected) { try until("an error") { try !consumer.poll(max: 10, wait: .milliseconds(100)).isEmpty } }
            #expect(throws: expected) { try consumer.poll(max: 10, wait: .zero) }
            try consumer.seek(place, to: 4)
            #expect(try consumer.read(1).map(\.offset) == [4])
            consumer.close(within: .seconds(5))
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `what is paused stays paused when its stopped neighbour is moved and goes on`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic(partitions: 2)
            try fixture.send((0..<5).map { record(topic, 1, "\($0)") })
            let places = (0..<2).map { TopicPartition(topic: topic, partition: Int32($0)) }
            let consumer = try fixture.consumer([topic]) { $0 == places[1] ? 9 : nil }
            let expected = LogError.positionBeyondEnd(places[1], position: 9, end: 5)
            #expect(throws: expected) { try until("an error") { try !consumer.poll(max: 10, wait: .milliseconds(100)).isEmpty } }
            try consumer.pause([places[0]])
            try fixture.send((0..<5).map { record(topic, 0, "\($0)") })
            try consumer.seek(places[1], to: 4)
            #expect(try consumer.read(1).map(\.topicPartition) == [places[1]])
            for _ in 0..<5 { #expect(try consumer.poll(max: 10, wait: .milliseconds(100)).isEmpty) }
            try consumer.resume([places[0]])
            #expect(try consumer.read(5).map(\.offset) == Array(0..<5))
            consumer.close(within: .seconds(5))
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `a topic with another number of partitions is refused`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic(partitions: 3)
            try fixture.log.ensure([TopicPlan(name: topic, partitions: 3)])
            #expect(throws: LogError.partitionCountDiffers(topic: topic, planned: 4, actual: 3)) {
                try fixture.log.ensure([TopicPlan(name: topic, partitions: 4)])
            }
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `what does not exist is named, and its neighbours go on`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic(partitions: 2)
            let missing = "test.\(fixture.unique).missing.v1"
            #expect(throws: LogError.unknownTopic(missing)) { try fixture.consumer([topic, missing]) }
            #expect(throws: LogError.unknownTopic(missing)) { try fixture.log.ends([missing]) }
            let producer = try fixture.log.producer(named: "test")
            let result = try producer.send([record(missing, "x"), record(topic, 5, "y"), record(topic, 1, "z")])
            producer.close(within: .seconds(5))
            #expect(result.offsets == [nil, nil, 0])
            #expect(
                result.failures == [
                    TopicPartition(topic: missing, partition: 0): .unknownTopic(missing),
                    TopicPartition(topic: topic, partition: 5): .unknownPartition(TopicPartition(topic: topic, partition: 5)),
                ])
            #expect(try fixture.log.topics()[missing] == nil)
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `a wake ends a waiting poll, and one that came before is kept`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic()
            let consumer = try fixture.consumer([topic])
            try consumer.join()
            let waker = consumer.waker
            let began = ContinuousClock.now
            waker.wake()
            #expect(try consumer.poll(max: 10, wait: .seconds(20)).isEmpty)
            Thread.detachNewThread { waker.wake() }
            #expect(try consumer.poll(max: 10, wait: .seconds(20)).isEmpty)
            #expect(ContinuousClock.now - began < .seconds(15))
            consumer.close(within: .seconds(5))
            waker.wake()
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `a producer that is woken does not send`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic()
            let producer = try fixture.log.producer(named: "test")
            producer.waker.wake()
            #expect(throws: LogError.interrupted) { try producer.send([record(topic, "x")]) }
            producer.close(within: .seconds(5))
            try fixture.send([record(topic, "y")])
            #expect(try fixture.log.lastRecord(TopicPartition(topic: topic, partition: 0))?.text == "y")
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `closing is bounded, and a closed client says so`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic()
            let consumer = try fixture.consumer([topic])
            try consumer.join()
            let producer = try fixture.log.producer(named: "test")
            _ = try producer.send([record(topic, "x")])
            let clock = ContinuousClock()
            #expect(clock.measure { consumer.close(within: .seconds(5)) } < .seconds(6))
            #expect(clock.measure { producer.close(within: .seconds(5)) } < .seconds(6))
            consumer.close(within: .seconds(5))
            producer.close(within: .seconds(5))
            #expect(throws: LogError.closed) { try consumer.poll(max: 1, wait: .zero) }
            #expect(throws: LogError.closed) { try consumer.seek(TopicPartition(topic: topic, partition: 0), to: 0) }
            #expect(throws: LogError.closed) { try producer.send([record(topic, "x")]) }
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `what the stored positions throw is thrown by poll, which goes on once they can be had`(_ kind: LogUnderTest) async throws {
        struct StoreIsDown: Error {}
        final class Store: Sendable { let isUp = Atomic<Bool>(false) }
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic()
            try fixture.send([record(topic, "x")])
            let store = Store()
            let consumer = try fixture.consumer([topic]) { _ in
                guard store.isUp.load(ordering: .relaxed) else { throw StoreIsDown() }
                return nil
            }
            #expect(throws: StoreIsDown.self) { try until("an error") { try !consumer.poll(max: 10, wait: .milliseconds(100)).isEmpty } }
            #expect(throws: StoreIsDown.self) { try consumer.poll(max: 10, wait: .milliseconds(100)) }
            store.isUp.store(true, ordering: .relaxed)
            #expect(try consumer.read(1).map(\.text) == ["x"])
            consumer.close(within: .seconds(5))
        }
    }
}
