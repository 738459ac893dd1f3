import ArgumentParser
import Foundation

/// After an older backup of a service's store was put in place: reads what the service has said since back from the log.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("恢复旧备份后，从日志取回服务自己的事件", "After an older backup: read a service's own events back from the log").here,
        discussion: example("careloop restore registration", Text("恢复登记服务", "restore registration")))

    @OptionGroup var services: ServicesOption
    @Argument(help: ArgumentHelp(Text("服务名", "Service").here)) var service: ServiceName
    @Option(
        help: ArgumentHelp(
            Text(
                "只取回到日志而不重建状态的事件类型，可重复", "Event type to take into the journal without rebuilding the state; may be repeated"
            ).here))
    var journalOnly: [String] = []
    @Flag(help: ArgumentHelp(Text("以 JSON 输出", "Write JSON").here)) var json = false

    private struct Wanted: Codable {
        var journalOnly: [String]
    }

    private struct Report: Codable {
        struct Stream: Codable {
            var stream: String
            var from: Int64
            var through: Int64
            var epoch: Int64
            var lost: [String]
        }

        var streams: [Stream]
        var records: Int
        var journalOnly: [String]
        var notRebuilt: [String]
        var unsaid: [Sentence]
    }

    private struct Sentence: Codable {
        var chinese: String
        var english: String
    }

    func run() async throws {
        try await explained {
            let report = try await services.client(service).post(
                "/restore", Wanted(journalOnly: journalOnly), token: services.tokenOrOperator(), key: UUID().uuidString.lowercased(),
                as: Report.self)
            if json {
                try Terminal.json(report)
                return
            }
            Terminal.say(Text("取回 \(report.records) 条", "\(report.records) records read back").here)
            for stream in report.streams {
                Terminal.say(
                    "  \(stream.stream): \(stream.from)-\(stream.through)"
                        + Text("，新纪元 \(stream.epoch)", ", epoch \(stream.epoch) goes on").here
                        + (stream.lost.isEmpty ? "" : Text("，丢失 ", ", lost ").here + stream.lost.joined(separator: " ")))
            }
            for type in report.journalOnly {
                Terminal.say("  " + Text("未重建状态：\(type)", "state not rebuilt: \(type)").here)
            }
            for event in report.notRebuilt {
                Terminal.say("  " + Text("事件所指对象不在：\(event)", "nothing to apply it to: \(event)").here)
            }
            Terminal.say(Text("备份之后、任何主题都没有记载的内容不能恢复：", "What no topic tells and is younger than the backup is gone:").here)
            for sentence in report.unsaid { Terminal.say("  " + Text(sentence.chinese, sentence.english).here) }
        }
    }
}
