import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import ServiceRuntime

struct HTTPSchemaTests {
    @Test func `a schema is read from the type itself`() {
        #expect(
            Schema.of(Desk.CountBody.self)
                == .object([
                    .init("limit", .integer), .init("day", .string(format: "date"), required: false),
                    .init("sex", .string(words: ["unknown", "male", "female", "unspecified"]), required: false),
                    .init("lines", .list(.object([.init("amountFen", .integer)])), required: false),
                ]))
        #expect(Schema.of([String: Int].self) == .map(.integer))
    }

    @Test func `the OpenAPI document names every endpoint, its roles and its body`() throws {
        let service = try TestService(Desk.definition(), today: LocalDate(year: 2024, month: 6, day: 3)!)
        let assembly = ServiceAssembly(
            service.definition, engine: service.engine, tokens: nil, requestsPerSecond: 0, secureCookie: false, log: ServiceLog("test"))
        let bytes = OpenAPI.document(service: "desk", endpoints: assembly.interface.endpoints, catalogue: assembly.interface.catalogue)
            .bytes
        let document = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(document["openapi"] as? String == "3.1.0")
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        for endpoint in assembly.interface.endpoints {
            let operation = try #require(paths[endpoint.path]?[endpoint.method.rawValue.lowercased()])
            #expect((operation["summary"] as? String)?.isEmpty == false)
            #expect((operation["x-roles"] as? [String]) == (endpoint.access.isOpen ? nil : endpoint.roles.map(\.rawValue)))
        }
        let post = try #require(paths["/people/{person}/certificates"]?["post"])
        #expect(post["requestBody"] != nil)
        #expect(post["description"] as? String == "计数")
        #expect(post["summary"] as? String == "Count one")
        #expect((post["parameters"] as? [[String: Any]])?.map { $0["name"] as? String } == ["person", "Idempotency-Key"])
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "01", "1.", "-", "+1", ".5", "1e", "nul", "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "1 2", "{\"a\":1,\"a\":1}", "{a:1}", "'a'", "NaN", "\"abc",
    ])
    func `text that is no JSON is refused`(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test(arguments: [
        "null", "-0.5e+10", "\"\\ud83d\\ude00 \\u4e2d \\\" \\\\ \\/ \\n\"", "[1,[2,{\"a\":[]}],{}]",
        " {\"b\" : true , \"a\" : [ false ] } ", "0",
        "12345678901234567890",
    ])
    func `what is written back reads the same to another parser`(_ text: String) throws {
        let ours = try JSONParser.parse(Array(text.utf8)).bytes
        let options: JSONSerialization.ReadingOptions = [.fragmentsAllowed]
        let before = try JSONSerialization.jsonObject(with: Data(text.utf8), options: options) as? NSObject
        let after = try JSONSerialization.jsonObject(with: Data(ours), options: options) as? NSObject
        #expect(before == after)
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xC3, 0x28, 0x22]) }
    }

    @Test func `base64url has one spelling for each value`() {
        for length in 0...70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37 + length) }
            let text = Base64URL.encode(bytes)
            let standard = Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(
                of: "/", with: "_"
            )
            .replacingOccurrences(of: "=", with: "")
            #expect(text == standard)
            #expect(Base64URL.decode(text) == bytes)
        }
        for bad in ["A", "AAAAA", "AB", "AAB", "A=", "AA==", "A+A", "A/A", "A A", "é"] { #expect(Base64URL.decode(bad) == nil, "\(bad)") }
    }

    @Test func `accept-language chooses by weight and falls back to Chinese`() {
        for (header, language) in [
            (nil, Language.chinese), ("", .chinese), ("en", .english), ("en-US,en;q=0.9", .english), ("zh-CN,zh;q=0.9,en;q=0.8", .chinese),
            ("fr", .chinese), ("zh;q=0.1,en;q=0.2", .english), ("en;q=0,zh", .chinese), ("*", .chinese),
        ] {
            #expect(Language(acceptLanguage: header) == language)
        }
    }
}
