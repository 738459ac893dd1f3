import Dispatch

/// Work that blocks (the event log, SQLite, files), kept off the cooperative threads.
enum BlockingWork {
    private static let queue = DispatchQueue(label: "careloop.blocking", attributes: .concurrent)

    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
