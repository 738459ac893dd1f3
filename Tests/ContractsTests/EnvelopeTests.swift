import Contracts
import Foundation
import SwiftProtobuf
import TestSupport
import Testing
import Vocabulary

@testable import Contracts

/// The hand-written envelope against swift-protobuf's reading of the CloudEvents schema, in both directions.
struct EnvelopeTests {
    typealias CloudEvent = Io_Cloudevents_V1_CloudEvent
    typealias Value = Io_Cloudevents_V1_CloudEvent.CloudEventAttributeValue

    static let meta = EventMeta(
        id: "00112233445566778899aabbccddeeff", source: "/screening", type: "careloop.screening.referral-issued.v1",
        time: Instant(milliseconds: 1_709_604_000_123), subject: "referral-9", sequence: EventSequence(epoch: 1, number: 42),
        recorded: Instant(milliseconds: 1_709_604_005_000), correlation: "c0", causation: "c1",
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", policyVersion: "sd-2024-1",
        actor: ActorStamp(organisation: "dpf-3701", role: "clerk", user: "u-17"), onBehalfOf: "guardian", channel: "WINDOW",
        legalBasis: "STATUTORY", dataClass: "internal", dataSchema: "careloop.screening.referral-issued.v1")

    /// The same event as the generated message, member by member.
    static func oracle(_ meta: EventMeta, _ data: [UInt8]) -> CloudEvent {
        func text(_ text: String) -> Value { Value.with { $0.ceString = text } }
        func stamp(_ instant: Instant) -> Value {
            Value.with { value in
                value.ceTimestamp = Google_Protobuf_Timestamp.with {
                    $0.seconds = Int64((Double(instant.milliseconds) / 1000).rounded(.down))
                    $0.nanos = Int32(instant.milliseconds - $0.seconds * 1000) * 1_000_000
                }
            }
        }
        return CloudEvent.with {
            $0.id = meta.id
            $0.source = meta.source
            $0.specVersion = "1.0"
            $0.type = meta.type
            $0.attributes["time"] = stamp(meta.time)
            $0.attributes["recordedtime"] = stamp(meta.recorded)
            $0.attributes["dataschema"] = meta.dataSchema.map { uri in Value.with { $0.ceUri = uri } }
            for (name, value) in [
                ("subject", meta.subject), ("sequence", meta.sequence.map { String(format: "%04ld-%019ld", $0.epoch, $0.number) }),
                ("datacontenttype", meta.contentType), ("correlationid", meta.correlation), ("causationid", meta.causation),
                ("traceparent", meta.traceparent), ("policyversion", meta.policyVersion), ("actororganisation", meta.actor.organisation),
                ("actorrole", meta.actor.role), ("actoruser", meta.actor.user), ("onbehalfof", meta.onBehalfOf), ("channel", meta.channel),
                ("legalbasis", meta.legalBasis), ("dataclass", meta.dataClass),
            ] {
                $0.attributes[name] = value.map(text)
            }
            $0.binaryData = Data(data)
        }
    }

    static func random(_ random: inout Seeded) -> EventMeta {
        func maybe(_ text: String, _ random: inout Seeded) -> String? { Bool.random(using: &random) ? text : nil }
        func instant(_ random: inout Seeded) -> Instant {
            Instant(milliseconds: Int64.random(in: -62_135_596_800_000...253_402_271_999_999, using: &random))
        }
        return EventMeta(
            id: "i" + random.text(), source: "/" + random.text(upTo: 200), type: "t" + random.text(), time: instant(&random),
            subject: maybe(random.text(), &random),
            sequence: Bool.random(using: &random)
                ? EventSequence(
                    epoch: Int.random(in: 0...Int(Int32.max), using: &random), number: Int64.random(in: 0...Int64.max, using: &random))
                : nil, recorded: instant(&random), correlation: random.text(), causation: random.text(),
            traceparent: maybe(random.text(), &random), policyVersion: maybe(random.text(upTo: 300), &random),
            actor: ActorStamp(organisation: maybe(random.text(), &random), role: random.text(), user: random.text()),
            onBehalfOf: maybe(random.text(), &random), channel: random.text(), legalBasis: random.text(), dataClass: random.text(),
            contentType: random.text(), dataSchema: maybe(random.text(), &random))
    }

    @Test func `what we write, swift-protobuf reads as the same event`() throws {
        #expect(try CloudEvent(serializedBytes: Envelope.encode(Self.meta, data: [1, 2, 3])) == Self.oracle(Self.meta, [1, 2, 3]))
        var random = Seeded("envelope, written")
        for _ in 0..<2000 {
            let meta = Self.random(&random)
            let data = random.bytes(upTo: 300)
            let read = try CloudEvent(serializedBytes: Envelope.encode(meta, data: data))
            try #require(read == Self.oracle(meta, data), "\(meta)")
            try #require(read.unknownFields.data.isEmpty)
        }
    }

    @Test func `what swift-protobuf writes, we read as the same event`() throws {
        var random = Seeded("envelope, read")
        for _ in 0..<2000 {
            let meta = Self.random(&random)
            let data = random.bytes(upTo: 300)
            let (read, bytes) = try Envelope.decode(try Self.oracle(meta, data).serializedBytes())
            try #require(read == meta)
            try #require(bytes == data)
        }
    }

    @Test func `encoding the same event twice gives the same bytes`() {
        #expect(Envelope.encode(Self.meta, data: [9]) == Envelope.encode(Self.meta, data: [9]))
    }

    @Test func `data as text or as an Any is data all the same`() throws {
        var event = Self.oracle(Self.meta, [])
        event.textData = #"{"a":1}"#
        #expect(try Envelope.decode(try event.serializedBytes()).data == Array(#"{"a":1}"#.utf8))
        event.protoData = Google_Protobuf_Any.with {
            $0.typeURL = "type.googleapis.com/careloop.v1.ReferralIssued"
            $0.value = Data([7, 8, 9])
        }
        #expect(try Envelope.decode(try event.serializedBytes()).data == [7, 8, 9])
        event.data = nil
        #expect(try Envelope.decode(try event.serializedBytes()).data == [])
    }

    @Test func `attributes and fields of later versions are passed over`() throws {
        var event = Self.oracle(Self.meta, [5])
        event.attributes["later"] = Value.with { $0.ceInteger = 7 }
        event.attributes["longattributename"] = Value.with { $0.ceBytes = Data([1]) }
        let bytes: [UInt8] = try event.serializedBytes() + [0xF8, 0x7C, 0x07, 0x82, 0x7D, 0x02, 0x68, 0x69]
        #expect(try Envelope.decode(bytes).meta == Self.meta)
    }

    @Test func `each required attribute is missed by name`() throws {
        for name in [
            "time", "recordedtime", "correlationid", "causationid", "actorrole", "actoruser", "channel", "legalbasis", "dataclass",
        ] {
            var event = Self.oracle(Self.meta, [])
            event.attributes[name] = nil
            let bytes: [UInt8] = try event.serializedBytes()
            #expect(throws: EnvelopeError.missing(attribute: name)) { _ = try Envelope.decode(bytes) }
        }
        for (name, path) in [("id", \CloudEvent.id), ("source", \.source), ("type", \.type), ("specversion", \.specVersion)] {
            var event = Self.oracle(Self.meta, [])
            event[keyPath: path] = ""
            let bytes: [UInt8] = try event.serializedBytes()
            #expect(throws: EnvelopeError.missing(attribute: name)) { _ = try Envelope.decode(bytes) }
        }
    }

    @Test func `malformed attributes are named and other versions refused`() throws {
        func error(_ change: (inout CloudEvent) -> Void) throws -> EnvelopeError? {
            var event = Self.oracle(Self.meta, [])
            change(&event)
            let bytes: [UInt8] = try event.serializedBytes()
            do throws(EnvelopeError) { _ = try Envelope.decode(bytes) } catch { return error }
            return nil
        }
        #expect(try error { $0.specVersion = "0.3" } == .unsupportedVersion)
        #expect(try error { $0.attributes["sequence"] = Value.with { $0.ceString = "12" } } == .invalid(attribute: "sequence"))
        #expect(try error { $0.attributes["sequence"] = Value.with { $0.ceInteger = 12 } } == .invalid(attribute: "sequence"))
        #expect(try error { $0.attributes["channel"] = Value.with { $0.ceBoolean = true } } == .invalid(attribute: "channel"))
        #expect(try error { $0.attributes["time"] = Value.with { $0.ceTimestamp.seconds = 1 << 60 } } == .invalid(attribute: "time"))
        #expect(try error { $0.attributes["time"] = Value.with { $0.ceTimestamp.nanos = -1 } } == .invalid(attribute: "time"))
        #expect(try error { $0.attributes["time"] = Value.with { $0.ceString = "yesterday" } } == .invalid(attribute: "time"))
        #expect(try error { $0.attributes["time"] = Value.with { $0.ceString = "2024-03-05T02:00:00Z" } } == nil)
    }

    @Test func `a peek tells type and sequence, and nothing of what is no event`() {
        let peeked = Envelope.peek(Envelope.encode(Self.meta, data: [UInt8](repeating: 7, count: 5000)))
        #expect(peeked?.type == Self.meta.type)
        #expect(peeked?.sequence == Self.meta.sequence)
        #expect(Envelope.peek([]) == nil)
        #expect(Envelope.peek([0xFF, 0xFF]) == nil)
        var plain = Self.meta
        plain.sequence = nil
        #expect(Envelope.peek(Envelope.encode(plain, data: []))?.sequence == nil)
    }

    @Test func `a number given late makes the bytes that a number given at once makes`() throws {
        var late = Self.meta
        late.sequence = .unnumbered
        // Bytes in the data that look like the place are not taken for it.
        let data = Array(EventSequence.unnumbered.text.utf8)
        for sequence in [EventSequence(epoch: 1, number: 42), EventSequence(epoch: 9999, number: .max)] {
            var numbered = Self.meta
            numbered.sequence = sequence
            #expect(try Envelope.numbered(Envelope.encode(late, data: data), sequence) == Envelope.encode(numbered, data: data))
        }
        late.sequence = nil
        #expect(throws: EnvelopeError.invalid(attribute: "sequence")) {
            try Envelope.numbered(Envelope.encode(late, data: data), EventSequence(epoch: 1, number: 42))
        }
    }

    @Test func `sequences sort as text the way they sort as numbers`() {
        let sequences = [(0, 0), (1, 1), (1, 9), (1, 10), (1, Int64.max), (2, 1), (10, 1), (9999, 5)].map {
            EventSequence(epoch: $0.0, number: $0.1)
        }
        #expect(sequences == sequences.sorted())
        #expect(sequences.map(\.text) == sequences.map(\.text).sorted())
        #expect(sequences.allSatisfy { EventSequence($0.text) == $0 })
        #expect(EventSequence("1-42") == EventSequence(epoch: 1, number: 42))
        for text in ["", "-", "1", "1-", "-1", "1-2-3", "x-1", "1--1", "99999999999-1", "1-9223372036854775808", "1-99999999999999999999"] {
            #expect(EventSequence(text) == nil, "\(text)")
        }
    }
}
