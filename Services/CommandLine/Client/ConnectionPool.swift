import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Keep-alive connections to one host, at most `limit` at a time. Who comes when all are busy waits in order.
final class ConnectionPool: Sendable {
    let host: String
    let port: Int
    private let limit: Int
    private let state = Mutex(State())

    private struct State {
        var idle: [any Channel] = []
        var open = 0
        /// Nil to a waiter means: a place is yours, open the connection yourself.
        var waiting: [CheckedContinuation<(any Channel)?, Never>] = []
    }

    init(host: String, port: Int, limit: Int) {
        self.host = host
        self.port = port
        self.limit = limit
    }

    /// A connection of one's own until `putBack`; `reused` tells whether it served a request before.
    /// Throws `ConnectionError.refused`.
    func take() async throws -> (channel: any Channel, reused: Bool) {
        let found: (any Channel)? = await withCheckedContinuation { continuation in
            let now: (any Channel)?? = state.withLock { state in
                while let channel = state.idle.popLast() {
                    if channel.isActive { return .some(channel) }
                    state.open -= 1
                }
                if state.open < limit {
                    state.open += 1
                    return .some(nil)
                }
                state.waiting.append(continuation)
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
        if let found { return (found, true) }
        do {
            return (try await connect(), false)
        } catch {
            letGo()
            throw ConnectionError.refused("\(host):\(port), \(Self.reason(error))")
        }
    }

    /// Gives a connection back; a dead one frees its place for the next who waits.
    func putBack(_ channel: any Channel) {
        guard channel.isActive else { return letGo() }
        let next: CheckedContinuation<(any Channel)?, Never>? = state.withLock { state in
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            state.idle.append(channel)
            return nil
        }
        next?.resume(returning: channel)
    }

    private func letGo() {
        let next: CheckedContinuation<(any Channel)?, Never>? = state.withLock { state in
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            state.open -= 1
            return nil
        }
        next?.resume(returning: nil)
    }

    /// What the system said of the first address tried, without the layers above it.
    private static func reason(_ error: any Error) -> String {
        guard let failure = error as? NIOConnectionError else { return "\(error)" }
        if let errno = failure.connectionErrors.lazy.compactMap({ ($0.error as? IOError)?.errnoCode }).first {
            return String(cString: strerror(errno))
        }
        if failure.connectionErrors.isEmpty, failure.dnsAError != nil || failure.dnsAAAAError != nil { return "no such host" }
        return failure.connectionErrors.first.map { "\($0.error)" } ?? "\(error)"
    }

    /// A connection outside the pool, for an answer that never ends.
    func connect() async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(ExchangeHandler())
                }
            }
            .connect(host: host, port: port).get()
    }

    func close() {
        let idle = state.withLock { state in
            defer {
                state.open -= state.idle.count
                state.idle = []
            }
            return state.idle
        }
        for channel in idle { channel.close(promise: nil) }
    }
}
