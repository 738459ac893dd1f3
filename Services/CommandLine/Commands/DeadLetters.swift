import ArgumentParser
import Foundation

/// Records that a service could not use, kept with their bytes until somebody decides.
struct DeadLetters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: Text("死信：列出、查看、重放", "Dead letters: list, show, replay").here,
        discussion: example("careloop dead-letters list screening", Text("筛查服务的死信", "the dead letters of screening")),
        subcommands: [List.self, Show.self, Replay.self], defaultSubcommand: List.self)

    struct Letter: Codable, Sendable {
        var id: Int64
        var topic: String
        var partition: Int32
        var offset: Int64
        var reason: String
        var field: String?
        /// Of the record; what is in it is not shown, it may be a child's.
        var bytes: Int?
        var attempts: Int
        var replayed: Bool

        func text(of service: ServiceName) -> String {
            var lines = [
                "\(service.rawValue) \(id): \(reason)" + (field.map { " (\($0))" } ?? ""),
                "  \(topic) \(partition)/\(offset)" + (bytes.map { Text("，\($0) 字节", ", \($0) bytes").here } ?? ""),
            ]
            lines.append("  " + Text("重放 \(attempts) 次", "replayed \(attempts) times").here + (replayed ? " ✓" : ""))
            return lines.joined(separator: "\n")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("列出死信", "List dead letters").here,
            discussion: example("careloop dead-letters list screening --json", Text("以 JSON 列出", "as JSON")))

        @OptionGroup var services: ServicesOption
        @Argument(help: ArgumentHelp(Text("服务名；缺省为全部", "Service; all otherwise").here)) var service: ServiceName?
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        func run() async throws {
            try await explained {
                let token = try services.tokenOrOperator()
                var table = Table(
                    header: ["service", "id", "topic", "partition", "offset", "reason", "field", "attempts", "replayed"],
                    right: [1, 3, 4, 7])
                var found: [String: [Letter]] = [:]
                for service in service.map({ [$0] }) ?? ServiceName.allCases {
                    let letters = try await services.client(service).deadLetters(token: token)
                    found[service.rawValue] = letters
                    for letter in letters {
                        table.rows.append([
                            service.rawValue, String(letter.id), letter.topic, String(letter.partition), String(letter.offset),
                            letter.reason,
                            letter.field ?? "", String(letter.attempts), letter.replayed ? "✓" : "",
                        ])
                    }
                }
                if json { try Terminal.json(found) } else { Terminal.say(table.text) }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("查看一条死信", "Show one dead letter").here,
            discussion: example("careloop dead-letters show screening 3", Text("筛查服务的第 3 条", "number 3 of screening")))

        @OptionGroup var services: ServicesOption
        @Argument(help: ArgumentHelp(Text("服务名", "Service").here)) var service: ServiceName
        @Argument(help: ArgumentHelp(Text("死信编号", "Number of the dead letter").here)) var id: Int64
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        func run() async throws {
            try await explained {
                let letter = try await services.client(service).get(
                    "/dead-letters/\(id)", token: services.tokenOrOperator(), as: Letter.self)
                if json { try Terminal.json(letter) } else { Terminal.say(letter.text(of: service)) }
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("重放一条死信（仅影响该服务）", "Run one dead letter again, in that service only").here,
            discussion: example("careloop dead-letters replay screening 3", Text("重放第 3 条", "run number 3 again")))

        @OptionGroup var services: ServicesOption
        @Argument(help: ArgumentHelp(Text("服务名", "Service").here)) var service: ServiceName
        @Argument(help: ArgumentHelp(Text("死信编号", "Number of the dead letter").here)) var id: Int64
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        private struct Ending: Codable {
            var id: Int64
            var ending: String
        }

        func run() async throws {
            try await explained {
                let done = try await services.client(service).post(
                    "/dead-letters/\(id)/replay", [String: String](), token: services.tokenOrOperator(),
                    key: UUID().uuidString.lowercased(),
                    as: Ending.self)
                if json { try Terminal.json(done) } else { Terminal.say("\(service.rawValue) \(done.id): \(done.ending)") }
            }
        }
    }
}

extension ServiceName: ExpressibleByArgument {}

extension HTTPClient {
    func deadLetters(token: String?) async throws -> [DeadLetters.Letter] { try await all("/dead-letters", token: token) }
}
