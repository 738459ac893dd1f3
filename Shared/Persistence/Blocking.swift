import Dispatch

/// Threads that may block, for async callers of blocking code. The cooperative pool has as many threads as cores and must never wait.
public final class Blocking: Sendable {
    private let queue: DispatchQueue

    /// Commands wait for the one writer anyway, so one thread serves them in order of arrival.
    public static let commands = Blocking(label: "careloop.commands", attributes: [])
    public static let queries = Blocking(label: "careloop.queries", attributes: .concurrent)

    init(label: String, attributes: DispatchQueue.Attributes) { queue = DispatchQueue(label: label, attributes: attributes) }

    /// Runs `work` on such a thread. Cancellation of the caller does not interrupt it: a transaction ends by itself.
    public func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try work() }) }
        }
    }
}
