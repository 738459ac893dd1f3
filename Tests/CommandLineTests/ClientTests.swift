import ArgumentParser
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import CareLoopTool

/// A server that answers by a script: the n-th request gets what `answer` says.
final class ScriptedServer: Sendable {
    struct Answer: Sendable {
        var status = 200
        var body = "{}"
        var headers: [(String, String)] = []
        /// Closes the connection instead of answering.
        var hangsUp = false
        /// Neither answers nor closes.
        var isSilent = false
    }

    let requests = Mutex<[(head: HTTPRequestHead, body: String)]>([])
    let connections = Mutex(0)
    private let channel: Mutex<(any Channel)?> = Mutex(nil)
    private let answer: @Sendable (Int, HTTPRequestHead) -> Answer

    init(_ answer: @escaping @Sendable (Int, HTTPRequestHead) -> Answer) async throws {
        self.answer = answer
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                self.connections.withLock { $0 += 1 }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.channel.withLock { $0 = channel }
    }

    var port: Int { channel.withLock { $0?.localAddress?.port } ?? 0 }
    var client: HTTPClient { HTTPClient(name: "test", base: BaseAddress(host: "127.0.0.1", port: port), connections: 2) }

    var address: String { "http://127.0.0.1:\(channel.withLock { $0?.localAddress?.port } ?? 0)" }

    func stop() async throws { try await channel.withLock { $0 }?.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let server: ScriptedServer
        private var head: HTTPRequestHead?
        private var body = ""

        init(_ server: ScriptedServer) { self.server = server }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body(let bytes): body += String(buffer: bytes)
            case .end:
                guard let head else { return }
                let number = server.requests.withLock { requests in
                    requests.append((head, body))
                    return requests.count
                }
                body = ""
                let answer = server.answer(number, head)
                guard !answer.hangsUp else { return context.close(promise: nil) }
                guard !answer.isSilent else { return }
                var headers = HTTPHeaders(answer.headers)
                headers.add(name: "Content-Length", value: String(answer.body.utf8.count))
                context.write(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: answer.status), headers: headers))),
                    promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}

@Suite struct ClientTests {
    /// Longer than any machine keeps a test waiting for a thread: patience is what a client gives up after, never what is tested here.
    private let ample = Duration.seconds(600)

    @Test func `requests one after the other use one connection`() async throws {
        let server = try await ScriptedServer { _, _ in .init() }
        let client = server.client
        for _ in 0..<5 { _ = try await client.get("/x") }
        #expect(server.connections.withLock { $0 } == 1)
        client.close()
        try await server.stop()
    }

    @Test func `more requests than connections wait for one, and none is lost`() async throws {
        let server = try await ScriptedServer { _, _ in .init() }
        let client = server.client
        try await together(Array(0..<50), limit: 20) { number in _ = try await client.get("/\(number)") }
        #expect(server.requests.withLock { $0.count } == 50)
        #expect(server.connections.withLock { $0 } <= 2)
        client.close()
        try await server.stop()
    }

    @Test func `token, idempotency key and language go with a request`() async throws {
        let server = try await ScriptedServer { _, _ in .init(status: 201) }
        let client = server.client
        try await client.post("/things", ["a": 1], token: "t", key: "k")
        let (head, body) = try #require(server.requests.withLock { $0.first })
        #expect(head.headers.first(name: "Authorization") == "Bearer t")
        #expect(head.headers.first(name: "Idempotency-Key") == "k")
        #expect(head.headers.first(name: "Content-Type") == "application/json")
        #expect(body == "{\"a\":1}")
        client.close()
        try await server.stop()
    }

    @Test func `a problem document becomes an error with its code`() async throws {
        let server = try await ScriptedServer { _, _ in
            .init(status: 409, body: #"{"status":409,"code":"FOUR_EYES","title":"second person","field":"user"}"#)
        }
        let client = server.client
        let error = await #expect(throws: ServiceError.self) { try await client.post("/x", ["a": 1], token: nil) }
        #expect(error?.code == "FOUR_EYES")
        #expect(error?.status == 409)
        client.close()
        try await server.stop()
    }

    @Test func `an answer that is no problem document still says its status`() async throws {
        let server = try await ScriptedServer { _, _ in .init(status: 502, body: "bad gateway") }
        let client = server.client
        let error = await #expect(throws: ServiceError.self) { _ = try await client.get("/x") }
        #expect(error?.status == 502)
        client.close()
        try await server.stop()
    }

    @Test func `a request with a key is sent again when its kept connection dies, one without is not`() async throws {
        let server = try await ScriptedServer { number, _ in .init(hangsUp: number % 2 == 0) }
        let client = server.client
        _ = try await client.get("/first")
        try await client.post("/second", ["a": 1], token: nil, key: "k")
        #expect(server.requests.withLock { $0.map(\.head.uri) } == ["/first", "/second", "/second"])
        await #expect(throws: ServiceError.self) { try await client.post("/third", ["a": 1], token: nil) }
        client.close()
        try await server.stop()
    }

    @Test func `of several instances one that is gone and one that is silent keep nobody from an answer`() async throws {
        let gone = try await ScriptedServer { _, _ in .init() }
        let silent = try await ScriptedServer { _, _ in .init(isSilent: true) }
        let good = try await ScriptedServer { _, _ in .init() }
        let ports = [gone.port, silent.port, good.port]
        try await gone.stop()
        let client = HTTPClient(
            name: "test", base: BaseAddress(host: "127.0.0.1", port: gone.port), connections: 4, patience: ample,
            quiet: .milliseconds(200), ports: { ports })
        try await together(Array(0..<40)) { number in _ = try await client.post("/\(number)", ["a": 1], token: nil, key: "k\(number)") }
        #expect(Set(good.requests.withLock { $0.map(\.head.uri) }) == Set((0..<40).map { "/\($0)" }))
        // Whoever was silent once is not asked again at once: in turns it would have been a third of forty.
        #expect(silent.requests.withLock { $0.count } < 10)
        client.close()
        try await silent.stop()
        try await good.stop()
    }

    @Test func `what another instance is at or wrote first is asked again, any other conflict is an outcome`() async throws {
        let codes = ["REQUEST_IN_PROGRESS", "CONCURRENCY_CONFLICT", "FOUR_EYES"]
        let server = try await ScriptedServer { number, _ in
            .init(status: 409, body: #"{"status":409,"code":"\#(codes[min(number, 3) - 1])","title":""}"#)
        }
        let port = server.port
        let client = HTTPClient(name: "test", base: BaseAddress(host: "127.0.0.1", port: port), patience: ample)
        let error = await #expect(throws: ServiceError.self) { try await client.post("/x", ["a": 1], token: nil, key: "k") }
        #expect(error?.code == "FOUR_EYES")
        #expect(server.requests.withLock { $0.count } == 3)
        client.close()
        try await server.stop()
    }

    @Test func `nobody listening is an error that names the service`() async throws {
        let server = try await ScriptedServer { _, _ in .init() }
        let client = server.client
        try await server.stop()
        let error = await #expect(throws: ServiceError.self) { _ = try await client.get("/x") }
        #expect("\(try #require(error))".contains("test"))
    }

    @Test func `an upload that nobody listens for, or that breaks, is an error that names the service`() async throws {
        let server = try await ScriptedServer { _, _ in .init(hangsUp: true) }
        let client = server.client
        let pieces = AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            continuation.yield(ByteBuffer(string: "one"))
            continuation.finish()
        }
        await #expect(throws: ServiceError.self) {
            _ = try await client.upload("/up", token: nil, headers: [], pieces: pieces)
        }
        try await server.stop()
        let error = await #expect(throws: ServiceError.self) {
            _ = try await client.upload("/up", token: nil, headers: [], pieces: pieces)
        }
        #expect("\(try #require(error))".contains("test: cannot connect"))
        let exit = await #expect(throws: ExitCode.self) {
            try await explained { _ = try await client.upload("/up", token: nil, headers: [], pieces: pieces) }
        }
        #expect(exit == .unreachable)
    }

    @Test func `an upload in pieces arrives whole`() async throws {
        let server = try await ScriptedServer { _, _ in .init(body: "{\"ok\":true}") }
        let client = server.client
        let pieces = AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            for number in 0..<20 { continuation.yield(ByteBuffer(string: "piece \(number);")) }
            continuation.finish()
        }
        let answer = try await client.upload("/up", token: "t", headers: [("Content-Type", "text/csv")], pieces: pieces)
        #expect(answer.text == "{\"ok\":true}")
        let body = try #require(server.requests.withLock { $0.first?.body })
        #expect(body == (0..<20).map { "piece \($0);" }.joined())
        client.close()
        try await server.stop()
    }

    @Test func `pages are followed to the last`() async throws {
        let server = try await ScriptedServer { _, head in
            head.uri.contains("after=c") ? .init(body: #"{"items":[3]}"#) : .init(body: #"{"items":[1,2],"next":"c"}"#)
        }
        let client = server.client
        let items: [Int] = try await client.all("/list?x=1", token: nil)
        #expect(items == [1, 2, 3])
        client.close()
        try await server.stop()
    }

    @Test func `server-sent events survive any cut`() {
        let text = "id: 7\nevent: figure\ndata: one\ndata: two\n\n: heartbeat\n\ndata: three\r\n\r\n"
        for size in 1...text.utf8.count {
            var reader = ServerSentEventReader()
            var events: [ServerSentEvent] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                events += reader.read(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            #expect(
                events == [
                    ServerSentEvent(id: "7", event: "figure", data: "one\ntwo"), ServerSentEvent(id: "7", event: "message", data: "three"),
                ])
        }
    }

    @Test func `an address is a host, a port and a prefix`() {
        #expect(BaseAddress("http://localhost:8080/a/")?.description == "http://localhost:8080/a")
        #expect(BaseAddress("10.0.0.1:99")?.port == 99)
        #expect(BaseAddress("https://x") == nil)
    }
}
