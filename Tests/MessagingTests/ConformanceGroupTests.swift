import Foundation
import Messaging
import Synchronization
import Testing

/// What several consumers of one group, and topics that appear later, mean on every log.
@Suite struct ConformanceGroupTests {
    @Test(arguments: LogUnderTest.present)
    func `two consumers of a group read everything between them, and one goes on alone from the stored positions`(
        _ kind: LogUnderTest
    ) async throws {
        let fixture = try kind.open()
        try await onThread {
            let topic = try fixture.topic(partitions: 4)
            let positions = StoredPositions()
            let first = try fixture.consumer([topic]) { positions[$0] }
            let second = try fixture.consumer([topic]) { positions[$0] }
            try until("all partitions to have one owner each") {
                for consumer in [first, second] { positions.store(try consumer.poll(max: 10, wait: .milliseconds(50))) }
                return Set(first.assignment).isDisjoint(with: second.assignment) && first.assignment.count + second.assignment.count == 4
            }
            try fixture.send((0..<40).map { record(topic, Int32($0 % 4), "\($0)") })
            try until("40 records") {
                for consumer in [first, second] { positions.store(try consumer.poll(max: 3, wait: .milliseconds(50))) }
                return positions.texts.count == 40
            }
            // The one that was active first ends; what it had is taken over where the positions say.
            first.close(within: .seconds(5))
            try fixture.send((40..<60).map { record(topic, Int32($0 % 4), "\($0)") })
            try until("20 more records") {
                positions.store(try second.poll(max: 3, wait: .milliseconds(50)))
                return positions.texts.count == 60
            }
            #expect(second.assignment.count == 4)
            #expect(positions.texts.sorted() == (0..<60).map(String.init).sorted())
            second.close(within: .seconds(5))
        }
    }

    @Test(arguments: LogUnderTest.present)
    func `a partner's topic that appears while running is read from its start`(_ kind: LogUnderTest) async throws {
        let fixture = try kind.open()
        try await onThread {
            let pattern = TopicPattern("test.\(fixture.unique).partner.{organisation}.results.v1")
            let known = pattern.topic(for: "bureau-1")
            let unrelated = "test.\(fixture.unique).partner.bureau-1.receipts.v1"
            try fixture.log.ensure([TopicPlan(name: known, partitions: 1), TopicPlan(name: unrelated, partitions: 1)])
            try fixture.send([record(known, "old"), record(unrelated, "never")])
            let consumer = try fixture.consumer([], patterns: [pattern])
            #expect(try consumer.read(1).map(\.text) == ["old"])
            let new = pattern.topic(for: "bureau-2")
            try fixture.log.ensure([TopicPlan(name: new, partitions: 2)])
            try fixture.send([record(new, 1, "new")])
            var seen: Set<String> = []
            try until("the new topic's record") {
                for record in try consumer.poll(max: 10, wait: .milliseconds(100)) { seen.insert("\(record.topic) \(record.text)") }
                return seen.contains("\(new) new")
            }
            #expect(!seen.contains { $0.hasPrefix(unrelated) })
            #expect(Set(consumer.assignment.map(\.topic)) == [known, new])
            consumer.close(within: .seconds(5))
        }
    }
}

/// Positions as a service keeps them: moved with what was read. A record below the position was read before.
final class StoredPositions: Sendable {
    private let state = Mutex<(next: [TopicPartition: Int64], texts: [String])>(([:], []))

    subscript(partition: TopicPartition) -> Int64? { state.withLock { $0.next[partition] } }
    var texts: [String] { state.withLock { $0.texts } }

    func store(_ records: [LogRecord]) {
        state.withLock { state in
            for record in records where record.offset >= state.next[record.topicPartition] ?? 0 {
                state.next[record.topicPartition] = record.offset + 1
                state.texts.append(record.text)
            }
        }
    }
}
