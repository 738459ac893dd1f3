import NIOCore
import NIOHTTP1

/// A whole answer of a service.
struct HTTPAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: ByteBuffer

    var bytes: [UInt8] { Array(body.readableBytesView) }
    var text: String { String(buffer: body) }
}

/// One request on a connection and the promise of its answer.
struct Exchange: Sendable {
    var head: HTTPRequestHead
    /// Nil when the body follows in pieces.
    var body: ByteBuffer?
    var answer: EventLoopPromise<HTTPAnswer>
    /// When set, the body of a successful answer goes here piece by piece and the answer's own body stays empty.
    var pieces: (@Sendable (ByteBuffer) -> Void)?
    /// No byte arriving for this long fails the exchange; nil waits for ever.
    var quietLimit: TimeAmount?
}

/// What is written to a connection of this client.
enum Outgoing: Sendable {
    case begin(Exchange)
    case piece(ByteBuffer)
    case end
}

/// Keeps the one exchange of a connection: writes it as HTTP/1.1, collects what comes back, fails it when the connection dies.
///
/// Runs on its channel's event loop only.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Outgoing
    typealias OutboundOut = HTTPClientRequestPart

    private var current: Exchange?
    private var answer: HTTPAnswer?
    private var keepsAlive = true
    private var lastHeard = NIODeadline.now()
    private var watch: Scheduled<Void>?

    /// Larger answers than this are refused: nothing a person asks for here is bigger.
    private static let largestAnswer = 256 << 20

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .begin(let exchange):
            current = exchange
            answer = nil
            heard(context)
            watchQuiet(context)
            guard let body = exchange.body else {
                context.writeAndFlush(wrapOutboundOut(.head(exchange.head)), promise: promise)
                return
            }
            context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
            if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
        case .piece(let bytes):
            heard(context)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: promise)
        case .end:
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        heard(context)
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.status.code >= 200 else { return }
            keepsAlive = head.isKeepAlive
            answer = HTTPAnswer(status: Int(head.status.code), headers: head.headers, body: ByteBuffer())
        case .body(var bytes):
            if let pieces = current?.pieces, answer?.status == 200 {
                pieces(bytes)
            } else {
                answer?.body.writeBuffer(&bytes)
                if let size = answer?.body.readableBytes, size > Self.largestAnswer { fail(context, .answerTooLarge) }
            }
        case .end:
            watch?.cancel()
            guard let exchange = current, let answer else { return }
            current = nil
            self.answer = nil
            // Closed before the answer is told, so that nobody puts a dying connection back as a live one.
            if !keepsAlive { context.close(promise: nil) }
            exchange.answer.succeed(answer)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, answer == nil ? .closedBeforeAnswer : .closedInAnswer)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context, .broken("\(error)"))
    }

    private func fail(_ context: ChannelHandlerContext, _ error: ConnectionError) {
        watch?.cancel()
        let exchange = current
        current = nil
        answer = nil
        context.close(promise: nil)
        exchange?.answer.fail(error)
    }

    private func heard(_ context: ChannelHandlerContext) { lastHeard = .now() }

    // One timer per connection, moved on when it fires rather than with every byte.
    private func watchQuiet(_ context: ChannelHandlerContext) {
        watch?.cancel()
        guard let limit = current?.quietLimit else { return }
        scheduleWatch(context, limit, at: lastHeard + limit)
    }

    private func scheduleWatch(_ context: ChannelHandlerContext, _ limit: TimeAmount, at deadline: NIODeadline) {
        watch = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            guard self.current != nil else { return }
            if .now() - self.lastHeard >= limit {
                self.fail(context, .timedOut)
            } else {
                self.scheduleWatch(context, limit, at: self.lastHeard + limit)
            }
        }
    }
}

/// Why an exchange had no answer. The request may have had its effect in every case but `refused`.
enum ConnectionError: Error, Hashable, CustomStringConvertible {
    case refused(String)
    case closedBeforeAnswer
    case closedInAnswer
    case timedOut
    case answerTooLarge
    case broken(String)

    var description: String {
        switch self {
        case .refused(let reason): "cannot connect: \(reason)"
        case .closedBeforeAnswer: "the connection closed before an answer came"
        case .closedInAnswer: "the connection closed in the middle of an answer"
        case .timedOut: "no answer in time"
        case .answerTooLarge: "the answer is too large"
        case .broken(let reason): "the connection broke: \(reason)"
        }
    }
}
