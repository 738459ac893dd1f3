import Messaging

@testable import ServiceRuntime

/// A log whose consumers find nothing at first. What they are told to wait passes on a clock that is moved by hand.
final class ReluctantLog: EventLog {
    private let log: InMemoryLog
    private let time: ManualTime
    // Set and used on the test's own thread.
    nonisolated(unsafe) var silentPolls = 0

    init(_ log: InMemoryLog, _ time: ManualTime) { (self.log, self.time) = (log, time) }

    var description: String { log.description }
    func producer(named: String) throws -> any LogProducer { try log.producer(named: named) }
    func consumer(_ settings: ConsumerSettings) throws -> any LogConsumer { ReluctantConsumer(try log.consumer(settings), self) }
    func ensure(_ topics: [TopicPlan]) throws { try log.ensure(topics) }
    func drift(of topics: [TopicPlan]) throws -> [TopicDrift] { try log.drift(of: topics) }
    func topics() throws -> [String: Int] { try log.topics() }
    func ends(_ topics: [String]) throws -> [TopicPartition: Int64] { try log.ends(topics) }
    func starts(_ topics: [String]) throws -> [TopicPartition: Int64] { try log.starts(topics) }
    func lastRecords(_ partitions: [TopicPartition]) throws -> [TopicPartition: LogRecord] { try log.lastRecords(partitions) }
    func records(at positions: [TopicPartition: Int64]) throws -> [TopicPartition: LogRecord] { try log.records(at: positions) }

    private final class ReluctantConsumer: LogConsumer {
        private let consumer: any LogConsumer
        private let log: ReluctantLog

        init(_ consumer: any LogConsumer, _ log: ReluctantLog) { (self.consumer, self.log) = (consumer, log) }

        func poll(max: Int, wait: Duration) throws -> [LogRecord] {
            guard log.silentPolls > 0 else { return try consumer.poll(max: max, wait: .zero) }
            log.silentPolls -= 1
            log.time.advance(milliseconds: Int64(wait.wholeMilliseconds))
            return []
        }

        func seek(_ partition: TopicPartition, to offset: Int64) throws { try consumer.seek(partition, to: offset) }
        func pause(_ partitions: [TopicPartition]) throws { try consumer.pause(partitions) }
        func resume(_ partitions: [TopicPartition]) throws { try consumer.resume(partitions) }
        func commit(_ positions: [TopicPartition: Int64]) { consumer.commit(positions) }
        var assignment: [TopicPartition] { consumer.assignment }
        var waker: Waker { consumer.waker }
        func close(within: Duration) { consumer.close(within: within) }
    }
}
