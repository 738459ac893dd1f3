import Foundation
import Testing

/// What README.md tells a reader to type exists.
@Suite struct ReadmeTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Program.package.appendingPathComponent(path), encoding: .utf8)
    }

    /// Lines inside fenced blocks, and what stands between backticks elsewhere; what is not there yet apart.
    private static func commands() throws -> [String] {
        var found: [String] = []
        var isCode = false
        for line in try text("README.md").split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "## Not yet" { break }
            if line.hasPrefix("```") {
                isCode.toggle()
            } else if isCode {
                found.append(line.trimmingCharacters(in: .whitespaces))
            } else {
                found += line.matches(of: /`([^`]+)`/).map { String($0.output.1) }
            }
        }
        return found
    }

    /// Names of the subcommands that a help text lists.
    private static func subcommands(_ help: String) -> [String] {
        guard let list = help.range(of: "SUBCOMMANDS:\n") else { return [] }
        return help[list.upperBound...].prefix { _ in true }.split(separator: "\n", omittingEmptySubsequences: false).prefix {
            $0.hasPrefix("  ")
        }
        .compactMap { $0.firstMatch(of: /^  ([a-z-]+)/).map { String($0.output.1) } }.filter { $0 != "help" }
    }

    private static func help(_ command: [String]) async throws -> String {
        let result = try await Program.careloop.run(command + ["--help"], in: FileManager.default.temporaryDirectory)
        #expect(result.status == 0, "careloop \(command.joined(separator: " ")) --help: \(result.output)")
        return result.output
    }

    @Test func `every careloop command it shows is one`() async throws {
        let known = Self.subcommands(try await Self.help([]))
        #expect(known.contains("import") && known.contains("demo"))
        let shown = try Self.commands().compactMap {
            $0.firstMatch(of: /^(?:\$ )?(?:\S*\/)?careloop ([a-z-]+)/).map { String($0.output.1) }
        }
        for command in Set(shown) { #expect(known.contains(command) || command == "mock-cluster", "careloop \(command)") }
    }

    @Test func `every make target it shows is one`() throws {
        let makefile = try Self.text("Makefile")
        let targets = Set(makefile.matches(of: /(?m)^([a-z-]+):/).map { String($0.output.1) })
        let shown = try Self.commands().compactMap { $0.firstMatch(of: /^(?:[A-Z_]+=\S+ )*make ([a-z-]+)/).map { String($0.output.1) } }
        #expect(shown.contains("run") && shown.contains("test"))
        for target in Set(shown) { #expect(targets.contains(target), "make \(target)") }
    }

    @Test(arguments: [("Faults", 15 + 40), ("Security", 25)])
    func `every test that the tables of faults and security name is one`(_ heading: String, _ count: Int) throws {
        let section = try #require(
            try Self.text("README.md").components(separatedBy: "## \(heading) and the test that holds each").dropFirst().first?
                .components(separatedBy: "\n## ").first)
        let rows = section.split(separator: "\n").filter { $0.firstMatch(of: /^\| \d+ \|/) != nil }
        #expect(rows.count == count)
        var sources = ""
        let walker = try #require(FileManager.default.enumerator(atPath: Program.package.appendingPathComponent("Tests").path))
        for case let file as String in walker where file.hasSuffix(".swift") { sources += try Self.text("Tests/\(file)") }
        for row in rows {
            for name in row.matches(of: /`([^`]+)`/) {
                // A test has spaces in its name; the rest between backticks is a file or a suite.
                guard name.output.1.contains(" ") else { continue }
                #expect(sources.contains("`\(name.output.1)`("), "row \(row.prefix(30)): \(name.output.1)")
            }
        }
    }

    @Test func `every file and folder of the map is there`() throws {
        let map = try #require(
            try Self.text("README.md").components(separatedBy: "## The map").dropFirst().first?.components(separatedBy: "```").dropFirst()
                .first)
        var parent = ""
        for line in map.split(separator: "\n") {
            guard let name = line.firstMatch(of: /^( *)([A-Za-z]+)\//) else { continue }
            if name.output.1.isEmpty { parent = String(name.output.2) }
            let path = name.output.1.isEmpty ? parent : "\(parent)/\(name.output.2)"
            #expect(FileManager.default.fileExists(atPath: Program.package.appendingPathComponent(path).path), "\(path)")
        }
    }

    @Test(arguments: [("en_GB.UTF-8", "Example:"), ("zh_CN.UTF-8", "例:")])
    func `every command explains itself with an example`(_ language: String, _ heading: String) async throws {
        var open = [[String]()]
        var seen = 0
        while let command = open.popLast() {
            let result = try await Program.careloop.run(
                command + ["--help"], in: FileManager.default.temporaryDirectory, environment: ["LANG": language, "LC_ALL": ""])
            #expect(result.status == 0 && result.output.contains(heading), "careloop \(command.joined(separator: " ")): \(result.output)")
            #expect(result.output.contains("\n  careloop ") || result.output.contains("OVERVIEW") && command.isEmpty)
            seen += 1
            open += Self.subcommands(result.output).map { command + [$0] }
        }
        #expect(seen > 20)
    }
}
