import Contracts
import Messaging
import Persistence

/// One event as it stands on the log, every number once.
struct Fact {
    let topic: String
    let partition: Int32
    let number: Int64
    let meta: EventMeta
    let data: [UInt8]
}

/// What the log holds in the end, held against the journals of those who wrote it and the positions of those who read it.
struct Wire {
    private struct Told: Equatable {
        let value: [UInt8]?
        let key: [UInt8]
    }

    private(set) var facts: [Fact] = []
    private let world: World

    init(_ world: World) throws {
        self.world = world
        var ids: [String: String] = [:]
        for topic in try world.log.topics().keys.sorted() {
            guard let plan = Catalogue.topic(for: topic), plan.producer != "partner" else { continue }
            var places: [Int32: [LogRecord]] = [:]
            for record in world.log.records(topic) { places[record.partition, default: []].append(record) }
            for (partition, records) in places.sorted(by: { $0.key < $1.key }) {
                facts += try Self.facts(records, "\(topic)/\(partition)", &ids)
            }
        }
    }

    /// The events of one partition in the order of their numbers. A number means one event, and an event has one number.
    private static func facts(_ records: [LogRecord], _ place: String, _ ids: inout [String: String]) throws -> [Fact] {
        var told: [Int64: Told] = [:]
        var facts: [Fact] = []
        var applicable: Int64 = 0
        for record in records {
            let sequence = try sequence(of: record)
            let bytes = Told(value: record.value, key: record.key)
            if let known = told[sequence] {
                guard known == bytes else { throw Broken("\(place) says two things under number \(sequence)") }
            } else {
                told[sequence] = bytes
                let (meta, data) = try decode(record)
                let identity = "\(record.topic) \(meta.id)"
                if let other = ids[identity] { throw Broken("\(meta.type) \(meta.id) was said twice: \(other) and \(place)#\(sequence)") }
                ids[identity] = "\(place)#\(sequence)"
                facts.append(Fact(topic: record.topic, partition: record.partition, number: sequence, meta: meta, data: data))
            }
            if sequence == applicable + 1 { applicable = sequence }
        }
        facts.sort { $0.number < $1.number }
        guard facts.map(\.number) == (0..<facts.count).map({ Int64($0) + 1 }) else {
            throw Broken("\(place) holds the numbers \(facts.map(\.number)): some are missing")
        }
        guard applicable == Int64(facts.count) else { throw Broken("\(place) can be applied up to \(applicable) of \(facts.count) only") }
        return facts
    }

    private static func decode(_ record: LogRecord) throws -> (meta: EventMeta, data: [UInt8]) {
        let pairs = record.headers.map { (name: $0.name, value: $0.value) }
        if record.header("ce_id") != nil { return (try Envelope.meta(headers: pairs), record.value ?? []) }
        return try Envelope.decode(record.value ?? [])
    }

    private static func sequence(of record: LogRecord) throws -> Int64 {
        guard let number = number(record.value ?? [], record.headers) else { throw Broken("a record of \(record.topic) has no number") }
        return number
    }

    /// The number in `0001-0000000000000000042`, from the header or the envelope.
    static func number(_ value: [UInt8], _ headers: [LogHeader]) -> Int64? {
        if let header = headers.first(where: { $0.name == "ce_sequence" }) {
            return header.text.split(separator: "-").last.flatMap { Int64($0) }
        }
        return Envelope.peek(value)?.sequence?.number
    }

    // MARK: Journals and positions

    func check() throws {
        var last: [TopicPartition: Int64] = [:]
        for fact in facts { last[TopicPartition(topic: fact.topic, partition: fact.partition)] = fact.number }
        for service in ServiceName.allCases { try checkJournal(of: service, last) }
        for service in ServiceName.allCases { try checkPositions(of: service, last) }
        for (topic, ends) in world.sentAgain { try checkSentAgain(topic, ends) }
    }

    private func checkJournal(of service: ServiceName, _ last: [TopicPartition: Int64]) throws {
        let streams = try world.look(at: service, Self.streams) {
            (
                place: TopicPartition(topic: $0.text(0), partition: Int32($0.int(1))), next: $0.int(2), acknowledged: $0.int(3),
                rows: $0.int(4)
            )
        }
        for stream in streams {
            guard stream.rows == stream.next - 1 else {
                throw Broken("the journal of \(stream.place) has \(stream.rows) rows, its next number is \(stream.next)")
            }
            guard stream.acknowledged == stream.next - 1 else {
                throw Broken("\(stream.place) is acknowledged up to \(stream.acknowledged) of \(stream.next - 1)")
            }
            guard last[stream.place] ?? 0 == stream.next - 1 else {
                throw Broken("\(stream.place) holds \(last[stream.place] ?? 0) on the log, its journal \(stream.next - 1)")
            }
        }
        let known = Set(streams.map(\.place))
        for (place, _) in last where Catalogue.topic(for: place.topic)?.producer == service.rawValue && !known.contains(place) {
            throw Broken("\(place) is on the log and in nobody's journal")
        }
    }

    /// What an operator had sent again came again, all of it.
    private func checkSentAgain(_ topic: String, _ ends: [TopicPartition: Int64]) throws {
        var before: [Int32: Set<Int64>] = [:]
        var behind: [Int32: Set<Int64>] = [:]
        for record in world.log.records(topic) {
            guard let number = Self.number(record.value ?? [], record.headers) else { continue }
            if record.offset < ends[record.topicPartition] ?? 0 {
                before[record.partition, default: []].insert(number)
            } else {
                behind[record.partition, default: []].insert(number)
            }
        }
        for (partition, numbers) in before {
            let missing = numbers.subtracting(behind[partition] ?? [])
            guard missing.isEmpty else { throw Broken("\(topic)/\(partition) was to be sent again, and \(missing.sorted()) were not") }
        }
    }

    private func checkPositions(of service: ServiceName, _ last: [TopicPartition: Int64]) throws {
        var positions: [TopicPartition: (offset: Int64, number: Int64)] = [:]
        for row in try world.look(at: service, Self.positions, { ($0.text(0), Int32($0.int(1)), $0.int(2), $0.int(3)) }) {
            positions[TopicPartition(topic: row.0, partition: row.1)] = (row.2, row.3)
        }
        let read = try world.log.topics().keys.filter { Catalogue.topic(for: $0)?.consumers.contains(service.rawValue) == true }
        let places = try world.log.ends(read.sorted()).filter { $0.value > 0 }.map(\.key)
        // The offset behind the last record that is there: a log that loses records keeps their offsets.
        for (place, record) in try world.log.lastRecords(places) {
            let end = record.offset + 1
            guard let offset = positions[place]?.offset, offset >= end else {
                throw Broken("\(service.rawValue) stands at \(positions[place]?.offset ?? 0) of \(end) in \(place)")
            }
            guard let number = last[place] else { continue }
            guard positions[place]?.number == number else {
                throw Broken("\(service.rawValue) has applied \(positions[place]?.number ?? 0) of \(number) of \(place)")
            }
        }
        for (what, sql) in Self.leftovers {
            let count = try world.look(at: service, sql) { $0.int(0) }[0]
            guard count == 0 else { throw Broken("\(service.rawValue) is left with \(count) \(what)") }
        }
        let overdue = try world.look(at: service, Self.due) { "\($0.text(0)) \($0.text(1)) \($0.text(2))" }
            .filter { $0.suffix(10) < world.today.text }
        guard overdue.isEmpty else { throw Broken("\(service.rawValue) never fired \(overdue)") }
    }

    private static let streams = SQL(
        """
        SELECT s.topic, s.partition_no, s.next_number, s.acknowledged, (SELECT count(DISTINCT number) FROM outbox o WHERE o.stream = s.id)
        FROM streams s ORDER BY s.topic, s.partition_no
        """)
    private static let positions = SQL("SELECT topic, partition_no, next_offset, last_number FROM positions")
    private static let due = SQL("SELECT kind, subject, due FROM deadlines")
    private static let leftovers = [
        ("rows without a number", SQL("SELECT count(*) FROM outbox_new")), ("open gaps", SQL("SELECT count(*) FROM gaps")),
        ("held records", SQL("SELECT count(*) FROM held")),
        (
            "rows to send",
            SQL("SELECT count(*) FROM outbox WHERE id > (SELECT sent_through FROM relay WHERE one = 1)")
        ),
    ]
}
