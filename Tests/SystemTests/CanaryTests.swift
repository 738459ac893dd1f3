import Foundation
import SQLiteStatements
import Testing

/// People are looked for wherever they must not be, after a run in which every path was taken, refusals and dead letters included.
@Suite struct CanaryTests {
    /// What a generated person is known by; stands for the real thing.
    private static let patterns: [(name: String, expression: NSRegularExpression)] = [
        ("ID number", #"(?:379999|419999)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]"#),
        // A credit code may end in Y with a region code in the column behind it: a certificate follows no digit.
        ("birth certificate", #"(?<!\d)Y(?:37|41)\d{7}(?!\d)"#),
        // 测试童, 测试员, 测试家长 in UTF-8, one character a byte, as everything is searched.
        ("name", "\(latin("测试"))(?:\(latin("童"))|\(latin("员"))|\(latin("家长")))\\d{6}"),
        // Eleven digits and no more: a measured second may have these among its decimals.
        ("telephone", #"(?<![\d.])1000000[0-3]\d{3}(?!\d)"#),
    ].map { ($0.0, try! NSRegularExpression(pattern: $0.1)) }

    /// Each byte as the character of that number.
    private static func latin(_ text: String) -> String { String(String.UnicodeScalarView(text.utf8.map { Unicode.Scalar($0) })) }

    private static func traces(_ bytes: some Sequence<UInt8>) -> Set<String> {
        let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        let range = NSRange(location: 0, length: text.utf16.count)
        return Set(patterns.filter { $0.expression.firstMatch(in: text, range: range) != nil }.map(\.name))
    }

    /// Topics on which people may stand: what bureaus send, and the one way from Screening to Registration.
    private static func mayName(_ topic: String) -> Bool {
        topic == "careloop.screening.identities.v1" || (topic.hasPrefix("careloop.partner.") && topic.hasSuffix(".screening-results.v1"))
    }

    @Test(.timeLimit(.minutes(6)))
    func `people stand on the topics made for them and on no other, never in keys or headers`() async throws {
        let run = try await SmallRun.shared.value
        let log = try SQLiteConnection(path: run.directory.appendingPathComponent("events.db").path, readOnly: true)
        // A record's place is its partition's number above forty bits of offset.
        let records = try log.prepare(
            """
            SELECT topic.name, record.key, record.headers, record.value FROM record
            JOIN head ON head.id = record.position >> 40 JOIN topic ON topic.id = head.topic_id
            """)
        var found: [String: Set<String>] = [:]
        var count = 0
        while try records.step() {
            count += 1
            let topic = records.text(0)
            found["\(topic) key", default: []].formUnion(Self.traces(records.blob(1)))
            found["\(topic) headers", default: []].formUnion(Self.traces(records.blob(2)))
            found["\(topic) value", default: []].formUnion(Self.traces(records.blob(3)))
        }
        #expect(count > 2000)
        let allowed = found.filter { $0.key.hasSuffix(" value") && Self.mayName(String($0.key.dropLast(6))) }
        // The search finds what is there: otherwise it would say nothing about the rest.
        let ingress = allowed.filter { $0.key.hasPrefix("careloop.partner.") }.values.reduce(into: Set()) { $0.formUnion($1) }
        #expect(ingress == Set(Self.patterns.map(\.name)))
        #expect(found["careloop.screening.identities.v1 value"]?.contains("name") == true)
        let elsewhere = found.filter { allowed[$0.key] == nil && !$0.value.isEmpty }
        #expect(elsewhere.isEmpty, "\(elsewhere)")
    }

    /// Registration keeps people sealed, the three others never hear of them. Raw bytes: what was overwritten would show too.
    @Test(.timeLimit(.minutes(6)), arguments: ["registration", "screening", "rehabilitation", "employment", "reporting"])
    func `no store but Screening's journal shows a person`(_ service: String) async throws {
        let run = try await SmallRun.shared.value
        var bytes = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: run.directory.path) where name.hasPrefix("\(service).db") {
            let content = try Data(contentsOf: run.directory.appendingPathComponent(name))
            bytes += content.count
            #expect(Self.traces(content).isEmpty, "\(name): \(Self.traces(content))")
        }
        #expect(bytes > 100_000)
    }

    @Test(.timeLimit(.minutes(6)))
    func `logs, metrics, the tool's output and every other file of a run name nobody`() async throws {
        let run = try await SmallRun.shared.value
        #expect(Self.traces(run.output.utf8).isEmpty)
        #expect(run.spoken.count == 15)
        for (page, text) in run.spoken {
            #expect(!text.isEmpty, "\(page)")
            #expect(Self.traces(text.utf8).isEmpty, "\(page): \(Self.traces(text.utf8))")
        }
        let walker = try #require(FileManager.default.enumerator(atPath: run.directory.path))
        var logs = 0
        for case let name as String in walker where !name.contains(".db") {
            // Directories cannot be read and hold nothing themselves.
            guard let content = try? Data(contentsOf: run.directory.appendingPathComponent(name)) else { continue }
            if name.hasSuffix(".log"), !content.isEmpty { logs += 1 }
            #expect(Self.traces(content).isEmpty, "\(name): \(Self.traces(content))")
        }
        #expect(logs == 5)
    }
}
