import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import Contracts

/// Bytes nobody sane would send. A decoder refuses or accepts; it never traps, and what it accepts it can write and read again.
struct FuzzTests {
    /// Inputs a decoder; `CARELOOP_FUZZ` sets another number for a long run.
    static let rounds = Seeded.rounds

    @Test func `the envelope survives anything, and agrees with swift-protobuf on what it accepts`() throws {
        var random = Seeded("fuzz, envelope")
        let seeds = (0..<64).map { _ in Envelope.encode(EnvelopeTests.random(&random), data: random.bytes(upTo: 60)) }
        var accepted = 0
        for _ in 0..<Self.rounds {
            let bytes = random.damaged(seeds.randomElement(using: &random)!)
            _ = Envelope.peek(bytes)
            guard let (meta, data) = try? Envelope.decode(bytes) else { continue }
            accepted += 1
            let again = try Envelope.decode(Envelope.encode(meta, data: data))
            try #require(again.meta == meta && again.data == data)
            // We pass over attributes we do not know without checking their text; swift-protobuf refuses those bytes.
            guard let oracle = try? EnvelopeTests.CloudEvent(serializedBytes: bytes) else { continue }
            let content =
                switch oracle.data {
                case .binaryData(let bytes): Array(bytes)
                case .textData(let text): Array(text.utf8)
                case .protoData(let message): Array(message.value)
                case nil: [UInt8]()
                }
            try #require(oracle.id == meta.id && oracle.source == meta.source && oracle.type == meta.type && content == data)
        }
        #expect(accepted > 100, "damage so heavy that nothing was accepted tests little")
    }

    @Test func `binary mode's headers survive anything`() {
        var random = Seeded("fuzz, headers")
        for _ in 0..<Self.rounds {
            var headers = BinaryMode.headers(EnvelopeTests.meta).map { (name: $0.name, value: Array($0.value.utf8)) }
            let at = Int.random(in: 0..<headers.count, using: &random)
            headers[at].value = random.damaged(headers[at].value)
            if Bool.random(using: &random) { headers[at].name = "ce_" + random.text() }
            _ = try? Envelope.meta(headers: headers)
            _ = BinaryMode.sequence(headers)
        }
    }

    @Test func `ingress survives anything in every form it accepts`() throws {
        var random = Seeded("fuzz, ingress")
        var result = IngressTests.result
        result.organisation = "hb-1"
        let json = Array(result.json().utf8)
        let head = #"{"specversion":"1.0","id":"1","source":"hb-1","type":"\#(RawScreeningResult.type)","data":"#
        let structured = Array((head + result.json() + "}").utf8)
        let event = Io_Cloudevents_V1_CloudEvent.with {
            $0.id = "1"
            $0.source = "hb-1"
            $0.specVersion = "1.0"
            $0.type = RawScreeningResult.type
            $0.binaryData = Data(result.protobuf())
        }
        let forms: [(String, [UInt8])] = [
            ("application/protobuf", result.protobuf()), ("application/json", json), (Envelope.jsonContentType, structured),
            (Envelope.contentType, try event.serializedBytes()),
        ]
        for (type, seed) in forms {
            let headers = IngressTests.headers(("content-type", type))
            #expect(throws: Never.self) {
                _ = try Ingress.read(RawScreeningResult.self, value: seed, headers: headers, sender: IngressTests.sender)
            }
            for _ in 0..<Self.rounds {
                let bytes = random.damaged(seed)
                _ = try? Ingress.read(RawScreeningResult.self, value: bytes, headers: headers, sender: IngressTests.sender)
            }
        }
        var answer = RawReferralAnswer()
        answer.referral = "referral-9"
        answer.answer = "accept"
        for round in 0..<Self.rounds {
            let isJSON = round % 2 == 0
            let bytes = random.damaged(isJSON ? Array(answer.json().utf8) : answer.protobuf())
            let headers = isJSON ? [] : IngressTests.headers(("content-type", "application/protobuf"))
            _ = try? Ingress.read(RawReferralAnswer.self, value: bytes, headers: headers, sender: IngressTests.sender)
        }
    }

    @Test func `the JSON outline survives anything and never loses a member`() throws {
        var random = Seeded("fuzz, JSON outline")
        let seed = Array(#"{"a":{"b":[1,2,{"c":"}\"]"}]},"d":null,"e":"\\","f":-1.5e3}"#.utf8)
        let members = try #require(JSONOutline.members(of: seed, depth: 8))
        #expect(
            members.mapValues { String(decoding: $0, as: UTF8.self) } == [
                "a": #"{"b":[1,2,{"c":"}\"]"}]}"#, "d": "null", "e": #""\\""#, "f": "-1.5e3",
            ])
        #expect(JSONOutline.members(of: seed, depth: 1) == nil)
        for _ in 0..<Self.rounds {
            let bytes = random.damaged(seed)
            let outline = JSONOutline.members(of: bytes, depth: 8)
            _ = JSONOutline.isShallow(bytes, depth: 8)
            if let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any], let outline {
                try #require(Set(object.keys).count <= outline.count)
            }
        }
    }

    @Test func `event decoders survive anything, protobuf and JSON`() throws {
        var random = Seeded("fuzz, events")
        let seeds = Samples.all.map { (event: $0.event, protobuf: $0.event.protobuf(), json: Array($0.event.json().utf8)) }
        func attempt<Event: ContractEvent>(like _: Event, _ bytes: [UInt8], _ text: String) throws {
            if let event = try? Event(protobuf: bytes) { try #require("\(try Event(protobuf: event.protobuf()))" == "\(event)") }
            if let event = try? Event(json: text) { try #require("\(try Event(json: event.json()))" == "\(event)") }
        }
        for _ in 0..<Self.rounds {
            let seed = seeds.randomElement(using: &random)!
            try attempt(like: seed.event, random.damaged(seed.protobuf), String(decoding: random.damaged(seed.json), as: UTF8.self))
        }
    }
}
