import Contracts
import Crypto
import Persistence
import Synchronization

/// Runs writes so that the same one asked twice happens once: the first outcome is kept in the write's own transaction and repeated.
///
/// Scope is principal and route; what tells a repeat from another request is a digest of path, query and body. A refusal is an outcome and
/// is kept, in a transaction of its own after the refused one was rolled back; a crash in between loses only an answer nobody heard. A
/// transient failure is never kept. Kept answers are repeated for `CoreLimits.answersKept` and then deleted (`OldAnswers`).
///
/// A body may be hardly more than a number that has few possible values, so in a service whose bytes are sealed the digest is made with a
/// short-lived key that lies outside the store: from a copy of the store nobody finds the number by trying them all.
final class IdempotentWrites: Sendable {
    /// Of an answer that is larger nothing is kept: lists belong to queries.
    static let maximumReplyBytes = 256 << 10

    struct Key: Hashable, Sendable {
        let principal: String
        let route: String
        let key: String

        /// The id all events of this write derive from, however often it is asked.
        var causeID: String {
            let hash = SHA256.hash(data: Array("\(principal)\u{0}\(route)\u{0}\(key)".utf8))
            return Hex.text(Array(hash.prefix(16)))
        }
    }

    private let engine: Engine
    private let running = Mutex<Set<Key>>([])

    init(engine: Engine) { self.engine = engine }

    /// Claims the key for as long as a request runs. Throws 409 while another request of this key does.
    func claim(_ key: Key) throws(Problem) {
        guard running.withLock({ $0.insert(key).inserted }) else {
            throw Problem("REQUEST_IN_PROGRESS", status: 409, retryAfterSeconds: 1)
        }
    }

    func release(_ key: Key) { _ = running.withLock { $0.remove(key) } }

    /// What is asked, as bytes: path, query and body.
    static func asked(_ request: EndpointRequest, _ body: [UInt8]) -> [UInt8] {
        var asked = Array(request.path.utf8) + [0]
        for (name, value) in request.query.sorted(by: { $0.key < $1.key }) { asked += Array("\(name)=\(value)".utf8) + [0] }
        return asked + body
    }

    /// The kept outcome of `key`, or nil. Throws 422 when it belongs to another request.
    func outcome(_ key: Key, asked: [UInt8]) throws -> Reply? {
        try engine.database.read { tx in try outcome(key, asked, tx) }
    }

    private func outcome(_ key: Key, _ asked: [UInt8], _ tx: any Transaction) throws -> Reply? {
        let kept = try IdempotencyKeys.outcome(principal: key.principal, route: key.route, key: key.key, since: oldest, in: tx)
        guard let kept else { return nil }
        guard try isAnswer(kept, to: asked) else { throw Problem("IDEMPOTENCY_KEY_REUSED", status: 422, field: "Idempotency-Key") }
        return Reply(
            status: kept.status, contentType: kept.contentType, body: kept.body, headers: [("Idempotent-Replayed", "true")])
    }

    private func isAnswer(_ kept: IdempotencyKeys.Outcome, to asked: [UInt8]) throws -> Bool {
        guard let key = kept.hashedWith else { return kept.bodyHash == Array(SHA256.hash(data: asked)) }
        guard let sealing = engine.definition.sealing else { return false }
        do { return try sealing.digest(asked, under: key).bytes == kept.bodyHash } catch is ShortLivedKeys.Unreadable {
            // The key went before its answers, as when the machine's clock was set: not known to be the same request, so its answer is not
            // given away, and what it asks not done a second time.
            return false
        }
    }

    /// Keeps `reply` in the transaction of `tx`. False when another instance has kept one already.
    func keep(_ reply: Reply, _ key: Key, asked: [UInt8], in tx: any Transaction) throws -> Bool {
        guard reply.body.count <= Self.maximumReplyBytes else { return true }
        let digest = try engine.definition.sealing?.digest(asked)
        return try IdempotencyKeys.keep(
            IdempotencyKeys.Outcome(
                bodyHash: digest?.bytes ?? Array(SHA256.hash(data: asked)), hashedWith: digest?.key, status: reply.status,
                contentType: reply.contentType, body: reply.body),
            principal: key.principal, route: key.route, key: key.key, nowMs: engine.clock.elapsed.wallMilliseconds, since: oldest, in: tx)
    }

    /// Keeps a refusal, whose own transaction was rolled back; the outcome another instance kept meanwhile stands.
    func keep(refusal reply: Reply, _ key: Key, asked: [UInt8]) throws -> Reply {
        try engine.database.write { tx in
            try keep(reply, key, asked: asked, in: tx) ? reply : try outcome(key, asked, tx) ?? reply
        }
    }

    /// What was kept before this instant is not repeated any more.
    private var oldest: Int64 { OldAnswers.oldest(now: engine.clock.elapsed.wallMilliseconds) }
}

/// Another instance kept an outcome for the key between the look and the write.
struct OutcomeExists: Error {}
