import Dispatch
import Foundation
import Messaging
import Synchronization
import Vocabulary

/// Reads topics of the log on a thread of its own, in no group, from the start or from now on.
final class LogReader: Sendable {
    struct Settings: Sendable {
        var topics: [String] = []
        var patterns: [String] = []
        /// False begins with what is appended from now on.
        var fromStart = true
    }

    private let stopping = Atomic(false)
    private let waker = Mutex<Waker?>(nil)
    private let finished = DispatchSemaphore(value: 0)

    /// `take` runs on the reader's thread, in order per partition; `failed` once, when the log is lost.
    init(
        log: any EventLog, _ settings: Settings, failed: @escaping @Sendable (any Error) -> Void,
        take: @escaping @Sendable ([LogRecord]) -> Void
    ) {
        let thread = Thread { [self] in
            do {
                let consumer = try log.consumer(
                    ConsumerSettings(group: "", topics: settings.topics, patterns: settings.patterns.map { TopicPattern($0) }) { place in
                        settings.fromStart ? nil : try log.ends([place.topic])[place]
                    })
                waker.withLock { $0 = consumer.waker }
                while !stopping.load(ordering: .acquiring) {
                    let records = try consumer.poll(max: 2000, wait: .milliseconds(200))
                    if !records.isEmpty { take(records) }
                }
                consumer.close(within: .seconds(2))
            } catch {
                failed(error)
            }
            finished.signal()
        }
        thread.stackSize = 2 << 20
        thread.start()
    }

    func stop() {
        stopping.store(true, ordering: .releasing)
        waker.withLock { $0?.wake() }
        finished.wait()
    }
}
