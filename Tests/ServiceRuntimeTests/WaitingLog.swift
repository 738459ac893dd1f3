import Messaging
import Synchronization

/// A log whose producer keeps its sends waiting as one does whose brokers are away: what a test puts in `wait` stands for the wait.
final class WaitingLog: EventLog {
    private let log: InMemoryLog
    // Set before the relay runs, and used on its thread.
    nonisolated(unsafe) var wait: ((_ waiting: () throws -> Void) throws -> Void)?
    // Set before the relay runs.
    nonisolated(unsafe) var waker: Waker?

    init(_ log: InMemoryLog) { self.log = log }

    var description: String { log.description }
    func producer(named: String) throws -> any LogProducer { Producer(try log.producer(named: named), self) }
    func consumer(_ settings: ConsumerSettings) throws -> any LogConsumer { try log.consumer(settings) }
    func ensure(_ topics: [TopicPlan]) throws { try log.ensure(topics) }
    func drift(of topics: [TopicPlan]) throws -> [TopicDrift] { try log.drift(of: topics) }
    func topics() throws -> [String: Int] { try log.topics() }
    func ends(_ topics: [String]) throws -> [TopicPartition: Int64] { try log.ends(topics) }
    func starts(_ topics: [String]) throws -> [TopicPartition: Int64] { try log.starts(topics) }
    func lastRecords(_ partitions: [TopicPartition]) throws -> [TopicPartition: LogRecord] { try log.lastRecords(partitions) }
    func records(at positions: [TopicPartition: Int64]) throws -> [TopicPartition: LogRecord] { try log.records(at: positions) }

    private final class Producer: LogProducer {
        private let producer: any LogProducer
        private let log: WaitingLog

        init(_ producer: any LogProducer, _ log: WaitingLog) {
            self.producer = producer
            self.log = log
        }

        var waker: Waker { log.waker ?? producer.waker }

        func send(_ batch: [OutgoingRecord]) throws -> SendResult { try send(batch) {} }

        func send(_ batch: [OutgoingRecord], waiting: () throws -> Void) throws -> SendResult {
            try log.wait?(waiting)
            return try producer.send(batch)
        }

        func close(within: Duration) { producer.close(within: within) }
    }
}
