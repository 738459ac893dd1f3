import Contracts
import Messaging
import Persistence
import Vocabulary

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One event of a service's journal: its envelope, never what it says. Answer of `GET /trace/{id}`.
public struct TraceEntry: Codable, Hashable, Sendable {
    /// Elapsed time of the transaction that said it.
    public let at: String
    public let type: String
    public let topic: String
    public let partition: Int
    /// Its number in the stream; what readers have applied is told by the same number.
    public let number: Int64
    public let key: String
    public let event: String
    public let causation: String
    public let correlation: String
    public let trace: String?
    /// Business time.
    public let recorded: String
    public let channel: String
    public let organisation: String?
    public let role: String
}

/// How far a service has applied one partition of a topic it reads. Answer of `GET /positions`.
public struct AppliedPosition: Codable, Sendable {
    public let topic: String
    public let partition: Int
    public let number: Int64
}

/// One case's way through this service, from its journal: what was said, when, because of what. Shows envelopes, never what events say.
enum TraceEndpoints {
    /// Journal rows that one request looks through.
    static let rows = 20_000
    /// Bytes of them in memory at a time.
    static let bytes = 32 << 20

    static func all(_ engine: Engine) -> [Endpoint] {
        [
            .query(
                .get, "/trace/{id}", roles: [.operator, .auditor],
                summary: "提到该编号的事件，不含其内容 / Events that name an id, without what they say: of a subject, a correlation or a trace",
                query: .page, returns: PageOf<TraceEntry>.self
            ) { request, tx in
                let id = request.path("id")
                guard (4...64).contains(id.utf8.count), id.utf8.allSatisfy({ (33...126).contains($0) }) else { throw Problem.notFound }
                return try entries(id, try request.page, engine.definition.sealing, tx)
            },
            .query(
                .get, "/positions", roles: [.operator, .auditor], summary: "已读到的编号 / How far each topic has been applied",
                query: .page, returns: PageOf<AppliedPosition>.self
            ) { request, tx in
                let page = try request.page
                let all = try Positions.all(in: tx).map {
                    AppliedPosition(topic: $0.topic, partition: Int($0.partition), number: $0.position.lastNumber)
                }.sorted { place($0) < place($1) }
                return .page(Array(all.drop { place($0) <= page.after ?? "" }.prefix(page.fetchLimit)), page, cursor: place)
            },
        ]
    }

    private static func place(_ position: AppliedPosition) -> String {
        let digits = String(position.partition)
        return "\(position.topic)/\(String(repeating: "0", count: max(0, 6 - digits.utf8.count)))\(digits)"
    }

    /// Looks through the journal from where the page begins. A page may be short, or empty, with more behind it.
    private static func entries(_ id: String, _ page: Page, _ sealing: ShortLivedKeys?, _ tx: any Transaction) throws -> Reply {
        let topics = Dictionary(uniqueKeysWithValues: try Outbox.streams(in: tx).map { ($0.id, ($0.topic, Int($0.partition))) })
        let needle = Array(id.utf8)
        let isMinted = isMinted(id)
        var found: [TraceEntry] = []
        var last = page.after.flatMap { Int64($0) } ?? 0
        var looked = 0
        while looked < rows, found.count < page.limit {
            let part = try Outbox.rows(after: last, limit: min(2_000, rows - looked), bytes: bytes, in: tx)
            guard !part.isEmpty else { return .json(PageOf<TraceEntry>(items: found, next: nil)) }
            for row in part {
                last = row.id
                looked += 1
                guard let (topic, partition) = topics[row.stream], names(row, id, needle),
                    let entry = entry(row, topic, partition, sealing), isMinted || entry.names(id)
                else { continue }
                found.append(entry)
                if found.count == page.limit { break }
            }
        }
        return .json(PageOf(items: found, next: Page.encode(String(last))))
    }

    /// An id that CareLoop made has a part of 32 hexadecimal digits. Nothing else is looked for in what events say, or whoever may ask could find
    /// the children of a birth month.
    private static func isMinted(_ id: String) -> Bool {
        id.utf8.split(separator: UInt8(ascii: "-")).contains { part in
            part.count == 32 && part.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        }
    }

    private static func names(_ row: Outbox.Row, _ id: String, _ needle: [UInt8]) -> Bool {
        row.key == id || row.body.map { contains($0, needle) } ?? false || contains(row.headers, needle)
    }

    private static func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { hay in
            needle.withUnsafeBytes { needle in
                guard var at = hay.baseAddress, let wanted = needle.baseAddress, let first = needle.first else { return false }
                let end = at + hay.count
                while end - at >= needle.count {
                    guard let hit = memchr(at, Int32(first), end - at - needle.count + 1) else { return false }
                    if memcmp(hit, wanted, needle.count) == 0 { return true }
                    at = UnsafeRawPointer(hit) + 1
                }
                return false
            }
        }
    }

    /// Nil for a row that can no longer be read: its key is as short-lived as its topic.
    private static func entry(_ row: Outbox.Row, _ topic: String, _ partition: Int, _ sealing: ShortLivedKeys?) -> TraceEntry? {
        // Which of the reasons it was is the relay's to say, not a reader's.
        guard let meta = try? WireRecord.decode(topic: topic, row: row, sealing: sealing).meta else { return nil }
        return TraceEntry(
            at: Instant(milliseconds: row.recordedMs).text, type: meta.type, topic: topic, partition: partition, number: row.number,
            key: row.key, event: meta.id, causation: meta.causation, correlation: meta.correlation,
            trace: meta.traceparent.map(TraceContext.id), recorded: meta.recorded.text, channel: meta.channel,
            organisation: meta.actor.organisation, role: meta.actor.role)
    }
}

extension TraceEntry {
    /// Whether the envelope itself names it.
    fileprivate func names(_ id: String) -> Bool { [key, event, causation, correlation].contains(id) || trace == id }
}
