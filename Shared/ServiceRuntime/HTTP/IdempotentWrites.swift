import Crypto
import Persistence
import Synchronization

/// Runs writes so that the same one asked twice happens once: the first outcome is kept in the write's own transaction and repeated.
///
/// Scope is principal and route; what tells a repeat from another request is a hash of path, query and body. A refusal is an outcome and
/// is kept, in a transaction of its own after the refused one was rolled back; a crash in between loses only an answer nobody heard. A
/// transient failure is never kept.
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
            return hash.prefix(16).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
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

    static func hash(_ request: EndpointRequest, _ body: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array(request.path.utf8) + [0])
        for (name, value) in request.query.sorted(by: { $0.key < $1.key }) { hash.update(data: Array("\(name)=\(value)".utf8) + [0]) }
        hash.update(data: body)
        return Array(hash.finalize())
    }

    /// The kept outcome of `key`, or nil. Throws 422 when it belongs to another body.
    func outcome(_ key: Key, bodyHash: [UInt8]) throws -> Reply? {
        try engine.database.read { tx in try Self.outcome(key, bodyHash, tx) }
    }

    private static func outcome(_ key: Key, _ bodyHash: [UInt8], _ tx: any Transaction) throws -> Reply? {
        guard let kept = try IdempotencyKeys.outcome(principal: key.principal, route: key.route, key: key.key, in: tx) else { return nil }
        guard kept.bodyHash == bodyHash else { throw Problem("IDEMPOTENCY_KEY_REUSED", status: 422, field: "Idempotency-Key") }
        return Reply(
            status: kept.status, contentType: kept.contentType, body: kept.body, headers: [("Idempotent-Replayed", "true")])
    }

    /// Keeps `reply` in the transaction of `tx`. False when another instance has kept one already.
    func keep(_ reply: Reply, _ key: Key, bodyHash: [UInt8], in tx: any Transaction) throws -> Bool {
        guard reply.body.count <= Self.maximumReplyBytes else { return true }
        return try IdempotencyKeys.keep(
            IdempotencyKeys.Outcome(bodyHash: bodyHash, status: reply.status, contentType: reply.contentType, body: reply.body),
            principal: key.principal, route: key.route, key: key.key, nowMs: engine.clock.elapsed.wallMilliseconds, in: tx)
    }

    /// Keeps a refusal, whose own transaction was rolled back; the outcome another instance kept meanwhile stands.
    func keep(refusal reply: Reply, _ key: Key, bodyHash: [UInt8]) throws -> Reply {
        try engine.database.write { tx in
            try keep(reply, key, bodyHash: bodyHash, in: tx) ? reply : try Self.outcome(key, bodyHash, tx) ?? reply
        }
    }
}

/// Another instance kept an outcome for the key between the look and the write.
struct OutcomeExists: Error {}
