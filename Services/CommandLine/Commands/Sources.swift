import ArgumentParser
import Foundation

/// What each service reads, and what stands still until somebody decides.
struct Sources: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("数据来源：列出、恢复停止的来源", "Sources: list, resume what has stopped").here,
        discussion: example("careloop sources list --stopped", Text("所有停止的来源及处理办法", "everything that has stopped, and what to do")),
        subcommands: [List.self, Resume.self], defaultSubcommand: List.self)

    /// Why one source is not read.
    struct Stop: Codable, Sendable {
        /// Missing where the whole topic is stopped.
        var partition: Int?
        var reason: String
        var detail: String
        var fromOffset: Int64
        var toOffset: Int64
        var ageSeconds: Int64
        var advice: String
    }

    /// One topic as its reader shows it.
    struct Source: Codable, Sendable {
        var topic: String
        var partitions: Int
        var state: String
        var held: Int
        var paused: [Int]
        var stops: [Stop]

        var stateHere: String {
            switch state {
            case "reading": Text("读取中", "reading").here
            case "paused": Text("暂停：等待挂起空间", "paused: no room to hold more").here
            default: Text("已停止", "stopped").here
            }
        }

        /// What a person has to know beyond the table's line: once for all partitions that stopped for the same reason.
        var lines: [String] {
            Dictionary(grouping: stops, by: \.reason).sorted { $0.key < $1.key }.map { reason, stops in
                let stop = stops[0]
                let others =
                    stops.count == 1
                    ? "" : Text("（另有\(stops.count - 1)个分区）", " (and \(stops.count - 1) more of its partitions)").here
                let place = (stop.partition.map { "\(topic)/\($0)" } ?? topic) + others
                return "\(place): \(reason), \(Age(seconds: stop.ageSeconds).text)\n  \(stop.detail)\n  → \(stop.advice)"
            }
        }
    }

    struct Answer: Codable, Sendable {
        var items: [Source]
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("列出来源", "List sources").here,
            discussion: example("careloop sources list screening", Text("筛查服务读取的主题", "what screening reads")))

        @OptionGroup var services: ServicesOption
        @Argument(help: ArgumentHelp(Text("服务名；缺省为全部", "Service; all otherwise").here)) var service: ServiceName?
        @Flag(help: ArgumentHelp(Text("只列出停止或暂停的", "Only what is stopped or paused").here)) var stopped = false
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        func run() async throws {
            try await explained {
                let token = try services.tokenOrOperator()
                var table = Table(
                    header: [
                        Text("服务", "service").here, Text("主题", "topic").here, Text("分区", "partitions").here, Text("挂起", "held").here,
                        Text("状态", "state").here,
                    ], right: [2, 3])
                var notes: [String] = []
                var found: [String: [Source]] = [:]
                for service in service.map({ [$0] }) ?? ServiceName.allCases {
                    let answer: Answer = try await services.client(service).get("/sources", token: token)
                    let sources = answer.items.filter { !stopped || $0.state != "reading" }
                    found[service.rawValue] = sources
                    for source in sources {
                        table.rows.append([
                            service.rawValue, source.topic, String(source.partitions), String(source.held), source.stateHere,
                        ])
                        notes += source.lines
                    }
                }
                if json { try Terminal.json(found) } else { Terminal.say(([table.text] + notes).joined(separator: "\n")) }
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("恢复停止的来源", "Read a stopped source again").here,
            discussion: example(
                "careloop sources resume screening careloop.partner.hb-3703.screening-results.v1",
                Text("从原位置继续", "go on at the same position")))

        @OptionGroup var services: ServicesOption
        @Argument(help: ArgumentHelp(Text("服务名", "Service").here)) var service: ServiceName
        @Argument(help: ArgumentHelp(Text("主题", "Topic").here)) var topic: String
        @Option(help: ArgumentHelp(Text("只恢复一个分区", "One partition only").here)) var partition: Int?
        @Flag(
            help: ArgumentHelp(
                Text("越过停止的原因：坏记录转入死信，丢失的不再读取", "Past what stopped it: bad records are set aside, what the log lost is given up").here))
        var skip = false
        @Flag(
            help: ArgumentHelp(
                Text("从日志开头读取，编号保留，重复的跳过", "From the log's start, numbers kept, so that repeats are skipped").here))
        var fromStart = false
        @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

        private struct Wish: Encodable {
            var topic: String
            var partition: Int?
            var from: String
        }

        func validate() throws {
            if skip && fromStart { throw ValidationError(Text("--skip 与 --from-start 只能选一个", "--skip or --from-start, not both").here) }
        }

        func run() async throws {
            try await explained {
                let wish = Wish(topic: topic, partition: partition, from: skip ? "skip" : fromStart ? "from-start" : "same")
                let answer = try await services.client(service).post(
                    "/sources/resume", wish, token: services.tokenOrOperator(), key: UUID().uuidString.lowercased(), as: Answer.self)
                if json {
                    try Terminal.json(answer)
                } else {
                    Terminal.say("\(service.rawValue) \(topic): " + Text("将继续读取", "is read again").here)
                }
            }
        }
    }
}
