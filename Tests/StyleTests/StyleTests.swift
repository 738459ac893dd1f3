import Foundation
import Testing

/// The rules of the house that a machine can hold, checked on the sources themselves.
struct StyleTests {
    struct Source {
        let path: String
        let lines: [Substring]
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let sources: [Source] = {
        var found: [Source] = []
        for folder in ["Services", "Shared", "Tests"] {
            let walker = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
            while let name = walker?.nextObject() as? String {
                guard name.hasSuffix(".swift"), !name.hasSuffix(".pb.swift") else { continue }
                let path = "\(folder)/\(name)"
                // A source that cannot be read is not one that keeps the rules.
                guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) else {
                    preconditionFailure("\(path) cannot be read as UTF-8")
                }
                found.append(Source(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false)))
            }
        }
        return found
    }()

    /// Places where `pattern` stands in code under `folder`, comments apart.
    func places(_ pattern: String, under folder: (String) -> Bool, unless excused: (Source, Int) -> Bool = { _, _ in false }) throws
        -> [String]
    {
        let expression = try Regex(pattern)
        return Self.sources.filter { folder($0.path) }.flatMap { source in
            source.lines.enumerated().compactMap { index, line in
                let code = line.trimmingCharacters(in: .whitespaces)
                guard !code.hasPrefix("//"), line.firstMatch(of: expression) != nil, !excused(source, index) else { return nil }
                return "\(source.path):\(index + 1)"
            }
        }
    }

    /// True when the line or the one above it carries a comment.
    func explained(_ source: Source, _ index: Int) -> Bool {
        source.lines[index].contains("//")
            || (1...3).contains { back in
                index >= back && source.lines[index - back].trimmingCharacters(in: .whitespaces).hasPrefix("//")
            } || (index + 1 < source.lines.count && source.lines[index + 1].trimmingCharacters(in: .whitespaces).hasPrefix("//"))
    }

    @Test func `the sources are found`() {
        #expect(Self.sources.count > 50)
    }

    @Test func `rules read no clock, make no ids, roll no dice and do no I/O`() throws {
        let found = try places(#"\bDate\(\)|\bUUID\(\)|\.random\(|\bTask\s*\{|\bprint\(|import Persistence|import Messaging"#) {
            $0.contains("/Domain/") && $0.hasPrefix("Services/")
        }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `a decide switches over every command and status`() throws {
        let found = try places(#"^\s*default:"#) { $0.hasPrefix("Services/") && $0.contains("/Domain/") }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `SQL stays in the rooms for tables`() throws {
        let found = try places(#"\bSQL\("#) {
            $0.hasPrefix("Services/") && !$0.contains("/Tables/") && !$0.hasPrefix("Services/CommandLine")
        }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `librdkafka is called in Messaging only`() throws {
        let found = try places(#"rd_kafka_"#) { !$0.hasPrefix("Shared/Messaging") && !$0.hasPrefix("Tests/") }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `a service imports no service`() throws {
        let found = try places(#"^import (Registration|Screening|Rehabilitation|Employment|Reporting)$"#) { $0.hasPrefix("Services/") }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `no business noun in Shared outside Vocabulary and Contracts`() throws {
        let nouns =
            #"(?i)screening|referral|rehabilitat|employ(er|ment)|registration|\bchild(ren)?\b|guardian|diagnos(is|ed)|assistance|settlement|enrol|placement|bureau|institution|job.?seeker|subsid"#
        let found = try places(nouns) { path in
            path.hasPrefix("Shared/") && !path.hasPrefix("Shared/Vocabulary") && !path.hasPrefix("Shared/Contracts")
                // What somebody may be is named here because tokens, the chassis' business, carry it.
                && path != "Shared/ServiceRuntime/Identity/Actor.swift"
        } unless: { source, index in
            // The key that two services alone are told of, in the one schema of every key there is.
            source.path.hasSuffix("Configuration/Configuration.swift") && source.lines[index].contains("CARELOOP_PERSON_KEY")
                || source.path.hasSuffix("Configuration/Configuration.swift") && source.lines[index - 1].contains("CARELOOP_PERSON_KEY")
        }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `only registration, screening and the tool that makes it touch the person key`() throws {
        let found = try places(#"\bPersonKey\b"#) { path in
            ![
                "Services/Registration/", "Services/Screening/", "Services/CommandLine/Commands/KeyStore.swift",
                "Shared/Contracts/Identity/", "Tests/",
            ]
            .contains { path.hasPrefix($0) }
        }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `no sleeping, no stubs, no notes to self`() throws {
        // The tool waits for other processes, which ring no bell: it looks often, within a bound.
        let sleeping = try places(#"Thread\.sleep|Task\.sleep|\busleep\(|\bsleep\("#) {
            !$0.hasPrefix("Tests/StyleTests") && !$0.hasPrefix("Tests/Benchmarks") && !$0.hasPrefix("Services/CommandLine")
        } unless: {
            explained($0, $1)
        }
        #expect(sleeping.isEmpty, "\(sleeping)")
        let stubs = try places(#"\bTODO\b|\bFIXME\b|fatalError\("?(not|un)"#) { !$0.hasPrefix("Tests/StyleTests") }
        #expect(stubs.isEmpty, "\(stubs)")
    }

    @Test func `an escape from concurrency checking or an ignored error has its reason beside it`() throws {
        // A `try?` whose nil is looked at decides something; one that stands alone ignores an error.
        let found = try places(#"nonisolated\(unsafe\)|@unchecked Sendable|^\s*(_ = )?try\?|catch \{\s*\}"#) {
            !$0.hasPrefix("Tests/") && !$0.hasPrefix("Services/CommandLine/Account")
        } unless: {
            explained($0, $1)
        }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `files stay short enough to read`() {
        let long = Self.sources.filter {
            ($0.path.hasPrefix("Services/") || $0.path.hasPrefix("Shared/")) && $0.lines.count > 400
                && !$0.path.contains("Contracts/Events/")
        }
        #expect(long.isEmpty, "\(long.map { "\($0.path) (\($0.lines.count))" })")
    }

    @Test func `no text says a limit that policy decides`() throws {
        let found = try places(#"小于 ?\d|[Uu]nder \d"#) { $0.hasPrefix("Services/") && !$0.contains("/Policies/") }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `the README's map names everything in compose`() throws {
        let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
        let start = try #require(readme.range(of: "\ncompose/  "))
        let line = readme[start.upperBound...].prefix { $0 != "`" }
        for name in try FileManager.default.contentsOfDirectory(atPath: Self.root.appendingPathComponent("compose").path) {
            #expect(line.contains(name), "\(name)")
        }
    }

    @Test func `names say what a thing is for`() throws {
        let found = try places(#"(class|struct|enum|protocol|actor) \w*(Manager|Helper|Util|Utils|Common|Base|Impl)\b"#) { _ in true }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `everything public in Shared says what it guarantees`() throws {
        var found: [String] = []
        for source in Self.sources where source.path.hasPrefix("Shared/") && !source.path.contains("Contracts/Events/") {
            for (index, line) in source.lines.enumerated() {
                let code = line.trimmingCharacters(in: .whitespaces)
                guard
                    code.hasPrefix("public struct ") || code.hasPrefix("public enum ") || code.hasPrefix("public protocol ")
                        || code.hasPrefix("public final class ") || code.hasPrefix("public class ")
                else { continue }
                var above = index - 1
                while above >= 0, source.lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("@") { above -= 1 }
                if above < 0 || !source.lines[above].trimmingCharacters(in: .whitespaces).hasPrefix("///") {
                    found.append("\(source.path):\(index + 1)")
                }
            }
        }
        #expect(found.isEmpty, "\(found)")
    }
}
