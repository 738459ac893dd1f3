import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// A thin HTTP/1.1 client for one service: keep-alive, bearer token, Idempotency-Key, problem+json.
///
/// A request that lost its kept-alive connection before an answer came is sent once more when that is safe: when it only reads, or when it
/// carries an idempotency key, whose first outcome the service repeats.
final class HTTPClient: Sendable {
    /// Name of the service, for messages.
    let name: String
    let base: BaseAddress
    /// How long a request that may be sent again is, while the service is away or says that it is not ready.
    let patience: Duration
    /// How long nothing may be heard of a request before another instance is asked.
    private let quiet: TimeAmount
    private let pool: ConnectionPool

    /// `ports` says where the service's instances listen, where there may be others than the one at `base`.
    init(
        name: String, base: BaseAddress, connections: Int = 16, patience: Duration = .zero, quiet: TimeAmount = .seconds(60),
        ports: (@Sendable () -> [Int])? = nil
    ) {
        self.name = name
        self.base = base
        self.patience = patience
        self.quiet = quiet
        pool = ConnectionPool(host: base.host, limit: connections, ports: ports ?? { [base.port] })
    }

    /// Answers 2xx; throws `ServiceError` for everything else.
    func get(_ path: String, token: String? = nil, accept: String? = nil) async throws -> HTTPAnswer {
        var headers: [(String, String)] = []
        if let accept { headers.append(("Accept", accept)) }
        return try await expectSuccess(send(.GET, path, token: token, headers: headers, body: ByteBuffer()))
    }

    func get<Value: Decodable>(_ path: String, token: String? = nil, as type: Value.Type = Value.self) async throws -> Value {
        try decode(await get(path, token: token))
    }

    /// Sends JSON; `key` makes the request safe to repeat.
    @discardableResult
    func post(
        _ path: String, _ body: some Encodable, token: String?, key: String? = nil, method: HTTPMethod = .POST
    ) async throws -> HTTPAnswer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var headers = [("Content-Type", "application/json")]
        if let key { headers.append(("Idempotency-Key", key)) }
        let bytes = ByteBuffer(bytes: try encoder.encode(body))
        return try await expectSuccess(send(method, path, token: token, headers: headers, body: bytes))
    }

    func post<Value: Decodable>(
        _ path: String, _ body: some Encodable, token: String?, key: String? = nil, as type: Value.Type
    ) async throws -> Value {
        try decode(await post(path, body, token: token, key: key))
    }

    /// Sends a body of any size in pieces, never holding more than one; each waits until the socket has taken the one before.
    func upload(
        _ path: String, token: String?, headers: [(String, String)], pieces: some AsyncSequence<ByteBuffer, any Error> & Sendable
    ) async throws -> HTTPAnswer {
        let channel: any Channel
        do { channel = try await pool.take().channel } catch { throw unreachable(error) }
        defer { pool.putBack(channel) }
        let answer = channel.eventLoop.makePromise(of: HTTPAnswer.self)
        let head = head(.POST, path, token: token, headers: headers + [("Transfer-Encoding", "chunked")], length: nil)
        do {
            try await write(
                .begin(Exchange(head: head, body: nil, answer: answer, pieces: nil, quietLimit: .seconds(120))), to: channel)
            for try await piece in pieces { try await write(.piece(piece), to: channel) }
            try await write(.end, to: channel)
        } catch let broken as BrokenPipe {
            // The service may have answered (413, 401) and closed before it read everything: its answer says more than the broken pipe.
            channel.close(promise: nil)
            if let early = try? await answer.futureResult.get() { return try expectSuccess(early) }
            throw unreachable(broken.underlying)
        } catch {
            // The file could not be read: nothing is wrong with the service.
            channel.close(promise: nil)
            answer.fail(error)
            throw error
        }
        do {
            return try expectSuccess(await answer.futureResult.get())
        } catch let error where !(error is ServiceError) {
            throw unreachable(error)
        }
    }

    /// What a connection did to a piece of a body, told apart from what happened to the file it came from.
    private struct BrokenPipe: Error { let underlying: any Error }

    private func write(_ part: Outgoing, to channel: any Channel) async throws {
        do { try await channel.writeAndFlush(part).get() } catch { throw BrokenPipe(underlying: error) }
    }

    /// Whatever the network did, as one error that names the service.
    private func unreachable(_ error: any Error) -> any Error {
        switch error {
        case let known as ServiceError: known
        case let cancelled as CancellationError: cancelled
        case let known as ConnectionError: ServiceError.unreachable(service: name, known)
        default: ServiceError.unreachable(service: name, .broken("\(error)"))
        }
    }

    /// The bytes of an answer that goes on, as they arrive. Ends when the service ends it; breaking the loop closes the connection.
    func stream(_ path: String, token: String?, headers: [(String, String)] = []) async throws -> AsyncThrowingStream<ByteBuffer, any Error>
    {
        let channel: any Channel
        do { channel = try await pool.connect() } catch { throw ServiceError.unreachable(service: name, .refused("\(error)")) }
        let answer = channel.eventLoop.makePromise(of: HTTPAnswer.self)
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
        let head = head(.GET, path, token: token, headers: [("Accept", "text/event-stream")] + headers, length: 0)
        let exchange = Exchange(
            head: head, body: ByteBuffer(), answer: answer, pieces: { continuation.yield($0) }, quietLimit: nil)
        continuation.onTermination = { _ in channel.close(promise: nil) }
        answer.futureResult.whenComplete { [self] result in
            switch result {
            case .success(let answer) where answer.status == 200: continuation.finish()
            case .success(let answer): continuation.finish(throwing: ServiceError.refused(service: name, Problem(answer)))
            case .failure(let error): continuation.finish(throwing: unreachable(error))
            }
        }
        channel.writeAndFlush(Outgoing.begin(exchange), promise: nil)
        return stream
    }

    func close() { pool.close() }

    /// One exchange, whatever its status. Throws `ServiceError.unreachable`, after `patience` when the request may be sent again.
    func send(
        _ method: HTTPMethod, _ path: String, token: String?, headers: [(String, String)], body: ByteBuffer
    ) async throws -> HTTPAnswer {
        let head = head(method, path, token: token, headers: headers, length: body.readableBytes)
        let repeatable = method == .GET || headers.contains { $0.0 == "Idempotency-Key" }
        let end = ContinuousClock.now + patience
        while repeatable, ContinuousClock.now < end {
            do {
                let answer = try await exchange(head, body, repeatable)
                if !Self.isForLater(answer) { return answer }
            } catch ServiceError.unreachable {
                // Whether it had its effect is not known, and need not be: it is the same request again.
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return try await exchange(head, body, repeatable)
    }

    /// What is no outcome: the service cannot now, is at it already, or another instance wrote first.
    private static func isForLater(_ answer: HTTPAnswer) -> Bool {
        guard answer.status == 409 else { return answer.status == 503 }
        return ["REQUEST_IN_PROGRESS", "CONCURRENCY_CONFLICT"].contains(Problem(answer).code ?? "")
    }

    private func exchange(_ head: HTTPRequestHead, _ body: ByteBuffer, _ repeatable: Bool) async throws -> HTTPAnswer {
        var attempt = 0
        while true {
            attempt += 1
            do {
                let (channel, reused) = try await pool.take()
                defer { pool.putBack(channel) }
                let answer = channel.eventLoop.makePromise(of: HTTPAnswer.self)
                channel.writeAndFlush(
                    Outgoing.begin(Exchange(head: head, body: body, answer: answer, pieces: nil, quietLimit: quiet))
                )
                .cascadeFailure(to: answer)
                do {
                    return try await answer.futureResult.get()
                } catch let error as ConnectionError where error == .closedBeforeAnswer && reused && repeatable && attempt < 4 {
                    continue
                } catch is ChannelError where reused && repeatable && attempt < 4 {
                    continue
                } catch let error as ConnectionError where error == .timedOut {
                    pool.leaveAlone(channel)
                    throw error
                }
            } catch {
                throw unreachable(error)
            }
        }
    }

    private func head(
        _ method: HTTPMethod, _ path: String, token: String?, headers: [(String, String)], length: Int?
    ) -> HTTPRequestHead {
        var fields = HTTPHeaders()
        fields.add(name: "Host", value: base.port == 80 ? base.host : "\(base.host):\(base.port)")
        if !headers.contains(where: { $0.0 == "Accept" }) {
            fields.add(name: "Accept", value: "application/json, application/problem+json")
        }
        fields.add(name: "Accept-Language", value: Language.current == .chinese ? "zh-CN" : "en")
        fields.add(name: "User-Agent", value: "careloop")
        if let token { fields.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { fields.add(name: name, value: value) }
        if let length, length > 0 || method != .GET { fields.add(name: "Content-Length", value: String(length)) }
        return HTTPRequestHead(version: .http1_1, method: method, uri: base.prefix + path, headers: fields)
    }

    private func expectSuccess(_ answer: HTTPAnswer) throws -> HTTPAnswer {
        guard (200..<300).contains(answer.status) else { throw ServiceError.refused(service: name, Problem(answer)) }
        return answer
    }

    private func decode<Value: Decodable>(_ answer: HTTPAnswer) throws -> Value { try Self.decode(answer, from: name) }

    static func decode<Value: Decodable>(_ answer: HTTPAnswer, from service: String) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(answer.bytes))
        } catch {
            throw ServiceError.misunderstood(service: service, "\(error)")
        }
    }

    private struct Page<Item: Decodable>: Decodable {
        var items: [Item]
        var next: String?
    }

    /// Every item of a paged list.
    func all<Item: Decodable>(_ path: String, token: String?, as type: Item.Type = Item.self) async throws -> [Item] {
        var items: [Item] = []
        var after: String?
        repeat {
            let cursor = after.map { "&after=\($0)" } ?? ""
            let page: Page<Item> = try await get(path + (path.contains("?") ? "&" : "?") + "limit=500" + cursor, token: token)
            items += page.items
            after = page.next
        } while after != nil
        return items
    }
}

/// Where a service listens, from `http://host:port/prefix`.
struct BaseAddress: Hashable, Sendable, CustomStringConvertible {
    var host: String
    var port: Int
    var prefix = ""

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Nil when the text is no http address.
    init?(_ text: String) {
        guard let parts = URLComponents(string: text.contains("://") ? text : "http://\(text)"), parts.scheme == "http",
            let host = parts.host
        else { return nil }
        self.init(host: host, port: parts.port ?? 80)
        prefix = parts.path.hasSuffix("/") ? String(parts.path.dropLast()) : parts.path
    }

    var description: String { "http://\(host):\(port)\(prefix)" }
}
