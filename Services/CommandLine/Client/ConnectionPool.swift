import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Keep-alive connections to the instances of a service on one host, at most `limit` at a time. Who comes when all are busy waits in order.
///
/// New connections go to the instances in turn; one that refuses, or has lately left a request unanswered, is passed over while another answers.
final class ConnectionPool: Sendable {
    let host: String
    /// Where instances listen now.
    private let ports: @Sendable () -> [Int]
    private let limit: Int
    private let state = Mutex(State())

    /// How long an instance that left a request unanswered is left alone.
    private static let silence = Duration.seconds(10)

    private struct State {
        var idle: [any Channel] = []
        var open = 0
        /// Nil to a waiter means: a place is yours, open the connection yourself.
        var waiting: [CheckedContinuation<(any Channel)?, Never>] = []
        /// Connections made so far: whose turn it is.
        var turn = 0
        /// Until when an instance is left alone, by port.
        var silent: [Int: ContinuousClock.Instant] = [:]

        func isSilent(_ port: Int?) -> Bool { port.flatMap { silent[$0] }.map { $0 > .now } ?? false }
    }

    init(host: String, limit: Int, ports: @escaping @Sendable () -> [Int]) {
        self.host = host
        self.ports = ports
        self.limit = limit
    }

    /// A connection of one's own until `putBack`; `reused` tells whether it served a request before.
    /// Throws `ConnectionError.refused`.
    func take() async throws -> (channel: any Channel, reused: Bool) {
        let found: (any Channel)? = await withCheckedContinuation { continuation in
            let now: (any Channel)?? = state.withLock { state in
                while let channel = state.idle.popLast() {
                    if channel.isActive, !state.isSilent(channel.remoteAddress?.port) { return .some(channel) }
                    channel.close(promise: nil)
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
            let places = ports().map { "\(host):\($0)" }.joined(separator: " ")
            throw ConnectionError.refused("\(places.isEmpty ? host : places), \(Self.reason(error))")
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

    /// Whoever is behind this connection does not answer: others are asked for a while, where there are others.
    func leaveAlone(_ channel: any Channel) {
        guard let port = channel.remoteAddress?.port, ports().count > 1 else { return }
        state.withLock { $0.silent[port] = .now + Self.silence }
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

    /// A connection outside the pool, for an answer that never ends. Throws what the last instance asked said.
    func connect() async throws -> any Channel {
        let all = ports()
        let order = state.withLock { state in
            state.turn += 1
            let turned = all.indices.map { all[($0 + state.turn) % all.count] }
            return turned.filter { !state.isSilent($0) } + turned.filter { state.isSilent($0) }
        }
        var last: any Error = ConnectionError.refused("\(host): no instance")
        for port in order {
            do { return try await connect(port) } catch { last = error }
        }
        throw last
    }

    private func connect(_ port: Int) async throws -> any Channel {
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
