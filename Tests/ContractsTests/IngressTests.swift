import Foundation
import SwiftProtobuf
import Testing
import Vocabulary

@testable import Contracts

/// The door partners' records come through.
struct IngressTests {
    static let sender = OrganisationID(trusted: "hb-1")

    static var result: RawScreeningResult {
        var result = RawScreeningResult()
        result.resultID = "r-1"
        result.revision = 1
        result.stage = "initial"
        result.topic = "hearing"
        result.outcome = "positive"
        result.takenOn = "2024-03-05"
        result.child = RawResultChild()
        result.child?.name = "测试"
        return result
    }

    static func headers(_ pairs: (String, String)...) -> [(name: String, value: [UInt8])] { pairs.map { ($0.0, Array($0.1.utf8)) } }

    func read(_ value: [UInt8]?, _ headers: (String, String)...) throws(IngressError) -> RawScreeningResult {
        try Ingress.read(RawScreeningResult.self, value: value, headers: headers.map { ($0.0, Array($0.1.utf8)) }, sender: Self.sender)
    }

    func error(_ value: [UInt8]?, _ headers: (String, String)...) -> IngressError? {
        do throws(IngressError) {
            _ = try Ingress.read(
                RawScreeningResult.self, value: value, headers: headers.map { ($0.0, Array($0.1.utf8)) }, sender: Self.sender)
        } catch { return error }
        return nil
    }

    static let attributes = [
        ("ce_specversion", "1.0"), ("ce_id", "1"), ("ce_source", "/bureaus/hb-1"), ("ce_type", RawScreeningResult.type),
    ]

    @Test func `binary mode in protobuf and in JSON`() throws {
        let result = Self.result
        for (type, value) in [("application/protobuf", result.protobuf()), ("application/json; charset=utf-8", Array(result.json().utf8))] {
            let headers = (Self.attributes + [("Content-Type", type)]).map { (name: $0.0, value: Array($0.1.utf8)) }
            #expect(try Ingress.read(RawScreeningResult.self, value: value, headers: headers, sender: Self.sender) == result)
        }
    }

    @Test func `structured JSON with data as an object and as base64`() throws {
        let result = Self.result
        let head = #"{ "specversion" : "1.0", "id":"1", "source":"/bureaus/hb-1", "type":"\#(RawScreeningResult.type)", "ext": 3, "#
        #expect(try read(Array((head + "\"data\": \(result.json()) }").utf8), ("content-type", "application/cloudevents+json")) == result)
        let encoded = Data(result.protobuf()).base64EncodedString()
        let base64 = head + "\"datacontenttype\":\"application/protobuf\",\"data_base64\":\"\(encoded)\"}"
        #expect(try read(Array(base64.utf8), ("content-type", "application/cloudevents+json; charset=UTF-8")) == result)
    }

    @Test func `structured protobuf`() throws {
        let result = Self.result
        var event = Io_Cloudevents_V1_CloudEvent.with {
            $0.id = "1"
            $0.source = "hb-1"
            $0.specVersion = "1.0"
            $0.type = RawScreeningResult.type
            $0.binaryData = Data(result.protobuf())
        }
        #expect(try read(try event.serializedBytes(), ("content-type", Envelope.contentType)) == result)
        event.textData = result.json()
        event.attributes["datacontenttype"] = .with { $0.ceString = "application/json" }
        #expect(try read(try event.serializedBytes(), ("content-type", Envelope.contentType)) == result)
    }

    @Test func `plain JSON without any CloudEvents`() throws {
        let value = Array(Self.result.json().utf8)
        #expect(try read(value) == Self.result)
        #expect(try read(value, ("content-type", "application/json")) == Self.result)
        // A sender of snake_case names, with numbers as numbers.
        let written =
            #"{"result_id":"r-1","revision":1,"stage":"initial","topic":"hearing","outcome":"positive","taken_on":"2024-03-05","child":{"name":"测试"}}"#
        #expect(try read(Array(written.utf8)) == Self.result)
    }

    @Test func `a centre's answer comes the same ways`() throws {
        var answer = RawReferralAnswer()
        answer.referral = "referral-9"
        answer.attempt = 2
        answer.answer = "decline"
        answer.reason = "没有床位"
        let sender = OrganisationID(trusted: "rc-1")
        #expect(try Ingress.read(RawReferralAnswer.self, value: Array(answer.json().utf8), headers: [], sender: sender) == answer)
        let headers = Self.headers(("content-type", "application/protobuf"), ("ce_type", RawReferralAnswer.type))
        #expect(try Ingress.read(RawReferralAnswer.self, value: answer.protobuf(), headers: headers, sender: sender) == answer)
    }

    @Test func `an unknown field is refused with its name`() {
        let json = Array(#"{"resultId":"r-1","revison":2}"#.utf8)
        #expect(error(json)?.code == "UNKNOWN_FIELD")
        #expect(error(json)?.field == "revison")
        #expect(error(Array(#"{"child":{"姓名":"x"}}"#.utf8))?.field == "姓名")
        let newField: [UInt8] = [0xA2, 0x06, 0x01, 0x41]  // field 100
        #expect(error(Self.result.protobuf() + newField, ("content-type", "application/protobuf"))?.field == "100")
        let nested: [UInt8] = [0x6A, 0x04] + newField  // inside child
        #expect(error(Self.result.protobuf() + nested, ("content-type", "application/protobuf"))?.field == "child.100")
    }

    @Test func `an unknown field is let through when ce_dataschema names a newer version`() throws {
        let json = Array(#"{"resultId":"r-1","revision":1,"laterField":[{"a":1}],"child":{"later":2}}"#.utf8)
        #expect(try read(json, ("ce_dataschema", "careloop.partner.screening-result.v2")).resultID == "r-1")
        #expect(try read(json, ("ce_dataschema", "https://schemas.example/careloop.partner.screening-result.v12")).resultID == "r-1")
        let bytes = Self.result.protobuf() + [0xA2, 0x06, 0x01, 0x41]
        #expect(
            try read(bytes, ("content-type", "application/protobuf"), ("ce_dataschema", "careloop.partner.screening-result.v2"))
                == Self.result)
        for schema in [
            "careloop.partner.screening-result.v1", "careloop.partner.referral-answer.v2", "v9", "", ".v", "x.vv2",
            "careloop.partner.screening-result.v2x",
        ] {
            #expect(error(json, ("ce_dataschema", schema))?.code == "UNKNOWN_FIELD", "\(schema)")
        }
    }

    @Test func `what cannot be read is undecodable`() {
        let undecodable = IngressError.undecodable
        for value: [UInt8]? in [
            nil, [], [0x00], Array("{".utf8), Array("[]".utf8), Array("null".utf8), Array("{} {}".utf8), [0x7B, 0xFF, 0x7D],
        ] {
            #expect(error(value) == undecodable, "\(String(describing: value))")
        }
        #expect(error([0x0A, 0x7F], ("content-type", "application/protobuf")) == undecodable)
        #expect(error([0xFF], ("content-type", Envelope.contentType)) == undecodable)
        #expect(error(Array("[]".utf8), ("content-type", Envelope.jsonContentType)) == undecodable)
        #expect(error(Array(#"{"revision":"one"}"#.utf8)) == undecodable)
        #expect(error(Self.result.protobuf(), ("content-type", "text/csv"))?.code == "CONTENT_TYPE_UNKNOWN")
        #expect(error([UInt8](repeating: 0x20, count: Ingress.Limits.recordBytes + 1))?.code == "RECORD_TOO_LARGE")
    }

    @Test func `JSON is bounded in depth, and brackets inside strings do not count`() throws {
        let deep = String(repeating: "[", count: 30_000) + String(repeating: "]", count: 30_000)
        #expect(error(Array(#"{"later":\#(deep)}"#.utf8), ("ce_dataschema", "careloop.partner.screening-result.v2")) == .undecodable)
        let quoted = String(repeating: "[{", count: 50) + "\\\""
        #expect(try read(Array(#"{"resultId":"\#(quoted)"}"#.utf8)).resultID == String(repeating: "[{", count: 50) + "\"")
    }

    @Test func `another type, version or an incomplete CloudEvent is refused`() {
        let value = Array(Self.result.json().utf8)
        #expect(error(value, ("ce_type", "careloop.partner.referral-answer.v1"))?.code == "TYPE_UNKNOWN")
        #expect(error(value, ("ce_specversion", "0.3"))?.field == "specversion")
        #expect(error(value, ("ce_specversion", "1.0"))?.code == "FIELD_MISSING")
        #expect(error(value, ("ce_time", "soon"))?.field == "time")
        let type = RawScreeningResult.type
        let structured = ("content-type", Envelope.jsonContentType)
        #expect(error(Array(#"{"specversion":"1.0","type":"\#(type)"}"#.utf8), structured)?.field == "data")
        #expect(error(Array(#"{"type":"\#(type)","data":{}}"#.utf8), structured)?.field == "specversion")
        #expect(error(Array(#"{"specversion":"1.0","type":"\#(type)","data_base64":"%"}"#.utf8), structured)?.field == "data_base64")
        #expect(error(Array(#"{"specversion":"1.0","type":"\#(type)","type":"x","data":{}}"#.utf8), structured) == .undecodable)
        #expect(error(Array(#"{"specversion":"1.0","type":"other","data":{}}"#.utf8), structured)?.code == "TYPE_UNKNOWN")
    }

    @Test func `the topic is the identity: a claim that disagrees is refused`() throws {
        var claimed = Self.result
        claimed.organisation = "hb-2"
        #expect(error(claimed.protobuf(), ("content-type", "application/protobuf"))?.field == "organisation")
        #expect(error(Array(claimed.json().utf8))?.code == "CLAIM_MISMATCH")
        claimed.organisation = "hb-1"
        #expect(try read(claimed.protobuf(), ("content-type", "application/protobuf")) == claimed)
        let value = Array(Self.result.json().utf8)
        for source in ["hb-1", "/bureaus/hb-1", "urn:careloop:hb-1", "https://his.example/hb-1/lab"] {
            #expect(try read(value, ("ce_source", source)) == Self.result)
        }
        for source in ["hb-2", "/bureaus/hb-12", "hb", "/"] { #expect(error(value, ("ce_source", source))?.field == "source", "\(source)") }
    }

    @Test func `errors say code, rule and source, and repeat nothing of the record`() {
        let canary = "379999202003057000"
        let inputs: [([UInt8], [(String, String)])] = [
            (Array(#"{"\#(canary)":1}"#.utf8), []), (Array(#"{"\#(String(repeating: "长", count: 80))":1}"#.utf8), []),
            (Array(#"{"revision":"x\#(canary)"}"#.utf8), []), (Array(canary.utf8), []), (Array("{}".utf8), [("ce_source", canary)]),
            (Array("{}".utf8), [("ce_type", canary)]), (Array("{}".utf8), [("content-type", canary)]),
            (Array("{}".utf8), [("ce_time", canary)]),
            (Array(#"{"organisation":"\#(canary)"}"#.utf8), []),
        ]
        for (value, pairs) in inputs {
            let headers = pairs.map { (name: $0.0, value: Array($0.1.utf8)) }
            do throws(IngressError) {
                _ = try Ingress.read(RawScreeningResult.self, value: value, headers: headers, sender: Self.sender)
                Issue.record("accepted \(pairs)")
            } catch {
                #expect(!"\(error)".contains(canary) && !"\(error)".contains("长"), "\(error.code)")
                #expect(!error.code.isEmpty && !error.rule.isEmpty && !error.source.isEmpty)
            }
        }
    }
}
