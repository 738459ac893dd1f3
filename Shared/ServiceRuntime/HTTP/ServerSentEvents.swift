import Hummingbird
import NIOCore
import ServiceLifecycle

/// Writes server-sent events until the client leaves or the service stops.
enum ServerSentEvents {
    /// Milliseconds a browser waits before it connects again.
    static let retryMilliseconds = 1000

    /// `mayGoOn` is asked before every write: whoever signed out, was revoked or has an expired token is sent nothing more.
    static func body(
        heartbeat: Duration, start: String?, mayGoOn: @escaping @Sendable () async -> Bool,
        _ next: @escaping @Sendable (String?) async throws -> [ServerSentEvent]
    ) -> ResponseBody {
        ResponseBody { writer in
            try await writer.write(ByteBuffer(string: "retry: \(retryMilliseconds)\n\n"))
            var last = start
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                let after = last
                let found = try await either(within: heartbeat, { try await next(after) })
                if let found, found.isEmpty { continue }
                guard await mayGoOn() else { break }
                guard let events = found else {
                    try await writer.write(ByteBuffer(string: ": still here\n\n"))
                    continue
                }
                try await writer.write(ByteBuffer(string: events.map(\.wire).joined()))
                last = events.last { $0.id != nil }?.id ?? last
            }
            try await writer.finish(nil)
        }
    }

    /// What `next` gives, or nil when it is not there in time or the service begins to stop. The wait that lost is cancelled.
    private static func either(
        within heartbeat: Duration, _ next: @escaping @Sendable () async throws -> [ServerSentEvent]
    ) async throws -> [ServerSentEvent]? {
        try await withThrowingTaskGroup(of: [ServerSentEvent]?.self) { group in
            group.addTask { try await next() }
            group.addTask {
                await cancelWhenGracefulShutdown {
                    // Cancelled when `next` was first or the service stops: both end the wait, which is all that is wanted.
                    try? await Task.sleep(for: heartbeat)
                }
                return nil
            }
            defer { group.cancelAll() }
            // A cancelled wait answers with nothing, so whichever ends first has spoken.
            return try await group.next() ?? nil
        }
    }
}
