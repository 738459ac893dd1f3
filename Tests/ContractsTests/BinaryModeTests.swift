import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import Contracts

/// Binary mode: headers any Kafka client can read.
struct BinaryModeTests {
    static func bytes(_ headers: [(name: String, value: String)]) -> [(name: String, value: [UInt8])] {
        headers.map { ($0.name, Array($0.value.utf8)) }
    }

    @Test func `headers are the CloudEvents Kafka binding's`() {
        let headers = Dictionary(uniqueKeysWithValues: BinaryMode.headers(EnvelopeTests.meta).map { ($0.name, $0.value) })
        #expect(
            headers == [
                "content-type": "application/protobuf", "ce_specversion": "1.0", "ce_id": "00112233445566778899aabbccddeeff",
                "ce_source": "/screening", "ce_type": "careloop.screening.referral-issued.v1", "ce_time": "2024-03-05T10:00:00.123+08:00",
                "ce_subject": "referral-9", "ce_dataschema": "careloop.screening.referral-issued.v1",
                "ce_sequence": "0001-0000000000000000042", "ce_recordedtime": "2024-03-05T10:00:05.000+08:00", "ce_correlationid": "c0",
                "ce_causationid": "c1", "ce_traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "ce_policyversion": "sd-2024-1", "ce_actororganisation": "dpf-3701", "ce_actorrole": "clerk", "ce_actoruser": "u-17",
                "ce_onbehalfof": "guardian", "ce_channel": "WINDOW", "ce_legalbasis": "STATUTORY", "ce_dataclass": "internal",
            ])
        #expect(headers.keys.allSatisfy { $0 == "content-type" || $0.dropFirst(3).allSatisfy { $0.isLowercase || $0.isNumber } })
    }

    @Test func `headers read back as the same event, whatever it says`() throws {
        #expect(try Envelope.meta(headers: Self.bytes(BinaryMode.headers(EnvelopeTests.meta))) == EnvelopeTests.meta)
        var random = Seeded("binary mode")
        for _ in 0..<1000 {
            let meta = EnvelopeTests.random(&random)
            try #require(try Envelope.meta(headers: Self.bytes(BinaryMode.headers(meta))) == meta)
        }
    }

    @Test func `the sequence is read alone, names in any case, the last one counts`() {
        let headers = Self.bytes(BinaryMode.headers(EnvelopeTests.meta))
        #expect(BinaryMode.sequence(headers) == EventSequence(epoch: 1, number: 42))
        #expect(BinaryMode.sequence([]) == nil)
        #expect(BinaryMode.header("ce_id", [("CE_ID", Array("x".utf8)), ("ce_id", Array("y".utf8))]) == "y")
    }

    @Test func `bad headers are named`() {
        var headers = Self.bytes(BinaryMode.headers(EnvelopeTests.meta))
        #expect(throws: EnvelopeError.missing(attribute: "channel")) {
            _ = try Envelope.meta(headers: headers.filter { $0.name != "ce_channel" })
        }
        headers.append(("ce_time", Array("soon".utf8)))
        #expect(throws: EnvelopeError.invalid(attribute: "time")) { _ = try Envelope.meta(headers: headers) }
        headers.append(("ce_source", [0xC3, 0x28]))
        headers.removeAll { $0.name == "ce_time" }
        #expect(throws: EnvelopeError.invalid(attribute: "source")) { _ = try Envelope.meta(headers: headers) }
    }

    @Test func `RFC 3339 is read as written by anybody`() {
        let table: [(String, Int64?)] = [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T08:00:00+08:00", 0), ("1970-01-01t00:00:00.5z", 500),
            ("1969-12-31T19:00:00.250-05:00", 250),
            ("2024-02-29T12:30:15.123456789Z", 1_709_209_815_123), ("0001-01-01T00:00:00Z", -62_135_596_800_000),
            ("2023-02-29T00:00:00Z", nil), ("2024-01-01T24:00:00Z", nil), ("2024-01-01T00:60:00Z", nil), ("2024-01-01T00:00:60Z", nil),
            ("2024-01-01 00:00:00Z", nil), ("2024-01-01T00:00:00", nil), ("2024-01-01T00:00:00.Z", nil), ("2024-01-01T00:00:00+8:00", nil),
            ("9999-12-31T23:59:59Z", nil), ("2024-01-01T00:00:00+08:00x", nil), ("", nil), ("2024-01-01T00:00:00.1234567890Z", nil),
        ]
        for (text, expected) in table { #expect(Instant(rfc3339: text)?.milliseconds == expected, "\(text)") }
        var random = Seeded("instants")
        for _ in 0..<2000 {
            let instant = Instant(milliseconds: Int64.random(in: -62_135_596_800_000...253_402_271_999_999, using: &random))
            #expect(Instant(rfc3339: instant.text) == instant)
        }
    }
}
