import Foundation
import Hummingbird
import NIOCore
import Persistence
import Vocabulary

/// What a stream endpoint works with. Its transactions run on threads that may block, never on the cooperative pool.
public struct StreamContext: Sendable {
    let engine: Engine
    let cause: Cause
    /// The request's body as it arrives.
    public let body: UploadBody
    /// Rung after every commit of this service.
    public let changes: ChangeSignal

    /// One consistent read.
    public func read<Result: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Result) async throws -> Result {
        try await engine.database.read(async: body)
    }

    /// One write transaction of this request. `part` counts the transactions of one request from 0, so that each has ids of its own; a
    /// request sent again with the same `Idempotency-Key` gives the same ones. Throws 503 when the outbox is at its cap.
    public func write<Result: Sendable>(
        part: Int, channel: String? = nil, _ body: @escaping @Sendable (UnitOfWork) throws -> Result
    ) async throws -> Result {
        guard engine.hasRoom else { throw Problem.outboxFull }
        var cause = self.cause
        cause.id = "\(cause.id).\(part)"
        if let channel { cause.channel = channel }
        return try await engine.perform(async: cause, body)
    }
}

/// The bytes of a request's body in the order they come, at most as many as the endpoint takes; beyond that it throws 413.
/// Reading it slowly slows the sender down. One reader at a time; a second pass goes on where the first stopped.
public struct UploadBody: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    let reader: Reader
    /// Bytes this endpoint takes.
    public let limit: Int

    init(_ reader: Reader, limit: Int) {
        self.reader = reader
        self.limit = limit
    }

    /// A body that is already here, for tests.
    public init(bytes: [UInt8], limit: Int = Endpoint.defaultBodyLimit) {
        self.init(Reader(RequestBody(buffer: ByteBuffer(bytes: bytes))), limit: limit)
    }

    /// A body that comes in these pieces, for tests.
    init(parts: [[UInt8]], limit: Int = Endpoint.defaultBodyLimit) {
        let pieces = AsyncStream<ByteBuffer> { continuation in
            for part in parts { continuation.yield(ByteBuffer(bytes: part)) }
            continuation.finish()
        }
        self.init(Reader(RequestBody(asyncSequence: pieces)), limit: limit)
    }

    /// The one iterator a request's body has: Hummingbird traps when asked for a second one, and reading past the end waits for the next
    /// request. Sendable because the request's one task reads, the endpoint first and the server, which discards the rest, after it.
    final class Reader: @unchecked Sendable {
        private let body: RequestBody
        private var iterator: RequestBody.AsyncIterator?
        private var hasEnded = false
        private(set) var count = 0
        /// Called before the first part is waited for, once.
        private var firstRead: (@Sendable () -> Void)?

        init(_ body: RequestBody, firstRead: (@Sendable () -> Void)? = nil) {
            self.body = body
            self.firstRead = firstRead
        }

        func next() async throws -> ByteBuffer? {
            guard !hasEnded else { return nil }
            firstRead?()
            firstRead = nil
            var iterator = self.iterator ?? body.makeAsyncIterator()
            do {
                let part = try await iterator.next()
                self.iterator = iterator
                if let part { count += part.readableBytes } else { hasEnded = true }
                return part
            } catch {
                hasEnded = true
                throw BrokenBody(underlying: error)
            }
        }

        /// Reads the rest without keeping it, up to a bound: a client that sends all before it reads would otherwise wait for us while we,
        /// about to close, wait for it.
        func discardRest() async {
            // A sender that is gone or sends more than the bound is closed on, which is what comes next anyway.
            while count < HTTPLimits.discardedBytes, (try? await next()) != nil {}
        }
    }

    /// Reads the parts one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let reader: Reader
        let limit: Int

        public mutating func next() async throws -> [UInt8]? {
            guard let part = try await reader.next() else { return nil }
            guard reader.count <= limit else { throw Problem("BODY_TOO_LARGE", status: 413) }
            return Array(part.readableBytesView)
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: reader, limit: limit) }

    /// The whole body in memory.
    public func collect() async throws -> [UInt8] {
        var all: [UInt8] = []
        for try await part in self { all += part }
        return all
    }

    /// The whole body as one JSON value, checked as strictly as a command's.
    public func json<Body: Decodable>(_ type: Body.Type) async throws -> Body { try BodyDecoder.decode(type, from: try await collect()) }
}

/// The connection failed while a body was read; there is nobody left to answer.
struct BrokenBody: Error {
    let underlying: any Error
}

/// What a stream endpoint answers.
public struct StreamReply: Sendable {
    enum Kind: Sendable {
        case whole(Reply)
        case bytes(contentType: String, @Sendable (inout BodyWriter) async throws -> Void)
        case events(heartbeat: Duration, start: String?, @Sendable (String?) async throws -> [ServerSentEvent])
    }

    let kind: Kind

    public static func reply(_ reply: Reply) -> StreamReply { StreamReply(kind: .whole(reply)) }

    /// `value` as JSON.
    public static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> StreamReply {
        .reply(.json(value, status: status))
    }

    /// A body written piece by piece; the receiver's speed holds the writer back.
    public static func bytes(
        contentType: String, _ write: @escaping @Sendable (inout BodyWriter) async throws -> Void
    ) -> StreamReply { StreamReply(kind: .bytes(contentType: contentType, write)) }

    /// Server-sent events until the client leaves or the service stops.
    ///
    /// `next` is asked for what comes after an event id (the last one sent; at first `start`, the request's `Last-Event-ID`) and may wait,
    /// for instance with `ChangeSignal.changed(since:)`, until there is something. When nothing comes for `heartbeat`, its wait is cancelled,
    /// a comment is sent and it is asked again with the same id; so it must keep no state of its own.
    public static func events(
        after start: String?, heartbeat: Duration = .seconds(15),
        next: @escaping @Sendable (_ after: String?) async throws -> [ServerSentEvent]
    ) -> StreamReply { StreamReply(kind: .events(heartbeat: heartbeat, start: start, next)) }
}

/// Writes a response's body.
public struct BodyWriter {
    var writer: any ResponseBodyWriter

    public mutating func write(_ bytes: [UInt8]) async throws { try await writer.write(ByteBuffer(bytes: bytes)) }
    public mutating func write(_ text: String) async throws { try await writer.write(ByteBuffer(string: text)) }
}

/// One server-sent event (WHATWG HTML, 9.2).
public struct ServerSentEvent: Sendable {
    /// Where a client that reconnects goes on; nil leaves its place as it was.
    public let id: String?
    /// Type; nil is `message`.
    public let event: String?
    public let data: String

    public init(id: String?, event: String? = nil, data: String) {
        self.id = id
        self.event = event
        self.data = data
    }

    /// An event whose data is `value` as JSON.
    public init(id: String?, event: String? = nil, json value: some Encodable) {
        self.init(id: id, event: event, data: Reply.json(value).text)
    }

    /// As it stands on the wire. Line breaks in data become further data lines; in id and type they are dropped.
    var wire: String {
        func line(_ text: String) -> String { String(text.unicodeScalars.filter { $0 != "\n" && $0 != "\r" && $0 != "\0" }) }
        var out = ""
        if let id { out += "id: \(line(id))\n" }
        if let event { out += "event: \(line(event))\n" }
        for part in data.replacingOccurrences(of: "\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false) {
            out += "data: \(part.replacingOccurrences(of: "\r", with: ""))\n"
        }
        return out + "\n"
    }
}
