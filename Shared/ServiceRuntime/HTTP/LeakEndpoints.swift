import Contracts
import Persistence
import Vocabulary

/// What a topic's records say about one person: how many, when, and which fields. Answer of `GET /leaks/{topic}`.
public struct Affected: Codable, Hashable, Sendable {
    /// Pseudonym; missing where the records name nobody whom this service can tell.
    public var person: String?
    /// What records that name no person are about: their key, a referral's or an institution's; empty where even that lies sealed for ever.
    public var key: String?
    public var records: Int
    /// Of the records, those that lay sealed on the topic itself: no use to whoever has no key of this service.
    public var sealed: Int
    /// Of the records, those whose key was deleted: they can be read by nobody any more, here or elsewhere.
    public var unreadable: Int
    /// Of the records, those that are not what their type says: every field of it is named, since nobody can tell which they hold.
    public var assumed: Int
    /// Wall clock of the first and of the last record.
    public var first: String
    public var last: String
    public var types: Set<String>
    /// By their names in JSON, with a dot before what lies inside.
    public var fields: Set<String>

    /// What tells one of a list from another: the person, or what the records are about behind a blank, with which no id begins.
    public var place: String { person ?? " \(key ?? "")" }

    /// Both together.
    public mutating func merge(_ other: Affected) {
        records += other.records
        sealed += other.sealed
        unreadable += other.unreadable
        assumed += other.assumed
        first = min(first, other.first)
        last = max(last, other.last)
        types.formUnion(other.types)
        fields.formUnion(other.fields)
    }
}

/// From a topic that somebody has got hold of to the people in it (个人信息泄露评估): whom its records are about, as pseudonyms, and which fields
/// they hold, never what stands in them. Each service answers for the topics it writes, its dead letters among them.
enum LeakEndpoints {
    /// Rows of the journal that one request looks through, and bytes of them in memory at a time.
    static let rows = 2_000
    static let bytes = 32 << 20
    /// Dead letters that one request looks through: each may be as large as a record may.
    static let letters = 32

    static func all(_ engine: Engine) -> [Endpoint] {
        [
            .query(
                .get, "/leaks/{topic}", roles: [.operator, .auditor],
                summary: "某主题的记录涉及的人员（代号）和字段，供泄露评估 / Whom a topic's records are about and which fields they hold, after a leak",
                query: .page + ["from", "to"], returns: PageOf<Affected>.self
            ) { request, tx in
                let topic = request.path("topic")
                let period = try instant(request, "from", or: .min)...instant(request, "to", or: .max)
                let page = try request.page
                var people = Gathered(engine, period, tx)
                let next: Int64?
                if topic == DeadLettered.topic(of: engine.name) {
                    next = try letters(after: page.after, &people, tx)
                } else {
                    guard let plan = Catalogue.topic(for: topic), plan.producer == engine.name else { throw Problem.notFound }
                    next = try journal(topic, plan, after: page.after, &people, engine, tx)
                }
                return .json(PageOf(items: people.items, next: next.map { Page.encode(String($0)) }))
            }
        ]
    }

    private static func instant(_ request: EndpointRequest, _ name: String, or absent: Int64) throws(Problem) -> Int64 {
        guard let text = request.query(name) else { return absent }
        guard let instant = Instant(rfc3339: text) else {
            throw Problem("VALUE_NOT_ALLOWED", status: 422, field: name, rule: "2026-11-21T08:00:00Z")
        }
        return instant.milliseconds
    }

    /// Replayed ones too: they stood on the topic all the same. Gives where the next page begins.
    private static func letters(after: String?, _ people: inout Gathered, _ tx: any Transaction) throws -> Int64? {
        let letters = try DeadLetters.list(after: after.flatMap { Int64($0) } ?? 0, limit: Self.letters, all: true, in: tx)
        for letter in letters { try people.add(letter) }
        return letters.count < Self.letters ? nil : letters.last?.record.id
    }

    private static func journal(
        _ topic: String, _ plan: Topic, after: String?, _ people: inout Gathered, _ engine: Engine, _ tx: any Transaction
    ) throws -> Int64? {
        let streams = Set(try Outbox.streams(in: tx).filter { $0.topic == topic }.map(\.id))
        let part = try rows(after: after.flatMap { Int64($0) } ?? 0, engine, tx)
        for row in part where streams.contains(row.stream) { people.add(row, topic, plan) }
        return part.last?.id
    }

    /// The journal's next rows, those that lie in archive files first: a file at a time.
    private static func rows(after id: Int64, _ engine: Engine, _ tx: any Transaction) throws -> [Outbox.Row] {
        guard let archived = try Archives.next(after: id, in: tx) else {
            return try Outbox.rows(after: id, limit: rows, bytes: bytes, in: tx)
        }
        guard let folder = engine.archiveFolder else { throw Problem("ARCHIVE_UNREADABLE", status: 503) }
        do { return try JournalArchive(folder: folder).rows(of: archived).filter { $0.id > id } } catch is JournalArchive.Damaged {
            throw Problem("ARCHIVE_UNREADABLE", status: 503, rule: archived.file)
        }
    }

    /// People found so far.
    private struct Gathered {
        private let engine: Engine
        private let period: ClosedRange<Int64>
        private let tx: any Transaction
        private var found: [String: Affected] = [:]

        init(_ engine: Engine, _ period: ClosedRange<Int64>, _ tx: any Transaction) {
            self.engine = engine
            self.period = period
            self.tx = tx
        }

        var items: [Affected] { found.sorted { $0.key < $1.key }.map(\.value) }

        mutating func add(_ letter: DeadLetters.Letter) throws {
            guard period.contains(letter.recordedMs) else { return }
            let plan = Catalogue.topic(for: letter.record.topic)
            let isSealed = letter.record.sealedWith != nil
            let record: StoredRecord
            do { record = try SealedRecords.opened(letter.record, engine.definition.sealing) } catch is ShortLivedKeys.Unreadable {
                return put([], key: "", letter.recordedMs, Content(types: Set(plan?.types ?? [])), isSealed: true, isUnreadable: true)
            }
            let body = record.body ?? []
            var persons = PersonMentions.find(in: body).union(PersonMentions.find(in: Array(record.key.utf8)))
            if plan?.isPartner == true { persons.formUnion(try engine.definition.identified?(body, tx) ?? []) }
            put(persons, key: record.key, letter.recordedMs, Content(of: record, plan), isSealed: isSealed)
        }

        mutating func add(_ row: Outbox.Row, _ topic: String, _ plan: Topic) {
            guard period.contains(row.recordedMs) else { return }
            // Which of the reasons it was is the relay's to say, not a reader's.
            guard let (meta, data) = try? WireRecord.decode(topic: topic, row: row, sealing: engine.definition.sealing) else {
                return put(
                    PersonMentions.find(in: Array(row.key.utf8)), key: row.key, row.recordedMs, Content(types: Set(plan.types)),
                    isSealed: false,
                    isUnreadable: true)
            }
            let persons = PersonMentions.find(in: data).union(PersonMentions.find(in: Array(row.key.utf8)))
            put(persons, key: row.key, row.recordedMs, Content(type: meta.type, data), isSealed: false)
        }

        private mutating func put(
            _ persons: Set<String>, key: String, _ at: Int64, _ content: Content, isSealed: Bool, isUnreadable: Bool = false
        ) {
            let at = Instant(milliseconds: at).text
            for person in persons.isEmpty ? [nil] : persons.map({ Optional($0) }) {
                let one = Affected(
                    person: person, key: person == nil ? key : nil, records: 1, sealed: isSealed ? 1 : 0, unreadable: isUnreadable ? 1 : 0,
                    assumed: content.isAssumed ? 1 : 0, first: at, last: at, types: content.types, fields: content.fields)
                if found[one.place]?.merge(one) == nil { found[one.place] = one }
            }
        }
    }

    /// Which fields a record holds.
    private struct Content {
        var types: Set<String>
        var fields: Set<String> = []
        var isAssumed = false

        init(types: Set<String>) {
            self.types = types
            isAssumed = true
            fields = types.reduce(into: []) { $0.formUnion(Catalogue.rawFields(of: $1)) }
        }

        init(type: String, _ data: [UInt8]) {
            guard let json = Self.json(type, data) else {
                self.init(types: [type])
                return
            }
            self.init(types: [type], fields: Self.paths(json, ""))
        }

        private init(types: Set<String>, fields: Set<String>) {
            self.types = types
            self.fields = fields
        }

        /// Of a record as its topic had it.
        init(of record: StoredRecord, _ plan: Topic?) {
            // What cannot be decoded is why it became a letter.
            if let plan, !plan.isPartner, let (meta, data) = try? WireRecord.decodeFact(record.body?[...] ?? []) {
                self.init(type: meta.type, data)
            } else {
                self.init(types: Set(plan?.types ?? []))
            }
        }

        private static func json(_ type: String, _ data: [UInt8]) -> JSONValue? {
            // What is not what its type says is told as such, see `isAssumed`.
            guard let event = Catalogue.event(for: type), let read = try? event.init(protobuf: data) else { return nil }
            return try? JSONParser.parse(Array(read.json().utf8))
        }

        private static func paths(_ value: JSONValue, _ path: String) -> Set<String> {
            switch value {
            case .object(let members):
                members.reduce(into: []) { $0.formUnion(paths($1.1, path.isEmpty ? $1.0 : "\(path).\($1.0)")) }
            case .array(let items): items.reduce(into: []) { $0.formUnion(paths($1, path)) }
            default: [path]
            }
        }
    }
}
