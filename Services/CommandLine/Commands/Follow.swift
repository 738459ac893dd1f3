import ArgumentParser
import Contracts
import Foundation
import Messaging
import Vocabulary

/// Shows what happens while it happens.
struct Follow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Text("跟随：某机构的转介、某地区的指标、任一主题", "Follow the referrals of a centre, the indicators of a region, or any topic").here,
        discussion: example("careloop follow referrals rc-370303-1", Text("某机构收到的转介", "the referrals one centre receives")),
        subcommands: [Referrals.self, Indicators.self, AnyTopic.self])

    struct Range: ParsableArguments {
        @Flag(name: .customLong("from-start"), help: ArgumentHelp(Text("从头开始", "From the log's start").here)) var fromStart = false
        @Option(help: ArgumentHelp(Text("显示几条后停止", "Stop after this many").here)) var count: Int?
        @Flag(help: ArgumentHelp(Text("每条一行 JSON", "One JSON object a line").here)) var json = false
    }

    struct Referrals: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("一家机构的转介", "Referrals of one centre").here,
            discussion: example("careloop follow referrals rc-370303-1 --from-start", Text("从头看", "from the beginning")))

        @OptionGroup var log: LogOption
        @OptionGroup var range: Range
        @Argument(help: ArgumentHelp(Text("机构编号", "Id of the centre").here)) var centre: String

        func run() async throws {
            try await explained {
                guard let id = try? OrganisationID(centre) else {
                    throw Complaint("机构编号不对", "no organisation id: \(centre)", code: .badInput)
                }
                try await LogLines(log: log.url(), topic: Catalogue.name(ReferralNotice.topic, for: id), range: range).run()
            }
        }
    }

    struct AnyTopic: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "topic", abstract: Text("任一主题", "Any topic").here,
            discussion: example(
                "careloop follow topic careloop.screening.cases.v1 --from-start --count 10", Text("前十条", "the first ten records")))

        @OptionGroup var log: LogOption
        @OptionGroup var range: Range
        @Argument(help: ArgumentHelp(Text("主题名", "Name of the topic").here)) var topic: String

        func run() async throws {
            try await explained { try await LogLines(log: log.url(), topic: topic, range: range).run() }
        }
    }

    struct Indicators: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: Text("一个地区的指标", "Indicators of one region").here,
            discussion: example(
                "careloop follow indicators 370303",
                Text("张店区的实时指标（--published 为已发布的）", "the live figures of Zhangdian; --published for the released ones")))

        @OptionGroup var log: LogOption
        @OptionGroup var range: Range
        @Argument(help: ArgumentHelp(Text("地区代码", "Region code").here)) var region: String
        @Flag(help: ArgumentHelp(Text("已发布的指标（人数过少的格子已隐去）", "The released figures, small cells suppressed").here)) var published = false

        func run() async throws {
            try await explained {
                guard let code = try? RegionCode(region) else {
                    throw Complaint("地区代码不对：\(region)", "no region code: \(region)", code: .badInput)
                }
                var lines = LogLines(log: try log.url(), topic: published ? Indicator.publishedTopic : Indicator.topic, range: range)
                lines.filter = { record in
                    guard let value = record.value, let indicator = EventText.indicator(value, record) else { return false }
                    return code.contains(indicator.region)
                }
                try await lines.run()
            }
        }
    }
}

/// Prints the records of one topic as lines until Ctrl-C or a count.
struct LogLines {
    let log: String
    let topic: String
    let range: Follow.Range
    var filter: @Sendable (LogRecord) -> Bool = { _ in true }

    init(log: String, topic: String, range: Follow.Range) {
        self.log = log
        self.topic = topic
        self.range = range
    }

    func run() async throws {
        let events = try openLog(log)
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: [LogRecord].self)
        let reader = LogReader(
            log: events, .init(topics: [topic], fromStart: range.fromStart), failed: { continuation.finish(throwing: $0) },
            take: { continuation.yield($0) })
        defer { reader.stop() }
        var shown = 0
        for try await records in stream {
            for record in records where filter(record) {
                Terminal.say(range.json ? try EventText.json(record) : EventText.line(record))
                shown += 1
                if let count = range.count, shown >= count { return }
            }
        }
    }
}
