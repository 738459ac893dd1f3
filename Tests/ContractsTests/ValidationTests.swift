import Contracts
import Foundation
import Testing
import Vocabulary

/// What is not well-formed never becomes a value, and the error says which field it was.
struct ValidationTests {
    static func field(_ error: ContractError) -> String? {
        switch error {
        case .undecodable: nil
        case .missing(let field), .unknownValue(let field, _), .invalid(let field, _): field
        }
    }

    /// What reading `json` as this event says; nil when it is accepted.
    static func error(_ event: any ContractEvent.Type, _ json: String) -> ContractError? {
        do throws(ContractError) { _ = try event.init(json: json) } catch { return error }
        return nil
    }

    static func snake(_ camel: String) -> String {
        camel.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
    }

    /// Every (path, JSON with that member gone or replaced) of an object, nested objects and list elements included.
    static func variants(_ value: Any, _ replacement: Any?, _ name: String = "") -> [(name: String, value: Any)] {
        if let object = value as? [String: Any] {
            return object.keys.sorted().flatMap { key -> [(String, Any)] in
                var changed = object
                changed[key] = replacement
                let inner = variants(object[key]!, replacement, key).map { variant -> (String, Any) in
                    var copy = object
                    copy[key] = variant.value
                    return (variant.name, copy)
                }
                let isReplaceable = replacement == nil || object[key] is String
                return (isReplaceable ? [(key, changed as Any)] : []) + inner
            }
        }
        if let list = value as? [Any], let first = list.first {
            return variants(first, replacement, name).map { variant in (variant.name, [variant.value] + list.dropFirst()) }
        }
        return []
    }

    @Test(arguments: Samples.all.filter { $0.name == "full" }) func `a missing field is accepted or named`(sample: Sample) throws {
        let object = try JSONSerialization.jsonObject(with: Data(sample.event.json().utf8))
        var named = 0
        for variant in Self.variants(object, nil) {
            let json = String(decoding: try JSONSerialization.data(withJSONObject: variant.value), as: UTF8.self)
            guard let error = Self.error(type(of: sample.event), json) else { continue }
            #expect(error == .missing(field: Self.snake(variant.name)), "\(sample), without \(variant.name)")
            named += 1
        }
        #expect(named > 0, "nothing is required of \(sample)")
    }

    @Test(arguments: Samples.all.filter { $0.name == "full" }) func `a malformed field is accepted as text or named`(sample: Sample) throws
    {
        let object = try JSONSerialization.jsonObject(with: Data(sample.event.json().utf8))
        for variant in Self.variants(object, "Not A Value!") {
            let json = String(decoding: try JSONSerialization.data(withJSONObject: variant.value), as: UTF8.self)
            guard let error = Self.error(type(of: sample.event), json), error != .undecodable else { continue }
            #expect(Self.field(error) == Self.snake(variant.name), "\(sample), \(variant.name)")
            #expect(!"\(error)".contains("Not A Value"), "an error never repeats the value")
        }
    }

    @Test func `required fields are required`() {
        let facts = #""facts":{"person":"p-1","sex":"SEX_MALE","birthMonth":"2021-03","region":"370102"}"#
        let table: [(String, any ContractEvent.Type, ContractError?)] = [
            ("{}", PersonsMerged.self, .missing(field: "kept")),
            (#"{"kept":"p-1"}"#, PersonsMerged.self, .missing(field: "merged")),
            (
                #"{"kept":"p-1","merged":"P 2"}"#, PersonsMerged.self,
                .invalid(field: "merged", invalid("P 2") { text throws(InvalidValue) in try PersonID(text) })
            ),
            (#"{"kept":"p-1","merged":"p-2"}"#, PersonsMerged.self, nil),
            ("{}", PersonRegistered.self, .missing(field: "facts")),
            ("{\(facts)}", PersonRegistered.self, .missing(field: "origin")),
            ("{\(facts),\"origin\":9}", PersonRegistered.self, .unknownValue(field: "origin", number: 9)),
            ("{\(facts),\"origin\":2}", PersonRegistered.self, nil),
            (#"{"referral":"r-1","attempt":"1","institution":"rc-1","reason":""}"#, ReferralRefused.self, nil),
            (#"{"referral":"r-1","attempt":"x","institution":"rc-1"}"#, ReferralRefused.self, .undecodable),
            (
                facts.replacing("2021-03", with: "2021-13").wrapped(#","origin":1"#), PersonRegistered.self,
                .invalid(field: "birth_month", invalid("2021-13") { text throws(InvalidValue) in try YearMonth(text) })
            ),
            (
                facts.replacing("370102", with: "3701021").wrapped(#","origin":1"#), PersonRegistered.self,
                .invalid(field: "region", invalid("3701021") { text throws(InvalidValue) in try RegionCode(text) })
            ),
            ("[]", PersonRegistered.self, .undecodable), ("", PersonRegistered.self, .undecodable),
        ]
        for (json, type, expected) in table { #expect(Self.error(type, json) == expected, "\(type) \(json)") }
    }

    private func invalid<Value>(_ text: String, _ make: (String) throws(InvalidValue) -> Value) -> InvalidValue {
        do { _ = try make(text) } catch { return error }
        return InvalidValue(code: "ACCEPTED", rule: "", source: "")
    }

    @Test(arguments: Samples.all.filter { $0.name == "full" }) func `a newer producer's field is no error inside`(sample: Sample) throws {
        func check<Event: ContractEvent>(_ event: Event) throws {
            // Field 1999, a varint, and field 2000, a string, appended as a later schema version would.
            let newer = event.protobuf() + [0xF8, 0x7C, 0x07, 0x82, 0x7D, 0x02, 0x68, 0x69]
            #expect("\(try Event(protobuf: newer))" == "\(event)")
            let json = event.json().dropLast() + #","laterField":{"a":[1]}}"#
            #expect("\(try Event(json: String(json)))" == "\(event)")
        }
        try check(sample.event)
    }

    @Test func `an enum number of a later version is named, not guessed`() {
        // organisation "o", kind 99 …
        let bytes: [UInt8] = [0x0A, 0x01, 0x6F, 0x10, 99, 0x1A, 0x01, 0x6E, 0x2A, 0x02, 0x33, 0x37, 0x32, 0x0A] + Array("2024-01-01".utf8)
        #expect(throws: ContractError.unknownValue(field: "kind", number: 99)) { _ = try OrganisationRegistered(protobuf: bytes) }
    }

    @Test func `a date or quarter of endless digits is invalid and overflows nothing`() {
        let digits = String(repeating: "9", count: 5000)
        for text in [digits, "2024-01-" + digits, digits + "-01-01", "99999999999999999999"] {
            #expect(throws: InvalidValue.self) { _ = try LocalDate(text) }
            #expect(throws: InvalidValue.self) { _ = try YearMonth(text) }
            #expect(throws: InvalidValue.self) { _ = try Quarter(text) }
        }
        for text in ["-024-Q1", "+024-Q1", "2024-Q01", "2024-Q5", "2024Q1"] { #expect(throws: InvalidValue.self) { _ = try Quarter(text) } }
    }

    @Test func `bytes that are no message are undecodable`() {
        #expect(throws: ContractError.undecodable) { _ = try PersonsMerged(protobuf: [0x0A, 0x7F, 0x01]) }
        #expect(throws: ContractError.undecodable) { _ = try PersonsMerged(protobuf: [0x0A, 0x02, 0xC3, 0x28]) }
    }
}

extension String {
    fileprivate func wrapped(_ rest: String) -> String { "{" + self + rest + "}" }
}
