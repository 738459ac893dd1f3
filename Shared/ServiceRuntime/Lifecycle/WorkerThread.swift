import Foundation
import ServiceLifecycle
import Synchronization

/// A synchronous loop on a thread of its own, as a member of a service group.
///
/// `run` returns when the loop has ended after a stop; a loop that ends by itself because it has nothing to do leaves the group running,
/// one that throws ends it. A loop that does not end within `stopBound` is left behind: correctness never depends on it.
final class WorkerThread: Service, Sendable {
    /// How long a stop waits for the loop.
    static let stopBound = DispatchTimeInterval.seconds(8)
    /// A loop looks whether to stop at least this often while it is well.
    static let stuckAfterNanoseconds: Int64 = 120_000_000_000

    let name: String
    private let loop: @Sendable (_ stopping: () -> Bool) throws -> Void
    /// Where nobody waits for its answer: on a machine that has too much to do it comes behind who is asked by people.
    private let yields: Bool
    private let wake: @Sendable () -> Void
    private let elapsed: any ElapsedTime
    private let isStopping = Atomic<Bool>(false)
    private let lastTurn = Atomic<Int64>(0)
    private let isRunning = Atomic<Bool>(false)

    init(
        _ name: String, elapsed: any ElapsedTime, yields: Bool = false, wake: @escaping @Sendable () -> Void,
        loop: @escaping @Sendable (_ stopping: () -> Bool) throws -> Void
    ) {
        self.name = name
        self.elapsed = elapsed
        self.wake = wake
        self.yields = yields
        self.loop = loop
    }

    /// True when the loop runs and has not turned for too long.
    var isStuck: Bool {
        isRunning.load(ordering: .relaxed) && elapsed.monotonicNanoseconds - lastTurn.load(ordering: .relaxed) > Self.stuckAfterNanoseconds
    }

    func run() async throws {
        let (ending, ended) = AsyncThrowingStream<Never, any Error>.makeStream()
        try await withTaskCancellationOrGracefulShutdownHandler {
            start(ended)
            do {
                for try await _ in ending {}
            }
            // Nothing to do is no reason to end the group.
            if !isStopping.load(ordering: .acquiring) { try await gracefulShutdown() }
        } onCancelOrGracefulShutdown: { [self] in
            isStopping.store(true, ordering: .releasing)
            wake()
            DispatchQueue.global().asyncAfter(deadline: .now() + Self.stopBound) { ended.finish() }
        }
    }

    private func start(_ ended: AsyncThrowingStream<Never, any Error>.Continuation) {
        lastTurn.store(elapsed.monotonicNanoseconds, ordering: .relaxed)
        isRunning.store(true, ordering: .relaxed)
        let thread = Thread { [self] in
            if yields { ThreadPriority.yield() }
            let outcome = Result {
                try loop { [self] in
                    lastTurn.store(elapsed.monotonicNanoseconds, ordering: .relaxed)
                    return isStopping.load(ordering: .acquiring)
                }
            }
            // Before anybody hears of the end: whoever has waited for it must not find a loop that stands still.
            isRunning.store(false, ordering: .relaxed)
            switch outcome {
            case .success: ended.finish()
            case .failure(let error): ended.finish(throwing: error)
            }
        }
        thread.name = "careloop.\(name)"
        thread.start()
    }
}
