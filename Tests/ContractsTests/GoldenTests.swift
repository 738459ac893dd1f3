import Contracts
import Foundation
import Testing

/// The bytes of every published event version, made once with protoc and Python, never with the code under test. Files are added to, never edited.
struct GoldenTests {
    struct Golden {
        var protobuf: [UInt8] = []
        var json = ""
    }

    /// Case name → golden, of one event type.
    static func golden(_ type: String) throws -> [String: Golden] {
        let url = try #require(Bundle.module.url(forResource: "Golden/\(type)", withExtension: "txt"), "no golden bytes of \(type)")
        var cases: [String: Golden] = [:]
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 2)
            try #require(parts.count == 3 || (parts.count == 2 && parts[1] == "protobuf"), "\(type): \(line)")
            let value = parts.count == 3 ? String(parts[2]) : ""
            if parts[1] == "json" {
                cases[String(parts[0]), default: Golden()].json = value
            } else {
                cases[String(parts[0]), default: Golden()].protobuf = bytes(hex: value)
            }
        }
        return cases
    }

    static func bytes(hex: String) -> [UInt8] {
        let digits = Array(hex.utf8).map { UInt8($0 < 58 ? $0 - 48 : $0 - 87) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    @Test func `every event type has a full and a least sample, and golden bytes of both`() throws {
        for type in Catalogue.eventTypes {
            #expect(Samples.all.filter { $0.type == type.type }.map(\.name) == ["full", "least"], "\(type)")
            #expect(Set(try Self.golden(type.type).keys).isSuperset(of: ["full", "least"]), "\(type)")
        }
    }

    @Test(arguments: Samples.all) func `an event encodes to its golden bytes and JSON`(sample: Sample) throws {
        let golden = try #require(try Self.golden(sample.type)[sample.name])
        #expect(sample.event.protobuf() == golden.protobuf)
        #expect(sample.event.json() == golden.json)
    }

    @Test(arguments: Samples.all) func `an event reads its golden bytes and JSON, and what it writes itself`(sample: Sample) throws {
        func check<Event: ContractEvent>(_ event: Event) throws {
            let golden = try #require(try Self.golden(sample.type)[sample.name])
            let expected = "\(event)"
            #expect("\(try Event(protobuf: golden.protobuf))" == expected)
            #expect("\(try Event(json: golden.json))" == expected)
            #expect("\(try Event(protobuf: event.protobuf()))" == expected)
            #expect("\(try Event(json: event.json()))" == expected)
            #expect(try Event(protobuf: golden.protobuf).key == event.key)
        }
        try check(sample.event)
    }

    @Test func `what was written before a field was added is read`() throws {
        var read = 0
        func check<Event: ContractEvent>(_ type: Event.Type) throws {
            for (_, golden) in try Self.golden(type.type).filter({ $0.key.hasPrefix("before") }) {
                #expect("\(try Event(protobuf: golden.protobuf))" == "\(try Event(json: golden.json))")
                #expect(try Event(protobuf: golden.protobuf).protobuf() == golden.protobuf)
                read += 1
            }
        }
        for type in Catalogue.eventTypes { try check(type) }
        #expect(read == 7)
    }

    @Test func `the full samples leave no field at its default`() throws {
        for sample in Samples.all where sample.name == "full" {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(sample.event.json().utf8)) as? [String: Any])
            let fields = Mirror(reflecting: sample.event).children.compactMap(\.label)
            // A partition of 0 is the most usual one.
            let unset = fields.count - object.count - (sample.event is DeadLettered ? 1 : 0)
            #expect(unset == 0, "\(sample): \(fields) against \(object.keys.sorted())")
        }
    }

    @Test func `partners' raw records keep their golden bytes`() throws {
        let results = try Self.golden(RawScreeningResult.type)
        for (name, golden) in results {
            let read = try RawScreeningResult(protobuf: golden.protobuf, allowingUnknown: false)
            #expect(read == (try RawScreeningResult(json: golden.json)), "\(name)")
            #expect(read.protobuf() == golden.protobuf, "\(name)")
            #expect(read.json() == golden.json, "\(name)")
        }
        let full = try RawScreeningResult(json: try #require(results["full"]).json)
        #expect(
            full.resultID == "r-2024-000017" && full.revision == 2 && full.stage == "诊断" && full.child?.sex == "男" && full.reason == "更正")
        #expect(full.child?.birthOrder == 1 && full.codeSystem == "certificate" && full.claim == "hb-1")
        for (name, golden) in try Self.golden(RawReferralAnswer.type) {
            let read = try RawReferralAnswer(protobuf: golden.protobuf, allowingUnknown: false)
            #expect(read == (try RawReferralAnswer(json: golden.json)), "\(name)")
            #expect(read.protobuf() == golden.protobuf && read.json() == golden.json, "\(name)")
        }
    }
}
