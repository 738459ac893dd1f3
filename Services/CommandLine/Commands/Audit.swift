import ArgumentParser
import Vocabulary

/// The audit trail: whether it is whole.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("审计日志", "The audit trail").here,
        discussion: example("careloop audit verify", Text("逐条校验", "check it entry by entry")),
        subcommands: [Verify.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("校验审计日志的散列链", "Check the chain of the audit trail").here,
            discussion: example(
                "careloop audit verify --number 41 --hash 9f2c…",
                Text("与另处保存的链头对照，才能发现尾部被截断", "against a head kept elsewhere: only that shows a cut tail")))

        @OptionGroup var services: ServicesOption
        @Option(help: ArgumentHelp(Text("另处保存的链头编号", "Number of the head kept elsewhere").here)) var number: Int64?
        @Option(help: ArgumentHelp(Text("及其散列", "and its hash").here)) var hash: String?
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        func run() async throws {
            try await explained {
                guard (number == nil) == (hash == nil) else {
                    throw Complaint("--number 与 --hash 须同时给出", "--number and --hash belong together", code: .badInput)
                }
                let kept = number.flatMap { number in hash.map { "?number=\(number)&hash=\($0)" } } ?? ""
                let trail = try await services.client(.registration).get(
                    "/audit/verification\(kept)", token: services.tokenOr(.auditor), as: Trail.self)
                if json { try Terminal.json(trail) } else { Terminal.say(trail.sentence.here) }
                guard trail.intact else { throw ExitCode.accountDiffers }
            }
        }
    }

    /// What Registration says of its trail.
    struct Trail: Codable, Sendable {
        struct Head: Codable, Sendable {
            var number: Int64
            var hash: String
        }

        struct Broken: Codable, Sendable {
            var number: Int64
            var reason: String
        }

        var intact: Bool
        var entries: Int64
        var head: Head
        var broken: Broken?

        var sentence: Text {
            guard let broken else {
                return Text(
                    "完整：\(entries) 条，链头 \(head.number) \(head.hash)", "whole: \(entries) entries, head \(head.number) \(head.hash)")
            }
            let what: Text =
                switch broken.reason {
                case "gap": Text("缺少该条", "the entry is missing")
                case "chain": Text("与前一条不相接", "the entry does not follow from the one before")
                case "contents": Text("内容被改动", "the entry was changed")
                case "truncated": Text("尾部被截断", "the tail was cut off")
                default: Text(broken.reason, broken.reason)
                }
            return Text("第 \(broken.number) 条断裂：\(what.zh)", "broken at entry \(broken.number): \(what.en)")
        }
    }
}
