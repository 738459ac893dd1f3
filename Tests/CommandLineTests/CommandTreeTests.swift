import ArgumentParser
import Testing

@testable import CareLoopTool

/// Every command explains itself with an example, and speaks JSON.
@Suite struct CommandTreeTests {
    /// Commands that do something themselves, with the words that lead to them. The mock cluster is a process of the tool's own.
    private static func leaves(_ command: any ParsableCommand.Type, _ words: [String]) -> [(
        words: [String], command: any ParsableCommand.Type
    )] {
        let below = command.configuration.subcommands
        guard !below.isEmpty else { return command.configuration.shouldDisplay ? [(words, command)] : [] }
        return below.flatMap { leaves($0, words + [$0._commandName]) }
    }

    @Test func `every command's help has an example of itself, and every command takes --json`() {
        let leaves = Self.leaves(CareLoop.self, ["careloop"])
        #expect(leaves.count >= 20)
        for (words, command) in leaves {
            let name = words.joined(separator: " ")
            #expect(command.configuration.discussion.contains(name), "\(name): no example in its help")
            #expect(!command.configuration.abstract.isEmpty, "\(name): says nothing about itself")
            #expect(CareLoop.helpMessage(for: command).contains("--json"), "\(name): no --json")
        }
    }

    @Test(arguments: ["dead-letters", "sources"])
    func `a group of commands whose first question is what there is lists when nothing else is said`(name: String) throws {
        let command = try CareLoop.parseAsRoot([name])
        #expect(command is DeadLetters.List || command is Sources.List, "\(type(of: command))")
    }

    @Test func `the help lists every exit code, each once`() {
        let help = CareLoop.helpMessage(columns: 400)
        let codes = ExitCode.meanings.map(\.code.rawValue)
        #expect(Set(codes).count == codes.count && codes.contains(69))
        for meaning in ExitCode.meanings { #expect(help.contains("\(meaning.code.rawValue)  \(meaning.text.here)")) }
    }
}
