import Contracts
import Messaging
import Persistence
import Vocabulary

/// Headers as one blob, for the outbox, held records and dead letters: count, then length and bytes of each name and value.
enum WireHeaders {
    static func encode(_ headers: [LogHeader]) -> [UInt8] {
        var bytes: [UInt8] = []
        func put(_ part: some Collection<UInt8>) {
            withUnsafeBytes(of: UInt32(part.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: part)
        }
        for header in headers {
            put(header.name.utf8)
            put(header.value)
        }
        return bytes
    }

    static func decode(_ bytes: [UInt8]) -> [LogHeader] {
        var headers: [LogHeader] = []
        var index = 0
        func take() -> ArraySlice<UInt8> {
            let size = Int(bytes[index]) | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2]) << 16 | Int(bytes[index + 3]) << 24
            index += 4 + size
            return bytes[(index - size)..<index]
        }
        while index < bytes.count {
            let name = String(decoding: take(), as: UTF8.self)
            headers.append(LogHeader(name: name, value: Array(take())))
        }
        return headers
    }
}

/// An event as it lies on the log: internal topics in structured mode with one header, partner and published topics in binary mode.
public enum WireRecord {
    private static let structured = WireHeaders.encode([LogHeader(name: "content-type", text: Envelope.contentType)])

    static func encode(_ meta: EventMeta, data: [UInt8], for topic: Topic) -> (headers: [UInt8], body: [UInt8]) {
        if topic.isBinary {
            return (WireHeaders.encode(BinaryMode.headers(meta).map { LogHeader(name: $0.name, text: $0.value) }), data)
        }
        return (structured, Envelope.encode(meta, data: data))
    }

    /// Marks a row whose body lies sealed in the journal; never goes on the wire.
    private static let sealedWith = "careloop-sealed-with"

    /// The same record for the journal, its body under today's short-lived key.
    static func sealed(_ wire: (headers: [UInt8], body: [UInt8]), _ sealing: ShortLivedKeys) throws -> (headers: [UInt8], body: [UInt8]) {
        let sealed = try sealing.seal(wire.body)
        return (wire.headers + WireHeaders.encode([LogHeader(name: sealedWith, text: sealed.key)]), sealed.bytes)
    }

    /// True when the row's key was deleted because its days are over: nobody anywhere can read it any more. A key that is only missing here
    /// may be found again.
    static func hasOutlivedKey(_ row: Outbox.Row, _ sealing: ShortLivedKeys?) -> Bool {
        guard let sealing, let key = WireHeaders.decode(row.headers).last, key.name == sealedWith else { return false }
        return key.text < sealing.oldestKept
    }

    /// What is left of an event that is gone: its number.
    static func gone(
        _ sequence: EventSequence, topic: String, partition: Int32, recorded: Instant
    ) -> (headers: [UInt8], body: [UInt8]) {
        guard let plan = Catalogue.topic(for: topic) else { preconditionFailure("\(topic) is one of this service's topics") }
        return encode(EventGone.meta(sequence, topic: topic, partition: partition, recorded: recorded), data: [], for: plan)
    }

    /// A journal row's headers and body as they go on the wire: opened where they lie sealed, and with the number where it was given late.
    /// The same row gives the same bytes every time. Throws `ShortLivedKeys.Unreadable` when the journal has outlived the key.
    package static func onWire(
        _ row: Outbox.Row, topic: String, _ sealing: ShortLivedKeys?
    ) throws -> (headers: [LogHeader], body: [UInt8]?) {
        var (headers, body) = try opened(headers: row.headers, body: row.body, sealing)
        guard let sequence = row.late else { return (headers, body) }
        if Catalogue.topic(for: topic)?.isBinary == true {
            for index in headers.indices where headers[index].name == "ce_sequence" { headers[index].value = Array(sequence.text.utf8) }
        } else if let unnumbered = body {
            body = try Envelope.numbered(unnumbered, sequence)
        }
        return (headers, body)
    }

    private static func opened(
        headers: [UInt8], body: [UInt8]?, _ sealing: ShortLivedKeys?
    ) throws -> (headers: [LogHeader], body: [UInt8]?) {
        let headers = WireHeaders.decode(headers)
        guard let key = headers.last, key.name == sealedWith, let body else { return (headers, body) }
        guard let sealing else { throw ShortLivedKeys.Unreadable() }
        return (Array(headers.dropLast()), try sealing.open(ShortLivedKeys.Sealed(key: key.text, bytes: body)))
    }

    /// Reads a record of an internal topic.
    static func decodeFact(_ body: ArraySlice<UInt8>) throws(EnvelopeError) -> (EventMeta, [UInt8]) {
        let (meta, data) = try Envelope.decode(body)
        return (meta, data)
    }

    /// Reads an outbox row of any topic.
    package static func decode(
        topic: String, row: Outbox.Row, sealing: ShortLivedKeys? = nil
    ) throws -> (meta: EventMeta, data: [UInt8]) {
        let (headers, body) = try onWire(row, topic: topic, sealing)
        guard let plan = Catalogue.topic(for: topic), plan.isBinary else {
            return try Envelope.decode(body ?? [])
        }
        let pairs = headers.map { (name: $0.name, value: $0.value) }
        let meta = try Envelope.meta(headers: pairs)
        return (meta, body ?? [])
    }

    /// The number of a record of ours on any topic; nil when it has none.
    static func sequence(of record: LogRecord) -> EventSequence? {
        guard let plan = Catalogue.topic(for: record.topic) else { return nil }
        if plan.isBinary { return BinaryMode.sequence(record.headers.map { (name: $0.name, value: $0.value) }) }
        guard let body = record.value else { return nil }
        return Envelope.peek(body)?.sequence
    }

    /// A numbered fact as its owner would write it; for tests that play the owner.
    package static func fact<Event: ContractEvent>(
        _ event: Event, epoch: Int = 1, number: Int64, partition: Int32, cause: String, source: String, actor: Actor, recorded: Instant
    ) -> OutgoingRecord {
        let meta = EventMeta(
            id: EventID.derive(cause: cause, handler: source, ordinal: 1, type: Event.type), source: "/\(source)", type: Event.type,
            time: recorded, subject: event.key, sequence: EventSequence(epoch: epoch, number: number), recorded: recorded,
            correlation: cause,
            causation: cause,
            actor: ActorStamp(organisation: actor.organisation?.text, role: actor.role.rawValue, user: actor.user), channel: "WINDOW",
            legalBasis: "STATUTORY")
        return OutgoingRecord(
            topic: Event.topic, partition: partition, key: Array(event.key.utf8), value: Envelope.encode(meta, data: event.protobuf()),
            headers: [LogHeader(name: "content-type", text: Envelope.contentType)], timestamp: recorded)
    }
}

extension Topic {
    /// Topics that others than our services read are written in binary mode.
    var isBinary: Bool { isPartner || dataClass == .public }

    /// True where readers apply number by number, so that none may be missing. What others read they read as it comes, and what is compacted
    /// by key: there numbers only tell repeats.
    var isCounted: Bool { !compacted && !isBinary }

    /// What the log is asked for.
    package func plan(named name: String) -> TopicPlan {
        TopicPlan(
            name: name, partitions: partitions, compacted: compacted, retentionMs: retentionDays.map { Int64($0) * 86_400_000 },
            maxMessageBytes: maxMessageBytes, isStampedOnArrival: isWrittenByPartner)
    }
}
